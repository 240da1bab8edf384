"""One AMQP connection in a thread of its own, opened again whenever it is lost.

pika's objects belong to the thread that runs their loop. Whatever other threads want done goes through
:meth:`BrokerConnection.call`; what the loop has to tell comes back through the three callbacks.
"""

import logging
import os
import random
import re
import socket
import threading
from collections.abc import Callable
from typing import Any

import pika
import structlog
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPConnectionError, AMQPError

from gongzheng.messaging.failures import Outage
from gongzheng.messaging.pace import Backoff

log = structlog.get_logger()

# pika logs each lost connection as several errors with their traces; we log it once, with what we do about it.
logging.getLogger("pika").setLevel(logging.CRITICAL)

UNREACHABLE = (AMQPError, AMQPConnectorException, OSError)
"""What pika raises when a broker is away; the second, for a node that takes a connection and then stands still."""

_NOT_FOUND = 404
_STOP_TIMEOUT_S = 10.0
_STACK_TIMEOUT_S = 10.0  # until a node has answered the first frames
_ESTABLISH_TIMEOUT_S = 20.0  # a node that stands still, or has lost sight of the others, takes connections and no more
_BETWEEN_ADDRESSES = re.compile(r"[\s,]+(?=amqps?://)")


def addresses(urls: str) -> list[str]:
    """The addresses of a broker's nodes from one text, in which commas or white space lie between them."""
    return _BETWEEN_ADDRESSES.split(urls.strip())


class Nodes:
    """The nodes of a broker, taken in turn; the first is drawn by chance, so that not everybody sits on the same."""

    def __init__(self, urls: str, purpose: str) -> None:
        self._all = [parameters(url, purpose) for url in addresses(urls)]
        self._first = self._at = random.randrange(len(self._all))  # noqa: S311 spreading, not secrecy

    @property
    def current(self) -> pika.URLParameters:
        """The node whose turn it is."""
        return self._all[self._at]

    def turn(self) -> bool:
        """Go on to the next; True when that ends a round, so that all have had their turn."""
        self._at = (self._at + 1) % len(self._all)
        return self._at == self._first


def parameters(url: str, purpose: str) -> pika.URLParameters:
    """Connection parameters with the limits that we rely on; ``purpose`` is shown to the broker's operator."""
    found = pika.URLParameters(url)
    found.heartbeat = 20  # a peer that vanished is noticed within 40 s
    found.blocked_connection_timeout = 600  # a broker short of memory or disk may take a while; then we start anew
    found.socket_timeout = 5
    found.stack_timeout = _STACK_TIMEOUT_S
    found.connection_attempts = 1  # we wait and repeat ourselves
    # Of several workers the operator sees by this which one reads a queue.
    found.client_properties = {"connection_name": purpose, "process": f"{socket.gethostname()} {os.getpid()}"}
    return found


class BrokerConnection:
    """Keeps one channel open, at whichever of the broker's nodes takes it.

    When it is lost the next node is tried at once; only after a whole round is there a pause. ``prepare`` runs (in the
    thread, blocking) before the first connection and after a channel was closed for something that is missing.
    ``on_channel`` gets each new channel; ``on_lost`` hears, in the thread, that it is gone.
    """

    def __init__(
        self,
        urls: str,
        purpose: str,
        *,
        prepare: Callable[[], None],
        on_channel: Callable[[Any], None],
        on_lost: Callable[[str], None],
    ) -> None:
        self._nodes, self._purpose = Nodes(urls, purpose), purpose
        self._prepare, self._on_channel, self._on_lost = prepare, on_channel, on_lost
        self._stopping = threading.Event()
        self._guard = threading.Lock()
        self._prepared = False
        self._connection: Any = None
        self._channel: Any = None
        self._reason = ""
        self._is_established = False
        self._backoff = Backoff()
        self._thread = threading.Thread(target=self._run, name=purpose, daemon=True)
        self.blocked = False

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread still runs; it ends only when stopped, or by a fault of ours."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Close the connection after everything that :meth:`call` was asked before, and end the thread."""
        self._stopping.set()
        self.call(self._close)
        if self._thread.is_alive():
            self._thread.join(_STOP_TIMEOUT_S)

    def call(self, work: Callable[[], None]) -> None:
        """Let the thread do something between two frames; nothing happens when there is no connection."""
        with self._guard:
            if self._connection is not None:
                self._connection.ioloop.add_callback_threadsafe(work)

    def fail(self, reason: str) -> None:
        """Give the connection up (to be called in the thread); a new one is opened."""
        self._reason = reason
        self._close()

    def established(self) -> None:
        """The channel does its work: the next loss is waited for shortly again."""
        self._is_established = True
        self._backoff.reset()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._reason, self._is_established, pause = "", False, True
            try:
                if not self._prepared:
                    self._prepare()
                    self._prepared = True
                pause = self._nodes.turn()
                self._live()
            except (Outage, *UNREACHABLE) as error:
                self._reason = str(error)
            self.blocked = False
            self._on_lost(self._reason)
            if not self._stopping.is_set():
                log.warning("broker_connection_lost", purpose=self._purpose, reason=self._reason)
                if pause:
                    self._backoff.wait(self._stopping)

    @property
    def _parameters(self) -> pika.URLParameters:
        return self._nodes.current

    def _live(self) -> None:
        connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=self._opened,
            on_open_error_callback=self._not_opened,
            on_close_callback=self._closed,
        )
        with self._guard:
            self._connection = connection
        connection.ioloop.call_later(_ESTABLISH_TIMEOUT_S, self._give_up_unless_established)
        if self._stopping.is_set():  # asked to stop before there was a loop to tell
            connection.ioloop.add_callback_threadsafe(self._close)
        try:
            connection.ioloop.start()
        finally:
            with self._guard:
                self._connection = None
            connection.ioloop.close()

    def _give_up_unless_established(self) -> None:
        connection = self._connection
        if not self._is_established and connection is not None and connection.is_open:
            self._reason = f"nothing could be done there within {_ESTABLISH_TIMEOUT_S:.0f} s"
            # Closing politely would wait for an answer.
            connection._terminate_stream(AMQPConnectionError(self._reason))  # noqa: SLF001 as its own heartbeats do

    def _opened(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(blocked=True))
        connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(blocked=False))
        connection.channel(on_open_callback=self._channel_opened)

    def _set_blocked(self, *, blocked: bool) -> None:
        self.blocked = blocked
        log.warning("broker_blocked" if blocked else "broker_unblocked", purpose=self._purpose)

    def _channel_opened(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._channel_closed)
        self._on_channel(channel)

    def _channel_closed(self, _channel: Any, reason: Any) -> None:
        if getattr(reason, "reply_code", None) == _NOT_FOUND:
            self._prepared = False
        self._reason = self._reason or str(reason)
        self._close()

    def _not_opened(self, connection: Any, error: Any) -> None:
        self._reason = f"{type(error).__name__}: {error}"
        connection.ioloop.stop()

    def _closed(self, connection: Any, reason: Any) -> None:
        self._reason = self._reason or str(reason)
        connection.ioloop.stop()

    def _close(self) -> None:
        connection = self._connection
        if connection is None or connection.is_closing or connection.is_closed:
            return
        # A connection that is still being opened cannot be closed politely.
        if not connection.is_open:
            connection.ioloop.stop()
            return
        if self._channel is not None:
            # Left to itself, pika first cancels the consumer and then rejects each prefetched message singly, which
            # the broker does not put back in order. A channel that just closes gives all back as they were.
            self._channel._consumers.clear()  # noqa: SLF001 there is no public way to close without cancelling
        connection.close()
