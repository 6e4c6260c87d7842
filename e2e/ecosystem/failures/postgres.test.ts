import { failures } from "./scenarios.ts";

failures("postgres");
