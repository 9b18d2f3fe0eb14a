"""Pages for whoever tries the demo: the outbox, and the staff's page that changes records while a program watches.

They stand on this computer only. Each form carries a word that only our own page knows, and a post from another site
is refused: other pages open in the same browser can change nothing here.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, redirect, render_template, request

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import CLINIC
from phr_desktop.demo_portal.faults import KINDS
from phr_desktop.demo_portal.flavours import FLAVOURS
from phr_desktop.demo_portal.rules import TYPES
from phr_desktop.demo_portal.store import Stored
from phr_desktop.demo_portal.web import at_time, guarded, name_of, only_this_computer

if TYPE_CHECKING:
    from phr_desktop.demo_portal.portal import DemoPortal

_SHOWN = 8  # records of a kind
_LOG_SHOWN = 100
_ANSWER = "Thank you for your message. Please keep taking the medicine; we will see you at your visit."
_REFUSAL = "The doctor would like to see you first. Please book a visit."
Action = Callable[["DemoPortal", str, str], object]

# What the buttons of the page do: (portal, the record's type, its id).
ACTIONS: dict[str, Action] = {
    "add-result": lambda portal, _name, patient: portal.staff.add_result(patient),
    "add-critical": lambda portal, _name, patient: portal.staff.add_result(patient, 14.2, "HH"),
    "book": lambda portal, _name, patient: portal.staff.book(patient),
    "change-dose": lambda portal, _name, ident: portal.staff.change_dose(ident, "Take half a tablet once a day"),
    "stop-medicine": lambda portal, _name, ident: portal.staff.stop_medicine(ident),
    "withdraw": lambda portal, name, ident: portal.staff.withdraw(name, ident),
    "delete": lambda portal, name, ident: portal.store.delete(name, ident),
    "withhold": lambda portal, name, ident: portal.store.withhold(name, ident),
    "release": lambda portal, name, ident: portal.store.release(name, ident),
    "release-quietly": lambda portal, name, ident: portal.store.release(name, ident, keep_date=True),
    "cancel": lambda portal, _name, ident: portal.staff.cancel(ident),
    "confirm": lambda portal, _name, ident: portal.staff.confirm(ident),
    "accept": lambda portal, _name, ident: portal.staff.accept(ident),
    "complete": lambda portal, _name, ident: portal.staff.complete(ident),
    "refuse": lambda portal, _name, ident: portal.staff.refuse(ident, _REFUSAL),
    "answer": lambda portal, _name, ident: portal.staff.answer(ident, _ANSWER),
    "mark-paid": lambda portal, _name, ident: portal.staff.mark_paid(ident),
    "expire": lambda portal, _name, _ident: portal.tokens.expire_all(),
    "end-sign-ins": lambda portal, _name, _ident: portal.tokens.revoke_all(),
    "reset": lambda portal, _name, _ident: portal.reset(),
    "faults-off": lambda portal, _name, _ident: portal.faults.clear(),
    "flavour": lambda portal, _name, ident: setattr(portal, "flavour", ident),
}


class Admin:
    """`blueprint` is what the Flask app takes in at its root."""

    def __init__(self, portal: DemoPortal, clock: Clock) -> None:
        self._portal, self._clock = portal, clock
        self._word = secrets.token_urlsafe(24)
        self.blueprint = Blueprint("admin", __name__)
        self.blueprint.add_url_rule("/", "home", self.home)
        self.blueprint.add_url_rule("/outbox", "outbox", self.outbox)
        self.blueprint.add_url_rule("/admin", "admin", self.admin)
        self.blueprint.add_url_rule("/admin", "change", self.change, methods=["POST"])
        self.blueprint.before_request(only_this_computer)
        self.blueprint.after_request(guarded)

    def home(self) -> Response:
        return self._page("home.html", accounts=self._portal.users.all, fhir=self._portal.fhir_base)

    def outbox(self) -> Response:
        users = self._portal.users
        wanted = request.args.get("to")
        mails = [mail for mail in self._portal.outbox.mails if wanted in (None, mail.user)]
        apps = [{"user": user.name, "code": users.app_code(user)} for user in users.all if user.code_secret]
        shown = [{"mail": mail, "at": at_time(mail.at, self._clock)} for mail in mails]
        return self._page("outbox.html", mails=shown, apps=apps)

    def admin(self) -> Response:
        patients = self._portal.store.of_type("Patient")
        people = sorted((name_of(stored.resource), stored.id) for stored in patients)
        chosen = request.args.get("patient", "")
        if chosen not in [ident for _, ident in people]:
            chosen = people[0][1] if people else ""
        return self._page(
            "admin.html",
            people=people,
            chosen=chosen,
            lists=self._lists(chosen),
            withheld=[self._line(stored) for stored in self._portal.store.withheld(patient=chosen)],
            kinds={kind: words for kind, (words, _) in KINDS.items()},
            types=sorted(TYPES),
            faults=self._portal.faults.on,
            flavours=sorted(FLAVOURS),
            flavour=self._portal.flavour.name,
            log=[self._log_line(record) for record in self._portal.log[: -_LOG_SHOWN - 1 : -1]],
            done=request.args.get("done", ""),
        )

    def change(self) -> Response:
        if not hmac.compare_digest(self._word.encode(), request.form.get("csrf", "").encode()):
            abort(403)
        action, ident = request.form.get("action", ""), request.form.get("id", "")
        try:
            if action == "fault":
                self._switch_fault()
            elif action == "fault-off":
                self._portal.faults.on[int(ident)].off()
            else:
                ACTIONS[action](self._portal, request.form.get("type", ""), ident)
            done = "Done."
        except (KeyError, ValueError, IndexError):
            done = "That could not be done: the record has changed in the meantime."
        patient = request.form.get("patient", "")
        answer = redirect("/admin", 303)
        answer.headers["Location"] = f"/admin?patient={patient if patient.isalnum() else ''}&done={done}"
        return answer  # type: ignore[return-value]

    def _switch_fault(self) -> None:
        form = request.form
        how: dict[str, Any] = {}
        if form["kind"] == "status":
            how = {"status": int(form.get("status") or 503)}
            how |= {"retry_after": int(form["retry_after"])} if form.get("retry_after") else {}
        self._portal.faults.switch(
            form["kind"],
            type=form.get("only") or None,
            nth=int(form["nth"]) if form.get("nth") else None,
            times=int(form["times"]) if form.get("times") else None,
            **how,
        )

    def _lists(self, patient: str) -> list[dict[str, Any]]:
        """The records that the page offers to change, with the buttons of each list."""
        staff = self._portal.staff
        laboratory = [
            stored
            for stored in self._newest("Observation", patient)
            if any(code == "laboratory" for _, code in stored.tokens["category"])
        ]
        active = [each for each in self._newest("MedicationRequest", patient) if each.resource["status"] == "active"]
        booked = [each for each in self._newest("Appointment", patient) if each.resource["status"] == "booked"]
        unpaid = [each for each in self._newest("Invoice", patient) if each.resource["status"] == "issued"]
        waiting = {name: staff.unanswered(name, patient) for name in ("Appointment", "Task", "Communication")}
        found = [
            ("Visits asked for", waiting["Appointment"], {"confirm": "Confirm", "cancel": "Refuse"}),
            ("Requests", waiting["Task"], {"accept": "Accept", "complete": "Complete", "refuse": "Refuse"}),
            ("Messages to answer", waiting["Communication"], {"answer": "Answer"}),
            ("Newest results", laboratory, {"withhold": "Withhold", "withdraw": "Withdraw", "delete": "Delete"}),
            ("Medicines", active, {"change-dose": "Change dose", "stop-medicine": "Stop"}),
            ("Visits booked", booked, {"cancel": "Cancel"}),
            ("Bills", unpaid, {"mark-paid": "Mark paid"}),
        ]
        return [
            {"title": title, "records": [self._line(each) for each in records[:_SHOWN]], "buttons": buttons}
            for title, records, buttons in found
            if records
        ]

    def _newest(self, name: str, patient: str) -> list[Stored]:
        return sorted(self._portal.store.open_to(name, patient), key=lambda stored: stored.order, reverse=True)

    def _line(self, stored: Stored) -> dict[str, str]:
        moment = next((moments[0] for moments in stored.dates.values() if moments), stored.updated)
        return {
            "type": stored.type,
            "id": stored.id,
            "words": words_of(stored),
            "day": f"{moment.low.astimezone(self._clock.zone()):%b %d, %Y}",
        }

    def _log_line(self, record: Any) -> dict[str, Any]:
        return {"at": f"{record.at.astimezone(self._clock.zone()):%H:%M:%S}", "record": record}

    def _page(self, name: str, **values: Any) -> Response:
        text = render_template(name, csrf=self._word, clinic=CLINIC, places=self._portal.addresses, **values)
        return Response(text, mimetype="text/html")


def words_of(stored: Stored) -> str:
    """What a record is about, in few words."""
    resource = stored.resource
    for name in ("code", "medicationCodeableConcept", "description", "topic", "type"):
        value = resource.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, dict):
            coding = (value.get("coding") or [{}])[0]
            words = value.get("text") or coding.get("display") or coding.get("code")
            if words:
                return f"{words}{_value(resource)}"
    texts = [each.get("contentString", "") for each in resource.get("payload", [])]
    return next((text[:80] for text in texts if text), stored.type)


def _value(resource: dict[str, Any]) -> str:
    quantity = resource.get("valueQuantity")
    return f": {quantity.get('value')} {quantity.get('unit', '')}".rstrip() if quantity else ""
