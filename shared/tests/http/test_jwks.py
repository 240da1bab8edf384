"""A service publishes the keys by which others verify what it signed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from gongzheng.db.mechanism import Mechanism
from gongzheng.db.unit_of_work import UnitOfWork
from gongzheng.http import HttpSettings, create_app
from gongzheng.http.app import openapi_document
from gongzheng.messaging.envelope import Ed25519Signer
from gongzheng.messaging.keys import PublicKey, write_trusted
from gongzheng.settings import SettingsError
from gongzheng.testing import token_settings

pytestmark = pytest.mark.req("X-03")
PATH = "/.well-known/jwks.json"
SIGNER = Ed25519Signer("now", b"n" * 32)
OLD = PublicKey(
    key_id="before", raw=Ed25519Signer("", b"o" * 32).public_bytes(), not_after=datetime(2026, 11, 1, tzinfo=UTC)
)
NEXT = PublicKey(key_id="next", raw=Ed25519Signer("", b"x" * 32).public_bytes())


def _app(mechanism: Mechanism, trusted_keys: str = "") -> Flask:
    return create_app(
        "sample",
        mechanism=mechanism,
        blueprints=[],
        refusals=(),
        settings=HttpSettings(**token_settings(), trusted_keys=trusted_keys),
        uow_factory=lambda actor: UnitOfWork(mechanism, actor=actor),
    )


def _keys(mechanism: Mechanism, trusted_keys: str = "") -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = _app(mechanism, trusted_keys).test_client().get(PATH).get_json()["keys"]
    return keys


def test_the_key_that_signs_is_published_to_everybody_and_may_be_kept_for_minutes(mechanism: Mechanism) -> None:
    """Without a token; who has it already is told so with 304."""
    app = _app(replace(mechanism, signer=SIGNER))
    first = app.test_client().get(PATH)
    key = PublicKey(key_id="now", raw=SIGNER.public_bytes())
    assert first.get_json() == {"keys": [key.as_jwk()]}
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = app.test_client().get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    operation = openapi_document(app)["paths"][PATH]["get"]
    assert operation["security"] == []
    assert operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/JwkSet")


def test_keys_of_before_and_the_next_one_are_published_beside_it(mechanism: Mechanism, tmp_path: Path) -> None:
    """They are those that the file of trusted keys has for the own source; of other sources nothing is told."""
    other = PublicKey(key_id="o", raw=bytes(32))
    file = tmp_path / "trusted.json"
    file.write_text(write_trusted({mechanism.source: [OLD, NEXT], "https://other.example": [other]}), encoding="utf-8")
    keys = _keys(replace(mechanism, signer=SIGNER), str(file))
    assert [key["kid"] for key in keys] == ["now", "before", "next"]
    assert keys[1]["exp"] == 1793491200
    assert [key["kid"] for key in _keys(replace(mechanism, signer=None), str(file))] == ["before", "next"]


def test_a_signing_key_under_an_id_that_is_taken_keeps_the_service_from_starting(mechanism: Mechanism) -> None:
    """Nobody would believe its events."""
    text = write_trusted({mechanism.source: [replace(OLD, key_id="now")]})
    with pytest.raises(SettingsError, match=r"do not fit the signing key.*another key with the id now"):
        _app(replace(mechanism, signer=SIGNER), text)
    kept = write_trusted({mechanism.source: [replace(OLD, key_id="now", raw=SIGNER.public_bytes())]})
    assert _keys(replace(mechanism, signer=SIGNER), kept)[0]["exp"] == 1793491200


def test_no_private_half_is_ever_published(mechanism: Mechanism) -> None:
    """A file that holds one is refused, and the signer's own is not in the answer."""
    private = {"kty": "OKP", "crv": "Ed25519", "kid": "p", "x": "A" * 43, "d": "A" * 43}
    with pytest.raises(SettingsError, match="private key was given away"):
        _app(mechanism, f'{{"{mechanism.source}": {{"keys": [{str(private).replace(chr(39), chr(34))}]}}}}')
    assert all("d" not in key for key in _keys(replace(mechanism, signer=SIGNER)))
