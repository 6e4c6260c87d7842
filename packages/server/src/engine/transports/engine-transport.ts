import type { Transport } from "@hawser/core";

/** The transport of a session, as applications know it. */
export interface EngineTransport extends Transport {
  /** The id of the session that it carries. */
  sid: string;
  /** The revision of the Engine.IO protocol that it speaks. */
  readonly protocol: number;
  readonly readyState: "open" | "closing" | "closed";
}
