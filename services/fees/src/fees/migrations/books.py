"""What the database itself keeps, whoever writes to it: the books balance, and what was written stays.

Both databases know the same rules in their own words. Postings are written first and their transaction after them
(the reference is deferred to the commit): the transaction row closes them, so its trigger sees them all.

This belongs to migration 0001 and stays as it is; what changes later comes with a migration of its own.
"""

from collections.abc import Iterator

from peewee import Database

from gongzheng.db.connect import is_postgresql

# Tables whose rows are never altered or removed.
_APPEND_ONLY = (
    "ledger_transaction", "ledger_posting", "payment_notice", "payment", "refused_charge", "opening_balance",
    "decision_claim", "receipt_printing",
)  # fmt: skip
# Columns that never change once written, in tables of which other columns do; rows are not removed either.
_FROZEN = {
    "obligation": (
        "case_id", "cause_event_id", "decision_id", "document_number", "decided_on", "party_id", "origin", "currency",
        "fine_fen", "confiscation_fen", "imported_fen", "due_on", "surcharge_rate_bp", "payment_code",
    ),
    "deposit": ("notice_id", "currency", "amount_fen", "taken_back_fen", "obligation_id"),
    "receipt": ("payment_id", "segment_id", "code", "number", "check_code", "currency", "amount_fen", "issued_on"),
    "receipt_segment": ("code", "first", "last"),
}  # fmt: skip

_NAMED_BY_ID = ("ledger_transaction", "payment_notice", "payment", "refused_charge", *_FROZEN)

_POSTGRESQL = """
CREATE FUNCTION fees_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%: what is written stays', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
;;
CREATE FUNCTION fees_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE entry text; unit text; total numeric; lines integer; foreign_lines integer;
BEGIN
    IF TG_TABLE_NAME = 'ledger_posting' THEN
        entry := NEW.transaction_id;
        SELECT currency INTO unit FROM ledger_transaction WHERE id = entry;
    ELSE
        entry := NEW.id;
        unit := NEW.currency;
    END IF;
    SELECT coalesce(sum(amount_fen), 0), count(*), count(*) FILTER (WHERE currency IS DISTINCT FROM unit)
        INTO total, lines, foreign_lines FROM ledger_posting WHERE transaction_id = entry;
    IF total <> 0 OR lines < 2 OR foreign_lines > 0 THEN
        RAISE EXCEPTION 'ledger transaction % is not balanced', entry USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
;;
CREATE CONSTRAINT TRIGGER ledger_transaction_balanced AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fees_balanced()
;;
CREATE FUNCTION fees_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.transaction_id) THEN
        RAISE EXCEPTION 'ledger transaction % is closed', NEW.transaction_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
;;
CREATE TRIGGER ledger_posting_closed BEFORE INSERT ON ledger_posting
    FOR EACH ROW EXECUTE FUNCTION fees_closed()
;;
CREATE CONSTRAINT TRIGGER ledger_posting_balanced AFTER INSERT ON ledger_posting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fees_balanced()
;;
CREATE FUNCTION fees_caused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM inbox WHERE event_id = NEW.cause_event_id AND type = CASE NEW.origin
            WHEN 'decision' THEN 'cn.gongzheng.cases.decision.served.v1'
            ELSE 'cn.gongzheng.cases.case.imported.v1' END) THEN
        RAISE EXCEPTION 'an obligation needs the event that causes it'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$
;;
CREATE CONSTRAINT TRIGGER obligation_caused AFTER INSERT ON obligation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fees_caused()
"""

_SQLITE = """
CREATE TRIGGER ledger_transaction_balanced BEFORE INSERT ON ledger_transaction
WHEN (SELECT coalesce(sum(amount_fen), 0) <> 0 OR count(*) < 2 OR count(*) <> sum(currency = NEW.currency)
      FROM ledger_posting WHERE transaction_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'ledger transaction is not balanced'); END
;;
CREATE TRIGGER ledger_posting_closed BEFORE INSERT ON ledger_posting
WHEN EXISTS (SELECT 1 FROM ledger_transaction WHERE id = NEW.transaction_id)
     OR EXISTS (SELECT 1 FROM ledger_posting WHERE id = NEW.id)
     OR EXISTS (SELECT 1 FROM ledger_posting WHERE transaction_id = NEW.transaction_id AND line = NEW.line)
BEGIN SELECT RAISE(ABORT, 'ledger transaction is closed'); END
;;
CREATE TRIGGER obligation_caused BEFORE INSERT ON obligation
WHEN NOT EXISTS (SELECT 1 FROM inbox WHERE event_id = NEW.cause_event_id AND type = CASE NEW.origin
        WHEN 'decision' THEN 'cn.gongzheng.cases.decision.served.v1'
        ELSE 'cn.gongzheng.cases.case.imported.v1' END)
BEGIN SELECT RAISE(ABORT, 'an obligation needs the event that causes it'); END
"""


def protect(database: Database) -> None:
    """Create the triggers."""
    postgresql = is_postgresql(database)
    statements = [s.strip() for s in (_POSTGRESQL if postgresql else _SQLITE).split(";;")]
    for statement in [*statements, *(_postgresql_refusals() if postgresql else _sqlite_refusals())]:
        # The driver reads a single percent sign as a parameter.
        database.execute_sql(statement.replace("%", "%%") if postgresql else statement)


def _postgresql_refusals() -> Iterator[str]:
    for table in _APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION fees_refuse()"
        )
    for table, columns in _FROZEN.items():
        changed = (
            f"({', '.join(f'OLD.{c}' for c in columns)}) IS DISTINCT FROM ({', '.join(f'NEW.{c}' for c in columns)})"
        )
        yield (
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed})"
            " EXECUTE FUNCTION fees_refuse()"
        )
        yield f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION fees_refuse()"
    for table in (*_APPEND_ONLY, *_FROZEN):
        yield (
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION fees_refuse()"
        )


def _sqlite_refusals() -> Iterator[str]:
    stays = "BEGIN SELECT RAISE(ABORT, 'what is written stays'); END"
    for table in _NAMED_BY_ID:
        # INSERT OR REPLACE would remove the old row without asking the DELETE trigger.
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 a constant of ours
        yield f"CREATE TRIGGER {table}_once BEFORE INSERT ON {table} WHEN {taken} {stays}"
    for table in _APPEND_ONLY:
        yield f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {stays}"
        yield f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {stays}"
    for table, columns in _FROZEN.items():
        changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in columns)
        yield f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} WHEN {changed} {stays}"
        yield f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {stays}"
