"""Putting an application together: the same frame round every service's views."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog
from flask import Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import Actor, UnitOfWork
from gongzheng.errors import Forbidden, Refusal
from gongzheng.http.access import Public, Requires
from gongzheng.http.blueprint import Blueprint
from gongzheng.http.context import EXTENSION, Frame, InvalidQuery, current_operation, frame
from gongzheng.http.docs import docs_blueprint
from gongzheng.http.feed import feed_blueprint
from gongzheng.http.headers import secure
from gongzheng.http.health import Check, health_blueprint
from gongzheng.http.idempotency import run_idempotent
from gongzheng.http.jwks import jwks_blueprint
from gongzheng.http.openapi import Api, UlidConverter, complete
from gongzheng.http.operations import operations_of
from gongzheng.http.problems import failed, refused, refused_by_http, told
from gongzheng.http.reads import record_read
from gongzheng.http.requests import begin, finish, release
from gongzheng.http.throttle import throttle
from gongzheng.http.tokens import TokenVerifier
from gongzheng.settings import HttpSettings
from gongzheng.ui.texts import Texts, shared_texts

API_PREFIX = "/api/v1"
API_VERSION = "1"
FORM_PARTS_MAX = 64

_log = structlog.get_logger(__name__)


class _App(Flask):
    """Flask, with idempotency, entity tags and the record of reads round every view."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view of the current request."""
        if request.routing_exception is not None or request.method == "OPTIONS":
            return super().dispatch_request()
        operation = current_operation()
        if operation is None:
            return super().dispatch_request()
        if operation.idempotent:
            return run_idempotent(self._view)
        response = self._view()
        record_read(operation, response)
        return response

    def _view(self) -> Response:
        response = self.make_response(super().dispatch_request())
        etag = g.pop("gongzheng_etag", None)
        if etag is not None and response.status_code < 400:  # noqa: PLR2004 an error has no version
            response.headers["ETag"] = etag
        return response


def create_app(
    service: str,
    *,
    mechanism: Mechanism,
    blueprints: Sequence[Any],
    refusals: tuple[type[Exception], ...],
    settings: HttpSettings,
    uow_factory: Callable[[Actor], UnitOfWork],
    texts: Texts | None = None,
    pages: Sequence[Any] = (),
    checks: Mapping[str, Check] | None = None,
    migrations: str | None = None,
    title: str | None = None,
    description: str = "",
) -> Flask:
    """The application of one service.

    Args:
        service: its short name, such as "cases".
        mechanism: its database and clock.
        blueprints: its API, mounted below /api/v1.
        refusals: the roots of its error trees; each error is answered as a problem and documented.
        settings: of the frame.
        uow_factory: makes the unit of work of a request for its actor.
        texts: its texts in both languages, added to the shared ones.
        pages: plain Flask blueprints with pages for people, mounted as they are.
        checks: further readiness checks by name; see :class:`gongzheng.http.health.Check`.
        migrations: the package of its migrations, whose HEAD readiness compares with the database.
        title: of the API document.
        description: of the API document.

    Raises:
        RouteWithoutAccess: when a route says neither ``requires`` nor ``public``.
    """
    app = _App(service, static_folder=None)
    app.url_map.converters["ulid"] = UlidConverter
    app.config.update(
        API_TITLE=title or f"Gongzheng {service}",
        API_VERSION=API_VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={"info": {"description": description, "license": {"name": "Apache-2.0"}}},
        MAX_CONTENT_LENGTH=settings.upload_bytes_max,
        MAX_FORM_MEMORY_SIZE=settings.json_bytes_max,
        MAX_FORM_PARTS=FORM_PARTS_MAX,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # Chinese stays readable
    bound = Frame(
        service=service,
        mechanism=mechanism,
        settings=settings,
        uow_factory=uow_factory,
        verifier=TokenVerifier(service, settings, mechanism.clock),
        refusals=(*refusals, Refusal),
    )
    app.extensions[EXTENSION] = bound
    app.extensions["gongzheng-texts"] = shared_texts() | (texts or Texts())
    _handle_errors(app, bound.refusals)
    app.before_request(_admit)
    app.after_request(secure)
    app.after_request(finish)
    app.teardown_request(release)

    api = Api(app)
    for blueprint in (*blueprints, feed_blueprint()):
        api.register_blueprint(blueprint, url_prefix=API_PREFIX + (blueprint.url_prefix or ""))
    api.register_blueprint(jwks_blueprint(mechanism, settings.trusted_keys))
    for page in (health_blueprint(bound, checks or {}, migrations), docs_blueprint(api, bound), *pages):
        app.register_blueprint(page)
    bound.operations = operations_of(app)
    complete(api, bound.operations.values(), bound.refusals)
    app.extensions["gongzheng-api"] = api
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)  # type: ignore[method-assign]
    return app


def openapi_document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of an application."""
    document: dict[str, Any] = app.extensions["gongzheng-api"].spec.to_dict()
    return document


def _handle_errors(app: Flask, refusals: tuple[type[Exception], ...]) -> None:
    for root in refusals:
        app.register_error_handler(root, refused)
    app.register_error_handler(HTTPException, refused_by_http)
    app.register_error_handler(Exception, failed)


def _admit() -> None:
    """Before any argument is read: who calls, whether they may, how often, and with which parameters."""
    begin(time.monotonic())
    if "\0" in request.path:
        abort(404)  # no column can hold it, so nothing is named so
    operation = current_operation()
    if request.routing_exception is not None or operation is None or request.method == "OPTIONS":
        return
    if not operation.multipart:
        request.max_content_length = frame().settings.json_bytes_max
    access = operation.access
    if isinstance(access, Requires):
        actor = frame().verifier.actor(request.headers.get("Authorization"))
        g.gongzheng_actor = actor
        if access.roles and not access.roles & actor.roles:
            roles = ", ".join(sorted(access.roles))
            raise told(Forbidden(), f"须具有以下职务之一：{roles}。", f"This needs one of the roles {roles}.")
    elif isinstance(access, Public):
        throttle(frame().mechanism, frame().settings, access)
    if operation.query is not None:
        unknown = sorted(set(request.args) - operation.query)
        with_nul = [name for name in request.args if any("\0" in value for value in request.args.getlist(name))]
        if with_nul:
            raise InvalidQuery(errors={name: ["Contains the NUL character."] for name in with_nul})
        if unknown:
            raise InvalidQuery(errors={name: ["Unknown parameter."] for name in unknown})


__all__ = ["API_PREFIX", "Blueprint", "create_app", "openapi_document"]
