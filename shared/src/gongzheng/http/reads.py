"""Who looked at what: reads of single resources by known persons are put on the audit record (X-07)."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request

from gongzheng.http.access import Requires
from gongzheng.http.context import unit_of_work
from gongzheng.http.operations import READ_ACTION, Operation

View = TypeVar("View", bound=Callable[..., Any])
_OK_MAX = 399


def audited_read(action: str) -> Callable[[View], View]:
    """Record each successful call of a GET view under ``action``, such as "case.search".

    Reads of one resource are recorded without this; it is for lists, searches and for another name of the action.
    """

    def mark(view: View) -> View:
        setattr(view, READ_ACTION, action)
        return view

    return mark


def record_read(operation: Operation, response: Response) -> None:
    """Append the audit row of a read that succeeded; without the row the read does not succeed either."""
    if operation.read_action is None or response.status_code > _OK_MAX or not isinstance(operation.access, Requires):
        return
    with unit_of_work() as uow:
        uow.audit(operation.read_action, resource_name(operation.read_action))


def resource_name(action: str) -> str:
    """The resource read: "case/01H…/clocks", or the entity of ``action`` where the path holds no id."""
    entity, *_ = action.split(".")
    arguments = request.view_args or {}
    if not arguments:
        return entity
    below = [part for part in action.split(".")[1:-1] if part]
    return "/".join([entity, *(str(value) for value in arguments.values()), *below])
