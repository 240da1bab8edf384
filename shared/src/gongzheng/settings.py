"""Settings: one frozen object per service, read once from the environment; secrets have no defaults.

Each field says in its metadata how its variable is read. ``ServiceSettings.from_env("CASES_")`` reads
``CASES_DATABASE_URL`` and so on; a variable may instead name a file that holds the value (``CASES_DATABASE_URL_FILE``),
as container secrets do. A variable with the prefix that no field knows is refused, so that a misspelt one is not lost.
"""

import base64
import binascii
import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from environs import Env, EnvError

from gongzheng.expectations import Expectation, parse_expectations
from gongzheng.messaging.slots import PARTITIONS as RELAY_PARTITIONS

# Kubernetes gives every container the addresses of all services: CASES_SERVICE_HOST, CASES_PORT_8000_TCP and so on.
_KUBERNETES = re.compile(r"(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_\w+)?)")
_SEED_BYTES = 32
_SECRET_CHARS_MIN = 16
PARTITIONS_MAX = 64
_EXAMPLE_KEY = "A" * 42 + "8"
_EXAMPLES = (_EXAMPLE_KEY, f"first:{_EXAMPLE_KEY}", "https://service.example", "someone@example.com", "1")


class SettingsError(Exception):
    """A setting is missing, unknown or unreadable; the text is one sentence that names the variable."""


def setting(
    read: str = "str",
    *,
    default: Any = MISSING,
    help_en: str,
    parse: Callable[[Any], Any] | None = None,
    example: str | None = None,
) -> Any:
    """A field read from the environment.

    Args:
        read: the reader of ``environs``: str, int, bool, list, json …
        default: the value when the variable is absent; without one the variable must be set.
        help_en: what the setting is for, for the operator's table.
        parse: makes the value of what was read; raises ValueError with the reason.
        example: text that would do where nothing is really started, for instance to write the API's document.
    """
    metadata = {"read": read, "help_en": help_en, "parse": parse, "example": example}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)


def _seed(text: str) -> bytes:
    try:
        seed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        seed = b""
    if len(seed) != _SEED_BYTES:
        raise ValueError("must be 32 bytes in base64url; `gongzheng keygen` makes one")
    return seed


def _secret(text: str) -> str:
    if len(text) < _SECRET_CHARS_MIN:
        raise ValueError(f"must have at least {_SECRET_CHARS_MIN} characters")
    return text


def _partitions(count: int) -> int:
    if not 1 <= count <= PARTITIONS_MAX:
        raise ValueError(f"must be from 1 to {PARTITIONS_MAX}")
    return count


def _relay_partitions(count: int) -> int:
    if count not in RELAY_PARTITIONS:
        raise ValueError(f"must be one of {RELAY_PARTITIONS}")
    return count


def _web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
        raise ValueError("must be an http(s) address")
    return text.rstrip("/")


