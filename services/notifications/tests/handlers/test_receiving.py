"""Taking events in: who is written to, once, in any order, and what parks only its own lane."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from notifications.handlers.receive_event import receive_event

if TYPE_CHECKING:
    from gongzheng_embedded.mailcatcher import MailCatcher

OBLIGATION = "01K9ZT3V7Q8RXB0M2N4P6S8T0A"
CASE = "01K9ZT3V7Q8RXB0M2N4P6S8T0B"
PARTY = {"party_id": "party-1", "name": "张三", "kind": "person", "email": "zhang.san@example.cn", "language": "zh"}


def created(house: Any, **data: Any) -> Any:
    """An obligation of our party in our case."""
    return house.event(
        "fees.obligation.created",
        OBLIGATION,
        **({"obligation_id": OBLIGATION, "case_id": CASE, "party_id": "party-1"} | data),
    )


def receipt(house: Any, **data: Any) -> Any:
    """A receipt in our case; its event names no party."""
    return house.event("fees.receipt.issued", OBLIGATION, **({"obligation_id": OBLIGATION, "case_id": CASE} | data))


def states(house: Any) -> list[tuple[str, str]]:
    """Template and state of every message."""
    return [tuple(row) for row in house.rows("SELECT template, state FROM message ORDER BY id")]


@pytest.mark.req("N-02")
def test_each_of_the_five_events_writes_to_the_party_in_its_language(any_house: Any, catcher: "MailCatcher") -> None:
    """Notice, decision, payment code, receipt, settlement."""
    notice = any_house.event("cases.notice.served", CASE, case_id=CASE, party=PARTY)
    made, paid = created(any_house, payment_code="30010000000000000058"), receipt(any_house, amount_fen=400_000)
    settled = any_house.event("fees.obligation.settled", OBLIGATION, obligation_id=OBLIGATION, case_id=CASE)
    any_house.hear(notice, any_house.decision(), made, paid, settled)
    assert any_house.send_mail() == 5
    mails = catcher.messages()
    assert {tuple(mail["to"]) for mail in mails} == {("zhang.san@example.cn",)}
    text = "\n".join(mail["text"] for mail in mails)
    assert "您有权进行陈述和申辩" in text
    assert "申请行政复议的期限至：2026年12月18日" in text
    assert "3001 0000 0000 0000 0058" in text
    assert "4,000.00元" in text
    assert "您不再欠缴" in text
    assert not any("Hello" in mail["text"] for mail in mails)


def test_a_party_who_reads_english_gets_english_and_an_unknown_language_gets_both(
    house: Any, catcher: "MailCatcher"
) -> None:
    """The language stands beside the address."""
    house.hear(house.decision(party=PARTY | {"language": "en"}))
    house.send_mail()
    (mail,) = catcher.messages()
    assert mail["subject"].startswith("Decision ")
    assert dict(mail["headers"])["Content-Language"] == "en"


def test_an_event_delivered_twice_writes_once(any_house: Any) -> None:
    """The inbox knows it, and the message's own key would too."""
    event = any_house.decision()
    any_house.hear(event, event)
    any_house.hear(event)
    assert states(any_house) == [("decision_served", "due")]


def test_even_without_the_inbox_the_same_event_makes_one_message_and_one_delivery(any_house: Any) -> None:
    """De-duplication at each layer."""
    any_house.subscribe("http://127.0.0.1:9/hook")
    event = any_house.decision()
    for _ in range(2):
        receive_event(any_house.uow(), event)
    assert len(states(any_house)) == 1
    assert any_house.rows("SELECT count(*) FROM delivery") == [(1,)]
    assert any_house.rows("SELECT count(*) FROM received_event") == [(1,)]


def test_events_of_other_services_that_come_first_wait_for_the_address(any_house: Any) -> None:
    """The obligation and the receipt overtake the decision that tells who the party is."""
    any_house.hear(created(any_house), receipt(any_house))
    assert states(any_house) == [("obligation_created", "waiting"), ("receipt_issued", "waiting")]
    any_house.hear(any_house.decision())
    assert {state for _, state in states(any_house)} == {"due"}
    assert any_house.send_mail() == 3


def test_an_event_that_arrives_before_its_predecessor_has_its_turn_after_it(house: Any) -> None:
    """Order per subject holds; nothing is lost."""
    first = house.event("cases.notice.served", CASE, case_id=CASE, party=PARTY)
    second = house.decision()
    house.hear(second)
    assert states(house) == []
    house.hear(first)
    house.consumer.ready.wait(0)
    from gongzheng.messaging.lanes import Lanes  # noqa: PLC0415 only here

    Lanes(house.consumer).retry_due()
    assert [template for template, _ in states(house)] == ["notice_served", "decision_served"]


