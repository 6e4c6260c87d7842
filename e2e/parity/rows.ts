/** All rows, by topic, ordered by what users rely on most. */

import type { Topic } from "./row.ts";
import { attaching } from "./rows/attaching.ts";
import { server } from "./rows/server.ts";
import { namespaces } from "./rows/namespaces.ts";
import { socket } from "./rows/socket.ts";

/** The topics, each with the file that holds it. */
export const topics: readonly (Topic & { readonly file: string })[] = [
  { file: "rows/attaching.ts", ...attaching },
  { file: "rows/server.ts", ...server },
  { file: "rows/namespaces.ts", ...namespaces },
  { file: "rows/socket.ts", ...socket },
];
