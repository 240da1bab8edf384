"""A small service with one of everything that the frame offers, on either database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from marshmallow import fields
from peewee import Database

from gongzheng.clock import FixedClock
from gongzheng.contracts.registry import Registry, load_contract
from gongzheng.db.connect import open_database
from gongzheng.db.mechanism import Mechanism, create_tables
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.errors import Conflict, NotFound, PreconditionFailed
from gongzheng.http import (
    Blueprint,
    Fen,
    HttpSettings,
    JsonPart,
    LegalDate,
    PageSchema,
    Query,
    Schema,
    Text,
    Timestamp,
    UlidField,
    Upload,
    create_app,
    current_actor,
    idempotent,
    if_match,
    page_args,
    page_of,
    public,
    refuses,
    requires,
    unit_of_work,
    with_etag,
)
from gongzheng.ids import new_id
from gongzheng.testing import ApiClient, api_client, token_settings

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00 in Shanghai
MADE = "cn.gongzheng.sample.thing.made.v1"
SCHEMA = """{
  "title": "made", "x-stream": "thing", "x-dataclass": "internal", "type": "object",
  "properties": {"thing_id": {"type": "string"}}, "required": ["thing_id"], "additionalProperties": false,
  "examples": [{"thing_id": "a"}]
}"""


@dataclass(frozen=True, kw_only=True)
class ThingMade:
    """A thing was made."""

    thing_id: str


class SampleError(Exception):
    """Root of the sample's refusals; has the attributes of a refusal and no tie to the mechanism."""

    code = "sample-refused"
    status = 422
    title_zh = "不予办理"
    title_en = "Refused"
    law: ClassVar[tuple[str, ...]] = ()

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors: dict[str, list[str]] = {}


class ThingSealed(SampleError):
    """Nothing is changed after it was sealed."""

    code, status, title_zh, title_en, law = "thing-sealed", 409, "已封存", "The thing is sealed", ("APL 47",)


class ThingIn(Schema):
    """What makes a thing."""

    name = Text(20, required=True)
    amount_fen = Fen(required=True)
    made_on = LegalDate()


class ThingOut(Schema):
    """A thing."""

    id = UlidField(required=True)
    name = Text(20, required=True)
    amount_fen = Fen(required=True)
    made_on = LegalDate(allow_none=True)
    version = fields.Integer(required=True)


class ThingPage(PageSchema):
    """A page of things."""

    items = fields.List(fields.Nested(ThingOut), required=True)


class ThingFilter(Query):
    """Which things."""

    name = Text(20)


class Renaming(Schema):
    """A new name."""

    name = Text(20, required=True)
    occurred_at = Timestamp()


class PaperData(Schema):
    """What is said about a paper."""

    kind = fields.String(required=True, metadata={"enum": ["letter", "photo"]})


class PaperForm(Schema):
    """The data beside a paper."""

    metadata = JsonPart(PaperData, required=True)


class PaperFiles(Schema):
    """The paper itself."""

    file = Upload(required=True)


class PaperOut(Schema):
    """A paper taken in."""

    sha256 = fields.String(required=True)
    kind = fields.String(required=True)
    by = fields.String(required=True)


class Lookup(Schema):
    """A code to look for."""

    code = Text(40, required=True)


class Report(Schema):
    """A report by anybody."""

    text = Text(200, required=True)


class ReportOut(Schema):
    """A code shown once."""

    tracking_code = fields.String(required=True)


def _row(thing_id: str) -> dict[str, Any]:
    mechanism = unit_of_work().mechanism
    mechanism.ensure_connected()
    sql = "SELECT id, name, amount_fen, version FROM thing WHERE id = ?"
    row = mechanism.execute(sql, (thing_id,)).fetchone()
    if row is None:
        raise NotFound("There is no such thing.")
    return dict(zip(("id", "name", "amount_fen", "version"), row, strict=True)) | {"made_on": None}


