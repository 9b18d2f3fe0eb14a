"""The command line as a terminal and a script meet it: help, JSON, letters, passphrase files, Ctrl+C."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import click
import pytest

from phr_desktop.cli.program import phr as program
from phr_desktop.domain.records import Kind
from phr_desktop.sentences import SENTENCES
from tests.command_line import Phr
from tests.test_cli import process, start
from tests.vaults import PASSPHRASE


def every_command(group: click.Group, *words: str):
    """Each verb with the words that call it, groups too."""
    for name, command in group.commands.items():
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, *words, name)


COMMANDS = dict(every_command(program))
# What each verb asks for. The rest of the vault's verbs, which need no more than it, stand with nothing.
ARGUMENTS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("person", "add"): ("Mina",),
    ("import",): ("x.json", "--person", "1"),
    ("connect",): ("https://clinic.example/fhir", "--person", "1"),
    ("list",): ("records", "--person", "1"),
    ("show",): ("1",),
    ("search",): ("x",),
    ("take",): ("x",),
    ("skip",): ("x",),
    ("calendar", "export"): ("x.ics", "--person", "1"),
    ("disconnect",): ("1", "--yes"),
    ("remove-person",): ("1", "--yes"),
    ("remove-source",): ("1", "--yes"),
    ("remove-vault",): ("--yes",),
    ("restore",): ("x.phrbackup",),
    ("passphrase", "add"): ("x",),
    ("passphrase", "remove"): ("x", "--yes"),
}
WITH_A_VAULT = [
    words for words, command in COMMANDS.items()
    if not isinstance(command, click.Group) and words not in (("init",), ("demo-portal",))
]  # fmt: skip
PROMISED = {
    ("init",): (),
    ("person", "add"): (),
    ("person", "list"): (),
    ("import",): ("--person",),
    ("connect",): ("--person", "--no-browser"),
    ("sync",): (),
    ("list",): ("--person", "--limit"),
    ("show",): ("--raw",),
    ("search",): (),
    ("sources",): (),
    ("reminders",): ("--from", "--to"),
    ("demo-portal",): ("--port",),
}
PROMISED_KINDS = (
    "medications appointments results measurements conditions allergies immunizations procedures encounters documents"
    " records"
)


@pytest.mark.parametrize("columns", ["100", "20"])
@pytest.mark.parametrize("words", [(), *COMMANDS], ids=" ".join)
def test_every_verb_says_whole_what_it_does(phr: Phr, monkeypatch, words, columns):
    monkeypatch.setenv("COLUMNS", columns)
    assert phr(*words, "--help") == 0
    assert phr.err == ""
    help_text = phr.out.decode()
    assert not {"...", "%", "TEXT ", "PATH"} & set(help_text.replace("]...", "").replace("S...", "").split())
    assert "..." not in help_text.partition("Commands:")[2]
    command = COMMANDS.get(words, program)
    assert command.help
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert all(each.help for each in options)
    assert {"--vault", "--passphrase-file", "--json"} <= {each.opts[0] for each in options}


def test_what_is_promised_is_there():
    for words, options in PROMISED.items():
        found = {name for each in COMMANDS[words].params for name in each.opts}
        assert set(options) <= found, words
    assert PROMISED_KINDS.split() == [kind.value for kind in Kind]
    told = COMMANDS["list",].help
    assert all(kind in told for kind in Kind)


@pytest.mark.parametrize("words", WITH_A_VAULT, ids=" ".join)
def test_a_failure_is_one_sentence_on_standard_error_alone(phr: Phr, tmp_path, monkeypatch, words):
    monkeypatch.setenv("PHR_VAULT", str(tmp_path / "nowhere"))
    monkeypatch.setenv("PHR_PASSPHRASE_FILE", str(tmp_path / "no-such-file"))
    monkeypatch.chdir(tmp_path)
    assert phr("--json", *words, *ARGUMENTS.get(words, ())) == 1
    assert phr.out == b""
    said = ("vault-missing", "passphrase-file-unreadable", "no-terminal")
    assert phr.err.removesuffix("\n") in {SENTENCES[code] for code in said}
    assert phr("--json", *words, *ARGUMENTS.get(words, ()), "--nonsense") == 2
    assert phr.out == b""
    assert "No such option" in phr.err


@pytest.mark.parametrize(
    "words",
    [
        ("person", "list"), ("list", "records", "--person", "1"), ("search", "x"), ("sources",), ("sync",),
        ("portals",), ("reminders",), ("remind-about",), ("doses",), ("check",), ("passphrase", "list"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_an_empty_record_answers_every_question_with_one_json_value(phr: Phr, words):
    phr.json("person", "add", "Mina Satterfield")
    assert isinstance(phr.json(*words), list)
    assert phr.out.count(b"\n") == 1


def test_the_only_line_of_the_demo_portal_is_one_json_value(monkeypatch, tmp_path):
    portal = start("--json", "demo-portal", stdin=-1)
    told = json.loads(portal.stdout.readline())
    assert told["fhir_base"].startswith("http://127.0.0.1:")
    out, err = portal.communicate("", timeout=30)  # the end of its input ends it
    assert (portal.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize(
    ("environment", "shown"),
    [
        ({"PYTHONIOENCODING": "iso8859-7"}, "Mina \\u0141 \\xb5g"),
        ({"PYTHONIOENCODING": "cp1252"}, "Mina \\u0141 \xb5g"),
        ({"LC_ALL": "C"}, "Mina \u0141 \xb5g"),
    ],
    ids=["greek", "windows", "c"],
)
def test_a_letter_that_the_terminal_does_not_know_is_shown_by_its_number(phr: Phr, monkeypatch, environment, shown):
    phr.json("person", "add", "Mina \u0141 \xb5g")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    encoding = environment.get("PYTHONIOENCODING", "utf-8")
    done = process("person", "list", encoding=encoding)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"1  {shown}\n", "")


# --- the passphrase


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
def test_a_passphrase_file_may_end_as_any_editor_ends_it(phr: Phr, passphrase_file, ending):
    passphrase_file.write_bytes(PASSPHRASE.encode() + ending.encode())
    assert phr.json("person", "list") == []


def test_a_passphrase_file_that_is_none_is_said(phr: Phr, passphrase_file, monkeypatch):
    for content in (b"\xff\xfe\x00x", b"x" * 70_000):
        passphrase_file.write_bytes(content)
        assert phr.answer("person", "list") == (1, None, SENTENCES["passphrase-file-unreadable"] + "\n")
    passphrase_file.unlink()
    assert phr.answer("person", "list") == (1, None, SENTENCES["passphrase-file-unreadable"] + "\n")
    passphrase_file.mkdir()
    assert phr.answer("person", "list")[:2] == (2, None)


def test_a_passphrase_file_of_somebody_else_is_said(phr: Phr, monkeypatch):
    def closed(*_args, **_named):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.open", closed)  # no file is closed to root, who may run this
    assert phr.answer("person", "list") == (1, None, SENTENCES["passphrase-file-unreadable"] + "\n")


def test_the_named_file_counts_and_not_the_environments(phr: Phr, passphrase_file, monkeypatch):
    monkeypatch.setenv("PHR_PASSPHRASE_FILE", "nowhere")
    assert phr.json("--passphrase-file", str(passphrase_file), "person", "list") == []


def test_a_new_passphrase_that_nobody_can_type_is_asked_for_by_its_own_option(phr: Phr, monkeypatch):
    for words in (("passphrase", "change"), ("passphrase", "add", "Ana"), ("rekey",)):
        assert phr.answer(*words) == (1, None, SENTENCES["no-new-passphrase"] + "\n")


# --- files that are not there


def test_a_file_or_a_folder_that_is_not_there_is_named(phr: Phr, tmp_path):
    phr.json("person", "add", "Mina Satterfield")
    missing = str(tmp_path / "none" / "x")
    said = SENTENCES["file-missing"].format(name="x") + "\n"
    for words in (("import", missing, "--person", "1"), ("portals", "--add", missing)):
        assert phr.answer(*words) == (1, None, said)
    status, answer, complaint = phr.answer("calendar", "export", missing, "--person", "1")
    assert (status, answer, complaint) == (1, None, SENTENCES["calendar-folder-missing"] + "\n")


# --- Ctrl+C


def _until_it_waits(process: int) -> None:
    """Until the process sleeps. In the instant between its question and that, Python itself may miss a Ctrl+C."""
    state = Path(f"/proc/{process}/stat")
    while state.exists() and state.read_text().rpartition(")")[2].split()[0] != "S":
        os.sched_yield()


def test_ctrl_c_while_the_program_starts_is_one_line():
    pressed = """if True:
        import sys
        class Pressed:
            def find_spec(self, name, *_):
                if name == "phr_desktop.cli.program":
                    raise KeyboardInterrupt
        sys.meta_path.insert(0, Pressed())
    """
    done = process("person", "list", before=pressed)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"\n{SENTENCES['cancelled']}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of its own")
def test_ctrl_c_at_a_question_ends_it_with_nothing_changed(phr: Phr):
    """Also where it would else ask long work to end whole, and wait for it."""
    phr.json("person", "add", "Mina Satterfield")
    ours, theirs = os.openpty()
    asking = start("remove-person", "1", stdin=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = b""
    while b"to go on" not in said:
        said += os.read(ours, 4096)
    _until_it_waits(asking.pid)
    asking.send_signal(signal.SIGINT)
    assert asking.wait(30) == 130
    asking.stdout.close()
    said = os.read(ours, 4096).decode()
    os.close(ours)
    assert said.split() == SENTENCES["cancelled"].split()
    assert [each["name"] for each in phr.json("person", "list")] == ["Mina Satterfield"]
