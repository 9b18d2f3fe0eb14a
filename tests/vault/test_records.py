"""Storing records: nothing twice, nothing lost, the old value kept."""

from __future__ import annotations

import hashlib
import json

import pytest

from phr_desktop.domain.people import SourceKind
from phr_desktop.domain.records import AttachmentLink, Extracted, Kind, ObservationValue, Standing
from phr_desktop.domain.reports import Applied
from phr_desktop.errors import UserFacingError
from phr_desktop.vault import attachments, bodies, connection, quarantine, records, sources
from phr_desktop.vault.record_writer import RecordWriter

DAY = 86400
WORDS = ("former", "later")


def extracted(
    identity="1", *, type_name="Condition", kind=Kind.CONDITIONS, title="Asthma", date_utc=DAY, **more
) -> Extracted:
    values = {
        "version_id": None, "last_updated": None, "date": "1970-01-02", "date_precision": "day",
        "zone": None, "status": "active", "standing": int(Standing.STATED), "system": "s", "code": "c",
        "category": None, "text": title, "subject": None, "values": (), "attachments": (), "codec": 0,
    } | more  # fmt: skip
    body = values.pop("body", f'{{"id": "{identity}", "title": "{title}"}}'.encode())
    digest = hashlib.sha256(body).digest()
    return Extracted(
        type=type_name, identity=identity, kind=kind, title=title, date_utc=date_utc, content_hash=digest,
        body=body, **values
    )  # fmt: skip


@pytest.fixture
def source(vault, mina):
    return vault.write(lambda db: sources.own_source(db, mina, SourceKind.FILES, 0))


@pytest.fixture
def store(vault, mina, source):
    def store(*batch: Extracted, now: int = 100, **more) -> Applied:
        def verb(db):
            writer = RecordWriter(db, person=mina, source=source, now=now, extract_version=1, **more)
            writer.add(batch)
            return writer.finish()

        return vault.write(verb)

    return store


def shown(vault, person, kind=Kind.CONDITIONS, **more):
    return vault.read(lambda db: records.rows(db, records.ids_of_kind(db, person, kind, **more)))


def test_importing_twice_adds_nothing(vault, mina, store):
    batch = [extracted(str(n)) for n in range(1200)]
    assert store(*batch) == Applied(added=1200)
    assert store(*batch) == Applied(unchanged=1200)
    assert len(shown(vault, mina)) == 1200


def test_a_change_replaces_columns_and_keeps_the_former_bytes(vault, mina, store):
    store(extracted("1", title="Asthma"))
    assert store(extracted("1", title="Severe asthma", date_utc=5 * DAY), now=200) == Applied(updated=1)
    (row,) = shown(vault, mina)
    assert (row.title, row.changed_at, row.received_at) == ("Severe asthma", 200, 100)
    assert vault.read(lambda db: records.versions(db, row.id)) == [(200, None, extracted("1", title="Asthma").body)]
    for words in ("severe", "asthma"):
        hits = vault.read(lambda db, words=words: records.search(db, words, person=mina, limit=9))
        assert [hit.row.id for hit in hits] == [row.id]


@pytest.mark.parametrize("times", [1, 2])
def test_the_last_of_a_repeated_identity_stands_and_none_is_lost(vault, mina, store, times):
    batch = [extracted("1", title="A"), extracted("2"), extracted("1", title="B"), extracted("1", title="A")]
    for _ in range(times):
        store(*batch)
    titles = {row.fhir_id: row.title for row in shown(vault, mina)}
    assert titles == {"1": "A", "2": "Asthma"}
    one = next(row.id for row in shown(vault, mina) if row.fhir_id == "1")
    kept = {body for *_, body in vault.read(lambda db: records.versions(db, one))}
    assert extracted("1", title="B").body in kept


@pytest.mark.parametrize("between", [0, 3_000])
def test_a_record_changed_within_one_import_is_found_by_its_last_words_only(vault, mina, store, between):
    rest = [extracted(str(n), type_name="Observation") for n in range(between)]
    store(extracted("1", title="Former"), *rest, extracted("1", title="Later"))
    found = {word: vault.read(lambda db, word=word: records.search(db, word, person=mina, limit=9)) for word in WORDS}
    assert {word: [hit.row.title for hit in hits] for word, hits in found.items()} == {"former": [], "later": ["Later"]}