def sample_blueprint() -> Blueprint:  # noqa: C901, PLR0915 one of everything is many
    """One route of each kind."""
    things = Blueprint("things", __name__, description="Things")

    @things.route("/things", methods=["POST"])
    @requires("sample.maker")
    @idempotent
    @things.arguments(ThingIn)
    @things.response(201, ThingOut)
    def make(data: dict[str, Any]) -> Any:
        """Make a thing."""
        with unit_of_work() as uow:
            thing_id = new_id()
            sql = "INSERT INTO thing (id, name, amount_fen, version) VALUES (?, ?, ?, 1)"
            uow.mechanism.execute(sql, (thing_id, data["name"], data["amount_fen"]))
            uow.emit(thing_id, ThingMade(thing_id=thing_id))
            uow.audit("thing.make", f"thing/{thing_id}")
            if data["name"] == "sealed":
                raise ThingSealed("A sealed thing cannot be made.")
            with_etag(1)
            return _row(thing_id)

    @things.route("/things", methods=["GET"])
    @requires("sample.maker", "auditor")
    @things.arguments(ThingFilter, location="query")
    @things.response(200, ThingPage)
    def read_all(wanted: dict[str, Any]) -> Any:
        """List things."""
        page = page_args()
        uow = unit_of_work()
        uow.mechanism.ensure_connected()
        sql = "SELECT id FROM thing WHERE id > ? AND (? = '' OR name = ?) ORDER BY id LIMIT ?"
        name = wanted.get("name", "")
        rows = uow.mechanism.execute(sql, (str(page.after or ""), name, name, page.limit + 1)).fetchall()
        return page_of([_row(row[0]) for row in rows], page.limit, lambda thing: str(thing["id"]))

    @things.route("/things/<ulid:thing_id>", methods=["GET"])
    @requires("sample.maker", "auditor")
    @things.response(200, ThingOut)
    def read(thing_id: str) -> Any:
        """Read a thing."""
        thing = _row(thing_id)
        with_etag(thing["version"])
        return thing

    @things.route("/things/<ulid:thing_id>/renaming", methods=["POST"])
    @requires("sample.maker")
    @refuses(ThingSealed)
    @things.arguments(Renaming)
    @things.response(200, ThingOut)
    def rename(data: dict[str, Any], thing_id: str) -> Any:
        """Give a thing another name."""
        expected = if_match()
        with unit_of_work() as uow:
            thing = _row(thing_id)
            if thing["version"] != expected:
                raise PreconditionFailed
            if thing["name"] == "closed":
                raise ThingSealed("It was closed before.")
            sql = "UPDATE thing SET name = ?, version = version + 1 WHERE id = ? AND version = ?"
            if uow.mechanism.execute(sql, (data["name"], thing_id, expected)).rowcount != 1:
                raise Conflict
        with_etag(expected + 1)
        return _row(thing_id)

    @things.route("/things/<ulid:thing_id>/papers", methods=["POST"])
    @requires("sample.maker")
    @idempotent
    @things.arguments(PaperForm, location="form")
    @things.arguments(PaperFiles, location="files")
    @things.response(201, PaperOut)
    def add_paper(form: dict[str, Any], files: dict[str, Any], thing_id: str) -> Any:
        """Add a paper to a thing."""
        _row(thing_id)
        content = files["file"].stream.read()
        kind = form["metadata"]["kind"]
        return {"sha256": sha256(content).hexdigest(), "kind": kind, "by": current_actor().subject}

    @things.route("/public/lookup", methods=["POST"])
    @public(throttle="lookup", limit=5, per_s=60)
    @things.arguments(Lookup)
    @things.response(200, Lookup)
    def look_up(data: dict[str, Any]) -> Any:
        """Look for a code."""
        if data["code"] != "known":
            raise NotFound
        return data

    @things.route("/public/reports", methods=["POST"])
    @public(throttle="reports", limit=1000, per_s=60)
    @idempotent
    @things.arguments(Report)
    @things.response(201, ReportOut)
    def report(data: dict[str, Any]) -> Any:
        """Report something."""
        return {"tracking_code": f"secret-of-{data['text']}"}

    @things.route("/failing", methods=["GET"])
    @requires()
    @things.response(200)
    def fail() -> Any:
        """Fail, as software does."""
        raise RuntimeError("password=hunter2 of row 7")

    return things


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of either kind."""
    sqlite = f"sqlite:///{tmp_path}/test.db"
    return sqlite if request.param == "sqlite" else str(request.getfixturevalue("postgres_database"))


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at ten on a working Friday."""
    return FixedClock(NOW)


@pytest.fixture
def mechanism(database_url: str, clock: FixedClock) -> Iterator[Mechanism]:
    """The sample's database with its tables."""
    database: Database = open_database(database_url)
    database.connect()
    create_tables(database)
    database.execute_sql(
        "CREATE TABLE thing (id text PRIMARY KEY, name text NOT NULL, amount_fen bigint NOT NULL, version int NOT NULL)"
    )
    yield Mechanism(
        database=database,
        service="sample",
        source="https://sample.example/",
        event_types={ThingMade: MADE},
        contracts=Registry([load_contract(MADE, SCHEMA)]),
        clock=clock,
    )
    database.close()
    getattr(database, "close_all", lambda: None)()


MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(mechanism: Mechanism) -> MakeApp:
    """Makes the sample's application; keyword arguments change its settings."""

    def make(**changes: Any) -> Flask:
        settings = replace(HttpSettings(**token_settings()), **changes)
        return create_app(
            "sample",
            mechanism=mechanism,
            blueprints=[sample_blueprint()],
            refusals=(SampleError,),
            settings=settings,
            uow_factory=lambda actor: UnitOfWork(mechanism, actor=actor),
        )

    return make


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The sample's application."""
    return make_app()


@pytest.fixture
def client(app: Flask, clock: FixedClock) -> ApiClient:
    """An anonymous caller."""
    return api_client(app, clock=clock)


@pytest.fixture
def maker(client: ApiClient) -> ApiClient:
    """A caller who may make things."""
    return client.as_user("user-1", "sample.maker", name="王小明")
