import type { AddressInfo } from "node:net";
import type { EventsMap } from "@hawser/core";
import { describe, expectTypeOf, it } from "vitest";
import { Server, type Namespace, type Socket } from "../src/index.ts";

// What applications of Socket.IO have written, as they have written it.

describe("a server", () => {
  it("gives its HTTP server without a question whether there is one", () => {
    const { port } = new Server(0).httpServer.address() as AddressInfo;
    expectTypeOf(port).toBeNumber();
    expectTypeOf(new Server(0).httpServer.listening).toBeBoolean();
  });

  it("takes WebTransport sessions of the standard's type, and of none", () => {
    const { engine } = new Server(0);
    expectTypeOf(engine.onWebTransportSession).toBeCallableWith({} as WebTransport);
    expectTypeOf(engine.onWebTransportSession).toBeCallableWith({} as any);
  });
});

interface FromAdmin {
  ban: (user: string, done: (known: boolean) => void) => void;
}

interface ToAdmin {
  load: (percent: number) => void;
  confirm: (question: string, answer: (yes: boolean) => void) => void;
}

interface Admin {
  role: "owner" | "moderator";
}

interface AdminEvents {
  clientToServer: FromAdmin;
  serverToClient: ToAdmin;
  data: Admin;
}

interface GameEvents {
  clientToServer: { move: (x: number, y: number) => void };
  serverToClient: { moved: (who: string, x: number, y: number) => void };
}

interface FromClient {
  say: (text: string) => void;
}

interface FromServer {
  said: (text: string) => void;
}

interface User {
  name: string;
}

interface Events {
  clientToServer: FromClient;
  serverToClient: FromServer;
  data: User;
}

interface Site extends Events {
  namespaces: { "/admin": AdminEvents; [game: `/game-${string}`]: GameEvents };
}

const site = new Server<Site>();
const single = new Server<Events>();
const positional = new Server<FromClient, FromServer, {}, User>();
const untyped = new Server();

describe("a namespace", () => {
  it("has the types of its server", () => {
    expectTypeOf(single.of("/admin")).toEqualTypeOf<Namespace<Events>>();
    expectTypeOf(positional.of("/admin")).toEqualTypeOf<Namespace<FromClient, FromServer, {}, User>>();
    expectTypeOf(positional.of(/^\/game-/)).toEqualTypeOf<Namespace<FromClient, FromServer, {}, User>>();
    expectTypeOf(positional.of((_name, _auth, next) => next(null, true))).toEqualTypeOf(positional.of("/"));
    expectTypeOf(untyped.of("/admin")).toEqualTypeOf<Namespace>();
    positional.of("/admin", (socket) => {
      expectTypeOf(socket).toEqualTypeOf<Socket<FromClient, FromServer, {}, User>>();
    });
    const loose = new Server<any, any, any, User>();
    expectTypeOf(loose.of("/admin")).toEqualTypeOf<Namespace<any, any, any, User>>();
  });

  it("has other types if they are given, as a single map or one by one", () => {
    expectTypeOf(single.of<AdminEvents>("/admin")).toEqualTypeOf<Namespace<AdminEvents>>();
    expectTypeOf(untyped.of<GameEvents>(/^\/game-/)).toEqualTypeOf<Namespace<GameEvents>>();
    expectTypeOf(positional.of<FromAdmin, ToAdmin>("/admin")).toEqualTypeOf<Namespace<FromAdmin, ToAdmin>>();
    expectTypeOf(positional.of<FromAdmin, ToAdmin, {}, Admin>("/admin")).toEqualTypeOf<
      Namespace<FromAdmin, ToAdmin, {}, Admin>
    >();
    single.of<AdminEvents>("/admin", (socket) => expectTypeOf(socket).toEqualTypeOf<Socket<AdminEvents>>());
    site.of<GameEvents>("/admin", (socket) => expectTypeOf(socket).toEqualTypeOf<Socket<GameEvents>>());
    untyped.of<FromAdmin, ToAdmin, {}, Admin>("/admin", (socket) => {
      expectTypeOf(socket.data).toEqualTypeOf<Admin>();
      // @ts-expect-error -- no such event
      socket.emit("laod", 1);
    });
  });

  it("has the types that its server's map has for its name", () => {
    expectTypeOf(site.of("/admin")).toEqualTypeOf<Namespace<AdminEvents>>();
    expectTypeOf(site.of("admin")).toEqualTypeOf<Namespace<AdminEvents>>();
    expectTypeOf(site.of("/game-sea")).toEqualTypeOf<Namespace<GameEvents>>();
    site.of("/admin", (socket) => expectTypeOf(socket).toEqualTypeOf<Socket<AdminEvents>>());
  });

  it("has its server's own types if the map says nothing of it, or nobody can tell which it is", () => {
    expectTypeOf(site.of("/other")).toEqualTypeOf<Namespace<Site>>();
    expectTypeOf(site.of("/")).toEqualTypeOf<Namespace<Site>>();
    expectTypeOf(site.of("/admin" as string)).toEqualTypeOf<Namespace<Site>>();
    expectTypeOf(site.of(/^\/game-/)).toEqualTypeOf<Namespace<Site>>();
    expectTypeOf(site.sockets).toEqualTypeOf<Namespace<Site>>();
    site.of("/other", (socket) => expectTypeOf(socket).toEqualTypeOf<Socket<Site>>());
  });

  it("is not of other types than its listener", () => {
    // @ts-expect-error -- the data of the sockets differ
    positional.of("/admin", (socket: Socket<FromAdmin, ToAdmin, {}, Admin>) => socket.data.role);
    // @ts-expect-error -- the data of the sockets differ
    site.of("/admin", (socket: Socket<FromAdmin, ToAdmin, {}, { role: number }>) => socket.data.role);
    // @ts-expect-error -- the data of the sockets differ
    site.of<AdminEvents>("/other", (socket: Socket<FromClient, FromServer, {}, User>) => socket.data.name);
    site.of("/admin", (socket: Socket) => socket.id);
    // @ts-expect-error -- no name of a namespace
    untyped.of(1);
    // @ts-expect-error -- no map of events
    untyped.of<string>("/admin");
  });
});

