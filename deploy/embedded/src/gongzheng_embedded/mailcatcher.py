"""A mail server that delivers nothing: it keeps what it is handed as .eml files and shows them.

Speaks real SMTP, so whatever is sent here would also reach a real relay. Used by the one-process mode, by the tests and
as the mail catcher of the containers::

    python -m gongzheng_embedded.mailcatcher --folder mail --smtp 127.0.0.1:1025 --http 127.0.0.1:8025

A recipient whose local part is ``refuse550``, ``defer451`` and the like is answered with that code, so failures can be
shown as well.
"""

import asyncio
import html
import json
import re
import signal
import tempfile
import threading
from concurrent.futures import Future
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click
from aiosmtpd.smtp import SMTP

from gongzheng_embedded.mailbox import Caught, Mailbox

MAIL_BYTES_MAX = 10_485_760
_ASKED_FOR = re.compile(r"(?:refuse|defer)([45]\d\d)(?:[+.-].*)?@", re.ASCII)
_START_S = 10.0
_POLL_S = 0.05  # how soon the page notices that it is told to stop


class _Handler:
    """What aiosmtpd calls in the course of a conversation."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(  # noqa: N802 the name that aiosmtpd looks for
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Accept a recipient, or answer with the code that it asks for."""
        asked = _ASKED_FOR.match(address)
        if asked:
            return f"{asked[1]} as the address asks"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 as above
        """Keep the message."""
        mail_id = self._mailbox.keep(envelope.mail_from, envelope.rcpt_tos, envelope.content)
        return f"250 OK kept as {mail_id}"


class MailCatcher:
    """The SMTP server and its page, each in a thread; a context manager.

    Port 0 takes a free one; without a folder the mail is kept in a temporary one.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        smtp: tuple[str, int] = ("127.0.0.1", 0),
        http: tuple[str, int] = ("127.0.0.1", 0),
    ) -> None:
        self.mailbox = Mailbox(folder or Path(tempfile.mkdtemp(prefix="gongzheng-mail-")))
        self._smtp_at = smtp
        self._web = ThreadingHTTPServer(http, type("Page", (_Page,), {"mailbox": self.mailbox}))
        self._loop = asyncio.new_event_loop()
        self._listening: Future[int] = Future()
        self._threads = [
            threading.Thread(target=self._serve_smtp, name="mailcatcher-smtp", daemon=True),
            threading.Thread(target=self._web.serve_forever, args=(_POLL_S,), name="mailcatcher-http", daemon=True),
        ]

    def messages(self) -> list[dict[str, Any]]:
        """What was caught, oldest first: id, from, to, subject, date, message_id, headers, text."""
        return [mail.detail() for mail in self.mailbox.all()]

    @property
    def port(self) -> int:
        """Where SMTP is spoken."""
        return self._listening.result(_START_S)

    @property
    def http_port(self) -> int:
        """Where the page is."""
        return int(self._web.server_address[1])

    def start(self) -> Self:
        """Begin; on return both ports take connections.

        Raises:
            OSError: when the SMTP port is taken.
        """
        for thread in self._threads:
            thread.start()
        self._listening.result(_START_S)
        return self

    def stop(self) -> None:
        """End both; what was caught stays in the folder."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._web.shutdown()
        self._web.server_close()
        for thread in self._threads:
            thread.join(_START_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _serve_smtp(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        host, port = self._smtp_at
        try:
            server = loop.run_until_complete(loop.create_server(self._conversation, host, port))
        except OSError as error:
            self._listening.set_exception(error)
            loop.close()
            return
        self._listening.set_result(int(server.sockets[0].getsockname()[1]))
        loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(loop)
        for task in pending:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        loop.close()

    def _conversation(self) -> SMTP:
        return SMTP(
            _Handler(self.mailbox), hostname="mailcatcher", data_size_limit=MAIL_BYTES_MAX, loop=self._loop, timeout=60
        )


class _Page(BaseHTTPRequestHandler):
    """``/`` for people; ``/messages``, ``/messages/<id>`` as JSON; ``/messages/<id>.eml`` as it came."""

    server_version = "mailcatcher"
    mailbox: Mailbox

    def do_GET(self) -> None:
        """Show."""
        path = self.path.partition("?")[0]
        if path == "/":
            self._answer(_page(self.mailbox.all()).encode(), "text/html; charset=utf-8")
        elif path == "/messages":
            self._json([mail.summary() for mail in self.mailbox.all()])
        elif path.startswith("/messages/"):
            self._one(path.removeprefix("/messages/"))
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_DELETE(self) -> None:
        """Throw everything away."""
        if self.path != "/messages":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.mailbox.clear()
        self._json([])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 the name in the base class
        """Say nothing: addresses must not get into logs."""

    def _one(self, name: str) -> None:
        mail = self.mailbox.get(name.removesuffix(".eml"))
        if mail is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif name.endswith(".eml"):
            self._answer(mail.raw, "text/plain; charset=utf-8")
        else:
            self._json(mail.detail())

    def _json(self, value: object) -> None:
        self._answer(json.dumps(value, ensure_ascii=False).encode(), "application/json")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        # What is shown was written by others.
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)


_STYLE = (
    "body{font:16px/1.6 system-ui,'Noto Sans CJK SC',sans-serif;margin:2rem auto;max-width:50rem;padding:0 1rem;"
    "color:#1c2430;background:#f6f7f9}article{background:#fff;border:1px solid #dde2e8;border-radius:8px;"
    "padding:1rem 1.25rem;margin:1rem 0}h2{font-size:1.1rem;margin:0}p{margin:.2rem 0;color:#4c5766}"
    "pre{white-space:pre-wrap;font:inherit;margin:.8rem 0 0}"
)


def _page(mails: list[Caught]) -> str:
    shown = "".join(
        f"<article><h2>{html.escape(str(mail.message['Subject'] or ''))}</h2>"
        f"<p>{html.escape(mail.sender)} → {html.escape(', '.join(mail.recipients))}"
        f" · <a href='/messages/{mail.id}.eml'>.eml</a></p><pre>{html.escape(mail.text)}</pre></article>"
        for mail in reversed(mails)
    )
    empty = "<p>还没有邮件。 No mail yet.</p>"
    return (
        "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>邮件 Mail catcher</title>"
        "<meta name='viewport' content='width=device-width'><meta http-equiv='refresh' content='10'>"
        f"<style>{_STYLE}</style></head><body><h1>收到的邮件 · Caught mail</h1>{shown or empty}</body></html>"
    )


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", int(port)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("mail"), help="Where .eml files are kept.")
@click.option("--smtp", default="127.0.0.1:1025", help="host:port for SMTP.")
@click.option("--http", default="127.0.0.1:8025", help="host:port of the page.")
def main(folder: Path, smtp: str, http: str) -> None:
    """Catch mail until told to stop."""
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with MailCatcher(folder, smtp=_address(smtp), http=_address(http)) as catcher:
        click.echo(f"mail catcher: smtp port {catcher.port}, page http://{http.rpartition(':')[0]}:{catcher.http_port}")
        over.wait()


if __name__ == "__main__":
    main()
