"""Writes resources/fhir.zdict, what new vaults pack records' bytes with, from the demo family's resources.

    python tools/make_dictionary.py

Other data than that of the benchmarks, so that their figures say what a stranger's records will cost. Two runs with
one version of zstandard write the same bytes; a vault keeps the dictionary that it was made with.
"""

import gzip
import pathlib

import zstandard

RESOURCES = pathlib.Path(__file__).resolve().parent.parent / "resources"
BYTES = 16 * 1024  # twice as much made bodies one part in a hundred smaller


def main() -> None:
    samples = []
    for path in sorted((RESOURCES / "demo").glob("*.ndjson.gz")):
        samples += gzip.decompress(path.read_bytes()).splitlines()
    dictionary = zstandard.train_dictionary(BYTES, samples, level=3)
    (RESOURCES / "fhir.zdict").write_bytes(dictionary.as_bytes())


if __name__ == "__main__":
    main()
