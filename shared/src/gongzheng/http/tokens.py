"""Access tokens: signed JWTs of one issuer, meant for this service, checked offline against the issuer's keys."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey, RSAKey

from gongzheng.clock import Clock, SystemClock
from gongzheng.db.unit_of_work import Actor
from gongzheng.errors import Unauthorized
from gongzheng.http.pairs import refuse_forbidden_pairs
from gongzheng.settings import HttpSettings

# Asymmetric only: with a shared secret every service could mint tokens for every other.
ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
FETCH_TIMEOUT_S = 5
JWKS_BYTES_MAX = 262_144
REFRESH_EVERY_S_MIN = 30
TOKEN_CHARS_MAX = 8192
ROLES_MAX = 64

SigningKey = RSAKey | ECKey | OKPKey
_log = structlog.get_logger(__name__)


class TokenRefused(Unauthorized):
    """No usable token: absent, malformed, expired, of another issuer or for another service."""

    def __init__(self, reason: str, *, error: str | None = "invalid_token") -> None:
        super().__init__(reason)
        challenge = 'Bearer realm="gongzheng"' + (f', error="{error}"' if error else "")
        self.headers = {"WWW-Authenticate": challenge}


class KeySource:
    """The issuer's public keys from a file, an address or JSON text; read at first need, again when a key is unknown.

    A key id that was not found is not asked for again before :data:`REFRESH_EVERY_S_MIN` seconds have passed, so that
    forged tokens cannot make the service call the issuer at their own rate.
    """

    def __init__(self, location: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._location, self._monotonic = location, monotonic
        self._lock = threading.Lock()
        self._keys: dict[str | None, SigningKey] = {}
        self._read_at: float | None = None

    def find(self, key_id: str | None) -> SigningKey | None:
        """The key with this id; without an id, the only key there is."""
        with self._lock:
            if key_id not in self._keys and self._may_read():
                self._read()
            if key_id is None and len(self._keys) == 1:
                return next(iter(self._keys.values()))
            return self._keys.get(key_id)

    def _may_read(self) -> bool:
        return self._read_at is None or self._monotonic() - self._read_at >= REFRESH_EVERY_S_MIN

    def _read(self) -> None:
        self._read_at = self._monotonic()
        try:
            self._keys = dict(_usable(json.loads(_text_of(self._location))))
        except (OSError, ValueError) as error:
            # The keys known so far stay good: an issuer that is away must not lock everybody out.
            _log.warning("jwks_unreadable", error=type(error).__name__)


def _text_of(location: str) -> str:
    if location.lstrip().startswith("{"):
        return location
    if location.startswith(("https://", "http://")):
        with urllib.request.urlopen(location, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310 the scheme was just checked
            text: bytes = answer.read(JWKS_BYTES_MAX)
            return text.decode()
    return Path(location.removeprefix("file://")).read_text(encoding="utf-8")


def _usable(jwks: Mapping[str, Any]) -> list[tuple[str | None, SigningKey]]:
    """The signature keys of the set; others, shared secrets among them, are passed over."""
    found: list[tuple[str | None, SigningKey]] = []
    for raw in jwks.get("keys", []):
        if raw.get("kty") in ("RSA", "EC", "OKP") and raw.get("use", "sig") == "sig":
            try:
                key = JWKRegistry.import_key(raw)
            except (JoseError, ValueError, TypeError) as error:
                _log.warning("jwk_unusable", error=type(error).__name__)
                continue
            if isinstance(key, (RSAKey, ECKey, OKPKey)):
                found.append((raw.get("kid"), key))
    return found


class TokenVerifier:
    """Turns ``Authorization: Bearer …`` into the actor it stands for, or refuses."""

    def __init__(self, service: str, settings: HttpSettings, clock: Clock | None = None) -> None:
        self._keys = KeySource(settings.jwks)
        self._audience = settings.audience or audience_of(service)
        self._issuer, self._leeway_s = settings.issuer, settings.leeway_s
        self._clock = clock or SystemClock()

    def actor(self, authorization: str | None) -> Actor:
        """The bearer.

        Raises:
            TokenRefused: 401, when there is no token or it is not good for this service.
            RolePairForbidden: 403, when it joins roles that the law keeps apart.
        """
        scheme, _, token = (authorization or "").strip().partition(" ")
        if not scheme:
            raise TokenRefused("Send an access token: Authorization: Bearer …", error=None)
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARS_MAX:
            raise TokenRefused("The Authorization header holds no bearer token.")
        actor = _actor(self._claims(token.strip()))
        refuse_forbidden_pairs(actor.roles)
        return actor

    def _claims(self, token: str) -> dict[str, Any]:
        def key_for(unverified: Any) -> SigningKey:
            key = self._keys.find(unverified.headers().get("kid"))
            if key is None:
                raise TokenRefused("The token is signed with a key that the issuer does not publish.")
            return key

        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            leeway=self._leeway_s,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            decoded = jwt.decode(token, key_for, algorithms=list(ALGORITHMS))
            registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.info("token_refused", reason=type(error).__name__)
            raise TokenRefused(_reason(error)) from None
        return decoded.claims


def _reason(error: Exception) -> str:
    known = {
        "ExpiredTokenError": "The token has expired.",
        "InvalidClaimError": "The token is for another service, of another issuer, or not valid yet.",
        "MissingClaimError": "The token lacks one of iss, aud, exp and sub.",
    }
    return known.get(type(error).__name__, "The token is not valid.")


def _actor(claims: Mapping[str, Any]) -> Actor:
    subject, name, roles = claims.get("sub"), claims.get("name", ""), claims.get("roles", [])
    organisation = claims.get("organisation_id")
    well_formed = (
        isinstance(subject, str)
        and 0 < len(subject) <= 200  # noqa: PLR2004 what the audit table shows on one line
        and "\0" not in subject
        and isinstance(name, str)
        and isinstance(roles, list)
        and len(roles) <= ROLES_MAX
        and all(isinstance(role, str) for role in roles)
        and (organisation is None or isinstance(organisation, str))
    )
    if not well_formed:
        raise TokenRefused("The claims sub, name, roles and organisation_id have not the form agreed.")
    return Actor(
        subject=str(subject),
        name=name.replace("\0", "") or str(subject),
        roles=frozenset(roles),
        organisation_id=organisation,
        agent=claims.get("agent") is True,
    )


def audience_of(service: str) -> str:
    """The audience of the tokens for a service."""
    return f"gongzheng-{service}"


def mint(
    key: SigningKey,
    *,
    issuer: str,
    audience: str | Sequence[str],
    subject: str,
    roles: Sequence[str] = (),
    name: str = "",
    organisation_id: str | None = None,
    agent: bool = False,
    ttl_s: int = 3600,
    clock: Clock | None = None,
) -> str:
    """A signed access token for the embedded mode, tests and demonstrations; ``audience`` as ``gongzheng-cases``."""
    now = int((clock or SystemClock()).now().timestamp())
    claims = {
        "iss": issuer,
        "aud": audience if isinstance(audience, str) else list(audience),
        "sub": subject,
        "name": name or subject,
        "roles": list(roles),
        "organisation_id": organisation_id,
        "agent": agent,
        "iat": now,
        "exp": now + ttl_s,
    }
    algorithm = {"RSA": "RS256", "EC": "ES256", "OKP": "Ed25519"}[key.key_type]
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key, algorithms=list(ALGORITHMS))


def generate_token_key(key_id: str = "1") -> OKPKey:
    """A fresh Ed25519 key that signs tokens."""
    return OKPKey.generate_key("Ed25519", {"kid": key_id, "use": "sig"})


def public_jwks(*keys: SigningKey) -> str:
    """The public halves as JWKS text."""
    return json.dumps(KeySet(list(keys)).as_dict(private=False))
