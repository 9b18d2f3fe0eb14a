"""The demo portal as one object: start it, stop it, change its records, read what was asked of it.

What a test or a person's trial uses:

- `DemoPortal(clock=..., port=0, data=None, flavour="rich", seen_at=None)`, `.start()`, `.stop()`, or `with`.
  `seen_at="http://127.0.0.1:5000"` writes every address as seen through a relay there.
- `.fhir_base` has the flavour given; `.poor_base` is the same portal, same records and accounts, as a poor vendor's.
  `.flavour` of the first may be set while it runs: "rich", "poor", or `dataclasses.replace(POOR, total=True)`.
- `.accounts`: user, password, patient, name. "tomas" has a one-time code (`browser.sign_in` fetches it from the outbox
  page) and opens Leo read-only. `.users` has locks and codes, `.outbox.mails` the mails, `.clients.add(Client(...))`.
- `.store.put/delete/withhold/release(type, id, keep_date=True)`, `.staff.add_result(patient)` and what else the clinic
  does, `.reset()`.
- `.faults.switch("status", type="Observation", nth=2, status=503, retry_after=30)`, `.off()` on what it gives,
  `.faults.clear()`; kinds and settings stand in `faults.KINDS`. `path="*/token", after=True` spoils the answer of the
  token address after the rotation was made.
- `.tokens.expire_all()`, `.tokens.revoke_all()`: access ends early, sign-ins end.
- `.log`: `RequestRecord`s with method, path, query, status, size, scope (the granted scopes that allowed it) and fault.
- `.addresses.outbox`, `.addresses.admin`, `.addresses.pay`: the pages for people.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from flask import Flask, Response, g, request, send_from_directory
from werkzeug.exceptions import HTTPException

from phr_desktop.clock import Clock
from phr_desktop.demo_portal.accounts import FAMILY_ACCOUNTS
from phr_desktop.demo_portal.addresses import Addresses
from phr_desktop.demo_portal.admin import Admin
from phr_desktop.demo_portal.api import Api
from phr_desktop.demo_portal.breakage import Breakage
from phr_desktop.demo_portal.clients import Clients
from phr_desktop.demo_portal.door import Door
from phr_desktop.demo_portal.family import family_records, settle_appointments
from phr_desktop.demo_portal.faults import Faults
from phr_desktop.demo_portal.flavours import POOR, Flavour, flavour_of
from phr_desktop.demo_portal.fronts import Front
from phr_desktop.demo_portal.oauth import make_server
from phr_desktop.demo_portal.outbox import Outbox
from phr_desktop.demo_portal.pages import Pages
from phr_desktop.demo_portal.payments import Payments
from phr_desktop.demo_portal.selfservice import SelfService
from phr_desktop.demo_portal.server import Server, listen
from phr_desktop.demo_portal.staff import Staff
from phr_desktop.demo_portal.store import Resource, Store
from phr_desktop.demo_portal.tokens import Tokens
from phr_desktop.demo_portal.users import Users
from phr_desktop.demo_portal.web import FOLDER, name_of

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
    scope: str = ""  # the granted scopes that it needed one of
    fault: str = ""  # the kinds of the faults that it met


class DemoPortal:
    """A whole SMART on FHIR portal on 127.0.0.1, its state in memory for as long as the object lives.

    `port` 0 takes any free port at the first start and keeps it: a stopped portal starts again at the same address
    with the same records and sign-ins. `data` are the records to serve, as they are; without it, the demo family
    shifted to the clock's day. Ids of patients are those of `FAMILY_ACCOUNTS`, else nobody can sign in. Raises
    KeyError for an unknown flavour.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        port: int = 0,
        data: Iterable[Resource] | None = None,
        flavour: Flavour | str = "rich",
        seen_at: str | None = None,
    ) -> None:
        self._clock, self._port, self._seen_at = clock, port, seen_at
        self._server: Server | None = None
        self._app: Flask | None = None
        self._log_lock = threading.Lock()
        self.log: list[RequestRecord] = []
        self.store: Store = Store(clock)
        self._data = None if data is None else list(data)
        self.store.load(self._records())
        settle_appointments(self.store, clock, first=True)
        unknown = Addresses("")  # until the first start
        self._main = Front("main", unknown, Tokens(clock), flavour_of(flavour))
        self._poor = Front("poor", unknown, Tokens(clock), POOR)
        self.faults: Faults = Faults()
        self.clients: Clients = Clients()
        self.outbox: Outbox = Outbox(clock)
        self.staff: Staff = Staff(self.store, clock)
        self._breakage = Breakage(self.store, clock)
        self.users = self._make_users()

    def start(self) -> None:
        """Listens and answers. Raises OSError where the port is taken, RuntimeError where it already runs."""
        if self._server is not None:
            raise RuntimeError("the demo portal is already running")
        listener = listen(self._port)
        self._port = listener.getsockname()[1]
        self._breakage.stopping.clear()
        if self._app is None:
            self._app = self._make_app()
        self._server = Server(self._app, listener)

    def stop(self) -> None:
        """Stops answering and leaves no thread behind; records and sign-ins stay. Does nothing when stopped."""
        server, self._server = self._server, None
        if server is not None:
            self._breakage.stopping.set()
            server.stop()

    def __enter__(self) -> DemoPortal:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def addresses(self) -> Addresses:
        return self._addresses("")

    @property
    def fhir_base(self) -> str:
        return self.addresses.fhir

    @property
    def poor_base(self) -> str:
        return self._addresses("/poor").fhir

    @property
    def flavour(self) -> Flavour:
        return self._main.flavour

    @flavour.setter
    def flavour(self, wanted: Flavour | str) -> None:
        self._main.flavour = flavour_of(wanted)

    @property
    def tokens(self) -> Tokens:
        """The sign-ins at `fhir_base`."""
        return self._main.tokens

    @property
    def accounts(self) -> list[dict[str, str]]:
        """One entry for each record that each sample account opens: user, password, patient, name."""
        return [
            {
                "user": user.name,
                "password": user.account.password,
                "patient": access.patient,
                "name": self._name(access.patient),
            }
            for user in self.users.all
            if user.sample
            for access in user.account.opens
        ]

    def reset(self) -> None:
        """Puts the records back as they were at the start; sign-ins, accounts and faults stay."""
        self.store.reset(self._records())
        settle_appointments(self.store, self._clock, first=True)

    def tick(self) -> None:
        """Does what time brings: visits become fulfilled, staff answer, ended sign-ins and old log are forgotten."""
        settle_appointments(self.store, self._clock)
        self.staff.answer_waiting()
        for front in (self._main, self._poor):
            front.tokens.forget_old()
        with self._log_lock:
            del self.log[:-_LOG_KEPT]

    def _records(self) -> Iterable[Resource]:
        return family_records(self._clock) if self._data is None else self._data

    def _addresses(self, prefix: str) -> Addresses:
        if not self._port:
            raise RuntimeError("the demo portal has no port before its first start")
        return Addresses((self._seen_at or f"http://127.0.0.1:{self._port}").rstrip("/"), prefix)

    def _name(self, patient: str) -> str:
        stored = self.store.get("Patient", patient)
        return name_of(stored.resource) if stored else ""

    def _make_users(self) -> Users:
        patients = [stored.id for stored in self.store.of_type("Patient")]
        accounts = [kept for account in FAMILY_ACCOUNTS if (kept := account.only(patients)).opens]
        return Users(accounts, self._email_of, self.outbox, self._clock)

    def _email_of(self, patient: str) -> str:
        stored = self.store.get("Patient", patient)
        telecom = stored.resource.get("telecom", []) if stored else []
        return next((each["value"] for each in telecom if each.get("system") == "email"), f"{patient}@example.org")

    def _make_app(self) -> Flask:
        app = Flask(__name__, static_folder=None, template_folder=str(FOLDER))
        app.secret_key = secrets.token_bytes(32)
        # Browsers send cookies to every port of a host: the name keeps two demo portals apart.
        app.config["SESSION_COOKIE_NAME"] = f"harbor-demo-{self._port}"
        app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
        self._add_front(app, self._main, "")
        self._add_front(app, self._poor, "/poor")
        app.register_blueprint(Admin(self, self._clock).blueprint)
        app.add_url_rule("/style.css", "style", lambda: send_from_directory(FOLDER, "style.css"))
        app.before_request(self._break)
        app.after_request(self._note)
        return app

    def _add_front(self, app: Flask, front: Front, prefix: str) -> None:
        front.addresses = self._addresses(prefix)
        server = make_server(app, self.clients, front, self._clock)
        door = Door(self.store, self.users, front, self._clock)
        api = Api(self.store, front, self._clock)
        pages = Pages(self.store, self.clients, front, door, self._clock, server)
        alone = SelfService(self.store, self.users, self.clients, front, door, self._clock)
        app.register_blueprint(pages.blueprint, url_prefix=f"{prefix}/auth")
        app.register_blueprint(alone.blueprint, url_prefix=f"{prefix}/auth")
        app.register_blueprint(Payments(self.store, front, self._clock).blueprint, url_prefix=f"{prefix}/auth")
        app.register_blueprint(api.blueprint, url_prefix=f"{prefix}/fhir")
        app.register_error_handler(HTTPException, api.http_problem)

    def _break(self) -> Response | None:
        own = request.path.startswith(("/admin", "/outbox", "/style"))  # else nobody could switch a fault off
        g.faults = [] if own else self.faults.meeting(request.method, request.path)
        return self._breakage.instead(g.faults)

    def _note(self, response: Response) -> Response:
        """Dates the answer by the portal's clock and writes the request down, without its secrets."""
        faults = g.get("faults", [])
        if faults:
            response = self._breakage.changed(response, faults)
        now = self._clock.now()
        response.headers["Date"] = format_datetime(now, usegmt=True)
        private = "/auth/" in request.path
        record = RequestRecord(
            now,
            request.method,
            request.path,
            "" if private else request.query_string.decode("ascii", "replace"),
            response.status_code,
            response.content_length or 0,
            g.get("scope", ""),
            " ".join(fault.kind for fault in faults),
        )
        with self._log_lock:
            self.log.append(record)
        return response
