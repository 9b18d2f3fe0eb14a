"""Reading files: pipes, odd names, packed files, pages, and the child process for large ones."""

from __future__ import annotations

import gzip
import itertools
import json
import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from phr_desktop import paths
from phr_desktop.errors import EnvironmentProblem, UserFacingError
from phr_desktop.files import contents, parsing, reading
from phr_desktop.files.fhir_files import import_files, inspect
from phr_desktop.files.reading import Given, given, read_file
from phr_desktop.files.reading_child import serve
from phr_desktop.vault import quarantine, sources
from phr_desktop.vault.bodies import PLAIN, ZSTD, Bodies

MINA = {
    "resourceType": "Patient", "id": "p1", "birthDate": "1949-05-04",
    "name": [{"family": "Satterfield", "given": ["Mina"]}],
}  # fmt: skip
ASTHMA = {"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}, "code": {"text": "Asthma"}}


def bundle(*entries: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entries, **more}).encode()


def lines(count: int) -> bytes:
    """NDJSON that packs well, like real FHIR."""
    note = "the same words again and again " * 40
    return b"\n".join(json.dumps(ASTHMA | {"id": f"c{n}", "note": [{"text": note}]}).encode() for n in range(count))


posix = pytest.mark.skipif(sys.platform == "win32", reason="needs pipes with names")


@posix
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("patient", [None, "p1"])
def test_a_pipe_is_read_once_and_imported(vault, clock, mina, tmp_path, pack, patient):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = pack(bundle({"resource": MINA}, {"resource": ASTHMA}))
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    assert import_files(vault, clock, [path], mina, patient=patient).applied.added == 2
    writer.join()


@posix
def test_a_pipe_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "MAXIMUM_BYTES", 100_000)
    monkeypatch.setattr(contents, "CHUNK", 4_096)
    with pytest.raises(UserFacingError, match="file-too-large"):
        given(Path("/dev/zero"))


def test_a_large_file_and_a_packed_bomb_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "MAXIMUM_BYTES", 1_000)
    path = tmp_path / "x"
    for content in (b" " * 1_001, gzip.compress(b" " * 1_001), gzip.compress(b"") + gzip.compress(b" " * 1_001)):
        path.write_bytes(content)
        with pytest.raises(UserFacingError, match="file-too-large"):
            inspect([path])


@pytest.mark.parametrize("name", ["n" * 300, "a\0b", "folder", "folder/x/y"])
def test_names_that_cannot_be_files_are_said(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises((EnvironmentProblem, UserFacingError)) as refused:
        inspect([tmp_path / name])
    assert refused.value.code in ("file-unreadable", "file-missing")


@posix
def test_a_loop_of_links_and_bytes_that_are_no_text_are_said(tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(EnvironmentProblem, match="file-unreadable"):
        inspect([loop])
    with pytest.raises(UserFacingError) as refused:
        inspect([tmp_path / "bad\udcff"])
    str(refused.value.parameters["name"]).encode()


def test_outcomes_and_deletions_are_no_records(vault, clock, mina, tmp_path):
    path = tmp_path / "search.json"
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "x"}]}
    path.write_bytes(
        bundle(
            {"resource": outcome, "search": {"mode": "outcome"}},
            {"resource": MINA, "search": {"mode": "match"}},
            {"request": {"method": "DELETE", "url": "Condition/c1"}},
            {"resource": None},
        )
    )
    report = import_files(vault, clock, [path], mina)
    assert (report.applied.added, report.applied.quarantined, report.pages) == (1, 1, 0)
    assert inspect([path]).malformed == 1


def test_a_damaged_entry_goes_to_quarantine_and_the_rest_goes_in(vault, clock, mina, tmp_path):
    path = tmp_path / "damaged.json"
    path.write_bytes(bundle({"resource": MINA}, {"resource": ASTHMA | {"id": "lone \udc00"}}, {"resource": ASTHMA}))
    report = import_files(vault, clock, [path], mina)
    assert (report.applied.added, report.applied.quarantined) == (2, 1)

    def held(db):
        return quarantine.of_source(db, sources.own_source(db, mina, "files", 0))

    (one,) = vault.write(held)
    assert (one.reason, b"\\udc00" in one.body, b"Mina" in one.body) == ("not-json", True, False)


@pytest.mark.parametrize("count", [3, 9_000])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_page_of_several_is_told_also_by_the_child(tmp_path, count, pack):
    path = tmp_path / "page.json"
    link = [{"relation": "next", "url": "https://a.example/?page=2"}]
    entries = [{"resource": json.loads(line)} for line in lines(count).splitlines()]
    path.write_bytes(pack(bundle(*entries, link=link)))
    told: list[str] = []
    assert sum(batch.size for batch in read_file(Given(path), lambda: told.append("page"))) == count
    assert told == ["page"]


