"""What holds for the room as a whole."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
from pathlib import Path

import pytest

import phr_desktop.sync
from phr_desktop import paths
from phr_desktop.errors import Bug
from phr_desktop.sentences import SENTENCES
from phr_desktop.sync.collector import collector_paused
from phr_desktop.sync.directory import find_entry, load_directory
from phr_desktop.sync.documents import _LASTING

ROOM = Path(phr_desktop.sync.__file__).parent
RAISED = re.compile(
    r"(?:UserFacingError|EnvironmentProblem|PortalRefused|WireProblem|PageFailed|_Unusable|_split|_hiccup|broken|"
    r'_sign_in_again)\(\s*(?:[\w. (),"]*, )?"([a-z0-9-]+)"'
)
REASONS = re.compile(r'(?:LedgerState\.\w+|_Gone|run\.before\(ask\.line\)), "([a-z0-9-]+)"')


def test_every_code_of_this_room_has_its_sentence():
    text = "\n".join(path.read_text("utf-8") for path in ROOM.glob("*.py"))
    codes = {*RAISED.findall(text), *REASONS.findall(text), *_LASTING, "no-patient", "malformed", "many-gone-held"}
    codes |= {"captive-portal", "sync-stopped", "offline", "portal-cut"}
    assert len(codes) > 40
    assert sorted(code for code in codes if code not in SENTENCES) == []


def test_every_row_of_what_a_portal_may_do_has_its_test():
    here = Path(__file__).parent
    named = set(re.findall(r"`(test_\w+)`", (here / "README.md").read_text("utf-8")))
    written = {
        name for path in here.glob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    assert len(named) > 80
    assert sorted(named - written) == []


def test_nothing_heavy_is_imported_with_the_room():
    said = subprocess.run(
        [sys.executable, "-c", "import sys, phr_desktop.sync; print(*(m for m in sys.modules if '.' not in m))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not {"requests", "authlib", "joserfc", "urllib3"} & set(said.stdout.split())


def test_the_directory_knows_the_demo_portal_by_its_name_and_any_other_generically():
    entries = load_directory(paths.resources() / "portals")
    demo = find_entry(entries, "http://127.0.0.1:1/fhir", "PHR Desktop demo portal")
    other = find_entry(entries, "https://clinic.example/fhir", None)
    assert (demo.id, other.id) == ("demo", "generic")
    assert demo.types["Observation"].ask == "whole"
    assert demo.types["Observation"].categories == other.types["Observation"].categories
    assert demo.types["Observation"].compare_days == 7
    assert other.types["Observation"].ask == "both"
    assert list(demo.types) == list(other.types)


def test_an_entry_is_found_by_its_address_and_overrides_what_it_extends(tmp_path):
    generic = (paths.resources() / "portals" / "generic.toml").read_text("utf-8")
    (tmp_path / "generic.toml").write_text(generic)
    (tmp_path / "clinic.toml").write_text(
        'extends = "generic"\nname = "Clinic"\nfhir_base = "https://clinic.example/fhir/"\nclient_id = "ours"\n'
        '[types.MedicationRequest]\nparameters = {intent = "order,plan"}\n'
    )
    entry = find_entry(load_directory(tmp_path), "https://clinic.example/fhir", "Vendor")
    assert (entry.id, entry.client_id, entry.page_link) == ("clinic", "ours", "next")
    assert entry.types["MedicationRequest"].parameters == (("intent", "order,plan"),)
    assert entry.types["MedicationRequest"].include == "MedicationRequest:medication"


def test_a_misspelt_word_in_the_directory_is_a_bug(tmp_path):
    generic = (paths.resources() / "portals" / "generic.toml").read_text("utf-8")
    (tmp_path / "generic.toml").write_text(generic.replace("page_size", "pagesize"))
    with pytest.raises((Bug, KeyError)):
        load_directory(tmp_path)


def test_the_collector_runs_again_after_the_last_one_out():
    assert gc.isenabled()
    with collector_paused():
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="x"), collector_paused():
        raise ValueError("x")
    assert gc.isenabled()
