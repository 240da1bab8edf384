"""Record evidence: the bytes are compared with the digest that the client computed, then the act is taken."""

from dataclasses import replace
from typing import BinaryIO

from cases.domain.acts import RecordEvidence
from cases.domain.case import Case
from cases.domain.errors import HashMismatch
from cases.domain.guards.evidence import refuse_sensitive
from cases.handlers.acting import take
from cases.handlers.ports import CasesWork


def record_evidence(uow: CasesWork, case_id: str, act: RecordEvidence, content: BinaryIO, version: int) -> Case:
    """The case with the new piece.

    Raises:
        SensitiveCategoryRefused: before a byte is stored (PIPL 28).
        HashMismatch: when the bytes that arrived are not those the client hashed.
        CasesError: what else stands against the act; the stored bytes then belong to no case.
    """
    refuse_sensitive(act.category)
    stored = uow.files.store(content)
    if stored.sha256 != act.sha256:
        raise HashMismatch(
            f"收到的文件摘要为 {stored.sha256}。",
            f"The file that arrived has the digest {stored.sha256}.",
            errors={"sha256": ["is not the digest of the file"]},
        )
    with uow:
        return take(uow, case_id, replace(act, size_bytes=stored.size_bytes), version)
