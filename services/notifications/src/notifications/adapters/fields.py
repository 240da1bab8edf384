"""Column types: moments as the mechanism keeps them, and JSON as text; alike on both databases."""

import json
from datetime import datetime
from typing import Any

from peewee import TextField

from gongzheng.db.mechanism import iso


class MomentField(TextField):
    """An aware UTC moment as ISO 8601 text with microseconds: both databases sort and compare it alike."""

    def db_value(self, value: Any) -> Any:
        """To the database."""
        return iso(value) if isinstance(value, datetime) else value

    def python_value(self, value: Any) -> Any:
        """From the database."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class JsonField(TextField):
    """A small JSON value as text; it is never searched."""

    def db_value(self, value: Any) -> Any:
        """To the database."""
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def python_value(self, value: Any) -> Any:
        """From the database."""
        return None if value is None else json.loads(value)
