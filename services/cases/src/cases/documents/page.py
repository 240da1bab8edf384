"""The page of the procedure: the diagram and the table as a reader wants it, in both languages."""

from collections.abc import Iterable, Iterator
from textwrap import dedent

from cases.documents.words import title, word
from cases.domain.table import Row, Table
from cases.domain.values import State
from gongzheng.legaltime import expand

_TEXTS = {
    "zh": {
        "heading": "案件办理程序",
        "intro": """
            状态图和下表均由 `services/cases/src/cases/rules/transitions.toml` 生成，系统据同一张表决定准许或者拒绝。
            表中没有的“状态＋行为”一律拒绝；拒绝时写明所依据的条款。
            “须先有”列明在此之前（含同日）必须已经作出的行为；“须满足”由 `domain/guards/` 中的同名函数逐项核验。
            """,
        "every": "每一行为均须满足",
        "columns": ("行为", "从 → 到", "由谁办理", "须满足", "依据"),
        "after": "须先有：",
        "function": "由此成为本案的：",
        "new": "（新案件）",
        "stays": "（不变）",
        "forbidden": "另有明文的禁止",
        "no_columns": ("行为", "状态", "理由", "依据"),
        "separator": "、",
        "stop": "；",
        "families": {"decide": "任一决定", "end": "任一终结行为"},
    },
    "en": {
        "heading": "The procedure of a case",
        "intro": """
            The diagram and the table are written from `services/cases/src/cases/rules/transitions.toml`; by the same
            table the service allows or refuses. A state and an act that have no row are refused, and a refusal names
            its article. "After" names the acts that must have been done on or before the same day; each condition is
            checked by the function of that name in `domain/guards/`.
            """,
        "every": "True of every act",
        "columns": ("Act", "From → to", "Who may", "What must be true", "Law"),
        "after": "After: ",
        "function": "Becomes in the case: ",
        "new": "(new case)",
        "stays": "(stays)",
        "forbidden": "Refusals with words of their own",
        "no_columns": ("Act", "States", "Why", "Law"),
        "separator": ", ",
        "stop": "; ",
        "families": {"decide": "any decision", "end": "any act that ends the case"},
    },
}
_FUNCTIONS = {
    "filer": ("立案人", "who filed it"),
    "investigator": ("办案人员", "investigator"),
    "reviewer": ("审核人", "reviewer"),
    "decider": ("决定人", "decider"),
    "hearing_chair": ("听证主持人", "hearing chair"),
}


def page(table: Table) -> str:
    """The page in Markdown."""
    head = "# 案件办理程序 · The procedure of a case\n\n<!-- Written by `gongzheng documents` from the rules. -->\n"
    return head + "".join("\n" + "\n".join(_part(table, language)) + "\n" for language in ("zh", "en"))


def _part(table: Table, language: str) -> Iterator[str]:
    texts = _TEXTS[language]
    yield f"## {'中文' if language == 'zh' else 'English'}\n"
    yield dedent(str(texts["intro"])).strip() + "\n"
    yield f"![{texts['heading']}](procedure.{language}.svg)\n"
    stop = str(texts["stop"])
    yield f"**{texts['every']}**: {stop.join(_guard(name, language) for name in table.every)}\n"
    yield from _lines(texts["columns"], (_row(table, row, language) for row in table.rows.values()))
    yield f"\n### {texts['forbidden']}\n"
    yield from _lines(
        texts["no_columns"],
        (
            (
                _act(table.rows[no.act], language),
                _states(no.sources, language),
                no.zh if language == "zh" else no.en,
                _law(no.refusal.law, language),
            )
            for no in table.forbidden
        ),
    )


def _lines(columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    names = tuple(columns)
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _row(table: Table, row: Row, language: str) -> tuple[str, ...]:
    texts = _TEXTS[language]
    source = _states(row.sources, language) or str(texts["new"])
    target = word("state", row.to, language) if row.to else str(texts["stays"])
    must = [_guard(name, language) for name in row.guards]
    if row.after:
        named = (_named(table, name, language) for name in row.after)
        must.insert(0, str(texts["after"]) + str(texts["separator"]).join(named))
    who = str(texts["separator"]).join(sorted(word("role", role, language) for role in row.roles))
    if row.function is not None:
        who += f"<br>{texts['function']}{_FUNCTIONS[row.function][language == 'en']}"
    return _act(row, language), f"{source} → {target}", who, "<br>".join(must), _law(row.law, language)


def _act(row: Row, language: str) -> str:
    return f"{title(row, language)}<br>`{row.act}`"


def _named(table: Table, name: str, language: str) -> str:
    families = _TEXTS[language]["families"]
    return families[name] if isinstance(families, dict) and name in families else title(table.rows[name], language)


def _states(states: Iterable[State], language: str) -> str:
    return str(_TEXTS[language]["separator"]).join(word("state", state, language) for state in states)


def _guard(name: str, language: str) -> str:
    return f"{word('guard', name, language)} `{name}`"


def _law(refs: Iterable[str], language: str) -> str:
    return "<br>".join(str(expand(ref)[f"text_{language}"]) for ref in refs)
