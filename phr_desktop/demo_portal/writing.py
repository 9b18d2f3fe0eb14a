"""Create, update and delete as FHIR R4 describes them (Summary of RESTful API: http.html), with their conditions."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from flask import Request

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.drafts import CREATES, OWN_ONLY, UPDATES, Sender, listed, need
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.outcome import Refusal
from phr_desktop.demo_portal.search import understand
from phr_desktop.demo_portal.store import Resource, Store, Stored
from phr_desktop.demo_portal.tokens import Token

FROM_PERSON = {"system": "urn:oid:2.999.1.9", "code": "from-person", "display": "Sent by the person's own program"}
_DECODER = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_ETAG = re.compile(r'(?:W/)?"(\d+)"')


@dataclass(frozen=True, slots=True)
class Written:
    """A record as it now stands, and the status of the answer."""

    stored: Stored
    status: int


class Writer:
    """Writes of one front. Every method raises Refusal where the portal does not do what was asked."""

    def __init__(self, store: Store, front: Front, clock: Clock) -> None:
        self._store, self._front, self._clock = store, front, clock

    def create(self, name: str, request: Request, token: Token) -> Written:
        draft, sender = _body(name, request), self._sender(token)
        with self._store.lock:
            known = self._known(name, request, token)
            if known is not None:
                return Written(known, 200)
            self._check(draft, sender)
            CREATES[name](draft, sender)
            draft["id"] = secrets.token_hex(8)
            return Written(self._store.put(draft | {"meta": _meta(draft)}), 201)

    def update(self, name: str, ident: str, request: Request, token: Token) -> Written:
        draft, sender = _body(name, request), self._sender(token)
        need(draft.get("id") == ident, "The id in the record is not that of the address.", 400, "invalid")
        with self._store.lock:
            before = self._mine(name, ident, token, request)
            self._check(draft, sender)
            UPDATES[name](before.resource, draft, sender)
            meta = before.resource["meta"] | ({"tag": [FROM_PERSON]} if name in OWN_ONLY else {})
            return Written(self._store.put(draft | {"meta": meta}), 200)

    def delete(self, name: str, ident: str, request: Request, token: Token) -> None:
        self._sender(token)
        with self._store.lock:
            self._mine(name, ident, token, request)
            self._store.delete(name, ident)

    def _sender(self, token: Token) -> Sender:
        access = token.family.approval.access
        need(access.full, "You may look at this record, and change nothing in it.", 403, "forbidden")
        return Sender(access, self._store, self._clock)

    def _known(self, name: str, request: Request, token: Token) -> Stored | None:
        """What If-None-Exist finds. Raises Refusal 412 for several."""
        condition, works = request.headers.get("If-None-Exist"), self._front.flavour.conditional_create
        if condition is None or works == "ignored":
            return None
        query = understand(name, parse_qsl(condition), token.patient, self._clock.zone(), self._front.flavour)
        need(
            not query.ignored or works == "matches-all", "The condition has an unknown parameter.", 400, "not-supported"
        )
        need(query.tests or works == "matches-all", "The condition says nothing.", 400, "invalid")
        tests = [] if works == "matches-all" else query.tests
        found = [each for each in self._store.open_to(name, token.patient) if all(test(each) for test in tests)]
        need(len(found) <= 1, f"The condition is met by {len(found)} records.", 412, "multiple-matches")
        return found[0] if found else None

    def _mine(self, name: str, ident: str, token: Token, request: Request) -> Stored:
        """The record to change, as the one who asks may change it and as they last saw it."""
        stored = self._store.get(name, ident)
        if stored is None or self._store.is_withheld(stored):
            deleted = self._store.was_deleted(name, ident)
            raise Refusal(410 if deleted else 404, "deleted" if deleted else "not-found", "There is no such record.")
        need(stored.is_open_to(token.patient), "This sign-in opens another person's record.", 403, "forbidden")
        own = FROM_PERSON in stored.resource["meta"].get("tag", [])
        need(own or name not in OWN_ONLY, "This is the clinic's own record.", 403, "forbidden")
        self._seen(stored, request)
        return stored

    def _seen(self, stored: Stored, request: Request) -> None:
        condition = request.headers.get("If-Match")
        if condition is None:
            need(not self._front.flavour.if_match_needed, "Say by If-Match which version you saw.", 428, "required")
            return
        found = _ETAG.fullmatch(condition.strip())
        need(found and int(found[1]) == stored.version, "This was changed since you saw it.", 412, "conflict")

    def _check(self, draft: Resource, sender: Sender) -> None:
        """That the draft is about this person, and names nothing that they may not see."""
        need(
            self._store.owners_of(draft) == {sender.access.patient}, "This must be about the person you signed in for."
        )
        for reference in _references(draft):
            name, _, ident = reference.partition("/")
            target = self._store.get(name, ident)
            seen = target is not None and target.is_open_to(sender.access.patient)
            need(seen, "This names a record that is not there.", 422, "not-found")


def _body(name: str, request: Request) -> Resource:
    """The record that was sent. Raises Refusal 415 or 400."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    need(kind in ("application/fhir+json", "application/json"), "Send application/fhir+json.", 415, "not-supported")
    try:
        draft = _DECODER.decode(request.get_data())
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Refusal(400, "structure", "This is no JSON that could be read.") from None
    need(draft.get("resourceType") == name, "The record is of another type than its address.", 400, "invalid")
    for key in ("participant", "identifier"):
        need(all(isinstance(each, dict) for each in listed(draft.get(key))), f"{key} cannot be read.", 400, "structure")
    return draft


def _meta(draft: Resource) -> dict[str, Any]:
    sent = draft.get("meta")
    profile = sent.get("profile") if isinstance(sent, dict) else None
    return {"tag": [FROM_PERSON]} | ({"profile": profile} if isinstance(profile, list) else {})


def _references(value: Any) -> Iterator[str]:
    """Every relative reference to another record."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and re.fullmatch(r"[A-Z]\w+/[A-Za-z0-9.-]+", reference):
            yield reference
        for item in value.values():
            yield from _references(item)
