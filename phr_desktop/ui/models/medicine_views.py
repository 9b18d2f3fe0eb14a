"""How a line of the medicine list reads: every word is a source's own, or says that it was not received."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtCore import QCoreApplication

from phr_desktop.domain.medicine_words import Supply, safe_doses, supply, title_words
from phr_desktop.domain.medicines import AllergyHeadline, MedicineHeading, MedicineLine
from phr_desktop.domain.refill_words import ask_words, left_words
from phr_desktop.domain.words import joined, moment_words, short_day
from phr_desktop.queries.refills import refills_allowed_words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.widgets.medicine_card import MedicineView
from phr_desktop.ui.words import fhir_date_words

_DOT = " \u00b7 "
_NO_FORECAST = (MedicineHeading.OLD, MedicineHeading.NOT_TAKING, MedicineHeading.HISTORY)

MOST_ALIKE = 3  # look-alikes named on a card; all of them stand on the medicine's own page


def tr(text: str) -> str:
    return QCoreApplication.translate("medicine_views", text)


def medicine_view(line: MedicineLine, same: Sequence[str], person: str, now: datetime) -> MedicineView:
    """The line as its card shows it. `same`: titles that may be the same medicine; `now` aware, the reader's zone."""
    taking = line.heading is MedicineHeading.TAKING
    return MedicineView(
        key=line.key,
        title=title_words(line.title),
        instructions=instructions(line),
        why=why(line),
        notes=notes(line, same),
        changed=changed_words(line, now),
        supply=shown_supply(line, now.date()),
        allowed="\n".join(filter(None, [refill_words(line), to_ask(line, now.date())])),
        can_take=not taking,
        can_refuse=not taking and line.heading is not MedicineHeading.NOT_TAKING,
        person=person,
    )


def instructions(line: MedicineLine) -> tuple[str, ...]:
    """How to take it, in the source's words; all of them where they differ."""
    if line.disagreement:
        return tuple(safe_doses(each) for each in line.disagreement)
    return (safe_doses(line.dosage),) if line.dosage else ()


def why(line: MedicineLine) -> str:
    """ "for high cholesterol, Dr. Ruiz"; for what is old also since when nothing was heard of it."""
    reason = fill(tr("for %1"), in_a_sentence(line.reason)) if line.reason else ""
    told = ", ".join(part for part in (reason, line.prescriber) if part)
    missing = "" if line.dosage or line.disagreement else tr("no instruction received")
    since = ""
    if line.heading is MedicineHeading.OLD and line.last_activity:
        since = fill(tr("nothing since %1"), fhir_date_words(line.last_activity[:7]))
    return _DOT.join(part for part in (told, missing, since) if part)


def notes(line: MedicineLine, same: Sequence[str]) -> tuple[str, ...]:
    """What the person has to know before taking it."""
    found = []
    if line.disagreement:
        found.append(tr("The instructions differ: ask which one holds. No reminder until that is settled."))
    if not line.name_received:
        found.append(tr("The portal did not send this medicine's name. Ask the clinic what it is."))
    if same:
        asked = tr("Also listed: %1. These may be the same medicine. Ask your pharmacist before taking both.")
        rest = [fill(tr("%1 more"), str(len(same) - MOST_ALIKE))] if len(same) > MOST_ALIKE else []
        found.append(fill(asked, joined([*same[:MOST_ALIKE], *rest])))
    return tuple(found)


def changed_words(line: MedicineLine, now: datetime) -> str:
    """That a clinic changed it since the person confirmed it; "" where none did."""
    if not line.changed_since_choice:
        return ""
    if line.changed_at is None:
        return tr("Your clinic changed this: check before you take it.")
    when = moment_words(line.changed_at, now)
    return fill(tr("Your clinic changed this (seen here %1): check before you take it."), when)


def shown_supply(line: MedicineLine, today: date) -> Supply | None:
    """The forecast, for what is taken or may be."""
    return None if line.heading in _NO_FORECAST else supply(line, today)


def refill_words(line: MedicineLine) -> str:
    """How many refills are left, where that is known; else how many the order allows."""
    return left_words(line) or allowed_words(line)


def to_ask(line: MedicineLine, today: date) -> str:
    """By when to ask for more of what the person takes; "" for all else."""
    return ask_words(line.ask, today) if line.ask is not None and line.heading is MedicineHeading.TAKING else ""


def allowed_words(line: MedicineLine) -> str:
    return "" if line.repeats_allowed is None else refills_allowed_words(line.repeats_allowed)


def allergy_words(allergies: AllergyHeadline) -> str:
    """What heads the page: an empty list reads "none received", never "none"."""
    if allergies.allergies:
        return fill(tr("Allergies: %1"), joined(list(allergies.allergies)))
    if allergies.none_known_by:
        return fill(tr("Allergies: none known, says %1"), joined(list(allergies.none_known_by)))
    return tr("Allergies: none received")


def short_date(written: str | None) -> str:
    """Dec 25, 2024; a month or a year as it is."""
    try:
        return short_day(date.fromisoformat((written or "")[:10]))
    except ValueError:
        return fhir_date_words((written or "")[:7])


def in_a_sentence(words: str) -> str:
    """A diagnosis inside a sentence: "high cholesterol"; a name with more capitals stays as it is."""
    first = words.split(" ", 1)[0]
    return words[:1].lower() + words[1:] if first[1:].islower() or len(first) == 1 else words
