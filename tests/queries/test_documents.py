"""Documents: which are listed, what their bytes are, and that nothing of them is invented."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from phr_desktop.actions.records import mark_opened
from phr_desktop.clock import FixedClock
from phr_desktop.domain.documents import ContentKind
from phr_desktop.domain.people import SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries import documents
from phr_desktop.vault import attachments
from phr_desktop.vault.vault import Vault
from tests.resources import store


def note(id_: str, date: str, *, data: bytes | None = None, url: str | None = None, **more: Any) -> dict[str, Any]:
    attachment: dict[str, Any] = {"contentType": more.pop("content_type", "text/plain")}
    if data is not None:
        attachment["data"] = base64.b64encode(data).decode()
    if url is not None:
        attachment["url"] = url
    return {
        "resourceType": "DocumentReference",
        "id": id_,
        "status": "current",
        "type": {"text": f"Note {id_}"},
        "subject": {"reference": "Patient/p"},
        "date": date,
        "content": [{"attachment": attachment}],
        **more,
    }


def report(id_: str, date: str, *forms: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "status": "final",
        "code": {"text": f"Report {id_}"},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": date,
        "presentedForm": list(forms),
        **more,
    }


def titles(vault: Vault, clock: FixedClock, person: int) -> list[str]:
    ids = documents.document_ids(vault, clock, person)
    return [one.row.title for one in documents.listed(vault, clock, ids)]


def test_documents_and_printed_reports_are_one_list_newest_first(vault: Vault, clock: FixedClock, mina: int) -> None:
    pdf = {"contentType": "application/pdf", "data": base64.b64encode(b"%PDF-1.7 x").decode()}
    store(
        vault,
        mina,
        [
            note("a", "2024-03-01", data=b"first"),
            report("b", "2025-01-01", pdf),
            report("without-form", "2025-06-01"),
            note("c", "2026-01-01", url="https://portal.example/fhir/Binary/7"),
        ],
    )
    assert titles(vault, clock, mina) == ["Note c", "Report b", "Note a"]


@pytest.mark.parametrize(
    ("given", "stage"),
    [
        ({}, ""),
        ({"status": "superseded"}, "replaced by a newer one"),
        ({"docStatus": "preliminary"}, "preliminary, may still change"),
        ({"status": "superseded", "docStatus": "amended"}, "replaced by a newer one, changed after it was final"),
        ({"docStatus": "final", "description": 'a "docStatus":"preliminary" in words'}, ""),
    ],
)
def test_what_is_to_be_known_before_a_document_is_believed_stands_beside_it(
    vault: Vault, clock: FixedClock, mina: int, given: dict[str, Any], stage: str
) -> None:
    store(vault, mina, [note("n", "2026-08-20", data=b"x", **given)])
    [one] = documents.listed(vault, clock, documents.document_ids(vault, clock, mina))
    assert one.stage == stage
    assert documents.document(vault, clock, one.row.id).stage == stage


def test_a_paper_that_note_and_report_share_is_listed_once(vault: Vault, clock: FixedClock, mina: int) -> None:
    url = "https://portal.example/fhir/Binary/7"
    resources = [note("a", "2024-03-01", url=url), report("b", "2024-03-01", {"url": url})]
    store(vault, mina, resources, SourceKind.PORTAL)
    assert titles(vault, clock, mina) == ["Note a"]


def test_the_report_stays_where_the_note_on_the_same_paper_was_withdrawn(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    url = "https://portal.example/fhir/Binary/7"
    withdrawn = note("a", "2024-03-01", url=url, docStatus="entered-in-error")
    store(vault, mina, [withdrawn, report("b", "2024-03-01", {"url": url})], SourceKind.PORTAL)
    assert titles(vault, clock, mina) == ["Report b"]
    assert len(documents.withdrawn_ids(vault, clock, mina)) == 1


def test_the_same_address_at_two_portals_is_two_papers(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [note("a", "2024-03-01", url="Binary/7")], SourceKind.PORTAL)
    store(vault, mina, [report("b", "2024-03-02", {"url": "Binary/7"})], SourceKind.PORTAL, portal="Bay Clinic")
    assert titles(vault, clock, mina) == ["Report b", "Note a"]


def test_inline_content_is_read_out_of_the_record_and_linked_content_by_its_hash(
    vault: Vault, clock: FixedClock, mina: int
) -> None:
    store(vault, mina, [note("a", "2024-03-01", data=b"inside"), note("b", "2024-03-02", url="Binary/7")])
    linked, inside = documents.document_ids(vault, clock, mina)
    assert documents.content(vault, clock, inside, 0).data == b"inside"

    with pytest.raises(UserFacingError) as problem:
        documents.content(vault, clock, linked, 0)
    assert problem.value.code == "document-not-received"

    vault.write(lambda db: attachments.store(db, linked, 0, b"fetched" * 400_000, None))
    assert documents.content(vault, clock, linked, 0).data == b"fetched" * 400_000


def test_a_document_says_why_it_was_not_received(vault: Vault, clock: FixedClock, mina: int) -> None:
    source = store(vault, mina, [note("a", "2024-03-01", url="Binary/7")], SourceKind.PORTAL)
    (record,) = documents.document_ids(vault, clock, mina)
    vault.write(lambda db: attachments.set_problem(db, record, 0, "document-missing"))
    found = documents.document(vault, clock, record)
    assert [(part.received, part.problem) for part in found.parts] == [(False, "document-missing")]
    assert (found.person_name, found.source_name) == ("Mina Satterfield", "Harbor Clinic")
    assert vault.read(lambda db: attachments.not_received(db, source)) == 1


def test_what_a_source_calls_a_document_is_not_believed(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [note("a", "2024-03-01", data=b"%PDF-1.4 ...", content_type="text/plain")])
    (record,) = documents.document_ids(vault, clock, mina)
    found = documents.content(vault, clock, record, 0)
    assert (found.kind, found.mismatch, found.declared) == (ContentKind.PDF, True, "text/plain")


def test_opening_ends_new_here(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [note("a", "2026-11-20", data=b"x")])
    ids = documents.document_ids(vault, clock, mina)
    assert documents.listed(vault, clock, ids)[0].is_new
    mark_opened(vault, clock, mina, ids[0])
    assert not documents.listed(vault, clock, ids)[0].is_new


def test_another_persons_documents_are_not_in_the_list(vault: Vault, clock: FixedClock, mina: int) -> None:
    store(vault, mina, [note("a", "2024-03-01", data=b"x")])
    assert titles(vault, clock, mina + 1) == []
