"""The recovery key on paper: one page with the key in large print, its QR code and what to do with it.

No name of a person is on it. It is drawn into memory and written to the one file that the person chose, or handed to
the printer that they chose; the system's print queue may keep what it was given for a while.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QLocale, QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QApplication

from phr_desktop import failpoints
from phr_desktop.ui.fill import fill
from phr_desktop.ui.widgets.recovery_key import key_groups
from phr_desktop.ui.words import long_date

_MARGIN_MM = 18.0
_COLUMNS = 3
_QR_MM = 46.0


@dataclass(frozen=True, slots=True, repr=False)
class Kit:
    """What stands on the page."""

    key: str
    made: datetime  # in the computer's zone
    place: str

    def __repr__(self) -> str:
        return "Kit()"


def place_words(folder: Path, home: Path | None = None) -> str:
    """Where a vault lies, without the account's name: folders from the outside in."""
    home = home or Path.home()
    if folder.is_relative_to(home):
        inside = " / ".join(folder.relative_to(home).parts)
        return fill(_tr("On the computer where it was made: in your own folder, %1"), inside)
    return fill(_tr("On the computer where it was made: %1"), str(folder))


def pdf(kit: Kit) -> bytes:
    """The page as a PDF, which names no author."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(_tr("Recovery kit"))
    writer.setCreator(QApplication.applicationName())
    prepare(writer)
    draw(writer, kit)
    return bytes(buffer.data().data())


def save(kit: Kit, path: Path) -> None:
    """Writes the PDF, readable by this account only. OSError where it cannot be."""
    failpoints.write_file(path, pdf(kit), "recovery kit")


def prepare(device: QPagedPaintDevice) -> None:
    """One upright page of the country's size, with a margin that every printer has."""
    in_inches = QLocale().measurementSystem() == QLocale.MeasurementSystem.ImperialUSSystem
    page = QPageSize.PageSizeId.Letter if in_inches else QPageSize.PageSizeId.A4
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    device.setPageLayout(
        QPageLayout(QPageSize(page), QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter)
    )


def draw(device: QPagedPaintDevice, kit: Kit) -> None:
    """Draws the page on a PDF or a printer."""
    painter = QPainter(device)
    try:
        _Page(painter, painter.viewport().width(), device.logicalDpiX() / 25.4).draw(kit)
    finally:
        painter.end()


class _Page:
    """Draws from top to bottom; lengths in millimetres, `_unit` device units each."""

    def __init__(self, painter: QPainter, width: int, unit: float) -> None:
        self._painter, self._unit = painter, unit
        self._width = width / unit
        self._y = 0.0

    def draw(self, kit: Kit) -> None:
        self._text(_tr("Recovery kit for your health record"), 8.0, bold=True, after=3)
        said = fill(_tr("Made on %1. Keep this page where you keep important papers."), long_date(kit.made.date()))
        self._text(said, 4.4, after=7)
        self._groups(key_groups(kit.key))
        self._code_and_steps(kit)
        self._text(_tr("Where the record is"), 5.2, bold=True, after=1.5)
        self._text(kit.place, 4.4, after=6)
        self._text(_tr("Please mind"), 5.2, bold=True, after=1.5)
        for line in _warnings():
            self._text(line, 4.4, after=2.5)

    def _groups(self, groups: Sequence[str]) -> None:
        column, height = self._width / _COLUMNS, 20.0
        for place, group in enumerate(groups):
            x, y = place % _COLUMNS * column, self._y + place // _COLUMNS * height
            self._at(str(place + 1), QRectF(x, y, column, 6), self._font(3.8), "#555555")
            font = self._font(9.5, bold=True)
            font.setFamilies(["DejaVu Sans Mono", "Courier New", "monospace"])
            self._at(group, QRectF(x, y + 5, column, 12), font)
        self._y += (len(groups) + _COLUMNS - 1) // _COLUMNS * height + 4

    def _code_and_steps(self, kit: Kit) -> None:
        top, left = self._y, _QR_MM + 9
        self._code(kit.key, top)
        self._text(_tr("If the passphrase is forgotten"), 5.2, bold=True, left=left, after=1.5)
        for number, line in enumerate(_steps(), 1):
            self._text(f"{number}. {line}", 4.4, left=left, after=2)
        self._y = max(self._y, top + _QR_MM) + 7

    def _code(self, key: str, top: float) -> None:
        import segno  # not before the first page: it costs time

        rows = segno.make(key, error="m", micro=False).matrix
        side = _QR_MM / len(rows)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    box = QRectF(x * side, top + y * side, side * 1.02, side * 1.02)  # no hairlines between
                    self._painter.fillRect(self._scaled(box), QColor("black"))

    def _text(self, text: str, size: float, *, bold: bool = False, left: float = 0.0, after: float = 0.0) -> None:
        font = self._font(size, bold=bold)
        self._painter.setFont(font)
        room = self._scaled(QRectF(left, self._y, self._width - left, 200))
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeading
        needed = self._painter.boundingRect(room, int(flags), text)
        self._painter.setPen(QColor("black"))
        self._painter.drawText(room, int(flags), text)
        self._y += needed.height() / self._unit + after

    def _at(self, text: str, box: QRectF, font: QFont, colour: str = "black") -> None:
        self._painter.setFont(font)
        self._painter.setPen(QColor(colour))
        self._painter.drawText(self._scaled(box), int(Qt.AlignmentFlag.AlignLeading), text)

    def _font(self, size: float, *, bold: bool = False) -> QFont:
        font = QFont(QApplication.font())
        font.setPixelSize(max(1, round(size * self._unit)))
        font.setBold(bold)
        return font

    def _scaled(self, box: QRectF) -> QRectF:
        unit = self._unit
        return QRectF(box.x() * unit, box.y() * unit, box.width() * unit, box.height() * unit)


def _steps() -> list[str]:
    return [
        _tr("Open PHR Desktop."),
        _tr('On the lock screen choose "Use the recovery key".'),
        _tr("Type the nine groups in their order. Capital or small letters, it does not matter."),
        _tr("Choose a new passphrase when the program offers it."),
    ]


def _warnings() -> list[str]:
    return [
        _tr("Whoever has this page and the record's files can read the record. Keep it away from the computer."),
        _tr("Without the passphrase and without this page nobody can open the record, not even the makers."),
        _tr("This page works until you make a new recovery key. Then destroy it."),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("recovery_kit", text)
