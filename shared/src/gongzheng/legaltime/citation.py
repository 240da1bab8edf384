"""Citations: ``"APL 42(1)"`` is article 42, paragraph 1 of the Administrative Penalty Law.

Grammar: ``<ACT> <article>``, then ``(<paragraph>)`` or ``(<paragraph>)(<item>)``; where the article has one paragraph
only, an item is written ``[<item>]``, because Chinese usage then names no paragraph (第三十四条第十项). An article
inserted later (第三十八条之一) is written ``38-1``. Acts stand in ``statutes.toml``, with their names and dates.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

_FORM = re.compile(
    r"(?P<act>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)"
    r"(?: (?P<article>\d{1,4})(?:-(?P<inserted>\d{1,2}))?"
    r"(?:\((?P<paragraph>\d{1,2})\)(?:\((?P<item>\d{1,2})\))?|\[(?P<sole>\d{1,2})\])?)?"
)
_ZH_DIGITS = "零一二三四五六七八九"
_ZH_PLACES = ("", "十", "百", "千")
_TEN_TO_TWENTY = range(10, 20)


class CitationError(ValueError):
    """A citation that does not have the form, or names an act that is not listed."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act. ``in_force_from`` and ``in_force_to`` bound the version whose article numbers are cited.

    ``counting`` names where the act's general rules on counting periods stand; ``working_days`` the lengths in days
    which the act itself declares to be working days, and ``working_days_law`` where it does; ``articles`` is the number
    of its articles, None where the text was not read.
    """

    code: str
    zh: str
    en: str
    in_force_from: date | None
    in_force_to: date | None
    counting: str
    working_days: frozenset[int]
    working_days_law: str | None
    departmental: bool
    articles: int | None

    def in_force(self, day: date) -> bool:
        """Whether the cited version was in force on a day; an act without dates (a department's own rule) always is."""
        after_start = self.in_force_from is None or self.in_force_from <= day
        return after_start and (self.in_force_to is None or day <= self.in_force_to)


@dataclass(frozen=True, slots=True)
class Citation:
    """A parsed citation; the numbers are None where the citation does not go so deep."""

    act: Act
    article: int | None
    inserted: int | None
    paragraph: int | None
    item: int | None

    @property
    def zh(self) -> str:
        """As Chinese documents write it: 《中华人民共和国行政处罚法》第四十二条第一款."""
        return f"《{self.act.zh}》{self._place_zh()}"

    @property
    def en(self) -> str:
        """As English texts write it: Administrative Penalty Law, article 42(1)."""
        return self.act.en + (f", article {self._place()}" if self.article else "")

    def _place(self) -> str:
        if self.article is None:
            return ""
        inserted = f"-{self.inserted}" if self.inserted else ""
        if self.item and not self.paragraph:
            return f"{self.article}{inserted}, item {self.item}"
        deeper = "".join(f"({part})" for part in (self.paragraph, self.item) if part)
        return f"{self.article}{inserted}{deeper}"

    def _place_zh(self) -> str:
        if self.article is None:
            return ""
        text = f"第{chinese_number(self.article)}条"
        if self.inserted:
            text += f"之{chinese_number(self.inserted)}"
        if self.paragraph:
            text += f"第{chinese_number(self.paragraph)}款"
        if self.item:
            text += f"第{chinese_number(self.item)}项"
        return text


def chinese_number(number: int) -> str:
    """An article number in Chinese numerals, 1 to 9999: 42 → 四十二, 105 → 一百零五."""
    if number in _TEN_TO_TWENTY:
        return "十" + (_ZH_DIGITS[number - 10] if number > _TEN_TO_TWENTY.start else "")
    digits = str(number)
    text = "".join(
        _ZH_DIGITS[int(d)] + (_ZH_PLACES[len(digits) - 1 - place] if d != "0" else "") for place, d in enumerate(digits)
    )
    return re.sub("零+", "零", text).rstrip("零")


@cache
def acts() -> dict[str, Act]:
    """All listed acts by their code."""
    raw = tomllib.loads((files("gongzheng.legaltime") / "statutes.toml").read_text(encoding="utf-8"))
    return {entry["code"]: _act(entry) for entry in raw["act"]}


def _act(entry: dict[str, Any]) -> Act:
    return Act(
        code=entry["code"],
        zh=entry["zh"],
        en=entry["en"],
        in_force_from=entry.get("in_force_from"),
        in_force_to=entry.get("in_force_to"),
        counting=entry.get("counting", "CIVIL-CODE"),
        working_days=frozenset(entry.get("working_days", ())),
        working_days_law=entry.get("working_days_law"),
        departmental=entry.get("departmental", False),
        articles=entry.get("articles"),
    )


@cache
def check(ref: str) -> Citation:
    """Parse a citation strictly.

    Raises:
        CitationError: when the form is wrong, the act is not listed, or it has no such article.
    """
    form = _FORM.fullmatch(ref)
    if form is None:
        raise CitationError(f"not a citation: {ref!r}")
    act = acts().get(form["act"])
    if act is None:
        raise CitationError(f"no such act: {ref!r}")
    if act.articles and form["article"] and not 1 <= int(form["article"]) <= act.articles:
        raise CitationError(f"{act.en} has articles 1 to {act.articles}: {ref!r}")
    numbers = {part: int(form[part]) if form[part] else None for part in ("article", "inserted", "paragraph")}
    item = form["item"] or form["sole"]
    return Citation(act, **numbers, item=int(item) if item else None)


def expand(ref: str) -> dict[str, Any]:
    """A citation with the act's names, for a problem body or a document.

    Keys: ref, act_zh, act_en, article, paragraph, item (text or None), text_zh, text_en. An act or form that is not
    known is given back as it stands, because a citation is shown while something is being refused and must not fail.
    """
    try:
        found = check(ref)
    except CitationError:
        act, _, rest = ref.partition(" ")
        return _shown(ref, act, act, (rest or None, None, None), (ref, ref))
    article = None if found.article is None else str(found.article) + (f"-{found.inserted}" if found.inserted else "")
    paragraph, item = (str(part) if part else None for part in (found.paragraph, found.item))
    return _shown(ref, found.act.zh, found.act.en, (article, paragraph, item), (found.zh, found.en))


def _shown(
    ref: str, zh: str, en: str, place: tuple[str | None, str | None, str | None], text: tuple[str, str]
) -> dict[str, Any]:
    article, paragraph, item = place
    return {
        "ref": ref,
        "act_zh": zh,
        "act_en": en,
        "article": article,
        "paragraph": paragraph,
        "item": item,
        "text_zh": text[0],
        "text_en": text[1],
    }


def statutory_unit(act: str, days: int) -> str:
    """Whether a period that an act gives as so many 日 runs in working days or in calendar days.

    The Administrative Penalty Law makes only 2, 3, 5 and 7 days working days (APL 85), so its 15-day payment period and
    its 90-day decision limit are calendar days; the Administrative Enforcement Law all up to ten (AEL 69); the
    Administrative Reconsideration Law 3, 5, 7 and 10 (ARL 88(2)). Where the text itself says 工作日 the caller says
    "working_day" at once.

    Raises:
        CitationError: when the act is not listed.
    """
    return "working_day" if days in check(act).act.working_days else "day"
