"""A dose schedule: from what the orders say or by hand, said back in words, shown on a calendar, and confirmed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from weakref import ref

from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget
from shiboken6 import isValid

from phr_desktop.actions import doses as acts
from phr_desktop.actions import medicines as medicine_acts
from phr_desktop.actions.doses import Scheduled
from phr_desktop.clock import today
from phr_desktop.domain.dose_words import amount_words, rhythm_words
from phr_desktop.domain.doses import (
    AfterDose,
    AsNeeded,
    Basis,
    CountedFrom,
    EveryHours,
    PlannedDose,
    Proposal,
    Schedule,
)
from phr_desktop.domain.medicine_words import safe_doses, title_words
from phr_desktop.domain.medicines import MedicineChoice, MedicineHeading, MedicineLine
from phr_desktop.domain.people import Person
from phr_desktop.domain.words import long_day, time_of_day
from phr_desktop.errors import PhrError
from phr_desktop.queries.doses import coming, proposals
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.base import CalmDialog
from phr_desktop.ui.dialogs.schedule_form import ScheduleForm
from phr_desktop.ui.dose_words import why_not_words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.services import Services
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M, SPACE_S, SPACE_XS
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.dose_calendar import DayLine, DoseCalendar
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import MARK, RadioButton

WEEKS = 4
Found = Sequence[tuple[int, bytes, Proposal]]
Confirmed = tuple[Scheduled, medicine_acts.Chosen | None]


class ScheduleDialog(CalmDialog):
    """Of one medicine of one person. `now` is the schedule that it takes the place of; `others` are the person's other
    ones. `confirmed` gets what was made, for the Undo. Nothing is kept before the person confirms the words."""

    def __init__(
        self,
        services: Services,
        bridge: Bridge,
        person: Person,
        line: MedicineLine,
        confirmed: Callable[[Confirmed], object],
        parent: QWidget | None,
        *,
        now: Schedule | None = None,
        others: Sequence[Schedule] = (),
    ) -> None:
        super().__init__(parent.tr("Set up doses") if parent else "Set up doses", parent, person=person)
        self._services, self._bridge, self._line, self._confirmed = services, bridge, line, confirmed
        self._now = now
        self._others = [one for one in others if now is None or one.id != now.id]
        self._found: Found = ()
        self._offered: list[Proposal] = []
        self.made: Schedule | None = None
        self.choices: list[tuple[RadioButton, Proposal | Schedule | None]] = []
        self.form: ScheduleForm | None = None
        self._form_step: QWidget | None = None
        self.step = QWidget()
        self.column.addWidget(Text(title_words(line.title), "section", wrap=True))
        self.column.addWidget(self.step)
        self.column.addStretch(1)
        self.set_buttons([OutlineButton(self.tr("&Cancel"), self.reject)])
        self.fit()
        vault, clock = services.vault, services.clock
        bridge.run_query(lambda: proposals(vault, clock, line), self._begin, owner=self)

    # --- from what

    def _begin(self, found: Found) -> None:
        self._found = found
        self._offered = _that_say_something(found)
        if self._offered or self._now is not None:
            self.ask_from()
        else:
            self._fill(None)

    def ask_from(self) -> None:
        """What the orders say, each in its label's own words, and how it can be read."""
        column = self._new_step()
        column.addWidget(Text(self.tr("From what?"), "strong"))
        group = QButtonGroup(self.step)
        self.choices = []
        if self._now is not None:
            words = rhythm_words(self._now.rhythm, self._now.unit)
            self._offer(column, group, self.tr("The schedule you confirmed"), words, self._now)
        for proposal in self._offered:
            read = (
                rhythm_words(proposal.rhythm, proposal.unit)
                if proposal.rhythm is not None and not proposal.asks
                else self._read_words(proposal)
            )
            label = safe_doses(proposal.label) or self.tr("no words received")
            self._offer(column, group, fill(self.tr("The label: \u201c%1\u201d"), label), read, proposal)
        self._offer(column, group, self.tr("I enter it myself"), "", None)
        self.choices[0][0].setChecked(True)
        self._buttons(self.tr("&Next"), self._chosen, None, self.choices[0][0])

    def _read_words(self, proposal: Proposal) -> str:
        if proposal.why_not is not None:
            return why_not_words(proposal.why_not)
        return self.tr("Some of it is not said there: you are asked for it.")

    def _offer(
        self,
        column: QVBoxLayout,
        group: QButtonGroup,
        words: str,
        detail: str,
        value: Proposal | Schedule | None,
    ) -> None:
        button = RadioButton(words.replace("&", "&&"))
        button.setAccessibleDescription(detail)
        group.addButton(button)
        self.choices.append((button, value))
        column.addWidget(button)
        if detail:
            note = Text(detail, "small", "muted", wrap=True)
            note.setContentsMargins(Theme.current().px(MARK) + SPACE_S, 0, 0, SPACE_XS)  # under the button's words
            column.addWidget(note)

    def _chosen(self) -> None:
        self._fill(next((value for button, value in self.choices if button.isChecked()), None))

    # --- what is asked

    def _fill(self, start: Proposal | Schedule | None) -> None:
        column = self._new_step()
        former, self._form_step = self._form_step, self.step
        if former is not None:
            former.deleteLater()
        self.form = ScheduleForm(self._draft(start), self._others, self._services.clock)
        if isinstance(start, Schedule):
            self.form.show_schedule(start)
        elif start is not None:
            label = safe_doses(start.label)
            if label:
                column.addWidget(Text(fill(self.tr("The label: \u201c%1\u201d"), label), "body", "muted", wrap=True))
            self.form.show_proposal(start)
        self.form.resized.connect(lambda: self._fit_later())
        column.addWidget(self.form)
        self._show_form()

    def _show_form(self) -> None:
        back = self.ask_from if self._offered or self._now is not None else None
        self._buttons(self.tr("&Next"), self.say_back, back, self.form.kind if self.form is not None else None)

    def _draft(self, start: Proposal | Schedule | None) -> Schedule:
        line = self._line
        label = safe_doses(start.label) if isinstance(start, Proposal) else ""
        if isinstance(start, Schedule):
            label = start.instructions
        return Schedule(
            id="",
            person=line.person,
            medicine=line.key,
            title=line.title,
            unit=start.unit if start is not None else "",
            rhythm=AsNeeded(Decimal(0)),  # until the person has said one
            first_day=today(self._services.clock),
            zone=start.zone if isinstance(start, Schedule) else None,
            instructions=label,
            basis=tuple(Basis(record, content) for record, content, _proposal in self._found),
        )

    # --- said back

    def say_back(self) -> None:
        """Asks for the coming weeks of what was filled in; then everything is said back."""
        made = self.form.schedule() if self.form is not None else None
        if made is None:
            return
        self.made = made
        vault, clock = self._services.vault, self._services.clock
        first = today(clock)
        last = first + timedelta(days=7 * WEEKS - 1)
        self._bridge.run_query(
            lambda: [one for one in coming(vault, clock, made, first, last) if one.due > clock.now()],
            lambda found: self._show_words(made, found, first, last),
            owner=self,
            key="coming",
        )

    def _show_words(self, made: Schedule, found: Sequence[PlannedDose], first: date, last: date) -> None:
        column = self._new_step()
        words = said_back(made)
        card = Card(self.tr("This is what you say"))
        self.words = card.add(Text(words, "section", wrap=True))
        for more in self._more_words(made):
            card.add(Text(more, "body", "muted", wrap=True))
        if self._now is not None:
            before = rhythm_words(self._now.rhythm, self._now.unit)
            card.add(Text(fill(self.tr("It takes the place of: %1"), before), "small", "muted", wrap=True))
        column.addWidget(card)
        note = self._calendar_note(made, found)
        if found:
            column.addWidget(Text(self.tr("The coming four weeks"), "strong"))
            column.addWidget(DoseCalendar(first, last, self._lines(made, found), first))
        if note:
            column.addWidget(Text(note, "small", "muted", wrap=True))
        self.error = Text("", "body", "error", wrap=True)
        self.error.hide()
        column.addWidget(self.error)
        self._buttons(self.tr("&These words are right"), self._confirm, self._back_to_form)
        announce(self, words)

    def _more_words(self, made: Schedule) -> list[str]:
        said = []
        if not isinstance(made.rhythm, AsNeeded):
            until = fill(self.tr(" to %1"), long_day(made.last_day)) if made.last_day else ""
            said.append(fill(self.tr("From %1%2."), long_day(made.first_day), until))
        if made.zone:
            said.append(fill(self.tr("By the clock at home (%1)."), made.zone))
        if made.instructions:
            said.append(made.instructions)
        return said

    def _calendar_note(self, made: Schedule, found: Sequence[PlannedDose]) -> str:
        match made.rhythm:
            case AsNeeded():
                return self.tr("Nothing is planned and no reminder comes: you mark each dose when it was taken.")
            case AfterDose() | EveryHours(counted_from=CountedFrom.TAKEN):
                return self.tr("Each dose follows from one that was taken: those after the next cannot be shown yet.")
            case _:
                return "" if found else self.tr("No dose falls into the coming four weeks.")

    def _lines(self, made: Schedule, found: Sequence[PlannedDose]) -> dict[date, list[DayLine]]:
        zone = self._services.clock.zone()
        lines: dict[date, list[DayLine]] = defaultdict(list)
        for dose in found:
            local = dose.due.astimezone(zone)
            at = time_of_day(local)
            lines[local.date()].append(DayLine(at, f"{at} {amount_words(dose.amount, made.unit)}"))
        return lines

    # --- kept

    def _confirm(self) -> None:
        made, line = self.made, self._line
        if made is None:
            return
        self.main.setEnabled(False)
        vault, clock = self._services.vault, self._services.clock
        replaces = () if self._now is None else (self._now.id,)

        def verb() -> Confirmed:
            scheduled = acts.confirm_schedule(vault, clock, made, replaces)
            if line.heading is MedicineHeading.TAKING:
                return scheduled, None
            return scheduled, medicine_acts.choose(vault, clock, line.person, line.key, MedicineChoice.TAKE, line.keys)

        self._bridge.run_action(verb, self._done, owner=self, failed=self._failed)

    def _done(self, made: Confirmed) -> None:
        self._confirmed(made)
        self.accept()

    def _failed(self, error: Exception) -> None:
        self.main.setEnabled(True)
        if isinstance(error, PhrError):
            self.error.setText(sentence_of(error))
            self.error.show()
            announce(self.error, self.error.text(), at_once=True)
        else:
            self._bridge.problem(error)

    # --- inside

    def _back_to_form(self) -> None:
        if self._form_step is not None:
            self._turn_to(self._form_step)
            self._show_form()

    def _new_step(self) -> QVBoxLayout:
        """An empty place for the next step."""
        step = QWidget()
        column = QVBoxLayout(step)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_M)
        self.column.insertWidget(self.column.indexOf(self.step), step)
        self._turn_to(step)
        return column

    def _turn_to(self, step: QWidget) -> None:
        """Shows one step alone; what was filled in is kept, the others go."""
        before, self.step = self.step, step
        before.hide()
        step.show()
        if before is not self._form_step:
            before.deleteLater()

    def _buttons(
        self, words: str, act: Callable[[], object], back: Callable[[], object] | None, focus: QWidget | None = None
    ) -> None:
        self.main = PrimaryButton(words, act)
        self.main.setDefault(True)
        buttons: list[QWidget] = [OutlineButton(self.tr("&Cancel"), self.reject)]
        if back is not None:
            buttons.append(OutlineButton(self.tr("&Back"), back))
        self.set_buttons([*buttons, self.main])
        self._fit_later(focus or self.main)

    def _fit_later(self, focus: QWidget | None = None) -> None:
        """When what was added is laid out; the dialog may be gone by then."""
        here, there = ref(self), None if focus is None else ref(focus)

        def fit() -> None:
            dialog, wanted = here(), None if there is None else there()
            if dialog is None or not isValid(dialog):
                return
            dialog.fit()
            if wanted is not None and isValid(wanted):
                wanted.setFocus()

        self._bridge.post(fit)


def said_back(made: Schedule) -> str:
    """The schedule in words, with a capital; what is not daily in capitals."""
    words = rhythm_words(made.rhythm, made.unit)
    return words[:1].upper() + words[1:] + "."


def _that_say_something(found: Found) -> list[Proposal]:
    """Each saying once: a medicine ordered every year has many orders, and often none of them has a word."""
    offered: list[Proposal] = []
    for _record, _hash, proposal in found:
        if (proposal.label or proposal.rhythm is not None) and proposal not in offered:
            offered.append(proposal)
    return offered
