"""All partitions of a service in one worker, beside the other workers of the service."""

import random
import re
import threading
import time
from functools import partial

import structlog

from gongzheng.messaging.amqp_consumer import AmqpConsumer
from gongzheng.messaging.consumer import Consumer
from gongzheng.messaging.declaring import find_left_over
from gongzheng.messaging.failures import Outage, describe, is_outage
from gongzheng.messaging.shares import Shares
from gongzheng.messaging.topology import TOPOLOGY, Topology

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
LOOK_FOR_QUEUES_EVERY_S = 30.0
_PAUSE_S = 0.05
_NUMBER = re.compile(r"[0-9]+$")


class PartitionedConsumer:
    """Reads every partition of a service, each in a thread of its own, beside the service's other workers.

    Every worker waits in line at every queue, so that the broker hands over a dead worker's queues at once. Whoever
    works on more than its share goes to the end of a line. Queues that a larger number of partitions left behind are
    read until they are deleted: what is in them is lost in no order of doing things.
    """

    def __init__(self, url: str, consumer: Consumer, *, topology: Topology = TOPOLOGY) -> None:
        self._url, self._consumer, self._topology = url, consumer, topology
        self._service = consumer.mechanism.service
        self._readers: dict[int, AmqpConsumer] = {}
        self._threads: dict[int, threading.Thread] = {}
        self._faults: list[BaseException] = []
        self._looked_at = time.monotonic()

    def working_on(self) -> list[int]:
        """The partitions that this worker has, those that it got last at the end."""
        since = {n: reader.working_since for n, reader in self._readers.items()}
        return [n for _, n in sorted((at, n) for n, at in since.items() if at is not None)]

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; then finish and acknowledge the batches at hand.

        Raises:
            BaseException: what ended one of the threads, which is a fault of ours.
        """
        count = self._topology.partitions_of(self._service)
        shares = Shares(self._consumer.mechanism)
        try:
            # Workers that start together come first at different queues.
            for number in random.sample(range(1, count + 1), count):
                self._read(number, stop)
                stop.wait(_PAUSE_S)
            while not stop.wait(LOOK_EVERY_S):
                if self._faults:
                    raise self._faults[0]
                self._look_for_queues(stop)
                self._share(shares)
        finally:
            shares.close()
        for thread in self._threads.values():
            thread.join()

    def _read(self, number: int, stop: threading.Event) -> None:
        reader = AmqpConsumer(self._url, self._consumer, partition=number, topology=self._topology)
        name = f"consumer-{self._service}-{number}"
        thread = threading.Thread(target=partial(self._run, reader, stop), name=name, daemon=True)
        self._readers[number], self._threads[number] = reader, thread
        thread.start()

    def _run(self, reader: AmqpConsumer, stop: threading.Event) -> None:
        try:
            reader.run(stop)
        except BaseException as error:  # noqa: BLE001 raised again by run
            self._faults.append(error)
        finally:
            self._consumer.mechanism.database.close()

    def _look_for_queues(self, stop: threading.Event) -> None:
        """Read what the broker has beyond the partitions that we were told of, and forget what is gone."""
        if time.monotonic() - self._looked_at < LOOK_FOR_QUEUES_EVERY_S:
            return
        self._looked_at = time.monotonic()
        for number in [n for n, thread in self._threads.items() if not thread.is_alive()]:
            del self._readers[number], self._threads[number]
        try:
            names = find_left_over(self._url, self._topology, self._service)
        except Outage:
            return  # the readers tell it, and wait it out
        for number in (int(found[0]) for name in names if (found := _NUMBER.search(name))):
            if number not in self._threads:
                log.warning("partition_beyond_setting", service=self._service, partition=number)
                self._read(number, stop)

    def _share(self, shares: Shares) -> None:
        mine = self.working_on()
        try:
            too_many = shares.has_too_many(len(mine))
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning("shares_outage", service=self._service, error=describe(error))
            return
        if too_many:
            self._readers[mine[-1]].hand_over()
