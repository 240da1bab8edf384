"""Dramatiq with confirmed delivery; it acknowledges after the work by itself."""

import os

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker

from tests.bench.peers.effect import take_effect

broker = RabbitmqBroker(url=os.environ["PEER_BROKER"], confirm_delivery=True)
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name="peer")
def inbox(event_id: str, lane: str, sequence: int, type_: str, _body: str) -> None:
    """One message takes effect."""
    take_effect(event_id, lane, sequence, type_)


def enqueue(event_id: str, lane: str, sequence: int, type_: str, body: str) -> None:
    """Send one message and wait until the broker has confirmed it."""
    inbox.send(event_id, lane, sequence, type_, body)
