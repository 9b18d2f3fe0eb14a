"""The hosted payment page: a bill is paid once, and the record shows it with its receipt."""

from __future__ import annotations

import re

import requests

from .test_portal_accounts import Browser, browser  # noqa: F401 - the fixture

BILL = "471100251116"


def invoice(patient: str = "mina") -> dict:
    return {
        "resourceType": "Invoice",
        "id": "bill",
        "status": "issued",
        "identifier": [{"system": "urn:oid:2.999.1.4", "value": BILL}],
        "subject": {"reference": f"Patient/{patient}"},
        "date": "2026-11-02T08:00:00-08:00",
        "lineItem": [{"sequence": 1, "chargeItemCodeableConcept": {"text": "Laboratory tests"}}],
        "totalGross": {"value": 1012.5, "currency": "USD"},
        "note": [{"text": "Please pay by December 9."}],
    }


def test_a_bill_is_found_by_its_number_and_paid_once(visitor, browser: Browser):  # noqa: F811
    visitor.portal.store.put(invoice())
    visitor.sign_in("mina")
    browser.open(f"{visitor.portal.addresses.issuer}/pay")
    assert "no bill of this number" in browser.open("?bill=1")
    page = browser.open(f"?bill={BILL}")
    assert "$1,012.50" in page
    assert "November 2, 2026" in page
    assert "Satterfield" not in page  # whoever has the number sees the bill, not whose it is
    paid = browser.send(bill=BILL)
    assert re.search(r'Confirmation number <span class="whole">HC-\d{8}\.</span>', paid)  # it never breaks over lines
    assert "<form" not in paid
    bill = visitor.get("Invoice/bill").json()
    assert (bill["status"], bill["meta"]["versionId"]) == ("balanced", "2")
    confirmation = bill["note"][0]["text"].split("number ")[1].split(".")[0]
    receipt = visitor.get("DocumentReference").json()["entry"][0]["resource"]
    file = visitor.get(receipt["content"][0]["attachment"]["url"])
    assert file.content.startswith(b"%PDF")
    assert confirmation.encode() in file.content


def test_a_second_payment_and_one_from_elsewhere_do_nothing(visitor, browser: Browser):  # noqa: F811
    visitor.portal.store.put(invoice())
    visitor.sign_in("mina")
    url = f"{visitor.portal.addresses.issuer}/pay?bill={BILL}"
    assert requests.post(url, data={"csrf": "guessed", "bill": BILL}, timeout=10).status_code == 400
    assert visitor.get("Invoice/bill").json()["status"] == "issued"
    word = re.search(r'name="csrf" value="([^"]+)"', browser.open(url))[1]
    for _ in range(2):  # the button pressed twice
        assert browser.session.post(url, data={"csrf": word, "bill": BILL}, timeout=10).status_code == 200
    assert visitor.get("Invoice/bill").json()["meta"]["versionId"] == "2"
    assert visitor.get("DocumentReference").json()["total"] == 1
