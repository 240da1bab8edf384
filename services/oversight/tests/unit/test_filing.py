"""Which decisions are major (SUPERVISION 9)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from oversight.domain.errors import FilingThresholdMissing
from oversight.domain.events import FilingRecorded
from oversight.domain.filing import Filing, ServedDecision, Thresholds

DECISION = ServedDecision(
    decision_id="d",
    case_id="c",
    document_number="甬市监罚〔2026〕12号",
    outcome="penalty",
    organisation_id="samr",
    region_code="330200",
    party_kind="organisation",
    fine_fen=0,
    confiscation_fen=0,
    served_on=date(2026, 11, 23),
)
PROVINCE: dict[str, Any] = {
    "title_zh": "某省重大行政处罚备案规定",
    "title_en": "a province's own rule",
    "person_fine_fen": 500_000,
    "person_confiscation_fen": 600_000,
    "organisation_fine_fen": 5_000_000,
    "organisation_confiscation_fen": 6_000_000,
    "fine_law": "SUPERVISION 9",
    "confiscation_law": "SUPERVISION 9(2)",
    "sanction_kinds": ["suspend_business"],
    "sanction_law": "SUPERVISION 9(3)",
}


@pytest.mark.req("O-05")
@pytest.mark.parametrize(
    ("party", "fine_fen", "confiscation_fen", "law"),
    [
        ("person", 999_999, 0, None),
        ("person", 1_000_000, 0, "SAMR-HEARING 5"),
        ("person", 0, 999_999, None),
        ("person", 0, 1_000_000, "SAMR-HEARING 5"),
        ("organisation", 9_999_999, 0, None),
        ("organisation", 10_000_000, 0, "SAMR-HEARING 5"),
        ("organisation", 0, 9_999_999, None),
        ("organisation", 0, 10_000_000, "SAMR-HEARING 5"),
        ("organisation", 5_000_000, 5_000_000, None),
    ],
)
def test_the_default_criterion_is_that_of_the_hearing_rule(
    party: str, fine_fen: int, confiscation_fen: int, law: str | None
) -> None:
    """¥10,000 for a person and ¥100,000 for an organisation, that sum included; fine and confiscation apart."""
    decision = replace(DECISION, party_kind=party, fine_fen=fine_fen, confiscation_fen=confiscation_fen)
    assert Thresholds().reached_by(decision) == law


@pytest.mark.req("O-05")
@pytest.mark.parametrize(
    ("kinds", "region", "law"),
    [
        (("warning", "fine"), "440100", None),
        (("suspend_business",), "440100", "SAMR-HEARING 5"),
        (("fine", "revoke_licence"), "440100", "SAMR-HEARING 5"),
        (("suspend_business",), "330200", "SUPERVISION 9(3)"),
        (("revoke_licence",), "330200", None),
    ],
)
def test_some_sanctions_are_major_whatever_the_sum(kinds: tuple[str, ...], region: str, law: str | None) -> None:
    """Stopping a business or taking its licence weighs more than any fine."""
    thresholds = Thresholds({"province": {"33": PROVINCE}})
    assert thresholds.reached_by(replace(DECISION, sanction_kinds=kinds, region_code=region)) == law


@pytest.mark.req("O-05")
@pytest.mark.parametrize("outcome", ["no_penalty", "dismissed", "transferred"])
def test_only_penalties_are_filed(outcome: str) -> None:
    """Other outcomes carry no sum to measure."""
    assert Thresholds().reached_by(replace(DECISION, outcome=outcome, fine_fen=10**9)) is None


@pytest.mark.req("O-05")
@pytest.mark.parametrize(("region", "fine_fen", "law"), [("330200", 5_000_000, "SUPERVISION 9"),
                          ("330200", 4_999_999, None), ("440100", 5_000_000, None)])  # fmt: skip
def test_a_province_has_its_own_sums(region: str, fine_fen: int, law: str | None) -> None:
    """By the first two digits of the region; the others keep the default."""
    thresholds = Thresholds({"province": {"33": PROVINCE}})
    assert thresholds.reached_by(replace(DECISION, region_code=region, fine_fen=fine_fen)) == law


@pytest.mark.req("O-05")
@pytest.mark.parametrize("missing", sorted(PROVINCE))
def test_a_province_without_a_sum_or_citation_is_refused(missing: str) -> None:
    """No number is invented for it, and the service does not start."""
    row = {name: value for name, value in PROVINCE.items() if name != missing}
    with pytest.raises(FilingThresholdMissing) as refusal:
        Thresholds({"province": {"33": row}})
    assert refusal.value.errors == {"province.33": [missing]}


@pytest.mark.parametrize("wrong", [0, -1, "10000", 1.5, True])
def test_a_sum_is_a_positive_whole_number_of_fen(wrong: object) -> None:
    """Text, fractions and zero would file everything or nothing."""
    with pytest.raises(FilingThresholdMissing):
        Thresholds({"province": {"33": PROVINCE | {"person_fine_fen": wrong}}})


@pytest.mark.req("O-05")
def test_a_filing_says_by_which_text_the_decision_is_major() -> None:
    """The citation is on the event."""
    filing = Filing.record("f", DECISION, "SAMR-HEARING 5", date(2026, 11, 24))
    (event,) = filing.events
    assert isinstance(event, FilingRecorded)
    assert (event.threshold_law, event.decision_id) == ("SAMR-HEARING 5", "d")
