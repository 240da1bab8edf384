"""The tables of the mechanism and of notifications."""

from peewee import Database

from gongzheng.db.connect import is_postgresql
from gongzheng.db.mechanism import create_tables

_TABLES = """
CREATE TABLE received_event (
    position {serial}, event_id text NOT NULL, type text NOT NULL, lane text NOT NULL, dataclass text NOT NULL,
    body text NOT NULL, received_at text NOT NULL
);
CREATE UNIQUE INDEX received_event_event_id ON received_event (event_id);
CREATE INDEX received_event_type ON received_event (type);
CREATE INDEX received_event_lane ON received_event (lane);
CREATE TABLE contact_point (
    id text NOT NULL PRIMARY KEY, party_id text NOT NULL, channel text NOT NULL, address text, language text NOT NULL,
    learnt_from text NOT NULL, as_of text NOT NULL, verified_at text, keep_until text, version bigint NOT NULL
);
CREATE INDEX contact_point_keep_until ON contact_point (keep_until);
CREATE UNIQUE INDEX contact_point_party_id_channel ON contact_point (party_id, channel);
CREATE TABLE case_party (case_id text NOT NULL PRIMARY KEY, party_id text NOT NULL, as_of text NOT NULL);
CREATE INDEX case_party_party_id ON case_party (party_id);
CREATE TABLE message (
    id text NOT NULL PRIMARY KEY, dedup_key text NOT NULL, cause_id text, template text NOT NULL,
    template_version integer NOT NULL, channel text NOT NULL, urgency text NOT NULL, legal_notice boolean NOT NULL,
    facts text NOT NULL, party_id text, case_id text, subscription_id text, address text, language text, "text" text,
    state text NOT NULL, attempts integer NOT NULL, attempts_in_round integer NOT NULL, due_at text, claim text,
    claimed_until text, created_at text NOT NULL, sent_at text, reason text, maybe_repeated boolean NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX message_dedup_key ON message (dedup_key);
CREATE INDEX message_party_id ON message (party_id);
CREATE INDEX message_case_id ON message (case_id);
CREATE INDEX message_channel_state_due_at ON message (channel, state, due_at);
CREATE INDEX message_state_claimed_until ON message (state, claimed_until);
CREATE TABLE message_entry (
    id {serial}, message_id text NOT NULL, at text NOT NULL, what text NOT NULL, detail text NOT NULL
);
CREATE INDEX message_entry_message_id ON message_entry (message_id);
CREATE TABLE attempt (
    id {serial}, owner text NOT NULL, number integer NOT NULL, claim text NOT NULL, started_at text NOT NULL,
    ended_at text, outcome text, code text
);
CREATE UNIQUE INDEX attempt_owner_number ON attempt (owner, number);
CREATE TABLE subscription (
    id text NOT NULL PRIMARY KEY, owner text NOT NULL, name text NOT NULL, url text NOT NULL, types text NOT NULL,
    grants text NOT NULL, secrets text NOT NULL, contact_email text, language text NOT NULL, state text NOT NULL,
    disabled_reason text, created_at text NOT NULL, failing_since text, rest_failures integer NOT NULL,
    rest_until text, version bigint NOT NULL
);
CREATE INDEX subscription_owner ON subscription (owner);
CREATE INDEX subscription_state ON subscription (state);
CREATE TABLE subscription_lane (
    subscription_id text NOT NULL, name text NOT NULL, state text NOT NULL, due_at text, claim text,
    claimed_until text, PRIMARY KEY (subscription_id, name)
);
CREATE INDEX subscription_lane_state_due_at ON subscription_lane (state, due_at);
CREATE TABLE delivery (
    id text NOT NULL PRIMARY KEY, subscription_id text NOT NULL, lane text NOT NULL, position bigint NOT NULL,
    event_id text NOT NULL, event_type text NOT NULL, created_at text NOT NULL, state text NOT NULL,
    attempts integer NOT NULL, attempts_in_round integer NOT NULL, under_way text, maybe_repeated boolean NOT NULL,
    finished_at text, reason text, version bigint NOT NULL
);
CREATE UNIQUE INDEX delivery_subscription_id_event_id ON delivery (subscription_id, event_id);
CREATE INDEX delivery_subscription_id_lane_state_position ON delivery (subscription_id, lane, state, position);
CREATE INDEX delivery_subscription_id_state_id ON delivery (subscription_id, state, id)
"""


def upgrade(database: Database) -> None:
    """Create everything."""
    create_tables(database)
    kind = ("bigserial", "") if is_postgresql(database) else ("integer", " AUTOINCREMENT")
    serial = f"{kind[0]} NOT NULL PRIMARY KEY{kind[1]}"
    for statement in _TABLES.format(serial=serial).split(";"):
        database.execute_sql(statement.strip())
