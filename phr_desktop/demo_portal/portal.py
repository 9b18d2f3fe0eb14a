"""The demo portal as one object: start it, stop it, change its records, read what was asked of it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import CLIENT_ID, FAMILY_ACCOUNTS, Client
from phr_desktop.demo_portal.addresses import Addresses
from phr_desktop.demo_portal.api import Api
from phr_desktop.demo_portal.family import family_records, settle_appointments
from phr_desktop.demo_portal.oauth import make_server
from phr_desktop.demo_portal.pages import Pages, name_of
from phr_desktop.demo_portal.server import Server, listen
from phr_desktop.demo_portal.store import Resource, Store
from phr_desktop.demo_portal.tokens import Tokens
from phr_desktop.paths import resources

PAGES = resources() / "demo" / "pages"


_LOG_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request as it was answered. The query of sign-in addresses is left out: it holds one-time values."""

    at: datetime
    method: str
    path: str
    query: str
    status: int
    size: int  # bytes of the answer's body as sent


class DemoPortal:
    """A whole SMART on FHIR portal on 127.0.0.1, its state in memory for as long as the object lives.

    `port` 0 takes any free port at the first start and keeps it: a stopped portal starts again at the same address
    with the same records and sign-ins. `data` are the records to serve, as they are; without it, the demo family
    shifted to the clock's day. Ids of patients are those of `FAMILY_ACCOUNTS`, else nobody can sign in.
    """

    def __init__(self, *, clock: Clock, port: int = 0, data: Iterable[Resource] | None = None) -> None:
        self._clock = clock
        self._port = port
        self._server: Server | None = None
        self._app: Flask | None = None
        self._log_lock = threading.Lock()
        self.log: list[RequestRecord] = []
        self.tokens = Tokens(clock)
        self.store = Store(clock)
        self.store.load(family_records(clock) if data is None else data)
        settle_appointments(self.store, clock, first=True)
        patients = [stored.id for stored in self.store.of_type("Patient")]
        self._accounts = [kept for account in FAMILY_ACCOUNTS if (kept := account.only(patients)).opens]

    def start(self) -> None:
        """Listens and answers. Raises OSError where the port is taken, RuntimeError where it already runs."""
        if self._server is not None:
            raise RuntimeError("the demo portal is already running")
        listener = listen(self._port)
        self._port = listener.getsockname()[1]
        if self._app is None:
            self._app = self._make_app()
        self._server = Server(self._app, listener)

    def stop(self) -> None:
        """Stops answering and leaves no thread behind; records and sign-ins stay. Does nothing when stopped."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def __enter__(self) -> DemoPortal:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def addresses(self) -> Addresses:
        if not self._port:
            raise RuntimeError("the demo portal has no port before its first start")
        return Addresses(f"http://127.0.0.1:{self._port}")

    @property
    def fhir_base(self) -> str:
        return self.addresses.fhir

    @property
    def accounts(self) -> list[dict[str, str]]:
        """One entry for each record that each account opens: user, password, patient, name."""
        return [
            {
                "user": account.user,
                "password": account.password,
                "patient": access.patient,
                "name": self._name(access.patient),
            }
            for account in self._accounts
            for access in account.opens
        ]

    def tick(self) -> None:
        """Does what time brings: visits that are over become fulfilled, ended sign-ins and old log are forgotten."""
        settle_appointments(self.store, self._clock)
        self.tokens.forget_old()
        with self._log_lock:
            del self.log[:-_LOG_KEPT]

    def _name(self, patient: str) -> str:
        stored = self.store.get("Patient", patient)
        return name_of(stored.resource) if stored else ""

    def _make_app(self) -> Flask:
        addresses, clients = self.addresses, {CLIENT_ID: Client(CLIENT_ID)}
        app = Flask(__name__, static_folder=None)
        app.secret_key = secrets.token_bytes(32)
        # Browsers send cookies to every port of a host: the name keeps two demo portals apart.
        app.config["SESSION_COOKIE_NAME"] = f"harbor-demo-{self._port}"
        app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
        app.config["SESSION_COOKIE_PATH"] = "/auth"
        server = make_server(app, clients, self.tokens, addresses, self._clock)
        api = Api(self.store, self.tokens, addresses, self._clock)
        pages = Pages(self.store, self._accounts, clients, self.tokens, addresses, self._clock, server, PAGES)
        app.register_blueprint(pages.blueprint, url_prefix="/auth")
        app.register_blueprint(api.blueprint, url_prefix="/fhir")
        app.register_error_handler(HTTPException, api.http_problem)
        app.after_request(self._note)
        return app

    def _note(self, response: Response) -> Response:
        """Dates the answer by the portal's clock and writes the request down, without its secrets."""
        now = self._clock.now()
        response.headers["Date"] = format_datetime(now, usegmt=True)
        query = "" if request.path.startswith("/auth/") else request.query_string.decode("ascii", "replace")
        record = RequestRecord(
            now, request.method, request.path, query, response.status_code, response.content_length or 0
        )
        with self._log_lock:
            self.log.append(record)
        return response
