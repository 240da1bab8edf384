"""The register of old cases taken over from other systems; what was taken over is never changed."""

from peewee import Database

from gongzheng.db.connect import is_postgresql

_TABLE = """
CREATE TABLE imported_case (
    id text PRIMARY KEY, source text NOT NULL, reference text NOT NULL, import_id text NOT NULL,
    party_key text NOT NULL, matter_title text NOT NULL, currency text NOT NULL, decided_fen bigint NOT NULL,
    surcharge_fen bigint NOT NULL, interest_fen bigint NOT NULL, waived_fen bigint NOT NULL, paid_fen bigint NOT NULL,
    balance_fen bigint NOT NULL, happened_on text, title_on text, outcome text, flags text NOT NULL,
    fingerprint text NOT NULL,
    UNIQUE (source, reference),
    CHECK (balance_fen = decided_fen + surcharge_fen + interest_fen - waived_fen - paid_fen)
)
"""


def upgrade(database: Database) -> None:
    """Create the register and keep its rows from being changed or removed."""
    database.execute_sql(_TABLE.strip())
    database.execute_sql("CREATE INDEX imported_case_party ON imported_case (source, party_key)")
    for event in ("UPDATE", "DELETE"):
        if is_postgresql(database):
            body = "BEGIN RAISE EXCEPTION 'imported_case is append-only'; END"
            database.execute_sql(
                f"CREATE OR REPLACE FUNCTION imported_case_stays() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
            )
            database.execute_sql(
                f"CREATE TRIGGER imported_case_stays_{event.lower()} BEFORE {event} ON imported_case"
                " FOR EACH ROW EXECUTE FUNCTION imported_case_stays()"
            )
        else:
            database.execute_sql(
                f"CREATE TRIGGER imported_case_stays_{event.lower()} BEFORE {event} ON imported_case"
                " BEGIN SELECT RAISE(ABORT, 'imported_case is append-only'); END"
            )
