"""Words about asking for more of a medicine: when, with what lead, and the text to send or read out."""

from __future__ import annotations

from datetime import date

from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.medicines import ForecastBasis, MedicineLine, RefillAsk
from phr_desktop.domain.people import Person
from phr_desktop.domain.words import count_words, joined, long_day, short_day


def ask_words(ask: RefillAsk, today: date) -> str:
    """ "Ask for a refill by Nov 19"; "ask now" once the day is there."""
    what = "Ask your clinic for a renewal" if ask.renewal else "Ask for a refill"
    return f"{what} now" if ask.ask_by <= today else f"{what} by {short_day(ask.ask_by, today)}"


def ask_reason(ask: RefillAsk) -> str:
    """Why that day: "7 days before it runs out, and earlier for Thanksgiving Day, Nov 26"."""
    lead = f"{count_words(ask.lead, 'day', 'days')} before it runs out"
    if ask.mail_order:
        lead += ", since it comes by mail"
    if ask.renewal:
        lead += ", since the pharmacy may not refill it: the clinic has to renew it first"
    return f"{lead}, and earlier for {joined(list(ask.closed))}" if ask.closed else lead


def short_supply_words(ask: RefillAsk, today: date) -> str:
    """What to ask for where it may run out before more of it is there; "" while there is time."""
    if ask.ask_by > today:
        return ""
    return "If it may run out before then, your pharmacist may be able to give a short supply."


def pays_words(ask: RefillAsk) -> str:
    """The earliest day on which the plan pays; plans do not tell it here, so that mostly nobody knows."""
    if ask.pays_from is None:
        return "The earliest day on which the plan pays is not known. Plans often do not pay much earlier."
    return f"You noted that the plan pays from {long_day(ask.pays_from)}."


def left_words(line: MedicineLine) -> str:
    """ "1 refill left"; "" where that is not known."""
    if line.refills_left is None:
        return ""
    return "no refills left" if not line.refills_left else count_words(line.refills_left, "refill left", "refills left")


def asking_text(line: MedicineLine, person: Person, pharmacy: str | None) -> str:
    """What to send or read out when asking for more: only what the records say."""
    renewal = line.ask is not None and line.ask.renewal
    kind = "a new prescription for" if renewal else "a refill of"
    told = [f"I would like {kind} {title_words(line.title)}."]
    born = f", born {_birth(person.birth_date)}" if person.birth_date else ""
    told.append(f"Name: {person.name}{born}.")
    if line.prescriber:
        told.append(f"Prescribed by: {line.prescriber}.")
    if line.forecast.fills:
        last = line.forecast.fills[-1]
        amount = f", {last.quantity}" if last.quantity else ""
        place = f", {pharmacy}" if pharmacy else ""
        told.append(f"Last filled: {long_day(last.handed_over)}{amount}{place}.")
    if line.forecast.runs_out is not None:
        whose = "I expect" if line.forecast.basis is ForecastBasis.OWN else "By my records I expect"
        told.append(f"{whose} to run out about {long_day(line.forecast.runs_out)}.")
    return "\n".join(told)


def _birth(written: str) -> str:
    try:
        return long_day(date.fromisoformat(written))
    except ValueError:
        return written