def test_a_whole_import_given_twice_at_once_adds_each_record_once(vault, mina, store):
    batch = [extracted(str(n)) for n in range(3)]
    assert store(*batch, *batch) == Applied(added=3, unchanged=3)
    assert len(shown(vault, mina)) == 3


def title_and_versions(vault, mina):
    (row,) = shown(vault, mina)
    kept = vault.read(lambda db: records.versions(db, row.id))
    return row.title, [json.loads(body)["title"] for *_, body in kept]


class TestFilesInAnyOrder:
    @pytest.fixture
    def add(self, store):
        return lambda *batch: store(*batch, in_any_order=True)

    def test_an_older_file_turns_nothing_back_and_is_kept(self, vault, mina, add):
        new = extracted(title="Cured", last_updated="2026-03-01T00:00:00Z")
        old = extracted(title="Ill", last_updated="2026-03-01T00:30:00+02:00")
        add(new)
        for _ in range(2):
            assert add(old) == Applied(unchanged=1)
            assert title_and_versions(vault, mina) == ("Cured", ["Ill"])

    def test_an_older_file_whose_bodies_came_packed_is_kept_as_it_was(self, vault, mina, add):
        add(extracted(title="Cured", last_updated="2026-03-01T00:00:00Z"))
        long = "Ill for many days" * 20
        old = extracted(title=long, last_updated="2026-02-01T00:00:00Z")
        codec, body = vault.read(bodies.bodies).pack(old.body)
        assert codec == bodies.ZSTD
        add(old._replace(codec=codec, body=body))
        assert title_and_versions(vault, mina) == ("Cured", [long])

    def test_a_newer_file_replaces(self, vault, mina, add):
        add(extracted(title="Ill", last_updated="2026-03-01T00:00:00Z"))
        assert add(extracted(title="Cured", last_updated="2026-03-01T00:00:01Z")) == Applied(updated=1)
        assert title_and_versions(vault, mina) == ("Cured", ["Ill"])

    def test_the_newest_time_of_equal_content_counts(self, vault, mina, add):
        for month in (1, 5, 3):
            add(extracted(title="Cured", last_updated=f"2026-0{month}-01T00:00:00Z"))
        assert add(extracted(title="Ill", last_updated="2026-04-01T00:00:00Z")) == Applied(unchanged=1)
        assert title_and_versions(vault, mina) == ("Cured", ["Ill"])

    @pytest.mark.parametrize("when", [None, "2026", "2026-03-01T00:00:00", "yesterday"])
    def test_what_tells_no_time_is_taken_as_the_newest(self, vault, mina, add, when):
        add(extracted(title="Ill", last_updated="2026-03-01T00:00:00Z"))
        assert add(extracted(title="Cured", last_updated=when)) == Applied(updated=1)

    @pytest.mark.parametrize("far", [0, 1200])
    def test_a_repeated_identity_settles_at_the_second_time(self, vault, mina, add, far):
        between = [extracted(f"x{n}", kind=Kind.ALLERGIES) for n in range(far)]
        batch = [extracted(title="A"), *between, extracted(title="B"), *between, extracted(title="C")]
        add(*batch)
        assert title_and_versions(vault, mina) == ("C", ["B", "A"])
        for _ in range(2):
            assert add(*batch) == Applied(unchanged=3 + 2 * far)
            assert title_and_versions(vault, mina) == ("C", ["B", "A"])

    def test_a_source_that_goes_back_to_what_it_said_is_believed(self, vault, mina, add):
        active, held = extracted(title="active"), extracted(title="on hold")
        add(active)
        add(held)
        assert add(active) == Applied(updated=1)
        assert title_and_versions(vault, mina) == ("active", ["on hold", "active"])
        for _ in range(3):
            add(held)
            add(active)
        assert len(title_and_versions(vault, mina)[1]) == 2

    def test_a_portal_is_believed_whatever_its_clock_says(self, vault, mina, store):
        store(extracted(title="Cured", last_updated="2026-03-01T00:00:00Z"))
        assert store(extracted(title="Ill", last_updated="2026-02-01T00:00:00Z")) == Applied(updated=1)


