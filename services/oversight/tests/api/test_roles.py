"""Who may do what: every route against every role."""

from typing import Any

import pytest

from gongzheng.http.access import Public, Requires
from services.oversight.tests.house import House

INTAKE, INVESTIGATOR, LEAD = "oversight.intake", "oversight.investigator", "oversight.lead"
SUPERVISOR, AUDITOR, CUSTODIAN = "oversight.supervisor", "auditor", "oversight.custodian"
ROLES = {INTAKE, INVESTIGATOR, LEAD, SUPERVISOR, AUDITOR, CUSTODIAN, "cases.decider", "fees.accountant"}
ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
READERS = {INTAKE, INVESTIGATOR, LEAD, SUPERVISOR, AUDITOR}
RECORDS = {INVESTIGATOR, LEAD, SUPERVISOR, AUDITOR}
PLANS = {LEAD, SUPERVISOR, AUDITOR}
MAY: dict[tuple[str, str], set[str]] = {
    ("GET", "/complaints"): READERS,
    ("GET", f"/complaints/{ID}"): READERS,
    ("GET", f"/complaints/{ID}/content"): {INTAKE, INVESTIGATOR, LEAD, AUDITOR},
    ("POST", f"/complaints/{ID}/acceptance"): {INTAKE, LEAD},
    ("POST", f"/complaints/{ID}/rejection"): {INTAKE, LEAD},
    ("POST", f"/complaints/{ID}/extension"): {LEAD},
    ("POST", f"/complaints/{ID}/resolution"): {LEAD},
    ("GET", "/filings"): RECORDS,
    ("GET", f"/filings/{ID}"): RECORDS,
    ("GET", "/inaction-items"): RECORDS,
    ("GET", f"/inaction-items/{ID}"): RECORDS,
    ("POST", f"/inaction-items/{ID}/taking-up"): {INVESTIGATOR, LEAD},
    ("GET", "/conduct-items"): RECORDS,
    ("GET", f"/conduct-items/{ID}"): RECORDS,
    ("POST", "/assessment-plans"): {LEAD},
    ("GET", "/assessment-plans"): PLANS,
    ("GET", f"/assessment-plans/{ID}"): PLANS,
    ("POST", "/campaigns"): {LEAD},
    ("GET", "/campaigns"): PLANS,
    ("GET", f"/campaigns/{ID}"): PLANS,
}


def _send(client: Any, method: str, path: str) -> int:
    return int(client.send(method, path, json={} if method == "POST" else None).status)


@pytest.mark.req("X-06", "O-01")
@pytest.mark.parametrize(("method", "path"), sorted(MAY), ids=lambda part: part)
def test_each_route_opens_to_its_roles_only(house: House, method: str, path: str) -> None:
    """401 without a token, 403 with another role; whoever may gets further."""
    assert _send(house.client.anonymous(), method, path) == 401
    for role in sorted(ROLES):
        status = _send(house.user(role), method, path)
        if role in MAY[method, path]:
            assert status not in (401, 403), role
        else:
            assert status == 403, role


def _shape(rule: str) -> str:
    return "/".join(ID if "<" in part else part for part in rule.removeprefix("/api/v1").split("/"))


@pytest.mark.req("X-06")
def test_the_table_above_knows_every_route_that_needs_a_role(house: House) -> None:
    """A new route is not forgotten here."""
    operations = house.service.app.extensions["gongzheng"].operations.values()
    known = {
        (op.method, _shape(op.rule))
        for op in operations
        if isinstance(op.access, Requires) and op.rule.startswith("/api/v1") and "/events" not in op.rule
    }
    assert known == set(MAY)


@pytest.mark.req("O-01")
def test_no_route_gives_a_reporters_identity(house: House) -> None:
    """Disclosure is not offered yet, to anybody."""
    document = str(house.client.get("/openapi.json").expect(200)["paths"])
    assert "identity" not in document
    assert "disclos" not in document


@pytest.mark.req("X-06")
@pytest.mark.parametrize("other", ["cases.decider", "cases.intake", "fees.accountant"])
def test_oversight_holds_no_office_in_what_it_oversees(house: House, other: str) -> None:
    """A token with both is refused at the door, with the article."""
    problem = house.user("oversight.lead", other).get("/complaints").expect(403, "role-pair-forbidden")
    assert problem["law"]


def test_public_routes_are_throttled(house: House) -> None:
    """Whatever changes something or asks for a secret has a limit."""
    operations = house.service.app.extensions["gongzheng"].operations.values()
    posts = [op for op in operations if isinstance(op.access, Public) and op.method == "POST"]
    assert {op.rule for op in posts} == {
        "/api/v1/public/complaints",
        "/api/v1/public/complaints/lookup",
        "/report",
        "/follow",
    }
    assert all(isinstance(op.access, Public) and op.access.throttle for op in posts)
