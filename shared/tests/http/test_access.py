"""Who may call stands beside each route; without it the application does not start."""

from typing import Any

import pytest
from flask import Flask

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.http import Blueprint, HttpSettings, create_app, if_match, public, requires
from gongzheng.http.access import idempotent
from gongzheng.http.context import MalformedParameter
from gongzheng.http.operations import RouteWithoutAccess, declares, uses_of
from gongzheng.testing import ApiClient, token_settings

pytestmark = pytest.mark.req("X-06")


def _app(mechanism: Mechanism, blueprint: Blueprint) -> Flask:
    return create_app(
        "sample",
        mechanism=mechanism,
        blueprints=[blueprint],
        refusals=(),
        settings=HttpSettings(**token_settings()),
        uow_factory=lambda actor: UnitOfWork(mechanism, actor=actor),
    )


def test_a_route_without_a_mark_keeps_the_application_from_starting(mechanism: Mechanism) -> None:
    """Forgetting the mark cannot open a route."""
    blueprint = Blueprint("open", __name__)

    @blueprint.route("/open")
    def open_to_all() -> str:
        """Nobody said who may call this."""
        return ""

    with pytest.raises(RouteWithoutAccess, match="GET /api/v1/open"):
        _app(mechanism, blueprint)


def test_a_route_has_exactly_one_mark() -> None:
    """Two would contradict each other."""
    with pytest.raises(TypeError, match="exactly one"):

        @requires("a.b")
        @public()
        def view() -> None:
            """Both."""


def test_the_mark_of_a_method_view_holds_for_its_methods(mechanism: Mechanism) -> None:
    """A class of views is marked once, or each method by itself."""
    from flask.views import MethodView  # noqa: PLC0415 only here

    blueprint = Blueprint("classed", __name__)

    @blueprint.route("/classed")
    @requires("sample.reader")
    class Classed(MethodView):
        """Two methods."""

        @blueprint.response(200)
        def get(self) -> Any:
            """Read."""
            return {}

        @public()
        @blueprint.response(200)
        def post(self) -> Any:
            """Write."""
            return {}

    client = _app(mechanism, blueprint).test_client()
    assert client.get("/api/v1/classed").status_code == 401
    assert client.post("/api/v1/classed").status_code == 200


def test_the_order_of_decorators_does_not_matter(mechanism: Mechanism) -> None:
    """Marks are read from the view, so even an innermost one holds before arguments are read."""
    blueprint = Blueprint("inner", __name__)

    @blueprint.route("/inner", methods=["POST"])
    @blueprint.response(201)
    @idempotent
    @requires("sample.maker")
    def inner() -> Any:
        """Make."""
        return {}

    assert _app(mechanism, blueprint).test_client().post("/api/v1/inner").status_code == 401


def test_a_call_that_the_documentation_cannot_see_fails_loudly(mechanism: Mechanism) -> None:
    """if_match hidden in a table of functions would be undocumented; declares() says it."""
    blueprint = Blueprint("hidden", __name__)
    steps = {"version": if_match}

    @blueprint.route("/hidden", methods=["POST"])
    @public()
    @blueprint.response(200)
    def hidden() -> Any:
        """Look for the version by a detour."""
        return {"version": steps["version"]()}

    app = _app(mechanism, blueprint)
    app.testing = True
    with pytest.raises(RuntimeError, match="declares"):
        app.test_client().post("/api/v1/hidden")
    assert uses_of(declares("if_match")(hidden)) == {"if_match"}


def test_a_helper_of_the_same_package_is_seen_through() -> None:
    """A view may call if_match in a function beside it."""
    assert "if_match" in uses_of(_view_with_helper)


def _helper() -> int:
    return if_match()


def _view_with_helper() -> int:
    return _helper()


def test_a_request_id_of_the_caller_is_kept_when_it_is_one(maker: ApiClient) -> None:
    """Otherwise we give our own."""
    assert maker.get("/things", headers={"X-Request-Id": "caller-0001"}).headers["X-Request-Id"] == "caller-0001"
    assert len(maker.get("/things", headers={"X-Request-Id": "a b\tc"}).headers["X-Request-Id"]) == 26


def test_a_malformed_parameter_is_400() -> None:
    """The frame's own refusals have the attributes of every refusal."""
    assert MalformedParameter.status == 400
