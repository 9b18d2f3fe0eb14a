"""A vault of so many small records, written straight through the vault's own writer."""

from __future__ import annotations

from hashlib import sha256

from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import Extracted, ObservationValue
from phr_desktop.vault import people, sources
from phr_desktop.vault.connection import Database
from phr_desktop.vault.record_writer import RecordWriter
from phr_desktop.vault.vault import Vault

_WORDS = (
    "Hemoglobin A1c", "Glucose in blood", "Creatinine in serum", "Potassium in serum", "Cholesterol in LDL",
    "Thyrotropin in serum", "Leukocytes in blood", "Platelets in blood", "Sodium in serum", "Calcium in serum",
    "Urea nitrogen in blood", "Albumin in serum", "Bilirubin total", "Alkaline phosphatase", "Protein in urine",
)  # fmt: skip


def fill(vault: Vault, count: int) -> int:
    """Fills the vault with laboratory results of one person, of all days of thirty years; the person's id."""

    def verb(db: Database) -> int:
        person = people.add(db, "P", "1950-01-01", None, 0)
        source = sources.own_source(db, person, SourceKind.FILES, 0)
        writer = RecordWriter(db, person=person, source=source, now=1_700_000_000, extract_version=1)
        for number in range(count):
            writer.add([_result(number)])
        writer.finish()
        return person

    return vault.write(verb)


def _result(number: int) -> Extracted:
    title = _WORDS[number % len(_WORDS)]
    code = f"{1000 + number % len(_WORDS)}-1"
    body = b'{"resourceType":"Observation","id":"%d","note":"%s"}' % (number, b"x" * 300)
    utc = 800_000_000 + (number * 7919) % (30 * 365) * 86400
    nothing = (None,) * 4
    value = ObservationValue(
        0, "http://loinc.org", code, title, "quantity", None, "5.8", "%", "%", "4.0", "5.6", None, 1, *nothing
    )
    return Extracted(
        "Observation", str(number), None, None, "results", "2001-02-03", utc, "day", None, "final", 0,
        "http://loinc.org", code, "laboratory", title, sha256(body).digest(), 0, body,
        f"{title} {number}", None, (value,), (),
    )  # fmt: skip
