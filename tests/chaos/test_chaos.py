"""A short run of ``make chaos`` with a fixed seed, and that its verdict would notice what it is there to notice."""

from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from tests.chaos.plan import KINDS, plan
from tests.chaos.record import Record
from tests.chaos.run import Config, play
from tests.chaos.verify import Verdict, check_clients, check_effects, check_events
from tests.support.real import RealSuite

SEED = 20210715
SHORT = Config(seed=SEED, seconds=18, mean_gap_s=0.75, settle_s=300, nodes=1)

Damage = tuple[str, str, LiteralString]
DAMAGES: tuple[Damage, ...] = (
    (
        "taken in by every follower",
        "oversight",
        "DELETE FROM inbox WHERE event_id = (SELECT max(event_id) FROM inbox)",
    ),
    (
        "nothing that was not sent",
        "notifications",
        (
            "INSERT INTO inbox (event_id, lane, sequence, type, received_at)"
            " VALUES ('made-up', 'nowhere|case|1', 1, 'cn.gongzheng.cases.case.reported.v1', '')"
        ),
    ),
    (
        "in order per lane",
        "notifications",
        "UPDATE inbox SET arrived = 0 WHERE event_id = (SELECT max(event_id) FROM inbox WHERE sequence > 1)",
    ),
    (
        "published exactly once",
        "cases",
        "UPDATE outbox SET published_at = NULL, position = NULL WHERE id = (SELECT max(id) FROM outbox)",
    ),
    (
        "nothing parked",
        "fees",
        "INSERT INTO parked (lane, sequence, body, reason, parked_at) VALUES ('x|case|1', 2, '', 'gap', '')",
    ),
    (
        "fees: one cause, one effect",
        "fees",
        (
            "INSERT INTO outbox (event_id, type, stream, subject, sequence, dataclass, body, recorded_at)"
            " SELECT 'again', type, stream, subject, 1000, dataclass, body, recorded_at FROM outbox"
            " WHERE body::json->>'causationid' IS NOT NULL LIMIT 1"
        ),
    ),
    (
        "each accepted report has its lead",
        "cases",
        "UPDATE case_record SET complaint_id = NULL WHERE complaint_id = (SELECT max(complaint_id) FROM case_record)",
    ),
)
"""What must be noticed, in whose database, and the statement that brings it about."""


def test_the_same_seed_plans_the_same_faults_and_a_short_run_meets_every_kind() -> None:
    """Moments, kinds, victims and lengths come from the seed alone."""
    faults = plan(SEED, 120, 2.0)
    assert faults == plan(SEED, 120, 2.0)
    assert faults != plan(SEED + 1, 120, 2.0)
    assert {fault.kind for fault in plan(SEED, SHORT.seconds, SHORT.mean_gap_s)} == set(KINDS)


@pytest.mark.real
@pytest.mark.req("X-14")
def test_nothing_is_lost_doubled_or_out_of_order_while_everything_fails_in_turn(tmp_path: Path) -> None:
    """Every kind of fault once under load; then everything is everywhere, once, in order, and the books balance."""
    noticed: dict[str, set[str]] = {}
    result = play(SHORT, tmp_path, say=print, afterwards=_damage(noticed))
    assert result.verdict.faults == []
    assert sum(result.injector.counts().values()) >= len(KINDS) - 4, result.injector.log
    assert (result.verdict.lost, result.verdict.duplicated, result.verdict.out_of_order) == (0, 0, 0)
    assert result.verdict.events > 250
    assert set(noticed) == {damage[0] for damage in DAMAGES} | {"accepted requests are rows"}
    assert {name for name, failing in noticed.items() if name not in failing} == set()


def _damage(noticed: dict[str, set[str]]) -> Callable[[RealSuite, Record], None]:
    """Spoil what was found in order, one thing at a time, and note which checks fail then."""

    def spoil(suite: RealSuite, record: Record) -> None:
        before: set[str] = set()
        for name, service, statement in DAMAGES:
            with psycopg.connect(suite.address(service, "database")) as connection:
                connection.execute(statement)
            noticed[name] = _failing(suite, record) - before
            before |= noticed[name]
        record.created["/cases"]["a key"] = "never made"
        noticed["accepted requests are rows"] = _failing(suite, record) - before

    return spoil


def _failing(suite: RealSuite, record: Record) -> set[str]:
    verdict = Verdict()
    check_events(suite.query, verdict)
    check_effects(suite.query, verdict)
    check_clients(suite.query, record, verdict)
    return {name for name, holds in verdict.holds.items() if not holds}
