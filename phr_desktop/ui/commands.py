"""What can be done from anywhere: the actions that search offers beside records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from phr_desktop.ui.fill import fill
from phr_desktop.ui.pages.base import PageContext, PageSpec


@dataclass(frozen=True, slots=True)
class Command:
    """One action: its words, its key ("" where it has none), and other words by which people look for it."""

    words: str
    run: Callable[[], object]
    key: str = ""
    also: str = ""

    def matches(self, typed: str) -> bool:
        """Whether every typed word begins one of its words; nothing typed matches everything."""
        have = f"{self.words} {self.also}".casefold().replace("&", " ").split()
        return all(any(word.startswith(part) for word in have) for part in typed.casefold().split())


def tr(text: str) -> str:
    return QCoreApplication.translate("commands", text)


def commands(
    context: PageContext,
    rail: Sequence[PageSpec],
    show_person: Callable[[int], object],
    lock: Callable[[], object],
    quit_program: Callable[[], object],
) -> tuple[Command, ...]:
    """Every action, pages first. `rail`: the pages of the rail in its order."""
    return (
        *(_page(context, spec, place) for place, spec in enumerate(rail)),
        *_people(context, show_person),
        Command(tr("Bring all portals up to date"), context.sync, "F5", tr("sync refresh new")),
        Command(tr("Add files..."), context.import_files, also=tr("import")),
        Command(tr("Connect a portal..."), context.connect_portal, also=tr("sign in clinic")),
        Command(tr("Add a person..."), context.add_person, also=tr("family")),
        Command(tr("Larger text"), lambda: context.theme.scale_by(1), "Ctrl++", tr("bigger size zoom")),
        Command(tr("Smaller text"), lambda: context.theme.scale_by(-1), "Ctrl+-", tr("size zoom")),
        Command(tr("Lock"), lock, "Ctrl+L", tr("close")),
        Command(tr("Quit"), quit_program, "Ctrl+Q", tr("close end exit")),
    )


def _page(context: PageContext, spec: PageSpec, place: int) -> Command:
    title = spec.title.replace("&&", "\0").replace("&", "").replace("\0", "&")
    key = f"Ctrl+{place + 1}" if place < 9 else ""
    return Command(fill(tr("Go to %1"), title), lambda: context.navigate(spec.key), key, tr("open show"))


def _people(context: PageContext, show_person: Callable[[int], object]) -> list[Command]:
    """One action for each person who is not shown."""
    shown = context.person.id if context.person is not None else None
    return [
        Command(
            fill(tr("Show %1's record"), person.name),
            lambda person_id=person.id: show_person(person_id),
            f"Ctrl+Shift+{place + 1}" if place < 9 else "",
            tr("change switch person"),
        )
        for place, person in enumerate(context.people)
        if person.id != shown
    ]
