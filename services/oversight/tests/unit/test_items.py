"""Items that open by themselves."""

from datetime import date

import pytest

from oversight.domain.items import BreachedClock, ConductItem, InactionItem, RefusedCharge, omission_of, omission_title
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