def test_what_is_not_a_fact_is_never_in_a_list_of_facts(vault, mina, store):
    store(*[extracted(str(int(standing)), standing=int(standing)) for standing in Standing])
    assert [row.standing for row in shown(vault, mina)] == [Standing.STATED]
    assert {row.standing for row in shown(vault, mina, facts=False)} == set(Standing) - {Standing.STATED}
    assert len(shown(vault, mina, Kind.RECORDS)) == len(Standing)


def test_newest_first_and_undated_last(vault, mina, store):
    store(
        extracted("old", date_utc=-400 * DAY),
        extracted("none", date_utc=None, date=None),
        extracted("new", date_utc=9 * DAY),
    )
    assert [row.fhir_id for row in shown(vault, mina)] == ["new", "old", "none"]
    hits = vault.read(lambda db: records.search(db, "asth", person=None, limit=10))
    assert [hit.row.fhir_id for hit in hits] == ["new", "old", "none"]
    assert {hit.person_name for hit in hits} == {"Mina Satterfield"}


@pytest.mark.parametrize("words", ['"', "a*b OR c", "NEAR(", "person:p2", "-", "", "  ", "(((", "é\x00"])
def test_no_search_text_breaks_the_search(vault, mina, store, words):
    store(extracted())
    vault.read(lambda db: records.search(db, words, person=mina, limit=5))


def test_search_shows_only_the_asked_persons_records(vault, mina, store):
    from phr_desktop.vault import people

    store(extracted())
    other = vault.write(lambda db: people.add(db, "Leo", None, None, 0))
    assert vault.read(lambda db: records.search(db, "asthma", person=other, limit=5)) == []


def test_neither_typed_words_nor_a_records_text_pass_for_a_persons_mark(vault, mina, store):
    from phr_desktop.vault import people

    other = vault.write(lambda db: people.add(db, "Leo", None, None, 0))
    store(extracted(text=f"asthma \ue000{other}"))
    assert vault.read(lambda db: records.search(db, "asthma", person=other, limit=5)) == []
    for typed in ("\ue000", f"\ue000{mina}", "p"):
        assert vault.read(lambda db, typed=typed: records.search(db, typed, person=None, limit=5)) == []


@pytest.mark.parametrize(("identity", "fhir_id"), [("a-1", "a-1"), ("url:urn:uuid:1", None), ("sha256:00", None)])
def test_only_a_record_with_an_id_of_its_own_shows_one(vault, mina, store, identity, fhir_id):
    store(extracted(identity))
    assert [row.fhir_id for row in shown(vault, mina)] == [fhir_id]


def test_a_repeat_inside_one_import_that_is_equal_but_for_its_version_keeps_the_last_version(vault, mina, store):
    assert store(extracted(version_id="1"), extracted(version_id="2")) == Applied(1, 0, 1)
    [row] = shown(vault, mina)
    assert vault.read(lambda db: records.stored(db, row.id)).version_id == "2"


def test_a_large_import_gives_its_memory_back_also_when_it_fails(vault):
    def verb(db):
        with db.large_cache():
            assert db.value("PRAGMA cache_size") == -connection.IMPORT_CACHE_KIB
            raise UserFacingError("cancelled")

    with pytest.raises(UserFacingError):
        vault.write(verb)
    assert vault.write(lambda db: db.value("PRAGMA cache_size")) == -connection.CACHE_KIB


