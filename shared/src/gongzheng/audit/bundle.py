"""Signed, hash-sealed bundles: files and the manifest that vouches for each of them, in an archive of one byte form.

The same files, manifest and key always give the same bytes. How a bundle is checked stands in ``standalone_verify``,
which a court or a citizen can run without anything else of this suite.
"""

import base64
import hashlib
import io
import os
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from gongzheng.audit.standalone_verify import (
    BUNDLE_BYTES_MAX,
    CHUNK_BYTES,
    FILES_MAX,
    FORMAT,
    MANIFEST,
    MANIFEST_BYTES_MAX,
    SIGNATURE,
    BundleReport,
    NotABundle,
    canonical,
    central_header,
    end_record,
    local_header,
    safe_path,
    verify_bundle,
)

__all__ = ["BundleReport", "BundleWritten", "NotABundle", "bundle_bytes", "verify_bundle", "write_bundle"]
_OWN_FIELDS = frozenset({"format", "files", "signer"})


class BundleSigner(Protocol):
    """A signer whose public key can be given away; ``Ed25519Signer`` is one."""

    key_id: str

    def sign(self, payload: bytes) -> str:
        """The detached signature, base64url without padding."""
        ...

    def public_bytes(self) -> bytes:
        """The raw 32-byte public key."""
        ...


@dataclass(frozen=True, kw_only=True)
class BundleWritten:
    """A written bundle: its size and SHA-256 as a file, and the SHA-256 of its manifest (both hexadecimal)."""

    size: int
    sha256: str
    manifest_sha256: str


@dataclass(frozen=True, kw_only=True)
class _Part:
    name: str
    content: bytes | Path
    size: int
    crc: int
    sha256: str


def write_bundle(
    path: Path, files: Mapping[str, bytes | Path], signer: BundleSigner, manifest: Mapping[str, Any]
) -> BundleWritten:
    """Write a bundle; it appears at ``path`` whole or not at all.

    Args:
        path: where; an existing file is replaced.
        files: content by name (``documents/decision.pdf``), as bytes or as the path of a file.
        signer: signs the manifest; its public key is written into it.
        manifest: what the manifest says besides files and signer, e.g. kind, title, created_at, producer. JSON without
            floats; give a fixed ``created_at`` where the bundle must come out the same again.

    Raises:
        ValueError: for an unsafe name, too many files, too many bytes, or a reserved manifest field.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".bundle-")
    try:
        with os.fdopen(handle, "wb") as out:
            written = _write(out, files, signer, manifest)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return written


def bundle_bytes(files: Mapping[str, bytes | Path], signer: BundleSigner, manifest: Mapping[str, Any]) -> bytes:
    """The same as ``write_bundle``, in memory: for bundles of a few files."""
    out = io.BytesIO()
    _write(out, files, signer, manifest)
    return out.getvalue()


def _write(
    out: BinaryIO, files: Mapping[str, bytes | Path], signer: BundleSigner, manifest: Mapping[str, Any]
) -> BundleWritten:
    parts = _parts(files)
    raw = _manifest(parts, signer, manifest)
    signature = signer.sign(raw).encode()
    whole = hashlib.sha256()
    directory, offset = [], 0
    for part in (_measure(SIGNATURE, signature), _measure(MANIFEST, raw), *parts):
        name = part.name.encode()
        header = local_header(name, part.size, part.crc)
        out.write(header)
        whole.update(header)
        for chunk in _chunks(part.content):
            out.write(chunk)
            whole.update(chunk)
        directory.append(central_header(name, part.size, part.crc, offset))
        offset += len(header) + part.size
    end = b"".join(directory)
    end += end_record(len(directory), len(end), offset)
    out.write(end)
    whole.update(end)
    return BundleWritten(
        size=offset + len(end), sha256=whole.hexdigest(), manifest_sha256=hashlib.sha256(raw).hexdigest()
    )


def _parts(files: Mapping[str, bytes | Path]) -> list[_Part]:
    if len(files) > FILES_MAX:
        raise ValueError(f"a bundle holds at most {FILES_MAX} files, not {len(files)}")
    if unsafe := sorted(name for name in files if not safe_path(name)):
        raise ValueError(f"not a name for a file in a bundle: {unsafe[0]!r}")
    if len({name.casefold() for name in files}) < len(files):
        raise ValueError("two names differ only in upper and lower case")
    parts = [_measure(name, content) for name, content in sorted(files.items(), key=lambda item: item[0].encode())]
    # Generous for the headers, so that no offset can pass what the archive's fields can hold.
    if sum(part.size + 1024 for part in parts) > BUNDLE_BYTES_MAX - MANIFEST_BYTES_MAX:
        raise ValueError("a bundle holds at most 4 GiB")
    return parts


def _measure(name: str, content: bytes | Path) -> _Part:
    sha, crc, size = hashlib.sha256(), 0, 0
    for chunk in _chunks(content):
        sha.update(chunk)
        crc = zlib.crc32(chunk, crc)
        size += len(chunk)
    return _Part(name=name, content=content, size=size, crc=crc, sha256=sha.hexdigest())


def _chunks(content: bytes | Path) -> Any:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _manifest(parts: list[_Part], signer: BundleSigner, manifest: Mapping[str, Any]) -> bytes:
    if reserved := sorted(_OWN_FIELDS & set(manifest)):
        raise ValueError(f"the manifest's field {reserved[0]!r} is filled in here")
    public_key = base64.urlsafe_b64encode(signer.public_bytes()).rstrip(b"=").decode()
    raw = canonical(
        {
            **manifest,
            "format": FORMAT,
            "signer": {"algorithm": "Ed25519", "key_id": signer.key_id, "public_key": public_key},
            "files": [{"path": part.name, "size": part.size, "sha256": part.sha256} for part in parts],
        }
    )
    if len(raw) > MANIFEST_BYTES_MAX:
        raise ValueError("the manifest is too large")
    return raw
