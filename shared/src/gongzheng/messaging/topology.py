"""Who publishes which streams and who follows them: one table, from which everything at the broker is declared.

A producer has one durable topic exchange, ``<service>.events``. A consumer has one quorum queue per partition,
``<service>.inbox.<n>``, and follows whole streams, so that it can see a gap. With one partition the queue is bound to
the producers; with more, an exchange in between, ``<service>.inbox``, picks one by the hash of the lane. Whatever is
declared, granted and compared is computed here, in the form of RabbitMQ's own definitions file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

STREAMS: Mapping[str, tuple[str, ...]] = {
    "cases": ("case",),
    "fees": ("obligation", "deposit", "charge"),
    "oversight": ("complaint", "filing", "inaction", "conduct"),
    "notifications": ("message", "subscription"),
}
"""Producer → the kinds of aggregates whose events it publishes."""

EVERYTHING = tuple((service, stream) for service, streams in STREAMS.items() for stream in streams)

FOLLOWS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "cases": (("oversight", "complaint"), ("fees", "obligation")),
    "fees": (("cases", "case"),),
    "oversight": (("cases", "case"), ("fees", "deposit"), ("fees", "charge"), ("fees", "obligation")),
    # Also its own: other systems subscribe to what became of a message. And so no event is ever unroutable.
    "notifications": EVERYTHING,
}
"""Consumer → the (producer, stream) pairs that it follows as a whole."""

LANE_HEADER = "lane"
# RabbitMQ 4 drops a message after 20 deliveries unless told otherwise. Ours is never at fault for that: an event that
# cannot be handled is parked in the database and acknowledged, so what comes again comes after lost connections.
_QUEUE_ARGUMENTS = {"x-queue-type": "quorum", "x-single-active-consumer": True, "x-delivery-limit": 1_000_000}


def exchange_of(producer: str) -> str:
    """The topic exchange that only this producer writes."""
    return f"{producer}.events"


def queue_of(consumer: str, partition: int = 1) -> str:
    """The queue of one partition of a consumer; partitions count from 1."""
    return f"{consumer}.inbox.{partition}"


def spread_of(consumer: str) -> str:
    """The exchange that spreads a consumer's lanes over its partitions, where it has more than one."""
    return f"{consumer}.inbox"


