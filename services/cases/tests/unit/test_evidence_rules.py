"""What evidence may stand on, when it closes, and what a report needs of it."""

from datetime import date
from typing import Any

import pytest

from cases.domain import errors
from gongzheng.ids import new_id
from services.cases.tests.support.world import (
    Walk,
)
from services.cases.tests.unit.test_substance import refusal


@pytest.mark.req("C-12")
@pytest.mark.parametrize("last", ["decide", "serve", "settle", "close", "archive"])
@pytest.mark.parametrize("step", ["evidence", "exclude"])
def test_the_evidence_is_closed_with_the_decision(last: str, step: str) -> None:
    """APL 46(2), conduct code 10: nothing is added and nothing taken away."""
    from cases.domain.acts import ExcludeEvidence  # noqa: PLC0415 an act that is no step of the walk

    walk = Walk().to(last)
    if step == "evidence":
        error = refusal(walk, "evidence", on=date(2026, 10, 28))
    else:
        piece = walk.case.evidence[0].evidence_id
        act = ExcludeEvidence(evidence_id=piece, reason="违法取得", done_on=date(2026, 10, 28))
        with pytest.raises(errors.EvidenceClosed) as caught:
            walk.perform(act, walk.act("evidence", date(2026, 10, 28))[1])
        error = caught.value
    assert (error.code, error.status) == ("evidence-closed", 409)
    assert {"APL 46(2)", "CONDUCT 10"} <= set(error.law)


@pytest.mark.req("C-12")
@pytest.mark.parametrize(
    "category", ["health", "reproductive", "vaccination", "religion", "biometrics", "whereabouts", "something-new"]
)
def test_sensitive_categories_do_not_enter(category: str) -> None:
    """PIPL 28; what the list does not know does not enter either."""
    error = refusal(Walk().to("assign"), "evidence", category=category)
    assert (error.code, error.law) == ("sensitive-category-refused", ("PIPL 28", "PIPL 34"))


@pytest.mark.req("C-12")
@pytest.mark.parametrize("category", ["ordinary", "personal", "business_secret"])
def test_other_categories_enter(category: str) -> None:
    """They are recorded with the evidence."""
    walk = Walk().to("assign").take("evidence", category=category)
    assert walk.case.evidence[0].category == category


SEEN = date(2026, 9, 14)
REVIEWED: dict[str, Any] = {
    "surveillance": True,
    "device_number": "YH-017",
    "device_reviewed_on": SEEN,
    "location_published_on": SEEN,
    "record_reviewed_on": SEEN,
}


@pytest.mark.req("C-12")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("device_number", " "),
        ("device_reviewed_on", None),
        ("device_reviewed_on", date(2026, 9, 15)),
        ("location_published_on", None),
        ("location_published_on", date(2026, 9, 15)),
        ("record_reviewed_on", None),
        ("record_reviewed_on", date(2026, 9, 13)),
        ("record_reviewed_on", date(2026, 11, 21)),
    ],
)
def test_surveillance_counts_when_device_place_and_recording_were_reviewed(name: str, value: Any) -> None:
    """APL 41: the day of the recording is in time for the device, the day after is not; the reverse for the review."""
    walk = Walk().to("assign")
    error = refusal(walk, "evidence", **{**REVIEWED, name: value})
    assert (error.code, set(error.errors)) == ("device-not-reviewed", {name})
    walk.take("evidence", **REVIEWED)


@pytest.mark.req("C-12")
def test_excluded_evidence_stays_on_the_file_and_carries_nothing() -> None:
    """A report cannot rest on it, and a decision cannot rest on a report that does."""
    from cases.domain.acts import ExcludeEvidence  # noqa: PLC0415 an act that is no step of the walk

    walk = Walk().to("heard")
    piece = walk.case.evidence[0].evidence_id
    act = ExcludeEvidence(evidence_id=piece, reason="以利诱方式取得", done_on=date(2026, 9, 23))
    walk.perform(act, walk.act("evidence", date(2026, 9, 23))[1])
    assert walk.case.evidence[0].exclusion_reason == "以利诱方式取得"
    assert refusal(walk, "decide").code == "evidence-not-sufficient"
    with pytest.raises(errors.ActOutOfOrder):
        walk.perform(act, walk.act("evidence", date(2026, 9, 23))[1])


@pytest.mark.req("C-12")
@pytest.mark.parametrize("evidence_ids", [(), (new_id(),)])
def test_a_report_names_evidence_that_is_there(evidence_ids: tuple[str, ...]) -> None:
    """Facts without evidence are none (APL 40)."""
    error = refusal(Walk().to("evidence"), "investigated", evidence_ids=evidence_ids)
    assert error.code == "evidence-not-sufficient"


@pytest.mark.req("C-14")
def test_an_interview_shows_credentials_and_is_signed_or_its_refusal_noted() -> None:
    """APL 55."""
    walk = Walk().to("evidence")
    assert refusal(walk, "interview", credentials_shown=False).law == ("APL 55(1)",)
    assert refusal(walk, "interview", read_and_signed=False).law == ("APL 55(2)",)
    walk.take("interview", read_and_signed=False, refusal_note="拒绝签名，见证人在场")
