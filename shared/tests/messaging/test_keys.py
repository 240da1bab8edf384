"""Public keys as JSON Web Keys, the file of trusted keys, and the commands with which an operator keeps it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from gongzheng.cli import run
from gongzheng.messaging.envelope import BadSignature, Ed25519Signer, Envelope, Trust
from gongzheng.messaging.keys import (
    KeysError,
    PublicKey,
    base64url,
    jwks,
    keys_of,
    read_trusted,
    with_key,
    write_trusted,
)

pytestmark = pytest.mark.req("X-03")
SOURCE = "https://cases.example/"
MOMENT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SIGNER = Ed25519Signer("k1", b"s" * 32)
KEY = PublicKey(key_id="k1", raw=SIGNER.public_bytes())
SECOND = PublicKey(key_id="k2", raw=Ed25519Signer("", b"t" * 32).public_bytes())
EVENT = Envelope(
    id="01J",
    type="cn.gongzheng.cases.case.filed.v1",
    source=SOURCE,
    subject="01C",
    stream="case",
    sequence=7,
    time=MOMENT,
    data={},
).signed_by(SIGNER)


def test_a_key_is_written_as_rfc_8037_has_it() -> None:
    """The example of its appendix, with the thumbprint given there; another library reads it alike."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    key = PublicKey.from_jwk(jwk)
    assert key.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    other = OKPKey.import_key(key.as_jwk())
    assert (other.thumbprint(), other.is_private) == (key.thumbprint(), False)
    assert keys_of(jwks([key])) == [key]


def test_both_forms_of_the_file_are_read_and_one_is_written() -> None:
    """The short one by hand, the key set with validity by the commands."""
    bounded = replace(SECOND, not_before=MOMENT, not_after=MOMENT + timedelta(days=1))
    short = json.dumps({SOURCE: {"k1": base64url(KEY.raw)}})
    assert read_trusted(short) == {SOURCE: [KEY]}
    both = with_key(read_trusted(short), SOURCE, bounded)
    assert read_trusted(write_trusted(both)) == both == {SOURCE: [KEY, bounded]}


@pytest.mark.parametrize(
    "entry",
    [
        "1",
        [],
        {"k1": 5},
        {"k1": "short"},
        {"k1": "!" * 43},
        {"keys": ["a"]},
        {"keys": [{"kty": "RSA", "kid": "a"}]},
        {"keys": [KEY.as_jwk() | {"crv": "X25519"}]},
        {"keys": [KEY.as_jwk() | {"kid": None}]},
        {"keys": [KEY.as_jwk() | {"d": KEY.as_jwk()["x"]}]},
        {"keys": [KEY.as_jwk() | {"exp": "soon"}]},
        {"keys": [KEY.as_jwk() | {"exp": 1e300}]},
        {"keys": [KEY.as_jwk(), SECOND.as_jwk() | {"kid": "k1"}]},
    ],
)
def test_what_is_no_set_of_public_keys_is_said_to_be_none(entry: object) -> None:
    """One error, whatever stands there."""
    with pytest.raises(KeysError):
        read_trusted(json.dumps({SOURCE: entry}))


@pytest.mark.parametrize(
    ("not_before", "not_after", "good"),
    [
        (None, None, True),
        (MOMENT, None, True),
        (MOMENT + timedelta(seconds=1), None, False),
        (None, MOMENT, True),
        (None, MOMENT - timedelta(seconds=1), False),
    ],
)
def test_a_key_is_believed_for_events_of_its_time_only(
    not_before: datetime | None, not_after: datetime | None, *, good: bool
) -> None:
    """The time that counts is the event's own, which is signed: the log stays verifiable after a rotation."""
    trust = Trust.of({SOURCE: [SECOND, replace(KEY, not_before=not_before, not_after=not_after)]})
    if good:
        trust.verify(EVENT)
        trust.verify(EVENT, EVENT.to_json().encode())
        return
    for text in (None, EVENT.to_json().encode()):
        with pytest.raises(BadSignature, match="not good for its time"):
            trust.verify(EVENT, text)


