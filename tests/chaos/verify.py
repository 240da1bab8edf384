"""What must hold after the faults, read from the databases themselves and by the suite's own verifying commands."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, LiteralString

from gongzheng.messaging.topology import TOPOLOGY
from gongzheng_embedded.people import SERVICES
from tests.chaos.record import Record
from tests.support.real import RealSuite

EXAMPLES_MAX = 5
_TRACES = ("Traceback (most recent call last)", "╭")
Query = Callable[[str, LiteralString], list[tuple[Any, ...]]]
"""(service, SQL) → rows of that service's own database."""

_OUT_OF_ORDER: LiteralString = (
    "SELECT lane, sequence FROM (SELECT lane, sequence, lag(sequence) OVER (PARTITION BY lane ORDER BY arrived) AS"
    " before FROM inbox) AS i WHERE sequence <> coalesce(before, 0) + 1"
)
_POSITIONS: LiteralString = (
    "SELECT count(*), count(published_at), count(DISTINCT position), coalesce(min(position), 1),"
    " coalesce(max(position), 0) FROM outbox"
)
_SEQUENCES: LiteralString = (
    "SELECT stream, subject FROM outbox GROUP BY stream, subject"
    " HAVING count(*) <> max(sequence) OR count(DISTINCT sequence) <> max(sequence) OR min(sequence) <> 1"
)
_PARKED: LiteralString = "SELECT lane, sequence, reason, error, attempts, next_attempt_at FROM parked ORDER BY id"
# One event that takes effect twice says the same twice, each time naming it as its cause.
_CAUSED_TWICE: LiteralString = (
    "SELECT body::json->>'causationid', type, subject, count(*) FROM outbox WHERE body::json->>'causationid' IS NOT"
    " NULL GROUP BY 1, 2, 3 HAVING count(*) > 1"
)
TWICE: tuple[tuple[str, str, LiteralString], ...] = (
    *((f"{service}: one cause, one effect", service, _CAUSED_TWICE) for service in SERVICES),
    (
        "fees: one debt per event",
        "fees",
        "SELECT cause_event_id, count(*) FROM obligation GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "fees: one debt per decision",
        "fees",
        "SELECT decision_id, count(*) FROM obligation WHERE decision_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "fees: one opening balance per imported case",
        "fees",
        "SELECT source_reference, count(*) FROM opening_balance GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "fees: one booking per cause",
        "fees",
        (
            "SELECT cause_event_id, kind, count(*) FROM ledger_transaction WHERE cause_event_id IS NOT NULL"
            " GROUP BY 1, 2 HAVING count(*) > 1"
        ),
    ),
    (
        "fees: one payment per notice",
        "fees",
        "SELECT notice_id, count(*) FROM payment GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "cases: one lead per report",
        "cases",
        "SELECT complaint_id, count(*) FROM case_record WHERE complaint_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "cases: one case per old case",
        "cases",
        "SELECT source, reference, count(*) FROM imported_case GROUP BY 1, 2 HAVING count(*) > 1",
    ),
    (
        "oversight: one filing per decision",
        "oversight",
        "SELECT decision_id, count(*) FROM filing GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "notifications: one message per cause and template",
        "notifications",
        (
            "SELECT cause_id, template, party_id, channel, count(*) FROM message WHERE cause_id IS NOT NULL"
            " GROUP BY 1, 2, 3, 4 HAVING count(*) > 1"
        ),
    ),
)
"""What would be there twice if an event had taken effect twice: (what must hold, service, SQL that finds it)."""

_SERVED = "cn.gongzheng.cases.decision.served.v1"
_ACCEPTED = "cn.gongzheng.oversight.complaint.accepted.v1"
_IMPORTED = "cn.gongzheng.cases.case.imported.v1"
Side = tuple[str, LiteralString]
EFFECTS: tuple[tuple[str, Side, Side], ...] = (
    (
        "each served decision with money has its debt",
        (
            "cases",
            (
                f"SELECT body::json->'data'->>'decision_id' FROM outbox WHERE type = '{_SERVED}' AND"  # noqa: S608 a constant
                " (body::json->'data'->>'fine_fen')::bigint + (body::json->'data'->>'confiscation_fen')::bigint > 0"
            ),
        ),
        ("fees", "SELECT decision_id FROM obligation WHERE origin = 'decision'"),
    ),
    (
        "each imported case has its account",
        ("cases", f"SELECT subject FROM outbox WHERE type = '{_IMPORTED}'"),  # noqa: S608 a constant
        ("fees", "SELECT case_id FROM obligation WHERE origin = 'import'"),
    ),
    (
        "each accepted report has its lead",
        ("oversight", f"SELECT subject FROM outbox WHERE type = '{_ACCEPTED}'"),  # noqa: S608 a constant
        ("cases", "SELECT complaint_id FROM case_record WHERE complaint_id IS NOT NULL"),
    ),
)
"""What an event must have brought about in another service's database: (what must hold, there, here)."""


