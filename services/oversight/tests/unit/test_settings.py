"""The service put together from its environment."""

import base64
from pathlib import Path

import pytest

from gongzheng.settings import SettingsError
from gongzheng.testing import token_settings
from oversight.bootstrap import bootstrap_from_env, wsgi
from oversight.domain.errors import FilingThresholdMissing

KEY = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Everything that has no default."""
    given = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/oversight.db",
        "PUBLIC_URL": "https://oversight.example",
        "SIGNING_KEY": KEY,
        "ORGANISATION_ID": "org-oversight",
        "MASTER_KEYS": f"m1:{KEY}",
        "CODE_KEY": KEY,
        **{name.upper(): value for name, value in token_settings().items()},
    }
    for name, value in given.items():
        monkeypatch.setenv(f"OVERSIGHT_{name}", value)
    return given


def test_the_environment_makes_the_service(environment: dict[str, str]) -> None:
    """For the worker and for the WSGI server."""
    service = bootstrap_from_env()
    assert service.settings.public_url == environment["PUBLIC_URL"]
    assert wsgi().name == "oversight"


@pytest.mark.parametrize("name", ["ORGANISATION_ID", "MASTER_KEYS", "CODE_KEY"])
def test_what_protects_reports_has_no_default(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A service without its keys does not start."""
    assert name in environment
    monkeypatch.delenv(f"OVERSIGHT_{name}")
    with pytest.raises(SettingsError, match=name):
        bootstrap_from_env()


@pytest.mark.req("O-05")
@pytest.mark.usefixtures("environment")
def test_a_provinces_thresholds_without_a_sum_keep_the_service_from_starting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The operator fills them in; nothing is invented."""
    file = tmp_path / "thresholds.toml"
    file.write_text('[province.33]\ntitle_zh = "…"\n', encoding="utf-8")
    monkeypatch.setenv("OVERSIGHT_FILING_THRESHOLDS_FILE", str(file))
    with pytest.raises(FilingThresholdMissing):
        bootstrap_from_env()
