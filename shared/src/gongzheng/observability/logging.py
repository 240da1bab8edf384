"""Structured logs: one JSON object a line, static snake_case event names, ids and never personal data."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Keys under which personal data or secrets would travel. What is about a person is named by its id.
FORBIDDEN_KEYS = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "full_name",
        "actor_name",
        "party_name",
        "email",
        "mail",
        "phone",
        "mobile",
        "telephone",
        "address",
        "remote_addr",
        "ip",
        "id_number",
        "credential_number",
        "birth_date",
        "content",
        "body",
        "text",
        "summary",
        "statement",
        "facts",
        "data",
        "payload",
        "token",
        "authorization",
        "access_token",
        "password",
        "secret",
        "signature",
        "cookie",
        "tracking_code",
        "payment_code",
        "key",
        "seed",
    }
)
_EVENT_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
REDACTED = "[redacted]"


def redact_personal(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what stands under a forbidden key, at any depth, and anything that is no plain value."""
    for key in list(event):
        if key not in ("exc_info", "exception"):
            event[key] = _redacted(key, event[key])
    return event


def _redacted(key: str, value: Any) -> Any:
    if key.lower() in FORBIDDEN_KEYS:
        return REDACTED
    if isinstance(value, dict):
        return {k: _redacted(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redacted(key, item) for item in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return f"<{type(value).__name__}>"


def demand_static_name(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An event is named in snake_case and carries its values in fields; free text is kept apart as a foreign line."""
    if not _EVENT_NAME.fullmatch(str(event.get("event", ""))):
        event["event"] = "unnamed_event"
    return event


def configure_logging(level: str = "INFO") -> None:
    """Write the suite's log lines, and those of the libraries, to standard error as JSON."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *shared,
            demand_static_name,
            redact_personal,
            _exception_without_values,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _exception_without_values,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared, _foreign],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # One line a request comes from the frame; the servers' own would repeat it with the address and the full path.
    for noisy in ("werkzeug", "gunicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _foreign(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's free text stands under ``message``, so that event names stay static."""
    event["message"], event["event"] = str(event.get("event", ""))[:2000], "library_message"
    return event


def _exception_without_values(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where an error arose, not what it said: messages of drivers quote the row they choke on."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        frames = []
        traceback = info[2]
        while traceback is not None:
            code = traceback.tb_frame.f_code
            frames.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
            traceback = traceback.tb_next
        event["exception"] = {"kind": info[0].__name__, "frames": frames[-20:]}
    return event
