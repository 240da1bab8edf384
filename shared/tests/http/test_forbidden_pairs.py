"""A token that joins roles which the law keeps apart is refused by every service, with the citation."""

import pytest

from gongzheng.http.pairs import RolePairForbidden, forbidden_pairs, refuse_forbidden_pairs
from gongzheng.legaltime.citation import check
from gongzheng.testing import ApiClient

pytestmark = pytest.mark.req("X-06")

TABLE = [
    ("cases.decider", "fees.accountant", "APL 67"),
    ("cases.investigator", "fees.accountant", "APL 67"),
    ("cases.reviewer", "fees.reconciler", "APL 67"),
    ("cases.hearing_chair", "fees.refund_approver", "APL 67"),
    ("cases.decider", "fees.collecting_agent", "DECREE-235"),
    ("oversight.supervisor", "cases.investigator", "SUPERVISION 11"),
    ("oversight.intake", "cases.registrar", "APL 75"),
    ("oversight.custodian", "fees.accountant", "SUPERVISION 11"),
]


@pytest.mark.parametrize(("one", "other", "law"), TABLE)
def test_the_pair_is_refused_with_its_law(client: ApiClient, one: str, other: str, law: str) -> None:
    """Whatever else the token carries, and whichever route is asked for."""
    caller = client.as_user("user-1", one, other, "sample.maker")
    body = caller.get("/things").expect(403, "role-pair-forbidden")
    assert law in [entry["ref"] for entry in body["law"]]
    assert one in body["detail"]
    assert other in body["detail"]


@pytest.mark.parametrize(
    "roles",
    [
        {"cases.investigator", "cases.decider"},
        {"cases.registrar", "cases.clerk", "fees.accountant"},
        {"fees.accountant", "fees.reconciler"},
        {"oversight.lead", "oversight.intake"},
        {"auditor"},
        {"notifications.author", "notifications.operator"},
        set(),
    ],
    ids=str,
)
def test_roles_that_one_person_may_hold_pass(roles: set[str]) -> None:
    """Investigator and decider are kept apart per case, which no token can show."""
    refuse_forbidden_pairs(frozenset(roles))


def test_every_pair_cites_acts_that_are_known_and_says_why_in_both_languages() -> None:
    """The table cannot grow an entry without its law."""
    for pair in forbidden_pairs():
        assert pair.law
        assert pair.why_zh
        assert pair.why_en
        for reference in pair.law:
            check(reference)


def test_the_order_of_roles_does_not_matter() -> None:
    """A set has none."""
    with pytest.raises(RolePairForbidden):
        refuse_forbidden_pairs(frozenset({"fees.accountant", "cases.decider"}))
