"""Guards on whether and how far somebody may be punished: same act, age, first offence, lighter law (APL 29-37)."""

from datetime import date

from cases.domain import errors
from cases.domain.acts import Decide, DecideOnTheSpot, FileCase
from cases.domain.facts import Facts
from cases.domain.register import Matter
from cases.domain.rules import rule_file
from cases.domain.sanction import exceeds
from cases.domain.values import Leniency, Party, PartyKind

__all__ = [
    "age_at_the_act",
    "continuing_act_ends_after_it_began",
    "lighter_of_old_and_new_law",
    "no_ground_against_punishing",
    "no_penalty_has_its_ground",
    "not_fined_twice",
]

_CITIZEN_ID_CHARS = 18


def continuing_act_ends_after_it_began(facts: Facts) -> None:
    """A continuing act is named with its first and its last day (APL 36(2))."""
    act = facts.expect(FileCase)
    if act.conduct_until is not None and not act.conduct_on <= act.conduct_until <= facts.day:
        raise errors.FilingIncomplete(
            "违法行为终了之日应在发生之日之后、立案之日以前。",
            "A continuing act ends on or after the day it began, and not after the filing.",
            law=("APL 36(2)",),
            errors={"conduct_until": ["must lie between conduct_on and done_on"]},
        )


def not_fined_twice(facts: Facts) -> None:
    """The same act is not fined a second time, by whatever body; another act is named as such (APL 29)."""
    act = facts.act
    if not isinstance(act, Decide | DecideOnTheSpot):
        raise TypeError(f"{act.row} decides nothing")
    first, last = conduct_start(facts), conduct_end(facts)
    if act.sanction.fine_fen == 0 or first is None or last is None or act.distinct_act.strip():
        return
    for before in facts.register.punished:
        if before.fine_fen > 0 and before.conduct_on <= last and first <= before.conduct_until:
            raise errors.FinedBefore(
                f"{before.document_number}已对{before.conduct_on}的违法行为处以罚款；属于另一违法行为的，写明理由。",
                f"{before.document_number} fined an act of {before.conduct_on}; if this is another act, say why.",
                errors={"distinct_act": ["is needed where the days meet"]},
            )


def age_at_the_act(facts: Facts) -> None:
    """Under fourteen nobody is punished; from fourteen to seventeen the sanction is lighter and says so (APL 30)."""
    act, day, born = facts.act, conduct_end(facts), born_on(facts.party)
    if day is None or born is None or not isinstance(act, Decide | DecideOnTheSpot):
        return
    rule, age = rule_file("leniency")["age"], years_between(born, day)
    if age < rule["punished_from"]:
        raise errors.NotPunished(
            f"当事人行为时{age}周岁，不予行政处罚，责令监护人加以管教。",
            f"The party was {age} at the act: no penalty; the guardians are told.",
            law=tuple(rule["law"]),
        )
    if age < rule["fully_from"] and not act.sanction.mitigation.strip():
        raise errors.NotPunished(
            f"当事人行为时{age}周岁，应当从轻或者减轻处罚，请写明。",
            f"The party was {age} at the act: the sanction is lighter, and says so.",
            law=tuple(rule["law"]),
            errors={"sanction": ["mitigation is needed"]},
        )


def no_ground_against_punishing(facts: Facts) -> None:
    """What the report found to be minor and mended, or without fault, is not punished (APL 33)."""
    report = facts.case.file.reports[-1] if facts.case.file.reports else None
    if report is None or report.leniency is None:
        return
    ground = _ground(report.leniency)
    if ground["binding"]:
        raise errors.NotPunished(
            f"调查报告认定：{ground['zh']}，不予行政处罚。",
            f"The report found: {ground['en']}; no penalty is imposed.",
            law=(ground["law"],),
        )


def no_penalty_has_its_ground(facts: Facts) -> None:
    """Who is not punished is so by one of the law's grounds; a first offence is a first one (APL 30, 31, 33)."""
    act = facts.expect(Decide)
    if act.leniency is None:
        raise errors.ReasonsRequired(
            "写明不予处罚的法定情形。",
            "Name the ground of the law on which no penalty is imposed.",
            law=("APL 33", "APL 57(1)(2)"),
            errors={"leniency": ["is missing"]},
        )
    ground = _ground(act.leniency)
    if act.leniency is Leniency.FIRST_SLIGHT and facts.register.punished:
        raise errors.NotPunished(
            f"当事人此前已受处罚（{facts.register.punished[0].document_number}），不属于初次违法。",
            f"The party was punished before ({facts.register.punished[0].document_number}): not a first offence.",
            law=(ground["law"],),
            errors={"leniency": ["not a first offence"]},
        )


def lighter_of_old_and_new_law(facts: Facts) -> None:
    """Where the law changed since the act, nothing is imposed that the lighter of both does not open (APL 37)."""
    act, now, then = facts.act, facts.matter, facts.register.matter_at_conduct
    if not isinstance(act, Decide | DecideOnTheSpot) or now is None or then is None or now.matter == then.matter:
        return
    kind = facts.party.kind if facts.party is not None else PartyKind.ORGANISATION
    for matter in (then.matter, now.matter):
        if exceeds(act.sanction, matter, kind):
            raise errors.LighterLawApplies(
                f"行为时与决定时的规定不同，{_version_zh(matter)}版本处罚较轻，不得超出。",
                f"The law changed since the act; the version from {matter.period.since} is the lighter one.",
                errors={"sanction": ["above what the lighter version opens"]},
            )


def conduct_start(facts: Facts) -> date | None:
    """The first day of the act."""
    return facts.act.conduct_on if isinstance(facts.act, FileCase | DecideOnTheSpot) else facts.case.conduct_on


def conduct_end(facts: Facts) -> date | None:
    """The last day of the act: of a continuing one its end, otherwise its day (APL 36(2))."""
    if isinstance(facts.act, FileCase | DecideOnTheSpot):
        return facts.act.conduct_until or facts.act.conduct_on
    return facts.case.conduct_until or facts.case.conduct_on


def born_on(party: Party | None) -> date | None:
    """The birthday: as it was told, or as the citizen identity number carries it; None when neither is known."""
    if party is None or party.kind is not PartyKind.PERSON:
        return None
    if party.born_on is not None:
        return party.born_on
    number = "".join((party.id_number or "").split())
    if len(number) != _CITIZEN_ID_CHARS or not number[:17].isdigit():
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def years_between(born: date, day: date) -> int:
    """Completed years of age: a year is completed from the day after the birthday on, as 已满 is counted."""
    return day.year - born.year - ((day.month, day.day) <= (born.month, born.day))


def _ground(leniency: Leniency) -> dict[str, str]:
    return next(entry for entry in rule_file("leniency")["ground"] if entry["name"] == leniency.value)


def _version_zh(matter: Matter) -> str:
    return f"自{matter.period.since}施行的"
