"""One of several widgets at a time, in no more room than that one wants; Qt's own keeps the room of the tallest."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


class StepStack(QWidget):
    """The first one added is shown first."""

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[QWidget] = []
        self._place = 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def addWidget(self, step: QWidget) -> None:
        self._steps.append(step)
        self._column.addWidget(step)
        step.setVisible(len(self._steps) - 1 == self._place)

    def currentIndex(self) -> int:
        return self._place

    def currentWidget(self) -> QWidget:
        return self._steps[self._place]

    def setCurrentIndex(self, place: int) -> None:
        """Shows another one."""
        self._steps[self._place].hide()
        self._place = place
        self._steps[place].show()
