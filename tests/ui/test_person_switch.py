"""Another person is shown while a page still waits for an answer: nothing of the one before ever stands under them."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from phr_desktop.actions import doses
from phr_desktop.clock import today
from phr_desktop.domain.doses import AsNeeded, Schedule
from phr_desktop.domain.people import SourceKind
from phr_desktop.queries import medicines as medicine_queries
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.pages import medicines as medicines_page
from phr_desktop.ui.pages.all import page_specs
from phr_desktop.vault import people
from phr_desktop.vault.vault import Vault
from tests.resources import store
from tests.ui.living import LivingServices

HERS = "Zinnia"  # in everything that is Mina's
PATIENT = {"reference": "Patient/p"}
RECORDS: tuple[dict[str, Any], ...] = (
    {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
     "authoredOn": "2026-11-01", "subject": PATIENT, "medicationCodeableConcept": {"text": f"{HERS} 5 mg"},
     "dosageInstruction": [{"text": "one daily"}]},
    {"resourceType": "Appointment", "id": "a", "status": "booked", "description": f"{HERS} visit",
     "start": "2026-11-23T10:00:00-08:00", "end": "2026-11-23T10:30:00-08:00",
     "participant": [{"actor": PATIENT, "status": "accepted"}]},
    {"resourceType": "Observation", "id": "o", "status": "final", "subject": PATIENT,
     "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                               "code": "laboratory"}]}],
     "code": {"text": f"{HERS} level"}, "effectiveDateTime": "2026-11-02",
     "valueQuantity": {"value": 4, "unit": "mg/dL"}},
    {"resourceType": "Condition", "id": "c", "subject": PATIENT, "code": {"text": f"{HERS} fever"}},
    {"resourceType": "DocumentReference", "id": "d", "status": "current", "subject": PATIENT, "date": "2026-11-03",
     "description": f"{HERS} letter",
     "content": [{"attachment": {"contentType": "text/plain",
                                 "data": base64.b64encode(f"Dear {HERS}".encode()).decode()}}]},
)  # fmt: skip
# page -> the record that it is opened with
PAGES = {
    "today": None,
    "medicines": None,
    "doses": None,
    "appointments": None,
    "results": None,
    "records": None,
    "documents": None,
    "sources": None,
    "settings": None,
    "hearing": None,
    "medicine": "MedicationRequest",
    "appointment": "Appointment",
    "result": "Observation",
    "measurement": "Observation",
    "record": "Condition",
    "document": "DocumentReference",
}
OF_NOBODY = ("settings", "hearing")


@pytest.fixture
def services(vault: Vault, clock, mina: int) -> LivingServices:
    store(vault, mina, RECORDS, SourceKind.PORTAL, portal=f"{HERS} Clinic")
    rhythm = AsNeeded(Decimal(1))
    made = Schedule("", mina, "own:1", f"{HERS} tablets", "tablet", rhythm, today(clock))
    taken = doses.confirm_schedule(vault, clock, made).schedule
    doses.extra(vault, clock, taken, "Mina Satterfield", amount=Decimal(1))
    services = LivingServices(vault, clock)
    services.settings.page = "settings"
    return services


@pytest.fixture
def leo(vault: Vault) -> int:
    return vault.write(lambda db: people.add(db, "Leo Satterfield", "2015-01-01", "son", 0))


class Gate:
    """Holds the answers of what a page, or something inside it, asks; the first `passing` go through."""

    def __init__(self, bridge: Bridge, page: Callable[[], QWidget | None], passing: int) -> None:
        self.held = threading.Event()
        self.open = threading.Event()
        self._page, self._passing, self._run_query = page, passing, bridge.run_query

    def run_query(self, query, then, *, owner: QObject | None = None, **rest) -> None:
        page = self._page()
        if not isinstance(owner, QWidget) or page is None or not (owner is page or page.isAncestorOf(owner)):
            self._run_query(query, then, owner=owner, **rest)
        elif self._passing:
            self._passing -= 1
            self._run_query(query, then, owner=owner, **rest)
        else:
            self._run_query(lambda: self._hold(query), then, owner=owner, **rest)

    def _hold(self, query):
        answer = query()
        self.held.set()
        assert self.open.wait(10)
        return answer


@pytest.fixture
def living(qtbot, make_window, monkeypatch, mina: int):
    """The window at Settings, for Mina, and a function that holds back the answers of one page."""
    window = make_window(pages=page_specs())
    qtbot.waitUntil(lambda: window.shell.context.person is not None)
    assert window.shell.context.person.id == mina
    gates: list[Gate] = []

    def hold(key: str, passing: int = 0) -> Gate:
        gate = Gate(window.bridge, lambda: window.shell._pages.get(key), passing)
        monkeypatch.setattr(window.bridge, "run_query", gate.run_query)
        gates.append(gate)
        return gate

    yield window, hold
    for gate in gates:
        gate.open.set()


def arguments_of(vault: Vault, key: str) -> dict[str, Any]:
    type_name = PAGES[key]
    if type_name is None:
        return {}
    record = vault.read(lambda db: db.value("SELECT id FROM records WHERE type = ?", (type_name,)))
    return {"medicine": f"record:{record}"} if key == "medicine" else {"record": record}


def told(page: QWidget) -> str:
    """All that a page holds in its labels, buttons, fields and models, shown or hidden."""
    words = [each.text() for kind in (QLabel, QAbstractButton, QLineEdit) for each in page.findChildren(kind)]
    words += [each.toPlainText() for kind in (QTextEdit, QPlainTextEdit) for each in page.findChildren(kind)]
    words += [box.itemText(place) for box in page.findChildren(QComboBox) for place in range(box.count())]
    words += [each.accessibleName() + each.accessibleDescription() for each in page.findChildren(QWidget)]
    for view in page.findChildren(QAbstractItemView):
        model = view.model()
        if model is not None:
            words += [str(model.index(row, 0).data()) for row in range(model.rowCount())]
    return "\n".join(words)


def test_every_page_is_tried():
    assert set(PAGES) == {spec.key for spec in page_specs()}


@pytest.mark.parametrize(("key", "passing"), [*((key, 0) for key in PAGES), ("document", 1)])
def test_a_late_answer_for_one_person_is_never_shown_under_another(qtbot, vault, mina, leo, living, key, passing):
    window, hold = living
    shell, arguments = window.shell, arguments_of(vault, key)
    gate = hold(key, passing)
    window.navigate(key, **arguments)
    page = shell.page()
    if key not in OF_NOBODY:
        qtbot.waitUntil(gate.held.is_set)
    window.navigate("today" if key == "settings" else "settings")
    shell.show_person(leo)
    assert HERS not in told(page)
    gate.open.set()
    qtbot.waitUntil(lambda: window.bridge.is_idle)
    assert HERS not in told(page)
    if PAGES[key] is None:
        window.navigate(key)
        assert HERS not in told(page)  # while Leo's own answer is on its way
        qtbot.waitUntil(lambda: window.bridge.is_idle)
        assert shell.header.name.text() == "Leo Satterfield"
        hers = [line for line in told(page).splitlines() if HERS in line]
        assert all("Mina Satterfield" in line for line in hers)  # Sources names the others' portals, with their names
    shell.show_person(mina)
    window.navigate(key, **arguments)
    if key not in OF_NOBODY:
        qtbot.waitUntil(lambda: HERS in told(page))  # hers alone: the words looked for are the right ones


def test_what_is_said_of_a_medicine_is_kept_for_its_own_person(qtbot, vault, clock, mina, leo, living):
    window, _hold = living
    window.navigate("medicines")
    page = window.shell.page()
    qtbot.waitUntil(lambda: HERS in told(page))
    line = page._list.lines[0]
    window.shell.show_person(leo)
    page._list = medicine_queries.medicine_list(vault, clock, mina)  # as if Mina's list were still there
    page.take(line.key)
    medicines_page.choose(page, line, medicines_page.MedicineChoice.TAKE)
    qtbot.waitUntil(lambda: window.bridge.is_idle)
    for person in (mina, leo):
        said = medicine_queries.medicine_list(vault, clock, person).lines
        assert all(each.heading is not medicines_page.MedicineHeading.TAKING for each in said)
