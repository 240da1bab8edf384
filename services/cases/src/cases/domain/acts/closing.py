"""Publication, closing and archiving."""

from dataclasses import dataclass, field

from cases.domain.acts.base import Act


@dataclass(frozen=True, kw_only=True)
class Publish(Act):
    """Record the publication of the decision."""

    name = "publish"
    place: str


@dataclass(frozen=True, kw_only=True)
class Close(Act):
    """Close the case; a case on a repealed basis is ended instead."""

    note: str = ""
    basis_repealed: bool = field(default=False)

    @property
    def row(self) -> str:
        """Ending for a repealed basis is a row of its own."""
        return "end_repealed" if self.basis_repealed else "close"


@dataclass(frozen=True, kw_only=True)
class Archive(Act):
    """Seal the dossier and archive the case."""

    name = "archive"
    dossier_sha256: str = ""
