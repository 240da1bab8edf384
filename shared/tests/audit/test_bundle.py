"""Bundles: the same input gives the same bytes, and whatever is changed is found and named."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzheng.audit import standalone_verify
from gongzheng.audit.bundle import NotABundle, bundle_bytes, verify_bundle, write_bundle
from gongzheng.audit.standalone_verify import safe_path
from gongzheng.messaging.envelope import Ed25519Signer

pytestmark = pytest.mark.req("C-27")

SIGNER = Ed25519Signer("cases-2026", bytes(range(32)))
OTHER = Ed25519Signer("cases-2026", bytes(range(1, 33)))
MANIFEST = {"kind": "dossier", "created_at": "2026-11-22T00:00:00Z", "producer": {"service": "cases"}}
FILES = {
    "documents/决定书.pdf": b"%PDF-1.7 decision",
    "evidence/photo.jpg": bytes(range(256)),
    "index.json": b'{"documents":2}',
    "notes/empty.txt": b"",
}
WHOLE = bundle_bytes(FILES, SIGNER, MANIFEST)
REGIONS = ("manifest.sig", "manifest.json", *FILES)


def verified(content: bytes, tmp: Path, *keys: bytes) -> standalone_verify.BundleReport:
    """The report on these bytes."""
    file = tmp / "bundle.zip"
    file.write_bytes(content)
    return verify_bundle(file, keys)


def region(position: int) -> str:
    """The part of the bundle in which a byte lies, read from the archive by the standard library."""
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        for entry in archive.infolist():
            content_at = entry.header_offset + 30 + len(entry.filename.encode())
            if entry.header_offset <= position < content_at:
                return f"{entry.filename} (zip header)"
            if content_at <= position < content_at + entry.file_size:
                return entry.filename
        at = archive.start_dir
        for entry in archive.infolist():
            length = 46 + len(entry.filename.encode())
            if at <= position < at + length:
                return f"{entry.filename} (zip directory)"
            at += length
    return "(zip end record)"


def test_an_untouched_bundle_is_unaltered_and_names_its_signer(tmp_path: Path) -> None:
    """Everything that was put in is vouched for."""
    report = verified(WHOLE, tmp_path, SIGNER.public_bytes())
    assert report.ok
    assert (report.files, report.signer, report.trusted) == (len(FILES), "cases-2026", True)
    assert report.manifest["kind"] == "dossier"


def test_the_same_input_gives_the_same_bytes_whatever_the_order(tmp_path: Path) -> None:
    """A dossier that is sealed again can be compared by its hash, on disk and in memory."""
    turned = dict(reversed(FILES.items()))
    photo = tmp_path / "photo"
    photo.write_bytes(FILES["evidence/photo.jpg"])
    written = write_bundle(tmp_path / "b.zip", {**turned, "evidence/photo.jpg": photo}, SIGNER, MANIFEST)
    assert WHOLE == (tmp_path / "b.zip").read_bytes() == bundle_bytes(turned, SIGNER, MANIFEST)
    assert written.size == len(WHOLE)
    assert [f.name for f in tmp_path.iterdir()] != []
    assert not list(tmp_path.glob(".bundle-*"))


def test_a_common_zip_program_can_open_it() -> None:
    """The bundle is an ordinary archive for whoever only wants to read."""
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in FILES} == FILES


def test_every_single_byte_is_covered_and_the_altered_part_is_named(tmp_path: Path) -> None:
    """Flip any one byte: the report is not ok and names exactly the part in which the byte lies."""
    wrong = []
    for position in range(len(WHOLE)):
        changed = bytearray(WHOLE)
        changed[position] ^= 0xFF
        report = verified(bytes(changed), tmp_path)
        if report.ok or report.altered != [region(position)] or report.missing or report.extra:
            wrong.append((position, region(position), report.altered, report.missing, report.extra))
    assert wrong == []


@settings(max_examples=400, deadline=None)
@given(position=st.integers(0, len(WHOLE) - 1), mask=st.integers(1, 255))
def test_any_change_of_any_byte_names_its_part(
    position: int, mask: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the new value, the part is named."""
    changed = bytearray(WHOLE)
    changed[position] ^= mask
    report = verified(bytes(changed), tmp_path_factory.getbasetemp())
    assert not report.ok
    assert region(position) in report.altered


