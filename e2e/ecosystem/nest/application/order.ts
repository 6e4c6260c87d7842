import { Type } from "class-transformer";
import { IsInt, IsPositive, IsString } from "class-validator";

/** What clients order. Its rules and types are in its decorators. */
export class Order {
  @IsString()
  article: string;

  @IsInt()
  @IsPositive()
  @Type(() => Number)
  pieces: number;
}
