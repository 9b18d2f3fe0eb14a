"""The bytes of records: packed with the vault's own dictionary, unchanged when they come back."""

from __future__ import annotations

import os

import pytest

from phr_desktop.vault import bodies, records, sources
from phr_desktop.vault.bodies import PLAIN, ZSTD, Bodies
from phr_desktop.vault.record_writer import RecordWriter
from tests.resources import store

CONDITION = b'{"resourceType":"Condition","id":"c1","code":{"text":"Asthma"},"subject":{"reference":"Patient/p"}}'


@pytest.mark.parametrize("body", [b"", b"{}", CONDITION, CONDITION * 400, os.urandom(3000)])
def test_any_bytes_come_back_unchanged(vault, body):
    def question(db):
        codec, stored = bodies.bodies(db).pack(body)
        assert len(stored) <= len(body)
        return bodies.bodies(db).unpack(codec, stored)

    assert vault.read(question) == body


def test_what_gets_no_smaller_is_kept_as_it_is(vault):
    noise = os.urandom(3000)
    assert vault.read(lambda db: bodies.bodies(db).pack(noise)) == (PLAIN, noise)
    assert vault.read(lambda db: bodies.bodies(db).pack(CONDITION))[0] == ZSTD


def test_a_vault_is_read_with_the_dictionary_that_it_was_made_with(vault, mina, monkeypatch):
    store(vault, mina, [CONDITION])
    monkeypatch.setattr(bodies.paths, "resources", lambda: pytest.fail("asked for the program's own"))
    (found,) = vault.read(lambda db: records.find_by_fhir_id(db, "Condition", "c1"))
    assert vault.read(lambda db: records.body(db, found)) == CONDITION


def test_a_body_packed_elsewhere_for_this_vault_is_stored_as_it_came(vault, mina):
    """A large file's reader packs; the writer must not pack again."""
    from phr_desktop.fhir.extract import extract

    read = extract(CONDITION)

    def verb(db):
        codec, packed = Bodies(bodies.dictionary(db)).pack(CONDITION)
        source = sources.own_source(db, mina, "files", 0)
        writer = RecordWriter(db, person=mina, source=source, now=0, extract_version=1)
        writer.add([read._replace(body=packed, codec=codec)])
        writer.finish()

    vault.write(verb)
    (found,) = vault.read(lambda db: records.find_by_fhir_id(db, "Condition", "c1"))
    assert vault.read(lambda db: records.body(db, found)) == CONDITION
