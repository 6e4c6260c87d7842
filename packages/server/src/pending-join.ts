import { ServerLink, type LinkHandler } from "@hawser/core";
import type { Client } from "./client.ts";

/**
 * A client's request to join a namespace that does not exist (yet). It holds the namespace's place on the connection
 * while the application decides, which may take time.
 */
export class PendingJoin implements LinkHandler {
  readonly client: Client;
  readonly name: string;
  /** @internal */
  readonly link: ServerLink;

  constructor(client: Client, name: string) {
    this.client = client;
    this.name = name;
    this.link = new ServerLink(name, client.mux, this, { next: 0 });
  }

  /** There is no such namespace, and there won't be. */
  refuse(): void {
    if (this.link.state === "connecting") {
      this.link.refuse({ message: "Invalid namespace" });
    }
    this.client.mux.detach(this.link);
  }

  /** Makes room for the socket itself; returns whether the client is still there. */
  proceed(): boolean {
    this.client.mux.detach(this.link);
    return this.link.state === "connecting";
  }

  onLinkEvent(): void {
    // Nothing is delivered before the namespace is joined.
  }

  onLinkOutgoing(): void {
    // Nothing is sent before the namespace is joined.
  }

  onLinkClose(): void {
    this.client.mux.detach(this.link);
  }

  onUserError(): void {
    // No code of the application runs here.
  }
}
