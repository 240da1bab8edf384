"""The simple procedure: a small penalty decided and handed over on the spot (APL 51 to 53)."""

from dataclasses import dataclass
from datetime import date

from cases.domain.acts.base import Act
from cases.domain.sanction import Sanction
from cases.domain.values import Party


@dataclass(frozen=True, kw_only=True)
class DecideOnTheSpot(Act):
    """Two officers decide on the spot: credentials shown, party told and heard, decision handed over.

    ``statement`` is what the party said, ``refusal_note`` why it did not sign.
    """

    name = "decide_on_the_spot"
    case_id: str
    organisation_id: str
    decision_id: str
    matter_id: str
    conduct_on: date
    party: Party
    place: str
    facts: str
    evidence: str
    sanction: Sanction
    reconsideration_body: str
    court: str
    credentials_shown: bool
    told_of_rights: bool
    statement: str = ""
    statement_opinion: str = ""
    signed: bool = True
    refusal_note: str = ""
    distinct_act: str = ""
    collector: str = ""
    conduct_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class HandIn(Act):
    """The papers of a decision on the spot reach the organisation and are put on record there (APL 52(3))."""

    name = "hand_in"
    note: str = ""
