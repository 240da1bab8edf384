"""The tables of the mechanism and those of complaints, filings, items and plans."""

from peewee import Database

from gongzheng.db.mechanism import create_tables

# Written out and frozen: later changes of the models come as later migrations.
_STATEMENTS = """
CREATE TABLE complaint (
    id text NOT NULL PRIMARY KEY, kind text NOT NULL, anonymous boolean NOT NULL, received_at text NOT NULL,
    received_on date NOT NULL, language text NOT NULL, state text NOT NULL, version integer NOT NULL,
    accused_organisation_id text, organisation_id text, matter_id text, case_id text, outcome text
);
CREATE INDEX complaint_state ON complaint (state);
CREATE INDEX complaint_case_id ON complaint (case_id);
CREATE TABLE complaint_clock (
    id text NOT NULL PRIMARY KEY, complaint_id text NOT NULL, kind text NOT NULL, length integer NOT NULL,
    unit text NOT NULL, extension_days integer NOT NULL, law text NOT NULL, started_on date NOT NULL,
    due_on date NOT NULL, provisional boolean NOT NULL, why_zh text NOT NULL, why_en text NOT NULL,
    state text NOT NULL, met_on date
);
CREATE INDEX complaint_clock_complaint_id ON complaint_clock (complaint_id);
CREATE INDEX complaint_clock_state_due_on ON complaint_clock (state, due_on);
CREATE TABLE complaint_step (
    complaint_id text NOT NULL, position integer NOT NULL, step text NOT NULL, "on" date NOT NULL, note text NOT NULL,
    PRIMARY KEY (complaint_id, position)
);
CREATE TABLE sealed_part (
    complaint_id text NOT NULL, part text NOT NULL, key_id text NOT NULL, wrapped_key text NOT NULL,
    ciphertext text NOT NULL, PRIMARY KEY (complaint_id, part)
);
CREATE INDEX sealed_part_key_id ON sealed_part (key_id);
CREATE TABLE tracking (complaint_id text NOT NULL PRIMARY KEY, prefix text NOT NULL, hash text NOT NULL);
CREATE INDEX tracking_prefix ON tracking (prefix);
CREATE TABLE case_known (
    case_id text NOT NULL PRIMARY KEY, complaint_id text, organisation_id text NOT NULL, organisation_name_zh text,
    organisation_name_en text, region_code text, case_number text, matter_id text
);
CREATE TABLE filing (
    id text NOT NULL PRIMARY KEY, decision_id text NOT NULL, case_id text NOT NULL, document_number text NOT NULL,
    outcome text NOT NULL, organisation_id text NOT NULL, region_code text NOT NULL, party_kind text NOT NULL,
    fine_fen bigint NOT NULL, confiscation_fen bigint NOT NULL, served_on date NOT NULL,
    sanction_kinds text NOT NULL, threshold_law text NOT NULL, recorded_on date NOT NULL, state text NOT NULL,
    version integer NOT NULL
);
CREATE UNIQUE INDEX filing_decision_id ON filing (decision_id);
CREATE INDEX filing_case_id ON filing (case_id);
CREATE INDEX filing_organisation_id ON filing (organisation_id);
CREATE TABLE inaction_item (
    id text NOT NULL PRIMARY KEY, clock_id text NOT NULL, kind text NOT NULL, omission text NOT NULL, law text NOT NULL,
    started_on date, due_on date NOT NULL, organisation_id text NOT NULL, case_id text, complaint_id text,
    matter_id text, opened_on date NOT NULL, state text NOT NULL, version integer NOT NULL
);
CREATE UNIQUE INDEX inaction_item_clock_id ON inaction_item (clock_id);
CREATE INDEX inaction_item_organisation_id ON inaction_item (organisation_id);
CREATE INDEX inaction_item_case_id ON inaction_item (case_id);
CREATE TABLE conduct_item (
    id text NOT NULL PRIMARY KEY, kind text NOT NULL, charge_id text NOT NULL, agent_id text NOT NULL,
    obligation_id text, case_id text, organisation_id text, description_code text NOT NULL, amount_fen bigint NOT NULL,
    law text NOT NULL, occurred_on date NOT NULL, opened_on date NOT NULL, state text NOT NULL, version integer NOT NULL
);
CREATE UNIQUE INDEX conduct_item_charge_id ON conduct_item (charge_id);
CREATE INDEX conduct_item_organisation_id ON conduct_item (organisation_id);
CREATE TABLE plan (
    id text NOT NULL PRIMARY KEY, kind text NOT NULL, title_zh text NOT NULL, title_en text NOT NULL,
    text text NOT NULL, starts_on date NOT NULL, ends_on date NOT NULL, metrics text NOT NULL, author text NOT NULL,
    entered_on date NOT NULL, state text NOT NULL, version integer NOT NULL
);
CREATE INDEX plan_kind ON plan (kind)
"""


def upgrade(database: Database) -> None:
    """Create everything the foundation needs."""
    create_tables(database)
    for statement in _STATEMENTS.split(";"):
        database.execute_sql(statement.strip())
