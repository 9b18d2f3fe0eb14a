"""The log of doses: of some days, of one medicine or all, with the counts of each day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo

from phr_desktop.clock import Clock
from phr_desktop.domain.doses import Dose, DoseState
from phr_desktop.queries.doses import log
from phr_desktop.vault import doses as stored
from phr_desktop.vault import medicines
from phr_desktop.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class DoseLog:
    """`doses` are newest first, none that is still ahead; `medicines` are all with a schedule: key and title."""

    first: date
    last: date
    doses: tuple[Dose, ...]
    medicines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DayCount:
    """What became of the doses of one day, or of the seven days from it on."""

    day: date
    taken: int = 0
    skipped: int = 0
    unsure: int = 0
    unmarked: int = 0

    @property
    def total(self) -> int:
        return self.taken + self.skipped + self.unsure + self.unmarked


def dose_log(vault: Vault, clock: Clock, person: int, first: date, last: date, medicine: str = "") -> DoseLog:
    """All doses from the first local day to the last, both included; of one medicine where one is named."""
    keys = vault.read(lambda db: medicines.same_as(db, person, medicine)) | {medicine} if medicine else None
    found = [
        one
        for one in log(vault, clock, person, first, last)
        if (keys is None or one.medicine in keys) and not _is_ahead(one, clock)
    ]
    known = vault.read(lambda db: stored.schedules(db, person))
    titles = {one.medicine: one.title for one in known}
    ordered = sorted(titles.items(), key=lambda each: each[1].casefold())
    return DoseLog(first, last, tuple(reversed(found)), tuple(ordered))


def day_of(dose: Dose, zone: tzinfo) -> date:
    """The local day to which a dose counts: on which it was due, or taken."""
    moment = dose.due or dose.taken_at
    return dose.day if moment is None else moment.astimezone(zone).date()


def count_days(found: Iterable[Dose], zone: tzinfo) -> tuple[DayCount, ...]:
    """The counts of every day that has a dose, oldest first."""
    counts: dict[date, Counter[DoseState]] = {}
    for dose in found:
        counts.setdefault(day_of(dose, zone), Counter())[dose.state] += 1
    return tuple(
        DayCount(
            day, states[DoseState.TAKEN], states[DoseState.SKIPPED], states[DoseState.UNSURE], states[DoseState.PLANNED]
        )
        for day, states in sorted(counts.items())
    )


def _is_ahead(dose: Dose, clock: Clock) -> bool:
    return dose.state is DoseState.PLANNED and dose.due is not None and dose.due > clock.now()
