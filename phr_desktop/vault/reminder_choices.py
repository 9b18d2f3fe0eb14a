"""How each person wants to be reminded, in the settings inside the vault."""

from __future__ import annotations

from datetime import time

import msgspec

from phr_desktop.domain.reminder_choices import ReminderChoices
from phr_desktop.domain.reminders import ReminderKind
from phr_desktop.vault import choices
from phr_desktop.vault.connection import Database


class _Form(msgspec.Struct, omit_defaults=True):
    full_text: list[ReminderKind] = []
    alarms: list[ReminderKind] = []
    repeat_doses: bool = False
    quiet: tuple[time, time] | None = None
    without: list[tuple[ReminderKind, str]] = []
    refill_hour: time = time(9)
    alarm_rings: int = 10


def of_person(db: Database, person: int) -> ReminderChoices:
    """What the person chose, else what holds without."""
    text = choices.setting(db, _key(person))
    if text is None:
        return ReminderChoices()
    form = msgspec.json.decode(text, type=_Form)
    return ReminderChoices(
        frozenset(form.full_text),
        frozenset(form.alarms),
        form.repeat_doses,
        form.quiet,
        frozenset(form.without),
        form.refill_hour,
        form.alarm_rings,
    )


def keep(db: Database, person: int, chosen: ReminderChoices) -> None:
    form = _Form(
        sorted(chosen.full_text),
        sorted(chosen.alarms),
        chosen.repeat_doses,
        chosen.quiet,
        sorted(chosen.without),
        chosen.refill_hour,
        chosen.alarm_rings,
    )
    choices.set_setting(db, _key(person), msgspec.json.encode(form).decode())


def forget(db: Database, person: int) -> None:
    """The person is removed: the number may be given anew."""
    db.run("DELETE FROM settings WHERE key = ?", (_key(person),))


def _key(person: int) -> str:
    """Not one that ends as the settings of a source do, which are removed with it."""
    return f"reminders-of-person-{person}"
