"""Changes the person shown: names with their avatars, Ctrl+Shift+1 to 9, and "Add a person"."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QWidget

from phr_desktop.domain.people import Person
from phr_desktop.ui import icons, words
from phr_desktop.ui.fill import fill
from phr_desktop.ui.theme import Theme
from phr_desktop.ui.widgets.avatar import avatar_pixmap
from phr_desktop.ui.widgets.text import literal

_KEYS = 9


class PersonMenu(QMenu):
    """`chosen` gets the id of a person; `add` is called for "Add a person", `remove` with the one shown."""

    def __init__(
        self,
        people: Sequence[Person],
        shown: int | None,
        chosen: Callable[[int], object],
        add: Callable[[], object],
        remove: Callable[[Person], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._shown = shown
        theme, ratio = Theme.current(), parent.devicePixelRatioF()
        choices = []
        for person in people:
            choices.append(self.addAction(QIcon(avatar_pixmap(person.name, person.id, theme.px(26), ratio)), ""))
            choices[-1].triggered.connect(lambda _checked=False, id_=person.id: chosen(id_))
        self.addSeparator()
        plus = icons.icon("add", theme.tokens.muted, theme.px(26), ratio)
        self.addAction(plus, self.tr("&Add a person...")).triggered.connect(lambda _checked=False: add())
        mine = next((person for person in people if person.id == shown), None)
        if mine is not None:
            cross = icons.icon("close", theme.tokens.muted, theme.px(26), ratio)
            words_ = literal(fill(self.tr("Remove %1..."), mine.name))
            self.addAction(cross, words_).triggered.connect(lambda _checked=False: remove(mine))
        for keys, relations in ((True, True), (False, True), (False, False)):
            for place, (person, action) in enumerate(zip(people, choices, strict=True)):
                key = f"\tCtrl+Shift+{place + 1}" if keys and place < _KEYS else ""
                action.setText(self._words(person, relation=relations) + key)
            if self.sizeHint().width() <= self.screen().availableSize().width():
                break  # large text on a small screen leaves out what can be known elsewhere, and cuts nothing

    def _words(self, person: Person, *, relation: bool) -> str:
        mark = f" ({self.tr('shown now')})" if person.id == self._shown else ""
        whole, born = words.person_words(person.relation, person.birth_date), words.fhir_date_words(person.birth_date)
        return literal(", ".join(part for part in (f"{person.name}{mark}", whole if relation else born) if part))
