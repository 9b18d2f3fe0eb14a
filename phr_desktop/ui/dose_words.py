"""A dose in a line: what it is, whose, when, and what became of it, as a person says it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from PySide6.QtCore import QCoreApplication

from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Dose, DoseState, NoProposal
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.words import short_day, time_of_day
from phr_desktop.errors import PhrError
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.tokens import Tone

POISON_HELP = "1-800-222-1222"


def tr(text: str) -> str:
    return QCoreApplication.translate("dose_words", text)


def what_words(dose: Dose) -> str:
    """ "Metformin 500 mg, one tablet"."""
    return f"{title_words(dose.title)}, {amount_words(dose.amount, dose.unit)}"


def about_words(dose: Dose) -> str:
    """What a screen reader says a button works on: always with the person."""
    return fill(tr("%1, for %2"), what_words(dose), dose.person_name)


def when_words(moment: datetime, now: datetime) -> str:
    """ "8:05 AM" on the same day, else "Nov 20, 8:05 AM"; `now` is in the reader's zone."""
    local = moment.astimezone(now.tzinfo)
    said = time_of_day(local)
    return said if local.date() == now.date() else f"{short_day(local.date(), now.date())}, {said}"


def state_words(dose: Dose, now: datetime) -> str:
    """ "taken at 8:05 AM by Ana", "skipped: felt unwell", "not sure"; "" for one that is planned."""
    if dose.state is DoseState.TAKEN:
        at = when_words(dose.taken_at, now) if dose.taken_at is not None else ""
        said = fill(tr("taken at %1"), at) if at else tr("taken")
        return fill(tr("%1, given by %2"), said, dose.given_by) if dose.given_by else said
    if dose.state is DoseState.SKIPPED:
        return fill(tr("skipped: %1"), dose.reason) if dose.reason else tr("skipped")
    return tr("not sure whether it was taken") if dose.state is DoseState.UNSURE else ""


def state_chip(dose: Dose) -> tuple[str, Tone]:
    """The short word for the log."""
    return {
        DoseState.TAKEN: (tr("taken"), Tone.FINE),
        DoseState.SKIPPED: (tr("skipped"), Tone.NEUTRAL),
        DoseState.UNSURE: (tr("not sure"), Tone.WARNING),
        DoseState.PLANNED: (tr("not marked"), Tone.WARNING),
        DoseState.WITHDRAWN: (tr("withdrawn"), Tone.NEUTRAL),
    }[dose.state]


def was_due_words(dose: Dose, now: datetime) -> str:
    """ "was due 25 min ago", "was due at 8:00 AM", "was due Nov 20, 8:00 AM"."""
    if dose.due is None:
        return ""
    past = now - dose.due
    minutes = past // timedelta(minutes=1)
    if minutes < 1:
        return tr("due now")
    if past < timedelta(hours=1):
        return fill(tr("was due %1 min ago"), minutes)
    return fill(tr("was due %1"), when_words(dose.due, now))


def changed_words(day: date, now: datetime) -> str:
    """What stands at a dose until the person has decided."""
    return fill(tr("Your clinic changed this on %1: check before you take it"), short_day(day, now.date()))


def no_double_words() -> str:
    return fill(tr("Do not double up; ask a pharmacist or Poison Help %1."), POISON_HELP)


def already_words(dose: Dose, error: PhrError, now: datetime) -> str:
    """Who comes second is told when it was marked, as what, and by whom."""
    states = {
        "taken": tr("taken"),
        "skipped": tr("skipped"),
        "unsure": tr("not sure"),
        "withdrawn": tr("no longer planned"),
    }
    state = states.get(str(error.parameters.get("state")), "")
    at, by = str(error.parameters.get("at") or ""), str(error.parameters.get("by") or "")
    if not state or not at:
        return sentence_of(error)
    when = when_words(datetime.fromisoformat(at), now)
    said = fill(tr("Already marked as %1 at %2 by %3"), state, when, by)
    said = said if by else fill(tr("Already marked as %1 at %2"), state, when)
    return f"{about_words(dose)}. {said}. {tr('Do not give another one.')}"


def too_soon_words(error: PhrError, now: datetime) -> str:
    """Why a dose when needed is not marked at once: where the one before is too near, when and by whom that was."""
    at, by = str(error.parameters.get("at") or ""), str(error.parameters.get("by") or "")
    if not at:
        return sentence_of(error)
    when = when_words(datetime.fromisoformat(at), now)
    said = fill(tr("Already marked at %1 by %2."), when, by) if by else fill(tr("Already marked at %1."), when)
    return f"{said} {sentence_of(error)}"


def why_not_words(why: NoProposal) -> str:
    """Why an order gives no schedule to confirm."""
    return {
        NoProposal.NOT_IN_FORCE: tr("It has ended, is on hold, or was only proposed. Ask if you still take it."),
        NoProposal.NO_INSTRUCTION: tr("It says nothing of how to take it."),
        NoProposal.TEXT_ONLY: tr("It is written in words only, and words are never read as a schedule."),
        NoProposal.MORE_IN_TEXT: tr("Its words say more than can be read surely. Ask if you are not sure of it."),
        NoProposal.TWO_INSTRUCTIONS: tr("It holds two instructions at once. Ask which of them counts."),
        NoProposal.NOT_SAID: tr("It does not say how often."),
        NoProposal.A_RANGE: tr("It leaves a choice, such as one or two tablets."),
        NoProposal.OTHER_RHYTHM: tr("Its rhythm is not one that can be read here."),
    }[why]
