import { withSeed } from "@hawser/testing";
import { describe, expect, it } from "vitest";
import { deadlinesByHand, nextEvent, until } from "../fixture.ts";
import { expectNothingUncaught, HANDSHAKE, Scene } from "./scene.ts";

expectNothingUncaught();

describe("a flood in one body", () => {
  const SIZE = 400_000;
  const flood = (record: string): string => record.repeat(Math.floor(SIZE / record.length));

  const FLOODS: [string, string][] = [
    ["nothing", "\x1e".repeat(SIZE)],
    ["empty messages", flood("4\x1e")],
    ["noops", flood("6\x1e")],
    ["pongs", flood("3\x1e")],
    ["events without a name", flood("42\x1e")],
    ["events", flood('42["a"]\x1e')],
    ["events that ask for answers", flood('421["ask"]\x1e')],
    ["answers that nobody waits for", flood("430[]\x1e")],
    ["CONNECTs to a namespace that is not there", flood("40/a,\x1e")],
    ["joining and leaving", flood("41\x1e40\x1e")],
    ["empty attachments", flood("b\x1e")],
    ["digits", `42${"9".repeat(SIZE - 2)}`],
    ["dashes", `451${"-".repeat(SIZE - 3)}`],
    ["slashes", `42${"/".repeat(SIZE - 2)}`],
  ];

  it.each(FLOODS)("of %s is over soon", async (_what, body) => {
    const scene = await Scene.set();
    const { client, socket } = await scene.attacker("polling");
    socket.on("ask", (answer: () => void) => answer());
    const begun = performance.now();
    await client.post(body, { timeout: Infinity });
    await scene.end(client);
    await scene.unharmed();
    // What takes a step for each byte takes milliseconds; with a pass over the rest for each it takes minutes.
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

it("more namespaces than one client needs end its connection, whether they are joined or asked for", async () => {
  const scene = await Scene.set();
  const { io } = scene.server;
  io.of(/^\/joined-/);
  io.of((name, _auth, next) => (name.startsWith("/asked-") ? undefined : next(null, false)));
  for (const kind of ["joined", "asked"]) {
    const { client, socket } = await scene.attacker();
    const end = nextEvent(socket, "disconnect");
    await client.send(...Array.from({ length: 1100 }, (_, index) => `40/${kind}-${index},`));
    expect((await end)[0]).toBe("forced close");
  }
  await scene.unharmed();
});

it("thousands of handshakes of one connection are sessions that end", async () => {
  const clock = deadlinesByHand();
  const scene = await Scene.set();
  scene.hurry();
  const tcp = await scene.server.tcp();
  tcp.write(`${HANDSHAKE}\r\n`.repeat(2000));
  await until(() => scene.server.io.engine.clientsCount === 2002);
  clock.advance(60);
  tcp.reset();
  await scene.undisturbed();
});

it("what fits no grammar at all, at random, over both transports", () =>
  withSeed(async (random) => {
    const scene = await Scene.set();
    const pick = <Item>(items: readonly Item[]): Item => items[random.integer(0, items.length - 1)] as Item;
    const tokens = [
      "0",
      "1",
      "2",
      "3",
      "4",
      "5",
      "6",
      "-",
      "/",
      ",",
      "[",
      "]",
      "{",
      "}",
      '"',
      '"a"',
      "_placeholder",
      "\x1e",
      "b",
    ];
    const words = [
      '{"_placeholder":true,"num":0}',
      "/x,",
      '["a"]',
      "bAQ==",
      "40",
      "41",
      '42["a"]',
      "451-",
      "461-",
      "probe",
    ];
    const noise = (): string =>
      Array.from({ length: random.integer(1, 12) }, () => pick([...tokens, ...words])).join("");
    scene.server.io.of("/x");
    scene.server.io.on("connection", (socket) => {
      socket.onAny((name: unknown, ...args: unknown[]) => {
        expect(["string", "number", "undefined"]).toContain(typeof name);
        for (const arg of args) {
          if (typeof arg === "function") {
            (arg as () => void)();
          }
        }
      });
    });
    for (let round = 0; round < 60; round++) {
      const client = scene.server.client();
      await client.openWebSocket().then((webSocket) => {
        webSocket.send("40");
        for (let packet = 0; packet < 10 && webSocket.open; packet++) {
          webSocket.send(pick([noise(), `4${noise()}`, Buffer.from(noise())]));
        }
        webSocket.close();
        return webSocket.closed;
      });
      const polling = scene.server.client();
      polling.handshake = JSON.parse((await polling.get()).body.slice(1));
      await polling.post(["40", noise(), `4${noise()}`, `4${noise()}`, "1"].join("\x1e"));
      await Promise.all([client.close(), polling.close()]);
    }
    await scene.unharmed();
  }));
