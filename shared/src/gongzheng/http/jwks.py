"""``/.well-known/jwks.json``: the public keys by which others verify what a service signed, events above all."""

from collections.abc import Sequence

from flask import Response, jsonify, request
from marshmallow import fields, validate

from gongzheng.db.mechanism import Mechanism
from gongzheng.http.access import public
from gongzheng.http.blueprint import Blueprint
from gongzheng.http.schemas import Schema
from gongzheng.messaging.envelope import Ed25519Signer
from gongzheng.messaging.keys import KeysError, PublicKey, jwks, trusted_keys, with_key
from gongzheng.settings import SettingsError

KEPT_S = 300
_X = r"^[A-Za-z0-9_-]{43}$"


class Jwk(Schema):
    """An Ed25519 public key (RFC 8037)."""

    kty = fields.String(required=True, validate=validate.Equal("OKP"))
    crv = fields.String(required=True, validate=validate.Equal("Ed25519"))
    x = fields.String(required=True, validate=validate.Regexp(_X), metadata={"description": "The key, base64url."})
    kid = fields.String(required=True, metadata={"description": "The attribute keyid of events that it signed."})
    use = fields.String(required=True, validate=validate.Equal("sig"))
    alg = fields.String(required=True, validate=validate.Equal("EdDSA"))
    nbf = fields.Integer(metadata={"description": "It signs events from this moment on, seconds since 1970."})
    exp = fields.Integer(metadata={"description": "It signed events up to this moment, seconds since 1970."})


class JwkSet(Schema):
    """A JWK Set (RFC 7517)."""

    keys = fields.List(fields.Nested(Jwk), required=True)


def jwks_blueprint(mechanism: Mechanism, trusted: str) -> Blueprint:
    """The route: the key that signs now, and those that ``trusted`` (a file) has for the service's own source.

    So the key that comes next and those of before are published from the same file by which they are believed.

    Raises:
        SettingsError: when the file is none, or has another key under the id of the one that signs.
    """
    published = jwks(published_keys(mechanism, trusted))
    blueprint = Blueprint("keys", __name__, url_prefix="/.well-known", description="The keys that sign its events.")

    @blueprint.route("/jwks.json")
    @public()
    @blueprint.alt_response(200, schema=JwkSet, description="OK")
    def keys() -> Response:
        """The public keys that verify the signatures of the service's events.

        A signature is made over the event without its member ``signature``, as canonical JSON.
        """
        response = jsonify(published)
        response.cache_control.public, response.cache_control.max_age = True, KEPT_S
        response.add_etag()
        response.make_conditional(request)
        return response

    return blueprint


def published_keys(mechanism: Mechanism, trusted: str) -> Sequence[PublicKey]:
    """The signer's own key first, then the others of the service's source."""
    own = {mechanism.source: trusted_keys(trusted).get(mechanism.source, [])}
    if not isinstance(mechanism.signer, Ed25519Signer):
        return own[mechanism.source]
    key = PublicKey(key_id=mechanism.signer.key_id, raw=mechanism.signer.public_bytes())
    known = next((other for other in own[mechanism.source] if other.key_id == key.key_id), key)
    try:
        keys = with_key(own, mechanism.source, known if known.raw == key.raw else key)[mechanism.source]
    except KeysError as error:
        raise SettingsError(f"The trusted keys do not fit the signing key: {error}.") from None
    return sorted(keys, key=lambda other: other.key_id != key.key_id)
