/** One declaration of an application's events, and what the compiler makes of it at both ends of the built packages. */

import { Server, type Namespace, type RemoteSocket, type Socket as ServerSocket } from "hawser";
import { Manager, io as connect, type Socket } from "hawser-client";
import { describe, expectTypeOf, test } from "vitest";

interface Events {
  clientToServer: {
    ask: (question: string, answer: (text: string, confidence: number) => void) => void;
    hail: (from: string) => void;
  };
  serverToClient: {
    news: (headline: string, urgent: boolean) => void;
    confirm: (text: string, reply: (agreed: boolean) => void) => void;
  };
  interServer: { moved: (user: string, reply: (count: number) => void) => void };
  data: { user: string };
}

const io = new Server<Events>();
const client: Socket<Events> = connect();

describe("from the one map, the server", () => {
  test("listens to what clients send", () => {
    io.on("connection", (socket) => {
      expectTypeOf(socket).toEqualTypeOf<ServerSocket<Events>>();
      expectTypeOf(socket.data.user).toEqualTypeOf<string>();
      socket.on("ask", (question, answer) => {
        expectTypeOf(question).toEqualTypeOf<string>();
        answer("because", 0.9);
        // @ts-expect-error -- a wrong type in the acknowledgement
        answer("because", "surely");
      });
      socket.on("disconnect", (reason) => expectTypeOf(reason).toExtend<string>());
      // @ts-expect-error -- a misspelt event
      socket.on("aks", () => {});
      // @ts-expect-error -- a listener that wants what is not sent
      socket.on("hail", (from: number) => from);
    });
  });

  test("sends what clients listen to", () => {
    io.emit("news", "land ho", true);
    io.to("deck").except("asleep").volatile.emit("news", "land ho", false);
    // @ts-expect-error -- a misspelt event
    io.emit("nwes", "land ho", true);
    // @ts-expect-error -- a wrong argument
    io.emit("news", "land ho", "yes");
    // @ts-expect-error -- an event with an acknowledgement needs a timeout when it is broadcast
    io.emit("confirm", "turn back?");
    io.timeout(1000).emit("confirm", "turn back?", (error, replies) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(replies).toEqualTypeOf<boolean[]>();
    });
    expectTypeOf(io.timeout(1000).emitWithAck("confirm", "turn back?")).resolves.toEqualTypeOf<boolean[]>();
  });

  test("asks one client", () => {
    const socket = {} as ServerSocket<Events>;
    socket.emit("confirm", "turn back?", (agreed) => expectTypeOf(agreed).toEqualTypeOf<boolean>());
    socket.timeout(1000).emit("confirm", "turn back?", (error, agreed) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(agreed).toEqualTypeOf<boolean>();
    });
    expectTypeOf(socket.emitWithAck("confirm", "turn back?")).resolves.toEqualTypeOf<boolean>();
    // @ts-expect-error -- an event of the client
    socket.emit("hail", "me");
  });

  test("speaks to other servers", () => {
    io.on("moved", (user, reply) => {
      expectTypeOf(user).toEqualTypeOf<string>();
      reply(1);
    });
    expectTypeOf(io.serverSideEmitWithAck("moved", "ada")).resolves.toEqualTypeOf<number[]>();
    // @ts-expect-error -- a wrong argument
    io.serverSideEmit("moved", 1);
  });

  test("finds sockets with their data", async () => {
    for (const socket of await io.fetchSockets()) {
      expectTypeOf(socket.data.user).toEqualTypeOf<string>();
      socket.emit("news", "you were found", false);
    }
  });
});

describe("from the same map, the client", () => {
  test("listens to what the server sends", () => {
    client.on("news", (headline, urgent) => {
      expectTypeOf(headline).toEqualTypeOf<string>();
      expectTypeOf(urgent).toEqualTypeOf<boolean>();
    });
    client.on("confirm", (_text, reply) => {
      reply(true);
      // @ts-expect-error -- a wrong type in the acknowledgement
      reply("yes");
    });
    client.on("connect_error", (error) => expectTypeOf(error).toExtend<Error>());
    // @ts-expect-error -- a misspelt event
    client.on("nwes", () => {});
  });

  test("sends what the server listens to", () => {
    client.emit("ask", "why?", (text, confidence) => {
      expectTypeOf(text).toEqualTypeOf<string>();
      expectTypeOf(confidence).toEqualTypeOf<number>();
    });
    client.timeout(1000).emit("ask", "why?", (error, text) => {
      expectTypeOf(error).toEqualTypeOf<Error>();
      expectTypeOf(text).toEqualTypeOf<string>();
    });
    expectTypeOf(client.emitWithAck("ask", "why?")).resolves.toEqualTypeOf<string>();
    // @ts-expect-error -- a misspelt event
    client.emit("hial", "ada");
    // @ts-expect-error -- a wrong argument
    client.emit("hail", 1);
    // @ts-expect-error -- an event of the server
    client.emit("news", "land ho", true);
  });
});

