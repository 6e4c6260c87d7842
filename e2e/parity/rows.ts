/** All rows, by topic, ordered by what users rely on most. */

import type { Row, Topic } from "./row.ts";
import { attaching } from "./rows/attaching.ts";
import { https } from "./rows/https.ts";
import { server } from "./rows/server.ts";
import { namespaces } from "./rows/namespaces.ts";
import { socket } from "./rows/socket.ts";
import { operators } from "./rows/operators.ts";
import { endings } from "./rows/endings.ts";
import { recovery } from "./rows/recovery.ts";
import { engine } from "./rows/engine.ts";
import { engines } from "./rows/engines.ts";
import { compatibility } from "./rows/compatibility.ts";
import { refusals } from "./rows/refusals.ts";
import { polling } from "./rows/polling.ts";
import { websocket } from "./rows/websocket.ts";
import { revision3 } from "./rows/revision-3.ts";
import { webtransport } from "./rows/webtransport.ts";
import { decoding } from "./rows/decoding.ts";
import { client } from "./rows/client.ts";
import { clientUrls } from "./rows/client-urls.ts";
import { clientManager } from "./rows/client-manager.ts";
import { clientAcks } from "./rows/client-acks.ts";
import { clientBuffers } from "./rows/client-buffers.ts";
import { clientErrors } from "./rows/client-errors.ts";
import { clientEndings } from "./rows/client-endings.ts";
import { clientRecovery } from "./rows/client-recovery.ts";
import { clientTransports } from "./rows/client-transports.ts";
import { clientWebtransport } from "./rows/client-webtransport.ts";
import { clientNode } from "./rows/client-node.ts";
import { clientTls } from "./rows/client-tls.ts";
import { rawConnections } from "./rows/raw-connections.ts";
import { rawEngine } from "./rows/raw-engine.ts";
import { rawWebSockets } from "./rows/raw-websockets.ts";
import { rawClient } from "./rows/raw-client.ts";
import { rawClientOptions } from "./rows/raw-client-options.ts";
import { walkRows } from "./states/walk.ts";

/** The topics, each with the file that holds it. */
export const topics: readonly (Topic & { readonly file: string })[] = [
  { file: "rows/attaching.ts", ...attaching },
  { file: "rows/https.ts", ...https },
  { file: "rows/server.ts", ...server },
  { file: "rows/namespaces.ts", ...namespaces },
  { file: "rows/socket.ts", ...socket },
  { file: "rows/operators.ts", ...operators },
  { file: "rows/endings.ts", ...endings },
  { file: "rows/recovery.ts", ...recovery },
  { file: "rows/engine.ts", ...engine },
  { file: "rows/engines.ts", ...engines },
  { file: "rows/compatibility.ts", ...compatibility },
  { file: "rows/refusals.ts", ...refusals },
  { file: "rows/polling.ts", ...polling },
  { file: "rows/websocket.ts", ...websocket },
  { file: "rows/revision-3.ts", ...revision3 },
  { file: "rows/webtransport.ts", ...webtransport },
  { file: "rows/decoding.ts", ...decoding },
  { file: "rows/client.ts", ...client },
  { file: "rows/client-urls.ts", ...clientUrls },
  { file: "rows/client-manager.ts", ...clientManager },
  { file: "rows/client-acks.ts", ...clientAcks },
  { file: "rows/client-buffers.ts", ...clientBuffers },
  { file: "rows/client-errors.ts", ...clientErrors },
  { file: "rows/client-endings.ts", ...clientEndings },
  { file: "rows/client-recovery.ts", ...clientRecovery },
  { file: "rows/client-transports.ts", ...clientTransports },
  { file: "rows/client-webtransport.ts", ...clientWebtransport },
  { file: "rows/client-node.ts", ...clientNode },
  { file: "rows/client-tls.ts", ...clientTls },
  { file: "rows/raw-engine.ts", ...rawEngine },
  { file: "rows/raw-connections.ts", ...rawConnections },
  { file: "rows/raw-websockets.ts", ...rawWebSockets },
  { file: "rows/raw-client.ts", ...rawClient },
  { file: "rows/raw-client-options.ts", ...rawClientOptions },
];

/** All rows, and the walks of the states, which are compared by tests of their own. */
export const runnable: readonly Row[] = [...topics.flatMap(({ rows }) => rows), ...walkRows];
