"""What can be said of a dose from any page: at once or by a dialog, with an Undo, and with "already marked" told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QDialog, QMenu, QWidget

from phr_desktop.actions import doses as acts
from phr_desktop.actions.doses import Marked
from phr_desktop.clock import local_now
from phr_desktop.domain.changes import ChangeSet
from phr_desktop.domain.doses import AsNeeded, Dose, DoseState, Schedule
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.people import Person
from phr_desktop.errors import PhrError
from phr_desktop.ui.dialogs.dose_skip import SkipDose
from phr_desktop.ui.dialogs.dose_time import LaterAt, TakenAt
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.dose_words import about_words, already_words, no_double_words, too_soon_words, when_words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import Page
from phr_desktop.ui.widgets.text import literal

SNOOZES = (10, 30, 60)  # minutes
_LIMITS = ("dose-too-soon", "dose-over-limit")


def tr(text: str) -> str:
    return QCoreApplication.translate("dose_verbs", text)


class DoseVerbs:
    """Of one page. `given_by` is who gives the doses here, in a family: the page lets the person choose it."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.given_by: str | None = None

    # --- at once

    def take(self, dose: Dose, at: datetime | None = None, amount: Decimal | None = None) -> None:
        """Marks it as taken, now or then."""
        self._take(dose, at, amount, self.given_by)

    def not_sure(self, dose: Dose) -> None:
        """Nobody knows whether it was taken."""
        self._mark(dose, lambda vault, clock: acts.not_sure(vault, clock, dose), tr("Not sure: %1"))

    def skip_for(self, dose: Dose, reason: str | None) -> None:
        """Marks it as not taken."""
        self._mark(dose, lambda vault, clock: acts.skip(vault, clock, dose, reason), tr("Not taken: %1"))

    def snooze(self, dose: Dose, until: datetime) -> None:
        """Reminds again then."""
        said = fill(tr("Reminds again at %1: %2"), when_words(until, self._now()), about_words(dose))
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock
        context.bridge.run_action(
            lambda: acts.snooze(vault, clock, dose, until),
            lambda _changes: context.say(said),
            owner=self._page,
            failed=lambda error: self._failed(dose, error),
        )

    def all_of(self, doses: Sequence[Dose], *, taken: bool | None) -> None:
        """Says one thing of many missed doses: not taken, or (None) not sure. One Undo takes all of it back."""
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock

        def verb() -> tuple[Marked, ...]:
            say = acts.not_sure if taken is None else acts.skip
            return tuple(say(vault, clock, dose) for dose in doses)

        def done(marked: tuple[Marked, ...]) -> None:
            words = tr("%1 doses: not sure") if taken is None else tr("%1 doses: not taken")
            context.say(fill(words, len(marked)), lambda: self._undo(marked))

        context.bridge.run_action(verb, done, owner=self._page, failed=lambda error: self._failed(doses[0], error))

    # --- by a dialog

    def take_at(self, dose: Dose) -> None:
        """When it was taken, and how much."""
        local = dose.due.astimezone(self._now().tzinfo) if dose.due is not None else self._now()
        self._open(
            TakenAt(
                tr("When was it taken?"),
                about_words(dose),
                self._page.context.services.clock,
                lambda at, amount, by: self._take(dose, at, amount, by),
                self._page.window(),
                person=self._person(dose.person),
                day=local.date(),
                at=None,
                amount=dose.amount,
                unit=dose.unit,
                given_by=self.given_by,
                family=self._is_family(),
                warning=no_double_words(),
            )
        )

    def correct(self, dose: Dose) -> None:
        """Another time or amount for one that is marked as taken."""
        local = (dose.taken_at or self._page.context.services.clock.now()).astimezone(self._now().tzinfo)

        self._open(
            TakenAt(
                tr("Change when it was taken"),
                about_words(dose),
                self._page.context.services.clock,
                lambda at, amount, _by: self._correct(dose, at, amount, anyway=False),
                self._page.window(),
                person=self._person(dose.person),
                day=local.date(),
                at=local.time(),
                amount=dose.amount,
                unit=dose.unit,
                given_by=dose.given_by,
                family=False,
            )
        )

    def skip(self, dose: Dose) -> None:
        """Asks why."""
        self._open(
            SkipDose(
                about_words(dose),
                lambda reason: self.skip_for(dose, reason),
                self._page.window(),
                person=self._person(dose.person),
            )
        )

    def snooze_own(self, dose: Dose) -> None:
        """Asks until when."""
        self._open(
            LaterAt(
                tr("Remind again at"), about_words(dose), tr("&Remind then"), self._page.context.services.clock,
                lambda at: self.snooze(dose, at), self._page.window(), person=self._person(dose.person),
            )
        )  # fmt: skip

    def move(self, dose: Dose) -> None:
        """Gives this one dose another time."""
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock

        def moved(due: datetime) -> None:
            said = fill(tr("Moved to %1: %2"), when_words(due, self._now()), about_words(dose))
            before = dose.due

            def done(_changes: object) -> None:
                back = before is not None and before > clock.now()
                context.say(said, (lambda: self._move_back(dose, before)) if back else None)

            context.bridge.run_action(
                lambda: acts.move(vault, clock, dose, due),
                done,
                owner=self._page,
                failed=lambda error: self._failed(dose, error),
            )

        self._open(
            LaterAt(
                tr("Move this dose"), about_words(dose), tr("&Move it"), clock, moved, self._page.window(),
                person=self._person(dose.person),
            )
        )  # fmt: skip

    def unplanned(self, schedule: Schedule) -> None:
        """A dose that no plan asked for."""
        now = self._now()
        about = fill(tr("%1, for %2"), title_words(schedule.title), self._name(schedule.person))
        self._open(
            TakenAt(
                tr("A dose taken when needed") if isinstance(schedule.rhythm, AsNeeded) else tr("An extra dose"),
                about,
                self._page.context.services.clock,
                lambda at, amount, by: self._extra(schedule, at, amount, by, anyway=False),
                self._page.window(),
                person=self._person(schedule.person),
                day=now.date(),
                at=now.time(),
                amount=schedule.rhythm.amount if isinstance(schedule.rhythm, AsNeeded) else Decimal(1),
                unit=schedule.unit,
                given_by=self.given_by,
                family=self._is_family(),
                warning=tr("The gap and the limit count only this product."),
            )
        )

    # --- menus

    def snooze_menu(self, dose: Dose, button: QWidget) -> None:
        """10, 30, 60 minutes, or a time of one's own."""
        menu = self._menu(button)
        for minutes in SNOOZES:
            words = fill(tr("%1 minutes"), minutes)
            menu.addAction(words).triggered.connect(
                lambda _checked=False, minutes=minutes: self.snooze(
                    dose, self._page.context.services.clock.now() + timedelta(minutes=minutes)
                )
            )
        menu.addAction(tr("Until...")).triggered.connect(lambda _checked=False: self.snooze_own(dose))
        self._popup(menu, button)

    def more_menu(self, dose: Dose, button: QWidget, *, late: bool = False) -> None:
        """Everything else that can be said of it. A late one is not put off to later."""
        menu = self._menu(button)
        entries: list[tuple[str, Callable[[], object]]]
        if dose.state is DoseState.PLANNED:
            entries = [
                (tr("Taken at another time..."), lambda: self.take_at(dose)),
                (tr("Skip it..."), lambda: self.skip(dose)),
                (tr("I am not sure"), lambda: self.not_sure(dose)),
            ]
            if not late:
                entries.insert(1, (tr("Move it..."), lambda: self.move(dose)))
        else:
            entries = [(tr("Taken back: not marked any more"), lambda: self.take_back(dose))]
            if dose.state is DoseState.TAKEN:
                entries.insert(0, (tr("Change time or amount..."), lambda: self.correct(dose)))
        for words, act in entries:
            menu.addAction(literal(words)).triggered.connect(lambda _checked=False, act=act: act())
        self._popup(menu, button)

    def take_back(self, dose: Dose) -> None:
        """Says nothing of it any more; an extra one goes."""
        before = None if dose.due is None else _unmarked(dose)
        self._undo((Marked(ChangeSet(), before, dose),))

    # --- inside

    def _take(self, dose: Dose, at: datetime | None, amount: Decimal | None, given_by: str | None) -> None:
        self._mark(
            dose,
            lambda vault, clock: acts.take(vault, clock, dose, at=at, amount=amount, given_by=given_by),
            tr("Marked as taken: %1"),
        )

    def _extra(self, schedule: Schedule, at: datetime, amount: Decimal, given_by: str | None, *, anyway: bool) -> None:
        context = self._page.context
        vault, clock, name = context.services.vault, context.services.clock, self._name(schedule.person)

        def failed(error: Exception) -> None:
            if isinstance(error, PhrError) and error.code in _LIMITS:
                again = lambda: self._extra(schedule, at, amount, given_by, anyway=True)  # noqa: E731
                self._ask_limit(error, tr("&Do not mark it"), again)
            else:
                context.bridge.problem(error)

        context.bridge.run_action(
            lambda: acts.extra(  # noqa: S610 (no Django here)
                vault, clock, schedule, name, amount=amount, at=at, given_by=given_by, anyway=anyway
            ),
            lambda marked: self._marked(marked, tr("Marked as taken: %1")),
            owner=self._page,
            failed=failed,
        )

    def _correct(self, dose: Dose, at: datetime, amount: Decimal, *, anyway: bool) -> None:
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock

        def failed(error: Exception) -> None:
            if isinstance(error, PhrError) and error.code in _LIMITS:
                again = lambda: self._correct(dose, at, amount, anyway=True)  # noqa: E731
                self._ask_limit(error, tr("&Leave it as it was"), again)
            else:
                self._failed(dose, error)

        context.bridge.run_action(
            lambda: acts.correct(vault, clock, dose, at=at, amount=amount, anyway=anyway),
            lambda marked: self._marked(marked, tr("Changed: %1")),
            owner=self._page,
            failed=failed,
        )

    def _ask_limit(self, error: PhrError, close: str, anyway: Callable[[], object]) -> None:
        self._open(
            Message(
                tr("Too soon or too much"),
                too_soon_words(error, self._now()),
                self._page.window(),
                close=close,
                action=tr("It was taken &all the same"),
                acted=anyway,
            )
        )

    def _mark(self, dose: Dose, verb: Callable[..., Marked], said: str) -> None:
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock
        context.bridge.run_action(
            lambda: verb(vault, clock),
            lambda marked: self._marked(marked, said),
            owner=self._page,
            failed=lambda error: self._failed(dose, error),
        )

    def _marked(self, marked: Marked, said: str) -> None:
        by = marked.after.given_by
        about = about_words(marked.after)
        words = fill(said, fill(tr("%1, given by %2"), about, by) if by else about)
        self._page.context.say(words, lambda: self._undo((marked,)))

    def _undo(self, marked: Sequence[Marked]) -> None:
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock
        context.bridge.run_action(lambda: tuple(acts.undo(vault, clock, one) for one in marked))

    def _move_back(self, dose: Dose, due: datetime | None) -> None:
        context = self._page.context
        vault, clock = context.services.vault, context.services.clock
        if due is not None:
            context.bridge.run_action(lambda: acts.move(vault, clock, dose, due))

    def _failed(self, dose: Dose, error: Exception) -> None:
        if not isinstance(error, PhrError) or error.code != "dose-already-marked":
            self._page.context.bridge.problem(error)
            return
        said = already_words(dose, error, self._now())
        self._open(Message(tr("Already marked"), said, self._page.window()))
        self._page.ask_again()

    def _open(self, dialog: QDialog) -> None:
        dialog.open()

    def _menu(self, button: QWidget) -> QMenu:
        menu = QMenu(button)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _popup(self, menu: QMenu, button: QWidget) -> None:
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def _now(self) -> datetime:
        return local_now(self._page.context.services.clock)

    def _person(self, identifier: int) -> Person | None:
        return next((one for one in self._page.context.people if one.id == identifier), None)

    def _name(self, identifier: int) -> str:
        person = self._person(identifier)
        return person.name if person is not None else ""

    def _is_family(self) -> bool:
        return len(self._page.context.people) > 1


def _unmarked(dose: Dose) -> Dose:
    """The dose as it was planned."""
    return replace(
        dose, state=DoseState.PLANNED, taken_at=None, given_by=None, reason=None, noted_at=None, snoozed_until=None
    )
