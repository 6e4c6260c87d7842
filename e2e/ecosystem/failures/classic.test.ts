import { failures } from "./scenarios.ts";

failures("classic");