@dataclass(frozen=True, kw_only=True)
class HttpSettings:
    """What the API frame needs to know.

    ``jwks`` is a file, an https address or the JSON text itself; ``audience`` None means ``gongzheng-<service>``;
    of ``trusted_keys`` those of the service's own source are published;
    ``trusted_proxies`` is how many proxies in front may set X-Forwarded-*; sizes are in bytes, times in seconds.
    """

    issuer: str
    jwks: str
    throttle_key: str
    audience: str | None = None
    trusted_proxies: int = 0
    json_bytes_max: int = 1_048_576
    upload_bytes_max: int = 33_554_432
    leeway_s: int = 30
    flow_silence_s: int = 3600
    expect_events: tuple[Expectation, ...] = ()
    trusted_keys: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What every service is told by its environment; services subclass it for settings of their own."""

    database_url: str = setting(
        help_en="Address of the service's database, postgresql://… or sqlite:////absolute/path."
    )
    public_url: str = setting(help_en="Address under which people and systems reach the service.", parse=_web_address)
    issuer: str = setting(help_en="Issuer (iss) of the access tokens.")
    jwks: str = setting(help_en="Keys of the issuer: a file or an https address of its JWKS.", example='{"keys": []}')
    throttle_key: str = setting(help_en="Secret under which callers' addresses are hashed.", parse=_secret)
    signing_key: bytes = setting(help_en="Ed25519 seed that signs the service's events, base64url.", parse=_seed)
    signing_key_id: str = setting(default="1", help_en="Name of the signing key; change it with the key.")
    trusted_keys: str = setting(
        default="",
        help_en="JSON file of the producers' public keys: source → JWK Set, or source → key id → base64url. Those of "
        "the service's own source are published at /.well-known/jwks.json.",
    )
    source: str = setting(default="", help_en="CloudEvents source of the service's events; by default its public_url.")
    amqp_url: str | None = setting(
        default=None,
        help_en="Address of the broker, or of its nodes, joined by commas; without it nothing leaves the process.",
    )
    partitions: int = setting(
        "int",
        default=1,
        help_en="Queues over which the events for the service are spread, so that several workers share them.",
        parse=_partitions,
    )
    relay_partitions: int = setting(
        "int",
        default=1,
        help_en="Relays that share the service's outbox by lanes: 1, 2, 3, 4, 6 or 12; each worker stands by for all.",
        parse=_relay_partitions,
    )
    feeds: Mapping[str, str] = setting(
        "json", default=None, help_en="Addresses of the producers' event feeds, JSON: service → address."
    )
    feed_token_file: str = setting(default="", help_en="File with the access token for the producers' feeds.")
    files_dir: str = setting(default="", help_en="Folder for uploaded and produced files.")
    audience: str | None = setting(default=None, help_en="Audience of the tokens, by default gongzheng-<service>.")
    trusted_proxies: int = setting("int", default=0, help_en="Number of proxies in front that set X-Forwarded-*.")
    json_bytes_max: int = setting("int", default=1_048_576, help_en="Largest JSON body.")
    upload_bytes_max: int = setting("int", default=33_554_432, help_en="Largest multipart body.")
    database_connections_max: int = setting("int", default=16, help_en="Largest number of database connections.")
    flow_silence_s: int = setting(
        "int", default=3600, help_en="Silence in working hours after which flow is unhealthy."
    )
    expect_events: tuple[Expectation, ...] = setting(
        default=(),
        help_en="Streams in which silence is an alarm, here or at whoever is followed: cases.case=1h@office,"
        "fees.obligation=2d (units m, h, d; @office: within the hours of a working day).",
        parse=parse_expectations,
    )
    worker_http_port: int = setting(
        "int", default=0, help_en="Port of the worker's /metrics, /health/live and /health/ready; without it none."
    )
    worker_http_bind: str = setting(default="127.0.0.1", help_en="Address at which the worker's port listens.")
    management_url: str = setting(
        default="",
        help_en="The broker's management interface, http(s)://user:password@host:15672, with which `gongzheng doctor` "
        "compares exchanges, queues and bindings with the table.",
    )
    log_level: str = setting(default="INFO", help_en="DEBUG, INFO, WARNING or ERROR.")
    embedded: bool = setting("bool", default=False, help_en="True in the one-process mode on a loopback address.")

    @property
    def http(self) -> HttpSettings:
        """The part that :func:`gongzheng.http.create_app` reads."""
        return HttpSettings(
            issuer=self.issuer,
            jwks=self.jwks,
            throttle_key=self.throttle_key,
            audience=self.audience,
            trusted_proxies=self.trusted_proxies,
            json_bytes_max=self.json_bytes_max,
            upload_bytes_max=self.upload_bytes_max,
            flow_silence_s=self.flow_silence_s,
            expect_events=self.expect_events,
            trusted_keys=self.trusted_keys,
        )

    @classmethod
    def from_env(cls, prefix: str) -> Self:
        """Read every setting from variables that begin with ``prefix``, such as "CASES_".

        Raises:
            SettingsError: one sentence naming the variable that is missing, unknown or unreadable.
        """
        _refuse_unknown(prefix, [f.name for f in fields(cls)])
        return cls(**{f.name: _read(prefix, f) for f in fields(cls) if f.init})

    @classmethod
    def example_environment(cls, prefix: str) -> dict[str, str]:
        """Variables with which every required setting is there; for documents and checks, never for service."""
        required = [f for f in fields(cls) if f.default is MISSING]
        return {_variable(prefix, f.name): _example(f) for f in required}

    @classmethod
    def table(cls, prefix: str) -> list[tuple[str, str, str]]:
        """Name, default and purpose of each variable, for documentation."""
        return [(_variable(prefix, f.name), _default_text(f), f.metadata.get("help_en", "")) for f in fields(cls)]


def _variable(prefix: str, name: str) -> str:
    return f"{prefix}{name}".upper()


def _default_text(setting_field: Field[Any]) -> str:
    return "(required)" if setting_field.default is MISSING else str(setting_field.default or "")


def _example(setting_field: Field[Any]) -> str:
    """The example of a required setting, or the first of some usual texts that its reader accepts."""
    given: str | None = setting_field.metadata["example"]
    parse = setting_field.metadata["parse"]
    if given is not None or parse is None:
        return given or "example"
    for text in _EXAMPLES:
        try:
            parse(text)
        except ValueError:
            continue
        return text
    raise SettingsError(f"The setting {setting_field.name} needs an example.")


def _read(prefix: str, setting_field: Field[Any]) -> Any:
    variable = _variable(prefix, setting_field.name)
    raw = _raw(variable)
    if raw is None:
        if setting_field.default is MISSING:
            raise SettingsError(f"{variable} is not set: {setting_field.metadata['help_en']}")
        return (
            {} if setting_field.default is None and setting_field.metadata["read"] == "json" else setting_field.default
        )
    parse = setting_field.metadata["parse"]
    try:
        value = _typed(variable, raw, setting_field.metadata["read"])
        return parse(value) if parse else value
    except (EnvError, ValueError) as error:
        reason = str(error) if parse and not isinstance(error, EnvError) else f"is no {setting_field.metadata['read']}"
        raise SettingsError(f"{variable} {reason}.") from None


def _raw(variable: str) -> str | None:
    """The variable's value, or the content of the file that ``<variable>_FILE`` names."""
    if variable in os.environ:
        return os.environ[variable]
    path = os.environ.get(f"{variable}_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{variable}_FILE names {path}, which cannot be read: {error.strerror}.") from None


def _typed(variable: str, raw: str, read: str) -> Any:
    if read == "str":
        return raw
    env = Env()
    before = os.environ.get(variable)
    os.environ[variable] = raw
    try:
        return getattr(env, read)(variable)
    finally:
        if before is None:
            del os.environ[variable]


def _refuse_unknown(prefix: str, names: list[str]) -> None:
    known = {_variable(prefix, name) for name in names}
    known |= {f"{name}_FILE" for name in known}
    for variable in sorted(os.environ):
        if variable.startswith(prefix) and variable not in known and not _KUBERNETES.fullmatch(variable[len(prefix) :]):
            close = difflib.get_close_matches(variable, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else "."
            raise SettingsError(f"{variable} is not a setting{hint}")
