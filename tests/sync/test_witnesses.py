"""Programs that nobody here wrote: our sync against an independent server, independent clients against our portal."""

from __future__ import annotations

import gzip
import json
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
import requests

from phr_desktop.demo_portal import browser
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.domain.ledger import LedgerState
from phr_desktop.domain.people import Grant
from phr_desktop.sync import plan
from phr_desktop.sync.clients import Client
from phr_desktop.sync.discovery import discover
from phr_desktop.sync.engine import sync_source
from phr_desktop.sync.portal import Portal
from phr_desktop.sync.smart import Authorization
from phr_desktop.sync.wire import Wire
from phr_desktop.vault import ledger, quarantine, records, sources
from tests.corpus import lives

TOKEN = "access-0"
TYPES = ("Patient", "AllergyIntolerance", "Condition", "Immunization", "MedicationRequest", "Observation")
SCRIPTS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def sekmet(tmp_path_factory):
    """An independent FHIR server with two whole lives; it gives no heed to parameters that it does not know."""
    if len(lives()) < 2:
        pytest.skip("corpus: absent")
    folder = tmp_path_factory.mktemp("sekmet")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}/fhir"
    settings = {
        "base_url": base, "host": "127.0.0.1", "port": port, "data_dir": str(folder), "simulator": {"enabled": False},
        "validation": {"inbound": "off"}, "server_auth": {"types": ["bearer"], "tokens": [TOKEN]},
    }  # fmt: skip
    (folder / "settings.yaml").write_text(json.dumps(settings))
    command = [str(SCRIPTS / "sekmet"), "serve", "-c", str(folder / "settings.yaml")]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert any("Uvicorn running" in line for line in server.stderr)
            threading.Thread(target=server.stderr.read, daemon=True).start()
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/fhir+json"}
            for life in lives()[:2]:
                answer = requests.post(base, data=gzip.decompress(life.read_bytes()), headers=headers, timeout=120)
                assert answer.status_code == 200
            yield base
        finally:
            server.terminate()


@pytest.fixture
def bound(vault, clock, mina, sekmet):
    """A connection to the first life, and how many resources of each type that life has."""
    bundle = json.loads(gzip.decompress(lives()[0].read_bytes()))
    counts = Counter(entry["resource"]["resourceType"] for entry in bundle["entry"])
    family = next(
        e["resource"]["name"][0]["family"] for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"
    )
    found = requests.get(f"{sekmet}/Patient?family={family}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)
    patient = found.json()["entry"][0]["resource"]["id"]
    source = vault.write(lambda db: sources.add_portal(db, mina, "Clinic", sekmet, patient, 0))
    scope = " ".join(f"patient/{name}.rs" for name in TYPES)
    grant = Grant(source, f"{sekmet}/token", "phr", TOKEN, None, None, scope, patient, None, False)
    vault.write(lambda db: sources.set_grant(db, grant))
    return source, counts


def line(vault, source, type_name):
    return vault.read(lambda db: ledger.one(db, source, type_name))


def test_a_life_comes_whole_from_an_independent_server_and_nobody_elses(vault, clock, bound):
    source, counts = bound
    report = sync_source(vault, clock, source)
    assert report.problem is None
    for name in TYPES:
        assert (line(vault, source, name).state, line(vault, source, name).count) == (
            LedgerState.COMPLETE,
            counts[name],
        )
    assert vault.read(lambda db: quarantine.counts(db, source)) == {}
    assert line(vault, source, "Procedure").state is LedgerState.NOT_ALLOWED
    report = sync_source(vault, clock, source)
    assert (report.problem, report.applied.added, report.applied.updated) == (None, 0, 0)


def test_a_server_that_gives_everybodys_rows_is_noticed(vault, clock, bound, monkeypatch):
    """A parameter that it does not know narrows nothing: it answers with the rows of all its patients."""
    source, counts = bound

    def misspelt(name, declared, patient):
        return [("pacient", patient)] if name != "Patient" else []

    monkeypatch.setattr(plan, "_search", misspelt)
    monkeypatch.setattr(plan, "PROVENANCE", "none")
    sync_source(vault, clock, source)
    for name in ("Immunization", "Condition", "MedicationRequest"):
        assert vault.read(lambda db, n=name: records.count_of_type(db, source, n)) == counts[name]
    aside = vault.read(lambda db: quarantine.counts(db, source))
    assert aside["other-patient"] > 500
    own = vault.read(lambda db: [row.id for row in sources.everything(db)])
    assert own == [source]


# --- independent clients against the demo portal


FHIRCLIENT = """
import json, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from fhirclient import client
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from phr_desktop.demo_portal import browser
visits = []
class Back(BaseHTTPRequestHandler):
    def do_GET(self):
        visits.append(self.path)
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
listener = HTTPServer(("127.0.0.1", 0), Back)
threading.Thread(target=listener.serve_forever, daemon=True).start()
back = f"http://127.0.0.1:{listener.server_port}/callback"
smart = client.FHIRClient(settings={"app_id": "phr-desktop", "api_base": sys.argv[1], "redirect_uri": back,
    "scope": "launch/patient openid fhirUser patient/Patient.read patient/Observation.read offline_access"})
smart.prepare()
browser.sign_in(smart.authorize_url, "mina", "harbor-mina")
smart.handle_callback(back.rpartition("/callback")[0] + visits[0])
patient = Patient.read(smart.patient_id, smart.server)
found = Observation.where({"patient": smart.patient_id}).perform_resources(smart.server)
print(json.dumps({"patient": patient.id, "observations": len(found), "others": [
    o.id for o in found if o.subject.reference.rpartition("/")[2] != patient.id]}))
listener.shutdown()
"""


@pytest.fixture
def demo(clock):
    with DemoPortal(clock=clock) as portal:
        yield portal


def run(*command, **environment):
    said = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(plan.__file__).parents[2]), **environment},
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:] + said.stdout[-500:]
    return said.stdout


def test_fhirclient_signs_in_at_the_demo_portal_and_reads(demo):
    said = json.loads(run(sys.executable, "-W", "ignore", "-c", FHIRCLIENT, demo.fhir_base).splitlines()[-1])
    assert said["patient"] == "mina"
    assert said["observations"] > 50
    assert said["others"] == []


def test_smart_fetch_crawls_the_demo_portal(demo, clock, tmp_path):
    wire = Wire()
    portal = Portal(demo.fhir_base, wire=wire)
    scope = "launch/patient openid fhirUser patient/Patient.rs patient/Immunization.rs patient/Condition.rs"
    with Authorization(
        portal.base, discover(portal).smart, client=Client("phr-desktop"), scope=scope, clock=clock, wire=wire
    ) as sign_in:
        browser.sign_in(sign_in.begin(), "mina", "harbor-mina")
        sign_in.wait()
        token = sign_in.exchange().token.access_token
    wire.close()
    (tmp_path / "token").write_text(token)
    types = "Patient,Immunization,Condition"
    run(
        SCRIPTS / "smart-fetch", "crawl", tmp_path / "out", "--fhir-url", demo.fhir_base, "--bearer-token",
        tmp_path / "token", "--type", types, "--id-list", "mina", "--no-compression",
    )  # fmt: skip
    got = Counter()
    for path in (tmp_path / "out").rglob("*.ndjson"):
        read = [json.loads(one) for one in path.read_text("utf-8").splitlines()]
        got.update(one["resourceType"] for one in read if "resourceType" in one)  # without its own log
    for name in types.split(","):
        assert got[name] == len(demo.store.open_to(name, "mina")) > 0
