"""A client of python-engineio, the layer below, driven by a test: `engineio_client.py sync` or `asyncio`."""

import asyncio
import sys

import bridge
import engineio
from engineio.payload import Payload

# One poll may bring more packets than the client takes unless it is told to.
Payload.max_decode_packets = 1000

CLIENTS = {"sync": engineio.Client, "asyncio": engineio.AsyncClient}


def main(kind):
    client = CLIENTS[kind]()
    client.on("connect", lambda: bridge.tell(event="connect", args=[]))
    client.on("message", lambda data: bridge.tell(event="message", args=[data]))
    client.on("disconnect", lambda: bridge.tell(event="disconnect", args=[]))

    def connect(url, options):
        return client.connect(url, engineio_path="socket.io", **options)

    def state():
        return {"state": client.state, "transport": client.transport(), "id": client.sid}

    commands = {"connect": connect, "send": client.send, "disconnect": client.disconnect, "state": state}
    asyncio.run(bridge.serve(commands))


main(sys.argv[1])