@dataclass(frozen=True, kw_only=True)
class Topology:
    """The table, with how many queues each consumer shares its work among."""

    streams: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: STREAMS)
    follows: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=lambda: FOLLOWS)
    partitions: Mapping[str, int] = field(default_factory=dict)

    def followers(self, producer: str, stream: str) -> list[str]:
        """The consumers of one stream, sorted."""
        return sorted(consumer for consumer, pairs in self.follows.items() if (producer, stream) in pairs)

    def partitions_of(self, consumer: str) -> int:
        """How many queues one consumer has; 1 unless the table says more."""
        return self.partitions.get(consumer, 1)

    def queues(self, consumer: str) -> list[str]:
        """The queues that one consumer reads."""
        return [queue_of(consumer, n) for n in range(1, self.partitions_of(consumer) + 1)]

    def with_partitions(self, consumer: str, partitions: int) -> "Topology":
        """The same table with another number of queues for one consumer."""
        return replace(self, partitions={**self.partitions, consumer: partitions})

    def unfollowed(self) -> list[tuple[str, str]]:
        """Streams that nobody follows: their events would come back from the broker as unroutable."""
        return [(p, s) for p, streams in self.streams.items() for s in streams if not self.followers(p, s)]

    def exchanges(self) -> list[dict[str, Any]]:
        """Every exchange, as the definitions file has it."""
        topics = [_exchange(exchange_of(producer), "topic", {}) for producer in sorted(self.streams)]
        # The hash of the lane picks the partition, so one aggregate's events always meet the same queue.
        spread = [
            _exchange(spread_of(consumer), "x-consistent-hash", {"hash-header": LANE_HEADER})
            for consumer in sorted(self.follows)
            if self.partitions_of(consumer) > 1
        ]
        return topics + spread

    def queue_definitions(self) -> list[dict[str, Any]]:
        """Every queue, as the definitions file has it."""
        names = [name for consumer in sorted(self.follows) for name in self.queues(consumer)]
        return [{"name": n, "durable": True, "auto_delete": False, "arguments": _QUEUE_ARGUMENTS} for n in names]

    def bindings(self) -> list[dict[str, Any]]:
        """Every binding, as the definitions file has it: whole streams, ``<stream>.#``."""
        return [binding for consumer in sorted(self.follows) for binding in self._bindings_of(consumer)]

    def _bindings_of(self, consumer: str) -> list[dict[str, Any]]:
        if self.partitions_of(consumer) == 1:
            return self._bound_to(consumer, queue_of(consumer), "queue")
        # "1" is the weight of each queue: all partitions carry the same share.
        spread = [_binding(spread_of(consumer), name, "queue", "1") for name in self.queues(consumer)]
        return [*spread, *self._bound_to(consumer, spread_of(consumer), "exchange")]

    def _bound_to(self, consumer: str, target: str, kind: str) -> list[dict[str, Any]]:
        return [_binding(exchange_of(p), target, kind, f"{stream}.#") for p, stream in self.follows[consumer]]

    def definitions(self, *, vhost: str = "/", users: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """The content of RabbitMQ's definitions file: everything above, with the rights of each service's user.

        ``users`` are ready entries (name, password_hash, tags); every service needs one named like itself.
        """
        here = {"vhost": vhost}
        return {
            "users": [dict(user) for user in users],
            "vhosts": [{"name": vhost}],
            "permissions": [permission | here for permission in self.permissions()],
            "topic_permissions": [],
            "policies": [],
            "exchanges": [exchange | here for exchange in self.exchanges()],
            "queues": [queue | here for queue in self.queue_definitions()],
            "bindings": [binding | here for binding in self.bindings()],
        }

    def permissions(self) -> list[dict[str, str]]:
        """What each service's broker user may do: write its own exchange, read its own queues, and declare nothing.

        The definitions file declares; a service that could configure could also bind itself to what is not its own.
        """
        services = sorted(set(self.streams) | set(self.follows))
        return [
            {
                "user": service,
                "configure": "^$",
                "write": rf"^{re.escape(exchange_of(service))}$" if service in self.streams else "^$",
                "read": rf"^{service}\.inbox\.[0-9]+$" if service in self.follows else "^$",
            }
            for service in services
        ]

    def declare(self, channel: Any, consumers: Iterable[str] | None = None) -> None:
        """Declare the exchanges, and the inboxes of these consumers (by default of all of them).

        ``channel`` is an open blocking one whose user may configure. What is there already is kept, but bindings that
        another number of partitions needed are taken away. That is the last step: for a moment an event may come to two
        queues, where it is recognised, but never to none. The queues that are left over keep what they hold.
        """
        whose = sorted(self.follows if consumers is None else consumers)
        spreads = {spread_of(consumer) for consumer in self.follows}
        wanted = {spread_of(consumer) for consumer in whose}
        for exchange in self.exchanges():
            if exchange["name"] in wanted or exchange["name"] not in spreads:
                arguments = exchange["arguments"]
                channel.exchange_declare(exchange["name"], exchange["type"], durable=True, arguments=arguments)
        for name in (name for consumer in whose for name in self.queues(consumer)):
            channel.queue_declare(name, durable=True, arguments=_QUEUE_ARGUMENTS)
        for binding in (binding for consumer in whose for binding in self._bindings_of(consumer)):
            source, target, key = binding["source"], binding["destination"], binding["routing_key"]
            bind = channel.queue_bind if binding["destination_type"] == "queue" else channel.exchange_bind
            bind(target, source, routing_key=key)
        for consumer in whose:
            self._unbind_former(channel, consumer)

    def _unbind_former(self, channel: Any, consumer: str) -> None:
        if self.partitions_of(consumer) == 1:
            channel.exchange_delete(spread_of(consumer))
            return
        for binding in self._bound_to(consumer, queue_of(consumer), "queue"):
            channel.queue_unbind(binding["destination"], binding["source"], binding["routing_key"])

    def differences(self, reported: Mapping[str, Any], *, vhost: str = "/") -> list[str]:
        """What a broker's exported definitions have too little or too much of, one sentence each; [] when they agree.

        ``reported`` is what ``rabbitmqctl export_definitions`` or ``GET /api/definitions`` gives. Other virtual hosts
        and exchanges of RabbitMQ's own are passed over.
        """
        found = []
        for kind in ("exchanges", "queues", "bindings"):
            expected = {_text(entry) for entry in self.definitions(vhost=vhost)[kind]}
            present = {_text(entry) for entry in reported.get(kind, ()) if entry["vhost"] == vhost and _is_ours(entry)}
            found += [f"missing in {kind}: {text}" for text in sorted(expected - present)]
            found += [f"unexpected in {kind}: {text}" for text in sorted(present - expected)]
        return found


def _exchange(name: str, type_: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "type": type_,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": arguments,
    }


def _binding(source: str, destination: str, destination_type: str, key: str) -> dict[str, Any]:
    return {
        "source": source,
        "destination": destination,
        "destination_type": destination_type,
        "routing_key": key,
        "arguments": {},
    }


_COMPARED = ("name", "type", "durable", "auto_delete", "source", "destination", "destination_type", "routing_key")


def _is_ours(entry: Mapping[str, Any]) -> bool:
    """Names that begin so are RabbitMQ's own, such as the exchange that carries its log."""
    return not str(entry.get("name", "")).startswith("amq.")


def _text(entry: Mapping[str, Any]) -> str:
    # RabbitMQ 4 reports a queue's type also outside of its arguments.
    told_twice = {"type"} if "x-queue-type" in entry["arguments"] else set()
    parts = [f"{key}={entry[key]}" for key in _COMPARED if key in entry and key not in told_twice]
    return ", ".join([*parts, *(f"{k}={v}" for k, v in sorted(_flat(entry["arguments"])))])


def _flat(arguments: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    return ((str(key), str(value)) for key, value in arguments.items())


TOPOLOGY = Topology()
"""The suite's own table, one partition each."""
