"""Access tokens: of the issuer, for this service, in time, with an allowed algorithm, from keys that rotate."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, RSAKey

from gongzheng.clock import FixedClock
from gongzheng.http import tokens
from gongzheng.http.tokens import (
    AGE_S_MAX,
    REFRESH_EVERY_S_MIN,
    KeySource,
    SigningKey,
    TokenRefused,
    TokenVerifier,
    generate_token_key,
    mint,
    public_jwks,
)
from gongzheng.settings import HttpSettings
from gongzheng.testing import ApiClient
from gongzheng.testing.client import TEST_ISSUER, test_key

pytestmark = pytest.mark.req("X-06")


def _settings(jwks: str) -> HttpSettings:
    return HttpSettings(issuer=TEST_ISSUER, jwks=jwks, throttle_key="x" * 16)


def _token(clock: FixedClock, key: SigningKey | None = None, **changes: Any) -> str:
    given = {"issuer": TEST_ISSUER, "audience": "gongzheng-sample", "subject": "user-1", "clock": clock}
    return mint(key or test_key(), **{**given, **changes})


@pytest.fixture
def verifier(clock: FixedClock) -> TokenVerifier:
    """Believes the key of the tests."""
    return TokenVerifier("sample", _settings(public_jwks(test_key())), clock)


def test_a_good_token_names_its_bearer(verifier: TokenVerifier, clock: FixedClock) -> None:
    """All claims arrive in the actor."""
    token = _token(clock, name="王小明", roles=["a.b"], organisation_id="org-1", agent=True)
    actor = verifier.actor(f"Bearer {token}")
    assert (actor.subject, actor.name, actor.roles) == ("user-1", "王小明", frozenset({"a.b"}))
    assert (actor.organisation_id, actor.agent) == ("org-1", True)


@pytest.mark.parametrize(
    "change",
    [{"issuer": "https://other.example"}, {"audience": "gongzheng-fees"}, {"ttl_s": -31}, {"subject": ""}],
    ids=["issuer", "audience", "expired", "subject"],
)
def test_a_token_that_is_not_for_us_is_refused(
    verifier: TokenVerifier, clock: FixedClock, change: dict[str, Any]
) -> None:
    """Another issuer, another service, too late, nobody."""
    with pytest.raises(TokenRefused):
        verifier.actor(f"Bearer {_token(clock, **change)}")


def test_clocks_may_differ_by_thirty_seconds(verifier: TokenVerifier, clock: FixedClock) -> None:
    """A token that ended 29 s ago still passes; after 31 s it does not."""
    token = _token(clock, ttl_s=10)
    clock.advance(timedelta(seconds=39))
    assert verifier.actor(f"Bearer {token}").subject == "user-1"
    clock.advance(timedelta(seconds=2))
    with pytest.raises(TokenRefused, match="expired"):
        verifier.actor(f"Bearer {token}")


@pytest.mark.parametrize(
    "make", [lambda: RSAKey.generate_key(2048, {"kid": "r"}), lambda: ECKey.generate_key("P-256", {"kid": "e"})]
)
def test_rsa_and_elliptic_keys_are_good_too(clock: FixedClock, make: Callable[[], SigningKey]) -> None:
    """RS256 and ES256 are what most providers sign with."""
    key = make()
    believing = TokenVerifier("sample", _settings(public_jwks(key)), clock)
    assert believing.actor(f"Bearer {_token(clock, key)}").subject == "user-1"


def test_an_unsigned_token_is_refused(verifier: TokenVerifier, clock: FixedClock) -> None:
    """Alg none is no algorithm."""
    _, claims, _ = _token(clock).split(".")
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "test"}).encode()).rstrip(b"=").decode()
    with pytest.raises(TokenRefused):
        verifier.actor(f"Bearer {head}.{claims}.")


def test_a_public_key_is_no_shared_secret(clock: FixedClock) -> None:
    """A token signed with HS256 under the text of the public key is refused."""
    public = public_jwks(test_key())
    verifier = TokenVerifier("sample", _settings(public), clock)
    secret = OctKey.import_key(public.encode())
    claims = {"iss": TEST_ISSUER, "aud": "gongzheng-sample", "sub": "x", "exp": 2_000_000_000}
    forged = jwt.encode({"alg": "HS256", "kid": "test"}, claims, secret)
    with pytest.raises(TokenRefused):
        verifier.actor(f"Bearer {forged}")


def test_a_shared_secret_in_the_key_set_is_passed_over() -> None:
    """Only public keys are read."""
    jwks = json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ", "kid": "o"}]})
    assert KeySource(jwks).find("o") is None


@pytest.mark.parametrize("header", ["Basic dXNlcjpwdw==", "Bearer", "Bearer ", "Bearer a.b.c", "Bearer " + "x" * 9000])
def test_anything_else_is_refused_with_a_challenge(client: ApiClient, header: str) -> None:
    """401 tells the caller which scheme to use."""
    answer = client.get("/things", headers={"Authorization": header})
    answer.expect(401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="gongzheng"')


def test_a_new_key_is_found_and_an_unknown_one_not_asked_for_at_the_forgers_rate(tmp_path: Path) -> None:
    """Rotation works without a restart; a forged key id makes us read once per half minute at most."""
    old, new = generate_token_key("old"), generate_token_key("new")
    file = tmp_path / "jwks.json"
    file.write_text(public_jwks(old), encoding="utf-8")
    now = [0.0]
    source = KeySource(str(file), lambda: now[0])
    assert source.find("old") is not None
    file.write_text(public_jwks(old, new), encoding="utf-8")
    assert source.find("new") is None
    now[0] += REFRESH_EVERY_S_MIN
    assert source.find("new") is not None


def test_a_key_that_was_withdrawn_stops_being_believed(tmp_path: Path) -> None:
    """At the latest after ten minutes, without anybody asking for an unknown key."""
    file = tmp_path / "jwks.json"
    file.write_text(public_jwks(generate_token_key("old")), encoding="utf-8")
    now = [0.0]
    source = KeySource(str(file), lambda: now[0])
    assert source.find("old") is not None
    file.write_text(public_jwks(generate_token_key("new")), encoding="utf-8")
    now[0] += AGE_S_MAX - 1
    assert source.find("old") is not None
    now[0] += 1
    assert source.find("old") is None


def test_the_older_name_of_the_algorithm_is_understood(verifier: TokenVerifier, clock: FixedClock) -> None:
    """Providers still write EdDSA for what RFC 9864 calls Ed25519."""
    claims = {"iss": TEST_ISSUER, "aud": ["x", "gongzheng-sample"], "sub": "u", "exp": int(clock.now().timestamp()) + 9}
    with pytest.warns(SecurityWarning):
        token = jwt.encode({"alg": "EdDSA", "kid": "test"}, claims, test_key(), algorithms=["EdDSA"])
    assert verifier.actor(f"bearer {token}").subject == "u"


def test_keys_stay_good_while_the_issuer_is_away(tmp_path: Path) -> None:
    """A set that cannot be read leaves the last one in force."""
    file = tmp_path / "jwks.json"
    file.write_text(public_jwks(generate_token_key("old")), encoding="utf-8")
    now = [0.0]
    source = KeySource(str(file), lambda: now[0])
    assert source.find("old") is not None
    file.unlink()
    now[0] += 1000
    assert source.find("other") is None
    assert source.find("old") is not None


def test_a_role_that_is_missing_is_403(client: ApiClient) -> None:
    """Known, and not entitled."""
    client.as_user("user-1", "sample.other").get("/things").expect(403, "forbidden")
    client.as_user("user-1", "auditor").get("/things").expect(200)


def test_who_calls_is_asked_before_what_is_sent(client: ApiClient) -> None:
    """Without a token nobody learns what a body should look like."""
    client.post("/things", {"stray": 1}).expect(401)


def test_a_token_seen_before_is_judged_anew_in_all_but_its_signature(clock: FixedClock, tmp_path: Path) -> None:
    """The signature is computed once; expiry, publication of the key and other tokens are looked at each time."""
    key, other = generate_token_key("mine"), generate_token_key("other")
    jwks = tmp_path / "jwks.json"
    jwks.write_text(public_jwks(key, other))
    now_s = [0.0]
    verifier = TokenVerifier("sample", _settings(str(jwks)), clock)
    verifier._keys = KeySource(str(jwks), lambda: now_s[0])
    token, short = _token(clock, key), _token(clock, key, ttl_s=60)
    for _ in range(2):
        assert verifier.actor(f"Bearer {token}").subject == verifier.actor(f"Bearer {short}").subject == "user-1"
    assert len(verifier._keys._verified) == 2

    clock.advance(timedelta(seconds=120))
    with pytest.raises(TokenRefused, match="expired"):
        verifier.actor(f"Bearer {short}")
    with pytest.raises(TokenRefused):
        verifier.actor(f"Bearer {token[:-4]}AAAA")

    jwks.write_text(public_jwks(other))
    now_s[0] += AGE_S_MAX
    with pytest.raises(TokenRefused, match="does not publish"):
        verifier.actor(f"Bearer {token}")


def test_as_many_tokens_are_remembered_as_have_room(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever mints tokens without end does not fill the memory."""
    monkeypatch.setattr(tokens, "REMEMBERED_MAX", 3)
    verifier = TokenVerifier("sample", _settings(public_jwks(test_key())), clock)
    for number in range(5):
        verifier.actor(f"Bearer {_token(clock, subject=f'user-{number}')}")
    assert len(verifier._keys._verified) == 3
