"""What a reader may see: confidential events and fields need a grant with a purpose."""

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications.adapters.data_files import load_policy
from notifications.domain.redaction import ConfidentialField, Grant, show

pytestmark = pytest.mark.req("N-05")

RULES = load_policy().confidential
TYPE = "cn.gongzheng.cases.decision.served.v1"
DATA: dict[str, Any] = {
    "case_id": "C1",
    "fine_fen": 1,
    "party": {"party_id": "P1", "name": "张三", "kind": "person", "email": "z@example.cn"},
}


def grant(types: str, *fields: str) -> Grant:
    """A grant of these fields."""
    return Grant(
        types=types, fields=fields, purpose="dossier", granted_by="op", granted_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def seen(*grants: Grant, data: dict[str, Any] = DATA, dataclass_: str = "internal") -> Any:
    """What a reader with these grants sees."""
    return show(TYPE, dataclass_, data, rules=RULES, grants=grants)


def test_a_persons_name_and_address_are_taken_out_and_named_as_taken_out() -> None:
    """The reader knows that there was something."""
    shown = seen()
    assert shown.data["party"] == {"party_id": "P1", "kind": "person"}
    assert shown.removed == ("party.email", "party.name")


def test_the_event_itself_is_not_changed() -> None:
    """Redaction copies."""
    seen()
    assert DATA["party"]["email"] == "z@example.cn"


def test_an_organisations_name_is_no_secret_but_its_address_is() -> None:
    """Names of organisations are public."""
    shown = seen(data=DATA | {"party": DATA["party"] | {"kind": "organisation"}})
    assert shown.data["party"]["name"] == "张三"
    assert shown.removed == ("party.email",)


@pytest.mark.parametrize(
    ("given", "left"),
    [
        (grant("cn.gongzheng.cases.*", "party.email"), ("party.name",)),
        (grant("*", "*"), ()),
        (grant("cn.gongzheng.fees.*", "*"), ("party.email", "party.name")),
    ],
)
def test_a_grant_opens_its_fields_of_its_events(given: Grant, left: tuple[str, ...]) -> None:
    """And no others."""
    assert seen(given).removed == left


def test_a_confidential_event_is_closed_as_a_whole() -> None:
    """A grant of single fields does not open it; one of the whole event does."""
    assert seen(dataclass_="confidential") is None
    assert seen(grant("*", "party.email"), dataclass_="confidential") is None
    assert seen(grant(TYPE, "*"), dataclass_="confidential").data == DATA


def test_public_and_internal_events_without_secrets_pass_untouched() -> None:
    """Nothing is removed where there is nothing to remove."""
    shown = seen(data={"case_id": "C1"}, dataclass_="public")
    assert (shown.data, shown.removed) == ({"case_id": "C1"}, ())


def test_a_rule_for_one_type_leaves_the_others_alone() -> None:
    """A property that one contract marks confidential."""
    rules = (ConfidentialField(path="case_id", types="cn.gongzheng.fees.*"),)
    shown = show(TYPE, "internal", DATA, rules=rules, grants=())
    assert shown is not None
    assert shown.removed == ()
