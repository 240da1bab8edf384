"""The database keeps the books, whoever writes to it: tried with plain SQL on both databases."""

from typing import Any

import pytest
from peewee import DatabaseError

APPEND_ONLY = (
    "ledger_transaction", "ledger_posting", "payment_notice", "payment", "opening_balance", "decision_claim",
)  # fmt: skip


@pytest.fixture
def books(any_house: Any, make: Any) -> Any:
    """Books with a debt, a part payment, an overpayment on another, and an imported case."""
    any_house.load()
    bank = any_house.bank()
    bank.pay(any_house.owe()["payment_code"], 400_000)
    bank.pay(any_house.owe()["payment_code"], 1_400_000)
    any_house.hear(any_house.event("case.imported", make.imported()))
    return any_house


def refused(house: Any, sql: str, *values: Any) -> bool:
    """Whether the database refuses to commit a statement."""
    try:
        with house.service.database.atomic():
            house.service.mechanism.execute(sql, values)
    except DatabaseError:
        return True
    return False


@pytest.mark.req("F-05")
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_written_is_neither_altered_nor_removed(books: Any, table: str) -> None:
    """UPDATE and DELETE fail on every table of record, and on PostgreSQL so does TRUNCATE."""
    column = "decision_id" if table == "decision_claim" else "currency"
    before = books.count(table)
    assert before > 0
    assert refused(books, f"UPDATE {table} SET {column} = {column}")  # noqa: S608 names of ours
    assert refused(books, f"DELETE FROM {table}")  # noqa: S608 names of ours
    if books.service.mechanism.postgresql:
        assert refused(books, f"TRUNCATE {table} CASCADE")
    assert books.count(table) == before


@pytest.mark.req("F-01")
@pytest.mark.parametrize(
    "change", ["fine_fen = fine_fen + 1", "confiscation_fen = 1", "currency = 'USD'", "due_on = '2030-01-01'",
               "payment_code = '1'", "decision_id = NULL", "surcharge_rate_bp = 1"],
)  # fmt: skip
def test_what_was_decided_cannot_be_changed_even_with_sql(books: Any, change: str) -> None:
    """The terms of a debt are frozen in the database itself."""
    assert refused(books, f"UPDATE obligation SET {change} WHERE origin = 'decision'")  # noqa: S608 changes of ours


@pytest.mark.req("F-01")
def test_a_debt_cannot_be_removed(books: Any) -> None:
    """Nor can what was held, receipts and their segments."""
    for table in ("obligation", "deposit", "receipt", "receipt_segment"):
        assert refused(books, f"DELETE FROM {table}")  # noqa: S608 names of ours


@pytest.mark.req("F-01")
def test_a_debt_without_the_event_that_causes_it_cannot_be_written(books: Any) -> None:
    """An obligation names the event in the inbox from which it arose, and the event has the right type."""
    columns = (
        "case_id, document_number, decided_on, party_id, party_name, origin, currency, fine_fen, confiscation_fen,"
        " imported_fen, due_on, surcharge_rate_bp, surcharge_fen, paid_fine_fen, paid_confiscation_fen,"
        " paid_imported_fen, paid_surcharge_fen, state, version"
    )
    copied = (
        f"INSERT INTO obligation (id, cause_event_id, decision_id, payment_code, {columns})"  # noqa: S608 columns of ours
        f" SELECT 'x', ?, 'another', '1', {columns} FROM obligation WHERE origin = 'decision' AND state = 'open'"
    )
    read = "SELECT event_id FROM inbox WHERE type = 'cn.gongzheng.cases.case.imported.v1'"
    imported = books.service.mechanism.execute(read).fetchone()[0]
    assert refused(books, copied, "no such event")
    assert refused(books, copied, imported)
    heard = "INSERT INTO inbox VALUES ('e', 'lane', 1, 'cn.gongzheng.cases.decision.served.v1', '')"
    books.service.mechanism.execute(heard)
    assert not refused(books, copied, "e"), "the statement itself is sound: with its event it would be written"


@pytest.mark.req("F-05")
def test_an_unbalanced_transaction_cannot_be_committed(books: Any) -> None:
    """One line, two lines that differ, and two currencies that only together make nothing."""
    for lines in ([("CNY", 5)], [("CNY", 5), ("CNY", -4)], [("CNY", 5), ("USD", -5)], []):
        assert _written(books, lines) is False
    assert _written(books, [("CNY", 5), ("CNY", -5)]) is True


@pytest.mark.req("F-05")
def test_nothing_can_be_added_to_a_closed_transaction(books: Any) -> None:
    """Not even a pair that balances."""
    transaction = books.service.mechanism.execute("SELECT id FROM ledger_transaction").fetchone()[0]
    insert = "INSERT INTO ledger_posting (transaction_id, line, fact, account, currency, amount_fen)"
    row = "(?, ?, 'deposit.held', 'bank.collecting', 'CNY', ?)"
    assert refused(books, f"{insert} VALUES {row}, {row}", transaction, 90, 5, transaction, 91, -5)


@pytest.mark.req("F-05")
def test_a_posting_without_its_transaction_cannot_be_committed(books: Any) -> None:
    """Lines that belong to nothing would be money from nowhere."""
    insert = "INSERT INTO ledger_posting (transaction_id, line, fact, account, currency, amount_fen)"
    assert refused(books, f"{insert} VALUES ('ghost', 1, 'deposit.held', 'bank.collecting', 'CNY', 5)")


def _written(house: Any, lines: list[tuple[str, int]]) -> bool:
    mechanism, name = house.service.mechanism, f"t{len(lines)}{sum(abs(a) for _, a in lines)}"
    try:
        with house.service.database.atomic():
            for number, (currency, amount) in enumerate(lines, 1):
                mechanism.execute(
                    "INSERT INTO ledger_posting (transaction_id, line, fact, account, currency, amount_fen)"
                    " VALUES (?, ?, 'deposit.held', 'bank.collecting', ?, ?)",
                    (name, number, currency, amount),
                )
            mechanism.execute(
                "INSERT INTO ledger_transaction (id, kind, occurred_on, currency, recorded_at)"
                " VALUES (?, 'forged', '2026-11-23', 'CNY', '')",
                (name,),
            )
    except DatabaseError:
        return False
    return True


@pytest.mark.req("F-05")
def test_verification_finds_what_somebody_wrote_past_the_service(books: Any) -> None:
    """A balanced transaction of nobody's: the database lets it in, the verification tells of it three ways."""
    assert books.verify().faults == []
    assert _written(books, [("CNY", 7), ("CNY", -7)])
    faults = books.verify().faults
    assert any("not what the posting rules make" in fault for fault in faults)


@pytest.mark.req("F-05")
def test_verification_finds_a_debt_whose_figures_were_touched(books: Any) -> None:
    """What was paid is kept beside the books, and the two are held against each other."""
    books.service.mechanism.execute("UPDATE obligation SET paid_fine_fen = paid_fine_fen - 1 WHERE state = 'open'"
                                    " AND origin = 'decision'")  # fmt: skip
    faults = books.verify().faults
    assert any("receivable.fine" in fault for fault in faults)
    assert any("notices make other figures" in fault for fault in faults)
