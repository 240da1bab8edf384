"""A worker as a process of its own: the parts and signals of ``gongzheng worker``, for the services of these tests.

Run with one argument, JSON: ``service``, ``database``, ``broker``, ``only``, and where wanted ``partitions`` and
``pause_ms``, which is how long the handler takes for an event.
"""

import json
import signal
import sys
import time
from typing import Any

from flask import Flask

from gongzheng import runtime
from gongzheng.clock import SystemClock
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.messaging.envelope import Envelope
from gongzheng.observability.logging import configure_logging
from gongzheng.settings import ServiceSettings

from .conftest import NOTED, service_on


def main(told: dict[str, Any]) -> int:
    """Work until told to stop; the exit status of the worker."""
    configure_logging("INFO")
    database, service = service_on(told["database"], told["service"], SystemClock())
    settings = ServiceSettings(
        database_url=told["database"],
        public_url="https://example.org",
        issuer="nobody",
        jwks="{}",
        throttle_key="0123456789abcdef",
        signing_key=bytes(32),
        amqp_url=told["broker"],
        embedded=True,  # so that no keys are asked for: these services do not sign
        partitions=told.get("partitions", 1),
    )

    def slowly(uow: UnitOfWork, event: Envelope) -> None:
        time.sleep(told.get("pause_ms", 0) / 1000)
        service.on_noted(uow, event)

    worker = runtime.worker_of(
        runtime.Service(
            name=told["service"],
            database=database,
            mechanism=service.mechanism,
            app=Flask("nothing"),
            uow_factory=service.uow,
            settings=settings,
            migrations="",
            consumer_handlers={NOTED: slowly},
        ),
        only=told["only"],
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.request_stop())
    worker.start()
    return worker.wait()


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
