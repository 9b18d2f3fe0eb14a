"""The demo family: made the same every time, moved to today, and true to what the program must show."""

from __future__ import annotations

import base64
import gzip
import json
import re
import subprocess
import sys
import zlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from phr_desktop.clock import FixedClock
from phr_desktop.demo_portal.documents import make_pdf
from phr_desktop.demo_portal.family import FILES, FIXED_DAY, FOLDER, family_records, shift_of
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.demo_portal.rules import TYPES

TOOL = Path(__file__).resolve().parents[2] / "tools" / "make_demo_data.py"
UNFETCHABLE = "Medication/med-retired-0042"  # meant: a medicine whose name cannot be fetched
FULL_DATE = re.compile(r'"(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))?"')


def clock_on(day: date, zone: str = "America/Los_Angeles", hour: int = 12) -> FixedClock:
    place = ZoneInfo(zone)
    return FixedClock(datetime(day.year, day.month, day.day, hour, tzinfo=place), place)


def by_id(clock: FixedClock) -> dict[str, dict]:
    return {f"{each['resourceType']}/{each['id']}": each for each in family_records(clock)}


@pytest.fixture(scope="module")
def records() -> dict[str, dict]:
    return by_id(clock_on(FIXED_DAY))


def of(records: dict[str, dict], kind: str, patient: str = "") -> list[dict]:
    return [each for each in records.values() if each["resourceType"] == kind and each["id"].startswith(patient)]


def test_the_tool_makes_the_committed_files_again(tmp_path):
    for folder in ("one", "two"):
        subprocess.run([sys.executable, "-I", str(TOOL), str(tmp_path / folder)], check=True)
    for name in FILES:
        file = f"{name}.ndjson.gz"
        made = (tmp_path / "one" / file).read_bytes()
        assert made == (tmp_path / "two" / file).read_bytes()
        # The packing may differ from one zlib to the next; what is packed may not.
        assert gzip.decompress(made) == gzip.decompress((FOLDER / file).read_bytes())
        assert made[4:8] == b"\0\0\0\0", "the time of making is in the file"
    assert sum((FOLDER / f"{name}.ndjson.gz").stat().st_size for name in FILES) < 1_500_000


@pytest.mark.parametrize("days", [0, 1, 6, 7, 320, -1, -7])
def test_the_shift_is_whole_weeks(days):
    shift = shift_of(clock_on(FIXED_DAY + timedelta(days=days)))
    assert 0 <= (FIXED_DAY + timedelta(days=days) - (FIXED_DAY + timedelta(weeks=shift))).days <= 6


def test_every_date_moves_by_the_shift_and_keeps_its_hour(records):
    later = by_id(clock_on(FIXED_DAY + timedelta(days=320)))
    assert later.keys() == records.keys()
    moved = 0
    for key, before in records.items():
        first, second = FULL_DATE.findall(json.dumps(before)), FULL_DATE.findall(json.dumps(later[key]))
        assert len(first) == len(second)
        for (day, time), (day_after, time_after) in zip(first, second, strict=True):
            assert date.fromisoformat(day_after) - date.fromisoformat(day) == timedelta(weeks=45)
            assert time[:9] == time_after[:9]
            moved += 1
    assert moved > 5_000


def test_birth_dates_move_too(records):
    later = by_id(clock_on(FIXED_DAY + timedelta(weeks=45)))
    for name in ("ana", "mina", "tomas", "leo"):
        before = date.fromisoformat(records[f"Patient/{name}"]["birthDate"])
        assert date.fromisoformat(later[f"Patient/{name}"]["birthDate"]) == before + timedelta(weeks=45)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Kolkata", "Pacific/Chatham", "Africa/Monrovia", "UTC"])
def test_times_stand_in_the_local_zone(zone):
    place = ZoneInfo(zone)
    for each in family_records(clock_on(FIXED_DAY, zone)):
        for day, time in FULL_DATE.findall(json.dumps(each)):
            if time:
                written = datetime.fromisoformat(day + time)
                offset = written.replace(tzinfo=None).replace(tzinfo=place).utcoffset()
                assert abs(written.utcoffset() - offset) < timedelta(minutes=1)


def test_months_and_years_stay_months_and_years(records):
    since = {each["onsetDateTime"] for each in of(records, "Condition", "mina")}
    assert {"1998", "2004-05"} <= since
    later = {each["onsetDateTime"] for each in of(by_id(clock_on(date(2030, 1, 7))), "Condition", "mina")}
    assert {"2002", "2008-05"} <= later


