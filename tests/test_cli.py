"""The command line, as a script or a person at a terminal uses it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from phr_desktop import cli, compose
from phr_desktop.vault import keys
from phr_desktop.vault.vault import Vault
from tests.corpus import lives
from tests.vaults import PASSPHRASE

PATIENT = {
    "resourceType": "Patient", "id": "p1", "birthDate": "1949-05-04",
    "name": [{"family": "Satterfield", "given": ["Mina"]}],
}  # fmt: skip
ASTHMA = {
    "resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}, "code": {"text": "Asthma"},
    "clinicalStatus": {"coding": [{"code": "active"}]}, "onsetDateTime": "1998",
}  # fmt: skip
REFUTED = {
    "resourceType": "Condition", "id": "c2", "subject": {"reference": "Patient/p1"}, "code": {"text": "Diabetes"},
    "verificationStatus": {"coding": [{"code": "refuted"}]}, "onsetDateTime": "2001-02-03",
}  # fmt: skip


def bundle(*resources: dict) -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    ).encode()


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Bundle(msgspec.Struct):
    entry: list[_Entry]


class Phr:
    """Runs `phr` in this process; keeps what it said."""

    def __init__(self, monkeypatch, capfdbinary, folder: Path, passphrase_file: Path) -> None:
        self._monkeypatch = monkeypatch
        self._capture = capfdbinary
        monkeypatch.setenv("PHR_VAULT", str(folder))
        monkeypatch.setenv("PHR_PASSPHRASE_FILE", str(passphrase_file))

    def __call__(self, *words: str) -> int:
        self._monkeypatch.setattr(sys, "argv", ["phr", *words])
        status = 0
        try:
            cli.main()
        except SystemExit as ending:
            status = int(ending.code or 0)
        captured = self._capture.readouterr()
        self.out, self.err = captured.out, captured.err.decode()
        return status

    def json(self, *words: str):
        assert self("--json", *words) == 0, self.err
        assert self.err == ""
        return json.loads(self.out)


@pytest.fixture
def passphrase_file(tmp_path):
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    return path


@pytest.fixture
def phr(monkeypatch, capfdbinary, vault_folder, passphrase_file):
    return Phr(monkeypatch, capfdbinary, vault_folder, passphrase_file)


@pytest.fixture
def mina_file(tmp_path):
    path = tmp_path / "mina.json"
    path.write_bytes(bundle(PATIENT, ASTHMA, REFUTED))
    return path


@pytest.fixture
def with_mina(phr, mina_file):
    phr.json("person", "add", "Mina Satterfield")
    assert phr.json("import", str(mina_file), "--person", "Mina Satterfield") == {
        "added": 3, "updated": 0, "unchanged": 0, "quarantined": 0,
    }  # fmt: skip
    return phr


def test_init_makes_a_vault_that_its_recovery_key_opens(monkeypatch, capfdbinary, tmp_path, passphrase_file):
    phr = Phr(monkeypatch, capfdbinary, tmp_path / "new", passphrase_file)
    monkeypatch.setattr(compose.Core.__init__, "__kwdefaults__", {"kdf": keys.FLOOR})
    made = phr.json("init")
    assert made["vault"] == str(tmp_path / "new")
    Vault.unlock_with_recovery_key(tmp_path / "new", made["recovery_key"]).lock()
    assert phr("init") == 1
    assert "already a vault" in phr.err


def test_importing_twice_adds_nothing_under_another_file_name_too(with_mina, mina_file):
    renamed = mina_file.with_name("again.json.gz")
    renamed.write_bytes(gzip.compress(mina_file.read_bytes()))
    counts = with_mina.json("import", str(renamed), "--person", "1")
    assert counts == {"added": 0, "updated": 0, "unchanged": 3, "quarantined": 0}


def test_list_shows_facts_and_keeps_the_rest_apart(with_mina):
    (row,) = with_mina.json("list", "conditions", "--person", "Mina Satterfield")
    assert (row["title"], row["date"], row["status"], row["fhir_id"], row["person"], row["source"], row["type"]) == (
        "Asthma", "1998", "active", "c1", "Mina Satterfield", "Files", "Condition",
    )  # fmt: skip
    (withdrawn,) = with_mina.json("list", "conditions", "--person", "1", "--withdrawn")
    assert (withdrawn["title"], withdrawn["standing"]) == ("Diabetes", "refuted")
    assert len(with_mina.json("list", "records", "--person", "1")) == 3
    assert len(with_mina.json("list", "records", "--person", "1", "--limit", "2")) == 2


def test_show_raw_gives_the_sources_bytes_back(with_mina):
    assert with_mina("show", "Condition/c1", "--raw") == 0
    assert with_mina.out == json.dumps(ASTHMA).encode()
    shown = with_mina.json("show", "Condition/c1")
    assert shown["resource"] == ASTHMA
    assert with_mina("show", str(shown["id"])) == 0
    assert "Asthma" in with_mina.out.decode()
    assert with_mina("show", "Condition/nothing") == 1
    assert with_mina.out == b""


def test_search_finds_by_the_start_of_words(with_mina):
    assert [row["title"] for row in with_mina.json("search", "asth")] == ["Asthma"]
    assert with_mina.json("search", "nothing-such") == []


def test_the_birth_date_is_taken_from_a_file_that_names_the_same_person(with_mina):
    assert with_mina.json("person", "list") == [
        {"id": 1, "name": "Mina Satterfield", "birth_date": "1949-05-04", "relation": None}
    ]


class TestWhoseData:
    def test_another_name_stops(self, phr, mina_file):
        phr.json("person", "add", "Leo Quill")
        assert phr("import", str(mina_file), "--person", "Leo Quill") == 1
        assert "Mina Satterfield" in phr.err
        assert phr.out == b""
        assert phr.json("list", "records", "--person", "1") == []
        counts = phr.json("import", str(mina_file), "--person", "1", "--accept-name-mismatch")
        assert counts["added"] == 3

    def test_another_birth_date_stops(self, phr, mina_file):
        phr.json("person", "add", "Mina Satterfield", "--birth-date", "1949-05-05")
        assert phr("import", str(mina_file), "--person", "1") == 1
        assert phr.json("list", "records", "--person", "1") == []

    @pytest.fixture
    def two_people(self, tmp_path):
        other = PATIENT | {"id": "p2", "name": [{"family": "Quill", "given": ["Leo"]}]}
        cold = ASTHMA | {"id": "c9", "subject": {"reference": "Patient/p2"}, "code": {"text": "Cold"}}
        place = {"resourceType": "Location", "id": "l", "name": "Harbor Clinic"}
        path = tmp_path / "two.ndjson"
        path.write_bytes(b"\n".join(json.dumps(r).encode() for r in (PATIENT, other, ASTHMA, cold, place)))
        return path

    def test_several_people_in_a_file_stop(self, phr, two_people):
        phr.json("person", "add", "Mina Satterfield")
        assert phr("import", str(two_people), "--person", "1") == 1
        assert "--patient" in phr.err
        assert phr.json("list", "records", "--person", "1") == []

    def test_one_of_them_can_be_chosen(self, phr, two_people):
        phr.json("person", "add", "Mina Satterfield")
        assert phr.json("import", str(two_people), "--person", "1", "--patient", "p1")["added"] == 3
        titles = {row["title"] for row in phr.json("list", "records", "--person", "1")}
        assert "Asthma" in titles
        assert "Harbor Clinic" in titles
        assert "Cold" not in titles
        assert phr("import", str(two_people), "--person", "1", "--patient", "p7") == 1


def test_a_malformed_entry_is_kept_and_counted_and_the_rest_goes_in(phr, tmp_path):
    phr.json("person", "add", "Mina Satterfield")
    path = tmp_path / "x.ndjson"
    path.write_bytes(
        json.dumps(PATIENT).encode() + b'\n{"resourceType": "Condition", "id": \n' + json.dumps(ASTHMA).encode()
    )
    counts = phr.json("import", str(path), "--person", "1")
    assert counts == {"added": 2, "updated": 0, "unchanged": 0, "quarantined": 1}
    (source,) = phr.json("sources")
    assert source["quarantined"] == {"not-json": 1}


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"<html></html>", "FHIR"), (b"", "FHIR"), (gzip.compress(b"{}" * 99)[:20], "damaged"), (b"[1, 2]", "FHIR")],
)
def test_rubbish_is_refused_in_plain_words(phr, tmp_path, content, word):
    phr.json("person", "add", "Mina Satterfield")
    path = tmp_path / "rubbish.json"
    path.write_bytes(content)
    assert phr("--json", "import", str(path), "--person", "1") == 1
    assert word in phr.err
    assert phr.out == b""
    assert "Traceback" not in phr.err


def test_options_may_stand_before_or_after_the_verb(with_mina, vault_folder, passphrase_file, monkeypatch):
    monkeypatch.delenv("PHR_VAULT")
    monkeypatch.delenv("PHR_PASSPHRASE_FILE")
    words = ["--vault", str(vault_folder), "--passphrase-file", str(passphrase_file), "--json"]
    assert with_mina(*words, "person", "list") == 0
    before = with_mina.out
    assert with_mina("person", "list", *words) == 0
    assert with_mina.out == before
    assert json.loads(before)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["list", "conditions", "--person", "Nobody"], 2),
        (["list", "nonsense", "--person", "1"], 2),
        (["import"], 2),
        (["show", "424242"], 1),
        (["reminders", "--from", "2026-02-30"], 2),
    ],
)
def test_wrong_use_is_2_and_a_problem_is_1(with_mina, words, status):
    assert with_mina("--json", *words) == status
    assert with_mina.out == b""
    assert with_mina.err


def test_a_wrong_passphrase_and_a_missing_vault_are_said(phr, passphrase_file, tmp_path, monkeypatch):
    passphrase_file.write_text("not the passphrase")
    assert phr("person", "list") == 1
    assert "passphrase" in phr.err
    monkeypatch.setenv("PHR_VAULT", str(tmp_path / "nowhere"))
    assert phr("person", "list") == 1
    assert "no vault" in phr.err


def test_the_installed_command_says_its_version():
    command = Path(sys.executable).with_name("phr")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("phr, version ")


def test_the_command_line_imports_no_qt():
    script = "import sys, phr_desktop.cli; print(sorted(m for m in sys.modules if m.split('.')[0] in "
    script += "('PySide6', 'requests', 'flask', 'authlib', 'apscheduler', 'numpy')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.corpus
@pytest.mark.parametrize("life", lives(), ids=lambda path: path.name)
def test_a_whole_life_comes_in_and_goes_out_with_no_resource_lost(phr, vault_folder, life):
    data = gzip.decompress(life.read_bytes())
    given = {(e["resource"]["resourceType"], e["resource"]["id"]) for e in json.loads(data)["entry"]}

    raws = {bytes(entry.resource) for entry in msgspec.json.decode(data, type=_Bundle).entry}
    name = " ".join(life.name.split("_")[:2])
    phr.json("person", "add", name)
    assert phr.json("import", str(life), "--person", name)["added"] == len(given)
    rows = phr.json("list", "records", "--person", name)
    assert {(row["type"], row["fhir_id"]) for row in rows} == given
    assert all(row["title"].strip() for row in rows)
    for row in rows[:: max(1, len(rows) // 12)]:
        assert phr("show", str(row["id"]), "--raw") == 0
        assert phr.out in raws
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    stored = vault.read(lambda db: {bytes(row[0]) for row in db.rows("SELECT body FROM records")})
    vault.lock()
    assert stored == raws