@dataclass
class Verdict:
    """``faults`` are sentences, each about something that is wrong; empty when everything holds."""

    events: int = 0
    deliveries: int = 0
    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    parked: int = 0
    holds: dict[str, bool] = field(default_factory=dict)
    counted: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def check(self, name: str, wrong: list[Any]) -> int:
        """Note whether something holds, with some of what is wrong; returns how much that is."""
        self.holds[name] = self.holds.get(name, True) and not wrong
        self.faults += [f"{name}: {item}" for item in wrong[:EXAMPLES_MAX]]
        if len(wrong) > EXAMPLES_MAX:
            self.faults.append(f"{name}: and {len(wrong) - EXAMPLES_MAX} more")
        return len(wrong)


def settled(query: Query) -> bool:
    """Whether nothing is on its way any more: published, taken in, not parked, sealed."""
    busy: LiteralString = (
        "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL) + (SELECT count(*) FROM parked WHERE reason"
        " <> 'skipped') + (SELECT count(*) FROM audit WHERE position IS NULL)"
    )
    if any(query(name, busy)[0][0] for name in SERVICES):
        return False
    # Only counted: this is asked again and again, and the sets are compared in the end.
    sent: dict[str, Counter[str]] = {
        name: Counter(dict(query(name, "SELECT stream, count(*) FROM outbox GROUP BY 1"))) for name in SERVICES
    }
    return all(
        query(follower, "SELECT count(*) FROM inbox")[0][0] == sum(sent[who][stream] for who, stream in followed)
        for follower, followed in TOPOLOGY.follows.items()
    )


def differences(query: Query) -> Iterator[tuple[str, set[str], set[str]]]:
    """For each producer and follower: events that never took effect, and such as were never sent."""
    for producer in SERVICES:
        published = query(producer, "SELECT event_id, stream FROM outbox")
        for follower in SERVICES:
            streams = {stream for who, stream in TOPOLOGY.follows.get(follower, ()) if who == producer}
            if not streams:
                continue
            sent = {event_id for event_id, stream in published if stream in streams}
            took = query(follower, "SELECT event_id, type FROM inbox")
            received = {event_id for event_id, type_ in took if type_.startswith(f"cn.gongzheng.{producer}.")}
            yield f"{producer} → {follower}", sent - received, received - sent


def verify(suite: RealSuite, record: Record) -> Verdict:
    """Look at everything; the services may be stopped."""
    verdict = Verdict()
    check_events(suite.query, verdict)
    check_effects(suite.query, verdict)
    check_money(suite, verdict)
    check_audit(suite, verdict)
    check_clients(suite.query, record, verdict)
    check_logs(suite, verdict)
    return verdict


def check_events(query: Query, verdict: Verdict) -> None:
    """Published once, gapless, taken in by each follower, in order, nothing parked."""
    for name in SERVICES:
        rows, published, positions, first, last = query(name, _POSITIONS)[0]
        verdict.events += rows
        whole = rows == published == positions == last and first == 1
        shown = f"{name}: {rows} rows, {published} published, {positions} positions from {first} to {last}"
        verdict.check("published exactly once", [] if whole else [shown])
        verdict.check("sequences without gap", [f"{name}: {lane}" for lane in query(name, _SEQUENCES)])
        verdict.parked += verdict.check("nothing parked", [f"{name}: {row}" for row in query(name, _PARKED)])
        wrong = [f"{name}: {row}" for row in query(name, _OUT_OF_ORDER)]
        verdict.out_of_order += verdict.check("in order per lane", wrong)
        verdict.deliveries += query(name, "SELECT count(*) FROM inbox")[0][0]
    for way, lost, strange in differences(query):
        verdict.lost += verdict.check("taken in by every follower", [f"{way}: {event}" for event in sorted(lost)])
        verdict.duplicated += verdict.check("nothing that was not sent", [f"{way}: {e}" for e in sorted(strange)])


