"""The command line, as a script or a person at a terminal uses it."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import click
import msgspec
import pytest

from phr_desktop.access import Access
from phr_desktop.clock import SystemClock
from phr_desktop.errors import UserFacingError
from phr_desktop.files import fhir_files
from phr_desktop.queries import listing
from phr_desktop.sentences import SENTENCES
from phr_desktop.syncing import Syncing
from phr_desktop.vault.vault import Vault
from tests.command_line import Phr
from tests.corpus import lives
from tests.vaults import CHEAP, PASSPHRASE

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


@pytest.fixture
def mina_file(tmp_path):
    path = tmp_path / "mina.json"
    path.write_bytes(bundle(PATIENT, ASTHMA, REFUTED))
    return path


@pytest.fixture
def with_mina(phr, mina_file):
    phr.json("person", "add", "Mina Satterfield")
    assert phr.json("import", str(mina_file), "--person", "Mina Satterfield") == {
        "added": 3, "updated": 0, "unchanged": 0, "quarantined": 0, "left_out": 0,
    }  # fmt: skip
    return phr


def test_init_makes_a_vault_that_its_recovery_key_opens(monkeypatch, capfdbinary, tmp_path, passphrase_file):
    phr = Phr(monkeypatch, capfdbinary, tmp_path / "new", passphrase_file)
    made = phr.json("init")
    assert made["vault"] == str(tmp_path / "new")
    Vault.unlock_with_recovery_key(tmp_path / "new", made["recovery_key"]).lock()
    assert phr("init") == 1
    assert "already a record" in phr.err


class TestCheck:
    """What the command line says of a vault that is right, older, or damaged."""

    def test_a_vault_that_is_right(self, with_mina):
        found = with_mina.json("check")
        assert {each["name"] for each in found} >= {"history", "header", "pages", "search", "documents"}
        assert all(each["good"] for each in found)
        assert with_mina("check") == 0
        assert b"WRONG" not in with_mina.out

    def test_an_older_copy_is_named_read_and_accepted(self, with_mina, vault_folder):
        database = next(vault_folder.glob("data-*.db"))
        old = database.read_bytes()
        with_mina.json("person", "add", "Leo")
        database.write_bytes(old)
        assert with_mina("check") == 1
        assert b"WRONG  history: This is an older copy of your record." in with_mina.out
        assert with_mina("person", "list") == 0
        assert b"Mina Satterfield" in with_mina.out
        assert "This is an older copy of your record." in with_mina.err
        assert with_mina("person", "add", "Ada") == 1
        assert "nothing new is stored" in with_mina.err
        assert with_mina("reminders") == 0
        assert with_mina("check", "--accept-as-is") == 0
        assert with_mina("check") == 0
        with_mina.json("person", "add", "Ada")

    def test_a_database_that_may_be_newer_is_named_and_kept(self, with_mina, vault_folder):
        other = vault_folder / "data-2-0123456789abcdef.db"
        other.write_bytes(b"newer")
        assert with_mina("person", "list") == 0
        assert "another database, data-2-0123456789abcdef.db" in with_mina.err
        assert with_mina("check") == 1
        assert b"WRONG  files" in with_mina.out
        assert other.exists()

    def test_a_damaged_page_is_named(self, with_mina, vault_folder):
        database = next(vault_folder.glob("data-*.db"))
        content = bytearray(database.read_bytes())
        content[len(content) // 2] ^= 1
        database.write_bytes(content)
        assert with_mina("check") == 1
        assert b"WRONG  pages" in with_mina.out
        assert b"WRONG  history" in with_mina.out


def test_importing_twice_adds_nothing_under_another_file_name_too(with_mina, mina_file):
    renamed = mina_file.with_name("again.json.gz")
    renamed.write_bytes(gzip.compress(mina_file.read_bytes()))
    counts = with_mina.json("import", str(renamed), "--person", "1")
    assert counts == {"added": 0, "updated": 0, "unchanged": 3, "quarantined": 0, "left_out": 0}


def test_list_shows_facts_and_keeps_the_rest_apart(with_mina):
    (row,) = with_mina.json("list", "conditions", "--person", "Mina Satterfield")
    assert (row["title"], row["date"], row["status"], row["fhir_id"], row["person"], row["source"], row["type"]) == (
        "Asthma", "1998", "active", "c1", "Mina Satterfield", "Files", "Condition",
    )  # fmt: skip
    (withdrawn,) = with_mina.json("list", "conditions", "--person", "1", "--withdrawn")
    assert (withdrawn["title"], withdrawn["standing"]) == ("Diabetes", "refuted")
    assert len(with_mina.json("list", "records", "--person", "1")) == 3
    assert len(with_mina.json("list", "records", "--person", "1", "--limit", "2")) == 2


def test_a_line_says_what_is_no_fact_and_tells_no_value_of_it(phr, tmp_path):
    """One line a record, whatever its source wrote; `list records` lists everything, facts or not."""
    lines = listed_lines(
        phr,
        tmp_path,
        {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", "doNotPerform": True,
         "medicationCodeableConcept": {"text": "Ibuprofen 400 MG"}},
        {"resourceType": "Observation", "id": "w", "status": "entered-in-error", "code": {"text": "Potassium"},
         "valueQuantity": {"value": 9.9, "unit": "mmol/L"}},
        {"resourceType": "Observation", "id": "t", "status": "final", "code": {"text": "Biopsy"},
         "valueString": "A. Colon:\n  - no\tcancer"},
        {"resourceType": "Condition", "id": "l", "code": {"text": "Lupus"},
         "verificationStatus": {"coding": [{"code": "unconfirmed"}]}},
        {"resourceType": "Observation", "id": "b", "status": "final", "code": {"text": "Blood pressure"},
         "component": [{"code": {"text": "Systolic"}, "valueQuantity": {"value": 118, "unit": "mmHg"}}]},
    )  # fmt: skip
    assert lines == {
        "Ibuprofen 400 mg  [active]  (not to be done)",
        "Potassium  [entered-in-error]  (withdrawn, entered in error)",
        "Biopsy  A. Colon: - no cancer  [final]",
        "Lupus  (not confirmed)",
        "Blood pressure  Systolic 118 mmHg  [final]",
        "Mina Satterfield",
    }


def listed_lines(phr, tmp_path, *resources) -> set[str]:
    path = tmp_path / "some.json"
    path.write_bytes(bundle(PATIENT, *resources))
    phr.json("person", "add", "Mina Satterfield")
    phr.json("import", str(path), "--person", "1")
    assert phr("list", "records", "--person", "1") == 0
    return {line.split("  ", 2)[2] for line in phr.out.decode().splitlines()}


def test_show_tells_times_by_the_readers_clock_and_keeps_lines_apart(phr, tmp_path):
    report = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": "X-ray"},
              "effectiveDateTime": "2026-08-21T14:05:00Z", "conclusion": "Clear.\nStatus: fine"}  # fmt: skip
    listed_lines(phr, tmp_path, report)
    assert phr("show", "DiagnosticReport/r") == 0
    lines = phr.out.decode().splitlines()
    assert "  Conclusion: Clear." in lines
    assert "    Status: fine" in lines
    assert not [line for line in lines if line.endswith(", UTC")]


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
        counts = phr.json("import", str(two_people), "--person", "1", "--patient", "p1")
        assert (counts["added"], counts["left_out"]) == (3, 2)
        titles = {row["title"] for row in phr.json("list", "records", "--person", "1")}
        assert "Asthma" in titles
        assert "Harbor Clinic" in titles
        assert "Cold" not in titles
        assert phr("import", str(two_people), "--person", "1", "--patient", "p7") == 1


def test_what_an_import_leaves_out_or_lacks_is_said(phr, tmp_path):
    phr.json("person", "add", "Mina Satterfield")
    path = tmp_path / "page.json"
    page = json.loads(bundle(PATIENT, ASTHMA, ASTHMA | {"id": "c9", "subject": {"reference": "Patient/p2"}}))
    path.write_text(json.dumps(page | {"link": [{"relation": "next", "url": "https://a.example/?page=2"}]}))
    assert phr("import", str(path), "--person", "1", "--patient", "p1") == 0
    assert phr.out == b"2 added, 0 updated, 0 unchanged, 0 quarantined, 1 left out\n"
    assert phr.err == SENTENCES["file-one-page"] + "\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's pipes")
def test_a_pipe_can_be_imported(phr, mina_file):
    phr.json("person", "add", "Mina Satterfield")
    reading, writing = os.pipe()
    os.write(writing, mina_file.read_bytes())
    os.close(writing)
    assert phr.json("import", f"/dev/fd/{reading}", "--person", "1")["added"] == 3
    os.close(reading)


def test_a_malformed_entry_is_kept_and_counted_and_the_rest_goes_in(phr, tmp_path):
    phr.json("person", "add", "Mina Satterfield")
    path = tmp_path / "x.ndjson"
    path.write_bytes(
        json.dumps(PATIENT).encode() + b'\n{"resourceType": "Condition", "id": \n' + json.dumps(ASTHMA).encode()
    )
    counts = phr.json("import", str(path), "--person", "1")
    assert counts == {"added": 2, "updated": 0, "unchanged": 0, "quarantined": 1, "left_out": 0}
    (source,) = phr.json("sources")
    assert source["quarantined"] == {"not-json": 1}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"<html></html>", "FHIR"),
        (b"", "FHIR"),
        (gzip.compress(b"{}" * 99, mtime=0)[:20], "damaged"),
        (b"[1, 2]", "FHIR"),
    ],
    ids=["html", "empty", "half a gzip", "a list"],  # never the bytes: workers that disagree on a name run nothing
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
    assert "no record" in phr.err


def test_an_empty_passphrase_is_refused_and_none_is_not_asked_for_where_nobody_can_type(
    phr, passphrase_file, monkeypatch
):
    passphrase_file.write_text("\n")
    assert phr("person", "list") == 1
    assert phr.err == SENTENCES["passphrase-empty"] + "\n"
    monkeypatch.delenv("PHR_PASSPHRASE_FILE")
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr(sys, "stdin", nobody)
        assert phr("person", "list") == 1
    assert phr.err == SENTENCES["no-passphrase"] + "\n"


def test_a_passphrase_file_written_by_a_windows_editor_opens_the_vault(phr, passphrase_file):
    passphrase_file.write_bytes(b"\xef\xbb\xbf" + PASSPHRASE.encode() + b"\r\n")
    assert phr.json("person", "list") == []


def test_options_may_stand_at_every_word(phr):
    for words in (["person", "--json", "list"], ["--json", "person", "list"], ["person", "list", "--json"]):
        assert phr(*words) == 0
        assert json.loads(phr.out) == []
    assert phr("demo-portal", "--json", "--vault", "elsewhere", "--port", "70000") == 2
    assert "70000" in phr.err


def test_an_id_goes_before_a_name_of_digits(phr):
    for name in ("2", "Mina Satterfield"):
        phr.json("person", "add", name)
    phr.json("person", "add", "7")
    phr.json("import", str(_file(phr, "a", {"resourceType": "Condition", "id": "a"})), "--person", "2")
    assert [row["person"] for row in phr.json("list", "records", "--person", "Mina Satterfield")] == [
        "Mina Satterfield"
    ]
    assert phr.json("list", "records", "--person", "7") == []  # nobody's id: the name
    assert phr("list", "records", "--person", "9") == 2


def test_an_accent_is_one_however_it_was_typed(phr):
    composed, in_two = "Jos\u00e9 Quill", "Jose\u0301 Quill"
    assert phr.json("person", "add", in_two)["name"] == composed
    assert phr("person", "add", composed) == 1
    assert phr.json("list", "records", "--person", in_two) == []
    assert phr.json("list", "records", "--person", composed) == []


def test_what_a_source_wrote_is_never_obeyed_by_the_terminal(phr):
    title = "Cold\x1b[2J\x1b]0;owned\x07\u202e\x9b1m\nsecond line"
    noted = {"resourceType": "Condition", "id": "c", "code": {"text": title}, "note": [{"text": title}]}
    path = _file(phr, "escapes", noted)
    phr.json("person", "add", "Mina Satterfield")
    phr.json("import", str(path), "--person", "1")
    for words in (["list", "conditions", "--person", "1"], ["search", "cold"], ["show", "Condition/c"]):
        assert phr(*words) == 0
        shown = phr.out.decode()
        assert "Cold" in shown
        assert not set(shown) & set("\x1b\x07\x9b\u202e")
        assert "\nsecond" not in shown
    assert phr.json("list", "conditions", "--person", "1")[0]["title"].startswith("Cold\x1b")


def _file(phr: Phr, name: str, *resources: dict) -> Path:
    path = phr.folder / f"{name}.json"
    path.write_bytes(bundle(*resources))
    return path


class TestFailures:
    """Every failure ends in words, without the text of an exception, and with the right status."""

    def test_the_unexpected_is_named_by_type_and_place(self, phr, monkeypatch):
        def broken(*_):
            raise ValueError("Mina Satterfield, born 1949")

        monkeypatch.setattr(listing, "everyone", broken)
        assert phr("person", "list") == 1
        assert phr.err.startswith("unexpected ValueError at tests.test_cli.broken:")
        assert "Mina" not in phr.err

    @pytest.mark.parametrize(
        ("words", "status"),
        [
            (["search", "x", "--limit", str(2**63)], 2),
            (["list", "records", "--person", "1", "--limit", str(2**63)], 2),
            (["reminders", "--from", "9999-12-20"], 0),
            (["reminders", "--from", "0001-01-01", "--to", "9999-12-31"], 0),
            (["search", "caf\udce9"], 2),
            (["import", "bad\udcff.json", "--person", "1"], 2),
        ],
    )
    def test_no_word_given_makes_a_traceback(self, with_mina, words, status):
        assert with_mina(*words) == status
        assert "unexpected" not in with_mina.err
        assert (status == 0) == (with_mina.err == "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full")
    @pytest.mark.parametrize("words", [["--json", "person", "list"], ["person", "list"], ["--version"], ["--help"]])
    def test_a_full_disk_under_the_answer_is_said(self, with_mina, words):
        with Path("/dev/full").open("wb") as full:
            done = process(*words, stdout=full)
        assert (done.returncode, done.stderr) == (1, SENTENCES["output-failed"] + "\n")

    @pytest.mark.parametrize("words", [["--json", "person", "list"], ["person", "list"], ["--version"]])
    def test_a_reader_that_has_read_enough_ends_it_quietly(self, with_mina, words):
        reading, writing = os.pipe()
        os.close(reading)
        done = process(*words, stdout=writing)
        os.close(writing)
        assert (done.returncode, done.stderr) == (1, "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full")
    def test_a_vault_whose_recovery_key_nobody_saw_is_not_kept(self, phr, tmp_path, monkeypatch):
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "letter.txt").write_text("a file of the person's own")
        for folder in (tmp_path / "new", tmp_path / "mine"):
            monkeypatch.setenv("PHR_VAULT", str(folder))
            with Path("/dev/full").open("wb") as full:
                done = process("init", stdout=full, before=CHEAP)
            assert (done.returncode, done.stderr) == (1, SENTENCES["recovery-key-not-shown"] + "\n")
        assert not (tmp_path / "new").exists()
        assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


class TestStopping:
    """Ctrl+C."""

    def test_an_import_ends_with_nothing_stored(self, phr, mina_file, monkeypatch):
        def endless(path, *_args, **_choice):
            """The file's entries for ever; after some, the person presses Ctrl+C."""
            batches = list(read_file(path))
            for number, batch in enumerate(itertools.cycle(batches)):
                if number == 700:
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                if number == 500_000:
                    return
                yield batch

        read_file = fhir_files.read_file
        before = signal.getsignal(signal.SIGINT)  # a machine may run its tests with the signal ignored
        phr.json("person", "add", "Mina Satterfield")
        monkeypatch.setattr(fhir_files, "read_file", endless)
        assert phr("--json", "import", str(mina_file), "--person", "1") == 130
        assert phr.err.splitlines()[-1] == SENTENCES["cancelled"]
        assert phr.out == b""
        assert phr.json("list", "records", "--person", "1") == []
        assert signal.getsignal(signal.SIGINT) is before

    def test_a_second_one_ends_it_at_once(self, with_mina):
        stuck = """if True:
            import sys
            from phr_desktop.exchange import Files
            def stuck(*_, **__):
                print("reading", file=sys.stderr, flush=True)
                sys.stdin.read()
            Files.add = stuck
        """
        program = start("import", "x", "--person", "1", before=stuck, stdin=subprocess.PIPE)
        assert program.stderr.readline() == "reading\n"
        for said in ("stopping", "stopped-at-once"):
            program.send_signal(signal.SIGINT)
            assert program.stderr.readline() == "\n"
            assert program.stderr.readline() == SENTENCES[said] + "\n"
        assert program.wait(20) == 130
        for stream in (program.stdin, program.stdout, program.stderr):
            stream.close()

    def test_waiting_for_a_sign_in_ends(self, phr, monkeypatch):
        phr.json("person", "add", "Mina Satterfield")

        def asked(_core, _person, _url, *, cancelled, **_):
            signal.raise_signal(signal.SIGINT)
            assert cancelled()
            raise UserFacingError("cancelled")

        monkeypatch.setattr(Syncing, "connect", asked)
        assert phr("connect", "https://clinic.example/fhir", "--person", "1") == 130
        assert phr.err.splitlines()[-1] == SENTENCES["cancelled"]

    def test_a_sync_says_that_it_was_stopped(self, phr, monkeypatch):
        def asked(_core, _person, *, cancelled):
            signal.raise_signal(signal.SIGINT)
            assert cancelled()
            return ()

        monkeypatch.setattr(Syncing, "sync", asked)
        assert phr("sync") == 130
        assert phr.err.splitlines()[-1] == SENTENCES["sync-stopped"]
        assert phr.out == b""

    def test_anywhere_else_it_ends_in_words(self, phr, monkeypatch):
        def pressed(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(listing, "everyone", pressed)
        assert phr("person", "list") == 130
        assert phr.err.strip() == SENTENCES["cancelled"]


def start(*words: str, before: str = "", **streams) -> subprocess.Popen[str]:
    """`phr` as a process of its own, where this test's environment is."""
    script = f"{before}\nimport sys\nfrom phr_desktop import cli\nsys.argv[0] = 'phr'\ncli.main()"
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen([sys.executable, "-c", script, *words], text=True, env=env, **streams)


def process(*words: str, before: str = "", **streams) -> subprocess.CompletedProcess[str]:
    program = start(*words, before=before, **streams)
    out, err = program.communicate(timeout=60)
    return subprocess.CompletedProcess(words, program.returncode, out, err)


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
    given = {
        (resource["resourceType"], resource["id"]): bytes(entry.resource)
        for entry in msgspec.json.decode(data, type=_Bundle).entry
        for resource in [json.loads(bytes(entry.resource))]
    }
    name = " ".join(life.name.split("_")[:2])
    phr.json("person", "add", name)
    assert phr.json("import", str(life), "--person", name)["added"] == len(given)
    rows = phr.json("list", "records", "--person", name)
    assert all(row["title"].strip() for row in rows)
    vault = Vault.unlock(vault_folder, PASSPHRASE)
    shown = {
        (row["type"], row["fhir_id"]): listing.record_named(vault, SystemClock(), str(row["id"])).record.body
        for row in rows
    }
    vault.lock()
    assert shown == given
    for row in rows[:: max(1, len(rows) // 3)]:
        assert phr("show", str(row["id"]), "--raw") == 0
        assert phr.out == given[row["type"], row["fhir_id"]]


# --- ways into the vault

OTHER = "Ana's own long passphrase"


@pytest.fixture
def new_file(tmp_path):
    path = tmp_path / "new-passphrase"
    path.write_text(OTHER + "\n")
    return path


def test_a_passphrase_is_changed_and_the_old_one_opens_no_more(phr, vault_folder, passphrase_file, new_file):
    assert phr.json("passphrase", "change", "--new-passphrase-file", str(new_file)) == {"changed": True}
    assert phr("person", "list") == 1
    assert phr.err.strip() == SENTENCES["wrong-passphrase"]
    passphrase_file.write_text(OTHER)
    assert phr.json("person", "list") == []


def test_passphrases_are_added_listed_and_removed(phr, new_file):
    assert phr("passphrase", "add", "Ana", "--new-passphrase-file", str(new_file)) == 0
    listed = phr.json("passphrase", "list")
    assert [(each["kind"], each["label"]) for each in listed] == [
        ("passphrase", ""), ("passphrase", "Ana"), ("recovery", ""),
    ]  # fmt: skip
    assert phr("passphrase", "remove", "Ana") == 0
    assert phr("passphrase", "remove", "Ana") == 1
    assert phr.err.strip() == SENTENCES["way-missing"]
    assert phr("passphrase", "remove", listed[0]["id"][:8]) == 1
    assert phr.err.strip() == SENTENCES["last-passphrase"]


def test_the_recovery_key_goes_only_after_the_word_for_it(phr):
    key = next(each for each in phr.json("passphrase", "list") if each["kind"] == "recovery")
    assert phr("passphrase", "remove", key["id"]) == 2
    assert "lost for good" in phr.err or "--yes" in phr.err
    assert phr("passphrase", "remove", key["id"], "--yes") == 0
    assert [each["kind"] for each in phr.json("passphrase", "list")] == ["passphrase"]


def test_a_weak_passphrase_is_said_to_be_weak_with_a_better_one(phr, tmp_path):
    weak = tmp_path / "weak"
    weak.write_text("password1234")
    assert phr("passphrase", "change", "--new-passphrase-file", str(weak)) == 0
    assert "guess" in phr.err
    assert "drawn by lot" in phr.err
    assert "password1234" not in phr.err + phr.out.decode()


def test_a_new_recovery_key_is_in_force_once_it_was_typed_back(phr, monkeypatch, vault_folder):
    assert phr("recovery-key", "new") == 1
    assert phr.err.strip() == SENTENCES["no-terminal"]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    shown: list[str] = []

    def see(access, present):
        key = real(access, present)
        shown[:] = [key]
        return key

    real = Access.new_recovery_key
    monkeypatch.setattr(Access, "new_recovery_key", see)

    def give_up(*_args, **_named):
        raise click.Abort

    monkeypatch.setattr(click, "prompt", give_up)
    assert phr("recovery-key", "new") == 1
    assert phr.err.strip().endswith(SENTENCES["recovery-key-not-typed-back"])
    with pytest.raises(UserFacingError):
        Vault.unlock_with_recovery_key(vault_folder, shown[0])
    asked = iter((lambda: "WRNG", lambda: shown[0].split("-")[2].lower(), lambda: shown[0].split("-")[6]))
    monkeypatch.setattr(click, "prompt", lambda *_args, **_named: next(asked)())
    assert phr("recovery-key", "new") == 0
    assert "That is not it" in phr.err
    Vault.unlock_with_recovery_key(vault_folder, shown[0]).lock()
