/** Takes the place of `default-codec.ts` in `socket.io.msgpack.min.js`. */

import { codecOf, type Codec } from "@hawser/core";
import parser from "hawser-msgpack-parser";

export const DEFAULT_CODEC: Codec = codecOf(parser);
