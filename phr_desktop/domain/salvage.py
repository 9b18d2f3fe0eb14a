"""What a salvage saved out of a damaged vault, and what it could not."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SalvagedTable:
    """One table: rows that are in the new file, rows that are known to be lost (beside them there may be others that
    nothing tells of), and how many unreadable pages it had."""

    name: str
    saved: int
    lost: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class SalvageReport:
    """`lost_records` counts records that are known to have been there, by resource type ("" where not even that is
    known). `lost_documents` counts documents whose contents are not whole. `unreadable` and `pages` say how much of
    the file could not be read. `lost_names` counts people and sources whose own row is lost: they are called by their
    number."""

    tables: tuple[SalvagedTable, ...]
    records: int
    lost_records: dict[str, int] = field(default_factory=dict)
    documents: int = 0
    lost_documents: int = 0
    lost_names: int = 0
    unreadable: int = 0
    pages: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every page was read, and nothing is known to be lost."""
        return not (
            self.unreadable
            or self.lost_records
            or self.lost_documents
            or self.lost_names
            or any(t.lost for t in self.tables)
        )
