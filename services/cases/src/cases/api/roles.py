"""Who may call what: read off the table of the procedure, so that route and rule cannot differ."""

from cases.domain.table import table

OFFICIALS = (
    "cases.intake",
    "cases.investigator",
    "cases.reviewer",
    "cases.decider",
    "cases.hearing_chair",
    "cases.clerk",
    "cases.registrar",
)
READERS = (*OFFICIALS, "auditor")
REGISTRAR = ("cases.registrar",)


def may(*acts: str) -> tuple[str, ...]:
    """The roles that entitle to one of these acts; the service's own role is none of a token."""
    return tuple(sorted({role for act in acts for role in table().rows[act].roles} - {"system"}))
