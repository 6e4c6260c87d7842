import { Injectable } from "@nestjs/common";

@Injectable()
export class Prices {
  of(article: string): number {
    return article.length;
  }
}