def test_no_mark_is_left_in_what_is_sent():
    for each in family_records(clock_on(FIXED_DAY)):
        text = json.dumps(each)
        assert not re.search(r'@\d{4}|"\$(text|html|pdf)"', text), each["id"]
        for content in attachments(each):
            assert b"{@" not in base64.b64decode(content.get("data", ""))


def attachments(resource: dict) -> list[dict]:
    if resource["resourceType"] == "Binary":
        return [resource]
    found = [content["attachment"] for content in resource.get("content", [])]
    return found + resource.get("presentedForm", [])


def test_every_reference_leads_somewhere(records):
    for each in records.values():
        for reference in re.findall(r'"reference": "([A-Z]\w+/[^"]+)"', json.dumps(each)):
            assert reference in records or reference == UNFETCHABLE, f"{each['id']} -> {reference}"
        for content in attachments(each):
            if "url" in content:
                assert content["url"] in records


def test_nothing_was_changed_in_the_future(records):
    for each in records.values():
        assert datetime.fromisoformat(each["meta"]["lastUpdated"]).date() < FIXED_DAY
        day = each.get("effectiveDateTime", each.get("whenHandedOver", each.get("performedDateTime", "")))[:10]
        assert day < str(FIXED_DAY)


def test_nobody_has_a_record_from_before_birth(records):
    for name in ("ana", "mina", "tomas", "leo"):
        born = records[f"Patient/{name}"]["birthDate"]
        for each in records.values():
            if each["id"].startswith(f"{name}-"):
                assert all(day >= born for day, _time in FULL_DATE.findall(json.dumps(each))), each["id"]


@pytest.mark.parametrize(
    ("name", "least", "most"), [("mina", 900, 1500), ("ana", 300, 1200), ("tomas", 300, 1200), ("leo", 200, 1200)]
)
def test_lives_are_whole(records, name, least, most):
    own = [each for each in records.values() if each["id"] == name or each["id"].startswith(f"{name}-")]
    assert least <= len(own) <= most
    kinds = Counter(each["resourceType"] for each in own)
    for kind in (
        *(
            "Condition",
            "AllergyIntolerance",
            "Immunization",
            "Observation",
            "DiagnosticReport",
            "Procedure",
            "Encounter",
        ),
        *("MedicationRequest", "MedicationDispense", "DocumentReference", "Binary", "CarePlan", "CareTeam", "Goal"),
        *("Coverage", "ExplanationOfBenefit", "Invoice", "Account", "Appointment", "Communication", "Provenance"),
        *("FamilyMemberHistory", "RelatedPerson", "Device", "ImagingStudy"),
    ):
        assert kinds[kind] or (name, kind) in {("ana", "Device")}, f"{name} has no {kind}"


def test_every_kind_the_portal_offers_is_there(records):
    assert {each["resourceType"] for each in records.values()} == set(TYPES)


def test_results_cover_what_a_laboratory_can_say(records):
    results = of(records, "Observation")
    flags = {code["code"] for each in results for flag in each.get("interpretation", []) for code in flag["coding"]}
    assert {"H", "L", "N", "A", "HH"} <= flags
    assert {"final", "preliminary", "corrected"} <= {each["status"] for each in results}
    values = {key for each in results for key in each if key.startswith("value")}
    assert {"valueQuantity", "valueCodeableConcept", "valueString"} <= values
    assert any(each.get("valueQuantity", {}).get("comparator") == "<" for each in results)
    assert any("dataAbsentReason" in each for each in results)
    assert any(len(each.get("referenceRange", [])) > 1 for each in results)
    assert any("referenceRange" in each and "interpretation" not in each for each in results)
    critical = next(each for each in results if "HH" in json.dumps(each.get("interpretation", [])))
    assert "(415) 555-0130" in critical["note"][0]["text"]
    corrected = next(each for each in results if each["status"] == "corrected")
    assert corrected["meta"]["versionId"] == "2"


