"""A receiver of webhooks on loopback: a real HTTP server that answers as the test tells it and checks signatures."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from standardwebhooks import Webhook

Answer = Callable[["Received"], "int | Reply"]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the receiver says: a status, headers, and how long it thinks before (seconds)."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    hang_up: bool = False


@dataclass(frozen=True, kw_only=True)
class Received:
    """One call as it came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvents envelope in the body."""
        event: dict[str, Any] = json.loads(self.body)
        return event

    def verify(self, secret: str) -> Any:
        """The event, when the public library finds the signature good; it raises otherwise."""
        return Webhook(secret).verify(self.body, self.headers)


class WebhookReceiver:
    """Listens on a free port of 127.0.0.1; a context manager."""

    def __init__(self) -> None:
        self.calls: list[Received] = []
        self.answer: Answer = lambda _: 204
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self}))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="webhook-receiver", daemon=True
        )

    @property
    def url(self) -> str:
        """Where to call."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def events(self) -> list[tuple[str, int]]:
        """Subject and sequence of each call, in the order of arrival."""
        return [(call.event["subject"], int(call.event["sequence"])) for call in self.calls]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    receiver: WebhookReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        call = Received(path=self.path, headers=dict(self.headers.items()), body=body)
        self.receiver.calls.append(call)
        said = self.receiver.answer(call)
        reply = said if isinstance(said, Reply) else Reply(status=said)
        time.sleep(reply.after_s)
        if reply.hang_up:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the name in the base class
        """Say nothing."""
