"""The cards of a medicine's own page about its supply: how long it lasts, when and how to ask, what may be the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from phr_desktop.actions import medicines as acts
from phr_desktop.clock import today
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.medicine_words import safe_doses, supply, title_words
from phr_desktop.domain.medicines import (
    Fill,
    ForecastBasis,
    MedicineHeading,
    MedicineLine,
    RefillNote,
)
from phr_desktop.domain.refill_words import ask_reason, ask_words, pays_words, short_supply_words
from phr_desktop.domain.words import count_words, joined, long_day
from phr_desktop.queries.contacts import Contact
from phr_desktop.queries.medicine_page import Label, MedicinePage, PortalPage
from phr_desktop.ui.dialogs.refill_note import RefillNoteDialog
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.medicine_views import refill_words, short_date
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.pages.record_cards import copyable
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.bars import SupplyBar
from phr_desktop.ui.widgets.buttons import OutlineButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.flow_layout import in_line
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text

_NO_FORECAST = (MedicineHeading.OLD, MedicineHeading.NOT_TAKING, MedicineHeading.HISTORY)
# What is prescribed or handed out can be asked for by words; what somebody only wrote down is bought.
_HANDED_OUT = ("MedicationRequest", "MedicationDispense", "ExplanationOfBenefit")


class MedicineRefill(QObject):
    """Makes the cards for the line that its page shows."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page

    def cards(self, found: MedicinePage) -> list[QWidget]:
        made = [self._lasting(found), self._asking(found), self._labels(found.labels)]
        return [card for card in made if card is not None]

    # --- how long it lasts

    def _lasting(self, found: MedicinePage) -> Card | None:
        """The forecast and the sum that it was made by, so that anyone can add it up again."""
        line = found.line
        if line.heading in _NO_FORECAST:
            return None
        known = supply(line, today(self._page.context.services.clock))
        card = Card(self.tr("How long it lasts"))
        if line.forecast.runs_out is not None:
            card.add(Text(_capital(known.words), "strong", "warning" if known.low else "", wrap=True))
        if known.left is not None:
            card.add(SupplyBar(known.left, known.spoken, Tone.WARNING if known.low else Tone.ACCENT))
        for words in self._why(line):
            card.add(Text(words, "small", "muted", wrap=True))
        words = self.tr("Correct this...")
        button = OutlineButton(words, lambda: self._correct(found), name=f"{words}: {title_words(line.title)}")
        card.add(in_line(button))
        return card

    def _why(self, line: MedicineLine) -> list[str]:
        forecast = line.forecast
        if forecast.runs_out is None:
            told = [fill(self.tr("Not known, because %1."), forecast.evidence)]
        elif forecast.basis is ForecastBasis.FILLS:
            told = self._sum(forecast.fills)
        else:
            told = [f"{_capital(forecast.evidence)}."]
        refills = refill_words(line)
        return [*told, *([f"{_capital(refills)}."] if refills else [])]

    def _sum(self, fills: Sequence[Fill]) -> list[str]:
        """One sentence a fill, newest first, each with the days left from before it: to be added up by hand."""
        told = []
        until: date | None = None
        for one in fills:
            carried = max(0, (until - one.handed_over).days) if until is not None else 0
            until = one.handed_over + timedelta(days=carried + one.days_supply)
            told.append(self._fill_words(one, carried, until))
        return told[::-1]

    def _fill_words(self, one: Fill, carried: int, until: date) -> str:
        day, days = self.tr("day"), self.tr("days")
        parts = [one.quantity or "", fill(self.tr("for %1"), count_words(one.days_supply, day, days)), one.rate]
        if carried:
            parts.append(fill(self.tr("and %1 left from before"), count_words(carried, day, days)))
        got = ", ".join(part for part in parts if part)
        return fill(
            self.tr("Filled %1: %2. To %3. (%4)"), long_day(one.handed_over), got, long_day(until), one.source_name
        )

    def _correct(self, found: MedicinePage) -> None:
        context, line = self._page.context, found.line
        person, vault, clock = context.person, context.services.vault, context.services.clock
        if person is None or person.id != line.person:
            return

        def noted(note: RefillNote, closed: frozenset[int]) -> None:
            def verb() -> tuple[acts.Noted, ChangeSet]:
                shut = acts.set_closed_days(vault, clock, line.person, closed)
                return acts.note_refill(vault, clock, line.person, line.key, note), shut

            def undo(before: RefillNote) -> None:
                context.bridge.run_action(
                    lambda: (
                        acts.put_note_back(vault, clock, line.person, line.key, before),
                        acts.set_closed_days(vault, clock, line.person, found.closed),
                    )
                )

            said = fill(self.tr("Noted: %1"), title_words(line.title))
            context.bridge.run_action(
                verb, lambda done: context.say(said, lambda: undo(done[0].before)), owner=self._page
            )

        RefillNoteDialog(person, line, found.closed, noted, self._page.window()).open()

    # --- how to ask

    def _asking(self, found: MedicinePage) -> Card | None:
        """When and whom to ask. Sending it from here is not possible yet, so that there is no button for that."""
        line = found.line
        if line.heading in (MedicineHeading.HISTORY, MedicineHeading.NOT_TAKING):
            return None
        card = Card(self.tr("To get more, or to ask about it"))
        if line.ask is not None and line.heading not in _NO_FORECAST:
            day = today(self._page.context.services.clock)
            words = ask_words(line.ask, day)
            if line.heading is not MedicineHeading.TAKING:
                words = fill(self.tr("If you take this: %1"), f"{words[:1].lower()}{words[1:]}")
            card.add(Text(words, "strong", "warning" if line.ask.ask_by <= day else "", wrap=True))
            why = [f"{_capital(ask_reason(line.ask))}.", pays_words(line.ask), short_supply_words(line.ask, day)]
            card.add(Text(" ".join(words for words in why if words), "small", "muted", wrap=True))
        contacts = (
            (found.pharmacy, self.tr("the pharmacy of the last fill")),
            (found.prescriber, self.tr("prescriber")),
        )
        for contact, role in contacts:
            if contact is not None:
                card.add_row(self._contact_row(contact, role))
        for portal in found.portals:
            card.add_row(self._portal_row(portal))
        if found.pharmacy is None and found.prescriber is None and not found.portals:
            said = self.tr("No source says who prescribed it or handed it out. Ask your clinic or pharmacy.")
            card.add(Text(said, wrap=True))
        if any(source.type in _HANDED_OUT for source in line.sources):
            self._add_text(card, found)
        return card

    def _add_text(self, card: Card, found: MedicinePage) -> None:
        card.add(Text(self.tr("What you can send or read out:"), "small", "muted", wrap=True))
        card.add(copyable(Text(found.asking, wrap=True)))
        words = self.tr("Copy this text")
        button = OutlineButton(
            words, lambda: self._copy(found.asking), name=f"{words}: {title_words(found.line.title)}"
        )
        card.add(in_line(button))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._page.context.say(self.tr("Copied. The clipboard is cleared after 30 seconds."))

    def _contact_row(self, contact: Contact, role: str) -> QWidget:
        number = contact.number or self.tr("no number received")
        words = Text(number, "section" if contact.number else "small", "" if contact.number else "muted")
        return Row(contact.name, role, right=[copyable(words)], wrap=True)

    def _portal_row(self, portal: PortalPage) -> QWidget:
        if portal.website is None:
            return Row(portal.name, self.tr("its portal: sign in there as you usually do"), wrap=True)
        words, page = self.tr("Open its page"), portal.website
        button = OutlineButton(words, lambda: _open(page), icon="open", name=f"{words}: {portal.name}")
        return Row(portal.name, fill(self.tr("its portal, %1"), QUrl(page).host()), right=[button], wrap=True)

    # --- what may be the same

    def same(self, found: MedicinePage) -> Card | None:
        """Look-alikes to be joined or told apart, and what was joined; None where there is neither."""
        line = found.line
        if not found.alike and not line.joined:
            return None
        card = Card(self.tr("One medicine or two?"))
        for other in found.alike:
            card.add_row(self._alike_row(line, other))
        if line.joined:
            self._show_joined(card, line)
        return card

    def _alike_row(self, line: MedicineLine, other: MedicineLine) -> QWidget:
        title = title_words(other.title)
        told = dict.fromkeys(source.source_name for source in other.sources)
        detail = " \u00b7 ".join(part for part in (safe_doses(other.dosage or ""), joined(list(told))) if part)
        same, apart = self.tr("The same medicine"), self.tr("Not the same")
        buttons = [
            OutlineButton(same, lambda: self._pair(acts.same, line, other, self.tr("Joined: %1")),
                          name=f"{same}: {title}"),
            OutlineButton(apart, lambda: self._pair(acts.not_same, line, other, self.tr("Kept apart: %1")),
                          name=f"{apart}: {title}"),
        ]  # fmt: skip
        return Row(title, detail, right=[in_line(*buttons)], wrap=True)

    def _show_joined(self, card: Card, line: MedicineLine) -> None:
        for part in line.joined:
            card.add_row(Row(title_words(part.title), joined(list(part.source_names)), wrap=True))
        words = self.tr("These are not the same: take them apart")
        button = OutlineButton(words, lambda: self._split(line), name=f"{words}: {title_words(line.title)}")
        card.add(Text(self.tr("You said that these are one medicine."), "small", "muted", wrap=True))
        card.add(in_line(button))

    def _pair(self, verb: Callable[..., acts.Paired], line: MedicineLine, other: MedicineLine, said: str) -> None:
        vault, clock = self._page.context.services.vault, self._page.context.services.clock
        words = fill(said, f"{title_words(line.title)}, {title_words(other.title)}")
        self._act(lambda: verb(vault, clock, line.person, line.key, other.key), line, words)

    def _split(self, line: MedicineLine) -> None:
        vault, clock = self._page.context.services.vault, self._page.context.services.clock
        words = fill(self.tr("Taken apart: %1"), title_words(line.title))
        self._act(lambda: acts.split(vault, clock, line.person, line.keys), line, words)

    def _act(self, verb: Callable[[], acts.Paired], line: MedicineLine, said: str) -> None:
        context = self._page.context
        if context.person is None or context.person.id != line.person:
            return
        vault, clock = context.services.vault, context.services.clock

        def done(paired: Any) -> None:
            context.say(said, lambda: context.bridge.run_action(
                lambda: acts.undo_pair(vault, clock, line.person, paired)
            ))  # fmt: skip

        context.bridge.run_action(verb, done, owner=self._page)

    # --- what the labels said

    def _labels(self, labels: Sequence[Label]) -> Card | None:
        """Only where there was more than one: the present one stands at the head of the page."""
        if len(labels) < 2:
            return None
        card = Card(self.tr("How it was to be taken before, and by whose word"))
        for one in labels:
            since, last = short_date(one.first), short_date(one.last)
            when = since if since == last else fill(self.tr("%1 to %2"), since, last)
            detail = " \u00b7 ".join(part for part in (when, one.prescriber or "", one.source_name) if part)
            card.add_row(Row(safe_doses(one.words), detail, wrap=True))
        return card


def _open(page: str) -> None:
    QDesktopServices.openUrl(QUrl(page, QUrl.ParsingMode.StrictMode))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
