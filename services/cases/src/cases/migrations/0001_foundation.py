"""The mechanism's tables, the registers, and the cases with what the law forbids to change protected by triggers."""

from peewee import Database

from gongzheng.db.connect import is_postgresql
from gongzheng.db.mechanism import create_tables

_TABLES = """
CREATE TABLE organisation (id text PRIMARY KEY, region_code text NOT NULL, body text NOT NULL);
CREATE TABLE officer (
    id text PRIMARY KEY, subject text NOT NULL, organisation_id text NOT NULL, body text NOT NULL
);
CREATE INDEX officer_subject ON officer (subject);
CREATE INDEX officer_organisation_id ON officer (organisation_id);
CREATE TABLE legal_basis (
    id text NOT NULL, in_force_from text NOT NULL, in_force_to text, body text NOT NULL,
    PRIMARY KEY (id, in_force_from)
);
CREATE TABLE matter (
    id text NOT NULL, in_force_from text NOT NULL, in_force_to text, field text NOT NULL, basis_id text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (id, in_force_from)
);
CREATE TABLE case_record (
    id text PRIMARY KEY, version integer NOT NULL, organisation_id text NOT NULL, state text NOT NULL,
    source text NOT NULL, case_number text UNIQUE, matter_id text, complaint_id text UNIQUE, party_id text,
    party_name text, received_on text NOT NULL, document_number text, body text NOT NULL, updated_at text NOT NULL
);
CREATE INDEX case_record_by_organisation ON case_record (organisation_id, id);
CREATE INDEX case_record_by_state ON case_record (organisation_id, state, id);
CREATE INDEX case_record_by_state_alone ON case_record (state, id);
CREATE TABLE evidence (
    id text PRIMARY KEY, case_id text NOT NULL REFERENCES case_record (id), position integer NOT NULL,
    sha256 text NOT NULL, body text NOT NULL, excluded_on text, excluded_by text, exclusion_reason text,
    UNIQUE (case_id, position)
);
CREATE INDEX evidence_sha256 ON evidence (sha256);
CREATE TABLE timeline (
    case_id text NOT NULL REFERENCES case_record (id), position integer NOT NULL, act text NOT NULL,
    done_on text NOT NULL, recorded_at text NOT NULL, actor_subject text NOT NULL, actor_name text NOT NULL,
    state text NOT NULL, officer_ids text NOT NULL,
    PRIMARY KEY (case_id, position)
);
CREATE TABLE clock (
    id text PRIMARY KEY, case_id text NOT NULL REFERENCES case_record (id), position integer NOT NULL,
    kind text NOT NULL, nature text NOT NULL, law text NOT NULL, unit text NOT NULL, length integer NOT NULL,
    started_on text NOT NULL, due_on text NOT NULL, provisional boolean NOT NULL, why_zh text NOT NULL,
    why_en text NOT NULL, ended_on text, warned_on text, breached_on text,
    UNIQUE (case_id, position)
);
CREATE INDEX clock_to_warn ON clock (due_on) WHERE nature = 'duty' AND ended_on IS NULL AND warned_on IS NULL;
CREATE INDEX clock_to_breach ON clock (due_on) WHERE nature = 'duty' AND ended_on IS NULL AND breached_on IS NULL;
CREATE TABLE document (
    id text PRIMARY KEY, case_id text NOT NULL REFERENCES case_record (id), kind text NOT NULL, number text NOT NULL,
    issued_on text NOT NULL, title text NOT NULL, sha256 text NOT NULL, data text NOT NULL
);
CREATE INDEX document_case_id ON document (case_id);
CREATE TABLE number_sequence (
    organisation_id text NOT NULL, word text NOT NULL, year integer NOT NULL, last bigint NOT NULL,
    PRIMARY KEY (organisation_id, word, year)
)
"""

# What must never change: whole rows of timeline and document, and evidence apart from its exclusion (APL 46, 47).
_PROTECTED = {
    "timeline": ("UPDATE", "DELETE"),
    "document": ("UPDATE", "DELETE"),
    "evidence": ("UPDATE OF id, case_id, position, sha256, body", "DELETE"),
}


def upgrade(database: Database) -> None:
    """Create everything."""
    create_tables(database)
    for statement in _TABLES.split(";"):
        database.execute_sql(statement.strip())
    protect = _protect_postgresql if is_postgresql(database) else _protect_sqlite
    for table, events in _PROTECTED.items():
        for number, event in enumerate(events):
            protect(database, table, number, event)


def _protect_sqlite(database: Database, table: str, number: int, event: str) -> None:
    database.execute_sql(
        f"CREATE TRIGGER {table}_stays_{number} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _protect_postgresql(database: Database, table: str, number: int, event: str) -> None:
    database.execute_sql(
        f"CREATE OR REPLACE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    database.execute_sql(
        f"CREATE TRIGGER {table}_stays_{number} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_stays()"
    )
