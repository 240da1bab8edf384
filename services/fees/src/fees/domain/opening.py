"""Opening balances of imported cases (F-13): the figures of the source, carried over and reconciled to the cent."""

from collections.abc import Mapping
from dataclasses import dataclass

from fees.domain.errors import ImportDoesNotBalance
from fees.domain.ledger import Fact

PARTS = ("decided", "surcharge", "interest", "waived", "paid")
# Decided, surcharge and interest raise what is owed; waived and paid lower it.
SIGNS = {"decided": 1, "surcharge": 1, "interest": 1, "waived": -1, "paid": -1}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What the source says of one old case, in minor units of its currency."""

    import_id: str
    source_reference: str
    currency: str
    decided_fen: int
    surcharge_fen: int
    interest_fen: int
    waived_fen: int
    paid_fen: int

    def part(self, name: str) -> int:
        """One of :data:`PARTS`."""
        return int(getattr(self, f"{name}_fen"))

    @property
    def balance_fen(self) -> int:
        """What is still owed: computed, never read."""
        return sum(sign * self.part(name) for name, sign in SIGNS.items())

    def check(self, stated_fen: int) -> None:
        """Hold the computed balance against the one the import states.

        Raises:
            ImportDoesNotBalance: when they differ by a single cent, or more was paid and waived than owed.
        """
        if self.balance_fen != stated_fen or stated_fen < 0:
            raise ImportDoesNotBalance(f"computed {self.balance_fen}, stated {stated_fen}: {self.source_reference}")

    def facts(self) -> tuple[Fact, ...]:
        """What the old case puts into the books: each figure of the source on an opening account of its own."""
        return tuple(Fact(name=f"opening.{name}", amount_fen=self.part(name)) for name in PARTS)


@dataclass(frozen=True, kw_only=True)
class ImportSums:
    """The sums of one import in one currency: as the cases state them, and as the ledger's accounts hold them."""

    import_id: str
    currency: str
    cases: int
    stated: Mapping[str, int]
    booked: Mapping[str, int]

    @property
    def balance_fen(self) -> int:
        """What all the cases of the import owed when they came."""
        return sum(sign * self.stated[name] for name, sign in SIGNS.items())

    @property
    def reconciled(self) -> bool:
        """Whether the ledger holds exactly what the cases state."""
        return all(self.stated[name] == self.booked.get(name, 0) for name in PARTS)
