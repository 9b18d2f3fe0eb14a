"""A vault that changes, is backed up, and is restored: every table of the restored one must be what it was then."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from phr_desktop.clock import FixedClock
from phr_desktop.domain.medicines import MedicineChoice
from phr_desktop.domain.people import Grant
from phr_desktop.vault import attachments, backup_state, choices, full_text, keys, people, restore, sources
from phr_desktop.vault.backup import make_backup
from phr_desktop.vault.bodies import bodies
from phr_desktop.vault.connection import Database
from phr_desktop.vault.vault import Vault

PASSPHRASE = "correct horse battery staple"
A_VAULT = 100  # backups of one vault, before the next begins empty
START = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
# What a restore changes on purpose, and how; everything else must be equal.
SETTLED = ("freshness", "grants", "sources", "outbox", "settings")
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE 'CREATE V%'"

Content = dict[str, list[tuple]]


def run(count: int, seed: int = 1) -> tuple[int, int]:
    """Makes so many backups of vaults that change between them, and restores each beside: made, and unequal."""
    made = unequal = 0
    for first in range(0, count, A_VAULT):
        folder = Path(tempfile.mkdtemp(prefix="phr-backups-"))
        try:
            some = _run(folder, min(A_VAULT, count - first), random.Random(seed + first))
        finally:
            shutil.rmtree(folder)
        made, unequal = made + some[0], unequal + some[1]
    return made, unequal


def _run(folder: Path, count: int, chance: random.Random) -> tuple[int, int]:
    clock = FixedClock(START, ZoneInfo("America/Los_Angeles"))
    target = folder / "stick"
    target.mkdir()
    created = Vault.create(folder / "vault", PASSPHRASE, kdf=keys.FLOOR)
    vault, unequal = created.vault, 0
    try:
        for number in range(count):
            clock.move_to(clock.now() + timedelta(minutes=chance.randrange(1, 3000)))
            for _ in range(chance.randrange(1, 8)):
                vault.write(lambda db: chance.choice(VERBS)(db, chance))
            before = vault.read(content)
            made = make_backup(vault, clock, target)
            by_key = chance.random() < 0.5
            secret = created.recovery_key if by_key else PASSPHRASE
            unequal += _restored(made.path, secret, by_key, folder / f"r{number}") != settled(before)
    finally:
        vault.lock()
    return count, unequal


def _restored(path: Path, secret: str, by_key: bool, folder: Path) -> Content:
    with restore.opened(path, secret, by_recovery_key=by_key) as backup:
        restore.restore_beside(backup, folder)
    vault = (Vault.unlock_with_recovery_key if by_key else Vault.unlock)(folder, secret)
    try:
        return settled(vault.read(content))
    finally:
        vault.lock()
        shutil.rmtree(folder)


def content(db: Database) -> Content:
    """Every row of every table, full text's own included."""
    names = sorted(row[0] for row in db.rows(TABLES))
    return {name: sorted(db.rows(f'SELECT * FROM "{name}"'), key=repr) for name in names}


def settled(found: Content) -> Content:
    """The content as a restore beside leaves it: tokens given up, requests held, no backups of its own, marks gone."""
    changed = dict(found) | {"freshness": [], "grants": []}
    changed["settings"] = [row for row in found["settings"] if not row[0].startswith("backup.")]
    changed["sources"] = [
        (*row[:7], 1 if row[2] == "portal" and row[6] else row[7], *row[8:]) for row in found["sources"]
    ]
    final = ("accepted", "rejected", "expired", "cancelled", "held")
    changed["outbox"] = [
        tuple("held" if place == 11 and value not in final else value for place, value in enumerate(row))
        for row in found["outbox"]
    ]
    return changed


# --- verbs, as random as life


def _person(db: Database, chance: random.Random) -> int:
    known = people.everyone(db)
    if known and chance.random() < 0.9:
        return chance.choice(known).id
    return people.add(db, f"Pérson {chance.random()}", "1949-05-04", "mother", 1)


def _portal(db: Database, chance: random.Random) -> int:
    found = [one for one in sources.everything(db) if one.kind == "portal"]
    if found and chance.random() < 0.7:
        return chance.choice(found).id
    base = f"https://portal{chance.random()}.invalid/fhir"
    return sources.add_portal(db, _person(db, chance), "Harbor Clinic", base, str(chance.random()), 1)


def _grant(db: Database, chance: random.Random) -> None:
    source = _portal(db, chance)
    sources.set_grant(
        db, Grant(source, "https://p.invalid/token", "phr", "a", f"r{chance.random()}", 9, "launch", "1", None, False)
    )
    sources.set_state(db, source, connected=chance.random() < 0.8, needs_sign_in=False)


def _records(db: Database, chance: random.Random) -> None:
    person, source = _person(db, chance), _portal(db, chance)
    for _ in range(chance.randrange(1, 30)):
        name, text = f"x{chance.random()}", "Näïve résult " * chance.randrange(1, 200)
        body = f'{{"resourceType":"Observation","id":"{name}","note":"{text}"}}'.encode()
        codec, stored = bodies(db).pack(body)
        identifier = db.run(
            "INSERT INTO records (person, source, type, identity, kind, standing, title, content_hash, extract_version,"
            " codec, received_at, body) VALUES (?, ?, 'Observation', ?, 'results', 0, 'Potassium', ?, 1, ?, 2, ?)",
            (person, source, name, os.urandom(32), codec, stored),
        )
        db.run(full_text.INSERT_TEXT, (20_000 << 32 | identifier, text))
        db.run("INSERT INTO record_attachments (record, position, inline) VALUES (?, 0, 0)", (identifier,))
        if chance.random() < 0.02:
            attachments.store(db, identifier, 0, chance.randbytes(chance.randrange(1, 1_100_000)), "application/pdf")


def _remove(db: Database, _chance: random.Random) -> None:
    rows = db.rows("SELECT id FROM records ORDER BY random() LIMIT 5")
    for row in rows:
        db.run(full_text.DELETE_TEXT, (20_000 << 32 | row[0],))
        db.run("DELETE FROM records WHERE id = ?", row)


def _outbox(db: Database, chance: random.Random) -> None:
    states = ("draft", "waiting", "sending", "accepted", "rejected", "unknown", "expired", "cancelled", "held")
    db.run(
        "INSERT INTO outbox (id, source, person, kind, class, method, path, body, body_sha256, state, created_at)"
        " VALUES (?, ?, ?, 'refill', 'C', 'POST', '/Task', ?, ?, ?, 1)",
        (f"urn:uuid:{chance.random()}", _portal(db, chance), _person(db, chance), b"{}", b"x", chance.choice(states)),
    )


def _reminder(db: Database, chance: random.Random) -> None:
    states = ("planned", "delivered", "missed", "acknowledged", "withdrawn")
    db.run(
        "INSERT INTO reminders (id, person, kind, subject, lead, at, title, evidence, state)"
        " VALUES (?, ?, 'visit', 'record:1', '1d', 5, 'Visit', 'why', ?)",
        (str(chance.random()), _person(db, chance), chance.choice(states)),
    )


def _choice(db: Database, chance: random.Random) -> None:
    choices.set_medicine(db, _person(db, chance), str(chance.randrange(20)), chance.choice(list(MedicineChoice)), 3)
    choices.set_setting(db, f"key{chance.randrange(5)}", str(chance.random()))
    backup_state.set_folder(db, Path("/somewhere"))


VERBS: tuple[Callable[[Database, random.Random], object], ...] = (
    _person, _grant, _records, _remove, _outbox, _reminder, _choice,
)  # fmt: skip
