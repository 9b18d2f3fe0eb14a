"""What a write changed: the one message that makes screens ask again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Topic(StrEnum):
    """A family of tables; a page names those it shows."""

    PEOPLE = "people"
    SOURCES = "sources"  # and the ledger
    RECORDS = "records"
    MEDICINES = "medicines"  # the person's own decisions about medicines
    DOSES = "doses"  # schedules, what was taken, and what is left
    REMINDERS = "reminders"
    OUTBOX = "outbox"
    SETTINGS = "settings"
    ACCESS = "access"  # what opens the record


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """Which topics changed, and for which people (empty: for all of them)."""

    topics: frozenset[Topic] = field(default_factory=frozenset)
    people: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, *topics: Topic, person: int | None = None) -> ChangeSet:
        return cls(frozenset(topics), frozenset() if person is None else frozenset({person}))

    def __or__(self, other: ChangeSet) -> ChangeSet:
        people = frozenset() if not (self.people and other.people) else self.people | other.people
        if not self.topics:
            return other
        if not other.topics:
            return self
        return ChangeSet(self.topics | other.topics, people)

    def __bool__(self) -> bool:
        return bool(self.topics)

    def concerns(self, person: int | None, *topics: Topic) -> bool:
        """Whether a page that shows `person` and `topics` has to ask again."""
        mine = not self.people or person is None or person in self.people
        return mine and not self.topics.isdisjoint(topics)
