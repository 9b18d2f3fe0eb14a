"""Records whose dates, numbers and letters no program expects: each is kept as it came or set aside with its bytes, the
others come whole, and no page that reads them breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from phr_desktop.domain.calendars import CalendarKind
from phr_desktop.domain.records import Kind
from phr_desktop.fhir.details import details
from phr_desktop.fhir.read import read
from phr_desktop.files.ics_export import brought_up_to_date, to_ics
from phr_desktop.queries import (
    appointments,
    calendars,
    due_days,
    listing,
    medicine_page,
    medicines,
    records,
    reminders,
    result_page,
    search,
    today,
    trend,
    visit_page,
)  # fmt: skip
from phr_desktop.vault import quarantine
from phr_desktop.vault import records as stored_records
from tests.sync.fake_portal import ME, Connection, faking, resource
from tests.sync.sockets import http

DATES = (
    "0001-01-01", "0001-01-01T00:00:00+14:00", "0001", "9999-12-31", "9999-12-31T23:59:59-12:00", "9999",
    "0000-00-00", "99999-01-01", "-0001-01-01", "2026-02-30", "2026-13-01T99:99:99Z", "2020-01-01T00:00:00+99:99",
    "2026-06-30T23:59:60Z", "2020-01-01T00:00:00.123456789012345678901Z",
)  # fmt: skip
NUMBERS = (
    "1e400", "-1e400", "1e-400", "1E+999999999", "1e99999999999999999999", "-0.0", "9" * 400, "1." + "0" * 5_000 + "1",
)  # fmt: skip
NO_NUMBERS = ("9" * 5_000, "NaN", "Infinity", "00", "+1", "0x1")
TEXTS = (r'"a\u0000b"', r'"\uffff"', r'"\u202e\u0007"', '"\ufeffx"', '""', '" "', f'"{"x" * 300_000}"')
NO_TEXTS = (r'"\ud800"', r'"\udc00\ud800"', '"a\x00b"', '"\x01"')
DEEP = '{"extension":' * 70 + "1" + "}" * 70


def observation(**fields: str) -> str:
    return _record("Observation", "subject", code='{"text":"Sodium"}', **fields)


def _record(type_name: str, whose: str, **fields: str) -> str:
    more = "".join(f',"{name}":{value}' for name, value in fields.items())
    return f'{{"resourceType":"{type_name}","id":"ID","{whose}":{{"reference":"Patient/{ME}"}}{more}}}'


def dated(day: str) -> Iterator[str]:
    """Every place of a date by which something is sorted, planned or forecast."""
    said, period = f'"{day}"', f'{{"start":"{day}","end":"{day}"}}'
    concept = '{"text":"Lisinopril 10 mg tablet"}'
    yield observation(effectiveDateTime=said, issued=said, valueQuantity='{"value":1,"unit":"mg"}')
    yield observation(effectivePeriod=period, meta=f'{{"lastUpdated":{said}}}')
    yield _record(
        "MedicationRequest", "subject", status='"active"', intent='"order"', authoredOn=said,
        medicationCodeableConcept=concept, dispenseRequest=f'{{"validityPeriod":{period},"numberOfRepeatsAllowed":1}}',
    )  # fmt: skip
    yield _record(
        "MedicationDispense", "subject", status='"completed"', whenHandedOver=said, medicationCodeableConcept=concept,
        quantity='{"value":30,"unit":"tablet"}', daysSupply='{"value":30,"unit":"d"}',
    )  # fmt: skip
    yield _record("Immunization", "patient", occurrenceDateTime=said, expirationDate=said, status='"completed"')
    yield _record("Procedure", "subject", performedPeriod=period, status='"completed"')
    who = f'[{{"actor":{{"reference":"Patient/{ME}"}},"status":"accepted"}}]'
    yield _record("Appointment", "x", participant=who, start=said, end=said, status='"booked"')


def counted(number: str) -> Iterator[str]:
    quantity = f'{{"value":{number},"unit":"mg"}}'
    yield observation(valueQuantity=quantity, referenceRange=f'[{{"low":{quantity},"high":{quantity}}}]')
    yield observation(valueInteger=number)
    yield observation(valueRatio=f'{{"numerator":{quantity},"denominator":{quantity}}}')
    yield _record(
        "MedicationDispense", "subject", status='"completed"', whenHandedOver='"2026-11-01"', quantity=quantity,
        daysSupply=quantity, medicationCodeableConcept='{"text":"Lisinopril 10 mg tablet"}',
    )  # fmt: skip


def worded(text: str) -> Iterator[str]:
    yield observation(valueString=text, note=f'[{{"text":{text}}}]', status=text)
    yield observation(valueQuantity=f'{{"value":1,"unit":{text},"code":{text},"comparator":{text}}}')
    yield observation(performer=f'[{{"reference":{text}}}]', meta=f'{{"versionId":{text}}}')
    yield _record("Procedure", "subject", code=f'{{"text":{text},"coding":[{{"code":{text},"display":{text}}}]}}')


def _several(values: tuple[str, ...], make: Callable[[str], Iterator[str]]) -> list[str]:
    return [record for value in values for record in make(value)]


KEPT = [*_several(DATES, dated), *_several(NUMBERS, counted), *_several(TEXTS, worded)]
SET_ASIDE = [
    *_several(NO_NUMBERS, counted),
    *_several(NO_TEXTS, worded),
    observation(extension=f"[{DEEP}]"),
    _record("Procedure", "subject", subject='{"reference":"Patient/another"}'),  # two answers to whose it is
    _record("Procedure", "subject", id='"another"'),
]


@pytest.fixture
def connection(vault, clock, mina):
    written = {f"k{n}": text for n, text in enumerate(KEPT)} | {f"s{n}": text for n, text in enumerate(SET_ASIDE)}
    with faking() as portal:
        portal.offered = ["Patient", "Immunization"]
        good = msgspec.json.encode(resource("Immunization", "good")).decode()
        bodies = [good, *(named(text, ident) for ident, text in written.items()), good]
        entries = ",".join(f'{{"resource":{text}}}' for text in bodies)
        page = f'{{"resourceType":"Bundle","type":"searchset","entry":[{entries}]}}'.encode()
        portal.faults.append(lambda path, query: http(page) if path == "/fhir/Immunization" else None)
        yield Connection(vault, clock, mina, portal)


def test_each_is_kept_as_it_came_or_set_aside_and_none_is_lost(connection, vault):
    assert connection.sync().problem is None
    types = ("Observation", "MedicationRequest", "MedicationDispense", "Immunization", "Procedure", "Appointment")
    held = {ident for type_name in types for ident in connection.held(type_name)}
    assert held == {"good", *(f"k{n}" for n in range(len(KEPT)))}
    assert connection.aside() == {"malformed": len(SET_ASIDE)}
    aside = vault.read(lambda db: quarantine.of_source(db, connection.source))
    texts = "\n".join(one.body.decode() for one in aside)
    assert all(named(text, f"s{number}") in texts for number, text in enumerate(SET_ASIDE))
    for number, text in enumerate(KEPT):
        type_name, ident = text.split('"')[3], f"k{number}"
        assert stored(vault, connection.source, type_name, ident) == named(text, ident)


def named(text: str, ident: str) -> str:
    return text.replace('"ID"', f'"{ident}"', 1)


def stored(vault, source: int, type_name: str, ident: str) -> str:
    row = vault.read(lambda db: stored_records.find_reference(db, source, type_name, ident))
    return vault.read(lambda db: stored_records.body(db, row)).decode()


def test_no_page_breaks_by_them(connection, vault, clock, mina):
    connection.sync()
    assert vault.read(lambda db: quarantine.counts(db, connection.source))
    for kind in Kind:
        for named in listing.listed(vault, clock, mina, kind, facts=True, limit=None):
            row = named.row
            assert f"{row.title} {row.date}".encode()
            found = listing.record_named(vault, clock, str(row.id))
            assert msgspec.json.encode(details(read(found.record.body)))
            records.record_page(vault, clock, row.id)
            if row.type == "Observation":
                result_page.result_page(vault, clock, row.id)
                trend.trend(vault, clock, row.id)
            if row.type == "Appointment":
                visit_page.visit_page(vault, clock, mina, row.id)
    today.today_page(vault, clock, mina)
    today.new_results(vault, clock, mina)
    appointments.appointments(vault, clock, mina)
    due_days.due_days(vault, clock, mina)
    search.find(vault, clock, "sodium", person=mina)
    reminders.planned(vault, clock, date(1, 1, 1), date(9999, 12, 31))
    for line in medicines.medicine_list(vault, clock, mina).lines:
        medicine_page.medicine_page(vault, clock, mina, line.key)
    choice = calendars.calendar_choice(vault, clock, mina)
    items = calendars.calendar_items(vault, clock, mina, replace(choice, kinds=frozenset(CalendarKind)))
    assert to_ics(brought_up_to_date(items, (), clock.now())[0]).startswith(b"BEGIN:VCALENDAR")
