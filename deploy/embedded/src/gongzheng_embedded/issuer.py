"""The built-in issuer of access tokens: only for one process on one machine, with a key made in its data folder."""

from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.jwk import OKPKey

from gongzheng.clock import Clock, SystemClock
from gongzheng_embedded.folder import public_half
from gongzheng_embedded.people import Person

ALGORITHM = "EdDSA"
LIFETIME = timedelta(
    hours=1
)  # long enough to look round with one token, short enough to be harmless in a shell history
KEY_ID = "embedded"


class TokenIssuer:
    """Mints access tokens as an identity provider would: same claims, same checks, another key."""

    def __init__(self, *, issuer: str, seed: str, clock: Clock | None = None) -> None:
        self.issuer = issuer
        self._clock = clock or SystemClock()
        self._public = {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": public_half(seed),
            "kid": KEY_ID,
            "use": "sig",
            "alg": ALGORITHM,
        }
        self._key = OKPKey.import_key({**self._public, "d": seed})

    def jwks(self) -> dict[str, Any]:
        """The public keys, as services read them (RFC 7517)."""
        return {"keys": [self._public]}

    def mint(self, person: Person, *, audience: tuple[str, ...] | None = None) -> str:
        """An access token for a person, by default for every service in which the person has a role."""
        now = self._clock.now()
        claims = {
            "iss": self.issuer,
            "sub": person.subject,
            "name": person.name_zh,
            "aud": [f"gongzheng-{name}" for name in (audience or person.services)],
            "roles": list(person.roles),
            "organisation_id": person.organisation_id,
            "agent": person.machine,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jwt.encode({"alg": ALGORITHM, "kid": KEY_ID}, claims, self._key, algorithms=[ALGORITHM])
