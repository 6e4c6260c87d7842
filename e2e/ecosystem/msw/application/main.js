/** A page whose tests stand between it and its server, or in the server's place. */

import { WebSocketInterceptor } from "@mswjs/interceptors/WebSocket";
import { toSocketIo } from "@mswjs/socket.io-binding";
import { ws } from "msw";
import { setupWorker } from "msw/browser";
import { io } from "socket.io-client";

/** A client that uses what is intercepted. */
const connect = (url) => io(url, { transports: ["websocket"], forceNew: true, reconnection: false });

const next = (socket, event) => new Promise((resolve) => socket.once(event, (...args) => resolve(args)));

/** Runs `use` while `onConnection` is told of each WebSocket that is opened. */
async function intercepted(onConnection, use) {
  const interceptor = new WebSocketInterceptor();
  interceptor.on("connection", onConnection);
  interceptor.apply();
  try {
    return await use();
  } finally {
    interceptor.dispose();
  }
}

/** Runs `use` with a client, which is gone afterwards. */
async function withClient(url, use) {
  const socket = connect(url);
  try {
    return await use(socket);
  } finally {
    socket.disconnect();
  }
}

window.scenarios = {
  /** There is no server at all. */
  mock: () =>
    intercepted(
      (connection) => {
        const { client } = toSocketIo(connection);
        client.on("greet", (_event, name, { loud }) => client.emit("greeting", loud ? name.toUpperCase() : name, 1));
        client.on("message", (_event, text) => client.send(`heard ${text}`));
      },
      () =>
        withClient("http://chat.example", async (socket) => {
          const [connected, greeting, message] = ["connect", "greeting", "message"].map((event) => next(socket, event));
          await connected;
          socket.emit("greet", "ada", { loud: true });
          socket.send("ahoy");
          return { id: socket.id, greeting: await greeting, message: await message };
        }),
    ),

  /** What is said to the server, and by it, is seen, and the one is changed. */
  between: (url) => {
    const seen = [];
    return intercepted(
      (connection) => {
        connection.server.connect();
        const { client, server } = toSocketIo(connection);
        client.on("question", (_event, question) => seen.push(question));
        server.on("news", (event, text) => {
          event.preventDefault();
          client.emit("news", `${text}, changed`);
        });
      },
      () =>
        withClient(url, async (socket) => {
          const news = next(socket, "news");
          const answer = await socket.emitWithAck("question", "why?");
          return { seen, answer, news: await news };
        }),
    );
  },

  /** Nobody listens in. */
  through: (url) => withClient(url, (socket) => socket.emitWithAck("question", "why?")),

  /** The same with handlers of Mock Service Worker. */
  worker: async () => {
    const chat = ws.link("ws://chat.example/*");
    const handler = chat.addEventListener("connection", (connection) => {
      const { client } = toSocketIo(connection);
      client.on("greet", (_event, name) => client.emit("greeting", name));
    });
    const worker = setupWorker(handler);
    await worker.start({ quiet: true, onUnhandledRequest: "bypass" });
    try {
      return await withClient("http://chat.example", (socket) => {
        const greeting = next(socket, "greeting");
        socket.emit("greet", "bob");
        return greeting;
      });
    } finally {
      worker.stop();
    }
  },
};
