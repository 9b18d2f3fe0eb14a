"""What a copy of a vault must give up before it is used in place of the vault that went on without it, or beside it."""

from __future__ import annotations

from phr_desktop.vault.connection import Database

SIGN_IN_AGAIN = "UPDATE sources SET needs_sign_in = 1 WHERE kind = 'portal' AND connected = 1"
HOLD = "UPDATE outbox SET state = 'held' WHERE state IN ('draft', 'waiting', 'sending', 'unknown')"


def make_safe(db: Database) -> None:
    """Nothing that the former vault may have gone on with is done a second time.

    A portal's refresh token counts once: used from two copies, the portal would revoke both. So the copy gives its
    tokens up and asks for a new sign-in. A request that was not answered may have been sent since: it is held, for
    the person to look at. Reminders that were shown stay shown.
    """
    db.run("DELETE FROM grants")
    db.run(SIGN_IN_AGAIN)
    db.run(HOLD)
