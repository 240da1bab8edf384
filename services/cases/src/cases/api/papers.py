"""What brings or yields a file: evidence, prior notice, decision, documents, dossier, archiving."""

from typing import Any, BinaryIO
from urllib.parse import quote

from flask import Response

from cases.adapters.sniff import media_type
from cases.api import answers, schemas, schemas_files
from cases.api.acts import answer
from cases.api.making import sanction
from cases.api.roles import READERS, may
from cases.domain import acts
from cases.domain.errors import CasesError, Unknown
from cases.domain.values import EvidenceKind, Leniency, Outcome
from cases.handlers.acting import authorised
from cases.handlers.archive_case import archive_case
from cases.handlers.build_dossier import build_dossier
from cases.handlers.decide import decide
from cases.handlers.issue_prior_notice import issue_prior_notice
from cases.handlers.record_evidence import record_evidence
from gongzheng.errors import Conflict, PreconditionFailed
from gongzheng.http import Blueprint, idempotent, if_match, refuses, requires, service_now, unit_of_work
from gongzheng.ids import new_id

blueprint = Blueprint("papers", __name__, description="Evidence, documents and the dossier")
CHUNK_BYTES = 262_144
FILE_NAME_CHARS_MAX = 200
_FILE = {"type": "string", "format": "binary"}


@blueprint.route("/cases/<ulid:case_id>/evidence", methods=["POST"])
@requires(*may("record_evidence"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas_files.EvidenceForm, location="form")
@blueprint.arguments(schemas_files.FileForm, location="files")
@blueprint.response(200, answers.CaseOut)
def take_evidence(form: dict[str, Any], sent: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Put a piece of evidence on the file (APL 46); the file must have the SHA-256 that the metadata gives."""
    version, upload, given = if_match(), sent["file"], form["metadata"]
    fields = {
        **given,
        "officer_ids": tuple(given["officer_ids"]),
        "kind": EvidenceKind(given["kind"]),
        "evidence_id": new_id(),
        "size_bytes": 0,
        "media_type": media_type(upload.stream),
        "file_name": _plain_name(upload.filename or ""),
        "recorded_at": service_now(),
    }
    return answer(record_evidence(unit_of_work(), case_id, acts.RecordEvidence(**fields), upload.stream, version))


@blueprint.route("/cases/<ulid:case_id>/evidence/<ulid:evidence_id>/file", methods=["GET"])
@requires(*READERS)
@refuses(Unknown)
@blueprint.response(200, _FILE, content_type="application/octet-stream")
def read_evidence_file(case_id: str, evidence_id: str) -> Response:
    """The bytes of a piece of evidence, as they were taken in; the look is put on record."""
    with unit_of_work() as uow:
        piece = authorised(uow, case_id).piece(evidence_id)
        stream = uow.files.open(piece.sha256)
    return _download(stream, piece.file_name or f"{evidence_id}.bin", "application/octet-stream")


@blueprint.route("/cases/<ulid:case_id>/prior-notice", methods=["POST"])
@requires(*may("issue_prior_notice"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.NoticeIn)
@blueprint.response(200, answers.CaseOut)
def issue_notice(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Issue the prior notice with its number and PDF: content, facts, reasons, basis, rights (APL 44)."""
    version = if_match()
    act = acts.IssuePriorNotice(notice_id=new_id(), **{**given, "sanction": sanction(given["sanction"])})
    return answer(issue_prior_notice(unit_of_work(), case_id, act, version))


@blueprint.route("/cases/<ulid:case_id>/decision", methods=["POST"])
@requires(*may("decide_penalty", "decide_no_penalty", "decide_dismissed", "decide_transferred"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.DecisionIn)
@blueprint.response(200, answers.CaseOut)
def make_decision(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Decide the case: by the head, after the party was heard, within the range of the law (APL 57, 59, 62)."""
    version = if_match()
    fields = {**given, "outcome": Outcome(given["outcome"]), "sanction": sanction(given["sanction"])}
    fields["leniency"] = given["leniency"] and Leniency(given["leniency"])
    act = acts.Decide(decision_id=new_id(), **fields)
    return answer(decide(unit_of_work(), case_id, act, version))


@blueprint.route("/cases/<ulid:case_id>/documents", methods=["GET"])
@requires(*READERS)
@refuses(Unknown)
@blueprint.response(200, answers.DocumentsOut)
def list_documents(case_id: str) -> dict[str, Any]:
    """The issued documents of the case."""
    with unit_of_work() as uow:
        case = authorised(uow, case_id)
        return {"items": uow.documents.of_case(case.id)}


@blueprint.route("/cases/<ulid:case_id>/documents/<ulid:document_id>", methods=["GET"])
@requires(*READERS)
@refuses(Unknown)
@blueprint.response(200, _FILE, content_type="application/pdf")
def read_document(case_id: str, document_id: str) -> Response:
    """An issued document as PDF, byte for byte as it was issued."""
    with unit_of_work() as uow:
        case = authorised(uow, case_id)
        found = next((d for d in uow.documents.of_case(case.id) if d.document_id == document_id), None)
        if found is None:
            raise Unknown.thing("文书", "document")
        stream = uow.files.open(found.sha256)
    return _download(stream, f"{found.number}.pdf", "application/pdf")


@blueprint.route("/cases/<ulid:case_id>/dossier", methods=["GET"])
@requires(*READERS)
@refuses(Unknown)
@blueprint.response(200, _FILE, content_type="application/zip")
def read_dossier(case_id: str) -> Response:
    """The dossier as a signed bundle that anybody can verify offline; of an archived case the sealed one (APL 47)."""
    with unit_of_work() as uow:
        case = authorised(uow, case_id)
        sealed = case.file.dossier_sha256
        stream = uow.files.open(sealed) if sealed else build_dossier(uow, case)
    return _download(stream, f"dossier-{case_id}.zip", "application/zip")


@blueprint.route("/cases/<ulid:case_id>/archiving", methods=["POST"])
@requires(*may("archive"))
@idempotent
@refuses(CasesError, Conflict, PreconditionFailed)
@blueprint.arguments(schemas.ArchivingIn)
@blueprint.response(200, answers.CaseOut)
def archive(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Seal the dossier and archive the case; nothing changes after (APL 47)."""
    version = if_match()
    return answer(archive_case(unit_of_work(), case_id, acts.Archive(**given), version))


def _plain_name(name: str) -> str:
    """A file name without path and control characters, for people to recognise; never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:FILE_NAME_CHARS_MAX]


def _download(stream: BinaryIO, name: str, content_type: str) -> Response:
    def pieces() -> Any:
        with stream:
            while piece := stream.read(CHUNK_BYTES):
                yield piece

    return _attachment(Response(pieces(), content_type=content_type), name)


def _attachment(response: Response, name: str) -> Response:
    """Never shown inside a page of ours: a file that somebody sent may be anything."""
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return response
