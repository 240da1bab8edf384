"""A worker's own small port: ``/metrics``, ``/health/live`` and ``/health/ready``; off unless it is asked for."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gongzheng.messaging.failures import describe

log = structlog.get_logger()

_TIMEOUT_S = 10


class WorkerHttp:
    """Serves in a thread that ends with the process; a context manager that ends it before.

    ``live`` says whether every part is at work, ``ready`` raises when the worker could not do its work now, and
    ``refresh`` looks at what the metrics are read from; one that fails leaves its figures as they were, and counts.

    Raises:
        OSError: when the address is taken or not ours.
    """

    def __init__(
        self,
        bind: str,
        port: int,
        *,
        live: Callable[[], bool],
        ready: Callable[[], None],
        refresh: Mapping[str, Callable[[], object]],
    ) -> None:
        self._live, self._ready, self._refresh = live, ready, dict(refresh)
        self._one_at_a_time = threading.Lock()
        self._server = make_server(bind, port, self._answer, server_class=_Server, handler_class=_Quiet)
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="worker-http", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._thread.join(_TIMEOUT_S)
        self._server.server_close()

    def _answer(self, environ: Mapping[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        answers = {"/health/live": self._tell_live, "/health/ready": self._tell_ready, "/metrics": self._tell_metrics}
        answer = answers.get(environ.get("PATH_INFO", ""))
        status, kind, body = answer() if answer else ("404 Not Found", "text/plain", b"")
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")])
        return [body if environ.get("REQUEST_METHOD") == "GET" else b""]

    def _tell_live(self) -> tuple[str, str, bytes]:
        return _health(None if self._live() else "a part has ended")

    def _tell_ready(self) -> tuple[str, str, bytes]:
        if not self._live():
            return self._tell_live()
        try:
            self._ready()
        except Exception as error:  # noqa: BLE001 whatever it raises, it is not ready
            return _health(describe(error))
        return _health(None)

    def _tell_metrics(self) -> tuple[str, str, bytes]:
        # However many ask at once, the database is asked by one.
        with self._one_at_a_time:
            for name, look in self._refresh.items():
                try:
                    look()
                except Exception as error:  # noqa: BLE001 metrics that need no database are wanted most in an outage
                    log.warning("metrics_stale", what=name, error=describe(error))
        return "200 OK", CONTENT_TYPE_LATEST, generate_latest()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = _TIMEOUT_S  # one who connects and says nothing must not hold a thread for ever

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the library's own name
        """Nothing is printed: a probe every few seconds is no news."""


def _health(trouble: str | None) -> tuple[str, str, bytes]:
    body = json.dumps({"status": "ok" if trouble is None else "failed", "reason": trouble}).encode()
    return "200 OK" if trouble is None else "503 Service Unavailable", "application/json", body
