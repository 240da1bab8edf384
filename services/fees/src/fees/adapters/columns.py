"""What the tables of fees are made of: the database they are bound to, and moments as text."""

from datetime import UTC, datetime
from typing import Any

from peewee import CharField, DatabaseProxy, Model, TextField

from gongzheng.db.mechanism import iso

proxy = DatabaseProxy()


class MomentField(TextField):
    """An aware moment in UTC, kept as ISO text."""

    def db_value(self, value: datetime | None) -> str | None:
        """The moment as text."""
        return None if value is None else iso(value)

    def python_value(self, value: str | None) -> datetime | None:
        """The text as an aware moment."""
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


class Table(Model):
    """A table of this service's database."""

    class Meta:
        """Bound when the service starts."""

        database = proxy
        legacy_table_names = False


def identifier() -> Any:
    """The primary key of most tables: an id made by the service."""
    return CharField(primary_key=True)
