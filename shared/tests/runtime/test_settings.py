"""Settings come from the environment once; whatever is wrong with them is one sentence naming the variable."""

import base64
from dataclasses import FrozenInstanceError, dataclass, fields
from pathlib import Path

import pytest

from gongzheng.settings import ServiceSettings, SettingsError, setting

pytestmark = pytest.mark.req("X-06")

GOOD = {
    "CASES_DATABASE_URL": "sqlite:////tmp/cases.db",
    "CASES_PUBLIC_URL": "https://cases.example/",
    "CASES_ISSUER": "https://issuer.example",
    "CASES_JWKS": "/run/jwks.json",
    "CASES_THROTTLE_KEY": "0123456789abcdef",
    "CASES_SIGNING_KEY": base64.urlsafe_b64encode(bytes(32)).decode().rstrip("="),
}


@dataclass(frozen=True, kw_only=True)
class SampleSettings(ServiceSettings):
    """With one of its own."""

    pages_max: int = setting("int", default=10, help_en="Largest number of pages.")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A complete environment."""
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def test_a_complete_environment_is_read() -> None:
    """Types, defaults and tidied values."""
    settings = SampleSettings.from_env("CASES_")
    assert settings.public_url == "https://cases.example"
    assert settings.signing_key == bytes(32)
    assert (settings.amqp_url, settings.pages_max, settings.feeds) == (None, 10, {})
    assert settings.http.issuer == "https://issuer.example"
    with pytest.raises(FrozenInstanceError):
        settings.issuer = "other"  # type: ignore[misc] # that is what is tested


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_has_no_default_must_be_there(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Secrets and addresses have none."""
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=f"^{name} is not set: .*\\.$"):
        SampleSettings.from_env("CASES_")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("CASES_SIGNING_KEY", "short", "CASES_SIGNING_KEY must be 32 bytes in base64url"),
        ("CASES_THROTTLE_KEY", "short", "CASES_THROTTLE_KEY must have at least 16 characters"),
        ("CASES_PUBLIC_URL", "cases.example", "CASES_PUBLIC_URL must be an http"),
        ("CASES_TRUSTED_PROXIES", "one", "CASES_TRUSTED_PROXIES is no int"),
        ("CASES_EMBEDDED", "perhaps", "CASES_EMBEDDED is no bool"),
        ("CASES_FEEDS", "{", "CASES_FEEDS is no json"),
        ("CASES_PARTITIONS", "two", "CASES_PARTITIONS is no int"),
        ("CASES_PARTITIONS", "0", "CASES_PARTITIONS must be from 1 to 64"),
        ("CASES_PARTITIONS", "65", "CASES_PARTITIONS must be from 1 to 64"),
    ],
)
def test_an_unreadable_value_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    """The value may be a secret."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=sentence) as caught:
        SampleSettings.from_env("CASES_")
    assert value == "{" or f" {value}" not in str(caught.value)


def test_a_misspelt_variable_is_reported_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was meant is silently lost."""
    monkeypatch.setenv("CASES_TRUSTED_PROXY", "1")
    with pytest.raises(
        SettingsError, match=r"CASES_TRUSTED_PROXY is not a setting; did you mean CASES_TRUSTED_PROXIES\?"
    ):
        SampleSettings.from_env("CASES_")


@pytest.mark.parametrize(
    "name", ["CASES_SERVICE_HOST", "CASES_SERVICE_PORT_HTTP", "CASES_PORT", "CASES_PORT_8000_TCP_ADDR"]
)
def test_what_kubernetes_sets_by_itself_is_passed_over(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A service named cases gets these in every container."""
    monkeypatch.setenv(name, "tcp://10.0.0.1:8000")
    SampleSettings.from_env("CASES_")


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As container secrets do; a file that cannot be read is told."""
    file = tmp_path / "secret"
    file.write_text("fedcba9876543210\n", encoding="utf-8")
    monkeypatch.delenv("CASES_THROTTLE_KEY")
    monkeypatch.setenv("CASES_THROTTLE_KEY_FILE", str(file))
    assert SampleSettings.from_env("CASES_").throttle_key == "fedcba9876543210"
    file.unlink()
    with pytest.raises(SettingsError, match=r"CASES_THROTTLE_KEY_FILE names .* cannot be read"):
        SampleSettings.from_env("CASES_")


def test_every_setting_says_what_it_is_for() -> None:
    """The operator's table has no empty line."""
    table = SampleSettings.table("CASES_")
    assert len(table) == len(fields(SampleSettings))
    assert all(purpose.endswith(".") for _, _, purpose in table)
