"""``gongzheng keygen`` and ``gongzheng token``: keys that sign events and tokens, and tokens for demonstrations."""

import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from gongzheng.http.pairs import RolePairForbidden, refuse_forbidden_pairs
from gongzheng.http.tokens import SigningKey, audience_of, generate_token_key, mint, public_jwks
from gongzheng.messaging.keys import PublicKey, base64url

_SECRET_BYTES = 32
_PRIVATE_MODE = 0o600
TTL_S_MAX = 86_400
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def keygen() -> None:
    """Make keys and secrets; private ones are shown or written once and kept nowhere else."""


@keygen.command("events")
def keygen_events() -> None:
    """A key that signs a service's events: the seed for <SERVICE>_SIGNING_KEY, the public key and its fingerprint."""
    key = Ed25519PrivateKey.generate()
    public = PublicKey(key_id="", raw=key.public_key().public_bytes_raw())
    click.echo(f"signing_key={base64url(key.private_bytes_raw())}")
    click.echo(f"public_key={base64url(public.raw)}")
    click.echo(f"fingerprint={public.thumbprint()}")


@keygen.command("secret")
def keygen_secret() -> None:
    """Thirty-two random bytes in base64url, for <SERVICE>_THROTTLE_KEY and the like."""
    click.echo(base64url(secrets.token_bytes(_SECRET_BYTES)))


@keygen.command("token")
@click.option(
    "--private", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File for the private key."
)
@click.option("--public", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File for the JWKS.")
@click.option("--key-id", default="1", show_default=True, help="Name of the key.")
def keygen_token(private: Path, public: Path, key_id: str) -> None:
    """A key pair that signs access tokens; services read the public file (<SERVICE>_JWKS)."""
    key = generate_token_key(key_id)
    try:
        handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_MODE)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(key.as_dict(private=True), file)
        public.write_text(public_jwks(key), encoding="utf-8")
    except FileExistsError:
        raise click.UsageError(f"{private} is there already; a private key is never overwritten.") from None
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be written: {error.strerror}.") from None


@click.command()
@click.option("--key", required=True, type=_FILE, help="Private key, a JWK file.")
@click.option("--issuer", required=True, help="The issuer (iss) that the services believe.")
@click.option("--subject", required=True, help="Id of the person or machine.")
@click.option("--name", default="", help="Name of the person.")
@click.option("--role", "roles", multiple=True, help="A role, such as cases.investigator; may be given several times.")
@click.option("--service", "services", multiple=True, required=True, help="A service that the token is for.")
@click.option("--organisation", default=None, help="Id of the organisation.")
@click.option("--agent", is_flag=True, help="The bearer is a machine.")
@click.option(
    "--ttl-s", type=click.IntRange(1, TTL_S_MAX), default=3600, show_default=True, help="Seconds it is good for."
)
def token(
    key: Path,
    issuer: str,
    subject: str,
    name: str,
    roles: Sequence[str],
    services: Sequence[str],
    organisation: str | None,
    ttl_s: int,
    *,
    agent: bool,
) -> None:
    """Mint an access token, for demonstrations and tests. In production an identity provider does this."""
    try:
        refuse_forbidden_pairs(frozenset(roles))
    except RolePairForbidden as refusal:
        raise click.UsageError(
            f"every service would refuse it ({', '.join(refusal.law)}): {refusal.detail_en}"
        ) from None
    click.echo(
        mint(
            _read_key(key),
            issuer=issuer,
            audience=[audience_of(service) for service in services],
            subject=subject,
            name=name,
            roles=roles,
            organisation_id=organisation,
            agent=agent,
            ttl_s=ttl_s,
        )
    )


def _read_key(path: Path) -> SigningKey:
    try:
        key = JWKRegistry.import_key(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, JoseError):
        raise click.UsageError(f"{path} is no JWK; `gongzheng keygen token` makes one.") from None
    if not isinstance(key, (RSAKey, ECKey, OKPKey)) or not key.is_private:
        raise click.UsageError(f"{path} holds no private signing key.")
    return key


COMMANDS = (keygen, token)
