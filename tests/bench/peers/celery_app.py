"""Celery as its documentation sets it up for work that must not be lost: confirmed publishing and late acks."""

import os

from celery import Celery

from tests.bench.peers.effect import take_effect

app = Celery("peer", broker=os.environ["PEER_BROKER"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    broker_transport_options={"confirm_publish": True},
    task_default_queue="peer",
    worker_prefetch_multiplier=16,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)


@app.task
def inbox(event_id: str, lane: str, sequence: int, type_: str, _body: str) -> None:
    """One message takes effect."""
    take_effect(event_id, lane, sequence, type_)


def enqueue(event_id: str, lane: str, sequence: int, type_: str, body: str) -> None:
    """Send one message and wait until the broker has confirmed it."""
    inbox.delay(event_id, lane, sequence, type_, body)
