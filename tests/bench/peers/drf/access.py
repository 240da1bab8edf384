"""Who may call: the same signed tokens that our service takes, checked with PyJWT."""

import json
import os
from dataclasses import dataclass
from typing import Any

import jwt
from jwt.algorithms import OKPAlgorithm
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission

if "Ed25519" not in jwt.algorithms.get_default_algorithms():
    jwt.register_algorithm("Ed25519", OKPAlgorithm())  # the newer name (RFC 9864)

_KEYS = {key["kid"]: OKPAlgorithm.from_jwk(key) for key in json.loads(os.environ["PEER_JWKS"])["keys"]}


@dataclass(frozen=True)
class Caller:
    """The bearer of a token."""

    subject: str
    roles: frozenset[str]
    is_authenticated: bool = True


class BearerToken(BaseAuthentication):
    """``Authorization: Bearer …``."""

    def authenticate(self, request: Any) -> tuple[Caller, None] | None:
        """The caller, when the signature, issuer, audience and time are right."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            claims = jwt.decode(
                token,
                _KEYS[jwt.get_unverified_header(token)["kid"]],
                algorithms=["Ed25519"],
                audience=os.environ["PEER_AUDIENCE"],
                issuer=os.environ["PEER_ISSUER"],
            )
        except (jwt.InvalidTokenError, KeyError) as error:
            raise AuthenticationFailed from error
        return Caller(claims["sub"], frozenset(claims["roles"])), None


class TakesLeads(BasePermission):
    """Who takes leads may report one."""

    def has_permission(self, request: Any, _view: Any) -> bool:
        """Whether the role is among the caller's."""
        return request.user is not None and "cases.intake" in request.user.roles
