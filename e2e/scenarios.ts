/**
 * What a Socket.IO server and client do together, told once. The list runs on hawser at both ends, on hawser at one end
 * and Socket.IO at the other, through bad networks, and with the client in a browser.
 */

import type { Scenario } from "./harness/scenario.ts";
import { acknowledgementScenarios } from "./scenarios/acknowledgements.ts";
import { broadcastScenarios } from "./scenarios/broadcasts.ts";
import { eventScenarios } from "./scenarios/events.ts";
import { lifecycleScenarios } from "./scenarios/lifecycle.ts";
import { namespaceScenarios } from "./scenarios/namespaces.ts";
import { roomScenarios } from "./scenarios/rooms.ts";

export const scenarios: readonly Scenario[] = [
  ...eventScenarios,
  ...acknowledgementScenarios,
  ...namespaceScenarios,
  ...roomScenarios,
  ...broadcastScenarios,
  ...lifecycleScenarios,
];