def test_a_poison_event_parks_its_lane_and_no_other(any_house: Any) -> None:
    """A decision whose text cannot be filled; the next case's goes out."""
    poison = any_house.decision()
    broken = type(poison)(**{**poison.__dict__, "data": poison.data | {"outcome": 7}})
    other = any_house.event("cases.decision.served", "01K9ZT3V7Q8RXB0M2N4P6S8T0C", case_id="01K9ZT3V7Q8RXB0M2N4P6S8T0C")
    any_house.hear(broken, other)
    assert [row[0] for row in any_house.rows("SELECT lane FROM parked")] == [broken.lane]
    assert states(any_house) == [("decision_served", "due")]


@pytest.mark.req("N-09")
def test_older_news_of_another_case_do_not_change_an_address(house: Any) -> None:
    """The time of the event counts, not the time of its arrival."""
    house.hear(house.decision())
    old = house.event(
        "cases.decision.served",
        "01K9ZT3V7Q8RXB0M2N4P6S8T0C",
        time=house.clock.now() - timedelta(days=9),
        case_id="01K9ZT3V7Q8RXB0M2N4P6S8T0C",
        party=PARTY | {"email": "old@example.cn"},
    )
    house.hear(old)
    shown = house.operator.get("/contact-points", party_id="party-1").expect(200)["items"]
    assert [point["address"] for point in shown] == ["z***@e***.cn"]
    assert {row[0] for row in house.rows("SELECT state FROM message")} == {"due"}
    house.send_mail()


def test_nobody_is_guessed_when_an_address_is_missing_or_unusable(house: Any) -> None:
    """The message waits, and is given up on record when the patience is over."""
    house.hear(house.decision(party=PARTY | {"email": None}))
    assert states(house) == [("decision_served", "waiting")]
    house.wait(days=2)
    assert house.sweep() == 0
    house.wait(days=1)
    assert house.sweep() == 1
    assert states(house) == [("decision_served", "failed")]
    (event,) = house.published("message.failed")
    assert event.data["reason"] == "no-address"
    assert event.causation_id == event.data["cause_id"]


def test_a_message_that_missed_the_moment_its_address_was_learnt_is_found_by_the_sweep(house: Any) -> None:
    """Two transactions side by side, each before the other's commit."""
    house.hear(created(house))
    waiting = house.rows("SELECT id FROM message")
    house.hear(house.decision())
    house.service.mechanism.execute("UPDATE message SET state = 'waiting', address = NULL WHERE id = ?", waiting[0])
    assert house.sweep() == 1
    assert {state for _, state in states(house)} == {"due"}


def test_opening_balances_of_imported_cases_write_to_nobody(house: Any) -> None:
    """Old debts are no news, and their settlement has no decision number to name."""
    null = {"decision_id": None, "document_number": None, "due_on": None, "organisation_id": None}
    house.hear(created(house, origin="import", **null))
    settled = house.event(
        "fees.obligation.settled", OBLIGATION, obligation_id=OBLIGATION, case_id=CASE, document_number=None
    )
    house.hear(settled)
    assert states(house) == []
    assert house.rows("SELECT count(*) FROM parked") == [(0,)]


@pytest.mark.req("N-09")
def test_addresses_texts_and_secrets_cannot_be_read_off_the_tables(any_house: Any) -> None:
    """They are sealed, each to its own row; only the event itself holds what its producer said."""
    made = any_house.subscribe("http://127.0.0.1:9/hook", contact_email="owner@example.cn")
    any_house.hear(any_house.decision())
    tables = ("contact_point", "message", "message_entry", "attempt", "subscription", "subscription_lane", "delivery")
    dump = " ".join(str(any_house.rows(f"SELECT * FROM {table}")) for table in tables)  # noqa: S608 our own names
    for secret in ("zhang.san", "张三", "owner@example.cn", made["secret"].removeprefix("whsec_")):
        assert secret not in dump


@pytest.mark.req("N-09")
def test_a_contact_point_is_forgotten_when_its_time_is_over(house: Any) -> None:
    """No longer than its purpose."""
    house.hear(house.decision())
    forget = next(t for t in house.service.timers if t.name == "notifications.forget_contacts")
    assert forget.run() == 0
    house.wait(days=1096)
    assert forget.run() == 1
    assert house.rows("SELECT count(*) FROM contact_point") == [(0,)]


def test_every_event_of_the_suite_can_be_taken_in(house: Any) -> None:
    """The example of every contract there is; none parks its lane."""
    from gongzheng.contracts import registry  # noqa: PLC0415 only here

    for number, type_ in enumerate(registry().types()):
        house.hear(house.event(type_.removeprefix("cn.gongzheng.").removesuffix(".v1"), f"subject-{number}"))
    assert house.rows("SELECT type, error FROM parked") == []
    assert house.rows("SELECT count(*) FROM received_event") == [(len(registry().types()),)]
