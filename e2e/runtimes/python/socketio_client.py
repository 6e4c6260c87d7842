"""A client of python-socketio, driven by a test: `socketio_client.py sync` or `asyncio`."""

import asyncio
import sys

import bridge
import socketio
from engineio.payload import Payload

# One poll may bring more packets than the client takes unless it is told to.
Payload.max_decode_packets = 1000

CLIENTS = {"sync": socketio.Client, "asyncio": socketio.AsyncClient}


def main(kind):
    # Comes back quickly when it loses its connection.
    client = CLIENTS[kind](reconnection_delay=0.05, reconnection_delay_max=0.1, randomization_factor=0)

    def listen(namespace):
        def on_event(name, *args):
            bridge.tell(event=name, namespace=namespace, args=args)
            # Whoever asks for an acknowledgement gets the arguments back.
            return args

        client.on("*", on_event, namespace=namespace)
        for name in ("connect", "connect_error", "disconnect"):
            def on_reserved(*args, name=name):
                bridge.tell(event=name, namespace=namespace, args=args)

            client.on(name, on_reserved, namespace=namespace)

    def connect(url, options):
        for namespace in options.get("namespaces", ["/"]):
            listen(namespace)
        return client.connect(url, **{"wait_timeout": 5, **options})

    def emit(name, args, namespace="/"):
        return client.emit(name, tuple(args), namespace=namespace)

    def call(name, args, namespace="/"):
        return client.call(name, tuple(args), namespace=namespace, timeout=5)

    def state():
        return {
            "connected": client.connected,
            "transport": client.transport(),
            "ids": {namespace: client.get_sid(namespace) for namespace in client.namespaces},
        }

    commands = {"connect": connect, "emit": emit, "call": call, "disconnect": client.disconnect, "state": state}
    asyncio.run(bridge.serve(commands))


main(sys.argv[1])
