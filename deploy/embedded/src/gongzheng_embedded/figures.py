"""What the demonstration comes to, counted in the services' own books and not in the story that was told."""

import time
from collections.abc import Mapping
from typing import Any

from fees.handlers.verify_ledger import verify_ledger
from gongzheng.audit.sealer import Sealer
from gongzheng.audit.verify import verify_database
from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import SYSTEM
from gongzheng.messaging.envelope import Ed25519Signer
from gongzheng.runtime import Service
from gongzheng_embedded.story.client import StoryError

_SETTLED_WITHIN_S = 60
_LOOK_S = 0.05
_PREFIX = "cn.gongzheng."
_UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
_UNSENT = "SELECT count(*) FROM message WHERE state IN ('due', 'sending')"


def figures_of(services: Mapping[str, Service], *, elapsed_s: float) -> dict[str, Any]:
    """The fixed figures of ``gongzheng demo --json``, once every event has been taken in.

    ``cases``, ``decided``, ``receipts``, ``complaints`` and ``notifications`` count things, ``events`` those of all
    services; ``collected_fen`` is what the bank's notices paid on obligations, in fen.

    Raises:
        StoryError: when events are still waiting after a minute.
    """
    _settle(services)
    return {
        "cases": _count(services, "cases", "case.reported"),
        "decided": _count(services, "cases", "decision.made"),
        "collected_fen": _collected_fen(services["fees"].mechanism),
        "receipts": _count(services, "fees", "receipt.issued"),
        "events": sum(_number(s.mechanism, "SELECT count(*) FROM outbox") for s in services.values()),
        "complaints": _count(services, "oversight", "complaint.received"),
        "notifications": _count(services, "notifications", "message.sent"),
        "ledger_balanced": _ledger_balanced(services["fees"]),
        "audit_verified": all(_audit_verified(service.mechanism) for service in services.values()),
        "elapsed_s": round(elapsed_s, 1),
    }


def _settle(services: Mapping[str, Service]) -> None:
    """Wait until nothing is on its way: an event is marked as published when every follower has it."""
    deadline = time.monotonic() + _SETTLED_WITHIN_S
    while _number(services["notifications"].mechanism, _UNSENT) or any(
        _number(service.mechanism, _UNPUBLISHED) for service in services.values()
    ):
        if time.monotonic() > deadline:
            raise StoryError("events are still waiting to be taken in")
        time.sleep(_LOOK_S)


def _number(mechanism: Mechanism, sql: str, *params: str) -> int:
    mechanism.ensure_connected()
    return int(mechanism.execute(sql, params).fetchone()[0] or 0)


def _count(services: Mapping[str, Service], service: str, event: str) -> int:
    sql = "SELECT count(*) FROM outbox WHERE type = ?"
    return _number(services[service].mechanism, sql, f"{_PREFIX}{service}.{event}.v1")


def _collected_fen(mechanism: Mechanism) -> int:
    sql = "SELECT sum(json_extract(body, '$.data.amount_fen')) FROM outbox WHERE type = ?"
    return _number(mechanism, sql, f"{_PREFIX}fees.payment.received.v1")


def _ledger_balanced(fees: Service) -> bool:
    with fees.uow_factory(SYSTEM) as uow:
        return bool(verify_ledger(uow).holds)


def _audit_verified(mechanism: Mechanism) -> bool:
    """Seal what is not sealed yet and verify the whole chain."""
    Sealer(mechanism).seal()
    signer = mechanism.signer
    keys = {signer.key_id: signer.public_bytes()} if isinstance(signer, Ed25519Signer) else None
    return verify_database(mechanism, keys).ok
