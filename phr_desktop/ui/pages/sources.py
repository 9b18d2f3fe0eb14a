"""Sources & sync: of each source of the person shown, what came, what did not, when and why."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from phr_desktop.actions.sources import ask_held_again, settle_held
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.people import Source
from phr_desktop.domain.source_states import Sources
from phr_desktop.queries.sources import sources_of
from phr_desktop.ui.dialogs.disconnect import Disconnect
from phr_desktop.ui.dialogs.put_aside import PutAside
from phr_desktop.ui.dialogs.settle_held import SettleHeld
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.source_views import Note, others_words, source_view
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.services import Disconnected
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.card import Card
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.row import Row
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.source_card import SourceCard, SourceVerbs
from phr_desktop.ui.widgets.text import Text
from phr_desktop.ui.widgets.toggles import CheckBox


class SourcesPage(Page):
    """A card a source; a source keeps its card while its words change."""

    topics = frozenset({Topic.SOURCES, Topic.RECORDS, Topic.PEOPLE})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.cards: list[SourceCard] = []
        self._verbs = SourceVerbs(
            context.sign_in_again,
            self.ask_to_disconnect,
            self.ask_to_remove,
            self.ask_to_settle,
            self.look_aside,
            context.sync_source,
        )
        self.add_files = OutlineButton(self.tr("Add files..."), context.import_files)
        self.connect_portal = OutlineButton(self.tr("Connect a portal..."), context.connect_portal)
        self.sync = PrimaryButton(self.tr("Sync now"), context.sync)
        self.sync.setToolTip("F5")
        self.header = PageHeader(self.tr("Sources & sync"), buttons=(self.add_files, self.connect_portal, self.sync))
        self.empty = EmptyState(
            self.tr("No source yet"),
            self.tr("Connect a patient portal, or add health records that you downloaded as files."),
            button=self.tr("Connect a portal..."),
            clicked=context.connect_portal,
            icon="sync",
        )
        self.others = Text("", "small", "muted", wrap=True)
        self.absence = Text(
            self.tr(
                "Why something may be missing: portals hold back some records by law or by the clinic's policy, some"
                " come days later, and some clinics are not connected. What is not here may still exist. Ask the"
                " clinic."
            ),
            "small",
            "muted",
            wrap=True,
        )
        self.when = WhenCard(context)
        self.body = ScrollPage()
        for widget in (self.header, self.empty, self.when, self.others, self.absence):
            self.body.add(widget)
        self.body.end()
        self.whole.addWidget(self.body)
        self.clear()

    def refresh(self) -> None:
        services, person = self.context.services, self.person_id
        if person is None:
            return
        vault, clock = services.vault, services.clock
        self.ask(lambda: sources_of(vault, clock, person), lambda found: self._show(found, clock))

    def clear(self) -> None:
        self._keep(set())
        self.others.setText("")
        self.header.set_subtitle("")
        for widget in (self.empty, self.when, self.others, self.absence, self.sync, self.connect_portal):
            widget.hide()

    def ask_to_disconnect(self, source: Source) -> None:
        """Says first what it means: it cannot be taken back."""
        person = self.context.person
        if person is None or person.id != source.person:
            return
        Disconnect(
            source,
            person,
            self,
            disconnect=lambda: self._disconnect(source, person.name),
            remove=lambda: self.ask_to_remove(source),
        ).open()

    def ask_to_settle(self, source: Source, note: Note) -> None:
        """Asks what is right of records that are no longer at the portal."""
        person = self.context.person
        if person is None or person.id != source.person:
            return
        SettleHeld(
            source,
            person,
            note.what,
            self,
            ask_again=(lambda: self._ask_held_again(source, note.type)) if source.connected else None,
            mark=lambda: self._settle(source, note.type, accept=True),
            keep=lambda: self._settle(source, note.type, accept=False),
        ).open()

    def look_aside(self, source: Source) -> None:
        """Shows what was put aside."""
        context, person = self.context, self.context.person
        if person is not None and person.id == source.person:
            PutAside(context.services, context.bridge, source, person, self).open()

    def ask_to_remove(self, source: Source) -> None:
        """Says first what goes and what stays."""
        from phr_desktop.ui.dialogs.remove import RemoveSource

        context, person = self.context, self.context.person
        if person is None or person.id != source.person:
            return
        dialog = RemoveSource(context.services, context.bridge, source, person, self)
        said = fill(self.tr("What came from %1 for %2 was removed."), source.name, person.name)
        dialog.removed.connect(lambda: context.say(said))
        dialog.open()

    def _disconnect(self, source: Source, person: str) -> None:
        portals = self.context.services.portals

        def done(left: Disconnected) -> None:
            told = self.tr("%1 is disconnected for %2, and has taken its permission back. What came stays here.")
            alone = self.tr(
                "%1 is disconnected for %2. It could not be told: take the permission back on the portal's own page."
                " What came stays here."
            )
            self.context.say(fill(told if left.told else alone, source.name, person))

        self.context.bridge.run_action(lambda: portals.disconnect(source.id), done, owner=self)

    def _settle(self, source: Source, type_name: str, *, accept: bool) -> None:
        vault, clock = self.context.services.vault, self.context.services.clock
        said = self.tr("They are marked as no longer at the portal.") if accept else self.tr("They stay as they are.")
        self.context.bridge.run_action(
            lambda: settle_held(vault, clock, source.id, type_name, accept=accept),
            lambda _change: self.context.say(said),
            owner=self,
        )

    def _ask_held_again(self, source: Source, type_name: str) -> None:
        vault, clock = self.context.services.vault, self.context.services.clock
        self.context.bridge.run_action(
            lambda: ask_held_again(vault, clock, source.id, type_name),
            lambda _change: self.context.sync_source(source),
            owner=self,
        )

    def _show(self, found: Sources, clock: Clock) -> None:
        views = [source_view(state, clock) for state in found.mine]
        self._keep({view.source.id for view in views})
        known = {card.view.source.id: card for card in self.cards}
        for place, view in enumerate(views):
            card = known.get(view.source.id)
            if card is None:
                card = SourceCard(view, self._verbs)
                self.cards.insert(place, card)
                self.body.column.insertWidget(1 + place, card)  # below the header
            card.show_view(view)
        self.header.set_subtitle(self._subtitle(len(views)))
        self.empty.setVisible(not views)
        self.absence.setVisible(bool(views))
        self.connect_portal.setVisible(bool(views))
        self.sync.setVisible(any(view.connected for view in views))
        self.when.setVisible(any(view.connected for view in views))
        self.others.setText(others_words(found.others))
        self.others.setVisible(bool(found.others))

    def _subtitle(self, count: int) -> str:
        return self.tr("Where the records come from, what came, and what did not.") if count else ""

    def _keep(self, sources: set[int]) -> None:
        """Takes away the cards of every other source."""
        for card in [card for card in self.cards if card.view.source.id not in sources]:
            self.cards.remove(card)
            self.body.column.removeWidget(card)
            card.hide()
            card.deleteLater()


class WhenCard(Card):
    """When syncs run, and whether also where the network costs."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(QCoreApplication.translate("WhenCard", "When it syncs"))
        self._context = context
        self._settings = context.services.settings
        self.add_row(
            Row(
                self.tr("About once an hour while the record is open"),
                self.tr("And when the network is back, and when you choose Sync now (F5)."),
                wrap=True,
            )
        )
        self.metered = CheckBox(self.tr("Also by itself where the network charges for data, such as a phone's hotspot"))
        self.metered.setChecked(self._settings.sync_metered)
        self.metered.clicked.connect(self._apply)
        self.add(self.metered)
        self.now = Text("", "small", "muted", wrap=True)
        self.add(self.now)
        context.network.changed.connect(self._say)
        self._say()

    def _apply(self) -> None:
        self._settings.sync_metered = self.metered.isChecked()
        self._say()
        self._context.bridge.run_query(self._settings.save, lambda _nothing: None, owner=self, key="settings")

    def _say(self) -> None:
        waits = self._context.network.is_metered and not self._settings.sync_metered
        self.now.setText(
            self.tr("The network here charges for data now, so nothing is synced by itself.") if waits else ""
        )
        self.now.setVisible(waits)
