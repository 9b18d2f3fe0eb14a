"""A small vault with something in every table: what the sample of every released schema holds, and what is damaged,
moved and removed in tests. Made-up people; the same content in every run."""

from __future__ import annotations

import hashlib
from typing import Any

from phr_desktop.domain.ledger import LedgerEntry, LedgerState
from phr_desktop.domain.medicines import MedicineChoice
from phr_desktop.domain.outbox import OutboxState, PendingAction, SendClass
from phr_desktop.domain.people import Grant, SourceKind
from phr_desktop.vault import (
    attachments,
    choices,
    ledger,
    outbox,
    people,
    quarantine,
    records,
    sources,
)
from phr_desktop.vault.connection import Database
from phr_desktop.vault.ledger import StagedPage
from phr_desktop.vault.vault import Vault
from tests.resources import store
from tests.small_resources import lab, visit

NOW = 1_795_278_600  # 2026-11-21 16:30 UTC
LABS = 240
MINA, LEO = "Wilhelmina Ostrander", "Leopold Ostrander"  # names that the program's own dictionary does not hold
LETTER = b"%PDF-1.4 a letter from the clinic to Mina " + hashlib.sha512(b"letter").digest() * 100
SHARED = b"%PDF-1.4 a leaflet that both of them were given " + hashlib.sha512(b"leaflet").digest() * 40
ONLY_LEO = "Xylographium"  # a word that only his records hold
ONLY_MINA = "Quetzalcoatlus"


def fill(vault: Vault, labs: int = LABS) -> tuple[int, int]:
    """Fills an empty vault; the ids of the two, hers first."""
    mina = vault.write(lambda db: people.add(db, MINA, "1949-05-04", "mother", NOW))
    leo = vault.write(lambda db: people.add(db, LEO, "2017-09-12", "son", NOW))
    portal = store(vault, mina, _resources(ONLY_MINA, labs), SourceKind.PORTAL)
    store(vault, mina, [lab("l1", "Potassium", "2026-11-01", value=4.9)], SourceKind.PORTAL)  # a change: a version
    store(vault, mina, [lab("own", "Home potassium", "2026-10-01")])
    his = store(vault, leo, _resources(ONLY_LEO, 12), SourceKind.PORTAL)
    for person, source, word in ((mina, portal, ONLY_MINA), (leo, his, ONLY_LEO)):
        vault.write(lambda db, person=person, source=source, word=word: _around(db, person, source, word))
    return mina, leo


def _resources(word: str, labs: int) -> list[dict[str, Any]]:
    return [
        {"resourceType": "Patient", "id": "p", "name": [{"text": f"Patient {word}"}], "birthDate": "1949-05-04"},
        *[lab(f"l{n}", "Potassium", f"2026-{n % 9 + 1:02d}-{n % 28 + 1:02d}", value=3 + n % 30 / 10)
          for n in range(labs)],
        lab("words", f"Culture {word}", "2026-08-02", text=f"{word} was not found"),
        visit("v1", description=f"Visit about {word}"),
        {"resourceType": "MedicationStatement", "id": "m", "status": "active",
         "medicationCodeableConcept": {"text": f"{word} 10 mg"}, "subject": {"reference": "Patient/p"}},
        *[{"resourceType": "DocumentReference", "id": f"d{n}", "status": "current", "date": "2026-07-01T10:00:00Z",
           "content": [{"attachment": {"contentType": "application/pdf", "title": f"Letter {n} {word}",
                                       "url": f"Binary/b{n}"}}]} for n in range(2)],
    ]  # fmt: skip


def _around(db: Database, person: int, source: int, word: str) -> None:
    """What stands beside the records."""
    for name, content in (("d0", LETTER + word.encode()), ("d1", SHARED)):
        record = records.find_reference(db, source, "DocumentReference", name)
        assert record is not None
        attachments.store(db, record, 0, content, "application/pdf")
    records.mark_opened(db, record, NOW)
    sources.set_grant(db, Grant(source, "https://portal.invalid/token", "phr", f"access-{word}", f"refresh-{word}",
                                NOW + 3600, "patient/*.rs", "p", None, False))  # fmt: skip
    sources.add_file_patients(db, source, [f"Patient/{word}"])
    quarantine.add(db, person=person, source=source, reason="malformed", body=f"{{{word}".encode(), now=NOW)
    ledger.set_entry(db, LedgerEntry(source, "Observation", "", LedgerState.COMPLETE, 240, 240, 0, 0, NOW, NOW, None,
                                     None, None, None))  # fmt: skip
    ledger.stage(db, source, "Condition", "", StagedPage(f"https://portal.invalid/{word}", None, None, b"{}"))
    ledger.want(db, source, "Practitioner", f"pr-{word}")
    outbox.add(db, PendingAction(f"urn:uuid:{word}", source, person, "note", SendClass("B"), "POST", "Communication",
                                 word.encode(), OutboxState("waiting"), NOW, None, 0, None))  # fmt: skip
    choices.set_medicine(db, person, f"source:{source}|text|{word}", MedicineChoice.TAKE, NOW)
    db.run(
        """INSERT INTO reminders (id, person, kind, subject, lead, at, title, evidence, state)
        VALUES (?, ?, 'appointment', ?, '1 day', ?, ?, ?, 'planned')""",
        (f"reminder-{word}", person, f"record:{record}", NOW + 86_400, f"Visit about {word}", "booked by Harbor"),
    )
