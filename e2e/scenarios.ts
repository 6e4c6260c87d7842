/**
 * What a Socket.IO server and client do together, told once. The list runs on hawser at both ends, on hawser at one end
 * and Socket.IO at the other, through bad networks, and with the client in a browser.
 */

import type { LocalScenario, Scenario } from "./harness/scenario.ts";
import { acknowledgementScenarios } from "./scenarios/acknowledgements.ts";
import { authenticationScenarios } from "./scenarios/authentication.ts";
import { broadcastAcknowledgementScenarios } from "./scenarios/broadcast-acknowledgements.ts";
import { broadcastScenarios } from "./scenarios/broadcasts.ts";
import { catchAllScenarios } from "./scenarios/catch-alls.ts";
import { compressionScenarios } from "./scenarios/compression.ts";
import { dynamicNamespaceScenarios } from "./scenarios/dynamic-namespaces.ts";
import { engineScenarios } from "./scenarios/engine.ts";
import { eventScenarios } from "./scenarios/events.ts";
import { lifecycleScenarios } from "./scenarios/lifecycle.ts";
import { managingScenarios } from "./scenarios/managing-sockets.ts";
import { namespaceScenarios } from "./scenarios/namespaces.ts";
import { parserScenarios } from "./scenarios/parsers.ts";
import { reconnectionScenarios } from "./scenarios/reconnection.ts";
import { recoveryScenarios } from "./scenarios/recovery.ts";
import { retryScenarios } from "./scenarios/retries.ts";
import { roomScenarios } from "./scenarios/rooms.ts";
import { shutdownScenarios } from "./scenarios/shutdown.ts";
import { socketMiddlewareScenarios } from "./scenarios/socket-middlewares.ts";
import { transportScenarios } from "./scenarios/transports.ts";
import { volatileScenarios } from "./scenarios/volatile.ts";

export const scenarios: readonly Scenario[] = [
  ...eventScenarios,
  ...acknowledgementScenarios,
  ...namespaceScenarios,
  ...roomScenarios,
  ...broadcastScenarios,
  ...lifecycleScenarios,
];

/** What takes more of a client than can be had from another process. The list runs with hawser at both ends and at either. */
export const localScenarios: readonly LocalScenario[] = [
  ...catchAllScenarios,
  ...socketMiddlewareScenarios,
  ...volatileScenarios,
  ...compressionScenarios,
  ...broadcastAcknowledgementScenarios,
  ...dynamicNamespaceScenarios,
  ...managingScenarios,
  ...authenticationScenarios,
  ...reconnectionScenarios,
  ...recoveryScenarios,
  ...retryScenarios,
  ...transportScenarios,
  ...engineScenarios,
  ...shutdownScenarios,
  ...parserScenarios,
];
