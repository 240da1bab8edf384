#!/usr/bin/env python3
"""Verify a Gongzheng bundle (a dossier as .zip) offline, and name every part that was altered.

This one file can be copied anywhere: it needs Python 3.11 or newer and the ``cryptography`` package, nothing else.

    python3 standalone_verify.py FILE [--key KEY] [--json]

Exit status: 0 unaltered, 1 altered, 2 the file cannot be read or is no such bundle.

A bundle is a zip archive of exactly one byte form: stored entries ``manifest.sig``, ``manifest.json``, then the files
in the order of their names, no times, no extra fields, no comments. ``manifest.json`` lists path, size and SHA-256 of
each file; ``manifest.sig`` is its Ed25519 signature. Given an authentic manifest, every byte of the archive is
determined, so a change anywhere, also in the zip structure, is found and named. Nothing is unpacked, so nothing can be
unpacked to a wrong place or without end. Without ``--key`` the signature is checked with the key in the manifest: that
proves that nothing was changed since somebody signed it, and the fingerprint printed must be compared with the one that
the department publishes; with ``--key`` it also proves who signed.
"""

import argparse
import base64
import binascii
import hashlib
import json
import struct
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "gongzheng-bundle/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
SIGNATURE_BYTES = 86  # 64 bytes in base64url without padding
KEY_BYTES = 32
FILES_MAX = 10_000
MANIFEST_BYTES_MAX = 8 * 1024 * 1024
BUNDLE_BYTES_MAX = 2**32 - 1  # beyond this a zip archive takes another form
PATH_BYTES_MAX = 255
CHUNK_BYTES = 1024 * 1024
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _MADE_BY, _UTF8, _STORED = 20, 0x0314, 0x0800, 0
_TIME, _DATE = 0, 0x0021  # 1980-01-01 00:00, the earliest a zip can say: the archive carries no time of its own
_MODE = 0o100644 << 16
_CRC_AT = 14  # where the CRC-32 stands in a local header
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)


class NotABundle(ValueError):
    """The file is no bundle of this form: not even a damaged one."""


@dataclass
class BundleReport:
    """What was found; ``altered``, ``missing``, ``extra`` name parts of it; ``trusted`` is None without keys."""

    ok: bool = False
    altered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    signer: str = ""
    public_key: str = ""
    fingerprint: str = ""
    trusted: bool | None = None
    files: int = 0
    manifest: dict[str, Any] = field(default_factory=dict)


def canonical(value: object) -> bytes:
    """Canonical JSON: keys sorted, no white space, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def safe_path(path: object) -> bool:
    """Whether a name can stand in a bundle: relative, normal, nothing that a file system could misread."""
    if not isinstance(path, str) or not path or len(path.encode(errors="replace")) > PATH_BYTES_MAX:
        return False
    odd = any(ch in '\\:*?"<>|' or unicodedata.category(ch).startswith("C") for ch in path)
    parts = path.split("/")
    return (
        not odd
        and unicodedata.normalize("NFC", path) == path
        and all(part == part.strip() and part not in {"", ".", ".."} for part in parts)
        and path.lower() not in {MANIFEST, SIGNATURE}
    )


def local_header(name: bytes, size: int, crc: int) -> bytes:
    """What stands before an entry's bytes."""
    fixed = (b"PK\x03\x04", _VERSION, _UTF8, _STORED, _TIME, _DATE, crc, size, size, len(name), 0)
    return _LOCAL.pack(*fixed) + name


def central_header(name: bytes, size: int, crc: int, offset: int) -> bytes:
    """An entry's record in the directory at the end."""
    fixed = (b"PK\x01\x02", _MADE_BY, _VERSION, _UTF8, _STORED, _TIME, _DATE, crc, size, size, len(name))
    return _CENTRAL.pack(*fixed, 0, 0, 0, 0, _MODE, offset) + name


def end_record(count: int, directory_bytes: int, directory_offset: int) -> bytes:
    """The last bytes of the archive."""
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, directory_bytes, directory_offset, 0)


def _digest(file: BinaryIO, offset: int, size: int) -> tuple[str, int, int]:
    """SHA-256, CRC-32 and length of what stands at a place, as far as the file goes."""
    file.seek(offset)
    sha, crc, left = hashlib.sha256(), 0, size
    while left and (chunk := file.read(min(CHUNK_BYTES, left))):
        sha.update(chunk)
        crc = zlib.crc32(chunk, crc)
        left -= len(chunk)
    return sha.hexdigest(), crc, size - left


def _read(file: BinaryIO, offset: int, size: int) -> bytes:
    file.seek(offset)
    return file.read(size)


