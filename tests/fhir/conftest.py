"""Shared by the tests of FHIR reading."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from phr_desktop.fhir import extract
from phr_desktop.fhir.envelope import Entry, read_entries
from tests.corpus import corpus

FOLDERS = ("lives", "us-core", "carin/110", "carin/200", "ips")


def entries_of(path: Path) -> Iterator[Entry]:
    """The entries of a corpus file, plain or gzip."""
    data = path.read_bytes()
    return read_entries(gzip.decompress(data) if path.suffix == ".gz" else data)


@pytest.fixture(scope="session")
def corpus_files() -> list[Path]:
    """Every FHIR file of the corpus; the test counts as absent where there is none."""
    folder = corpus()
    if folder is None:
        pytest.skip("corpus: absent")
    return [path for name in FOLDERS for path in sorted((folder / name).glob("*.json*"))]


@pytest.fixture
def empty_caches() -> Iterator[None]:
    extract.forget()
    yield
    extract.forget()