describe("from a map with namespaces", () => {
  interface CrewEvents {
    clientToServer: { report: (state: string, noted: (at: number) => void) => void };
    serverToClient: { order: (text: string) => void; ready: (answer: (yes: boolean) => void) => void };
    data: { rank: number };
  }
  interface Ship extends Events {
    namespaces: { "/crew": CrewEvents };
  }
  const ship = new Server<Ship>();

  test("the server knows each by its name", async () => {
    const crew = ship.of("/crew", (socket) => expectTypeOf(socket).toEqualTypeOf<ServerSocket<CrewEvents>>());
    expectTypeOf(crew).toEqualTypeOf<Namespace<CrewEvents>>();
    crew.use((socket, next) => {
      socket.data.rank = 1;
      next();
    });
    crew.on("connection", (socket) => {
      socket.on("report", (state, noted) => noted(state.length));
      // @ts-expect-error -- not an event of this namespace
      socket.emit("news", "land ho", true);
    });
    expectTypeOf(crew.timeout(1000).emitWithAck("ready")).resolves.toEqualTypeOf<boolean[]>();
    expectTypeOf(await crew.fetchSockets()).toEqualTypeOf<
      RemoteSocket<CrewEvents["serverToClient"], { rank: number }>[]
    >();
    expectTypeOf(ship.of("/passengers")).toEqualTypeOf<Namespace<Ship>>();
    expectTypeOf(ship.of<CrewEvents>(/^\/crew-/)).toEqualTypeOf<Namespace<CrewEvents>>();
  });

  test("the client does, too", () => {
    const crew = new Manager<Ship>().socket("/crew");
    expectTypeOf(crew).toEqualTypeOf<Socket<CrewEvents>>();
    expectTypeOf(connect<Ship["namespaces"]["/crew"]>("/crew")).toEqualTypeOf<Socket<CrewEvents>>();
    crew.on("order", (text) => expectTypeOf(text).toEqualTypeOf<string>());
    expectTypeOf(crew.emitWithAck("report", "well")).resolves.toEqualTypeOf<number>();
    // @ts-expect-error -- not an event of this namespace
    crew.emit("hail", "ada");
  });
});

describe("Socket.IO's positional parameters", () => {
  type FromClient = Events["clientToServer"];
  type FromServer = Events["serverToClient"];

  test("mean the same at the server", () => {
    const server = new Server<FromClient, FromServer, Events["interServer"], Events["data"]>();
    server.on("connection", (socket) => {
      expectTypeOf(socket.data.user).toEqualTypeOf<string>();
      socket.on("ask", (_question, answer) => answer("because", 1));
      socket.emit("news", "land ho", true);
      // @ts-expect-error -- a wrong argument
      socket.emit("news", 1, true);
    });
    const nsp: Namespace<FromClient, FromServer> = server.of("/deck");
    nsp.emit("news", "land ho", true);
    expectTypeOf(server.of<FromServer, FromClient>("/mirror")).toEqualTypeOf<Namespace<FromServer, FromClient>>();
  });

  test("are the other way round at the client", () => {
    const socket: Socket<FromServer, FromClient> = connect();
    socket.on("news", (headline) => expectTypeOf(headline).toEqualTypeOf<string>());
    socket.emit("hail", "ada");
    // @ts-expect-error -- a misspelt event
    socket.emit("hial", "ada");
  });
});

describe("without a map", () => {
  test("any event goes", () => {
    const server = new Server();
    server.on("connection", (socket) => {
      socket.on("anything", (...args) => expectTypeOf(args).toEqualTypeOf<any[]>());
      socket.emit("anything", 1, "two", { three: 3 });
    });
    server.emit("anything", 1);
    const socket = connect();
    socket.emit("anything", 1, (answer: string) => answer);
  });
});
