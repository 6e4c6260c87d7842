"""What the clients under test and the test that drives them say to each other: JSON, line by line."""

import asyncio
import inspect
import json
import sys
import threading

_printing = threading.Lock()


def _to_json(value):
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": list(value)}
    raise TypeError(f"{value!r} is no JSON")


def _from_json(members):
    return bytes(members["$bytes"]) if "$bytes" in members else members


def tell(**message):
    """Tells the test. Threads of a client may do so at any time."""
    with _printing:
        print(json.dumps(message, default=_to_json), flush=True)


async def serve(commands):
    """Performs what the test asks for, one after the other, until it asks no more.

    A command may be a coroutine. What it returns or raises is the answer.
    """
    loop = asyncio.get_running_loop()
    tell(ready=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line, object_hook=_from_json)
        try:
            value = commands[request["do"]](*request["with"])
            if inspect.isawaitable(value):
                value = await value
            tell(answer=request["id"], value=value)
        except Exception as error:
            tell(answer=request["id"], error=f"{type(error).__name__}: {error}")
