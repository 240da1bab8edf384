"""Clocks can be extended and stand still, belong to one of several things, and know their calendar."""

from peewee import Database

_STATEMENTS = (
    "ALTER TABLE clock ADD COLUMN extensions text NOT NULL DEFAULT '[]'",
    "ALTER TABLE clock ADD COLUMN pauses text NOT NULL DEFAULT '[]'",
    "ALTER TABLE clock ADD COLUMN paused boolean NOT NULL DEFAULT false",
    "ALTER TABLE clock ADD COLUMN calendar text NOT NULL DEFAULT ''",
    "ALTER TABLE clock ADD COLUMN about text NOT NULL DEFAULT ''",
    # What waits for a calendar is rare; only that is in the index.
    "CREATE INDEX clock_to_recompute ON clock (calendar) WHERE provisional AND ended_on IS NULL",
)


def upgrade(database: Database) -> None:
    """Add the columns; clocks that run already are counted anew once, because their calendar is not known."""
    for statement in _STATEMENTS:
        database.execute_sql(statement)
