"""The demonstration case at a glance: how far it is, what is owed and paid, what was refused on the way."""

from dataclasses import dataclass, field
from typing import Any

from gongzheng_embedded.sentences import short_type, stages

STAGE_ORDER = [stage["id"] for stage in stages()]


@dataclass
class Board:
    """Follows the case whose id the story names; amounts in fen."""

    case_id: str | None = None
    case_number: str | None = None
    matter: dict[str, str] = field(default_factory=dict)
    party: str | None = None
    reached: list[str] = field(default_factory=list)
    owed_fen: int = 0
    surcharge_fen: int = 0
    paid_fen: int = 0
    receipts: int = 0
    refused: int = 0
    events: dict[str, int] = field(default_factory=dict)

    def refuse(self) -> None:
        """One more unlawful step was tried and refused."""
        self.refused += 1

    def follow(self, case_id: str) -> None:
        """From here on this is the case that is shown."""
        self.case_id = case_id

    def take(self, service: str, type_: str, data: dict[str, Any], stage: str | None) -> None:
        """Count an event, and move the case along when it is its own."""
        self.events[service] = self.events.get(service, 0) + 1
        name = short_type(type_)
        if name == "oversight.complaint.received" or (self.case_id and data.get("case_id") == self.case_id):
            if stage and stage not in self.reached:
                self.reached.append(stage)
            self._read(name, data)

    def _read(self, name: str, data: dict[str, Any]) -> None:
        match name:
            case "cases.case.filed":
                self.case_number = data.get("case_number")
                self.matter = {"zh": data.get("matter_title_zh", ""), "en": data.get("matter_title_en", "")}
            case "cases.decision.served":
                self.owed_fen = data.get("fine_fen", 0) + data.get("confiscation_fen", 0)
                self.party = (data.get("party") or {}).get("name")
            case "fees.payment.received":
                self.paid_fen += data.get("amount_fen", 0)
                self.surcharge_fen += data.get("surcharge_fen", 0)
            case "fees.receipt.issued":
                self.receipts += 1
            case _:
                pass

    def shown(self) -> dict[str, Any]:
        """What the page draws."""
        furthest = max((STAGE_ORDER.index(stage) for stage in self.reached), default=-1)
        return {
            "case_id": self.case_id,
            "case_number": self.case_number,
            "matter": self.matter,
            "party": self.party,
            "stage": furthest,
            "owed_fen": self.owed_fen,
            "surcharge_fen": self.surcharge_fen,
            "paid_fen": self.paid_fen,
            "receipts": self.receipts,
            "refused": self.refused,
            "events": self.events,
        }
