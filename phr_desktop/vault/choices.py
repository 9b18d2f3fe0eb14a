"""What the person said about medicines of the derived list, and other settings kept inside the vault."""

from __future__ import annotations

from phr_desktop.domain.medicines import MedicineChoice
from phr_desktop.vault.connection import Database

RECOVERY_KEY_UNCHECKED = "recovery-key-unchecked"  # "1": nobody has typed it back yet
DOSE_ZONE = "dose-zone"  # in which time zone doses were last, as far as the person was asked
SET_MEDICINE = """INSERT INTO medicine_choices (person, key, choice, chosen_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (person, key) DO UPDATE SET choice = excluded.choice, chosen_at = excluded.chosen_at"""
MEDICINES = "SELECT key, choice, chosen_at FROM medicine_choices WHERE person = ?"
SET = "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


def set_medicine(db: Database, person: int, key: str, choice: MedicineChoice | None, now: int) -> None:
    """Keeps the choice; None takes it back."""
    if choice is None:
        db.run("DELETE FROM medicine_choices WHERE person = ? AND key = ?", (person, key))
    else:
        db.run(SET_MEDICINE, (person, key, choice, now))


def medicines(db: Database, person: int) -> dict[str, tuple[MedicineChoice, int]]:
    """Choice and its time (seconds since 1970 UTC) by the line's key."""
    return {row[0]: (MedicineChoice(row[1]), row[2]) for row in db.rows(MEDICINES, (person,))}


def set_setting(db: Database, key: str, value: str) -> None:
    db.run(SET, (key, value))


def setting(db: Database, key: str) -> str | None:
    row = db.one("SELECT value FROM settings WHERE key = ?", (key,))
    return None if row is None else str(row[0])
