"""Items that open by themselves."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from gongzheng.contracts import registry
from oversight.domain.errors import InactionStateForbids
from oversight.domain.items import (
    BreachedClock,
    ChangedClock,
    ConductItem,
    InactionItem,
    RefusedCharge,
    omission_of,
    omission_title,
    withdrawal_reason,
)
from oversight.domain.rulebook import read_rules

DUE = date(2026, 11, 20)


@pytest.mark.req("O-11")
@pytest.mark.parametrize(
    ("clock_kind", "omission"),
    [
        ("notify", "report_not_accepted"),
        ("filing_check", "not_filed"),
        ("decision", "not_decided"),
        ("service_of_decision", "duty_late"),
        ("review", "duty_late"),
        ("preservation", "duty_late"),
        ("seizure", "duty_late"),
        ("hand_in", "duty_late"),
        ("a_clock_of_later_days", "duty_late"),
    ],
)
def test_a_breached_clock_stands_for_an_omission(clock_kind: str, omission: str) -> None:
    """RESPONSIBILITY 11; what the table does not know is a duty done late."""
    assert omission_of(clock_kind) == omission
    assert all(omission_title(omission))


@pytest.mark.req("O-11")
def test_an_inaction_item_says_whose_duty_it_was_and_by_which_article() -> None:
    """The clock's own citation goes with it."""
    clock = BreachedClock(
        clock_id="k", kind="filing_check", law="SAMR-PROC 18", started_on=None, due_on=DUE, organisation_id="samr",
        case_id="c",
    )  # fmt: skip
    (event,) = InactionItem.open("i", clock, DUE).events
    assert vars(event) == {
        "inaction_id": "i",
        "case_id": "c",
        "complaint_id": None,
        "clock_id": "k",
        "kind": "filing_check",
        "omission": "not_filed",
        "organisation_id": "samr",
        "due_on": DUE,
        "law": "SAMR-PROC 18",
    }


@pytest.mark.req("F-11")
def test_a_refused_charge_opens_an_item_under_the_conduct_code() -> None:
    """The attempt is what oversight looks at; nothing was collected."""
    charge = RefusedCharge(
        charge_id="x", agent_id="bank", obligation_id=None, description_code="training_fee", amount_fen=20_000,
        law=("CONDUCT 13",), occurred_on=DUE,
    )  # fmt: skip
    item = ConductItem.open("i", charge, case_id="c", organisation_id=None, on=DUE)
    (event,) = item.events
    assert (item.kind, vars(event)["law"]) == ("charge_without_basis", ("CONDUCT 13",))
    assert "amount_fen" not in vars(event)


def test_each_kind_of_clock_stands_for_one_omission() -> None:
    """A kind listed twice would mean whatever the file's order makes of it."""
    kinds = [kind for row in read_rules("omissions")["omission"].values() for kind in row["clock_kinds"]]
    assert len(kinds) == len(set(kinds))


@pytest.mark.req("O-11")
def test_each_duty_done_late_is_told_in_words_of_its_own() -> None:
    """What the list of omissions does not name is still told apart; a clock of later days has the general words."""
    rules = read_rules("omissions")
    assert set(rules["duty"]) == set(rules["omission"]["duty_late"]["clock_kinds"])
    told = [omission_title("duty_late", kind) for kind in (*rules["duty"], "a_clock_of_later_days")]
    assert all(zh and en for zh, en in told)
    assert len(set(told)) == len(rules["duty"]) + 1
    assert told[-1] == omission_title("duty_late")
    assert omission_title("not_filed", "review") == omission_title("not_filed")


def item(state: str = "open") -> InactionItem:
    """An item in a state."""
    clock = BreachedClock(
        clock_id="k", kind="decision", law="APL 60", started_on=None, due_on=DUE, organisation_id="samr", case_id="c"
    )
    opened = InactionItem.open("i", clock, DUE + timedelta(days=1))
    opened.state = state
    return opened


def change(**changed: Any) -> ChangedClock:
    """A change of the item's clock that takes the breach back."""
    given: dict[str, Any] = {
        "clock_id": "k",
        "case_id": "c",
        "change": "recomputed",
        "due_on": DUE,
        "breach_withdrawn": True,
    }
    return ChangedClock(**given | changed)


@pytest.mark.req("O-11")
@pytest.mark.parametrize(
    ("state", "take_up", "withdraw"),
    [("open", "in_hand", "withdrawn"), ("in_hand", None, "withdrawn"), ("withdrawn", None, None)],
)
def test_an_item_goes_its_way_by_the_table(state: str, take_up: str | None, withdraw: str | None) -> None:
    """None: the step is refused and nothing of the item has changed."""
    steps: dict[str, tuple[str | None, Callable[[InactionItem], Any]]] = {
        "take_up": (take_up, lambda one: one.take_up("li", DUE)),
        "withdraw": (withdraw, lambda one: one.follow(change(), DUE)),
    }
    for target, step in steps.values():
        one = item(state)
        if target is not None:
            step(one)
            assert one.state == target
            continue
        with pytest.raises(InactionStateForbids):
            step(one)
        assert (one.state, one.taken_up_by, one.withdrawn_on) == (state, None, None)


@pytest.mark.req("O-11")
@pytest.mark.parametrize(
    ("due_on", "withdrawn", "shown", "changed"),
    [
        (DUE, False, DUE, False),
        (DUE - timedelta(days=1), False, DUE - timedelta(days=1), True),
        (DUE + timedelta(days=1), False, DUE + timedelta(days=1), True),
        (None, False, DUE, False),
        (DUE, True, DUE, True),
        (DUE + timedelta(days=1), True, DUE + timedelta(days=1), True),
        (None, True, DUE, True),
    ],
)
def test_what_is_shown_follows_the_clock(due_on: date | None, withdrawn: bool, shown: date, changed: bool) -> None:  # noqa: FBT001 rows of a table
    """A clock that stands has no last day to show, so the one before stays."""
    one = item()
    assert one.follow(change(due_on=due_on, breach_withdrawn=withdrawn), DUE) is changed
    assert one.clock.due_on == shown
    assert one.state == ("withdrawn" if withdrawn else "open")
    assert one.withdrawn_because == ("recomputed" if withdrawn else None)


@pytest.mark.req("O-11")
def test_every_change_of_a_clock_has_its_reason_in_words() -> None:
    """The words of the contract, and no others."""
    schema = registry()["cn.gongzheng.cases.clock.changed.v1"].schema
    changes = set(schema["properties"]["change"]["enum"])
    assert changes == set(read_rules("inaction_states")["withdrawal"])
    assert all(all(withdrawal_reason(each)) for each in changes)
