"""Pictures of medicines, doses and reminders, on a living vault of three people; see tests/ui/gallery.py."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from phr_desktop.actions import doses as acts
from phr_desktop.actions.own_allergies import add as add_own_allergy
from phr_desktop.actions.people import add_person
from phr_desktop.clock import FixedClock
from phr_desktop.domain.doses import AsNeeded, AtTimes, Dose, EveryDay, Schedule, TimedDose
from phr_desktop.domain.medicines import OwnAllergy
from phr_desktop.domain.reminders import Occurrence, ReminderKind
from phr_desktop.queries.doses import due_doses
from phr_desktop.reminders.doses import plan_doses
from phr_desktop.ui.bridge import Bridge
from phr_desktop.ui.dialogs.schedule import ScheduleDialog
from phr_desktop.ui.main_window import MainWindow
from phr_desktop.ui.pages.all import page_specs
from phr_desktop.ui.problems import Problems
from phr_desktop.vault import keys
from phr_desktop.vault.vault import Vault
from tests.queries.test_medicines import concept, dispense, order
from tests.resources import store
from tests.ui.camera import Camera, rest, settle
from tests.ui.living import LivingServices
from tests.vaults import PASSPHRASE

LA = ZoneInfo("America/Los_Angeles")
LISINOPRIL = "rxnorm:314076"
APIXABAN = "rxnorm:1364430"
TWICE = [
    {
        "text": "Take 1 tablet twice a day",
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
    }
]


def home(vault: Vault, clock: FixedClock) -> tuple[int, int]:
    """Three people, four schedules, and three days of what became of the doses."""
    mina, leo, omid = (
        add_person(vault, clock, *one).person
        for one in (
            ("Mina Satterfield", "1949-05-04", "mother"),
            ("Leo Satterfield", "2017-09-02", "son"),
            ("Omid Satterfield", "1978-02-11", "self"),
        )
    )
    store(
        vault,
        mina,
        [
            order(),
            dispense(),
            order("m2", medicationCodeableConcept=concept("861007", "metformin 500 MG")),
            order("m3", medicationCodeableConcept=concept("1364430", "apixaban 5 MG"), dosageInstruction=TWICE),
        ],
    )
    one, two = Decimal(1), Decimal(2)
    for person, key, title, doses, more in (
        (mina, LISINOPRIL, "lisinopril 10 MG Oral Tablet", ((8, 0, one),), ""),
        (mina, "rxnorm:861007", "metformin 500 MG", ((8, 30, one), (20, 0, Decimal("1.5"))), "with breakfast"),
        (mina, "rxnorm:1", "alendronate 70 MG", ((6, 0, one),), "with a full glass of water"),
        (leo, "rxnorm:2", "amoxicillin 80 MG/ML", ((8, 0, Decimal(5)),), ""),
        (omid, "rxnorm:3", "atorvastatin 20 MG", ((7, 50, two),), ""),
    ):
        unit = "mL" if person == leo else "tablet"
        timed = tuple(TimedDose(time(hour, minute), amount) for hour, minute, amount in doses)
        made = Schedule("", person, key, title, unit, AtTimes(EveryDay(), timed), date(2026, 11, 1), instructions=more)
        acts.confirm_schedule(vault, clock, made)
    needed = Schedule(
        "", mina, "rxnorm:4", "acetaminophen 500 MG", "tablet",
        AsNeeded(one, timedelta(hours=4), Decimal(6)), date(2026, 11, 1),
    )  # fmt: skip
    acts.confirm_schedule(vault, clock, needed)
    plan_doses(vault, clock)
    for day in range(2, 20):
        clock.move_to(datetime(2026, 11, day, 22, tzinfo=LA))
        plan_doses(vault, clock)
        for place, dose in enumerate(due_doses(vault, clock)):
            if day == 7 and place == 0:
                acts.skip(vault, clock, dose, "There was none left")
            else:
                acts.take(vault, clock, dose, at=dose.due, given_by="Omid Satterfield")
    clock.move_to(datetime(2026, 11, 21, 8, 40, tzinfo=LA))
    plan_doses(vault, clock)
    return mina, leo


def photograph(camera: Camera) -> None:
    """Every scene of PICTURES."""
    clock = FixedClock(datetime(2026, 11, 1, 5, tzinfo=LA), LA)
    with tempfile.TemporaryDirectory() as place:
        vault = Vault.create(Path(place) / "vault", PASSPHRASE, kdf=keys.FLOOR).vault
        home(vault, clock)
        problems = Problems()
        bridge = Bridge(problems.show)
        window = MainWindow(LivingServices(vault, clock), bridge, problems, camera.theme, page_specs())
        window.setWindowState(Qt.WindowState.WindowNoState)  # it would fill the small offscreen screen
        window.resize(1280, 860)
        window.start()
        window.show()
        settle(bridge)
        for name, take in PICTURES.items():
            take(window, camera, name)
        window.finish()
        vault.lock()


def page(key: str, tall: int = 860, **arguments: object) -> Callable[[MainWindow, Camera, str], None]:
    """A picture of a page, as high as it takes to see all of it."""

    def take(window: MainWindow, camera: Camera, name: str) -> None:
        window.navigate(key, **arguments)
        settle(window.bridge)
        for look, (_palette, scale) in camera.looks.items():
            window.resize(1280, round(tall * max(1.0, scale * 0.9)))
            camera.take(window, name, (look,))
        window.resize(1280, 860)

    return take


def schedule(window: MainWindow, camera: Camera, name: str) -> None:
    """The steps of the schedule's dialog, from an order, and each kind by hand."""
    window.navigate("medicine", medicine=APIXABAN)
    settle(window.bridge)
    own = window.shell.page()
    own.doses.set_up(own.page.line, own._found)
    dialog = window.findChild(ScheduleDialog)
    settle(window.bridge)
    camera.take(dialog, f"{name}-1")
    dialog.main.click()
    settle(window.bridge)
    camera.take(dialog, f"{name}-2")
    dialog.form.times.suggestion.click()
    dialog.main.click()
    settle(window.bridge)
    camera.take(dialog, f"{name}-3")
    dialog._back_to_form()
    for place in range(1, dialog.form.kind.count()):
        dialog.form.kind.setCurrentIndex(place)
        settle(window.bridge)
        camera.take(dialog, f"{name}-kind-{dialog.form.kind.currentData()}")
    dialog.reject()


