"""The tables of the mechanism and of fees, and the rules that the database itself keeps."""

from peewee import Database

from fees.migrations.books import protect
from gongzheng.db.connect import is_postgresql
from gongzheng.db.mechanism import create_tables

_TABLES = """
CREATE TABLE obligation (
    id text PRIMARY KEY, case_id text NOT NULL, cause_event_id text NOT NULL, decision_id text UNIQUE,
    document_number text, decided_on date, organisation_id text, organisation_name_zh text, organisation_name_en text,
    region_code text, matter_title_zh text, matter_title_en text, party_id text NOT NULL, party_name text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('decision', 'import')),
    currency text NOT NULL,
    fine_fen bigint NOT NULL CHECK (fine_fen >= 0),
    confiscation_fen bigint NOT NULL CHECK (confiscation_fen >= 0),
    imported_fen bigint NOT NULL CHECK (imported_fen >= 0),
    due_on date, surcharge_rate_bp integer, payment_code text NOT NULL UNIQUE,
    surcharge_fen bigint NOT NULL CHECK (surcharge_fen >= 0 AND surcharge_fen <= fine_fen),
    paid_fine_fen bigint NOT NULL CHECK (paid_fine_fen >= 0 AND paid_fine_fen <= fine_fen),
    paid_confiscation_fen bigint NOT NULL
        CHECK (paid_confiscation_fen >= 0 AND paid_confiscation_fen <= confiscation_fen),
    paid_imported_fen bigint NOT NULL CHECK (paid_imported_fen >= 0 AND paid_imported_fen <= imported_fen),
    paid_surcharge_fen bigint NOT NULL CHECK (paid_surcharge_fen >= 0 AND paid_surcharge_fen <= surcharge_fen),
    state text NOT NULL CHECK (state IN ('open', 'settled')),
    accrued_through date, overdue_on date, capped_on date, settled_on date, version integer NOT NULL,
    CHECK ((origin = 'decision') = (decision_id IS NOT NULL))
);
CREATE UNIQUE INDEX obligation_import ON obligation (case_id) WHERE origin = 'import';
CREATE INDEX obligation_case ON obligation (case_id);
CREATE INDEX obligation_document ON obligation (document_number) WHERE document_number IS NOT NULL;
CREATE INDEX obligation_due ON obligation (due_on) WHERE state = 'open';
CREATE TABLE decision_claim (
    decision_id text PRIMARY KEY, case_id text NOT NULL, event_id text NOT NULL,
    fine_fen bigint NOT NULL, confiscation_fen bigint NOT NULL
);
CREATE TABLE opening_balance (
    obligation_id text PRIMARY KEY REFERENCES obligation (id), import_id text NOT NULL, source_reference text NOT NULL,
    currency text NOT NULL, decided_fen bigint NOT NULL, surcharge_fen bigint NOT NULL, interest_fen bigint NOT NULL,
    waived_fen bigint NOT NULL, paid_fen bigint NOT NULL,
    UNIQUE (import_id, source_reference)
);
CREATE TABLE collecting_agent (
    id text PRIMARY KEY, name_zh text NOT NULL, name_en text NOT NULL, agreement_reference text NOT NULL UNIQUE,
    agreement_from date NOT NULL, agreement_until date, version integer NOT NULL
);
CREATE TABLE agent_key (
    id text PRIMARY KEY, agent_id text NOT NULL REFERENCES collecting_agent (id), algorithm text NOT NULL,
    material {blob} NOT NULL, added_at text NOT NULL, revoked_at text
);
CREATE TABLE payment_notice (
    id text PRIMARY KEY, agent_id text NOT NULL REFERENCES collecting_agent (id), bank_reference text NOT NULL,
    payment_code text NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0), currency text NOT NULL,
    paid_at text NOT NULL, paid_on date NOT NULL, payer_account text, obligation_id text REFERENCES obligation (id),
    received_at text NOT NULL,
    UNIQUE (agent_id, bank_reference)
);
CREATE INDEX payment_notice_obligation ON payment_notice (obligation_id) WHERE obligation_id IS NOT NULL;
CREATE TABLE payment (
    id text PRIMARY KEY, notice_id text NOT NULL UNIQUE REFERENCES payment_notice (id),
    obligation_id text NOT NULL REFERENCES obligation (id), agent_id text NOT NULL, currency text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0), principal_fen bigint NOT NULL, surcharge_fen bigint NOT NULL,
    remaining_fen bigint NOT NULL, paid_at text NOT NULL, paid_on date NOT NULL
);
CREATE INDEX payment_obligation ON payment (obligation_id);
CREATE TABLE deposit (
    id text PRIMARY KEY, notice_id text NOT NULL UNIQUE REFERENCES payment_notice (id), agent_id text NOT NULL,
    currency text NOT NULL, amount_fen bigint NOT NULL CHECK (amount_fen > 0), reason text NOT NULL,
    obligation_id text REFERENCES obligation (id), taken_back_fen bigint NOT NULL, paid_at text NOT NULL,
    held_at text NOT NULL, state text NOT NULL
);
CREATE TABLE refused_charge (
    id text PRIMARY KEY, agent_id text NOT NULL REFERENCES collecting_agent (id), bank_reference text NOT NULL,
    obligation_id text, description_code text NOT NULL, amount_fen bigint NOT NULL, currency text NOT NULL,
    refused_at text NOT NULL,
    UNIQUE (agent_id, bank_reference, description_code)
);
CREATE TABLE receipt_segment (
    id text PRIMARY KEY, code text NOT NULL, first bigint NOT NULL, last bigint NOT NULL, next bigint NOT NULL,
    loaded_on date NOT NULL,
    CHECK (first > 0 AND first <= last AND next >= first AND next <= last + 1)
);
CREATE INDEX receipt_segment_open ON receipt_segment (code, first) WHERE next <= last;
CREATE TABLE receipt (
    id text PRIMARY KEY, payment_id text NOT NULL REFERENCES payment (id),
    obligation_id text NOT NULL REFERENCES obligation (id), segment_id text NOT NULL REFERENCES receipt_segment (id),
    code text NOT NULL, number text NOT NULL, check_code text NOT NULL, currency text NOT NULL,
    amount_fen bigint NOT NULL, issued_on date NOT NULL, state text NOT NULL CHECK (state IN ('live', 'void')),
    void_reason text, voided_on date, version integer NOT NULL,
    UNIQUE (code, number)
);
CREATE UNIQUE INDEX receipt_one_live ON receipt (payment_id) WHERE state = 'live';
CREATE INDEX receipt_number ON receipt (number);
CREATE TABLE receipt_waiting (
    id {serial}, payment_id text NOT NULL UNIQUE REFERENCES payment (id)
);
CREATE TABLE receipt_printing (
    id {serial}, receipt_id text NOT NULL REFERENCES receipt (id), printed_at text NOT NULL
);
CREATE INDEX receipt_printing_receipt ON receipt_printing (receipt_id);
CREATE TABLE ledger_transaction (
    id text PRIMARY KEY, kind text NOT NULL, occurred_on date NOT NULL, currency text NOT NULL, obligation_id text,
    payment_id text, deposit_id text, cause_event_id text, recorded_at text NOT NULL
);
CREATE INDEX ledger_transaction_obligation ON ledger_transaction (obligation_id);
CREATE TABLE ledger_posting (
    id {serial},
    transaction_id text NOT NULL REFERENCES ledger_transaction (id) DEFERRABLE INITIALLY DEFERRED,
    line integer NOT NULL, fact text NOT NULL, account text NOT NULL, currency text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    UNIQUE (transaction_id, line)
);
CREATE INDEX ledger_posting_account ON ledger_posting (account, currency)
"""


def upgrade(database: Database) -> None:
    """Create everything."""
    create_tables(database)
    postgresql = is_postgresql(database)
    serial = "bigserial PRIMARY KEY" if postgresql else "integer PRIMARY KEY AUTOINCREMENT"
    for statement in _TABLES.format(serial=serial, blob="bytea" if postgresql else "blob").split(";"):
        database.execute_sql(statement.strip())
    protect(database)
