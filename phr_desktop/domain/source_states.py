"""What each source gave and did not give, as the page of sources tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import Person, Rest, Source


class HeldBack(StrEnum):
    """Why something that came is shown to nobody as a record."""

    UNREADABLE = "unreadable"
    OTHER_PERSON = "other person"
    NO_PERSON = "no person"


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of record of one source: a whole resource type, or a category of it where its categories differ.

    `rest` says that it is what the categories told beside it leave of its type. Times are seconds since 1970 UTC.
    """

    type: str
    category: str  # "" for the whole type
    rest: bool
    state: LedgerState
    count: int  # held here
    new: int  # in the last pull
    changed: int
    gone: int
    good_at: int | None  # when it last came whole
    tried_at: int | None
    reason: str | None  # a code of sentences.py
    resumes: bool  # the next sync goes on where this one stopped
    held: int = 0  # of the whole type: the portal shows them no more, and the person is asked what is right
    said: str | None = None  # the portal's own words about its answer

    @property
    def needs_a_word(self) -> bool:
        """Whether there is more to say of it than how many came, or that it is not offered."""
        whole = self.state is LedgerState.COMPLETE and self.reason is None
        return not whole and self.state is not LedgerState.NOT_OFFERED


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source with the account of its records. `documents_missing`: named, but their contents are not here.

    `acts_as`: who signed in where that is not the person, as a FHIR type, "RelatedPerson" for somebody whom the clinic
    lets see it. `waits_until` (seconds since 1970 UTC): the portal asks to be left alone until then. `rest`: it
    failed of late, and is asked by itself again after that.
    """

    source: Source
    person: Person
    lines: tuple[KindLine, ...]
    held_back: Mapping[HeldBack, int]
    documents_missing: int
    acts_as: str | None = None
    waits_until: int | None = None
    rest: Rest | None = None

    @property
    def came(self) -> tuple[KindLine, ...]:
        """Kinds that came whole."""
        return tuple(line for line in self._whole if line.count)

    @property
    def none(self) -> tuple[KindLine, ...]:
        """Kinds that were asked for, and the source said that it has none."""
        return tuple(line for line in self._whole if not line.count)

    @property
    def to_tell(self) -> tuple[KindLine, ...]:
        """Kinds that did not come whole though they are offered, or came with a warning."""
        return tuple(line for line in self.lines if line.needs_a_word)

    @property
    def not_offered(self) -> tuple[KindLine, ...]:
        return tuple(line for line in self.lines if line.state is LedgerState.NOT_OFFERED)

    @property
    def _whole(self) -> tuple[KindLine, ...]:
        return tuple(line for line in self.lines if line.state is LedgerState.COMPLETE and not line.needs_a_word)


@dataclass(frozen=True, slots=True)
class SetAside:
    """One thing that came and is shown to nobody as a record. `body` is None where it is about somebody else."""

    id: int
    why: HeldBack
    type: str | None  # of FHIR; None where that cannot be read
    received_at: int  # seconds since 1970 UTC
    size: int  # bytes
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of one person with all that is known of them, and those of the others by name."""

    mine: tuple[SourceState, ...]
    others: tuple[tuple[Source, Person], ...]
