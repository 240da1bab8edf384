"""The life of one request: its id, its trace, its line in the access log, its count in the metrics."""

import re
import time

import structlog
from flask import Response, g, request

from gongzheng.http.context import current_actor, current_operation, frame
from gongzheng.ids import new_id
from gongzheng.observability.metrics import count_problem, count_request
from gongzheng.observability.tracing import begin_trace, current_trace_id, end_trace

REQUEST_ID = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_QUIET = ("/health/", "/metrics")
_log = structlog.get_logger("gongzheng.access")


def begin(started_s: float) -> None:
    """Give the request its id and trace."""
    received = request.headers.get(REQUEST_ID, "")
    g.gongzheng_request_id = received if _REQUEST_ID.fullmatch(received) else new_id()
    g.gongzheng_started_s = started_s
    begin_trace(request.headers.get("traceparent"))
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        service=frame().service, request_id=g.gongzheng_request_id, trace_id=current_trace_id()
    )


def finish(response: Response) -> Response:
    """Name the request in the answer, log it and count it."""
    if "gongzheng_request_id" not in g:
        return response
    response.headers[REQUEST_ID] = g.gongzheng_request_id
    operation = current_operation() if request.routing_exception is None else None
    # The rule and not the path: paths may hold codes that are secrets of a person.
    rule = operation.rule if operation else "unmatched"
    elapsed_s = time.monotonic() - g.gongzheng_started_s
    count_request(frame().service, method=_method(), route=rule, status=response.status_code, elapsed_s=elapsed_s)
    problem = g.get("gongzheng_problem")
    if problem:
        count_problem(frame().service, problem)
    if not request.path.startswith(_QUIET):
        _log.info(
            "request_served",
            method=request.method,
            route=rule,
            status=response.status_code,
            duration_ms=round(elapsed_s * 1000, 1),
            actor=current_actor().subject,
            problem=problem,
        )
    return response


def release(_error: BaseException | None) -> None:
    """Let go of what was bound to the request: the thread serves another one next, or does something else."""
    end_trace()
    structlog.contextvars.clear_contextvars()


def _method() -> str:
    """The method, or OTHER: anybody may send any word as one, and each would make a series of its own."""
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return request.method if request.method in known else "OTHER"
