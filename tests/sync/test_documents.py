"""Contents of documents: stored as they come, gone on with where they were cut, capped."""

from __future__ import annotations

import hashlib
import re

import pytest

from phr_desktop.sync import documents
from phr_desktop.vault import attachments, records
from tests.sync.fake_portal import CUT, Connection, faking, resource
from tests.sync.sockets import http

BIG = bytes(range(256)) * 4 * 1024 * 3  # 3 MiB
ETAG = '"v1"'


class Shelf:
    """A portal's large document: `cuts` are how many bytes each answer gives before it breaks off; then all."""

    def __init__(self, body: bytes = BIG) -> None:
        self.body, self.etag, self.cuts = body, ETAG, []
        self.ranges = True
        self.asked: list[tuple[str | None, str | None]] = []
        self.head = b""

    def answer(self, head: bytes) -> bytes:
        wanted = re.search(rb"\r\nRange: (bytes=(\d+)-)\r\n", head)
        match = re.search(rb"\r\nIf-Range: (.*?)\r\n", head)
        self.asked.append((wanted and wanted[1].decode(), match and match[1].decode()))
        start = int(wanted[2]) if wanted and self.ranges and match and match[1].decode() == self.etag else 0
        more = {"ETag": self.etag} if self.etag else {}
        if start:
            more["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        whole = http(self.body[start:], "206 Partial Content" if start else "200 OK", "application/pdf", **more)
        if not self.cuts:
            return whole
        return CUT + whole[: len(whole) - len(self.body) + start + self.cuts.pop(0)]


@pytest.fixture
def portal():
    with faking() as fake:
        fake.offered = ["Patient", "DocumentReference", "Binary"]
        fake.types["DocumentReference"] = [
            resource(
                "DocumentReference",
                "d1",
                content=[{"attachment": {"url": "Binary/b1", "contentType": "application/pdf"}}],
            )
        ]
        yield fake


@pytest.fixture
def shelf(portal):
    found = Shelf()
    plain = portal._answer

    def answer(path, query, head):
        return found.answer(head) if path == "/fhir/Binary/b1" else plain(path, query, head)

    portal._answer = answer
    speak = portal.speak

    def cut_too(connection, head):
        class Cutting:
            def sendall(self, data):
                connection.sendall(data.removeprefix(CUT))
                if data.startswith(CUT):
                    connection.shutdown(2)

            def shutdown(self, how):
                connection.shutdown(how)

        speak(Cutting(), head)

    portal.server._script = cut_too
    return found


@pytest.fixture
def connection(vault, clock, mina, portal):
    return Connection(vault, clock, mina, portal)


def content(connection):
    def question(db):
        row = records.find_reference(db, connection.source, "DocumentReference", "d1")
        one = attachments.of_record(db, row)[0]
        return one.problem if one.hash is None else attachments.content(db, one.hash)

    return connection.vault.read(question)


def parts(connection):
    return connection.vault.read(lambda db: db.value("SELECT count(*) FROM attachment_parts"))


def test_a_large_document_is_stored_as_it_comes(connection, shelf):
    connection.sync()
    assert content(connection) == BIG
    assert parts(connection) == 0
    digest = connection.vault.read(lambda db: bytes(db.value("SELECT hash FROM attachments")))
    assert digest == hashlib.sha256(BIG).digest()
    shelf.asked.clear()
    connection.sync()
    assert shelf.asked == []


def test_a_document_that_is_cut_goes_on_where_it_stopped(connection, shelf):
    shelf.cuts = [1_500_000, 700_001]
    connection.sync()
    assert content(connection) == BIG
    starts = [int(asked[0].removeprefix("bytes=").rstrip("-")) for asked in shelf.asked[1:]]
    assert starts == sorted(starts)
    assert starts[0] > 1_000_000
    assert {asked[1] for asked in shelf.asked[1:]} == {ETAG}


def test_a_document_that_is_cut_again_and_again_goes_on_the_next_day(connection, shelf):
    shelf.cuts = [1_200_000, 100_000, 100_000]
    connection.sync()
    assert content(connection) == "portal-cut"
    assert parts(connection) >= 1
    shelf.asked.clear()
    connection.sync()
    assert content(connection) == BIG
    assert len(shelf.asked) == 1
    assert shelf.asked[0][0] is not None
    assert parts(connection) == 0


def test_another_version_starts_anew(connection, shelf):
    shelf.cuts = [1_200_000, 10, 10]
    connection.sync()
    shelf.body, shelf.etag = BIG[::-1], '"v2"'
    connection.sync()
    assert content(connection) == BIG[::-1]


@pytest.mark.parametrize("etag", ["", 'W/"v1"'])
def test_without_a_sure_version_nothing_is_put_together(connection, shelf, etag):
    shelf.etag = etag
    shelf.cuts = [1_200_000]
    connection.sync()
    assert content(connection) == BIG
    assert all(asked == (None, None) for asked in shelf.asked)


def test_a_portal_that_knows_no_ranges_is_asked_for_the_whole(connection, shelf):
    shelf.ranges = False
    shelf.cuts = [1_200_000]
    connection.sync()
    assert content(connection) == BIG


def test_a_document_over_the_cap_is_not_kept(connection, shelf, monkeypatch):
    monkeypatch.setattr(documents, "MOST_BYTES", 2 * 1024 * 1024)
    connection.sync()
    assert content(connection) == "portal-too-large"


def test_an_xml_document_is_no_hotels_page_and_a_hotels_page_is_no_document(connection, shelf):
    shelf.body = b"<html>Hotel"
    assert connection.sync().problem == "captive-portal"
    assert content(connection) is None
    shelf.body = b'<?xml version="1.0"?><ClinicalDocument/>'
    shelf.etag = '"v3"'
    assert connection.sync().problem is None
    assert content(connection) == shelf.body
