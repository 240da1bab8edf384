"""What the handlers need of the world; the adapters provide it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from fees.domain.agent import AgentKey, CollectingAgent
from fees.domain.ledger import Transaction
from fees.domain.obligation import Obligation
from fees.domain.opening import ImportSums, Opening
from fees.domain.parity import Claim
from fees.domain.payment import Deposit, Payment, RecordedNotice, RefusedCharge
from fees.domain.receipt import Receipt, Segment
from fees.domain.rules import Rules


class Chance(Protocol):
    """Randomness that nobody can foresee."""

    def digits(self, count: int) -> str:
        """So many random decimal digits."""
        ...

    def choose(self, alphabet: str) -> str:
        """One letter of the alphabet."""
        ...


class Obligations(Protocol):
    """The debts, each with the payments on it."""

    def add(self, obligation: Obligation) -> None:
        """Keep a new one."""
        ...

    def save(self, obligation: Obligation) -> None:
        """Keep what payments and days changed; the terms cannot change."""
        ...

    def get(self, obligation_id: str, *, lock: bool = False) -> Obligation:
        """One by its id; raises ObligationNotFound."""
        ...

    def by_code(self, payment_code: str, *, lock: bool = False) -> Obligation | None:
        """One by its payment code."""
        ...

    def by_decision(self, decision_id: str) -> Obligation | None:
        """The one that rests on a decision."""
        ...

    def newly_overdue(self, today: date, limit: int) -> list[str]:
        """Ids of open debts whose period ended and of which that was not said yet."""
        ...

    def to_accrue(self, today: date, limit: int) -> list[str]:
        """Ids of open, overdue debts with a surcharge that still grows and is not booked up to today."""
        ...

    def batches(self, size: int) -> Iterator[list[Obligation]]:
        """All of them, with their payments, so many at a time."""
        ...

    def claims(self) -> Iterable[Claim]:
        """The money of each debt that rests on a decision."""
        ...


class Decisions(Protocol):
    """The served decisions with money, as their events told them."""

    def remember(self, claim: Claim, *, case_id: str, event_id: str) -> None:
        """Keep one; a repetition changes nothing."""
        ...

    def claims(self) -> Iterable[Claim]:
        """All of them."""
        ...


class Openings(Protocol):
    """Opening balances of imported cases."""

    def add(self, obligation_id: str, opening: Opening) -> None:
        """Keep one."""
        ...

    def sums(self, import_id: str | None = None) -> list[ImportSums]:
        """The sums per import and currency, as stated and as booked."""
        ...


class Notices(Protocol):
    """Payment notices as they came."""

    def claim(self, recorded: RecordedNotice) -> bool:
        """Keep a notice; False when the agent's bank reference was used before."""
        ...

    def find(self, agent_id: str, bank_reference: str) -> RecordedNotice | None:
        """The notice with the agent's bank reference."""
        ...

    def totals(self) -> Mapping[str, int]:
        """What all notices tell of, per currency."""
        ...


class Payments(Protocol):
    """Money booked on debts, and money held."""

    def add(self, payment: Payment) -> None:
        """Keep a payment."""
        ...

    def get(self, payment_id: str) -> Payment:
        """One by its id."""
        ...

    def of_notice(self, notice_id: str) -> Payment | None:
        """What was booked of a notice."""
        ...

    def hold(self, deposit: Deposit) -> None:
        """Keep a deposit."""
        ...

    def held_of_notice(self, notice_id: str) -> Deposit | None:
        """What was held of a notice."""
        ...

    def held_totals(self) -> Mapping[str, int]:
        """What is held, per currency."""
        ...

    def refuse(self, charge: RefusedCharge, bank_reference: str) -> bool:
        """Keep a refused charge; False when the same was refused before."""
        ...


class Receipts(Protocol):
    """Receipts, their number segments, and the payments that wait for a number."""

    def load(self, segment: Segment) -> None:
        """Keep a new segment; raises SegmentOverlaps."""
        ...

    def next_segment(self) -> Segment | None:
        """The segment to take the next number from, locked; None when all are used up."""
        ...

    def save_segment(self, segment: Segment) -> None:
        """Keep how far a segment is used."""
        ...

    def add(self, receipt: Receipt) -> None:
        """Keep a receipt."""
        ...

    def save(self, receipt: Receipt) -> None:
        """Keep that a receipt is void."""
        ...

    def find(self, number: str) -> Receipt | None:
        """By its number, or by code and number together (18 digits)."""
        ...

    def live(self, payment_id: str) -> Receipt | None:
        """The live receipt of a payment."""
        ...

    def wait(self, payment_id: str) -> None:
        """A payment waits for a number."""
        ...

    def waiting(self, limit: int) -> list[str]:
        """Ids of payments that wait, the oldest first, locked."""
        ...

    def done_waiting(self, payment_id: str) -> None:
        """A payment got its receipt."""
        ...

    def without_receipt(self) -> int:
        """How many payments have no live receipt and do not wait for one either."""
        ...

    def print_(self, receipt_id: str, at: datetime) -> int:
        """Record a printing; the number of printings with this one."""
        ...


class Agents(Protocol):
    """Collecting agents and their keys."""

    def add(self, agent: CollectingAgent) -> None:
        """Keep a new one; raises AgreementReferenceTaken."""
        ...

    def get(self, agent_id: str) -> CollectingAgent:
        """One by its id; raises UnknownAgent."""
        ...

    def add_key(self, key: AgentKey) -> None:
        """Keep a key."""
        ...

    def key(self, agent_id: str, key_id: str) -> AgentKey | None:
        """A key of an agent, revoked or not."""
        ...

    def save_key(self, key: AgentKey) -> None:
        """Keep that a key is revoked."""
        ...


class Ledger(Protocol):
    """The books: written once, read often."""

    def add(self, transaction: Transaction) -> None:
        """Write a transaction."""
        ...

    def all(self) -> Iterator[Transaction]:
        """Every transaction, in the order written."""
        ...

    def receivables(self, obligation_ids: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """The balances of the receivable accounts of some debts, by debt."""
        ...

    def balances(self) -> Mapping[tuple[str, str], int]:
        """The balance of each (currency, account), debit positive."""
        ...


class FeesUnitOfWork(Protocol):
    """One transaction with everything that handlers touch in it."""

    now: datetime

    @property
    def rules(self) -> Rules:
        """The rules of money."""
        ...

    @property
    def chance(self) -> Chance:
        """Randomness."""
        ...

    @property
    def obligations(self) -> Obligations:
        """The debts."""
        ...

    @property
    def decisions(self) -> Decisions:
        """The served decisions."""
        ...

    @property
    def openings(self) -> Openings:
        """Opening balances."""
        ...

    @property
    def notices(self) -> Notices:
        """Payment notices."""
        ...

    @property
    def payments(self) -> Payments:
        """Payments, held money and refused charges."""
        ...

    @property
    def receipts(self) -> Receipts:
        """Receipts and their numbers."""
        ...

    @property
    def agents(self) -> Agents:
        """Collecting agents."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The books."""
        ...

    @property
    def today(self) -> date:
        """The legal date."""
        ...

    def emit(self, subject: str, event: object) -> None:
        """Tell what happened to an aggregate."""
        ...

    def audit(self, action: str, resource: str, **facts: str | int | bool | None) -> None:
        """Put on record what the actor did."""
        ...