def test_flags_agree_with_the_ranges_they_stand_beside(records):
    """A made-up laboratory must not contradict itself."""
    for each in of(records, "Observation"):
        codes = [code["code"] for flag in each.get("interpretation", []) for code in flag["coding"]]
        ranges, value = each.get("referenceRange", []), each.get("valueQuantity", {}).get("value")
        if len(ranges) != 1 or value is None or not codes or "comparator" in each["valueQuantity"]:
            continue
        low, high = ranges[0].get("low", {}).get("value"), ranges[0].get("high", {}).get("value")
        expected = "L" if low is not None and value < low else "H" if high is not None and value > high else "N"
        assert codes[0][0] == expected[0], each["id"]


def test_panels_add_up(records):
    """Total cholesterol is its parts; a red cell index is the ratio of the counts."""
    for report in of(records, "DiagnosticReport"):
        values = {
            member["code"]["text"]: member["valueQuantity"]["value"]
            for result in report.get("result", [])
            if "valueQuantity" in (member := records[result["reference"]])
        }
        if "LDL cholesterol" in values:
            parts = values["LDL cholesterol"] + values["HDL cholesterol"] + values["Triglycerides"] / 5
            assert abs(values["Cholesterol, total"] - parts) <= 2
        if "MCV" in values and report["status"] == "final":
            assert abs(values["Hematocrit"] * 10 / values["Red blood cells"] - values["MCV"]) < 2


def runs_out(records: dict[str, dict], order: dict) -> date:
    """Hand arithmetic: each fill starts when the one before is used up, or on its own day."""
    key = f"MedicationRequest/{order['id']}"
    given = [
        each for each in of(records, "MedicationDispense") if each["authorizingPrescription"][0]["reference"] == key
    ]
    end = date.min
    for each in sorted(given, key=lambda dispense: dispense["whenHandedOver"]):
        handed = date.fromisoformat(each["whenHandedOver"][:10])
        end = max(end, handed) + timedelta(days=each["daysSupply"]["value"])
    return end


@pytest.mark.parametrize(
    ("patient", "medicine", "day"),
    [
        ("mina", "lisinopril 10 MG Oral Tablet", "2026-01-21"),
        ("mina", "atorvastatin 20 MG Oral Tablet", "2026-01-16"),  # twelve days carried over
        ("mina", "levothyroxine sodium 0.075 MG Oral Tablet", "2026-01-25"),  # by mail
        ("ana", "sertraline 50 MG Oral Tablet", "2026-01-18"),
        ("tomas", "atorvastatin 20 MG Oral Tablet", "2026-01-12"),
        ("leo", "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler", "2026-01-22"),
    ],
)
def test_refills_can_be_forecast(records, patient, medicine, day):
    orders = [
        each
        for each in of(records, "MedicationRequest", patient)
        if each["status"] == "active"
        and medicine in json.dumps(each.get("medicationCodeableConcept", each.get("medicationReference")))
    ]
    assert len(orders) == 1
    assert runs_out(records, orders[0]) == date.fromisoformat(day)


def test_medicines_of_every_standing(records):
    orders = of(records, "MedicationRequest", "mina")
    assert {"active", "stopped", "completed", "on-hold", "entered-in-error"} <= {each["status"] for each in orders}
    assert any(each.get("doNotPerform") for each in orders)
    assert any(each["category"][0]["coding"][0]["code"] == "inpatient" for each in orders)
    assert any("contained" in each for each in orders)
    assert any("medicationReference" in each for each in orders)
    filled = {each["authorizingPrescription"][0]["reference"] for each in of(records, "MedicationDispense")}
    assert any(each["status"] == "active" and f"MedicationRequest/{each['id']}" not in filled for each in orders)
    assert UNFETCHABLE in json.dumps(of(records, "MedicationRequest", "ana"))


def test_penicillin_is_not_given_to_who_is_allergic(records):
    assert "Penicillin" in json.dumps(of(records, "AllergyIntolerance", "mina"))
    for kind in ("MedicationRequest", "MedicationDispense", "MedicationAdministration"):
        assert not re.search(
            "penicillin|amoxicillin",
            json.dumps(
                [
                    each.get("medicationCodeableConcept", each.get("medicationReference"))
                    for each in of(records, kind, "mina-")
                ]
            ),
            re.IGNORECASE,
        )


