"""What is said about the ways in right after unlock: a key that nobody checked, a passphrase that is forgotten."""

from __future__ import annotations

from phr_desktop.domain.access import WayIn, WayKind
from phr_desktop.domain.changes import ChangeSet, Topic
from phr_desktop.ui.announce import announce
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.access import ChangePassphrase
from phr_desktop.ui.dialogs.key_steps import NewRecoveryKey
from phr_desktop.ui.problems import Problems
from phr_desktop.ui.services import Services
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.banner import Banner


class AccessNotice(Banner):
    """Hidden until there is something to say; what is done about it anywhere takes it away."""

    def __init__(self, services: Services, bridge: Bridge) -> None:
        super().__init__("", Tone.WARNING, action=" ", acted=self._act, dismissible=True)
        self._services, self._bridge = services, bridge
        self._problems: Problems | None = None
        self._passphrases: tuple[WayIn, ...] = ()
        self._forgotten: frozenset[tuple[str, int]] | None = None  # the passphrases that there were at the unlock
        self._unchecked = False
        bridge.changed.connect(self._on_change)
        self.hide()

    def look(self, problems: Problems) -> None:
        """Asks what there is to say. `dismissed` is emitted where that is nothing."""
        self._problems = problems
        access = self._services.access

        def question() -> tuple[bool, tuple[WayIn, ...], bool]:
            opened_with = access.opened_with
            unchecked = opened_with is not None and access.recovery_key_is_unchecked()  # else the first run asks
            return opened_with is WayKind.RECOVERY_KEY, access.ways(), unchecked

        self._bridge.run_query(question, self._take, owner=self, key="access")

    def _take(self, answer: tuple[bool, tuple[WayIn, ...], bool]) -> None:
        by_key, ways, self._unchecked = answer
        self._passphrases = tuple(way for way in ways if way.kind is WayKind.PASSPHRASE)
        if self._unchecked:
            words = self.tr("Your recovery key was not checked yet: make a new one.")
            self._tell(words, self.tr("New recovery key..."))
        elif by_key and self._none_is_new():
            words = self.tr("You opened the record with the recovery key. Choose a new passphrase now.")
            self._tell(words, self.tr("Choose a new passphrase..."))
        else:
            self.dismiss()

    def _none_is_new(self) -> bool:
        """Whether no passphrase was chosen since the unlock."""
        now = frozenset((way.id, way.made_at) for way in self._passphrases)
        if self._forgotten is None:
            self._forgotten = now
        return now <= self._forgotten

    def _tell(self, words: str, action: str) -> None:
        self.action.setText(action)
        self.say(words)
        announce(self, words)

    def _act(self) -> None:
        make = NewRecoveryKey if self._unchecked else ChangePassphrase
        more = () if self._unchecked else (self._passphrases,)
        dialog = make(self._services, self._bridge, self._problems, self.window(), *more)
        dialog.open()

    def _on_change(self, change: ChangeSet) -> None:
        if self._problems is not None and not self.isHidden() and change.concerns(None, Topic.ACCESS):
            self.look(self._problems)