def _manifests(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """Where signature and manifest may stand, best guess first: a flipped byte spoils one guess but never all."""
    at = len(local_header(SIGNATURE.encode(), 0, 0))
    signature = _read(file, at, SIGNATURE_BYTES)
    header = _read(file, at + SIGNATURE_BYTES, len(local_header(MANIFEST.encode(), 0, 0)))
    start = at + SIGNATURE_BYTES + len(header)
    tail = _read(file, start, MANIFEST_BYTES_MAX)
    if len(header) >= _LOCAL.size:
        for size in set(_LOCAL.unpack(header[: _LOCAL.size])[7:9]):
            yield signature, tail[:size]
    try:
        text = tail.decode(errors="surrogateescape")
        end = json.JSONDecoder().raw_decode(text)[1]
        yield signature, text[:end].encode(errors="surrogateescape")
    except (ValueError, RecursionError):
        pass
    try:
        with zipfile.ZipFile(file) as archive, archive.open(SIGNATURE) as first, archive.open(MANIFEST) as second:
            yield first.read(SIGNATURE_BYTES + 1), second.read(MANIFEST_BYTES_MAX)
    except (KeyError, *_UNREADABLE):
        pass


def _parse(raw: bytes) -> dict[str, Any] | None:
    try:
        manifest = json.loads(raw)
        listed = manifest["files"] if manifest["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not isinstance(listed, list) or len(listed) > FILES_MAX or not all(isinstance(row, dict) for row in listed):
        return None
    paths = [row.get("path") for row in listed]
    sound = all(map(safe_path, paths)) and paths == sorted(set(paths), key=lambda p: str(p).encode())
    sizes = [row.get("size") for row in listed]
    sound = sound and all(type(size) is int and 0 <= size <= BUNDLE_BYTES_MAX for size in sizes)
    return manifest if sound else None


def _signed(signature: bytes, raw: bytes, keys: Sequence[bytes]) -> bool:
    for key in keys:
        try:
            text = signature.decode("ascii")
            plain = base64.urlsafe_b64decode(text + "==")
            # Base64 can write the same bytes in more than one way; only one of them is the signature file.
            if base64.urlsafe_b64encode(plain).rstrip(b"=") == signature:
                Ed25519PublicKey.from_public_bytes(key).verify(plain, raw)
                return True
        except (InvalidSignature, ValueError, binascii.Error):
            continue
    return False


def _own_key(manifest: dict[str, Any] | None) -> list[bytes]:
    try:
        return [read_key(str((manifest or {})["signer"]["public_key"]))]
    except (KeyError, TypeError, ValueError):
        return []


def verify_bundle(path: str | Path, keys: Sequence[bytes] = ()) -> BundleReport:
    """Check a bundle; with ``keys`` (raw 32-byte public keys) also that one of them signed it.

    Raises:
        NotABundle: when the file is no bundle at all.
        OSError: when it cannot be read.
    """
    with Path(path).open("rb") as file:
        guesses = [(sig, raw, _parse(raw)) for sig, raw in _manifests(file)]
        if not any(manifest for *_, manifest in guesses):
            return _without_manifest(file)
        best = next((g for g in guesses if _signed(g[0], g[1], _own_key(g[2]))), None)
        signature, raw, manifest = best or next(guess for guess in guesses if guess[2])
        report = BundleReport(manifest=manifest or {}, files=len((manifest or {})["files"]))
        _check_signer(report, signature, raw, keys)
        if best is None and not _manifest_as_written(file, raw):
            report.altered.append(MANIFEST)  # what it says of the files proves nothing
        else:
            _check_parts(report, file, raw, authentic=best is not None)
    report.altered = list(dict.fromkeys(report.altered))
    report.ok = not (report.altered or report.missing or report.extra)
    return report


def _without_manifest(file: BinaryIO) -> BundleReport:
    """A damaged bundle still has the name of one of its first two entries where it belongs; anything else is none."""
    first, second = (local_header(name.encode(), 0, 0) for name in (SIGNATURE, MANIFEST))
    head = _read(file, 0, len(first) + SIGNATURE_BYTES + len(second))
    if head[_LOCAL.size : len(first)] == SIGNATURE.encode() or head.endswith(MANIFEST.encode()):
        return BundleReport(altered=[MANIFEST])
    raise NotABundle("this file is not a Gongzheng bundle")


def _check_signer(report: BundleReport, signature: bytes, raw: bytes, keys: Sequence[bytes]) -> None:
    own_key = _own_key(report.manifest)
    signer = report.manifest.get("signer")
    report.signer = str(signer.get("key_id", "")) if isinstance(signer, dict) else ""
    if own_key:
        report.public_key = base64.urlsafe_b64encode(own_key[0]).rstrip(b"=").decode()
        report.fingerprint = hashlib.sha256(own_key[0]).hexdigest()[:32]
    if keys:
        report.trusted = _signed(signature, raw, keys)
        if not report.trusted and _signed(signature, raw, own_key):
            report.altered.append(f"{SIGNATURE} (signed by another key)")


def _manifest_as_written(file: BinaryIO, raw: bytes) -> bool:
    """Whether the manifest fits the checksum beside it: then it is the signature that was altered."""
    header_at = len(local_header(SIGNATURE.encode(), 0, 0)) + SIGNATURE_BYTES
    return _read(file, header_at + _CRC_AT, 4) == zlib.crc32(raw).to_bytes(4, "little")


def _check_parts(report: BundleReport, file: BinaryIO, raw: bytes, *, authentic: bool) -> None:
    """Compare every byte with the only form that the manifest allows; by name where the archive was rewritten."""
    if not authentic:
        report.altered.append(SIGNATURE)
    entries = [(SIGNATURE, SIGNATURE_BYTES, ""), (MANIFEST, len(raw), hashlib.sha256(raw).hexdigest())]
    entries += [(row["path"], row["size"], row.get("sha256")) for row in report.manifest["files"]]
    heads = [len(local_header(name.encode(), 0, 0)) for name, *_ in entries]
    tails = sum(len(central_header(name.encode(), 0, 0, 0)) for name, *_ in entries)
    expected = sum(heads) + sum(size for _, size, _ in entries) + tails + _END.size
    if file.seek(0, 2) != expected and _check_by_name(report, file, entries):
        report.altered.append("(container: the archive was rewritten)")
        return
    offset, directory = 0, []
    for (name, size, sha), head in zip(entries, heads, strict=True):
        digest, crc, length = _digest(file, offset + head, size)
        stored = _read(file, offset, head)
        sound = digest == sha or (name == SIGNATURE and authentic)
        if not sound:
            crc = int.from_bytes(stored[_CRC_AT : _CRC_AT + 4], "little")  # it tells of the bytes that stood there
        if length < size:
            report.missing.append(name)
        else:
            report.altered += [name] if not sound else []
            report.altered += [f"{name} (zip header)"] if stored != local_header(name.encode(), size, crc) else []
        directory.append((name, central_header(name.encode(), size, crc, offset)))
        offset += head + size
    _check_end(report, file, offset, directory)


def _check_end(report: BundleReport, file: BinaryIO, offset: int, directory: list[tuple[str, bytes]]) -> None:
    start = offset
    for name, record in directory:
        if _read(file, offset, len(record)) != record:
            report.altered.append(f"{name} (zip directory)")
        offset += len(record)
    if _read(file, offset, _END.size) != end_record(len(directory), offset - start, start):
        report.altered.append("(zip end record)")
    if file.seek(0, 2) > offset + _END.size:
        report.extra.append("(bytes after the end)")


def _check_by_name(report: BundleReport, file: BinaryIO, entries: list[tuple[str, int, str]]) -> bool:
    """Compare by name; False when the archive cannot be read as a zip any more."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if len(names) > 2 * FILES_MAX:
                return False
            for name, size, sha in entries:
                if name not in names:
                    report.missing.append(name)
                elif sha and not _same_inside(archive, name, size, sha):
                    report.altered.append(name)
            report.extra += sorted({n for n in names if names.count(n) > 1} | set(names) - {n for n, *_ in entries})
    except _UNREADABLE:
        return False
    return True


def _same_inside(archive: zipfile.ZipFile, name: str, size: int, sha: str) -> bool:
    digest, left = hashlib.sha256(), size + 1
    try:
        with archive.open(name) as part:
            while left > 0 and (chunk := part.read(min(CHUNK_BYTES, left))):
                digest.update(chunk)
                left -= len(chunk)
    except _UNREADABLE:
        return False
    return left == 1 and digest.hexdigest() == sha


def read_key(text: str) -> bytes:
    """A public key from base64url, hexadecimal, or a file that holds one of these.

    Raises:
        ValueError: when it is none of them.
    """
    given = text.strip()
    if len(given) < PATH_BYTES_MAX and Path(given).is_file():
        given = Path(given).read_text(encoding="utf-8").strip()
    try:
        raw = bytes.fromhex(given) if len(given) == 2 * KEY_BYTES else base64.urlsafe_b64decode(given + "==")
    except (ValueError, binascii.Error):
        raise ValueError("not a public key") from None
    if len(raw) != KEY_BYTES:
        raise ValueError("not a public key of 32 bytes")
    return raw


def report_lines(report: BundleReport) -> Iterator[str]:
    """The report for people, in Chinese and English."""
    if report.ok:
        yield f"完好，未被改动 · Unaltered: {report.files} files"
    for label, names in (
        ("已被改动 · Altered", report.altered),
        ("缺少 · Missing", report.missing),
        ("多出 · Extra", report.extra),
    ):
        yield from (f"{label}: {name}" for name in names)
    yield f"签名密钥 · Signing key: {report.signer or '?'}, fingerprint {report.fingerprint or '?'}"
    if report.trusted is None:
        yield "请与签发单位公布的指纹核对，或使用 --key · Compare the fingerprint with the published one, or use --key"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Verify a Gongzheng bundle offline.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", default=[], help="public key: base64url, hexadecimal or a file")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args(arguments)
    try:
        report = verify_bundle(given.file, [read_key(text) for text in given.key])
    except (NotABundle, OSError, ValueError) as problem:
        sys.stderr.write(f"{given.file}: {problem}\n")
        return 2
    lines = [json.dumps(asdict(report), ensure_ascii=False, indent=2)] if given.json else report_lines(report)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