@pytest.mark.parametrize("later", range(7))
def test_on_any_day_a_visit_is_near(later):
    clock = clock_on(FIXED_DAY + timedelta(days=later), hour=9)
    portal = DemoPortal(clock=clock)
    booked = [each.resource for each in portal.store.of_type("Appointment") if each.resource["status"] == "booked"]
    starts = sorted(datetime.fromisoformat(each["start"]) for each in booked)
    assert starts[0] - clock.now() < timedelta(days=2)
    assert all(datetime.fromisoformat(each["end"]) > clock.now() for each in booked)
    mina = [each for each in booked if "Patient/mina" in json.dumps(each)]
    assert len(mina) >= 3


def test_a_video_visit_declares_its_link(records):
    (extension,) = next(each for each in of(records, "Appointment", "mina") if "extension" in each)["extension"]
    assert extension["url"] == "http://hl7.org/fhir/5.0/StructureDefinition/extension-Appointment.virtualService"
    link = next(each["valueUrl"] for each in extension["extension"] if each["url"] == "address")
    assert link.startswith("https://")


def test_withdrawn_records_are_among_them(records):
    verified = {each["verificationStatus"]["coding"][0]["code"] for each in of(records, "Condition")}
    assert {"confirmed", "entered-in-error", "refuted"} <= verified
    for each in of(records, "Condition"):
        wrong = each["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
        assert not (wrong and "clinicalStatus" in each), "FHIR con-5"
    assert any(each["status"] == "not-done" for each in of(records, "Procedure"))
    assert any(each["status"] == "not-done" for each in of(records, "Immunization"))
    assert any(each["status"] == "not-done" for each in of(records, "MedicationAdministration"))
    assert any("coding" not in each["code"] for each in of(records, "Condition"))


def test_documents_open(records):
    kinds = Counter()
    for each in records.values():
        for content in attachments(each):
            if "data" not in content:
                continue
            data = base64.b64decode(content["data"], validate=True)
            kinds[(each["resourceType"], content["contentType"])] += 1
            if "size" in content:
                assert content["size"] == len(data)
            check_file(content["contentType"], data)
    for kind in ("text/plain", "text/html", "application/pdf", "image/png"):
        assert any(content_type == kind for _holder, content_type in kinds)
    assert ("DiagnosticReport", "application/pdf") in kinds
    assert ("DocumentReference", "text/html") in kinds


def check_file(content_type: str, data: bytes) -> None:
    if content_type == "application/pdf":
        document = pypdfium2.PdfDocument(data)
        page = document[0]
        text = page.get_textpage()
        assert "Satterfield" in text.get_text_range()
        text.close()
        page.close()
        document.close()
    elif content_type == "image/png":
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        size = int.from_bytes(data[33:37])
        assert data[37:41] == b"IDAT"
        width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        assert len(zlib.decompress(data[41 : 41 + size])) == height * (width + 1)
    else:
        assert len(data.decode()) > 20


def test_dates_inside_documents_move_too():
    later = by_id(clock_on(FIXED_DAY + timedelta(weeks=52)))
    texts = b"".join(base64.b64decode(each["data"]) for each in of(later, "Binary") if "pdf" in each["contentType"])
    assert b"Admitted: February 9, 2025" in texts


def test_one_document_has_what_a_safe_reader_leaves_out(records):
    pages = [base64.b64decode(each["data"]) for each in of(records, "Binary") if each["contentType"] == "text/html"]
    assert any(b"<script>" in page and b"onload=" in page and b"javascript:" in page for page in pages)


def test_a_long_pdf_has_pages():
    document = pypdfium2.PdfDocument(make_pdf(["# Title", *[f"line {number} (\\)" for number in range(100)]]))
    assert len(document) == 3
    page = document[2]
    text = page.get_textpage()
    assert "line 99 (\\)" in text.get_text_range()
    text.close()
    page.close()
    document.close()


def test_tick_settles_what_is_over(clock):
    now = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
    visit = {
        "resourceType": "Appointment",
        "id": "soon",
        "status": "booked",
        "start": "2026-11-21T20:10:00Z",
        "end": "2026-11-21T20:30:00Z",
        "participant": [{"actor": {"reference": "Patient/mina"}, "status": "accepted"}],
    }
    portal = DemoPortal(clock=clock, data=[visit])
    portal.tick()
    assert portal.store.get("Appointment", "soon").resource["status"] == "booked"
    clock.move_to(now + timedelta(minutes=31))
    portal.tick()
    settled = portal.store.get("Appointment", "soon")
    assert (settled.resource["status"], settled.version) == ("fulfilled", 2)
    portal.tick()
    assert portal.store.get("Appointment", "soon").version == 2
