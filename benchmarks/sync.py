"""A first sync of one life of about 3,200 resources against the demo portal in a process of its own, against a bare
loop that fetches the same pages; then a second sync with nothing new. Only the ratio inside one run means anything.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter

import requests

from benchmarks.data import finish, fresh_vault, median, verdict
from benchmarks.portal_of_a_life import PATIENT, resources, running
from phr_desktop.actions.people import add_person
from phr_desktop.clock import SystemClock
from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.sync.connect import connect
from phr_desktop.sync.engine import sync_source
from phr_desktop.sync.wire import Wire
from phr_desktop.vault import sources
from phr_desktop.vault.vault import Vault

ROUNDS = 15  # half a second each: one alone says nothing on a busy machine
FIRST_LIMIT = 1.2
NOTHING_NEW_CPU_SECONDS = 1.0


def main() -> None:
    ratios, counts, cpu, most = [], [], [], []
    asked: list[str] = []
    get = Wire.get

    def noted(wire: Wire, url: str, headers: dict[str, str]) -> object:
        asked.append(url)
        return get(wire, url, headers)

    Wire.get = noted  # type: ignore[method-assign]
    name = _name()
    with running() as base:
        for _ in range(ROUNDS):
            with fresh_vault() as vault:
                source = _connect(vault, base, name)
                asked.clear()
                begin = time.perf_counter()
                report = sync_source(vault, SystemClock(), source)
                took = time.perf_counter() - begin
                ratios.append(took / _bare(vault, source, asked))
                counts.append((report.applied.added, len(asked)))
                asked.clear()
                begin = time.process_time()
                sync_source(vault, SystemClock(), source)
                cpu.append(time.process_time() - begin)
                most.append(_most_a_type(asked))
    print(f"first sync: {counts[0][0]} resources in {counts[0][1]} requests; ratios {[round(r, 2) for r in ratios]}")
    finish(
        verdict("first sync / bare loop over the same requests", median(ratios), FIRST_LIMIT, "x"),
        verdict("nothing new: requests for a type and category", max(most), 1, ""),
        verdict("nothing new: CPU", median(cpu), NOTHING_NEW_CPU_SECONDS, "s"),
    )


def _name() -> str:
    patient = next(one for one in resources() if one["resourceType"] == "Patient")
    name = patient["name"][0]
    return f"{name['given'][0]} {name['family']}"


def _connect(vault: Vault, base: str, name: str) -> int:
    person = add_person(vault, SystemClock(), name).person

    def open_browser(address: str) -> None:
        threading.Thread(target=sign_in, args=(address, PATIENT, f"harbor-{PATIENT}")).start()

    return connect(vault, SystemClock(), person, base, open_browser=open_browser)


def _bare(vault: Vault, source: int, asked: list[str]) -> float:
    """Seconds to fetch and decode the same pages, one after the other, storing nothing."""
    grant = vault.read(lambda db: sources.grant(db, source))
    assert grant is not None
    begin = time.perf_counter()
    with requests.Session() as session:
        session.headers.update({"Authorization": f"Bearer {grant.access_token}", "Accept": "application/fhir+json"})
        for address in asked:
            answer = session.get(address)
            if "json" in answer.headers.get("Content-Type", ""):
                json.loads(answer.content)
    return time.perf_counter() - begin


def _most_a_type(asked: list[str]) -> int:
    """The largest number of searches that one type and category cost."""
    searches: Counter[tuple[str, str]] = Counter()
    for address in asked:
        path, _, query = address.partition("?")
        category = next((part for part in query.split("&") if part.startswith("category=")), "")
        if query:
            searches[(path, category)] += 1
    return max(searches.values(), default=0)


if __name__ == "__main__":
    main()
