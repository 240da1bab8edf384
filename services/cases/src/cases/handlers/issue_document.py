"""Issue a document: set it, store it by its digest, enter it. All in the unit of work of the act that it documents."""

from datetime import date
from io import BytesIO
from typing import Any

from cases.domain.records import Document
from cases.handlers.ports import CasesWork


def issue_document(
    uow: CasesWork, case_id: str, *, document_id: str, kind: str, issued_on: date, data: dict[str, Any]
) -> Document:
    """The document of an act; ``data`` names ``title`` and ``number``.

    Raises:
        DocumentFailed: when it cannot be set; the act is then not taken either.
    """
    stored = uow.files.store(BytesIO(uow.renderer.pdf(kind, data)))
    document = Document(
        document_id=document_id,
        kind=kind,
        number=data["number"],
        issued_on=issued_on,
        sha256=stored.sha256,
        title=data["title"],
    )
    uow.documents.add(case_id, document, data)
    return document
