"""Enqueue with a peer: ``python -m tests.bench.peers.enqueue celery_app 1000``.

Sends one message to be warm, says "ready", waits for a line, then sends the rest as fast as it goes.
"""

import sys
import uuid
from importlib import import_module

from tests.bench.events import TYPE

# As long as our signed envelope of the same event.
BODY = "x" * 700


def main(app: str, count: int) -> None:
    """Enqueue ``count`` messages in all."""
    enqueue = import_module(f"tests.bench.peers.{app}").enqueue
    for number in range(count):
        event_id = str(uuid.uuid4())
        enqueue(event_id, f"https://gongzheng.example/cases|case|{event_id}", 1, TYPE, BODY)
        if number == 0:
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
