"""Which acts have been punished, across organisations: no second fine for the same act (APL 29)."""

from peewee import Database

_STATEMENTS = (
    """CREATE TABLE punished_act (
    case_id text PRIMARY KEY REFERENCES case_record (id), party_id text NOT NULL, id_digest text NOT NULL,
    organisation_id text NOT NULL, matter_id text NOT NULL, conduct_on text NOT NULL, conduct_until text NOT NULL,
    decided_on text NOT NULL, document_number text NOT NULL, fine_fen bigint NOT NULL
)""",
    "CREATE INDEX punished_act_party ON punished_act (party_id)",
    "CREATE INDEX punished_act_id ON punished_act (id_digest) WHERE id_digest <> ''",
)


def upgrade(database: Database) -> None:
    """Create the table; nothing is there yet, because no release has decided a case."""
    for statement in _STATEMENTS:
        database.execute_sql(statement)
