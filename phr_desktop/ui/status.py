"""The sentence at the foot of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from phr_desktop.clock import Clock
from phr_desktop.ui.fill import fill
from phr_desktop.ui.services import SyncStatus
from phr_desktop.ui.words import moment_words

_BETWEEN = " \u00b7 "


def status_words(status: SyncStatus, clock: Clock) -> str:
    """Last synced today 8:14 AM, 2 waiting to send, offline: everything is readable."""
    if not status.portals:
        return _tr("No portal connected. Everything here is kept on this computer.")
    parts = [_synced(status, clock)]
    if status.waiting:
        parts.append(_tr("%n waiting to send").replace("%n", str(status.waiting)))
    if status.needs_sign_in:
        parts.append(_tr("a portal asks you to sign in again"))
    if status.offline:
        parts.append(_tr("offline, everything is readable"))
    return _BETWEEN.join(parts)


def _synced(status: SyncStatus, clock: Clock) -> str:
    if status.last_synced_at is None:
        return _tr("Not synced yet")
    synced = fill(_tr("Last synced %1"), moment_words(status.last_synced_at, clock))
    return f"{synced}, {_tr('not everything came')}" if status.incomplete else synced


def _tr(text: str) -> str:
    return QCoreApplication.translate("status", text)
