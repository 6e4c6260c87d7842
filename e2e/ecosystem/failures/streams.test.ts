import { failures } from "./scenarios.ts";

failures("streams");
