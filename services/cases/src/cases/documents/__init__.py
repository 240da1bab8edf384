"""The documents of this service that are written from its rules; ``gongzheng documents`` finds them here."""

from cases.documents.chart import chart
from cases.documents.page import page
from cases.domain.table import table


def documents() -> dict[str, str]:
    """Each document's text by its name in ``docs``; the same for the same rules."""
    procedure = table()
    return {
        "procedure.md": page(procedure),
        "procedure.zh.svg": chart(procedure, "zh"),
        "procedure.en.svg": chart(procedure, "en"),
    }


__all__ = ["documents"]
