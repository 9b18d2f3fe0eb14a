"""The staff's page and the outbox: they change what a program sees, and only our own page can make them."""

from __future__ import annotations

import re

import pytest
import requests

from phr_desktop.demo_portal.admin import ACTIONS

from .conftest import observation
from .test_portal_oauth import _Page
from .test_portal_writes import order, slot


@pytest.fixture
def admin(visitor):
    """Posts an action as the page's own form does."""
    visitor.portal.store.put(order())
    visitor.portal.store.put(slot("free"))
    visitor.sign_in("mina")
    page = visitor.session.get(visitor.portal.addresses.admin, params={"patient": "mina"}, timeout=10)
    word = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]

    def act(action: str, ident: str = "", name: str = "", **more: str) -> requests.Response:
        form = {"csrf": word, "action": action, "id": ident, "type": name, "patient": "mina", **more}
        return visitor.session.post(visitor.portal.addresses.admin, data=form, timeout=10)

    act.page = page.text
    return act


def test_the_page_can_be_read_aloud_and_offers_what_it_does(admin, visitor):
    read = _Page(admin.page)
    assert read.language == "en"
    assert read.headings == 1
    assert not read.unnamed
    assert not read.torn
    assert "<script" not in admin.page
    assert "Hemoglobin" in admin("add-result", "mina").text
    for secret in visitor.tokens.values():
        assert str(secret) not in admin.page or len(str(secret)) < 20
    home = visitor.session.get(f"{visitor.portal.addresses.root}/", timeout=10)
    assert visitor.portal.fhir_base in home.text


def test_a_result_comes_is_withheld_released_withdrawn_and_deleted(admin, visitor):
    admin("add-result", "mina")
    new = visitor.get("Observation?_sort=-_lastUpdated&_count=1").json()["entry"][0]["resource"]
    path = f"Observation/{new['id']}"
    admin("withhold", new["id"], "Observation")
    assert visitor.get(path).status_code == 404
    admin("release", new["id"], "Observation")
    assert visitor.get(path).status_code == 200
    admin("withdraw", new["id"], "Observation")
    assert visitor.get(path).json()["status"] == "entered-in-error"
    admin("delete", new["id"], "Observation")
    assert visitor.get(path).status_code == 410
    assert "could not be done" in admin("delete", new["id"], "Observation").text
    admin("add-critical", "mina")
    critical = visitor.get("Observation?_sort=-_lastUpdated&_count=1").json()["entry"][0]["resource"]
    assert critical["interpretation"][0]["coding"][0]["code"] == "HH"


def test_medicines_and_visits_change(admin, visitor):
    admin("change-dose", "order")
    assert "half a tablet" in visitor.get("MedicationRequest/order").json()["dosageInstruction"][0]["text"]
    admin("stop-medicine", "order")
    assert visitor.get("MedicationRequest/order").json()["status"] == "stopped"
    admin("book", "mina")
    visit = visitor.get("Appointment").json()["entry"][0]["resource"]
    assert (visit["status"], visit["slot"]) == ("booked", [{"reference": "Slot/free"}])
    admin("cancel", visit["id"])
    assert visitor.get(f"Appointment/{visit['id']}").json()["status"] == "cancelled"


def test_faults_sign_ins_flavour_and_reset(admin, visitor):
    page = admin("fault", kind="status", only="Observation", status="429", retry_after="30", nth="", times="")
    assert "met 0 requests" in page.text
    assert visitor.get("Observation").headers["Retry-After"] == "30"
    admin("fault-off", "0")
    assert visitor.get("Observation").status_code == 200
    admin("fault", kind="html", only="", nth="", times="", status="", retry_after="")
    assert visitor.get("Observation").headers["Content-Type"].startswith("text/html")
    admin("faults-off")
    admin("flavour", "poor")
    assert visitor.get("Task").status_code == 404
    admin("flavour", "rich")
    visitor.portal.store.put(observation("more", "mina", "laboratory"))
    admin("reset")
    assert visitor.get("Observation/more").status_code == 404
    admin("expire")
    assert visitor.get("Patient/mina").status_code == 401
    admin("end-sign-ins")
    assert visitor.refresh(visitor.tokens["refresh_token"]).status_code == 400
    log = admin("reset").text
    assert "GET /fhir/Observation" in log
    assert visitor.tokens["access_token"] not in log


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example.org"},
        {"Origin": "https://evil.example.org"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_post_from_another_site_changes_nothing(visitor, headers):
    page = requests.get(visitor.portal.addresses.admin, timeout=10).text
    word = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    before = len(visitor.portal.store.of_type("Observation"))
    form = {"csrf": word, "action": "add-result", "id": "mina"}
    url = visitor.portal.addresses.admin
    assert requests.post(url, data=form, headers=headers, timeout=10).status_code == 403
    assert requests.post(url, data=form | {"csrf": "guessed"}, timeout=10).status_code == 403
    assert requests.post(url, data={"action": "add-result", "id": "mina"}, timeout=10).status_code == 403
    assert len(visitor.portal.store.of_type("Observation")) == before


def test_pages_are_not_read_under_another_name(visitor):
    """A site that points its own name at this computer gets neither the word of the form nor the codes."""
    for url in (visitor.portal.addresses.admin, visitor.portal.addresses.outbox):
        assert requests.get(url, headers={"Host": "evil.example.org"}, timeout=10).status_code == 403


def test_every_action_of_the_page_is_known_and_an_unknown_one_harms_nothing(admin):
    for action in re.findall(r'name="action" value="([a-z-]+)"', admin.page):
        assert action in ACTIONS or action in ("fault", "fault-off")
    assert "could not be done" in admin("explode").text
    assert "could not be done" in admin("fault-off", "99").text
