"""The repository of this service polices itself: migrations, contracts, routes, layers' small print."""

import re
from pathlib import Path
from typing import Any

import pytest
from peewee import SqliteDatabase

import notifications
from gongzheng.contracts import registry
from gongzheng.db.connect import open_database
from gongzheng.db.migrate import available, migrate
from gongzheng.http.app import openapi_document
from gongzheng.messaging.topology import STREAMS
from notifications.adapters import tables
from notifications.bootstrap import EVENT_TYPES, MIGRATIONS
from notifications.domain.events import Event
from notifications.worker.consumer import BINDINGS

SOURCE = Path(notifications.__file__).parent


def shape(database: Any, table: str) -> Any:
    """Columns with type, nullability and key, and indexes with their columns."""
    # SQLite has one kind of number for all of them, whatever a migration calls it.
    kinds = {"bigint": "integer", "boolean": "integer"} if isinstance(database, SqliteDatabase) else {}
    found = [(c.name, c.data_type.lower(), c.null, c.primary_key) for c in database.get_columns(table)]
    columns = sorted((name, kinds.get(kind, kind), null, key) for name, kind, null, key in found)
    indexes = sorted((tuple(i.columns), i.unique) for i in database.get_indexes(table))
    return columns, indexes


@pytest.mark.req("X-09")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_make_exactly_the_tables_that_the_code_reads(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Type, null, key and index of every column, on both databases."""
    url = f"sqlite:///{tmp_path}/m.db" if kind == "sqlite" else request.getfixturevalue("postgres_database")
    database = open_database(url)
    try:
        migrate(database, MIGRATIONS)
        migrated = {model._meta.table_name: shape(database, model._meta.table_name) for model in tables.MODELS}
        with database.bind_ctx(tables.MODELS):
            database.drop_tables(tables.MODELS)
            database.create_tables(tables.MODELS)
            made = {name: shape(database, name) for name in migrated}
    finally:
        database.close()
        getattr(database, "close_all", lambda: None)()
    assert migrated == made


@pytest.mark.req("X-09")
def test_migrations_are_numbered_and_head_names_the_last() -> None:
    """Two that were written side by side collide in HEAD."""
    assert available(MIGRATIONS)[-1] == (SOURCE / "migrations" / "HEAD").read_text().strip()


@pytest.mark.req("X-03")
def test_every_event_has_a_type_a_contract_and_an_example_that_fits() -> None:
    """And each of our contracts is published by some class, or stands for a channel that is still to come."""
    assert set(EVENT_TYPES) == set(Event.__args__)
    contracts = registry().types("notifications")
    assert set(EVENT_TYPES.values()) <= set(contracts)
    assert set(contracts) - set(EVENT_TYPES.values()) == {"cn.gongzheng.notifications.message.delivered.v1"}
    for type_ in contracts:
        registry().check(type_, registry().example(type_))
        assert registry().stream(type_) in STREAMS["notifications"]


def test_no_contract_of_ours_carries_an_address_or_a_text() -> None:
    """What is published goes to whoever subscribes."""
    for type_ in registry().types("notifications"):
        assert not {"email", "address", "subject", "body", "phone"} & set(registry()[type_].schema["properties"])


@pytest.mark.req("X-02")
def test_the_consumer_follows_every_stream_of_every_service() -> None:
    """Its own too."""
    assert set(BINDINGS) == {(service, stream) for service, streams in STREAMS.items() for stream in streams}


@pytest.mark.req("X-04")
def test_every_route_says_who_may_call_it_and_none_is_public(house: Any) -> None:
    """Nothing here is for the public; health, documentation and the public keys belong to the frame."""
    document = openapi_document(house.service.app)
    own = {path: methods for path, methods in document["paths"].items() if not path.startswith("/.well-known/")}
    assert own
    for path, methods in own.items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and "responses" in operation:
                assert operation["security"] == [{"accessToken": []}], f"{method} {path}"
                assert operation["x-roles"], f"{method} {path}"


def test_files_are_short_and_every_module_says_what_it_is() -> None:
    """A newcomer finds the room from the name."""
    for file in SOURCE.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 300, file
        assert not text.strip() or text.lstrip().startswith('"""'), file


def test_log_events_are_static_names() -> None:
    """snake_case, so that they can be counted; facts stand beside them."""
    for file in SOURCE.rglob("*.py"):
        for call in re.findall(r"_log\.\w+\(([^,)]*)", file.read_text(encoding="utf-8")):
            assert re.fullmatch(r'"[a-z_]+"', call), f"{file}: {call}"


def test_the_settings_are_named_in_the_readme() -> None:
    """Every variable that this service adds to the common ones."""
    from dataclasses import fields  # noqa: PLC0415 only here

    from gongzheng.settings import ServiceSettings  # noqa: PLC0415 only here
    from notifications.settings import NotificationsSettings  # noqa: PLC0415 only here

    readme = (SOURCE.parents[1] / "README.md").read_text(encoding="utf-8")
    own = {f.name for f in fields(NotificationsSettings)} - {f.name for f in fields(ServiceSettings)}
    for name in own:
        assert f"NOTIFICATIONS_{name.upper()}" in readme, name
