"""In which country's way dates and times are written."""

from __future__ import annotations

from PySide6.QtCore import QLocale


def program_locale(system: QLocale) -> QLocale:
    """The system's, where it is English; else English as in the United States, since no other words exist yet."""
    english = system.language() == QLocale.Language.English
    return system if english else QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
