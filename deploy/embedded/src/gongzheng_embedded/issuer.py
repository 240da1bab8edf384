"""The built-in issuer of access tokens: only for one process on one machine, with a key made in its data folder."""

import json
from datetime import timedelta

from joserfc.jwk import OKPKey

from gongzheng.http.tokens import audience_of, generate_token_key, mint, public_jwks
from gongzheng_embedded.folder import DataFolder
from gongzheng_embedded.people import Person

LIFETIME = timedelta(hours=1)  # long enough to look round with one token, short enough to be harmless in a log
KEY_ID = "embedded"


class TokenIssuer:
    """Mints access tokens as an identity provider would: same claims, same checks, another key."""

    def __init__(self, *, issuer: str, folder: DataFolder) -> None:
        self.issuer = issuer
        made = folder.secret("issuer", lambda: json.dumps(generate_token_key(KEY_ID).as_dict(private=True)))
        self._key = OKPKey.import_key(json.loads(made))

    def jwks(self) -> str:
        """The public keys, as JSON text that services read (RFC 7517)."""
        return public_jwks(self._key)

    def mint(self, person: Person) -> str:
        """An access token for a person, for every service in which the person has a role."""
        return mint(
            self._key,
            issuer=self.issuer,
            audience=[audience_of(service) for service in person.services],
            subject=person.subject,
            name=person.name_zh,
            roles=person.roles,
            organisation_id=person.organisation_id,
            agent=person.machine,
            ttl_s=int(LIFETIME.total_seconds()),
        )
