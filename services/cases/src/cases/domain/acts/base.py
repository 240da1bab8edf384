"""What all acts have."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Act:
    """What all acts have. ``officer_ids`` are the officers who carry it out, where it takes officers."""

    name: ClassVar[str] = ""
    done_on: date
    officer_ids: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """The act's row in the table."""
        return self.name
