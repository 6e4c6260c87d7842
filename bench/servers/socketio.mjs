import { Server } from "socket.io";
import { runApplication } from "./application.mjs";

runApplication(Server);