def check_effects(query: Query, verdict: Verdict) -> None:
    """What an event brings about is there, and once."""
    for name, service, sql in TWICE:
        verdict.duplicated += verdict.check(name, query(service, sql))
    for name, (there, asked), (here, found) in EFFECTS:
        wanted, present = {row[0] for row in query(there, asked)}, {row[0] for row in query(here, found)}
        verdict.lost += verdict.check(name, [f"{here} lacks {key}" for key in sorted(wanted - present)])
        verdict.duplicated += verdict.check(name, [f"{here} has {key} for nothing" for key in sorted(present - wanted)])


def check_money(suite: RealSuite, verdict: Verdict) -> None:
    """The books, parity, the imports and the receipts."""
    for name, words in (
        ("ledger balanced and derived again", ("fees", "ledger", "verify")),
        ("parity of decisions and debts", ("fees", "parity")),
        ("sums of the imports", ("fees", "imports")),
    ):
        done = suite.command("fees", *words)
        verdict.check(name, [] if done.returncode == 0 else [(done.stdout + done.stderr)[-2000:]])
    numbers = suite.query("fees", "SELECT code, number::bigint FROM receipt ORDER BY 1, 2")
    codes: dict[str, list[int]] = {}
    for code, number in numbers:
        codes.setdefault(code, []).append(number)
    wrong = [code for code, found in codes.items() if found != list(range(1, len(found) + 1))]
    verdict.check("receipts without gap or double", wrong)
    unpaid = suite.query("fees", "SELECT id FROM payment WHERE id NOT IN (SELECT payment_id FROM receipt)")
    verdict.check("a receipt for each payment", unpaid)
    verdict.counted |= {"receipts": len(numbers)}


def check_audit(suite: RealSuite, verdict: Verdict) -> None:
    """Four chains, each whole, signed and sealed to its end."""
    for name in SERVICES:
        done = suite.command(name, "audit", "check", name, "--json")
        if done.returncode:
            verdict.check("audit trail verified", [f"{name}: {(done.stdout + done.stderr)[-2000:]}"])
            continue
        report = json.loads(done.stdout)
        good = report["ok"] and report["signed"] and not report["unsealed"]
        verdict.check("audit trail verified", [] if good else [f"{name}: {report}"])
        verdict.counted[f"audit rows of {name}"] = report["rows"]


def check_clients(query: Query, record: Record, verdict: Verdict) -> None:
    """What clients were told of is there, and nothing else."""
    for path, service, sql in (
        ("/cases", "cases", "SELECT id FROM case_record WHERE complaint_id IS NULL"),
        ("/public/complaints", "oversight", "SELECT id FROM complaint"),
        ("/payment-notices", "fees", "SELECT id FROM payment_notice"),
    ):
        rows, told = {row[0] for row in query(service, sql)}, set(record.created[path].values())
        verdict.counted[f"POST {path}"] = len(told)
        verdict.check("accepted requests are rows", [f"{path}: {key} is not there" for key in sorted(told - rows)])
        verdict.check("rows are accepted requests", [f"{path}: nobody was told of {key}" for key in rows - told])
    taken = query("cases", "SELECT count(*) FROM imported_case")[0][0]
    told_of = sum(record.imported.values())
    verdict.counted["imported cases"] = taken
    verdict.check("imported rows", [] if taken == told_of else [f"{taken} are there, {told_of} were reported"])
    verdict.check("one answer per Idempotency-Key", record.contradictions)
    verdict.check("all work done to its end", record.broken)
    verdict.check("no internal error", record.internal_errors)


def check_logs(suite: RealSuite, verdict: Verdict) -> None:
    """Outages are when traces are written: as JSON, and without the values that were at hand."""
    bare = []
    for file in sorted(suite.folder.root.glob("*.log")):
        with file.open(encoding="utf-8", errors="replace") as lines:
            bare += [f"{file.name}:{n}" for n, line in enumerate(lines, 1) if line.startswith(_TRACES)]
    verdict.check("no bare trace in a log", bare)