def test_trends_read_values_of_one_code_and_of_one_component(vault, mina, store):
    def value(position, code, text):
        nothing = (None,) * 4
        return ObservationValue(position, "loinc", code, "x", "quantity", None, text, "mm[Hg]", *nothing, 0, *nothing)

    store(
        *[
            extracted(str(n), type_name="Observation", kind=Kind.MEASUREMENTS, system="loinc", code="85354-9",
                      date_utc=n * DAY, values=(value(0, "85354-9", None), value(1, "8480-6", f"{120 + n}.0"),
                                                value(2, "8462-4", "80")))
            for n in (3, 1, 2)
        ],
        extracted("glucose", type_name="Observation", kind=Kind.RESULTS, system="loinc", code="2339-0",
                  values=(value(0, "2339-0", "5.40"),)),
    )  # fmt: skip
    systolic = vault.read(lambda db: records.trend(db, mina, "loinc", "85354-9", ("loinc", "8480-6")))
    assert [point.value.value for point in systolic] == ["121.0", "122.0", "123.0"]
    (glucose,) = vault.read(lambda db: records.trend(db, mina, "loinc", "2339-0"))
    assert glucose.value.value == "5.40"
    (row,) = shown(vault, mina, Kind.RESULTS)
    assert row.value.value == "5.40"


def test_values_and_words_stay_with_their_record_in_a_batch_of_many_types(vault, mina, store):
    def value(position, text):
        nothing = (None,) * 4
        return ObservationValue(position, "loinc", "c", "x", "string", None, text, None, *nothing, 0, *nothing)

    observed = {"type_name": "Observation", "kind": Kind.RESULTS}
    store(
        extracted("a", title="asthma"),
        extracted("o1", title="potassium", values=(value(0, "4.9"),), **observed),
        extracted("b", title="eczema"),
        extracted("o2", title="pressure", values=(value(0, None), value(1, "120"), value(2, "80")), **observed),
        extracted("c", title="rosacea"),
    )

    def read(db):
        found = {}
        for word in ("asthma", "potassium", "eczema", "pressure", "rosacea"):
            (hit,) = records.search(db, word, person=mina, limit=9)
            found[word] = hit.row.fhir_id, [one.value for one in records.stored(db, hit.row.id).values]
        return found

    assert vault.read(read) == {
        "asthma": ("a", []),
        "potassium": ("o1", ["4.9"]),
        "eczema": ("b", []),
        "pressure": ("o2", [None, "120", "80"]),
        "rosacea": ("c", []),
    }


def test_gone_is_marked_and_comes_back_when_it_does(vault, mina, source, store):
    store(extracted("1"), extracted("2"))
    assert vault.write(lambda db: records.mark_gone(db, source, "Condition", ["1"], 300)) == 1
    assert {row.fhir_id: row.gone_at for row in shown(vault, mina)} == {"1": 300, "2": None}
    assert store(extracted("1")) == Applied(unchanged=1)
    assert {row.gone_at for row in shown(vault, mina)} == {None}


def test_an_attachment_is_kept_once_in_chunks(vault, mina, source, store):
    link = AttachmentLink(0, "application/pdf", "Letter", "Binary/9", None, None, None)
    store(*[extracted(str(n), type_name="DocumentReference", kind=Kind.DOCUMENTS, attachments=(link,)) for n in (1, 2)])
    content = bytes(range(256)) * 10_000
    wanted = vault.read(lambda db: attachments.wanted(db, source, 10))
    assert len(wanted) == 2
    for one in wanted:
        vault.write(lambda db, one=one: attachments.store(db, one.record, one.position, content, None))
    assert vault.read(lambda db: attachments.wanted(db, source, 10)) == []
    stored = vault.read(lambda db: attachments.of_record(db, wanted[0].record))[0]
    assert vault.read(lambda db: attachments.content(db, stored.hash)) == content
    assert vault.read(lambda db: db.value("SELECT count(*) FROM attachments")) == 1
    assert vault.read(lambda db: db.value("SELECT count(*) FROM attachment_chunks")) == 3


def test_quarantine_keeps_the_bytes_once_and_counts(vault, mina, source):
    for _ in range(2):
        vault.write(lambda db: quarantine.add(db, person=mina, source=source, reason="not-json", body=b"{oops", now=1))
    assert vault.read(lambda db: quarantine.counts(db, source)) == {"not-json": 1}
    assert vault.read(lambda db: quarantine.of_source(db, source))[0].body == b"{oops"


def test_a_token_is_never_in_a_repr(vault, mina):
    from phr_desktop.domain.people import Grant

    grant = Grant(1, "e", "c", "secret-access", "secret-refresh", None, "s", "p", None, False)
    assert "secret" not in repr(grant)
