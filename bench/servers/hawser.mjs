import { Server } from "hawser";
import { runApplication } from "./application.mjs";

runApplication(Server);
