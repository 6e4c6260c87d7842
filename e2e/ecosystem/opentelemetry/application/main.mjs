import { Server } from "socket.io";
import serve from "./server.cjs";

serve(Server);
