"""Another system's end of a webhook: keeps what it was sent, and checks it as any receiver can (Standard Webhooks)."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

BODY_BYTES_MAX = 1_048_576
KEPT_MAX = 1_000
SIGNED_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class WebhookReceiver:
    """A WSGI application for one subscription; ``secret`` is set when the subscription shows it."""

    def __init__(self) -> None:
        self.secret: str | None = None
        self._lock = threading.Lock()
        self._received: dict[str, dict[str, Any]] = {}
        self._refused = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Take a call: 204 when the signature holds, 401 when not (the sender tries again later)."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(min(length, BODY_BYTES_MAX))
        headers = {name: environ.get(f"HTTP_{name.upper().replace('-', '_')}", "") for name in SIGNED_HEADERS}
        status = "204 No Content" if self._take(body, headers) else "401 Unauthorized"
        start_response(status, [("Content-Length", "0")])
        return [b""]

    def _take(self, body: bytes, headers: dict[str, str]) -> bool:
        if self.secret is None:
            return False
        try:
            event = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            with self._lock:
                self._refused += 1
            return False
        with self._lock:
            if len(self._received) < KEPT_MAX:
                self._received[headers["webhook-id"]] = event  # the same id again is the same message
        return True

    @property
    def received(self) -> list[dict[str, Any]]:
        """The messages whose signature held, each once."""
        with self._lock:
            return list(self._received.values())

    @property
    def refused(self) -> int:
        """How many calls had a bad signature."""
        return self._refused
