"""One dose in a card: its time, what it is, whose, and what can be said of it; a late one is never to be taken now."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from phr_desktop.domain.dose_words import amount_words
from phr_desktop.domain.doses import Dose
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.domain.words import time_of_day
from phr_desktop.queries.dose_day import DoseNow, DosePlace
from phr_desktop.ui.dose_verbs import DoseVerbs
from phr_desktop.ui.dose_words import about_words, changed_words, state_words, was_due_words, when_words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.avatar import Avatar
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.chip import Chip
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.text import Text

_DOT = " · "
_SOON_OVER = timedelta(minutes=15)  # a dose so long due is said in the colour of a warning


def tr(text: str) -> str:
    return QCoreApplication.translate("dose_row", text)


class DueChip(Chip):
    """ "was due 25 min ago": told anew by `tell` while it is shown."""

    def __init__(self, dose: Dose, now: datetime) -> None:
        super().__init__("")
        self._dose = dose
        self.tell(now)

    def tell(self, now: datetime) -> None:
        """How long ago that is now."""
        over = self._dose.due is not None and now - self._dose.due >= _SOON_OVER
        self.show_state(was_due_words(self._dose, now), Tone.WARNING if over else Tone.ACCENT)


def dose_row(
    one: DoseNow, now: datetime, verbs: DoseVerbs, *, named: bool, faced: bool = False, main: bool = False
) -> Row:
    """The row of a dose by where it stands. `named`: the person's name stands in it; `faced`: with the avatar too, for
    it is not of who is shown; `main`: its button is the one filled button of the card."""
    if one.place in (DosePlace.LATE, DosePlace.MISSED):
        return _late_row(one, now, verbs, named=named, faced=faced)
    due, soon = one.place is DosePlace.DUE, one.place is DosePlace.SOON
    said = state_words(one.dose, now)
    chips: list[QWidget] = []
    if one.changed is not None and one.place is not DosePlace.MARKED:
        chips.append(Chip(tr("changed: check first"), Tone.WARNING))
    elif one.dose.snoozed_until is not None and one.dose.snoozed_until > now:
        chips.append(Chip(fill(tr("reminds again %1"), when_words(one.dose.snoozed_until, now))))
    elif due:
        chips.append(DueChip(one.dose, now))
    elif soon:
        chips.append(Chip(tr("due soon")))
    if due:
        buttons = _due_buttons(one, verbs, main=main)
    else:
        buttons = [_more(one.dose, verbs), *([_taken(one.dose, verbs, OutlineButton)] if soon else [])]
    return _row(one, now, said, [*chips, *buttons], named=named, faced=faced)


def _due_buttons(one: DoseNow, verbs: DoseVerbs, *, main: bool) -> list[QWidget]:
    dose, about = one.dose, about_words(one.dose)
    skip = OutlineButton(tr("Skip..."), lambda: verbs.skip(dose), name=f"{tr('Skip')}: {about}")
    snooze = OutlineButton(tr("Snooze"), name=f"{tr('Snooze')}: {about}")
    snooze.clicked.connect(lambda: verbs.snooze_menu(dose, snooze))
    make = PrimaryButton if main and one.changed is None else OutlineButton
    return [_more(dose, verbs), skip, snooze, _taken(dose, verbs, make)]


def _taken(dose: Dose, verbs: DoseVerbs, make: type[OutlineButton | PrimaryButton]) -> QWidget:
    return make(tr("Taken"), lambda: verbs.take(dose), name=f"{tr('Taken')}: {about_words(dose)}")


def _more(dose: Dose, verbs: DoseVerbs) -> OutlineButton:
    more = OutlineButton(tr("More"), name=f"{tr('More')}: {about_words(dose)}")
    more.clicked.connect(lambda: verbs.more_menu(dose, more))
    return more


def _late_row(one: DoseNow, now: datetime, verbs: DoseVerbs, *, named: bool, faced: bool) -> Row:
    dose, about = one.dose, about_words(one.dose)
    buttons: list[QWidget] = []
    for words, act in (
        (tr("I took it at ..."), lambda: verbs.take_at(dose)),
        (tr("I did not take it"), lambda: verbs.skip(dose)),
        (tr("I am not sure"), lambda: verbs.not_sure(dose)),
    ):
        buttons.append(OutlineButton(words, act, name=f"{words}: {about}"))
    return _row(one, now, was_due_words(dose, now), buttons, named=named, faced=faced)


def _row(one: DoseNow, now: datetime, said: str, right: list[QWidget], *, named: bool, faced: bool) -> Row:
    dose = one.dose
    moment = dose.due or dose.taken_at or now
    local = moment.astimezone(now.tzinfo)
    changed = changed_words(one.changed, now) if one.changed is not None and one.place is not DosePlace.MARKED else ""
    extra = tr("not planned") if dose.due is None else ""
    whose = dose.person_name if named else ""
    words = [whose, said, amount_words(dose.amount, dose.unit), dose.instructions, extra, changed]
    detail = _DOT.join(part for part in words if part)
    time = time_of_day(local)
    title = title_words(dose.title)
    leading: QWidget = Avatar(dose.person_name, dose.person, 32) if faced else Text(time, "section")
    main = f"{time}  {title}" if faced else title
    sentence = ", ".join([time, title, dose.person_name, *[part for part in words[1:] if part]])
    row = Row(main, detail, right=right, leading=leading, sentence=sentence, wrap=True)
    row.setProperty("dose", dose.id)
    if changed:
        row.words.detail.set_ink("warning")
    return row