@settings(max_examples=200, deadline=None)
@given(first=st.integers(0, len(WHOLE) - 1), cut=st.integers(1, 200), insert=st.binary(max_size=200))
def test_cutting_out_or_putting_in_is_found_and_never_breaks_the_verifier(
    first: int, cut: int, insert: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A splice anywhere is refused: as altered, or as no bundle at all when its beginning is gone."""
    changed = WHOLE[:first] + insert + WHOLE[first + cut :]
    try:
        report = verified(changed, tmp_path_factory.getbasetemp())
    except NotABundle:
        assert first < 300
    else:
        assert report.ok == (changed == WHOLE)
        assert report.ok or report.altered or report.missing or report.extra


def rezipped(change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The bundle after another program opened, changed and stored it again."""
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    change(content)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_bundle_stored_again_by_another_program_says_which_files_changed(tmp_path: Path) -> None:
    """Named are the changed, the removed and the added file, and that the archive was rewritten."""

    def change(content: dict[str, bytes]) -> None:
        content["index.json"] = b"{}"
        del content["notes/empty.txt"]
        content["evidence/added.txt"] = b"later"

    report = verified(rezipped(change), tmp_path)
    assert report.altered == ["index.json", "(container: the archive was rewritten)"]
    assert (report.missing, report.extra) == (["notes/empty.txt"], ["evidence/added.txt"])


def test_a_bundle_stored_again_unchanged_is_not_the_sealed_one(tmp_path: Path) -> None:
    """The files are the same and the report says so by naming the container only."""
    report = verified(rezipped(lambda _: None), tmp_path)
    assert (report.ok, report.altered) == (False, ["(container: the archive was rewritten)"])


def test_bytes_after_the_end_are_extra(tmp_path: Path) -> None:
    """Nothing can be hidden behind the archive."""
    report = verified(WHOLE + b"more", tmp_path)
    assert not report.ok
    assert "(bytes after the end)" in report.extra or "(container: the archive was rewritten)" in report.altered


def test_a_file_cut_off_names_what_is_missing(tmp_path: Path) -> None:
    """A download that broke off is no bundle, and the report says what did not arrive."""
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        last = archive.infolist()[-2]
    report = verified(WHOLE[: last.header_offset + 40], tmp_path)
    assert last.filename in report.missing


def test_a_bundle_signed_by_another_key_is_not_trusted(tmp_path: Path) -> None:
    """Whoever reseals a changed dossier with a key of his own is found out by the key that one knows."""
    forged = bundle_bytes({**FILES, "index.json": b"{}"}, OTHER, MANIFEST)
    assert verified(forged, tmp_path).ok
    report = verified(forged, tmp_path, SIGNER.public_bytes())
    assert (report.ok, report.trusted) == (False, False)
    assert report.altered == ["manifest.sig (signed by another key)"]
    assert report.fingerprint != verified(WHOLE, tmp_path).fingerprint


def test_an_unsafe_name_in_a_signed_manifest_is_refused(tmp_path: Path) -> None:
    """Even a valid signature does not make a path that leaves the folder acceptable."""
    raw = standalone_verify.canonical(
        {
            "format": standalone_verify.FORMAT,
            "files": [{"path": "../../etc/passwd", "size": 0, "sha256": ""}],
            "signer": {"key_id": "k", "public_key": SIGNER.public_bytes().hex()},
        }
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("manifest.sig", SIGNER.sign(raw))
        archive.writestr("manifest.json", raw)
        archive.writestr("../../etc/passwd", b"")
    report = verified(out.getvalue(), tmp_path)
    assert (report.ok, report.altered) == (False, ["manifest.json"])


def test_a_zip_bomb_is_read_no_further_than_the_manifest_says(tmp_path: Path) -> None:
    """A gigabyte of zeros behind a small name is given up after one byte too many."""

    def change(content: dict[str, bytes]) -> None:
        content["index.json"] = bytes(300 * 1024 * 1024)

    report = verified(rezipped(change), tmp_path)
    assert "index.json" in report.altered


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", bytes(5000), b'{"format":"gongzheng-bundle/1"}'])
def test_something_else_is_no_bundle(content: bytes, tmp_path: Path) -> None:
    """Wrong input is told apart from an altered bundle."""
    with pytest.raises(NotABundle):
        verified(content, tmp_path)


@pytest.mark.parametrize(
    "name",
    ["", "/a", "a//b", "../a", "a/../b", "./a", "a\\b", "C:/a", "a\x00b", "a\nb", "manifest.json", "MANIFEST.SIG",
     "a/", " a", "x" * 256, "e\u0301", "\u202eabc"],
)  # fmt: skip
def test_unsafe_names_are_not_written(name: str) -> None:
    """What could leave the folder, hide itself or collide is refused when the bundle is made."""
    assert not safe_path(name)
    with pytest.raises(ValueError, match="not a name"):
        bundle_bytes({name: b""}, SIGNER, MANIFEST)


def test_reserved_fields_floats_and_twins_are_refused() -> None:
    """The manifest's own fields are the writer's; floats have no one text; names differ in more than case."""
    with pytest.raises(ValueError, match="filled in here"):
        bundle_bytes(FILES, SIGNER, {"files": []})
    with pytest.raises(ValueError, match="upper and lower case"):
        bundle_bytes({"a.txt": b"", "A.txt": b""}, SIGNER, MANIFEST)
    with pytest.raises(ValueError, match="Out of range"):
        bundle_bytes(FILES, SIGNER, {"x": float("nan")})


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """A bundle appears whole or not at all."""
    with pytest.raises(FileNotFoundError):
        write_bundle(tmp_path / "b.zip", {"a": tmp_path / "missing"}, SIGNER, MANIFEST)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("position", [None, 1200])
def test_the_verifier_runs_alone_wherever_it_is_copied(position: int | None, tmp_path: Path) -> None:
    """One file, without this suite: exit status 0 unaltered, 1 altered with the part named, 2 wrong input."""
    alone = tmp_path / "verify.py"
    alone.write_bytes(Path(standalone_verify.__file__).read_bytes())
    changed = bytearray(WHOLE)
    if position is not None:
        changed[position] ^= 1
    (tmp_path / "b.zip").write_bytes(bytes(changed))
    command = [sys.executable, "-I", str(alone), str(tmp_path / "b.zip")]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == (0 if position is None else 1), told.stderr
    assert ("完好" if position is None else region(position)) in told.stdout
    as_json = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False, timeout=60)
    assert json.loads(as_json.stdout)["ok"] == (position is None)
    assert subprocess.run([*command[:-1], str(alone)], capture_output=True, check=False, timeout=60).returncode == 2
    assert subprocess.run([*command, "--key", "nonsense"], capture_output=True, check=False, timeout=60).returncode == 2


def test_a_key_is_read_from_base64_hexadecimal_or_a_file(tmp_path: Path) -> None:
    """As departments publish it."""
    raw = SIGNER.public_bytes()
    file = tmp_path / "key.txt"
    file.write_text(raw.hex() + "\n")
    assert raw == standalone_verify.read_key(raw.hex()) == standalone_verify.read_key(str(file))
    with pytest.raises(ValueError, match="32 bytes"):
        standalone_verify.read_key("AAAA")
