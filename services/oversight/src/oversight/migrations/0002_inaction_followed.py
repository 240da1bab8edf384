"""Inaction items can be taken up and withdrawn; a clock missed again after that opens another item."""

from peewee import Database

_STATEMENTS = (
    "ALTER TABLE inaction_item ADD COLUMN taken_up_by text",
    "ALTER TABLE inaction_item ADD COLUMN taken_up_on date",
    "ALTER TABLE inaction_item ADD COLUMN withdrawn_on date",
    "ALTER TABLE inaction_item ADD COLUMN withdrawn_because text",
    "DROP INDEX inaction_item_clock_id",
    "CREATE UNIQUE INDEX inaction_item_clock_id ON inaction_item (clock_id) WHERE state <> 'withdrawn'",
)


def upgrade(database: Database) -> None:
    """Add the columns and let a clock have withdrawn items beside the one that stands."""
    for statement in _STATEMENTS:
        database.execute_sql(statement)
