"""A sanction, whether it lies within what a matter opens, and whether it is heavier than another (APL 5, 9, 34, 45)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cases.domain.register import Matter, SanctionLine
from cases.domain.rules import rule_file
from cases.domain.values import PartyKind, SanctionKind

PERMILLE = 1000


@dataclass(frozen=True, kw_only=True)
class Sanction:
    """What is proposed or imposed. Amounts in fen.

    ``kinds`` are all kinds imposed, the fine and confiscations included. ``bases`` are the amounts that a multiple is
    taken of (``value_of_goods`` …), ``units`` how many items a fine per item counts. ``mitigation`` is the recorded
    ground of APL 32 on which the fine goes below the range; without it the range binds.
    """

    kinds: tuple[SanctionKind, ...] = ()
    fine_fen: int = 0
    confiscation_fen: int = 0
    confiscated_goods: str = ""
    grave: bool = False
    bases: dict[str, int] = field(default_factory=dict)
    units: int = 1
    mitigation: str = ""
    order_to_correct: bool = False

    @property
    def money_fen(self) -> int:
        """What is to be paid: fine and confiscated gains together."""
        return self.fine_fen + self.confiscation_fen


NONE = Sanction()


def heavier(new: Sanction, old: Sanction) -> bool:
    """Whether ``new`` takes more from the party than ``old``: a larger amount, another kind, or other goods."""
    return (
        new.fine_fen > old.fine_fen
        or new.confiscation_fen > old.confiscation_fen
        or not set(new.kinds) <= set(old.kinds)
        or (bool(new.confiscated_goods) and new.confiscated_goods != old.confiscated_goods)
    )


def faults(sanction: Sanction, matter: Matter, party: PartyKind) -> Iterator[tuple[str, str]]:
    """Why the sanction is not one that the matter opens for such a party (zh, en); nothing when it is (APL 34)."""
    lines = [line for line in matter.sanctions if _applies(line, sanction, party)]
    wanted = {line.base for line in matter.sanctions if line.base and line.kind in sanction.kinds}
    for base in sorted(wanted - sanction.bases.keys()):
        yield f"应写明“{base}”的数额", f"state the amount of {base!r}, on which the range depends"
    open_kinds = {line.kind for line in lines}
    if not sanction.kinds:
        yield "未载明任何处罚种类", "no kind of sanction is named"
    for kind in sanction.kinds:
        if kind not in open_kinds:
            yield f"该事项未规定“{kind.value}”", f"the matter does not open {kind.value!r} here"
    yield from _amounts_without_kind(sanction)
    yield from _fine_faults(sanction, [line for line in lines if line.kind is SanctionKind.FINE])


def exceeds(sanction: Sanction, matter: Matter, party: PartyKind) -> bool:
    """Whether it is more than a version of a matter opens: a kind it does not have, or a fine above its range."""
    lines = [line for line in matter.sanctions if _applies(line, sanction, party)]
    if not set(sanction.kinds) <= {line.kind for line in lines}:
        return True
    tops = [_range_fen(line, sanction)[1] for line in lines if line.kind is SanctionKind.FINE]
    return bool(tops) and sanction.fine_fen > max(tops)


def _amounts_without_kind(sanction: Sanction) -> Iterator[tuple[str, str]]:
    if (sanction.fine_fen > 0) != (SanctionKind.FINE in sanction.kinds):
        yield "罚款种类与罚款数额不一致", "a fine needs its amount, and an amount needs the kind 'fine'"
    if sanction.confiscation_fen > 0 and SanctionKind.CONFISCATE_GAINS not in sanction.kinds:
        yield "没收数额未列处罚种类", "confiscated gains need the kind 'confiscate_gains'"
    if sanction.confiscated_goods and SanctionKind.CONFISCATE_GOODS not in sanction.kinds:
        yield "没收物品未列处罚种类", "confiscated goods need the kind 'confiscate_goods'"


def _fine_faults(sanction: Sanction, lines: list[SanctionLine]) -> Iterator[tuple[str, str]]:
    if sanction.fine_fen == 0:
        if any(line.mandatory for line in lines) and not sanction.mitigation:
            yield "该事项应当并处罚款", "the matter obliges to a fine; name the ground of APL 32 to go below"
        return
    ranges = [_range_fen(line, sanction) for line in lines]
    if not ranges:
        return
    upper = max(high for _, high in ranges)
    if sanction.mitigation and sanction.fine_fen <= upper:
        return
    if not any(low <= sanction.fine_fen <= high for low, high in ranges):
        spans = "；".join(f"{low}-{high}" for low, high in ranges)
        yield f"罚款应在以下范围（分）：{spans}", f"the fine must lie within (fen): {spans}"


def _applies(line: SanctionLine, sanction: Sanction, party: PartyKind) -> bool:
    if line.party_kinds and party not in line.party_kinds:
        return False
    if line.grave_only and not sanction.grave:
        return False
    if line.base is None:
        return True
    amount = sanction.bases.get(line.base)
    return (
        amount is not None
        and (line.base_from_fen is None or amount >= line.base_from_fen)
        and (line.base_below_fen is None or amount < line.base_below_fen)
    )


def _range_fen(line: SanctionLine, sanction: Sanction) -> tuple[int, int]:
    """The least and the greatest fine that a line allows; multiples are cut to whole fen in the party's favour."""
    if line.max_fen is not None:
        units = sanction.units if line.unit else 1
        return (line.min_fen or 0) * units, line.max_fen * units
    amount = sanction.bases[line.base or ""]
    return -(-amount * (line.min_permille or 0) // PERMILLE), amount * (line.max_permille or 0) // PERMILLE


def hearing_offered(sanction: Sanction, party: PartyKind, region_code: str) -> tuple[str, ...]:
    """The articles by which a hearing must be offered before this sanction; empty when none (APL 63)."""
    rules = rule_file("thresholds")
    always = rules["hearing_always"]
    if any(kind.value in always["sanctions"] for kind in sanction.kinds):
        return tuple(always["law"])
    matching = [entry for entry in rules["hearing"] if region_code.startswith(entry["region"])]
    entry = max(matching, key=lambda found: len(found["region"]))
    limit = entry["person_fen"] if party is PartyKind.PERSON else entry["organisation_fen"]
    reached = sanction.fine_fen >= limit or sanction.confiscation_fen >= limit
    return tuple(entry["law"]) if reached else ()


__all__ = ["NONE", "Sanction", "exceeds", "faults", "hearing_offered", "heavier"]
