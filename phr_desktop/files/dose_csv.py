"""The log of doses as a CSV file for a spreadsheet: NOT encrypted, one dose a line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime, tzinfo
from pathlib import Path

from phr_desktop import failpoints
from phr_desktop.domain.doses import Dose
from phr_desktop.domain.medicine_words import title_words
from phr_desktop.vault.connection import mapped_errors

COLUMNS = (
    "person", "medicine", "due", "amount", "unit", "state", "taken at", "given by", "reason", "instructions",
    "marked at",
)  # fmt: skip
# A spreadsheet would run what begins so, some after blanks too, and in the wide letters of East Asia.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # what no text is made of; a file may end at the first


def dose_lines(doses: Iterable[Dose], zone: tzinfo) -> str:
    """The whole file's text: a head, then a line for each dose; moments as ISO 8601 in this zone.

    `due` is empty for a dose that no plan asked for.
    """
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    for dose in doses:
        fields = (
            dose.person_name, title_words(dose.title), _moment(dose.due, zone), f"{dose.amount:f}", dose.unit,
            dose.state.value, _moment(dose.taken_at, zone), dose.given_by or "", dose.reason or "", dose.instructions,
            _moment(dose.noted_at, zone),
        )  # fmt: skip
        lines.writerow([_harmless(field) for field in fields])
    return written.getvalue()


def write_doses(doses: Iterable[Dose], zone: tzinfo, target: Path) -> None:
    """Writes the file whole or not at all; only the person's own account may read it.

    Errors: no-permission, disk-full, disk-problem.
    """
    data = ("\ufeff" + dose_lines(doses, zone)).encode()
    with mapped_errors():
        failpoints.write_whole(target, data, "log of doses")


def _moment(moment: datetime | None, zone: tzinfo) -> str:
    return "" if moment is None else moment.astimezone(zone).isoformat(timespec="minutes")


def _harmless(field: str) -> str:
    text = _CONTROL.sub("\ufffd", field)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
