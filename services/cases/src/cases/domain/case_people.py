"""Who is who in a case: functions held, officers on a day, people kept out."""

from datetime import date

from cases.domain.records import Assignment, File


def functions_of(file: File, subject: str) -> set[str]:
    """Every function that a person has ever held in the case; being assigned is to investigate."""
    held = {entry.function for entry in file.functions if entry.subject == subject}
    if any(assignment.subject == subject for assignment in file.assignments):
        held.add("investigator")
    return held


def officers_on(file: File, day: date) -> list[Assignment]:
    """The officers who are on the case on a day; a recusal takes effect on its own day."""
    return [a for a in file.assignments if a.since <= day and (a.until is None or day < a.until)]


def recused_later(file: File, subjects: set[str], day: date) -> list[str]:
    """Whom of those who acted on a day a recusal took off the case that day or later: what they did stays, marked."""
    decided = {r.subject for r in file.recusals if r.granted and r.decided_on is not None and r.decided_on >= day}
    return sorted(subjects & decided)


def recused_subjects(file: File, day: date) -> set[str]:
    """Whom a granted recusal keeps out on a day (APL 43)."""
    return {r.subject for r in file.recusals if r.granted and r.decided_on is not None and r.decided_on <= day}
