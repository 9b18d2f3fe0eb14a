"""A first sync of one person against the demo portal, against a bare loop that fetches the same pages; then a second
sync with nothing new. (The demo portal shares this process with both, so only their ratio means anything.)"""

from __future__ import annotations

import threading
import time
from collections import Counter

import requests

from benchmarks.data import finish, fresh_vault, median, verdict
from phr_desktop.actions.people import add_person
from phr_desktop.clock import SystemClock
from phr_desktop.demo_portal.browser import sign_in
from phr_desktop.demo_portal.portal import DemoPortal
from phr_desktop.sync.connect import connect
from phr_desktop.sync.engine import sync_source
from phr_desktop.vault import sources
from phr_desktop.vault.vault import Vault

ROUNDS = 3
FIRST_LIMIT = 1.2
NOTHING_NEW_CPU_SECONDS = 1.0


def main() -> None:
    ratios, counts, cpu, most = [], [], [], []
    with DemoPortal(clock=SystemClock()) as portal:
        for _ in range(ROUNDS):
            with fresh_vault() as vault:
                source = _connect(vault, portal)
                portal.log.clear()
                begin = time.perf_counter()
                report = sync_source(vault, SystemClock(), source)
                took = time.perf_counter() - begin
                asked = [(record.path, record.query) for record in portal.log]
                ratios.append(took / _bare(vault, portal, source, asked))
                counts.append((report.applied.added, len(asked)))
                portal.log.clear()
                begin = time.process_time()
                sync_source(vault, SystemClock(), source)
                cpu.append(time.process_time() - begin)
                most.append(_most_a_type([(record.path, record.query) for record in portal.log]))
    print(f"first sync: {counts[0][0]} resources in {counts[0][1]} requests")
    finish(
        verdict("first sync / bare loop over the same requests", median(ratios), FIRST_LIMIT, "x"),
        verdict("nothing new: requests for a type and category", max(most), 1, ""),
        verdict("nothing new: CPU of client and portal together", median(cpu), NOTHING_NEW_CPU_SECONDS, "s"),
    )


def _connect(vault: Vault, portal: DemoPortal) -> int:
    person = add_person(vault, SystemClock(), "Mina Satterfield").person

    def open_browser(address: str) -> None:
        threading.Thread(target=sign_in, args=(address, "mina", "harbor-mina")).start()

    return connect(vault, SystemClock(), person, portal.fhir_base, open_browser=open_browser)


def _bare(vault: Vault, portal: DemoPortal, source: int, asked: list[tuple[str, str]]) -> float:
    """Seconds to fetch and decode the same pages, one after the other, storing nothing."""
    grant = vault.read(lambda db: sources.grant(db, source))
    origin = portal.fhir_base.rsplit("/", 1)[0]
    begin = time.perf_counter()
    with requests.Session() as session:
        session.headers.update({"Authorization": f"Bearer {grant.access_token}", "Accept": "application/fhir+json"})
        for path, query in asked:
            answer = session.get(origin + path + (f"?{query}" if query else ""))
            if "json" in answer.headers.get("Content-Type", ""):
                answer.json()
    return time.perf_counter() - begin


def _most_a_type(asked: list[tuple[str, str]]) -> int:
    """The largest number of searches that one type and category cost."""
    searches: Counter[tuple[str, str]] = Counter()
    for path, query in asked:
        category = next((part for part in query.split("&") if part.startswith("category=")), "")
        if query:
            searches[(path, category)] += 1
    return max(searches.values(), default=0)


if __name__ == "__main__":
    main()
