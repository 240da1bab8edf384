"""E-mail over SMTP: a real conversation, in which each stage says what a failure means."""

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from urllib.parse import unquote, urlsplit

import structlog

from gongzheng.clock import Clock
from notifications.domain.outcome import Outcome, OutcomeKind
from notifications.handlers.send_message import Parcel

_LANGUAGES = {"zh": "zh-CN", "en": "en", "both": "zh-CN, en"}
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
# Headers and body in ASCII: not every relay takes eight bits, and a message must not depend on one that does.
_POLICY = SMTP.clone(cte_type="7bit")
_LEADING_DOT = re.compile(rb"(?m)^\.")
_GO_AHEAD, _ACCEPTED = 354, 250
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """Which relay mail is handed to, and as whom.

    ``mode`` is ``smtp`` (clear text, for a relay on the same host or a mail catcher), ``smtp+starttls`` (TLS is asked
    for and insisted on) or ``smtps`` (TLS from the first byte). ``message_domain`` stands in Message-ID.
    """

    mode: str
    host: str
    port: int
    user: str | None
    password: str | None
    sender: str
    sender_name: str
    message_domain: str
    ca_file: str | None = None
    timeout_s: float = 20.0

    @classmethod
    def from_url(
        cls, url: str, *, sender: str, sender_name: str, message_domain: str, ca_file: str | None = None
    ) -> "SmtpSettings":
        """Read ``smtp[s|+starttls]://[user:password@]host[:port]``.

        Raises:
            ValueError: when it is not of that form, or a password would travel in clear text.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("must be smtp://, smtp+starttls:// or smtps:// with a host")
        if parts.password is not None and parts.scheme == "smtp":
            raise ValueError("must not send a password in clear text: use smtp+starttls:// or smtps://")
        return cls(
            mode=parts.scheme,
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            sender=sender,
            sender_name=sender_name,
            message_domain=message_domain,
            ca_file=ca_file,
        )


class SmtpChannel:
    """Hands messages to the relay, several on one connection; for use by one thread."""

    name = "email"

    def __init__(self, settings: SmtpSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._smtp: smtplib.SMTP | None = None

    def send(self, parcel: Parcel) -> Outcome:
        """Try once; a connection that the relay dropped while it stood idle is replaced and not counted."""
        reused = self._smtp is not None
        try:
            smtp = self._connected()
            outcome = self._envelope(smtp, parcel) or self._content(smtp, parcel)
        except smtplib.SMTPServerDisconnected:
            self._drop()
            return self.send(parcel) if reused else _temporary("smtp-disconnected", unreachable=True)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return _failure(error)
        if not outcome.accepted:
            self._drop()
        return outcome

    def close(self) -> None:
        """Take leave of the relay; the next message opens another connection."""
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        """End a conversation that went wrong, without a further word."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        asked = self._settings
        if asked.mode == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(asked.host, asked.port, timeout=asked.timeout_s, context=self._tls())
        else:
            smtp = smtplib.SMTP(asked.host, asked.port, timeout=asked.timeout_s)
        try:
            if asked.mode == "smtp+starttls":
                smtp.starttls(context=self._tls())
            smtp.ehlo_or_helo_if_needed()
            if asked.user is not None:
                smtp.login(asked.user, asked.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._settings.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _envelope(self, smtp: smtplib.SMTP, parcel: Parcel) -> Outcome | None:
        """Sender and recipient; None when the relay wants the content."""
        code, _ = smtp.mail(self._settings.sender)
        if code != _ACCEPTED:
            # Refusing the sender is a fault of our set-up: every message waits for it to be mended, none is given up.
            return _temporary(f"smtp-sender-{code}")
        code, _ = smtp.rcpt(parcel.address)
        if code // 100 != 2:  # noqa: PLR2004 the class of positive replies, RFC 5321 4.2.1
            return _by_code(code)
        code, _ = smtp.docmd("DATA")
        return None if code == _GO_AHEAD else _by_code(code)

    def _content(self, smtp: smtplib.SMTP, parcel: Parcel) -> Outcome:
        """The message itself. Only from the closing dot on can the relay have taken it over without our knowing."""
        smtp.send(_LEADING_DOT.sub(b"..", self.compose(parcel).as_bytes(policy=_POLICY)))
        try:
            smtp.send(b"\r\n.\r\n")
            code, _ = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            _log.info("smtp_answer_lost", message_id=parcel.message_id, error=type(error).__name__)
            return Outcome(kind=OutcomeKind.UNKNOWN, code="smtp-answer-lost", unreachable=True)
        return Outcome(kind=OutcomeKind.ACCEPTED, code=f"smtp-{code}") if code == _ACCEPTED else _by_code(code)

    def compose(self, parcel: Parcel) -> EmailMessage:
        """The message as it travels; the same message always has the same Message-ID."""
        mail = EmailMessage(policy=_POLICY)
        mail["Message-ID"] = f"<{parcel.message_id}@{self._settings.message_domain}>"
        mail["Date"] = format_datetime(self._clock.now())
        mail["From"] = formataddr((self._settings.sender_name, self._settings.sender))
        mail["To"] = parcel.address
        mail["Subject"] = parcel.subject
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(parcel.body, charset="utf-8")
        mail["Content-Language"] = _LANGUAGES[parcel.language]  # set_content clears what was said of the content before
        return mail


def _by_code(code: int) -> Outcome:
    permanent = code // 100 == 5  # noqa: PLR2004 the class of permanent replies, RFC 5321 4.2.1
    return Outcome(kind=OutcomeKind.PERMANENT if permanent else OutcomeKind.TEMPORARY, code=f"smtp-{code}")


def _temporary(code: str, *, unreachable: bool = False) -> Outcome:
    return Outcome(kind=OutcomeKind.TEMPORARY, code=code, unreachable=unreachable)


def _failure(error: OSError | smtplib.SMTPException) -> Outcome:
    """A failure before the content: the relay cannot have taken anything."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _temporary("smtp-auth")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _temporary("smtp-not-supported")
    if isinstance(error, smtplib.SMTPResponseException):
        return _temporary(f"smtp-{error.smtp_code}")
    if isinstance(error, ssl.SSLError):
        return _temporary("smtp-tls")
    return _temporary("smtp-timeout" if isinstance(error, TimeoutError) else "smtp-unreachable", unreachable=True)
