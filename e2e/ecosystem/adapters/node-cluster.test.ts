/** `@socket.io/cluster-adapter`: servers in the workers of a `node:cluster`. */

import { testCompositions, testLoaded } from "./compositions.ts";
import { startWorkers } from "./worker-cluster.ts";

testLoaded("@socket.io/cluster-adapter");

testCompositions(startWorkers);
