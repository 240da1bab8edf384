"""Inside a service's container: try at the broker what the service may and may not do, with its own user.

Prints a JSON object: what was tried → "allowed", or the broker's reply code.
"""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pika
import pika.exceptions

SERVICE, OTHER = sys.argv[1:3]

ATTEMPTS: dict[str, Callable[[Any], object]] = {
    # Routed nowhere on purpose: the rights are looked at before the route, and no consumer must see it.
    "write own exchange": lambda ch: ch.basic_publish(f"{SERVICE}.events", "nowhere", b"{}"),
    "read own queue": lambda ch: ch.queue_declare(f"{SERVICE}.inbox.1", passive=True),
    "write another exchange": lambda ch: ch.basic_publish(f"{OTHER}.events", "nowhere", b"{}"),
    "write a queue directly": lambda ch: ch.basic_publish("", f"{OTHER}.inbox.1", b"{}"),
    "write own queue directly": lambda ch: ch.basic_publish("", f"{SERVICE}.inbox.1", b"{}"),
    "read another queue": lambda ch: ch.basic_consume(f"{OTHER}.inbox.1", lambda *_: None),
    "purge another queue": lambda ch: ch.queue_purge(f"{OTHER}.inbox.1"),
    "delete own queue": lambda ch: ch.queue_delete(f"{SERVICE}.inbox.1"),
    "delete own exchange": lambda ch: ch.exchange_delete(f"{SERVICE}.events"),
    "declare a queue": lambda ch: ch.queue_declare("another", durable=True),
    "declare an exchange": lambda ch: ch.exchange_declare("another", "topic"),
    "bind own queue to another exchange": lambda ch: ch.queue_bind(f"{SERVICE}.inbox.1", f"{OTHER}.events", "#"),
}


def tried(attempt: Callable[[Any], object]) -> str:
    """What the broker says to one attempt, on a channel of its own."""
    connection = pika.BlockingConnection(pika.URLParameters(os.environ[f"{SERVICE.upper()}_AMQP_URL"]))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        attempt(channel)
    except pika.exceptions.ChannelClosedByBroker as refused:
        return str(refused.reply_code)
    else:
        return "allowed"
    finally:
        connection.close()


sys.stdout.write(json.dumps({what: tried(attempt) for what, attempt in ATTEMPTS.items()}))