@pytest.fixture
def publish() -> Iterator[Callable[[Any], str]]:
    """Put a text behind a real http address."""
    running: list[tuple[HTTPServer, threading.Thread]] = []

    def start(content: Any) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        server = HTTPServer(("127.0.0.1", 0), Answer)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        running.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}/.well-known/jwks.json"

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def test_nothing_is_believed_because_an_address_says_so(
    publish: Callable[[Any], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a fingerprint the command shows what is offered; with one it believes that key and no other."""
    file, address = tmp_path / "trusted.json", publish(jwks([KEY, SECOND]))
    words = ["keys", "trust", str(file), "--source", SOURCE, "--from", address]
    assert run(words) == 1
    assert not file.exists()
    told = capsys.readouterr().out
    assert SECOND.thumbprint() in told
    assert "Nothing is believed yet" in told

    assert run([*words, "--pin", "A" * 43]) == 1
    assert "offers no key with the fingerprint" in capsys.readouterr().err
    assert run([*words, "--pin", SECOND.thumbprint()]) == 0
    assert read_trusted(file.read_text()) == {SOURCE: [SECOND]}
    assert file.stat().st_mode & 0o777 == 0o644

    impostor = publish(jwks([replace(KEY, key_id="k2")]))
    assert run([*words[:-1], impostor, "--pin", KEY.thumbprint()]) == 1
    assert "has another key with the id k2; a new key needs a new id" in capsys.readouterr().err
    assert read_trusted(file.read_text()) == {SOURCE: [SECOND]}


def test_a_key_is_retired_and_distrusted_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Retired: good for what it signed before. Distrusted: for nothing."""
    file = tmp_path / "trusted.json"
    file.write_text(json.dumps({SOURCE: {"k1": base64url(KEY.raw)}}))
    named = [str(file), "--source", SOURCE, "--key-id"]
    assert run(["keys", "retire", *named, "k1", "--at", "2026-11-20T08:00:00Z"]) == 0
    assert read_trusted(file.read_text()) == {SOURCE: [replace(KEY, not_after=MOMENT)]}
    capsys.readouterr()
    assert run(["keys", "show", str(file)]) == 0
    assert capsys.readouterr().out == f"k1  {KEY.thumbprint()}  to 2026-11-20T08:00:00Z  {SOURCE}\n"
    before = datetime.now(UTC).replace(microsecond=0)
    assert run(["keys", "retire", *named, "k1"]) == 0
    assert before <= (read_trusted(file.read_text())[SOURCE][0].not_after or MOMENT) <= datetime.now(UTC)
    assert run(["keys", "distrust", *named, "k1"]) == 0
    assert read_trusted(file.read_text()) == {SOURCE: []}
    assert run(["keys", "distrust", *named, "k1"]) == 1
    assert f"has no key k1 of {SOURCE}" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", '{"s": "1"}', "\udcff", None])
def test_a_file_that_cannot_be_read_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    """And left as it is."""
    file = tmp_path / "trusted.json"
    if content is not None:
        file.write_bytes(content.encode(errors="surrogateescape"))
    assert run(["keys", "show", str(file)]) == 1
    assert run(["keys", "retire", str(file), "--source", SOURCE, "--key-id", "k1"]) == 1
    assert capsys.readouterr().err.count("\n") == 2


def test_the_fingerprint_that_keygen_tells_is_the_keys_own(capsys: pytest.CaptureFixture[str]) -> None:
    """What one operator reads to another over the telephone."""
    assert run(["keygen", "events"]) == 0
    made = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    key = keys_of({"1": made["public_key"]})[0]
    assert made["fingerprint"] == key.thumbprint()
    assert set(made) == {"signing_key", "public_key", "fingerprint"}
