"""Files and answers taken apart: bytes verbatim, a bad entry never hides the good ones."""

from __future__ import annotations

import json

import pytest

from phr_desktop.errors import UserFacingError
from phr_desktop.fhir.envelope import Entry, Notice, read_content, read_entries, read_page
from phr_desktop.fhir.problems import MalformedResource
from phr_desktop.sentences import explain


def bundle(*entries: bytes, kind: str = "collection") -> bytes:
    return b'{"resourceType":"Bundle","type":"%s","entry":[%s]}' % (kind.encode(), b",".join(entries))


@pytest.mark.parametrize("kind", ["transaction", "batch", "collection", "searchset", "document", "history"])
def test_a_bundle_of_any_type_gives_its_resources_in_order_with_the_sources_own_bytes(kind: str) -> None:
    first = (
        b'{ "resourceType" : "Observation",\n\t"valueQuantity":{"value":5.10},"note":[{"text":"caf\xc3\xa9 \\u00e9"}] }'
    )
    second = b'{"id":"2","resourceType":"Patient"}'
    data = bundle(b'{"fullUrl":"urn:uuid:1","resource":%s}' % first, b'{"resource" : %s }' % second, kind=kind)
    assert list(read_entries(data)) == [Entry("urn:uuid:1", first, None), Entry(None, second, None)]


def test_a_single_resource_is_one_entry_without_the_byte_order_mark_and_the_white_space_around_it() -> None:
    assert list(read_entries(b'\xef\xbb\xbf {"resourceType": "Patient"}\r\n')) == [
        Entry(None, b'{"resourceType": "Patient"}', None)
    ]


def test_an_empty_bundle_has_no_entries() -> None:
    assert list(read_entries(b'{"resourceType":"Bundle","type":"searchset","total":0}')) == []


def test_malformed_entries_are_given_with_their_bytes_and_the_rest_goes_on() -> None:
    good = b'{"resourceType":"Patient","id":"p"}'
    data = bundle(
        b'{"resource":5}',
        b"null",
        b'"text"',
        b'{"fullUrl":"urn:x","response":{"status":"200"}}',
        b'{"resource":null}',
        b'{"fullUrl":17,"resource":%s}' % good,
        b'{"resource":%s,"search":"match"}' % good,
    )
    assert list(read_entries(data)) == [
        Entry(None, b"5", "not-an-object"),
        Entry(None, b"null", "not-an-object"),
        Entry(None, b'"text"', "not-an-object"),
        Entry("urn:x", b'{"fullUrl":"urn:x","response":{"status":"200"}}', "no-resource"),
        Entry(None, b"null", "no-resource"),
        Entry(None, good, None),
        Entry(None, good, None),
    ]


def test_a_deletion_in_a_history_is_told_apart() -> None:
    gone = b'{"fullUrl":"http://a/Patient/1","request":{"method":"DELETE","url":"Patient/1"}}'
    assert list(read_entries(bundle(gone, kind="history"))) == [
        Entry("http://a/Patient/1", gone, "no-resource", "deleted")
    ]


def test_ndjson_is_read_line_by_line_and_a_broken_line_is_kept_with_its_bytes() -> None:
    data = (
        b'{"resourceType":"Patient","id":"1"}\n{"resourceType":"Obser\n\n'
        b'  {"resourceType":"Condition"}\r\n[]\n{"id":"2"}\n'
    )
    assert list(read_entries(data)) == [
        Entry(None, b'{"resourceType":"Patient","id":"1"}', None),
        Entry(None, b'{"resourceType":"Obser', "not-json"),
        Entry(None, b'{"resourceType":"Condition"}', None),
        Entry(None, b"[]", "not-an-object"),
        Entry(None, b'{"id":"2"}', "no-resource-type"),
    ]


def test_ndjson_of_bundles_gives_their_resources() -> None:
    line = bundle(b'{"resource":{"resourceType":"Patient"}}')
    assert [e.raw for e in read_entries(line + b"\n" + line)] == [b'{"resourceType":"Patient"}'] * 2


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<Bundle/>", b"[]", b"{}", b'{"a":1}', b'"x"', b"\x89PNG\r\n", b"\xff\xfe{"]
)
def test_what_is_not_fhir_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(UserFacingError) as refused:
        read_entries(data)
    assert refused.value.code == "file-not-fhir"
    assert "Nothing was imported" in explain(refused.value)