describe("a namespace with types of its own", () => {
  for (const admin of [site.of("/admin"), single.of<AdminEvents>("/admin")]) {
    it("listens to its clients", () => {
      admin.on("connection", (socket) => {
        expectTypeOf(socket).toEqualTypeOf<Socket<AdminEvents>>();
        expectTypeOf(socket.nsp).toEqualTypeOf<Namespace<AdminEvents>>();
        socket.on("ban", (user, done) => {
          expectTypeOf(user).toBeString();
          done(true);
          // @ts-expect-error -- known or not
          done("known");
        });
        // @ts-expect-error -- an event of the server's own map
        socket.on("say", () => {});
      });
    });

    it("lets clients in", () => {
      admin.use((socket, next) => {
        socket.data.role = "moderator";
        // @ts-expect-error -- no such role
        socket.data.role = "guest";
        next();
      });
    });

    it("sends to its clients", () => {
      admin.emit("load", 50);
      admin.to("room").except("other").volatile.emit("load", 50);
      // @ts-expect-error -- a number is due
      admin.emit("load", "50");
      // @ts-expect-error -- an event of the server's own map
      admin.to("room").emit("said", "text");
      // @ts-expect-error -- who would answer when?
      admin.emit("confirm", "sure?", () => {});
    });

    it("asks its clients", () => {
      admin.timeout(1).emit("confirm", "sure?", (error, answers) => {
        expectTypeOf(error).toEqualTypeOf<Error>();
        expectTypeOf(answers).toEqualTypeOf<boolean[]>();
      });
      expectTypeOf(admin.timeout(1).emitWithAck("confirm", "sure?")).resolves.toEqualTypeOf<boolean[]>();
    });

    it("finds its clients", async () => {
      for (const found of await admin.in("room").fetchSockets()) {
        expectTypeOf(found.data).toEqualTypeOf<Admin>();
        found.emit("load", 1);
      }
      for (const socket of admin.sockets.values()) {
        expectTypeOf(socket).toEqualTypeOf<Socket<AdminEvents>>();
      }
    });
  }
});

describe("code around namespaces", () => {
  it("may be generic over the server's map", () => {
    function watch<A extends EventsMap>(server: Server<A>): Namespace<A> {
      const untypedNamespace: Namespace = server.of("/admin");
      void untypedNamespace;
      return server
        .of("/admin", (socket) => {
          const typed: Socket<A> = socket;
          const untypedSocket: Socket = socket;
          void [typed, untypedSocket];
        })
        .use((socket, next) => (socket.id ? next() : next(new Error("no id"))))
        .on("connection", (socket) => socket.on("disconnect", (reason) => reason.length));
    }
    expectTypeOf(watch(untyped)).toEqualTypeOf<Namespace>();
    expectTypeOf(watch(single)).toEqualTypeOf<Namespace<Events>>();
    watch(positional);
  });

  it("may be generic over the namespace's map", () => {
    function open<A extends EventsMap>(server: Server, name: string): Namespace<A> {
      server.of<A>(/^\/any-/, (socket) => {
        const typed: Socket<A> = socket;
        void typed;
      });
      return server.of<A>(name);
    }
    expectTypeOf(open<AdminEvents>(untyped, "/admin")).toEqualTypeOf<Namespace<AdminEvents>>();
  });

  it("may name the type of what is returned", () => {
    expectTypeOf<ReturnType<Server["of"]>>().toEqualTypeOf<Namespace>();
    expectTypeOf<ReturnType<Server<Site>["of"]>>().toEqualTypeOf<Namespace<Site>>();
    expectTypeOf<Parameters<Server["of"]>[1]>().toEqualTypeOf<((socket: Socket) => void) | undefined>();
  });

  it("may override the method", () => {
    class Prefixed extends Server<Events> {
      override of(name: string | RegExp, listener?: (socket: Socket<Events>) => void): Namespace<Events> {
        return super.of(typeof name === "string" ? `/prefix${name}` : name, listener);
      }
    }
    expectTypeOf<Prefixed>().toExtend<Server<Events>>();
    expectTypeOf(new Prefixed().of("/admin")).toEqualTypeOf<Namespace<Events>>();
  });

  it("takes a server with maps of namespaces for any other, and any other for it", () => {
    expectTypeOf<Server<Site>>().toExtend<Server>();
    expectTypeOf<Server>().toExtend<Server<Site>>();
    expectTypeOf<Server<Site>>().toExtend<Server<any, any, any, any>>();
    expectTypeOf<Server<Site>>().toExtend<Server<Events>>();
    expectTypeOf<Namespace<AdminEvents>>().toExtend<Namespace>();
    // @ts-expect-error -- the data of the sockets differ
    const other: Server<FromClient, FromServer, {}, Admin> = site;
    void other;
  });
});
