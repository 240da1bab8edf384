"""Access tokens: signed JWTs of one issuer, meant for this service, checked offline against the issuer's keys."""

import hashlib
import json
import threading
import time
import urllib.request
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

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
AGE_S_MAX = 600
TOKEN_CHARS_MAX = 8192
ROLES_MAX = 64
REMEMBERED_MAX = 1024

SigningKey = RSAKey | ECKey | OKPKey
_log = structlog.get_logger(__name__)


class TokenRefused(Unauthorized):
    """No usable token: absent, malformed, expired, of another issuer or for another service."""

    def __init__(self, zh: str, en: str, *, error: str | None = "invalid_token") -> None:
        super().__init__(en)
        self.detail_zh, self.detail_en = zh, en
        challenge = 'Bearer realm="gongzheng"' + (f', error="{error}"' if error else "")
        self.headers = {"WWW-Authenticate": challenge}


class KeySource:
    """The issuer's public keys from a file, an address or JSON text; read at first need, again when a key is unknown.

    A key id that was not found is not asked for again before :data:`REFRESH_EVERY_S_MIN` seconds have passed, so that
    forged tokens cannot make the service call the issuer at their own rate. After :data:`AGE_S_MAX` seconds the set is
    read again in any case, so that a key that was withdrawn stops being believed.
    """

    def __init__(self, location: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._location, self._monotonic = location, monotonic
        self._lock, self._lock_verified = threading.Lock(), threading.Lock()
        self._keys: dict[str | None, SigningKey] = {}
        self._read_at: float | None = None
        self._verified: OrderedDict[bytes, tuple[str | None, SigningKey, dict[str, Any]]] = OrderedDict()

    def remembered(self, token: str) -> dict[str, Any] | None:
        """The claims of a token whose signature was found good before, by a key that the issuer still publishes."""
        digest = hashlib.sha256(token.encode()).digest()
        with self._lock_verified:
            known = self._verified.get(digest)
        if known is None or self.find(known[0]) is not known[1]:
            return None
        return known[2]

    def remember(self, token: str, key_id: str | None, key: SigningKey, claims: dict[str, Any]) -> None:
        """Keep what was checked, for the last :data:`REMEMBERED_MAX` tokens; the token itself is not kept."""
        with self._lock_verified:
            self._verified[hashlib.sha256(token.encode()).digest()] = (key_id, key, claims)
            while len(self._verified) > REMEMBERED_MAX:
                self._verified.popitem(last=False)

    def find(self, key_id: str | None) -> SigningKey | None:
        """The key with this id; without an id, the only key there is."""
        if self._should_read(key_id) and self._lock.acquire(blocking=self._read_at is None):
            # One thread asks the issuer; meanwhile the others go on with the keys known.
            try:
                if self._should_read(key_id):
                    self._read()
            finally:
                self._lock.release()
        keys = self._keys
        if key_id is None and len(keys) == 1:
            return next(iter(keys.values()))
        return keys.get(key_id)

    def _should_read(self, key_id: str | None) -> bool:
        if self._read_at is None:
            return True
        age_s = self._monotonic() - self._read_at
        return age_s >= AGE_S_MAX or (key_id not in self._keys and age_s >= REFRESH_EVERY_S_MIN)

    def _read(self) -> None:
        try:
            self._keys = dict(_usable(json.loads(_text_of(self._location))))
        except (OSError, ValueError) as error:
            # The keys known so far stay good: an issuer that is away must not lock everybody out.
            _log.warning("jwks_unreadable", error=type(error).__name__)
        self._read_at = self._monotonic()


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


class _Registry(JWSRegistry):
    """The allowed algorithms. EdDSA is the older name of Ed25519 (RFC 9864), which providers still write."""

    def get_alg(self, name: str) -> Any:
        """The algorithm of a name, without the library's warning about the older one."""
        return self.algorithms[name] if name == "EdDSA" else super().get_alg(name)


_REGISTRY = _Registry(algorithms=list(ALGORITHMS))


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
            raise TokenRefused(
                "请出示访问令牌：Authorization: Bearer …", "Send an access token: Authorization: Bearer …", error=None
            )
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARS_MAX:
            raise TokenRefused("Authorization 中没有访问令牌。", "The Authorization header holds no bearer token.")
        actor = _actor(self._claims(token.strip()))
        refuse_forbidden_pairs(actor.roles)
        return actor

    def _claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that is good at this moment; only the signature is not computed twice."""
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock.now().timestamp()),
            leeway=self._leeway_s,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = self._keys.remembered(token) or self._signed_claims(token)
            registry.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.info("token_refused", reason=type(error).__name__)
            raise TokenRefused(*_reason(error)) from None
        return claims

    def _signed_claims(self, token: str) -> dict[str, Any]:
        used: list[tuple[str | None, SigningKey]] = []

        def key_for(unverified: Any) -> SigningKey:
            key_id = unverified.headers().get("kid")
            key = self._keys.find(key_id)
            if key is None:
                raise TokenRefused(
                    "令牌所用的签名密钥未由签发者公布。",
                    "The token is signed with a key that the issuer does not publish.",
                )
            used.append((key_id, key))
            return key

        claims: dict[str, Any] = jwt.decode(token, key_for, registry=_REGISTRY).claims
        self._keys.remember(token, *used[-1], claims)
        return claims


def _reason(error: Exception) -> tuple[str, str]:
    known = {
        "ExpiredTokenError": ("令牌已过期。", "The token has expired."),
        "InvalidClaimError": (
            "令牌属于其他服务或其他签发者，或尚未生效。",
            "The token is for another service, of another issuer, or not valid yet.",
        ),
        "MissingClaimError": ("令牌缺少 iss、aud、exp 或 sub。", "The token lacks one of iss, aud, exp and sub."),
    }
    return known.get(type(error).__name__, ("令牌无效。", "The token is not valid."))


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
        raise TokenRefused(
            "令牌中 sub、name、roles、organisation_id 的形式不符。",
            "The claims sub, name, roles and organisation_id have not the form agreed.",
        )
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
