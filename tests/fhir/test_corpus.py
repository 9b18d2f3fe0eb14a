"""Whole lives and published examples: nothing is lost, nothing is nameless, no entry breaks reading."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from phr_desktop.domain.records import Kind, Standing
from phr_desktop.fhir.extract import extract
from phr_desktop.fhir.identity import same_person
from tests.corpus import lives
from tests.fhir.conftest import entries_of
from tests.fhir.test_identity import subjects

pytestmark = pytest.mark.corpus


def test_every_resource_is_extracted_with_a_title(corpus_files: list[Path]) -> None:
    seen = 0
    for path in corpus_files:
        for entry in entries_of(path):
            assert entry.problem is None, path.name
            found = extract(entry.raw, entry.full_url)
            assert found.title.strip(), path.name
            assert found.body == entry.raw
            seen += 1
    assert seen > 7_000


def test_the_example_with_an_invalid_narrative_is_read(corpus_files: list[Path]) -> None:
    path = next(p for p in corpus_files if p.name == "diagnosticreport-cbc.json")
    found = extract(next(entries_of(path)).raw)
    assert (found.title, found.kind, found.date) == ("CBC panel - Blood by Automated count", Kind.RESULTS, "2005-07-05")


@pytest.mark.parametrize("number", range(3))
def test_a_life_is_one_persons_and_keeps_every_type_and_id(number: int, corpus_files: list[Path]) -> None:
    path = lives()[number]
    entries = list(entries_of(path))
    found = [(e, extract(e.raw, e.full_url)) for e in entries]
    plain = [json.loads(e.raw) for e in entries]
    assert Counter((x.type, x.fhir_id) for _, x in found) == Counter((r["resourceType"], r["id"]) for r in plain)
    (only,) = subjects(found)
    assert only.patient is not None
    assert same_person(only.patient, " ".join(path.name.split("_")[:2]), None)
    assert all(x.date_utc is not None for _, x in found if x.date is not None)
    kinds = Counter(x.kind for _, x in found)
    assert kinds[Kind.RESULTS] > 100
    assert kinds[Kind.MEASUREMENTS] > 100


def test_orders_that_are_active_are_stated_and_coded_for_joining(corpus_files: list[Path]) -> None:
    verna = next(p for p in lives() if "Verna" in p.name)
    orders = [extract(e.raw) for e in entries_of(verna) if b'"MedicationRequest"' in e.raw]
    active = [o for o in orders if o.type == "MedicationRequest" and o.status == "active"]
    assert len(active) == 80
    assert len({(o.system, o.code) for o in active}) == 10
    assert {o.standing for o in active} == {Standing.STATED}
