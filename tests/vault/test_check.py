"""A check finds what is wrong and names it, and nothing where nothing is."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from phr_desktop.clock import FixedClock
from phr_desktop.errors import UserFacingError
from phr_desktop.files.fhir_files import import_files
from phr_desktop.sentences import SENTENCES, sentence
from phr_desktop.vault import attachments, header, people
from phr_desktop.vault.check import check
from phr_desktop.vault.vault import Vault
from tests.vault.damage_scenarios import PAGE, database
from tests.vaults import PASSPHRASE


def filled(vault: Vault, clock: FixedClock, folder: Path) -> None:
    """A person with records, one of them said anew, and a document."""
    person = vault.write(lambda db: people.add(db, "Mina Satterfield", "1949-05-04", "mother", 0))
    resources = [
        {"resourceType": "Patient", "id": "1", "name": [{"text": "Mina Satterfield"}], "birthDate": "1949-05-04"},
        *(
            {
                "resourceType": "Observation", "id": str(number), "status": "final", "code": {"text": "Weight"},
                "subject": {"reference": "Patient/1"}, "effectiveDateTime": f"2026-01-{1 + number % 28:02}",
                "valueQuantity": {"value": number, "unit": "kg"}, "note": [{"text": "x" * 200}],
            }
            for number in range(60)
        ),
        {
            "resourceType": "DocumentReference", "id": "d", "status": "current", "subject": {"reference": "Patient/1"},
            "content": [{"attachment": {"contentType": "application/pdf", "url": "https://clinic.example/d.pdf"}}],
        },
    ]  # fmt: skip
    for change in ("", " again"):
        resources[1]["note"] = [{"text": "first" + change}]
        file = folder / f"bundle{len(change)}.json.gz"
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}
        file.write_bytes(gzip.compress(json.dumps(bundle).encode()))
        import_files(vault, clock, [file], person)
    record = vault.read(lambda db: db.value("SELECT id FROM records WHERE type = 'DocumentReference'"))
    vault.write(lambda db: attachments.store(db, record, 0, b"paper" * 400_000, "application/pdf"))


@pytest.fixture
def whole(vault: Vault, clock: FixedClock, tmp_path: Path) -> Vault:
    filled(vault, clock, tmp_path)
    return vault


def wrong(vault: Vault) -> list[str]:
    return [finding.name for finding in check(vault) if not finding.good]


def alter(vault: Vault, *statements: str) -> None:
    vault.write(lambda db: [db.run(each) for each in statements])


def test_nothing_is_wrong_with_a_whole_vault(whole):
    findings = check(whole)
    assert [finding.name for finding in findings if not finding.good] == []
    assert {"history", "header", "files", "pages", "structure", "links", "search", "index", "records", "documents"} == {
        finding.name for finding in findings
    }
    said = [sentence(finding.code, **finding.parameters) for finding in findings]
    assert "Every record can be read, older versions included (counted: 63)." in said
    assert "The contents of every document are unchanged (counted: 1)." in said


def test_an_empty_vault_is_whole(vault):
    assert wrong(vault) == []


def test_it_changes_nothing(whole, vault_folder):
    before = whole.read(lambda db: db.value("SELECT max(seq) FROM freshness"))
    check(whole)
    assert whole.read(lambda db: db.value("SELECT max(seq) FROM freshness")) == before


class TestWhatIsNamed:
    def test_a_document_with_other_bytes(self, whole):
        alter(whole, "UPDATE attachment_chunks SET bytes = zeroblob(length(bytes)) WHERE position = 1")
        assert wrong(whole) == ["documents"]

    def test_a_document_without_its_end(self, whole):
        alter(whole, "DELETE FROM attachment_chunks WHERE position = 1")
        assert wrong(whole) == ["documents"]

    def test_a_record_whose_bytes_are_lost(self, whole):
        alter(whole, "UPDATE records SET body = x'28b52ffd00', codec = 1 WHERE id = 5")
        findings = check(whole)
        bad = next(finding for finding in findings if not finding.good)
        assert (bad.name, bad.parameters["count"]) == ("records", 1)

    def test_a_former_version_whose_bytes_are_lost(self, whole):
        alter(whole, "UPDATE versions SET body = x'28b52ffd00', codec = 1")
        assert wrong(whole) == ["records"]

    def test_a_record_that_search_does_not_know(self, whole):
        alter(whole, "DELETE FROM search WHERE rowid = (SELECT max(rowid) FROM search)")
        assert wrong(whole) == ["index"]

    def test_a_damaged_search_index(self, whole):
        alter(whole, "DELETE FROM search_data WHERE id > 10")
        assert "search" in wrong(whole)

    def test_a_link_to_nothing(self, whole):
        whole._connections.writer.submit(lambda db: db.rows("PRAGMA foreign_keys = OFF")).result()
        alter(whole, "INSERT INTO opened (record, at) VALUES (999999, 0)")
        assert wrong(whole) == ["links"]

    def test_a_copy_of_the_header_that_changed_meanwhile(self, whole, vault_folder):
        (vault_folder / "vault.hdr2").write_bytes(b"not a header")
        assert wrong(whole) == ["header"]

    def test_a_database_that_no_header_names(self, whole, vault_folder):
        (vault_folder / "data-2-0123456789abcdef.db").write_bytes(b"newer")
        bad = next(finding for finding in check(whole) if not finding.good)
        assert (bad.name, bad.parameters["names"]) == ("files", "data-2-0123456789abcdef.db")
        assert "It was kept" in sentence(bad.code, **bad.parameters)

    @pytest.mark.parametrize("name", header.COPIES)
    def test_a_copy_of_the_header_that_was_repaired_at_unlock(self, whole, vault_folder, name):
        whole.lock()
        (vault_folder / name).unlink()
        for expected in (["header"], []):
            again = Vault.unlock(vault_folder, PASSPHRASE)
            assert wrong(again) == expected
            again.lock()

    def test_a_broken_page(self, whole, vault_folder):
        whole.lock()
        path = database(vault_folder)
        content = bytearray(path.read_bytes())
        content[len(content) // 2 // PAGE * PAGE + 99] ^= 1
        path.write_bytes(content)
        again = Vault.unlock(vault_folder, PASSPHRASE)
        found = wrong(again)
        again.lock()
        assert "history" in found
        assert "pages" in found

    def test_an_older_copy(self, whole, vault_folder):
        whole.lock()
        old = database(vault_folder).read_bytes()
        again = Vault.unlock(vault_folder, PASSPHRASE)
        alter(again, "UPDATE people SET relation = 'aunt'")
        again.lock()
        database(vault_folder).write_bytes(old)
        again = Vault.unlock(vault_folder, PASSPHRASE)
        findings = check(again)
        again.lock()
        assert [finding.code for finding in findings if not finding.good] == ["vault-older-copy"]


def test_it_tells_how_far_it_is_and_ends_when_told(whole):
    told = []
    check(whole, lambda done, total: told.append((done, total)))
    assert told[0] == (0, 10)
    assert told[-1] == (10, 10)
    for steps in range(10):
        left = iter(range(steps))
        with pytest.raises(UserFacingError) as caught:
            check(whole, cancelled=lambda left=left: next(left, None) is None)
        assert caught.value.code == "cancelled"


def test_every_finding_has_its_sentence():
    names = {"history", "header", "pages", "structure", "links", "search", "index", "records", "documents"}
    codes = {f"check-{name}-good" for name in names} | {f"check-{name}-bad" for name in names - {"history"}}
    assert codes <= set(SENTENCES)
    assert isinstance(check.__doc__, str)
