"""Every page of the program, in the order of the rail.

Each page's module is imported when the page is first opened, so that the first one is painted soon.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from PySide6.QtCore import QCoreApplication

from phr_desktop.ui.pages.base import FOOT, Page, PageContext, PageSpec

_PAGES = "phr_desktop.ui.pages"


def page_specs() -> tuple[PageSpec, ...]:
    """The pages as the shell is given them; their titles in the person's language."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("pages", text)

    return (
        PageSpec("today", tr("&Today"), _late("today", "TodayPage"), 0, "today"),
        PageSpec("medicines", tr("&Medicines"), _late("medicines", "MedicinesPage"), 1, "medicines"),
        PageSpec("appointments", tr("&Appointments"), _late("appointments", "AppointmentsPage"), 1, "appointments"),
        PageSpec("results", tr("&Results"), _late("results", "ResultsPage"), 1, "results"),
        PageSpec("records", tr("Re&cords"), _late("records", "RecordsPage"), 1, "records"),
        PageSpec("documents", tr("&Documents"), _late("documents", "DocumentsPage"), 1, "documents"),
        PageSpec("sources", tr("&Sources && sync"), _late("sources", "SourcesPage"), 2, "sync"),
        PageSpec("settings", tr("Sett&ings"), _late("settings", "SettingsPage"), FOOT, "settings", of_nobody=True),
        PageSpec("doses", tr("Doses"), _late("doses", "DosesPage"), parent="medicines"),
        PageSpec("medicine", tr("Medicine"), _late("medicine_detail", "MedicineDetailPage"), parent="medicines"),
        PageSpec(
            "appointment", tr("Appointment"), _late("appointment_detail", "AppointmentPage"), parent="appointments"
        ),
        PageSpec("result", tr("Result"), _late("result_detail", "ResultDetailPage"), parent="results"),
        PageSpec("measurement", tr("Measurement"), _late("result_detail", "ResultDetailPage"), parent="records"),
        PageSpec("record", tr("Record"), _late("record_detail", "RecordDetailPage"), parent="records"),
        PageSpec("hearing", tr("Will I hear it?"), _late("hearing", "HearingPage"), parent="settings", of_nobody=True),
        PageSpec("document", tr("Document"), _late("document_view", "DocumentPage"), parent="documents"),
    )


def _late(module: str, name: str) -> Callable[[PageContext], Page]:
    def make(context: PageContext) -> Page:
        page: Page = getattr(import_module(f"{_PAGES}.{module}"), name)(context)
        return page

    return make