def test_a_packed_file_is_as_large_as_it_is_unpacked(tmp_path):
    path = tmp_path / "packed"
    path.write_bytes(gzip.compress(lines(9_000)))
    assert path.stat().st_size * 10 < reading.IN_PROCESS_BYTES  # FHIR packs better than ten to one
    assert contents.is_large(path, reading.IN_PROCESS_BYTES)
    for small in (gzip.compress(lines(3)), b"\x1f\x8b", b""):
        path.write_bytes(small)
        assert not contents.is_large(path, reading.IN_PROCESS_BYTES)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the system how full a pipe is")
@pytest.mark.parametrize(("wide", "told"), [(True, [ZSTD, PLAIN, ZSTD]), (False, [ZSTD])])
def test_the_child_packs_only_while_the_one_who_stores_has_enough_to_do(tmp_path, wide, told):
    path = tmp_path / "large.json"
    path.write_bytes(bundle(*({"resource": ASTHMA | {"id": f"c{n}"}} for n in range(1_800))))
    dictionary = (paths.resources() / "fhir.zdict").read_bytes()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    assert not wide or reading._widen(ours)
    child = context.Process(target=serve, args=(path, 0, parsing.read_head(path).stamp, dictionary, False, theirs))
    child.start()
    if wide:
        child.join()  # all of it has room in the pipe
    received = reading._received(iter(ours.recv_bytes, None), lambda: None)
    found = [one for batch in received for one in batch.plain]
    child.join()
    ours.close()
    theirs.close()
    packed = Bodies(dictionary)
    assert [json.loads(packed.unpack(one.codec, one.body))["id"] for one in found] == [f"c{n}" for n in range(1_800)]
    codecs = [codec for codec, _ in itertools.groupby(one.codec for one in found)]
    assert codecs == told  # before it asked for the first time, while little was waiting, and then


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_child_leaves_no_core_and_outlives_ctrl_c(tmp_path):
    path = tmp_path / "large.ndjson"
    path.write_bytes(lines(9_000))
    batches = read_file(Given(path))
    already = next(batches).size
    (child,) = multiprocessing.active_children()
    status = Path(f"/proc/{child.pid}/status").read_text()
    ignored = int(status.partition("SigIgn:")[2].split()[0], 16)
    assert ignored & (1 << (signal.SIGINT - 1))
    limits = Path(f"/proc/{child.pid}/limits").read_text().partition("Max core file size")[2].split()
    assert limits[:2] == ["0", "0"]
    os.kill(child.pid, signal.SIGINT)
    assert already + sum(batch.size for batch in batches) == 9_000
    assert multiprocessing.active_children() == []


def test_a_damaged_large_file_is_said_by_the_child(tmp_path):
    path = tmp_path / "large.json"
    path.write_bytes(b'{"resourceType":"Bundle","entry":[' + lines(9_000).replace(b"\n", b","))
    with pytest.raises(UserFacingError, match="file-broken"):
        list(read_file(Given(path)))


@pytest.mark.parametrize("pipe", ["as it is", "narrow"])
def test_a_large_bundle_comes_in_its_order_from_both_processes(tmp_path, monkeypatch, pipe):
    if pipe == "narrow":  # as on systems that widen none
        monkeypatch.setattr(reading, "_widen", lambda _connection: False)
    path = tmp_path / "large.json"
    entries = [{"resource": json.loads(line)} for line in lines(9_000).splitlines()]
    path.write_bytes(bundle(*entries))
    started: list[int] = []
    monkeypatch.setattr(reading, "read_head", lambda at: _noted(started, parsing.read_head(at)))
    read = [one.fhir_id for batch in read_file(Given(path)) for one in batch.plain]
    assert read == [f"c{n}" for n in range(9_000)]
    assert 0 < started[0] < 9_000


def test_both_processes_keep_the_full_urls_that_are_asked_for(tmp_path):
    """One patient is taken out of a file of several by them: what refers to what."""
    path = tmp_path / "large.json"
    entries = [
        {"fullUrl": f"urn:uuid:{n}", "resource": json.loads(line)} for n, line in enumerate(lines(9_000).splitlines())
    ]
    path.write_bytes(bundle(*entries))
    read = list(read_file(Given(path), full_urls=True))
    assert [one.full_url for batch in read for one in batch.others] == [f"urn:uuid:{n}" for n in range(9_000)]
    assert not any(batch.plain for batch in read)


def _noted(started: list[int], head: parsing.Head) -> parsing.Head:
    started.append(len(head.entries))
    return head


@pytest.mark.parametrize("name", ["large.json", pytest.param("bad\udcff", marks=posix)])
def test_a_file_that_changes_before_the_child_opens_it_is_refused(tmp_path, monkeypatch, name):
    path = tmp_path / name
    entries = [{"resource": json.loads(line)} for line in lines(9_000).splitlines()]
    path.write_bytes(bundle(*entries))

    def changed(at: Path) -> parsing.Head:
        head = parsing.read_head(at)
        at.write_bytes(bundle(*entries, {"resource": ASTHMA}))
        return head

    monkeypatch.setattr(reading, "read_head", changed)
    with pytest.raises(UserFacingError, match="file-changed"):
        list(read_file(Given(path)))
