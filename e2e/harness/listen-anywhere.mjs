/** Loaded before a program of the documentation: wherever it wants to listen, it gets a free port, and tells its parent which. */

import { Server } from "node:net";

const { listen } = Server.prototype;

Server.prototype.listen = function (...args) {
  this.once("listening", () => process.send?.(this.address().port));
  return listen.call(this, 0, "127.0.0.1", ...args.filter((argument) => typeof argument === "function"));
};
