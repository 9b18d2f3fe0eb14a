"""Writes resources/fhir.zdict, what new vaults pack records' bytes with: from the demo family's resources, and from
those that HL7's guides give as examples (US Core, CARIN, IPS), which is how portals write.

    python -m tools.make_dictionary

Other data than that of the benchmarks, so that their figures say what a stranger's records will cost. Two runs with
one version of zstandard write the same bytes; a vault keeps the dictionary that it was made with.
"""

import gzip
import pathlib

import msgspec
import zstandard

from phr_desktop.fhir.envelope import read_entries
from tests.corpus import corpus

RESOURCES = pathlib.Path(__file__).resolve().parent.parent / "resources"
GUIDES = ("us-core", "carin", "ips")
BYTES = 64 * 1024  # half as much made bodies one part in fifty larger, twice as much no smaller
LARGEST = 8_000  # bytes of an example: one long narrative would take another's place


def main() -> None:
    folder = corpus()
    if folder is None:
        raise SystemExit("corpus: absent; set PHR_CORPUS to the folder that holds us-core, carin and ips")
    samples = []
    for path in sorted((RESOURCES / "demo").glob("*.ndjson.gz")):
        samples += gzip.decompress(path.read_bytes()).splitlines()
    for path in sorted(path for guide in GUIDES for path in (folder / guide).rglob("*.json")):
        samples += examples(path.read_bytes())
    dictionary = zstandard.train_dictionary(BYTES, samples, level=3)
    (RESOURCES / "fhir.zdict").write_bytes(dictionary.as_bytes())


def examples(file: bytes) -> list[bytes]:
    """A file's resources as a portal sends them, without white space."""
    found = (msgspec.json.format(entry.raw, indent=-1) for entry in read_entries(file) if entry.problem is None)
    return [one for one in found if len(one) < LARGEST]


if __name__ == "__main__":
    main()
