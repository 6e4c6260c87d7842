/** What `require("hawser-client")` gives: `io`, with everything else as its properties. */
export { io as default } from "./io.ts";
