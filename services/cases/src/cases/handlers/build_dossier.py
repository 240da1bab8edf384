"""Build the dossier: one case, one bundle, every file in it named by its digest and the whole signed (APL 47)."""

import json
from pathlib import Path
from typing import Any, BinaryIO

from cases.domain.case import Case
from cases.domain.table import table
from cases.handlers.as_json import as_json
from cases.handlers.ports import CasesWork
from gongzheng.legaltime import expand


def build_dossier(uow: CasesWork, case: Case) -> BinaryIO:
    """The signed bundle of a case as it stands: documents, evidence, the file, the timeline, the clocks.

    Its manifest names every part with its digest; ``gongzheng verify`` checks it without this service.
    """
    files: dict[str, bytes | Path] = {
        "case.json": _json(_case(case)),
        "timeline.json": _json([_entry(entry) for entry in as_json(case.timeline)]),
        "clocks.json": _json(as_json(case.clocks)),
    }
    for document in uow.documents.of_case(case.id):
        files[f"documents/{document.kind}-{document.document_id}.pdf"] = uow.files.path(document.sha256)
    for piece in case.evidence:
        files[f"evidence/{piece.evidence_id}-{piece.sha256[:12]}"] = uow.files.path(piece.sha256)
    return uow.sealer.seal(files, _manifest(uow, case))


def _manifest(uow: CasesWork, case: Case) -> dict[str, Any]:
    decision = case.file.decision
    return {
        "kind": "dossier",
        "producer": "gongzheng cases",
        "created_at": uow.now.isoformat(),
        "case_id": case.id,
        "case_number": case.case_number,
        "organisation_id": case.organisation_id,
        "state": str(case.state),
        "document_number": decision.document_number if decision is not None else None,
        "title": "案卷 / Dossier",
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        name: as_json(getattr(case, name))
        for name in (
            "id", "organisation_id", "version", "state", "source", "summary", "received_on", "region_code", "matter_id",
            "conduct_on", "conduct_until", "procedure", "case_number", "complaint_id", "party", "evidence", "file",
        )
    }  # fmt: skip


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    row = table().rows.get(entry["act"])
    law = [expand(ref)["text_zh"] for ref in row.law] if row is not None else []
    return {**entry, "title_zh": row.zh if row is not None else "", "law_zh": law}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
