"""Reads the rules beside this package: the law as data, every entry with its citation."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


def read_rules(name: str) -> dict[str, Any]:
    """One file of ``oversight/rules`` as plain tables."""
    return tomllib.loads((files("oversight") / "rules" / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class Transition:
    """From one state of a complaint to the next by one act, and the article that knows this step."""

    act: str
    source: str
    target: str
    law: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ClockRule:
    """A time limit on a complaint: ``length`` in ``unit`` from the day of the act ``starts``."""

    kind: str
    title_zh: str
    title_en: str
    length: int
    unit: str
    starts: str
    stops: tuple[str, ...]
    law: str
    extension_days_max: int
    omission: str


@cache
def transitions() -> dict[tuple[str, str], Transition]:
    """(state, act) → the step, for every step a complaint may take."""
    rows = read_rules("complaint_states")["transition"]
    return {
        (source, row["act"]): Transition(act=row["act"], source=source, target=row["to"], law=tuple(row["law"]))
        for row in rows
        for source in row["from"]
    }


@cache
def clock_rules() -> tuple[ClockRule, ...]:
    """The time limits on complaints."""
    rows = read_rules("complaint_clocks")["clock"]
    return tuple(
        ClockRule(
            kind=row["kind"],
            title_zh=row["title_zh"],
            title_en=row["title_en"],
            length=row["length"],
            unit=row["unit"],
            starts=row["starts"],
            stops=tuple(row["stops"]),
            law=row["law"],
            extension_days_max=row.get("extension_days_max", 0),
            omission=row["omission"],
        )
        for row in rows
    )


@cache
def progress_texts() -> dict[str, tuple[str, str]]:
    """Step → what the reporter is told of it, (zh, en)."""
    return {key: (row["zh"], row["en"]) for key, row in read_rules("progress")["step"].items()}