def log(window: MainWindow, camera: Camera, name: str) -> None:
    """The log in each of its forms."""
    window.navigate("doses")
    settle(window.bridge)
    own = window.shell.page()
    window.resize(1280, 1000)
    for kind in ("list", "calendar", "chart", "table"):
        own.tabs.button(kind).click()
        settle(window.bridge)
        camera.take(window, f"{name}-{kind}")
    window.resize(1280, 860)


def dialogs(window: MainWindow, camera: Camera, name: str) -> None:
    """Skip, another time, move and count."""
    window.navigate("today")
    settle(window.bridge)
    verbs = window.shell.page().doses.verbs
    dose = due_doses(window.services.vault, window.services.clock)[-1]
    for word, ask in (("skip", verbs.skip), ("at", verbs.take_at), ("move", verbs.move)):
        ask(dose)
        dialog = QApplication.activeModalWidget()
        camera.take(dialog, f"{name}-{word}")
        dialog.reject()
    window.navigate("medicine", medicine=LISINOPRIL)
    settle(window.bridge)
    own = window.shell.page()
    own.doses._count(own.page.line, own._found)
    dialog = QApplication.activeModalWidget()
    dialog.left.set_text("28")
    camera.take(dialog, f"{name}-stock")
    dialog.reject()


def hearing(window: MainWindow, camera: Camera, name: str) -> None:
    """Before, while it asks, and with the advice."""
    window.services.settings.heard = {"desktop": (True, "2026-11-21")}
    window.navigate("hearing")
    settle(window.bridge)
    own = window.shell.page()
    camera.take(window, name)
    for way in ("sound", "window"):
        own.try_one(way)
        settle(window.bridge)
        camera.take(window, f"{name}-{way}")
    own.no.click()
    camera.take(window, f"{name}-advice")


def own_medicine(window: MainWindow, camera: Camera, name: str) -> None:
    window.navigate("medicines")
    settle(window.bridge)
    own = window.shell.page()
    services, peanuts = window.services, OwnAllergy("Peanuts", "hives", "food", severe=True)
    add_own_allergy(services.vault, services.clock, own.person_id, peanuts)
    own.ask_again()
    settle(window.bridge)
    camera.take(window, "medicines")
    own.add_allergy.click()
    dialog = QApplication.activeModalWidget()
    dialog.substance.edit.setText("Penicillin")
    camera.take(dialog, "own-allergy")
    dialog.reject()
    own.add_own.click()
    dialog = QApplication.activeModalWidget()
    dialog.name.edit.setText("Vitamin D")
    camera.take(dialog, name)
    dialog.reject()


def alarm_of(dose: Dose) -> Occurrence:
    title, subject = f"{dose.title}, one tablet, 8:00 AM", f"dose:{dose.id}"
    return Occurrence(dose.id, dose.person, dose.person_name, ReminderKind.DOSE, dose.due, title, "", subject, "")


def alarm(window: MainWindow, camera: Camera, name: str) -> None:
    """One alarm, and three at once; the offer and the line above the page beside it."""
    doses = due_doses(window.services.vault, window.services.clock)
    told = [alarm_of(dose) for dose in doses[:3]]
    window.navigate("today")
    settle(window.bridge)
    for count in (1, 3):
        window.reminders.ring(told[:count])
        settle(window.bridge)
        camera.take(window.reminders.alarms.card, f"{name}-{count}")
        window.reminders.alarms.card.done(0)
        rest(50)
    window.services.kinds = frozenset(ReminderKind)
    window.shell.autostart_offer.look()
    window.shell.show_reminders(told)
    settle(window.bridge)
    camera.take(window, f"{name}-offer")


def own_reminder(window: MainWindow, camera: Camera, name: str) -> None:
    window.navigate("settings", section="reminders")
    settle(window.bridge)
    window.shell.page().section.own.add_button.click()
    dialog = QApplication.activeModalWidget()
    dialog.days.setCurrentIndex(1)
    camera.take(dialog, name)
    dialog.reject()


PICTURES = {
    "today": page("today", 1500),
    "medicine": page("medicine", 1700, medicine=LISINOPRIL),
    "settings-reminders": page("settings", 1900, section="reminders"),
    "log": log,
    "schedule": schedule,
    "dialog": dialogs,
    "hearing": hearing,
    "own-reminder": own_reminder,
    "own-medicine": own_medicine,
    "alarm": alarm,
}
