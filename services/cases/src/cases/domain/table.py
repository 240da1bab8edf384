"""The table of the procedure, read once from ``rules/transitions.toml``, and the one place that applies it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from cases.domain import errors
from cases.domain.facts import Facts
from cases.domain.guards import GUARDS
from cases.domain.rules import rule_file
from cases.domain.values import State


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: from these states, this act by these roles, under these guards, leads there. ``to`` None = stays."""

    act: str
    sources: tuple[State, ...]
    to: State | None
    roles: frozenset[str]
    after: tuple[str, ...]
    guards: tuple[str, ...]
    law: tuple[str, ...]
    zh: str
    en: str
    function: str | None = None


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """A combination of state and act that has a refusal of its own."""

    act: str
    sources: tuple[State, ...]
    refusal: type[errors.CasesError]
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """All rows by act, the refusals, the guards of every act and the families of acts."""

    rows: Mapping[str, Row]
    forbidden: tuple[Forbidden, ...]
    every: tuple[str, ...]
    families: Mapping[str, tuple[str, ...]]

    def members(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The acts that these names stand for: a family stands for its acts, an act for itself."""
        return tuple(act for name in names for act in self.families.get(name, (name,)))

    def permit(self, facts: Facts) -> Row:
        """The row that allows the act.

        Raises:
            CasesError: the refusal of the first thing that stands against it: role, state, then the guards in order.
        """
        row = self.rows[facts.act.row]
        if not row.roles & facts.actor.roles:
            who = ", ".join(sorted(row.roles))
            raise errors.RoleNotEntitled(f"办理“{row.zh}”须有角色：{who}。", f"This act needs one of the roles: {who}.")
        self._state_allows(row, facts)
        facts = replace(facts, row=row)
        for name in (*self.every, *row.guards):
            GUARDS[name](facts)
        return row

    def possible(self, state: State) -> list[str]:
        """The acts that have a row from a state."""
        return [row.act for row in self.rows.values() if state in row.sources]

    def _state_allows(self, row: Row, facts: Facts) -> None:
        state = facts.case.state
        if not row.sources and state is None:
            return
        if state in row.sources:
            return
        for no in self.forbidden:
            if no.act == row.act and state in no.sources:
                raise no.refusal(no.zh, no.en)
        places = ", ".join(row.sources)
        raise errors.ActOutOfOrder(
            f"案件处于“{state}”阶段；“{row.zh}”只能在以下阶段办理：{places}。",
            f"The case is {state}; this act is possible when it is: {places or 'new'}.",
            law=row.law,
        )


@cache
def table() -> Table:
    """The table of this release.

    Raises:
        ValueError, KeyError: when the file names a state, guard or refusal that does not exist.
    """
    content = rule_file("transitions")
    rows = [_row(entry) for entry in content["transition"]]
    unknown = {name for row in rows for name in row.guards} | set(content["every"]["guards"])
    unknown -= GUARDS.keys()
    if unknown:
        raise ValueError(f"rules/transitions.toml names guards that do not exist: {sorted(unknown)}")
    return Table(
        rows={row.act: row for row in rows},
        forbidden=tuple(
            Forbidden(
                act=entry["act"],
                sources=tuple(State(name) for name in entry["from"]),
                refusal=getattr(errors, entry["refusal"]),
                zh=entry["zh"],
                en=entry["en"],
            )
            for entry in content["forbidden"]
        ),
        every=tuple(content["every"]["guards"]),
        families={name: tuple(acts) for name, acts in content["families"].items()},
    )


def _row(entry: dict[str, object]) -> Row:
    def names(key: str) -> tuple[str, ...]:
        value = entry.get(key, [])
        return tuple(value) if isinstance(value, list) else ()

    target = entry.get("to")
    function = entry.get("function")
    return Row(
        act=str(entry["act"]),
        sources=tuple(State(name) for name in names("from")),
        to=State(str(target)) if target else None,
        roles=frozenset(names("roles")),
        after=names("after"),
        guards=names("guards"),
        law=names("law"),
        zh=str(entry["zh"]),
        en=str(entry["en"]),
        function=str(function) if function else None,
    )
