"""Filing of major decisions: which served decisions are major, and by which text (SUPERVISION 9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oversight.domain.errors import FilingThresholdMissing
from oversight.domain.events import FilingRecorded
from oversight.domain.rulebook import read_rules

_SUMS = ("person_fine_fen", "person_confiscation_fen", "organisation_fine_fen", "organisation_confiscation_fen")
_TEXTS = ("title_zh", "title_en", "fine_law", "confiscation_law", "sanction_law")
_PROVINCE_DIGITS = 2


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """From which sums (fen, inclusive) and by which sanctions a decision is major, and the texts that say so."""

    title_zh: str
    title_en: str
    person_fine_fen: int
    person_confiscation_fen: int
    organisation_fine_fen: int
    organisation_confiscation_fen: int
    fine_law: str
    confiscation_law: str
    sanction_kinds: frozenset[str]
    sanction_law: str


@dataclass(frozen=True, kw_only=True)
class ServedDecision:
    """What oversight needs to know of a served decision. Sums in fen."""

    decision_id: str
    case_id: str
    document_number: str
    outcome: str
    organisation_id: str
    region_code: str
    party_kind: str
    fine_fen: int
    confiscation_fen: int
    served_on: date
    sanction_kinds: tuple[str, ...] = ()


def threshold_from(row: Mapping[str, Any], where: str) -> Threshold:
    """One threshold from its table; every sum and citation must be there.

    Raises:
        FilingThresholdMissing: naming what is missing or no positive whole number of fen.
    """
    wrong = [k for k in _SUMS if type(row.get(k)) is not int or row[k] <= 0]
    wrong += [k for k in _TEXTS if not isinstance(row.get(k), str) or not row[k].strip()]
    kinds = row.get("sanction_kinds")
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        wrong.append("sanction_kinds")
    if wrong:
        raise FilingThresholdMissing(f"{where}: {', '.join(wrong)}", errors={where: wrong})
    return Threshold(sanction_kinds=frozenset(row["sanction_kinds"]), **{k: row[k] for k in (*_SUMS, *_TEXTS)})


class Thresholds:
    """The thresholds by province (first two digits of the region code), and the default for the others."""

    def __init__(self, tables: Mapping[str, Any] | None = None) -> None:
        shipped = read_rules("filing_thresholds")
        given = dict(tables or {})
        self._default = threshold_from(given.get("default", shipped["default"]), "default")
        provinces = given.get("province", {})
        self._by_province = {code: threshold_from(row, f"province.{code}") for code, row in provinces.items()}

    def of(self, region_code: str) -> Threshold:
        """The threshold that holds where the deciding organisation sits."""
        return self._by_province.get(region_code[:_PROVINCE_DIGITS], self._default)

    def reached_by(self, decision: ServedDecision) -> str | None:
        """The citation by which the decision is major; None when it is not."""
        if decision.outcome != "penalty":
            return None
        threshold = self.of(decision.region_code)
        person = decision.party_kind == "person"
        fine = threshold.person_fine_fen if person else threshold.organisation_fine_fen
        goods = threshold.person_confiscation_fen if person else threshold.organisation_confiscation_fen
        if decision.fine_fen >= fine:
            return threshold.fine_law
        if decision.confiscation_fen >= goods:
            return threshold.confiscation_law
        return threshold.sanction_law if threshold.sanction_kinds & set(decision.sanction_kinds) else None


@dataclass(kw_only=True)
class Filing:
    """One major decision on file. ``state`` is "recorded" until its review begins."""

    id: str
    decision: ServedDecision
    threshold_law: str
    recorded_on: date
    state: str = "recorded"
    version: int = 1
    events: list[object] = field(default_factory=list)

    @classmethod
    def record(cls, filing_id: str, decision: ServedDecision, threshold_law: str, on: date) -> "Filing":
        """Put a major decision on file."""
        filing = cls(id=filing_id, decision=decision, threshold_law=threshold_law, recorded_on=on)
        filing.events.append(
            FilingRecorded(
                filing_id=filing_id,
                case_id=decision.case_id,
                decision_id=decision.decision_id,
                organisation_id=decision.organisation_id,
                threshold_law=threshold_law,
                recorded_on=on,
            )
        )
        return filing
