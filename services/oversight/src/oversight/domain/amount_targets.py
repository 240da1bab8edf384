"""Refuses every target, ranking or score on how much or how often a department fines (APL 74)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from oversight.domain.errors import AmountTargetRefused
from oversight.domain.rulebook import read_rules

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff])[\s·._\-*]+(?=[\u4e00-\u9fff])")
_SENTENCES = re.compile(r"[。；;!?\n\r]|(?<=[a-z0-9%])\.(?=\s|$)")
_CLAUSES = re.compile(r"[,，]|\bbut\b|但|\band\b(?= (?:to|raise|increase|reach))")


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of a plan: what is counted, in which unit, what is to be reached, as the author wrote it."""

    name: str
    unit: str = ""
    target: str = ""


@cache
def _words(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{word})" for word in read_rules("amount_targets")["words"][kind]))


@cache
def _fold_table() -> dict[int, str]:
    return str.maketrans(read_rules("amount_targets")["fold"])


def fold(text: str) -> str:
    """The text with everything taken away by which a word could be hidden from a reader of words."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold().translate(_fold_table())
    return _BETWEEN_CHINESE.sub("", plain)


def _forbids(clause: str) -> bool:
    """Whether the clause forbids; a floor ("not fall below") is taken out first, for it forbids nothing."""
    return bool(_words("prohibition").search(_words("floor").sub(" ", clause)))


def _sentence_sets_target(sentence: str) -> bool:
    # Clauses that forbid are left aside; what remains of the sentence is judged as a whole.
    rest = ",".join(clause for clause in _CLAUSES.split(sentence) if not _forbids(clause))
    counted = _words("count").search(rest)
    summed = _words("money").search(rest) and _words("amount").search(rest)
    bare_quota = re.search(
        r"(罚款|罚没|处罚|罚单|收缴)(任务|指标|目标)|\b(fine|penalty|ticket)s? (target|quota|goal)s?\b", rest
    )
    return bool(bare_quota or ((counted or summed) and _words("purpose").search(rest)))


def text_sets_target(text: str) -> bool:
    """Whether any sentence of the text asks for an amount or a number of fines."""
    return any(_sentence_sets_target(sentence) for sentence in _SENTENCES.split(fold(text)))


def measure_is_target(measure: Measure) -> bool:
    """Whether a measure counts fines or their money. A measure is there to be judged by, so it needs no further word.

    A measure in money is one whatever its name: nothing an enforcing department is assessed on is a sum of money.
    """
    name, unit, target = fold(measure.name), fold(measure.unit), fold(measure.target)
    if _words("money_unit").search(unit) or _words("money_unit").search(target):
        return True
    about_money = _words("money").search(name)
    if _words("count").search(name) or (about_money and _words("amount").search(name)):
        return True
    about_penalty = about_money or _words("penalty").search(name)
    return bool(about_penalty and not _words("quality").search(name)) or text_sets_target(f"{name} {target} {unit}")


def refuse_amount_targets(texts: Mapping[str, str], measures: Iterable[Measure] = ()) -> None:
    """Let a plan pass that has no target on fines in any of its texts (by field name) or measures.

    Raises:
        AmountTargetRefused: naming each field that has one (APL 74).
    """
    fields = [name for name, text in texts.items() if text_sets_target(text)]
    fields += [f"metrics.{index}" for index, measure in enumerate(measures) if measure_is_target(measure)]
    if fields:
        raise AmountTargetRefused(
            "Measure lawfulness, time, complaints or rectification instead: money and numbers of fines are nobody's "
            "score.",
            errors={name: ["amount-target"] for name in fields},
        )
