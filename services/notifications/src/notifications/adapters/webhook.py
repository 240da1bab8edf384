"""Webhook calls: signed as Standard Webhooks, to the address that was checked, without following anything."""

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from standardwebhooks import Webhook
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from gongzheng.clock import Clock
from gongzheng.messaging.envelope import CONTENT_TYPE
from notifications.domain.destination import DestinationRules, Target, choose_address, parse_target
from notifications.domain.errors import DestinationRefused
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.deliver_event import Call

Resolve = Callable[[str, int], Sequence[str]]
_GONE = 410
_RETRY_AFTER = (429, 503)
_RETRY_AFTER_DIGITS_MAX = 6
_ANSWER_BYTES_MAX = 4096
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Seconds for a name at registration, the connection, each silence of the other side, and the whole call."""

    resolve_s: float = 2.0
    connect_s: float = 5.0
    silence_s: float = 10.0
    whole_s: float = 20.0


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine's resolver gives them; [] when there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class WebhookCaller:
    """Calls webhook addresses; safe for several threads."""

    def __init__(
        self,
        rules: DestinationRules,
        clock: Clock,
        *,
        resolver: Resolve = resolve,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._rules, self._clock, self._resolve = rules, clock, resolver
        self._timeouts = timeouts or Timeouts()
        self._tls = tls or ssl.create_default_context()

    def check(self, url: str) -> None:
        """Hold an address against the rules, name resolution included.

        Raises:
            DestinationRefused: saying which rule it breaks.
        """
        target = parse_target(url)
        choose_address(target, self._resolve_soon(target), self._rules)

    def _resolve_soon(self, target: Target) -> Sequence[str]:
        """What the name resolves to within a moment: a caller of the API waits for it, with a transaction open."""
        found: list[str] = []
        asking = threading.Thread(
            target=lambda: found.extend(self._resolve(target.host, target.port)), name="resolve", daemon=True
        )
        asking.start()
        asking.join(self._timeouts.resolve_s)
        return tuple(found)

    def call(self, call: Call) -> Outcome:
        """Deliver once.

        The name is resolved once and the connection goes to that very address, so a name that changes its mind between
        the check and the call (DNS rebinding) gains nothing.
        """
        try:
            target = parse_target(call.url)
            resolved = self._resolve(target.host, target.port)
            if not resolved:
                return _temporary("dns", unreachable=True)
            address = choose_address(target, resolved, self._rules)
        except DestinationRefused:
            return _temporary("destination-refused", unreachable=True)
        return self._post(self._connection(target, address), target, call)

    def _connection(self, target: Target, address: str) -> HTTPConnection:
        if target.scheme == "http":
            return HTTPConnection(address, target.port, timeout=self._timeouts.connect_s)
        return HTTPSConnection(
            address,
            target.port,
            timeout=self._timeouts.connect_s,
            ssl_context=self._tls,
            server_hostname=target.host,
            assert_hostname=target.host,
        )

    def _post(self, connection: HTTPConnection, target: Target, call: Call) -> Outcome:
        try:
            connection.connect()
        except (OSError, HTTPError) as error:
            connection.close()
            return _temporary(_connect_code(error), unreachable=True)
        sock = connection.sock
        sock.settimeout(self._timeouts.silence_s)
        try:
            with _cut_after(sock, self._timeouts.whole_s):
                connection.request("POST", target.path, body=call.body.encode(), headers=self._headers(target, call))
                answer = connection.getresponse()
                status, retry_after = answer.status, answer.headers.get("Retry-After", "")
                # Read a little, so that the other side sees a clean end; nothing of it is kept.
                answer.read(_ANSWER_BYTES_MAX)
        except (OSError, HTTPError, http.client.HTTPException) as error:
            # The request may have arrived whole; only its answer was lost.
            _log.info("webhook_answer_lost", delivery_id=call.delivery_id, error=type(error).__name__)
            return Outcome(kind=OutcomeKind.UNKNOWN, code="http-answer-lost", unreachable=True)
        finally:
            connection.close()
        return _by_status(status, retry_after)

    def _headers(self, target: Target, call: Call) -> dict[str, str]:
        now = self._clock.now()
        signatures = [Webhook(secret).sign(call.event_id, now, call.body) for secret in call.secrets]
        return {
            "Host": target.authority,
            "Content-Type": CONTENT_TYPE,
            "User-Agent": "Gongzheng-Notifications/1",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "webhook-id": call.event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


@contextmanager
def _cut_after(sock: socket.socket, seconds: float) -> Iterator[None]:
    """End the conversation after so long altogether: an endpoint that drips its answer must not hold a worker."""

    def cut() -> None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _by_status(status: int, retry_after: str) -> Outcome:
    if 200 <= status < 300:  # noqa: PLR2004 the class of successes, RFC 9110 15.3
        return Outcome(kind=OutcomeKind.ACCEPTED, code=f"http-{status}")
    asked = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
    if status not in _RETRY_AFTER or len(retry_after) > _RETRY_AFTER_DIGITS_MAX:
        asked = None
    return Outcome(kind=OutcomeKind.TEMPORARY, code=f"http-{status}", retry_after_s=asked, gone=status == _GONE)


def _temporary(code: str, *, unreachable: bool) -> Outcome:
    return Outcome(kind=OutcomeKind.TEMPORARY, code=code, unreachable=unreachable)


def _connect_code(error: OSError | HTTPError) -> str:
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return "tls"
    return "connect-timeout" if isinstance(error, TimeoutError) or "imeout" in type(error).__name__ else "connect"
