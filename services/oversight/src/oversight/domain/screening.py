"""Holds the text to be released against the report: neither the reporter nor their own words may be in it."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from oversight.domain.errors import SummaryRepeatsReport, SummaryRevealsReporter
from oversight.domain.rulebook import read_rules

_NOT_WORDS = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-z]")


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who reported, as far as they said; every field may be empty. Never leaves the service."""

    name: str = ""
    phone: str = ""
    email: str = ""

    @property
    def anonymous(self) -> bool:
        """Whether nothing at all tells who reported."""
        return not (self.name or self.phone or self.email)


@cache
def _limits() -> tuple[int, int]:
    rules = read_rules("screening")
    return rules["verbatim_characters_max"], rules["contact_digits_min"]


def _flat(text: str) -> str:
    """Letters and digits only, full-width and case folded, so that spacing and punctuation hide nothing."""
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).casefold())


def _digits(text: str) -> str:
    return re.sub(r"\D", "", unicodedata.normalize("NFKC", text))


def _names(text: str, name: str) -> bool:
    """Whether the text says the name; a name in Latin letters counts as whole words, so that "Li" is not in "limit"."""
    folded = unicodedata.normalize("NFKC", name).casefold().strip()
    if not folded:
        return False
    if _LATIN.search(folded):
        words = r"[\W_]+".join(re.escape(part) for part in _NOT_WORDS.split(folded) if part)
        return bool(re.search(rf"(?<![a-z0-9]){words}(?![a-z0-9])", unicodedata.normalize("NFKC", text).casefold()))
    return _flat(folded) in _flat(text)


def _longest_common_run(left: str, right: str, enough: int) -> int:
    """The length of a run of characters in both; ``enough`` when there is one at least so long, else 0."""
    runs = {left[i : i + enough] for i in range(len(left) - enough + 1)}
    return enough if any(right[i : i + enough] in runs for i in range(len(right) - enough + 1)) else 0


def screen(summary: str, *, report: str, reporter: Reporter) -> None:
    """Let a summary pass that gives neither the reporter nor the report's own words away.

    Raises:
        SummaryRevealsReporter: it holds the reporter's name, telephone number or e-mail address.
        SummaryRepeatsReport: it takes a long run of characters from the report word for word.
    """
    verbatim_max, digits_min = _limits()
    found = []
    if _names(summary, reporter.name):
        found.append("name")
    phone = _digits(reporter.phone)
    if len(phone) >= digits_min and phone[-digits_min:] in _digits(summary):
        found.append("phone")
    if reporter.email and _flat(reporter.email) in _flat(summary):
        found.append("email")
    if found:
        # Which detail it was is told; the detail itself is not, because problems are logged by callers.
        raise SummaryRevealsReporter(
            "Write the summary without anything that tells who reported.", errors={"summary": found}
        )
    if _longest_common_run(_flat(report), _flat(summary), verbatim_max + 1):
        raise SummaryRepeatsReport(
            f"Put it in your own words: no more than {verbatim_max} characters in a row may be the reporter's.",
            errors={"summary": ["verbatim"]},
        )
