"""The migration makes exactly the tables that the models describe, on both databases."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peewee import Database

from gongzheng.db.connect import is_postgresql, open_database
from gongzheng.db.mechanism import TABLE_NAMES
from gongzheng.db.migrate import available, migrate
from oversight.adapters import tables

# SQLite keeps all whole numbers alike; what is told apart there is only a name.
_ONE_IN_SQLITE = {"bigint": "integer", "smallint": "integer", "boolean": "integer"}


def _type(database: Database, name: str) -> str:
    plain = name.lower().partition("(")[0]
    return plain if is_postgresql(database) else _ONE_IN_SQLITE.get(plain, plain)


def _shape(database: Database) -> dict[str, Any]:
    names = [
        name
        for name in database.get_tables()
        if name not in TABLE_NAMES and name not in ("migration", "sqlite_sequence")
    ]
    shape: dict[str, Any] = {}
    for name in names:
        columns = {(c.name, _type(database, c.data_type), c.null, c.primary_key) for c in database.get_columns(name)}
        indexes = {(tuple(i.columns), bool(i.unique)) for i in database.get_indexes(name)}
        shape[name] = (columns, indexes)
    return shape


@pytest.fixture(params=["sqlite", "postgresql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Addresses of empty databases of one kind."""
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path}/{name}.db"
    server = request.getfixturevalue("postgres_server")
    return lambda _: str(server.url(server.create_database()))


@pytest.mark.req("X-09")
def test_the_migrated_database_is_the_one_that_the_models_describe(addresses: Callable[[str], str]) -> None:
    """Columns, types, nulls, keys and indexes."""
    migrated, modelled = (open_database(addresses(name)) for name in ("migrated", "modelled"))
    try:
        assert migrate(migrated, "oversight.migrations") == available("oversight.migrations")
        assert migrate(migrated, "oversight.migrations") == []
        modelled.connect()
        with modelled.bind_ctx(tables.MODELS):
            modelled.create_tables(tables.MODELS)
        assert _shape(migrated) == _shape(modelled)
    finally:
        for database in (migrated, modelled):
            database.close()
            getattr(database, "close_all", lambda: None)()
