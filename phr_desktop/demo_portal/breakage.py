"""How a fault looks on the wire: false answers in the portal's place, and true answers spoiled."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, request

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.faults import INSTEAD, Fault
from phr_desktop.demo_portal.outcome import outcome
from phr_desktop.demo_portal.store import Store

_FHIR_JSON = "application/fhir+json; charset=utf-8"
_HTML = (
    "<!doctype html><html lang='en'><head><title>Hotel Wi-Fi</title></head><body><h1>Welcome</h1>"
    "<p>Please accept the terms to use this network.</p></body></html>"
)
Change = Callable[["Breakage", Fault, dict[str, Any]], None]


class Breakage:
    """Carries faults out. `stopping` is set when the portal stops: a slow answer then ends at once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self.stopping = threading.Event()
        self._made_up = 0

    def instead(self, faults: list[Fault]) -> Response | None:
        """The false answer that keeps the portal from doing anything; None where it goes on."""
        first = next((fault for fault in faults if fault.kind in INSTEAD and not fault.how["after"]), None)
        return self._false(first) if first else None

    def changed(self, response: Response, faults: list[Fault]) -> Response:
        """The answer as these faults leave it."""
        for fault in faults:
            if fault.kind in INSTEAD:
                response = self._false(fault) if fault.how["after"] else response
            elif fault.kind in _IN_JSON:
                self._change_json(response, fault)
            else:
                _ON_WIRE[fault.kind](self, response, fault.how)
        return response

    def _false(self, fault: Fault) -> Response:
        how = fault.how
        if fault.kind == "html":
            return Response(_HTML, status=how["status"], mimetype="text/html")
        if fault.kind == "empty":
            return Response(b"", status=how["status"], content_type=_FHIR_JSON)
        if fault.kind == "no-content":
            return Response(status=204)
        if fault.kind == "redirect":
            return Response(status=how["status"], headers={"Location": how["to"]})
        if fault.kind == "token-expired":
            challenge = 'Bearer realm="Harbor Clinic (demo)", error="invalid_token"'
            return _outcome(401, "login", "This sign-in has ended.", {"WWW-Authenticate": challenge})
        if fault.kind == "outcome":
            body = outcome(how["severity"], how["code"], "Something went wrong here.")
            return Response(msgspec.json.encode(body), content_type=_FHIR_JSON)
        return self._status(how)

    def _status(self, how: dict[str, Any]) -> Response:
        headers = {}
        if how["retry_after"] is not None:
            headers["Retry-After"] = str(how["retry_after"])
        if how["retry_date"] is not None:
            headers["Retry-After"] = _date(self._clock.now() + timedelta(seconds=how["retry_date"]))
        if how["body"] == "outcome":
            return _outcome(how["status"], how["code"], "This is a fault that was switched on.", headers)
        if how["body"] == "html":
            return Response(_HTML, status=how["status"], mimetype="text/html", headers=headers)
        body = b"" if how["body"] == "empty" else how["body"]
        return Response(body, status=how["status"], content_type=_FHIR_JSON, headers=headers)

    def _change_json(self, response: Response, fault: Fault) -> None:
        packed = response.headers.get("Content-Encoding") == "gzip"
        body = response.get_data()
        try:
            bundle = msgspec.json.decode(gzip.decompress(body) if packed else body)
        except (msgspec.MsgspecError, OSError):
            return
        if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
            return
        _IN_JSON[fault.kind](self, fault, bundle)
        body = msgspec.json.encode(bundle)
        response.set_data(gzip.compress(body, compresslevel=1, mtime=0) if packed else body)

    # --- changes inside a bundle

    def _warning(self, fault: Fault, bundle: dict[str, Any]) -> None:
        notice = outcome(fault.how["severity"], fault.how["code"], "This may not be the whole record.")
        bundle.setdefault("entry", []).append({"resource": notice, "search": {"mode": "outcome"}})

    def _page_again(self, _fault: Fault, bundle: dict[str, Any]) -> None:
        for link in bundle["link"]:
            if link["relation"] in ("next", "prev") and "_page" not in request.args:
                link["url"] = link["url"].rpartition(".")[0] + ".0"

    def _self_next(self, _fault: Fault, bundle: dict[str, Any]) -> None:
        self._set_next(bundle, request.url)

    def _foreign_next(self, fault: Fault, bundle: dict[str, Any]) -> None:
        self._set_next(bundle, fault.how["to"])

    def _endless(self, _fault: Fault, bundle: dict[str, Any]) -> None:
        self._made_up += 1
        arguments = {name: value for name, value in request.args.items() if name != "again"}
        self._set_next(bundle, f"{request.base_url}?{urlencode({**arguments, 'again': self._made_up})}")

    def _set_next(self, bundle: dict[str, Any], url: str) -> None:
        relation = next((link["relation"] for link in bundle["link"] if link["relation"] != "self"), "next")
        bundle["link"] = [link for link in bundle["link"] if link["relation"] == "self"]
        bundle["link"].append({"relation": relation, "url": url})

    def _total(self, fault: Fault, bundle: dict[str, Any]) -> None:
        bundle["total"] = bundle.get("total", 0) + fault.how["by"] * fault.met

    def _wrong_patient(self, fault: Fault, bundle: dict[str, Any]) -> None:
        resource = fault.how["resource"] or self._of_another(bundle)
        if resource is not None:
            bundle.setdefault("entry", []).insert(0, {"resource": resource, "search": {"mode": "match"}})

    def _of_another(self, bundle: dict[str, Any]) -> dict[str, Any] | None:
        name = request.path.rpartition("/")[2]
        shown = {entry["resource"].get("id") for entry in bundle.get("entry", ())}
        owners: set[str] = set()
        for stored in self._store.of_type(name):
            if stored.id in shown:
                owners |= stored.patients
        others = (each for each in self._store.of_type(name) if each.id not in shown and not each.patients & owners)
        found = next(others, None)
        return found.resource if found else None

    def _new_ids(self, fault: Fault, bundle: dict[str, Any]) -> None:
        for entry in bundle.get("entry", ()):
            resource = entry["resource"]
            if "id" in resource and resource["resourceType"] != "Patient":
                resource["id"] = fault.how["prefix"] + resource["id"]
                resource["meta"] = {**resource.get("meta", {}), "versionId": "1"}
                entry["fullUrl"] = f"{request.base_url}/{resource['id']}"

    def _vanish(self, fault: Fault, bundle: dict[str, Any]) -> None:
        share = fault.how["share"]
        kept = [
            entry
            for entry in bundle.pop("entry", [])
            if zlib.crc32(entry["resource"].get("id", "").encode()) % 1000 >= share * 1000
        ]
        if kept:
            bundle["entry"] = kept
        if "total" in bundle:
            bundle["total"] = round(bundle["total"] * (1 - share))
        if share >= 1:
            bundle["link"] = [link for link in bundle["link"] if link["relation"] == "self"]

    def _malformed(self, fault: Fault, bundle: dict[str, Any]) -> None:
        entries = bundle.get("entry", ())
        if entries:
            spoiled = {**entries[0]["resource"], "subject": 7, "id": ["not", "an", "id"]}
            entries[0]["resource"] = fault.how["resource"] or spoiled

    # --- changes of the bytes

    def _content_type(self, response: Response, how: dict[str, Any]) -> None:
        response.headers["Content-Type"] = how["to"]

    def _truncated(self, response: Response, how: dict[str, Any]) -> None:
        """Half of the text, packed whole: the packing hides that it is cut."""
        body, packed = response.get_data(), response.headers.get("Content-Encoding") == "gzip"
        text = gzip.decompress(body) if packed else body
        text = text[: int(len(text) * how["share"])]
        response.set_data(gzip.compress(text, mtime=0) if packed else text)

    def _gzip_broken(self, response: Response, _how: dict[str, Any]) -> None:
        body = bytearray(_packed(response))
        middle = 10 + (len(body) - 18) // 2
        body[middle : middle + 8] = b"\xff" * 8
        response.set_data(bytes(body))

    def _gzip_length(self, response: Response, _how: dict[str, Any]) -> None:
        response.set_data(_packed(response)[:-4] + b"\x01\0\0\0")

    def _gzip_bomb(self, response: Response, how: dict[str, Any]) -> None:
        packer = zlib.compressobj(9, wbits=31)
        piece = b" " * (1 << 20)
        parts = [packer.compress(piece) for _ in range(how["mebibytes"])]
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(b"".join([*parts, packer.flush()]))

    def _slow(self, response: Response, how: dict[str, Any]) -> None:
        body = response.get_data()
        response.response = self._drops(body, how["bytes"], how["seconds"])
        response.headers["Content-Length"] = str(len(body))

    def _drops(self, body: bytes, size: int, seconds: float) -> Iterator[bytes]:
        yield body[:size]
        for start in range(size, len(body), size):
            if self.stopping.wait(seconds):
                yield body[start:]
                return
            yield body[start : start + size]


_IN_JSON: dict[str, Change] = {
    "warning": Breakage._warning,
    "page-again": Breakage._page_again,
    "self-next": Breakage._self_next,
    "foreign-next": Breakage._foreign_next,
    "endless": Breakage._endless,
    "total": Breakage._total,
    "wrong-patient": Breakage._wrong_patient,
    "new-ids": Breakage._new_ids,
    "vanish": Breakage._vanish,
    "malformed": Breakage._malformed,
}
_ON_WIRE: dict[str, Callable[[Breakage, Response, dict[str, Any]], None]] = {
    "content-type": Breakage._content_type,
    "truncated": Breakage._truncated,
    "gzip-broken": Breakage._gzip_broken,
    "gzip-length": Breakage._gzip_length,
    "gzip-bomb": Breakage._gzip_bomb,
    "slow": Breakage._slow,
}


def _packed(response: Response) -> bytes:
    body = response.get_data()
    if response.headers.get("Content-Encoding") != "gzip":
        response.headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, mtime=0)
    return body


def _outcome(status: int, code: str, text: str, headers: dict[str, str]) -> Response:
    body = msgspec.json.encode(outcome("error", code, text))
    return Response(body, status=status, content_type=_FHIR_JSON, headers=headers)


def _date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)
