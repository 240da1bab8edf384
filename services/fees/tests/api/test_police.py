"""The service policed: nobody can create or change what is owed, and every route says who may call it."""

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fees.adapters.tables import MODELS
from fees.worker.consumer import BINDINGS, HANDLERS
from gongzheng.contracts import registry
from gongzheng.http.access import access_of
from gongzheng.ids import new_id
from gongzheng.messaging.topology import FOLLOWS

ROLES = ("fees.accountant", "fees.reconciler", "fees.refund_approver", "fees.treasury", "auditor")
# What a person who wanted to be the judge of a debt would send.
GREEDY = {
    "fine_fen": 1, "principal_fen": 1, "amount_fen": 1, "outstanding_fen": 0, "state": "settled", "origin": "decision",
    "decision_id": "01K9ZT3V7Q8RXB0M2N4P6S8T0A", "case_id": "01K9ZT3V7Q8RXB0M2N4P6S8T0B", "reason": "favour",
    "currency": "CNY", "due_on": "2030-01-01", "payment_code": "30000000000000000047",
}  # fmt: skip
DEBTS = (
    "SELECT id, fine_fen, confiscation_fen, imported_fen, surcharge_fen, due_on, currency, payment_code, state"
    " FROM obligation ORDER BY id"
)


def changing_routes(app: Any) -> list[tuple[str, str]]:
    """Every (method, rule) of the application that is not only read."""
    found = itertools.chain.from_iterable(
        ((method, rule.rule) for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}))
        for rule in app.url_map.iter_rules()
    )
    return sorted(found)


@pytest.mark.req("F-01")
def test_no_route_and_no_role_creates_a_debt_or_changes_what_is_owed(house: Any) -> None:
    """Every route of the map, every method, every role, with bodies that ask for it: the debts stay as they were."""
    house.load()
    debt = house.owe()
    before = house.service.mechanism.execute(DEBTS).fetchall()
    segments = ("obligation_id", "agent_id", "key_id", "number", "path", "filename", "event_id")
    tried = 0
    for rule in house.service.app.url_map.iter_rules():
        path = rule.rule
        for name in segments:
            for kind in ("ulid:", "string:", "path:", "int:", ""):
                path = path.replace(f"<{kind}{name}>", debt["obligation_id"])
        for method, role in itertools.product(("POST", "PUT", "PATCH", "DELETE"), ROLES):
            for body in (GREEDY, {"items": [GREEDY]}, {}):
                answer = house.user(role).send(method, path, json=body, if_match=1, idempotency_key=new_id())
                assert answer.status >= 400 or path.endswith("/keys"), f"{method} {path} as {role}: {answer.status}"
                tried += 1
    assert tried > 1000
    assert house.service.mechanism.execute(DEBTS).fetchall() == before
    assert house.count("ledger_transaction") == 1


@pytest.mark.req("F-01")
def test_the_routes_that_change_anything_are_these_and_no_others(house: Any) -> None:
    """A new one must be looked at with APL 67 in hand before it is added here."""
    assert changing_routes(house.service.app) == [
        ("POST", "/api/v1/collecting-agents"),
        ("POST", "/api/v1/collecting-agents/<ulid:agent_id>/keys"),
        ("POST", "/api/v1/collecting-agents/<ulid:agent_id>/keys/<ulid:key_id>/revocation"),
        ("POST", "/api/v1/payment-notices"),
        ("POST", "/api/v1/public/obligations/lookup"),
        ("POST", "/api/v1/public/receipts/pdf"),
        ("POST", "/api/v1/public/receipts/verification"),
        ("POST", "/api/v1/receipt-segments"),
        ("POST", "/api/v1/receipts/<string:number>/voiding"),
        ("POST", "/owed"),
    ]


@pytest.mark.req("X-06")
def test_every_route_says_who_may_call_it(house: Any) -> None:
    """The frame refuses to start otherwise; this keeps it so."""
    app = house.service.app
    for rule in app.url_map.iter_rules():
        assert access_of(app.view_functions[rule.endpoint]) or rule.endpoint.endswith("static"), rule.rule


@pytest.mark.req("F-01")
@pytest.mark.parametrize("deciding", ["cases.decider", "cases.investigator"])
@pytest.mark.parametrize("collecting", ["fees.accountant", "fees.reconciler"])
def test_who_decides_may_not_collect(house: Any, deciding: str, collecting: str) -> None:
    """APL 67: a token with both kinds of role is refused at the door."""
    problem = house.user(deciding, collecting).get("/obligations").expect(403, "role-pair-forbidden")
    assert problem["law"][0]["ref"].startswith("APL 67")


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("auditor", "/obligations", 200), ("fees.accountant", "/obligations", 200),
        ("cases.clerk", "/obligations", 403),
        ("fees.reconciler", "/deposits", 200), ("oversight.intake", "/deposits", 403),
        ("auditor", "/ledger/entries", 200), ("auditor", "/parity", 200), ("fees.collecting_agent", "/payments", 403),
    ],
)  # fmt: skip
def test_each_role_reads_what_it_may(house: Any, role: str, path: str, status: int) -> None:
    """And nobody else does."""
    house.user(role).get(path).expect(status)


def test_nobody_reads_without_a_token(house: Any) -> None:
    """401, not an empty list."""
    for path in ("/obligations", "/payments", "/deposits", "/ledger/accounts", "/parity", "/import-balances"):
        house.client.anonymous().get(path).expect(401)


def test_the_auditor_changes_nothing(house: Any) -> None:
    """Reads everything, loads no numbers, registers no bank."""
    given = {"region": "32", "category": "05", "kind": "01", "year": "26", "first": 1, "last": 2}
    house.auditor.post("/receipt-segments", given).expect(403, "forbidden")
    house.auditor.post("/collecting-agents", {}).expect(403, "forbidden")


def test_the_models_and_the_migrated_database_have_the_same_columns(any_house: Any) -> None:
    """A column that one of them lacks would show at the worst moment."""
    database = any_house.service.database
    for model in MODELS:
        table = model._meta.table_name
        kept = {column.name: column.null for column in database.get_columns(table)}
        meant = {field.column_name: field.null for field in model._meta.sorted_fields}
        if any_house.service.mechanism.postgresql:
            assert kept == meant, table
        else:
            assert set(kept) == set(meant), table


@pytest.mark.req("X-03")
def test_every_contract_of_fees_is_published_by_an_event_class(house: Any) -> None:
    """And the reverse; each example fits its own contract."""
    assert sorted(house.service.mechanism.event_types.values()) == registry().types("fees")
    for type_ in registry().types("fees"):
        registry().check(type_, registry().example(type_))


def test_what_is_handled_is_followed(house: Any) -> None:
    """The bindings are those of the topology, and the handlers are of streams that are bound."""
    assert tuple(house.service.bindings) == FOLLOWS["fees"] == BINDINGS
    for type_ in HANDLERS:
        assert (type_.split(".")[2], registry().stream(type_)) in BINDINGS


def test_the_package_declares_its_command_and_its_service() -> None:
    """``gongzheng fees`` and ``gongzheng worker fees`` find it."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["gongzheng.services"]["fees"] == "fees.bootstrap:bootstrap_from_env"
    assert project["entry-points"]["gongzheng.commands"]["fees"] == "fees.cli:fees"
