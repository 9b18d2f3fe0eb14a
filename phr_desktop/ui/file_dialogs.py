"""The system's own dialogs for files and folders: opened without waiting; what is chosen comes by a call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

Chosen = Callable[[Path], None]


def ask_folder(parent: QWidget, title: str, chosen: Chosen) -> None:
    """Asks for a folder."""
    dialog = _dialog(parent, title, QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()


def ask_file(parent: QWidget, title: str, kinds: Sequence[str], chosen: Chosen) -> None:
    """Asks for a file that is there; `kinds` as Qt writes them, such as "Pictures (*.jpg)"."""
    dialog = _dialog(parent, title, QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(kinds)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()


def ask_files(parent: QWidget, title: str, kinds: Sequence[str], chosen: Callable[[list[Path]], None]) -> None:
    """As `ask_file`, for one or more."""
    dialog = _dialog(parent, title, QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters(kinds)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.open()


def ask_where_to_save(
    parent: QWidget, title: str, name: str, chosen: Chosen, *, kind: str = "", among_documents: bool = False
) -> None:
    """Asks where a file goes, under the name offered or another.

    With a `kind`, a name without an ending gets the offered one's. `among_documents` begins in the person's folder for
    documents.
    """
    dialog = _dialog(parent, title, QFileDialog.FileMode.AnyFile)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if among_documents:
        dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
    if kind:
        dialog.setNameFilter(kind)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda name: chosen(Path(name)))
    dialog.open()


def _dialog(parent: QWidget, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(mode)
    return dialog
