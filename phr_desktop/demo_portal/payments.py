"""The hosted payment page: a bill is found by the number on its paper, paid, and receipted. No card is asked for."""

from __future__ import annotations

import base64
import secrets
from typing import Any

from flask import Blueprint, Response, redirect, request

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import CLINIC
from phr_desktop.demo_portal.documents import make_pdf
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.store import Resource, Store, Stored
from phr_desktop.demo_portal.web import from_our_page, guarded, in_words, page


class Payments:
    """One front's page. `blueprint` is taken in under its /auth: /auth/pay, with ?bill=NUMBER for one bill."""

    def __init__(self, store: Store, front: Front, clock: Clock) -> None:
        self._store, self._front, self._clock = store, front, clock
        self.blueprint = Blueprint(f"pay-{front.name}", __name__)
        self.blueprint.add_url_rule("/pay", "pay", self.pay, methods=["GET", "POST"])
        self.blueprint.after_request(guarded)

    def pay(self) -> Response:
        number = (request.values.get("bill") or "").replace(" ", "")
        if not number:
            return self._page()
        bill = self._bill(number)
        if bill is None:
            return self._page(404, number=number, problem="There is no bill of this number. It has 12 digits.")
        if request.method == "GET":
            return self._page(number=number, bill=self._shown(bill))
        if not from_our_page():
            return self._page(400, number=number, problem="This page was too old. Please look the bill up again.")
        self._settle(bill)
        return redirect(f"pay?bill={number}", 303)  # type: ignore[return-value]

    def _settle(self, bill: Stored) -> None:
        """Pays a bill once, and lays the receipt among the person's documents."""
        with self._store.lock:
            now = self._store.get("Invoice", bill.id)
            if now is None or now.resource["status"] != "issued":
                return
            confirmation = f"HC-{secrets.randbelow(10**8):08}"
            today = self._clock.now().astimezone(self._clock.zone()).date().isoformat()
            words = f"Paid {in_words(today)}. Confirmation number {confirmation}. Thank you."
            self._store.put({**now.resource, "status": "balanced", "note": [{"text": words}]})
            self._receipt(now.resource, today, confirmation)

    def _receipt(self, bill: Resource, day: str, confirmation: str) -> None:
        """A PDF as a Binary with its DocumentReference."""
        ident, data = secrets.token_hex(8), make_pdf(self._lines(bill, day, confirmation))
        attachment = {"contentType": "application/pdf", "url": f"Binary/{ident}", "title": "Receipt", "size": len(data)}
        self._store.put(
            {
                "resourceType": "Binary",
                "id": ident,
                "contentType": "application/pdf",
                "securityContext": bill["subject"],
                "data": base64.b64encode(data).decode(),
            }
        )
        self._store.put(
            {
                "resourceType": "DocumentReference",
                "id": f"receipt-{ident}",
                "status": "current",
                "type": {"text": "Receipt"},
                "subject": bill["subject"],
                "date": self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
                "description": f"Receipt for bill {_number(bill)}",
                "content": [{"attachment": attachment}],
            }
        )

    def _lines(self, bill: Resource, day: str, confirmation: str) -> list[str]:
        return [
            f"# {CLINIC}: receipt",
            "",
            f"Bill number: {_number(bill)}",
            f"For: {_what_for(bill)}",
            f"Paid: {_amount(bill)} on {in_words(day)}",
            f"Confirmation number: {confirmation}",
        ]

    def _bill(self, number: str) -> Stored | None:
        return next((each for each in self._store.of_type("Invoice") if _number(each.resource) == number), None)

    def _shown(self, bill: Stored) -> dict[str, Any]:
        resource = bill.resource
        return {
            "number": _number(resource),
            "what": _what_for(resource),
            "amount": _amount(resource),
            "date": in_words(resource.get("date", "")[:10]),
            "open": resource["status"] == "issued",
            "note": " ".join(each.get("text", "") for each in resource.get("note", [])),
        }

    def _page(self, status: int = 200, **values: Any) -> Response:
        return page("pay.html", status, places=self._front.addresses, **values)


def _number(bill: Resource) -> str:
    return next((str(each.get("value", "")) for each in bill.get("identifier", [])), "")


def _what_for(bill: Resource) -> str:
    texts = (line.get("chargeItemCodeableConcept", {}).get("text", "") for line in bill.get("lineItem", []))
    return ", ".join(text for text in texts if text)


def _amount(bill: Resource) -> str:
    return f"${bill.get('totalGross', {}).get('value', 0):,.2f}"
