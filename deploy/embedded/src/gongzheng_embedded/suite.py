"""The whole suite in one process, from a data folder to a listening door."""

import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import waitress
from waitress import wasyncore

from gongzheng_embedded.composition import Composition, Dispatcher, compose
from gongzheng_embedded.environment import Deployment
from gongzheng_embedded.folder import DataFolder
from gongzheng_embedded.home import home_app
from gongzheng_embedded.issuer import TokenIssuer
from gongzheng_embedded.live import OutboxFollower
from gongzheng_embedded.mailcatcher import MailCatcher
from gongzheng_embedded.people import SERVICES, demonstration_people
from gongzheng_embedded.receiver import WebhookReceiver
from gongzheng_embedded.stage import Stage

LOOPBACK = ("127.0.0.1", "localhost", "::1")
THREADS = 32  # an open page holds one for its event stream; the rest serve requests
HOOK_PATH = "demo-receiver"
ISSUER = "gongzheng-embedded"
STOP_S = 5


class PortTaken(Exception):
    """Somebody else listens where the suite should."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose tokens are believed: the built-in issuer's, or those of a provider named by its issuer and keys."""

    issuer: str = ISSUER
    jwks: str = ""

    @property
    def built_in(self) -> bool:
        """Whether the suite mints its own."""
        return not self.jwks


@dataclass
class Suite:
    """The suite on one address; ``port`` 0 takes any that is free. Use as a context manager."""

    folder: DataFolder
    host: str = "127.0.0.1"
    port: int = 0
    identity: Identity = field(default_factory=Identity)
    stage: Stage = field(default_factory=Stage)
    hooks: WebhookReceiver = field(default_factory=WebhookReceiver)

    def __enter__(self) -> Self:
        self._held = self.folder.prepare().hold()
        self._socket = listen(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://{'localhost' if ':' in self.host else self.host}:{self.port}"
        self.tokens = TokenIssuer(issuer=self.identity.issuer, folder=self.folder)
        self.mail = MailCatcher(self.folder.root / "mail")
        self.mail.start()
        self.composition: Composition = compose(self._deployment())
        mechanisms = {name: service.mechanism for name, service in self.composition.services.items()}
        self._follower = OutboxFollower(mechanisms, self.stage.event)
        self._follower.follow_once()  # what is there already is shown before anybody looks
        self._server = waitress.create_server(
            self._door(),
            sockets=[self._socket],
            threads=THREADS,
            ident="",  # not our business to tell
            channel_request_lookahead=1,  # lets a stream notice that its reader left
            max_request_body_size=64 * 1024 * 1024,  # above the services' own limit, so that theirs answers
        )
        self._serving = threading.Thread(target=self._server.run, name="door", daemon=True)
        self.composition.start()
        self._follower.start()
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.live.close()
        # Closed by the thread that serves: closing under its hands would tear requests apart.
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))  # noqa: SLF001 no public way
        self._serving.join(timeout=STOP_S)
        self._server.task_dispatcher.shutdown(timeout=STOP_S)
        self.composition.stop()
        self._follower.stop()
        self.mail.stop()
        self._held.close()

    @property
    def bases(self) -> Mapping[str, str]:
        """The address of each service."""
        return {name: f"{self.url}/{name}" for name in SERVICES}

    @property
    def hook_url(self) -> str:
        """Where the demonstration's other system listens."""
        return f"{self.url}/{HOOK_PATH}/"

    def mailbox(self) -> Sequence[Mapping[str, Any]]:
        """What was sent by mail so far."""
        return self.mail.messages()

    def _deployment(self) -> Deployment:
        return Deployment(
            folder=self.folder,
            databases={name: self.folder.database_url(name) for name in SERVICES},
            public_urls=self.bases,
            issuer=self.identity.issuer,
            jwks=self.identity.jwks or self.tokens.jwks(),
            mail_host="127.0.0.1",
            mail_port=self.mail.port,
            embedded=True,
        )

    def _door(self) -> Dispatcher:
        home = home_app(
            stage=self.stage,
            issuer=self.tokens if self.identity.built_in else None,
            people=demonstration_people(),
            mailbox=self.mailbox,
        )
        apps: dict[str, Any] = {name: service.app for name, service in self.composition.services.items()}
        apps[HOOK_PATH] = self.hooks
        return Dispatcher(home, apps, hosts=LOOPBACK if self.host in LOOPBACK else None)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket.

    Raises:
        PortTaken: when the address is in use or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise PortTaken(f"{host}:{port} cannot be used ({error.strerror}); choose another with --port.") from None
    return made
