"""``gongzheng keys``: whose signatures are believed. A key counts only when somebody has compared its fingerprint."""

import json
import os
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from gongzheng.messaging.keys import (
    KeysError,
    PublicKey,
    TrustedKeys,
    keys_of,
    read_trusted,
    with_key,
    write_trusted,
)

FETCH_TIMEOUT_S = 10
FETCH_BYTES_MAX = 65_536
_FILE = click.Path(dir_okay=False, path_type=Path)
_SOURCE = click.option("--source", required=True, help="The producer: the attribute source of its events.")
_KEY_ID = click.option("--key-id", required=True, help="The attribute keyid of its events.")


@click.group()
def keys() -> None:
    """Look at public keys and decide which are believed (the file that <SERVICE>_TRUSTED_KEYS names)."""


@keys.command("show")
@click.argument("where")
def show(where: str) -> None:
    """List the keys at WHERE: a file of trusted keys, a key set, or the http(s) address of one."""
    for source, known in _read(where).items():
        for key in known:
            click.echo(_line(key) + (f"  {source}" if source else ""))


@keys.command("trust")
@click.argument("file", type=_FILE)
@_SOURCE
@click.option("--from", "where", required=True, help="The producer's key set: a file, or its /.well-known/jwks.json.")
@click.option("--pin", "pins", multiple=True, help="Fingerprint that the producer told you by another way.")
def trust(file: Path, source: str, where: str, pins: Sequence[str]) -> int:
    """Believe the keys of a producer that carry the fingerprints given; without --pin nothing changes.

    What an address answers proves nothing about who answers. So the fingerprints (`gongzheng keygen events` and
    `gongzheng keys show` tell them) come from the producer's operator by another way.
    """
    offered = _offered(where, source)
    missing = sorted(set(pins) - {key.thumbprint() for key in offered})
    if missing:
        raise click.ClickException(f"{where} offers no key with the fingerprint {', '.join(missing)}.")
    if not pins:
        for key in offered:
            click.echo(_line(key))
        click.echo("Nothing is believed yet. Compare with what the producer told you, then name them with --pin.")
        return 1
    trusted: TrustedKeys = _trusted(file) if file.exists() else {}
    for key in offered:
        if key.thumbprint() in pins:
            try:
                trusted = with_key(trusted, source, key)
            except KeysError as error:
                raise click.ClickException(f"{error}; a new key needs a new id.") from None
            click.echo(f"believed: {_line(key)}")
    _write(file, trusted)
    return 0


@keys.command("retire")
@click.argument("file", type=_FILE)
@_SOURCE
@_KEY_ID
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="Last moment, UTC; now when not given.")
def retire(file: Path, source: str, key_id: str, at: datetime | None) -> None:
    """Believe a key only for events up to a moment: what it signed before still verifies, nothing later does."""
    moment = (at or datetime.now(UTC)).replace(tzinfo=UTC, microsecond=0)
    trusted, key = _found(file, source, key_id)
    _write(file, with_key(trusted, source, replace(key, not_after=moment)))
    click.echo(f"retired: {_line(replace(key, not_after=moment))}")


@keys.command("distrust")
@click.argument("file", type=_FILE)
@_SOURCE
@_KEY_ID
def distrust(file: Path, source: str, key_id: str) -> None:
    """Believe a key no more, whatever it signed and when: for a key that was stolen, which can date its events back."""
    trusted, key = _found(file, source, key_id)
    _write(file, trusted | {source: [other for other in trusted[source] if other != key]})
    click.echo(f"no longer believed: {_line(key)}")


def _found(file: Path, source: str, key_id: str) -> tuple[dict[str, list[PublicKey]], PublicKey]:
    trusted = _trusted(file)
    for key in trusted.get(source, []):
        if key.key_id == key_id:
            return trusted, key
    raise click.ClickException(f"{file} has no key {key_id} of {source}.")


def _trusted(file: Path) -> dict[str, list[PublicKey]]:
    try:
        return read_trusted(_text(str(file)))
    except KeysError as error:
        raise click.ClickException(f"{file} is no file of trusted keys: {error}.") from None


def _offered(where: str, source: str) -> list[PublicKey]:
    """The keys of a key set, or those that a file of trusted keys has for the source."""
    found = _read(where)
    return found.get("", found.get(source, []))


def _read(where: str) -> dict[str, list[PublicKey]]:
    """Source → keys; the source of a bare key set is ""."""
    text = _text(where)
    try:
        content = json.loads(text)
        bare = isinstance(content, dict) and isinstance(content.get("keys"), list)
        return {"": keys_of(content)} if bare else read_trusted(text)
    except ValueError as error:
        reason = error if isinstance(error, KeysError) else "no JSON"
        raise click.ClickException(f"{where} holds no keys: {reason}.") from None


def _text(where: str) -> str:
    try:
        if not where.startswith(("http://", "https://")):
            return Path(where).read_text(encoding="utf-8")
        with urllib.request.urlopen(where, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310 checked above
            return str(answer.read(FETCH_BYTES_MAX).decode())
    except UnicodeDecodeError:
        raise click.ClickException(f"{where} is no text.") from None
    except OSError as error:
        raise click.ClickException(f"{where} cannot be read: {error}.") from None


def _write(file: Path, trusted: TrustedKeys) -> None:
    """Whole or not at all: a service that starts meanwhile reads one or the other."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.absolute().parent, delete=False) as new:
        new.write(write_trusted(trusted))
    os.chmod(new.name, file.stat().st_mode if file.exists() else 0o644)  # noqa: PTH101 keys that everybody may read
    Path(new.name).replace(file)


def _line(key: PublicKey) -> str:
    bounds = [
        f"{word} {moment.isoformat().replace('+00:00', 'Z')}"
        for word, moment in (("from", key.not_before), ("to", key.not_after))
        if moment
    ]
    return "  ".join([key.key_id, key.thumbprint(), *bounds])


COMMANDS = (keys,)
