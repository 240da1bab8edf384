"""The blueprint that services write their views on: flask-smorest's, with strict bodies and honest documentation."""

from copy import deepcopy
from functools import cache
from typing import Any

import flask
import flask_smorest
import marshmallow as ma
from webargs import core
from webargs.flaskparser import FlaskParser, abort

from gongzheng.http.schemas import JsonPart, NotJson, strict_json
from gongzheng.ui.texts import Text

_SEND_JSON = Text("请发送 application/json。", "Send application/json.")
_SEND_FORM = Text("请发送 multipart/form-data。", "Send multipart/form-data.")
_EMPTY = Text("请求体为空；应为 JSON 对象。", "The body is empty; a JSON object is expected.")


class _Parser(FlaskParser):
    """Reads arguments; a body of another type is 415, broken JSON 400, a body of another shape 422."""

    # The schema decides what it does not know; the frame checks query parameters for the whole operation.
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 webargs reads it so
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.EXCLUDE,
        "querystring": ma.EXCLUDE,
        "form": ma.RAISE,
        "files": ma.RAISE,
        "json": None,
    }

    def _get_schema(self, argmap: Any, req: flask.Request) -> ma.Schema:
        """One instance per class for all requests: making one costs more than most loads."""
        return _instance(argmap) if isinstance(argmap, type) else super()._get_schema(argmap, req)

    def load_json(self, req: flask.Request, schema: ma.Schema) -> Any:  # noqa: ARG002 webargs calls it so
        """The JSON body."""
        body = req.get_data(cache=True)
        if not core.is_json(req.mimetype):
            if body or req.mimetype:
                abort(415, message=_SEND_JSON)
            return core.missing
        if not body:
            abort(400, message=_EMPTY)
        try:
            return strict_json(body)
        except NotJson:
            abort(400, messages={"json": {"body": ["Invalid JSON body."]}})

    def load_form(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The fields of a form."""
        _need_form(req)
        return super().load_form(req, schema)

    def load_files(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The files of a form."""
        _need_form(req)
        return super().load_files(req, schema)


@cache
def _instance(schema: type[ma.Schema]) -> ma.Schema:
    return schema()


def _need_form(req: flask.Request) -> None:
    if req.mimetype not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        abort(415, message=_SEND_FORM)


class Blueprint(flask_smorest.Blueprint):
    """A group of routes of a service, mounted below ``/api/v1``.

    Give ``url_prefix`` without the API's own prefix, such as "/cases". A view that takes a file beside data uses
    ``arguments(…, location="form")`` and ``arguments(…, location="files")``; both become one multipart body.
    """

    ARGUMENTS_PARSER = _Parser()

    def _prepare_arguments_doc(self, doc: Any, doc_info: Any, *, api: Any, spec: Any, **kwargs: Any) -> Any:
        operation = doc_info.get("arguments")
        parts = [p for p in (operation or {}).get("parameters", []) if p.get("in") in ("form", "files")]
        if any(part["in"] == "files" for part in parts):
            operation["parameters"] = [p for p in operation["parameters"] if p not in parts]
            if not operation["parameters"]:
                del operation["parameters"]
            operation["requestBody"] = multipart_body(parts)
            return flask_smorest.utils.deepupdate(doc, operation)
        return super()._prepare_arguments_doc(doc, doc_info, api=api, spec=spec, **kwargs)


def multipart_body(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The request body of a form with files, of which the fields and the files were declared apart."""
    fields: dict[str, Any] = {}
    encoding: dict[str, Any] = {}
    for part in parts:
        schema = part["schema"]() if isinstance(part["schema"], type) else part["schema"]
        for name, field in schema.fields.items():
            fields[field.data_key or name] = deepcopy(field)
            if isinstance(field, JsonPart):
                encoding[field.data_key or name] = {"contentType": "application/json"}
    joined = ma.Schema.from_dict(fields, name="Form" + "".join(_name(part["schema"]) for part in parts))

    class Joined(joined):  # type: ignore[valid-type,misc] # made at run time
        class Meta:
            unknown = ma.RAISE

    Joined.__name__ = joined.__name__
    content: dict[str, Any] = {"schema": Joined()}
    if encoding:
        content["encoding"] = encoding
    return {"required": True, "content": {"multipart/form-data": content}}


def _name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")
