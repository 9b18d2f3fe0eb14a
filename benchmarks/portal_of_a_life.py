"""The demo portal with one whole life of the corpus, as a process of its own: a real portal shares no processor time
with this program. Prints its FHIR base and ends when its standard input closes.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from phr_desktop.clock import SystemClock
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.demo_portal.rules import TYPES
from tests.corpus import lives

PATIENT = "mina"  # an account of the demo portal opens this one
LIFE = "Verna"


def resources() -> list[dict[str, Any]]:
    """A life of about 3,200 resources, its references as a portal writes them."""
    path = next(path for path in lives() if path.name.startswith(LIFE))
    text = gzip.decompress(path.read_bytes()).decode()
    found = [entry["resource"] for entry in json.loads(text)["entry"]]
    types = {one["id"]: one["resourceType"] for one in found}
    patient = next(one["id"] for one in found if one["resourceType"] == "Patient")
    text = re.sub(r"urn:uuid:([0-9a-f-]{36})", lambda match: f"{types[match[1]]}/{match[1]}", text)
    found = [entry["resource"] for entry in json.loads(text.replace(patient, PATIENT))["entry"]]
    kept = [one for one in found if one["resourceType"] in TYPES]  # the demo portal has no others
    for one in kept:
        one["meta"] = {**one.get("meta", {}), "versionId": "1", "lastUpdated": "2026-01-01T00:00:00Z"}
    return kept


@contextmanager
def running() -> Iterator[str]:
    """The FHIR base of a portal that runs as long as the context."""
    command = [sys.executable, "-m", "benchmarks.portal_of_a_life"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(10)


def main() -> None:
    with DemoPortal(clock=SystemClock(), data=resources()) as portal:
        print(portal.fhir_base, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
