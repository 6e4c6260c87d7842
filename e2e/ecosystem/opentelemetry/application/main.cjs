require("./server.cjs")(require("socket.io").Server);
