"""The police find what breaks the rules, and leave alone what keeps them."""

from typing import Any, ClassVar

import marshmallow as ma
import pytest
from flask import Flask
from marshmallow import fields
from peewee import Model, TextField

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.errors import Refusal
from gongzheng.http import Blueprint, HttpSettings, Schema, create_app, public, requires
from gongzheng.testing import police, token_settings

pytestmark = pytest.mark.req("X-04")


def test_the_sample_keeps_to_the_rules_but_for_its_failing_route(app: Flask) -> None:
    """One route is there to fail, for any token."""
    assert police.api_findings(app) == ["GET /api/v1/failing: lets every token in; name the roles"]


def test_each_offence_is_found(mechanism: Mechanism) -> None:
    """Creating without a key, changing without a version, unthrottled, unlimited, lax and foreign schemas."""
    blueprint = Blueprint("bad", __name__)

    class Lax(Schema):
        count = fields.Integer()
        rate = fields.Float()
        day = fields.Date()
        words = fields.List(fields.String())

    class Foreign(ma.Schema):
        count = fields.Integer(strict=True)

    @blueprint.route("/bad", methods=["POST"])
    @public()
    @blueprint.arguments(Lax)
    @blueprint.response(201)
    def make(data: Any) -> Any:
        return data

    @blueprint.route("/bad/<ulid:bad_id>/act", methods=["POST"])
    @requires("sample.maker")
    @blueprint.arguments(Foreign)
    @blueprint.response(200)
    def act(data: Any, bad_id: str) -> Any:
        """Act."""
        return data, bad_id

    app = create_app(
        "sample",
        mechanism=mechanism,
        blueprints=[blueprint],
        refusals=(),
        settings=HttpSettings(**token_settings()),
        uow_factory=lambda actor: UnitOfWork(mechanism, actor=actor),
    )
    act_rule = "POST /api/v1/bad/<ulid:bad_id>/act"
    assert police.api_findings(app) == [
        f"{act_rule}: changes something and asks neither for If-Match nor for an Idempotency-Key",
        f"{act_rule}: takes Foreign, which is no gongzheng.http Schema",
        "POST /api/v1/bad: Lax.count takes text for a number; use gongzheng.http.Integer",
        "POST /api/v1/bad: Lax.day takes more than its documentation says; use the field of gongzheng.http",
        "POST /api/v1/bad: Lax.rate is a float; amounts are integers, rates are text",
        "POST /api/v1/bad: Lax.words is text without a limit; use gongzheng.http.Text",
        "POST /api/v1/bad: creates (201) and is not idempotent",
        "POST /api/v1/bad: has no summary; write a docstring",
        "POST /api/v1/bad: is public and not throttled",
    ]


def test_a_refusal_needs_a_code_titles_and_a_law_that_exists() -> None:
    """The mechanism's own tree is clean; a careless one is not."""
    assert police.refusal_findings(Refusal) == []

    class Careless(Exception):
        code, status, title_zh, title_en = "Not Good", 200, "", "No"
        law: ClassVar[tuple[str, ...]] = ("APL 42(1)", "XYZ 1")

    assert police.refusal_findings(Careless) == [
        "Careless: the code 'Not Good' is not lower-case words joined by hyphens",
        "Careless: the status 200 is no error",
        "Careless: lacks a title in one of the languages",
        "Careless: has no docstring",
        "Careless: cites 'XYZ 1', which is no known citation",
    ]


def test_shared_texts_are_in_both_languages() -> None:
    """No reader meets an empty place."""
    assert police.text_findings("gongzheng.ui") == []


@pytest.mark.req("X-09")
def test_a_table_that_differs_from_its_model_is_found(mechanism: Mechanism) -> None:
    """Missing tables, missing and unknown columns, and what may be null."""

    class Thing(Model):
        id = TextField(primary_key=True)
        name = TextField(null=True)
        colour = TextField()

    class Other(Model):
        id = TextField(primary_key=True)

    found = [finding for model in (Thing, Other) for finding in police._drift(mechanism.database, model)]
    assert found == [
        "thing.colour: no migration makes this column",
        "thing.amount_fen: the model does not know this column",
        "thing.version: the model does not know this column",
        "thing.name: may not be null, the model says otherwise",
        "other: no migration makes this table",
    ]
