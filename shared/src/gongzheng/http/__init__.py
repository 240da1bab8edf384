"""The frame of every service's API: who may call, problems, idempotency, versions, paging, documentation.

A service writes views with :class:`Blueprint`, marks each route with :func:`requires` or :func:`public`, and hands its
blueprints to :func:`create_app`. Everything else a caller may rely on — RFC 9457 problems, request ids, OpenAPI 3.1,
health, metrics, the event feed — comes from here and is the same in all services.
"""

from gongzheng.http.access import Public, Requires, idempotent, machine, public, requires
from gongzheng.http.app import create_app
from gongzheng.http.blueprint import Blueprint
from gongzheng.http.context import (
    current_actor,
    current_request_id,
    if_match,
    page_args,
    service_now,
    unit_of_work,
    with_etag,
)
from gongzheng.http.paging import Page, page_of
from gongzheng.http.problems import refuses
from gongzheng.http.reads import audited_read
from gongzheng.http.schemas import (
    Boolean,
    Fen,
    Integer,
    JsonPart,
    LegalDate,
    PageSchema,
    Query,
    Schema,
    Text,
    Timestamp,
    UlidField,
    Upload,
)
from gongzheng.settings import HttpSettings

__all__ = [
    "Blueprint",
    "Boolean",
    "Fen",
    "HttpSettings",
    "Integer",
    "JsonPart",
    "LegalDate",
    "Page",
    "PageSchema",
    "Public",
    "Query",
    "Requires",
    "Schema",
    "Text",
    "Timestamp",
    "UlidField",
    "Upload",
    "audited_read",
    "create_app",
    "current_actor",
    "current_request_id",
    "idempotent",
    "if_match",
    "machine",
    "page_args",
    "page_of",
    "public",
    "refuses",
    "requires",
    "service_now",
    "unit_of_work",
    "with_etag",
]
