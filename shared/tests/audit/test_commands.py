"""``gongzheng verify``: exit status 0 unaltered, 1 altered with the part named, 2 wrong input with one sentence."""

import base64
import json
from pathlib import Path

import pytest

from gongzheng.audit.bundle import bundle_bytes
from gongzheng.audit.sealer import Sealer
from gongzheng.audit.verify import export_trail
from gongzheng.cli import run

from .conftest import SIGNER, Trail

KEY = base64.urlsafe_b64encode(SIGNER.public_bytes()).rstrip(b"=").decode()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A small sealed bundle."""
    file = tmp_path / "dossier.zip"
    file.write_bytes(bundle_bytes({"documents/decision.pdf": b"%PDF-1.7 decided"}, SIGNER, {"kind": "dossier"}))
    return file


@pytest.mark.req("C-27")
def test_a_bundle_is_verified_with_one_command(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the department's key it is said whose it is, as text and as JSON."""
    assert run(["verify", str(bundle)]) == 0
    assert "完好" in capsys.readouterr().out
    assert run(["verify", str(bundle), "--key", KEY, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["trusted"] is True


@pytest.mark.req("C-27")
def test_one_changed_byte_is_named_and_gives_status_one(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The part that was altered stands in the answer."""
    bundle.write_bytes(bundle.read_bytes().replace(b"decided", b"decideD"))
    assert run(["verify", str(bundle)]) == 1
    assert "Altered: documents/decision.pdf" in capsys.readouterr().out


@pytest.mark.req("X-07")
def test_an_exported_trail_is_verified_with_the_same_command(
    trail: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file says itself what it is."""
    trail.write(3)
    Sealer(trail.mechanism).seal()
    file = tmp_path / "audit.jsonl"
    with file.open("w", encoding="utf-8") as out:
        export_trail(trail.mechanism, out)
    assert run(["verify", str(file), "--key", f"{SIGNER.key_id}={KEY}"]) == 0
    assert "3 rows, 1 checkpoints" in capsys.readouterr().out
    file.write_text(file.read_text(encoding="utf-8").replace("case/1", "case/9"), encoding="utf-8")
    assert run(["verify", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["fault"] == {"kind": "altered", "position": 2, "until": None}
    assert run(["verify", str(file)]) == 1
    assert "第2条" in capsys.readouterr().out


@pytest.mark.req("C-27")
def test_wrong_input_is_one_sentence_and_status_two(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a bundle nor a trail, no such file, a key that is none."""
    other = tmp_path / "other.bin"
    for content in (b"hello", b"", b"{}\n", b"{\xff\xfe"):
        other.write_bytes(content)
        assert run(["verify", str(other)]) == 2
    assert run(["verify", str(tmp_path / "missing.zip")]) == 2
    assert run(["verify", str(bundle), "--key", "short"]) == 2
    assert run(["verify", str(tmp_path)]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.req("X-07")
def test_a_key_of_a_trail_needs_its_name(trail: Trail, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Checkpoints name their key, so the key given must have a name too."""
    file = tmp_path / "audit.jsonl"
    with file.open("w", encoding="utf-8") as out:
        export_trail(trail.mechanism, out)
    assert run(["verify", str(file), "--key", KEY]) == 2
    assert "KEY_ID=KEY" in capsys.readouterr().err
