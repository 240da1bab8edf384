"""What must hold after the story, in either mode: everything arrived, once, in order, and nothing is left lying."""

from collections.abc import Callable, Mapping
from typing import Any, LiteralString

from gongzheng.messaging.topology import TOPOLOGY
from gongzheng_embedded.people import SERVICES
from gongzheng_embedded.story import people
from gongzheng_embedded.story.teller import Story

REFUSED = {
    "one-officer": ("two-officers-required", "APL 42(1)"),
    "temporary": ("two-officers-required", "APL 42(1)"),
    "expired": ("credential-not-valid-on-date", "APL 42(1)"),
    "repealed-basis": ("legal-basis-repealed", "APL 16"),
    "late-evidence": ("evidence-closed", "CONDUCT 10"),
    "party-not-heard": ("party-not-heard", "APL 62"),
    "investigator-decides": ("separation-of-duties", "RESPONSIBILITY 7"),
    "decider-and-cashier": ("role-pair-forbidden", "APL 67"),
    "bad-signature": ("bad-signature", "DECREE-235 6"),
    "charge-without-basis": ("charge-without-basis", "CONDUCT 13"),
    "amount-target": ("amount-target-refused", "APL 74"),
}
"""Each unlawful step of the story, with the problem it must get and an article that the problem must cite."""

Query = Callable[[str, LiteralString], list[tuple[Any, ...]]]
"""(service, SQL) → rows of that service's own database."""


def check_figures(told: Mapping[str, Any]) -> None:
    """The story came to its end, with the sums that the law gives."""
    assert told["state"] == "archived"
    assert told["complaint_state"] == "resolved"
    assert told["fine_fen"] == 5_000_000
    assert told["paid_fen"] == told["owed_fen"] == 5_026_000
    assert told["held_fen"] == 100_000
    # Five days at three per cent of the 50,000 yuan of the fine that were still unpaid.
    assert told["surcharge_fen"] == 5 * 5_000_000 * 3 // 100
    assert told["second_case_paid_fen"] == 15_120_000 + told["surcharge_fen"]
    assert told["receipts"] == ["0000000001", "0000000002"]
    assert told["dossier_verified"] is True
    assert told["dossier_altered_part"].endswith(".pdf")
    assert told["filings"] == 1
    assert told["inaction_items"] == 1
    assert told["mails"] >= 4
    assert told["webhooks"] >= 20
    found = {refusal["name"]: refusal for refusal in told["refusals"]}
    assert set(found) == set(REFUSED)
    for name, (code, law) in REFUSED.items():
        assert found[name]["code"] == code
        assert law in found[name]["law"]


def settled(query: Query) -> bool:
    """Whether every event has been published and every follower has it."""
    return all(
        query(name, "SELECT count(*) FROM outbox WHERE published_at IS NULL")[0][0] == 0 for name in SERVICES
    ) and (not _differences(query))


def check_events(query: Query) -> None:
    """Each event is in the inbox of each follower exactly once, each lane is gapless, nothing is parked."""
    for name in SERVICES:
        assert query(name, "SELECT count(*) FROM outbox WHERE published_at IS NULL")[0][0] == 0, name
        assert query(name, "SELECT lane, reason, error FROM parked") == [], name
        lanes = query(name, "SELECT stream, subject, count(*), max(sequence) FROM outbox GROUP BY stream, subject")
        assert [lane for lane in lanes if lane[2] != lane[3]] == [], name
    assert _differences(query) == {}


def check_nothing_twice(story: Story) -> None:
    """Three leads, two debts, four payments, four receipts, one sum held, one filing, one item: no more, no less."""
    read = story.client.get
    assert len(read("cases", "/cases", who=people.INTAKE)["items"]) == 3
    assert len(read("fees", "/obligations", who=people.ACCOUNTANT)["items"]) == 2
    payments = read("fees", "/payments", who=people.ACCOUNTANT)["items"]
    assert len(payments) == 4
    assert sum(payment["amount_fen"] for payment in payments) == 5_026_000 + 15_870_000
    assert len(read("fees", "/deposits", who=people.ACCOUNTANT)["items"]) == 1
    assert len(read("oversight", "/filings", who=people.OVERSEER)["items"]) == 1
    forgotten = f"/inaction-items?case_id={story.memory['stale']}"
    assert len(read("oversight", forgotten, who=people.OVERSEER)["items"]) == 1
    told = [event["id"] for event in story.hooks.received]
    assert len(told) == len(set(told))


def _differences(query: Query) -> dict[tuple[str, str], set[str]]:
    """(producer, follower) → ids of events that one has and the other has not."""
    found = {}
    for producer in SERVICES:
        published = query(producer, "SELECT event_id, stream FROM outbox")
        for follower in SERVICES:
            streams = {stream for who, stream in TOPOLOGY.follows.get(follower, ()) if who == producer}
            sent = {event_id for event_id, stream in published if stream in streams}
            took = query(follower, "SELECT event_id, type FROM inbox")
            received = {event_id for event_id, type_ in took if type_.startswith(f"cn.gongzheng.{producer}.")}
            if sent != received:
                found[producer, follower] = sent ^ received
    return found
