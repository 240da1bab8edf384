"""The audit chain: what is hashed, what is signed, and the check that walks along it.

Row ``n`` carries ``position`` n, ``prev_hash`` (the hash of row n - 1) and ``hash``, the SHA-256 of the canonical JSON
of its fields, its position and ``prev_hash``. Row 1 follows the genesis hash, which names the service, so that the
chain of one service cannot pass for another's. Checkpoints are rows of their own: a signature over position and hash,
so that nobody without the key can rewrite what lies before one.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gongzheng.messaging.envelope import canonical

FORMAT = "gongzheng-audit/1"
FIELDS = ("at", "actor", "actor_name", "roles", "action", "resource", "facts", "request_id")
SEAL = ("position", "prev_hash", "hash")
CHECKPOINT = ("position", "hash", "sealed_at", "key_id", "signature")


def genesis(service: str) -> str:
    """The hash that the first row of a service's chain follows."""
    return hashlib.sha256(canonical({"format": FORMAT, "service": service})).hexdigest()


def row_hash(position: int, prev_hash: str, row: Mapping[str, Any]) -> str:
    """The hash of one row, hexadecimal."""
    content = {name: row[name] for name in FIELDS}
    return hashlib.sha256(canonical({**content, "position": position, "prev_hash": prev_hash})).hexdigest()


def checkpoint_bytes(service: str, checkpoint: Mapping[str, Any]) -> bytes:
    """What the signature of a checkpoint covers."""
    signed = {name: checkpoint[name] for name in CHECKPOINT if name != "signature"}
    return canonical({**signed, "format": FORMAT, "service": service})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The first thing that is wrong.

    ``kind``: "altered" (the row at ``position``), "missing" (no row at ``position``), "rewritten" (some row from
    ``position`` to ``until`` was altered and the hashes after it made to fit), "unordered", "checkpoint" (a bad
    signature) or "incomplete" (an export without its end).
    """

    kind: str
    position: int
    until: int | None = None

    def sentences(self) -> tuple[str, str]:
        """The fault in Chinese and in English."""
        where = str(self.position) if self.until is None else f"{self.position}–{self.until}"
        zh, en = {
            "altered": ("第{}条记录被改动", "row {} was altered"),
            "missing": ("缺少第{}条记录", "row {} is missing"),
            "rewritten": (
                "第{}条记录之间有改动，其后的哈希被重算",
                "a row in {} was altered and the hashes made to fit",
            ),
            "unordered": ("第{}条记录的次序不对", "row {} is out of order"),
            "checkpoint": ("第{}条处的封签签名无效", "the signature of the checkpoint at {} is not valid"),
            "incomplete": ("导出文件在第{}条之后中断", "the export breaks off after row {}"),
        }[self.kind]
        return zh.format(where), en.format(where)


class ChainWalk:
    """Walks along a chain, row after row; after the first fault nothing more is believed."""

    def __init__(self, service: str, keys: Mapping[str, bytes]) -> None:
        self.service = service
        self._keys = {key_id: Ed25519PublicKey.from_public_bytes(raw) for key_id, raw in keys.items()}
        self.position, self.hash = 0, genesis(service)
        self.checkpoints = self.sealed_until = 0

    def row(self, row: Mapping[str, Any]) -> Fault | None:
        """Take the next row."""
        expected, found = self.position + 1, row["position"]
        if not isinstance(found, int) or found < expected:
            return Fault(kind="unordered", position=expected)
        if found > expected:
            return Fault(kind="missing", position=expected)
        if row["hash"] != row_hash(found, str(row["prev_hash"]), row):
            return Fault(kind="altered", position=found)
        if row["prev_hash"] != self.hash:
            # The row is whole and remembers another predecessor: that one was altered and hashed anew.
            return Fault(kind="altered", position=max(found - 1, 1))
        self.position, self.hash = found, row["hash"]
        return None

    def checkpoint(self, checkpoint: Mapping[str, Any]) -> Fault | None:
        """Take a checkpoint; it must come right after the row it seals."""
        at = checkpoint["position"]
        if not isinstance(at, int) or at < self.position:
            return Fault(kind="unordered", position=self.position)
        if at > self.position:
            return Fault(kind="missing", position=self.position + 1)
        if self._keys and not self._signed(checkpoint):
            return Fault(kind="checkpoint", position=at)
        if checkpoint["hash"] != self.hash:
            return Fault(kind="rewritten", position=self.sealed_until + 1, until=at)
        self.checkpoints += 1
        self.sealed_until = at
        return None

    def _signed(self, checkpoint: Mapping[str, Any]) -> bool:
        key, text = self._keys.get(checkpoint["key_id"]), str(checkpoint["signature"])
        if key is None:
            return False
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            key.verify(raw, checkpoint_bytes(self.service, checkpoint))
        except (InvalidSignature, ValueError, binascii.Error):
            return False
        return True