@pytest.mark.parametrize(
    "inside",
    [b'{"resourceType":"X","a":NaN}', b'{"resourceType":"X",}', b'{"resourceType":"X"', b'{"a":01}', b'{"a":"\x01"}'],
)
def test_a_file_of_which_nothing_can_be_read_is_refused_and_said_where(inside: bytes) -> None:
    data = b'{"resourceType":"Bundle",\n"entry":[{"resource":' + inside + b"}]}"
    with pytest.raises(UserFacingError) as refused:
        read_entries(data)
    assert refused.value.code == "file-broken"
    assert "damaged" in explain(refused.value)


def test_a_file_cut_short_is_refused() -> None:
    data = bundle(b'{"resource":{"resourceType":"Patient"}}')
    with pytest.raises(UserFacingError, match="file-broken"):
        read_entries(data[:-20])


def test_nesting_without_end_is_refused_without_a_crash() -> None:
    with pytest.raises(UserFacingError, match="file-broken"):
        read_entries(bundle(b'{"resource":{"resourceType":"X","a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"))


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (b'{"resourceType":"X","a":"\\udc00"}', "not-json"),
        (b'{"resourceType":"X","a":"\x01"}', "not-json"),
        (b'{"resourceType":"X","a":"\\q"}', "not-json"),
        (b'{"resourceType":"X","a":"\xff"}', None),  # the envelope can be read: reading the resource will say it
        (b'{"resourceType":"X","a":NaN}', "not-json"),
        (b'{"resourceType":"X",}', "not-json"),
        (b'{"resourceType":"X","a":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "too-deep"),
    ],
)
@pytest.mark.parametrize("separator", [b",", b" ,\n  "])
def test_one_damaged_entry_of_a_bundle_is_kept_with_its_bytes_and_the_rest_goes_on(
    bad: bytes, problem: str | None, separator: bytes
) -> None:
    tricky = b'{"resourceType":"Patient","id":"p","name":[{"text":"a \\"},{\\\\"}]}'
    entries = [b'{"fullUrl":"urn:uuid:p","resource":%s}' % tricky, b'{"resource":%s}' % bad, b"null"]
    data = (
        b'\xef\xbb\xbf { "meta":{"x":["]"]}, "entry" : [ ' + separator.join(entries) + b' ], "type":"a\\"b",\n'
        b'"resourceType":"Bundle"}\n'
    )
    kept = entries[1] if problem else bad
    assert list(read_entries(data)) == [
        Entry("urn:uuid:p", tricky, None),
        Entry(None, kept, problem),
        Entry(None, b"null", "not-an-object"),
    ]


def test_a_damaged_line_of_bundles_gives_its_sound_entries() -> None:
    good = b'{"resource":{"resourceType":"Patient"}}'
    line = bundle(good, b'{"resource":{"resourceType":"X","a":"\x01"}}')
    assert [e.problem for e in read_entries(line + b"\n" + bundle(good))] == [None, "not-json", None]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_damaged_file_that_breaks_off_is_refused(cut: int) -> None:
    data = bundle(b'{"resource":{"resourceType":"Patient"}}', b'{"resource":{"resourceType":"X","a":"\x01"}}')
    with pytest.raises(UserFacingError, match="file-broken"):
        read_entries(data[:-cut])


def test_bundles_inside_a_bundle_are_taken_apart() -> None:
    leo = b'{"resourceType":"Patient","id":"p2"}'
    inner = bundle(b'{"fullUrl":"urn:uuid:2","resource":%s}' % leo, b"5", kind="document")
    around = bundle(b'{"fullUrl":"urn:uuid:doc","resource":%s}' % inner)
    mina = b'{"resourceType":"Patient","id":"p1"}'
    assert list(read_entries(bundle(b'{"resource":%s}' % around, b'{"resource":%s}' % mina))) == [
        Entry("urn:uuid:2", leo, None),
        Entry(None, b"5", "not-an-object"),
        Entry(None, mina, None),
    ]
    assert [e.raw for e in read_entries(around + b"\n" + mina)] == [leo, b"5", mina]


def test_bundles_without_end_inside_each_other_are_kept_aside() -> None:
    data = bundle(b'{"resource":{"resourceType":"Patient"}}')
    for _ in range(6):
        data = bundle(b'{"resource":%s}' % data)
    (entry,) = read_entries(data)
    assert entry.problem == "too-deep"
    assert b"Patient" in entry.raw


def test_an_empty_bundle_and_a_mention_of_bundles_stay_records() -> None:
    raws = [
        b'{"resourceType":"Bundle","id":"empty","type":"collection"}',
        b'{"resourceType":"Basic","code":{"text":"Bundle"}}',
    ]
    assert [e.raw for e in read_entries(bundle(*[b'{"resource":%s}' % raw for raw in raws]))] == raws


@pytest.mark.parametrize(
    ("link", "more"),
    [
        (b'[{"relation":"self","url":"x"}]', False),
        (b'[{"relation":"next","url":"https://a/?p=2"}]', True),
        (b'[{"relation":"next"}]', False),
        (b'[5,{"relation":"next","url":"https://a/?p=2"}]', True),
    ],
)
@pytest.mark.parametrize("text", [b"fine", b"\x01"])
def test_a_file_says_that_it_is_one_page_of_several(link: bytes, more: bool, text: bytes) -> None:
    data = (
        b'{"resourceType":"Bundle","type":"searchset","link":%s,"entry":[{"resource":{"resourceType":"Patient"}},'
        b'{"resource":{"resourceType":"Basic","id":"%s"}}]}' % (link, text)
    )
    assert read_content(data).more is more
    assert read_content(data + b"\n" + data).more is more


def outcome(text: str) -> bytes:
    issue = {"severity": "warning", "code": "incomplete", "diagnostics": text}
    return json.dumps({"resourceType": "OperationOutcome", "issue": [issue]}).encode()


def test_a_page_gives_records_next_link_total_and_warnings_apart() -> None:
    data = (
        b'{"resourceType":"Bundle","type":"searchset","total":41,"link":[{"relation":"self","url":"s"},'
        b'{"relation":"next","url":"https://a/next?p=2"}],"entry":['
        b'{"resource":{"resourceType":"Observation"},"search":{"mode":"match"}},'
        b'{"resource":{"resourceType":"Provenance"},"search":{"mode":"include"}},'
        b'{"resource":' + outcome("Some results are withheld") + b',"search":{"mode":"outcome"}}]}'
    )
    page = read_page(data)
    assert [e.mode for e in page.entries] == ["match", "include"]
    assert page.next_url == "https://a/next?p=2"
    assert page.total == 41
    assert page.warnings == (Notice("warning", "incomplete", "Some results are withheld"),)


def test_an_outcome_without_search_mode_is_still_no_record() -> None:
    page = read_page(bundle(b'{"resource":' + outcome("x") + b"}", kind="searchset"))
    assert page.entries == ()
    assert [notice.text for notice in page.warnings] == ["x"]


def test_a_record_that_merely_speaks_of_outcomes_stays_a_record() -> None:
    page = read_page(bundle(b'{"resource":{"resourceType":"Basic","code":{"text":"OperationOutcome"}}}'))
    assert len(page.entries) == 1


def test_another_link_relation_can_be_followed_and_bad_links_are_passed_over() -> None:
    data = (
        b'{"resourceType":"Bundle","total":"many","link":[5,{"relation":"previous"},{"relation":"prev","url":"p"}],'
        b'"entry":[{"resource":{"resourceType":"Patient"}}]}'
    )
    assert read_page(data).next_url is None
    assert read_page(data, relation="prev").next_url == "p"
    assert read_page(data).total is None
    assert len(read_page(data).entries) == 1


def test_an_answer_that_is_an_outcome_alone_is_a_page_of_warnings() -> None:
    page = read_page(outcome("not allowed"))
    assert page.entries == ()
    assert page.warnings[0].text == "not allowed"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html>", "not-json"),
        (b"[]", "no-resource-type"),
        (b"{}", "no-resource-type"),
        (b'{"resourceType":"Patient"}', "not-a-bundle"),
    ],
)
def test_what_is_no_page_says_so(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedResource) as refused:
        read_page(data)
    assert refused.value.reason_code == reason


def test_a_page_of_endless_entries_is_refused() -> None:
    with pytest.raises(MalformedResource) as refused:
        read_page(bundle(*[b'{"resource":{"resourceType":"Patient"}}'] * 5001))
    assert refused.value.reason_code == "too-many-entries"
