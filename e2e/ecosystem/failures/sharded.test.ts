import { failures } from "./scenarios.ts";

failures("sharded");
