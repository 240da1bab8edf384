"""Events of cases: delivered twice, out of order, poisonous, and of no concern."""

from datetime import timedelta
from typing import Any

import pytest

from gongzheng.contracts import registry
from gongzheng.messaging.lanes import Lanes


@pytest.mark.req("F-01")
@pytest.mark.req("X-01")
def test_a_decision_delivered_twice_owes_once(any_house: Any, make: Any) -> None:
    """The same event again, alone and in one batch, changes nothing."""
    event = any_house.event("decision.served", make.served())
    any_house.hear(event)
    any_house.hear(event)
    any_house.hear(event, event)
    assert (any_house.count("obligation"), len(any_house.published("obligation.created"))) == (1, 1)


@pytest.mark.req("F-01")
@pytest.mark.req("X-02")
def test_a_decision_that_comes_before_what_went_before_it_waits(any_house: Any, make: Any) -> None:
    """Sequence 2 waits for sequence 1, then takes effect."""
    data = make.served()
    served = any_house.event("decision.served", data, sequence=2)
    any_house.hear(served)
    assert (any_house.count("obligation"), any_house.count("parked")) == (0, 1)
    closed = registry().example("cn.gongzheng.cases.case.closed.v1") | {"case_id": data["case_id"]}
    any_house.hear(any_house.event("case.closed", closed, sequence=1))
    any_house.clock.advance(timedelta(minutes=1))
    Lanes(any_house.consumer).retry_due()
    assert (any_house.count("obligation"), any_house.count("parked")) == (1, 0)


@pytest.mark.req("F-01")
@pytest.mark.req("X-02")
def test_a_poisonous_event_parks_its_own_case_and_no_other(any_house: Any, make: Any) -> None:
    """A second event for the same decision with other money contradicts the first; the next case is served."""
    data = make.served()
    any_house.hear(any_house.event("decision.served", data))
    contradiction = any_house.event("decision.served", data | {"fine_fen": 1})
    any_house.hear(contradiction, any_house.event("decision.served", make.served()))
    assert any_house.count("obligation") == 2
    parked = any_house.service.mechanism.execute("SELECT event_id, reason FROM parked").fetchall()
    assert [tuple(row) for row in parked] == [(contradiction.id, "failed")]


@pytest.mark.req("F-01")
def test_a_decision_served_again_with_the_same_money_owes_nothing_new(any_house: Any, make: Any) -> None:
    """Another event, the same decision: no second debt and no parked lane."""
    data = make.served()
    any_house.hear(any_house.event("decision.served", data), any_house.event("decision.served", data))
    assert (any_house.count("obligation"), any_house.count("parked")) == (1, 0)


@pytest.mark.req("F-01")
@pytest.mark.parametrize("outcome", ["no_penalty", "dismissed", "penalty"])
def test_a_decision_without_money_owes_nothing(any_house: Any, make: Any, outcome: str) -> None:
    """A warning is a penalty without money."""
    data = make.served(fine_fen=0, confiscation_fen=0, outcome=outcome, payment_due_on=None)
    any_house.hear(any_house.event("decision.served", data))
    assert (any_house.count("obligation"), any_house.count("parked"), any_house.count("inbox")) == (0, 0, 1)


@pytest.mark.req("F-01")
def test_a_decision_with_money_and_no_deadline_waits_for_an_operator(any_house: Any, make: Any) -> None:
    """DECREE-235 7: the decision names amount and deadline; nobody here makes one up."""
    any_house.hear(any_house.event("decision.served", make.served(payment_due_on=None)))
    assert (any_house.count("obligation"), any_house.count("parked")) == (0, 1)


@pytest.mark.req("F-01")
def test_an_obligation_carries_the_terms_of_its_decision(any_house: Any, make: Any) -> None:
    """Fine and confiscation apart, due day, surcharge, party, organisation; told to the others with a payment code."""
    data = make.served(fine_fen=600_000, confiscation_fen=50_000, surcharge_applies=False)
    any_house.hear(any_house.event("decision.served", data))
    event = any_house.published("obligation.created")[0]
    expected = {
        "case_id": data["case_id"],
        "decision_id": data["decision_id"],
        "principal_fen": 650_000,
        "fine_fen": 600_000,
        "confiscation_fen": 50_000,
        "outstanding_fen": 650_000,
        "due_on": "2026-11-30",
        "origin": "decision",
        "surcharge_applies": False,
        "party_id": data["party"]["party_id"],
    }
    assert {name: event.data[name] for name in expected} == expected
    assert event.causation_id is not None
    assert len(event.data["payment_code"]) == 20


@pytest.mark.req("F-06")
def test_a_confiscation_alone_bears_no_surcharge(any_house: Any) -> None:
    """There is no fine that could bear it."""
    debt = any_house.owe(fine_fen=0, confiscation_fen=70_000)
    assert debt["surcharge_applies"] is False


@pytest.mark.req("F-13")
def test_an_imported_case_bears_no_surcharge_and_may_be_settled_from_the_start(any_house: Any, make: Any) -> None:
    """15.00 left of one, nothing of another; in the currency of the source."""
    open_case, paid_case = make.imported(), make.imported(paid_fen=11_500)
    any_house.hear(*(any_house.event("case.imported", data) for data in (open_case, paid_case)))
    created = {event.data["case_id"]: event.data for event in any_house.published("obligation.created")}
    assert created[open_case["case_id"]]["outstanding_fen"] == 1_500
    assert created[open_case["case_id"]]["currency"] == "USD"
    assert created[paid_case["case_id"]]["outstanding_fen"] == 0
    any_house.on("2027-06-01")
    assert any_house.run_timers() == {"fees.overdue": 0, "fees.surcharge": 0, "fees.receipts": 0}
    states = any_house.service.mechanism.execute("SELECT state FROM obligation ORDER BY state").fetchall()
    assert [row[0] for row in states] == ["open", "settled"]


@pytest.mark.req("F-13")
def test_an_import_that_does_not_add_up_parks_and_the_others_go_on(any_house: Any, make: Any) -> None:
    """A cent too much in the stated balance."""
    wrong, right = make.imported(balance_fen=1_501), make.imported()
    any_house.hear(*(any_house.event("case.imported", data) for data in (wrong, right)))
    assert (any_house.count("obligation"), any_house.count("parked")) == (1, 1)


@pytest.mark.req("F-13")
def test_an_imported_case_can_be_paid_and_the_opening_stays_as_it_was(any_house: Any, make: Any) -> None:
    """Ten dollars of fifteen; what was carried over is still told to the cent."""
    data = make.imported()
    any_house.load()
    bank = any_house.bank()
    any_house.hear(any_house.event("case.imported", data))
    code = any_house.published("obligation.created")[0].data["payment_code"]
    answer = bank.pay(code, 1_000, currency="USD")
    assert (answer["payment"]["remaining_fen"], answer["outcome"]) == (500, "booked")
    sums = any_house.auditor.get("/import-balances", import_id=data["import_id"]).expect(200)["items"]
    assert [(s["balance_fen"], s["reconciled"]) for s in sums] == [(1_500, True)]
    assert any_house.verify().faults == []


@pytest.mark.req("F-12")
def test_parity_holds_over_decisions_with_and_without_money(any_house: Any, make: Any) -> None:
    """Only those with money count, on both sides."""
    any_house.owe()
    any_house.hear(any_house.event("decision.served", make.served(fine_fen=0, payment_due_on=None)))
    found = any_house.auditor.get("/parity").expect(200)
    assert (found["holds"], found["decisions"], found["obligations"]) == (True, 1, 1)
