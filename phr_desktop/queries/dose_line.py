"""The doses of one medicine of a person: its schedules, what comes next, what is left, and what became of the last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from phr_desktop.clock import Clock, today
from phr_desktop.domain.doses import Dose, DoseState, PlannedDose, Schedule, Stock
from phr_desktop.queries.doses import ScheduleNow, coming, log, schedules, stocks
from phr_desktop.vault import medicines
from phr_desktop.vault.vault import Vault

COMING_DAYS = 7
BACK_DAYS = 30


@dataclass(frozen=True, slots=True)
class DoseLine:
    """`schedules` are in force for the medicine; `all_schedules` those of the person; `past` is newest first."""

    schedules: tuple[ScheduleNow, ...]
    all_schedules: tuple[Schedule, ...]
    coming: tuple[tuple[Schedule, PlannedDose], ...]
    stock: Stock | None
    past: tuple[Dose, ...]


def dose_line(vault: Vault, clock: Clock, person: int, medicine: str) -> DoseLine:
    """Everything of doses that a medicine's own page shows, of all that the person joined to it."""
    everything = schedules(vault, clock, person)
    keys = vault.read(lambda db: medicines.same_as(db, person, medicine)) | {medicine}
    mine = tuple(one for one in everything if one.schedule.medicine in keys)
    day, now = today(clock), clock.now()
    ahead = [
        (one.schedule, dose)
        for one in mine
        for dose in coming(vault, clock, one.schedule, day, day + timedelta(days=COMING_DAYS))
        if dose.due > now
    ]
    found = log(vault, clock, person, day - timedelta(days=BACK_DAYS), day)
    past = [one for one in found if one.medicine in keys and not _is_ahead(one, clock)]
    return DoseLine(
        schedules=mine,
        all_schedules=tuple(one.schedule for one in everything),
        coming=tuple(sorted(ahead, key=lambda each: each[1].due)),
        stock=stocks(vault, clock, person).get(medicine),
        past=tuple(reversed(past)),
    )


def _is_ahead(dose: Dose, clock: Clock) -> bool:
    return dose.state is DoseState.PLANNED and dose.due is not None and dose.due > clock.now()
