"""Sources & sync: of each source of the person shown, what came, what did not, when and why."""

from __future__ import annotations

from phr_desktop.actions.sources import disconnect
from phr_desktop.clock import Clock
from phr_desktop.domain.changes import Topic
from phr_desktop.domain.people import Source
from phr_desktop.domain.source_states import Sources
from phr_desktop.queries.sources import sources_of
from phr_desktop.ui.dialogs.message import Message
from phr_desktop.ui.fill import fill
from phr_desktop.ui.models.source_views import others_words, source_view
from phr_desktop.ui.pages.base import Page, PageContext
from phr_desktop.ui.widgets.buttons import OutlineButton, PrimaryButton
from phr_desktop.ui.widgets.empty_state import EmptyState
from phr_desktop.ui.widgets.page_header import PageHeader
from phr_desktop.ui.widgets.scroll_page import ScrollPage
from phr_desktop.ui.widgets.source_card import SourceCard, SourceVerbs
from phr_desktop.ui.widgets.text import Text


class SourcesPage(Page):
    """A card a source; a source keeps its card while its words change."""

    topics = frozenset({Topic.SOURCES, Topic.RECORDS, Topic.PEOPLE})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.cards: list[SourceCard] = []
        self._verbs = SourceVerbs(context.sign_in_again, self.ask_to_disconnect, self.ask_to_remove)
        self.add_files = OutlineButton(self.tr("Add files"), context.import_files)
        self.connect_portal = OutlineButton(self.tr("Connect a portal"), context.connect_portal)
        self.sync = PrimaryButton(self.tr("Sync now"), context.sync)
        self.sync.setToolTip("F5")
        self.header = PageHeader(self.tr("Sources & sync"), buttons=(self.add_files, self.connect_portal, self.sync))
        self.empty = EmptyState(
            self.tr("No source yet"),
            self.tr("Connect a patient portal, or add health records that you downloaded as files."),
            button=self.tr("Connect a portal"),
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
        self.body = ScrollPage()
        for widget in (self.header, self.empty, self.others, self.absence):
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
        for widget in (self.empty, self.others, self.absence, self.sync, self.connect_portal):
            widget.hide()

    def ask_to_disconnect(self, source: Source) -> None:
        """Says first what it means: it cannot be taken back."""
        person = self.context.person
        if person is None or person.id != source.person:
            return
        said = self.tr(
            "%1, for %2: everything that came from it stays here. The permission is forgotten, so nothing new comes."
            " This cannot be undone: to connect again you sign in again. If you want the portal to forget it too,"
            " take the permission back on the portal's own page."
        )
        Message(
            self.tr("Disconnect this portal?"),
            fill(said, source.name, person.name),
            self,
            close=self.tr("&Stay connected"),
            action=self.tr("&Disconnect"),
            acted=lambda: self._disconnect(source, person.name),
        ).open()

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
        services = self.context.services
        vault, clock = services.vault, services.clock
        said = fill(self.tr("%1 is disconnected for %2. What came from it stays here."), source.name, person)
        self.context.bridge.run_action(
            lambda: disconnect(vault, clock, source.id), lambda _change: self.context.say(said), owner=self
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
