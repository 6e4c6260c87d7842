/** Three people chat: Ann comes over polling and upgrades, Bob has a WebSocket from the start, Cid stays on polling. */

const connect = require("socket.io-client");
const { start } = require("./server.cjs");

async function main() {
  const { mask, next, note, print } = await import("../transcript.mjs");
  const { io, url } = await start(note);

  const cors = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, {
    headers: { origin: "https://chat.example" },
  });
  await cors.body.cancel();
  note("page", cors.status, cors.headers.get("access-control-allow-origin"), cors.headers.get("content-type"));

  async function arrive(name, transports) {
    const socket = connect(url, { transports, query: { from: name }, forceNew: true, reconnection: false });
    socket.on("said", ({ text }, receipt) => {
      if (text !== "who is asleep?" || name !== "cid") receipt(`${name} has read it`);
    });
    socket.on("picture", ({ bytes }, receipt) => receipt([name, Buffer.isBuffer(bytes), bytes.length]));
    await next(socket, "connect");
    mask(socket.id, name);
    socket.onAny((event, ...args) => {
      note(
        name,
        event,
        args.filter((arg) => typeof arg !== "function").map((arg) => (arg.bytes ? arg.name : arg)),
      );
    });
    socket.on("disconnect", (reason) => note(name, "disconnect", reason, { id: socket.id, active: socket.active }));
    note(name, "introduced", await socket.emitWithAck("introduce", name));
    return socket;
  }

  const ann = await arrive("ann");
  if (ann.io.engine.transport.name !== "websocket") await next(ann.io.engine, "upgrade");
  note("ann", "upgraded to", ann.io.engine.transport.name);
  const bobCame = next(ann, "somebody came");
  const bob = await arrive("bob", ["websocket"]);
  await bobCame;
  const cidCame = [next(ann, "somebody came"), next(bob, "somebody came")];
  const cid = await arrive("cid", ["polling"]);
  await Promise.all(cidCame);

  for (const socket of [ann, bob, cid]) {
    const before = [ann, bob, cid].slice(0, [ann, bob, cid].indexOf(socket)).map((other) => next(other, "entered"));
    note("rooms", await socket.emitWithAck("enter", "galley"));
    await Promise.all(before);
  }

  const typing = [next(ann, "typing"), next(cid, "typing")];
  bob.emit("typing", "galley");
  await Promise.all(typing);

  note("ann", "everybody:", await ann.emitWithAck("say", "galley", "soup is ready"));
  note("ann", "not everybody:", await ann.timeout(3000).emitWithAck("say", "galley", "who is asleep?"));
  await new Promise((resolve) => {
    cid.emit("picture", "galley", Buffer.from([137, 80, 78, 71]), (error, sizes) => {
      note("cid", "picture", error, sizes.sort());
      resolve();
    });
  });

  const left = [next(ann, "left"), next(cid, "left")];
  bob.emit("leave", "galley");
  await Promise.all(left);

  const expelled = [next(cid, "disconnect"), next(ann, "somebody went"), next(bob, "somebody went")];
  ann.emit("expel", "cid");
  await Promise.all(expelled);

  const closed = next(ann, "closed");
  bob.emit("close room", "galley");
  await closed;
  note("rooms", [...io.sockets.adapter.rooms.keys()], { connected: (await io.fetchSockets()).length });

  const bobWent = next(ann, "somebody went");
  bob.disconnect();
  await bobWent;
  const shut = next(ann, "disconnect");
  io.close();
  await shut;
  print();
}

void main();
