"""Portals at the command line: found by name, connected, told of whole, and left."""

from __future__ import annotations

import json
import threading
import webbrowser

import click

from phr_desktop.clock import SystemClock
from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import Rest, SourceKind
from phr_desktop.errors import UserFacingError
from phr_desktop.syncing import Syncing
from phr_desktop.vault import ledger, people, sources
from phr_desktop.vault.vault import Vault
from tests.queries.test_records import condition
from tests.queries.test_sources import entry, set_entries
from tests.resources import store
from tests.vaults import PASSPHRASE


def brands(*named: tuple[str, str, str]) -> str:
    """A list of clinics: name, city, FHIR base."""
    entries = []
    for number, (name, city, base) in enumerate(named):
        organization = {
            "resourceType": "Organization", "id": f"o{number}", "name": name,
            "address": [{"city": city, "state": "CA"}], "endpoint": [{"reference": f"Endpoint/e{number}"}],
        }  # fmt: skip
        endpoint = {
            "resourceType": "Endpoint", "id": f"e{number}", "status": "active", "address": base,
            "connectionType": {"code": "hl7-fhir-rest"},
        }  # fmt: skip
        entries += [{"resource": organization}, {"resource": endpoint}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})


def test_a_clinic_is_found_by_name_connected_told_of_and_left(phr, tmp_path, monkeypatch):
    threads = []

    def browse(address: str) -> bool:
        threads.append(threading.Thread(target=sign_in, args=(address, "leo", "harbor-leo")))
        threads[-1].start()
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    phr.json("person", "add", "Leo Satterfield")
    with DemoPortal(clock=SystemClock()) as portal:
        path = tmp_path / "clinics.json"
        path.write_text(brands(("Harbor Clinic", "Irvine", portal.fhir_base), ("Hill Clinic", "Irvine", "https://h/f")))
        assert phr("--json", "portals", "harbor", "irv", "--add", str(path)) == 0
        [found] = json.loads(phr.out)
        assert (found["name"], found["base_url"], found["places"]) == ("Harbor Clinic", portal.fhir_base, ["Irvine CA"])
        assert phr("connect", "clinic", "--person", "1") == 2
        assert "More than one portal" in phr.err
        assert phr("connect", "lake", "--person", "1") == 2

        assert phr("--json", "connect", "harbor clinic", "--person", "1") == 0, phr.err
        for thread in threads:
            thread.join(10)
        [source] = phr.json("sources")
        assert source["name"] == "Harbor Clinic"
        assert source["connected"]
        assert source["acts_as"] is None
        [vaccines] = [line for line in source["types"] if line["type"] == "Immunization"]
        assert (vaccines["state"], vaccines["count"], vaccines["new"]) == ("complete", 38, 38)
        assert vaccines["says"] is None
        assert vaccines["last_good_at"] == vaccines["last_try_at"] > 0
        assert {line["says"] for line in source["types"] if line["state"] == "not offered"} == {
            "The portal does not offer this."
        }

        assert phr("sync") == 0
        assert b"see phr sources" not in phr.out
        portal.faults.switch("redirect", type="Immunization")
        assert phr("sync") == 0
        assert b"Some kinds did not come, or not all of them: see phr sources" in phr.out

        left = phr.json("disconnect", str(source["id"]), "--yes")
        assert left == {"source": source["id"], "portal_told": True, "data_removed": False}
        [source] = phr.json("sources")
        assert not source["connected"]
        assert phr.json("list", "immunizations", "--person", "1")
    left = phr.json("disconnect", str(source["id"]), "--remove-data", "--yes")
    assert (left["portal_told"], left["data_removed"]) == (False, True)
    assert phr.json("sources") == []
    assert phr.json("list", "immunizations", "--person", "1") == []


def test_what_did_not_come_stands_in_words_with_what_to_do(phr, vault_folder):
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    mina = vault.write(lambda db: people.add(db, "Mina Satterfield", None, None, 0))
    source = store(vault, mina, [condition("a")], SourceKind.PORTAL)
    set_entries(
        vault,
        entry(
            source, "Goal", state=LedgerState.PARTIAL, reason="portal-cut", resume_url="https://a/2", count=5, gone=1
        ),
        entry(source, "Task", count=2, reason="many-gone-held"),
        entry(source, "Flag", count=1, reason="portal-warning", said="Some flags are held back."),
    )
    vault.write(lambda db: ledger.hold(db, source, "Task", ["t1", "t2"], 0))
    vault.write(lambda db: sources.set_waits_until(db, source, 9_999_999_999))
    vault.write(lambda db: sources.set_rest(db, source, Rest(3, 9_999_999_999)))
    vault.lock()
    [told] = phr.json("sources")
    flag, goal, task = told["types"]
    assert goal["resumes"]
    assert goal["gone"] == 1
    assert goal["says"] == "The connection to the portal broke off. Nothing was lost. Try again."
    assert task["state"] == "complete"
    assert (flag["portal_said"], task["portal_said"]) == ("Some flags are held back.", None)
    assert told["no_longer_at_portal"] == {"Task": 2}
    assert told["waits_until"] == 9_999_999_999
    assert (told["failed_in_a_row"], told["asked_again_by_itself"]) == (3, 9_999_999_999)
    assert phr("sources") == 0
    said = phr.out.decode()
    assert "Goal: partial, 5 (1 gone). The connection to the portal broke off." in said
    assert "no longer at the portal, to be settled, Task: 2" in said
    assert "did not answer well a short time ago" in said
    assert "The portal said: Some flags are held back." in said


def test_the_address_at_which_the_browser_ended_is_asked_until_it_is_right(phr, monkeypatch):
    phr.json("person", "add", "Mina Satterfield")
    given, taken = iter(["nonsense", "http://127.0.0.1:1/callback?code=1&state=2"]), []

    class SignIn:
        def finish_with_address(self, pasted: str) -> None:
            if "code=" not in pasted:
                raise UserFacingError("pasted-address-not-understood")
            taken.append(pasted)

    def connect(_core, _person, url, *, open_browser, on_sign_in, client_id, client_secret, **_):
        on_sign_in(SignIn())
        open_browser("https://portal.example/authorize")
        assert (url, client_id, client_secret) == ("https://clinic.example/fhir", "mine", PASSPHRASE)
        raise UserFacingError("sign-in-denied")

    monkeypatch.setattr(Syncing, "connect", connect)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: next(given))
    secret = str(phr.folder / "passphrase")
    said = ("connect", "https://clinic.example/fhir", "--person", "1", "--paste", "--client-id", "mine")
    assert phr(*said, "--client-secret-file", secret) == 1
    assert taken == ["http://127.0.0.1:1/callback?code=1&state=2"]
    assert "Copy the whole address" in phr.err
    assert "https://portal.example/authorize" in phr.err


def test_leaving_asks_first_and_knows_what_is_no_connection(phr):
    assert phr("disconnect", "7", "--yes") == 1
    assert "no such connection" in phr.err
