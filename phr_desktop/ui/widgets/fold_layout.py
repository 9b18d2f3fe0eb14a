"""A line whose right-hand part moves below when text is large or the window narrow, so that nothing is cut off."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget, QWidgetItem

from phr_desktop.ui.theme import Theme
from phr_desktop.ui.tokens import SPACE_M, SPACE_S


class FoldLayout(QLayout):
    """The first item takes the room; the others stand at the right, or below it, wrapped, where they do not fit.

    `lead_width` (pixels at 100 %) is what the first item must have to keep the others beside it, if it wants that much.
    """

    def __init__(self, parent: QWidget | None = None, *, lead_width: int = 240) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._lead_width = lead_width
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(SPACE_M)

    def addWidget(self, widget: QWidget) -> None:
        """As Qt's own, with an item that Python makes.

        One that C++ makes can come to Python in the wrapper of an item that was freed at the same address: it then
        counts as deleted, and the layout fails long after.
        """
        self.addChildWidget(widget)
        self.addItem(QWidgetItem(widget))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def minimumSize(self) -> QSize:
        shown = self._shown()
        width = max((item.minimumSize().width() for item in shown), default=0)
        height = max((item.minimumSize().height() for item in shown), default=0)
        return QSize(width, height).grownBy(self.contentsMargins())

    def sizeHint(self) -> QSize:
        shown = self._shown()
        width = sum(item.sizeHint().width() for item in shown) + self.spacing() * max(0, len(shown) - 1)
        height = max((item.sizeHint().height() for item in shown), default=0)
        return QSize(width, height).grownBy(self.contentsMargins())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        """Places the items (or only measures) and returns the height used."""
        inner = rect.marginsRemoved(self.contentsMargins())
        margins = self.contentsMargins().top() + self.contentsMargins().bottom()
        shown = self._shown()
        if not shown:
            return margins
        lead, trail = shown[0], shown[1:]
        beside = sum(item.sizeHint().width() + self.spacing() for item in trail)
        wanted = min(lead.sizeHint().width(), Theme.current().px(self._lead_width))
        if wanted + beside <= inner.width():
            return margins + self._in_one_line(inner, lead, trail, inner.width() - beside, place)
        return margins + self._folded(inner, lead, trail, place)

    def _in_one_line(
        self, inner: QRect, lead: QLayoutItem, trail: list[QLayoutItem], lead_width: int, place: bool
    ) -> int:
        sizes = [QSize(lead_width, _height(lead, lead_width)), *(item.sizeHint() for item in trail)]
        used = max(size.height() for size in sizes)
        height = max(used, inner.height()) if place else used
        x = inner.left()
        for item, size in zip([lead, *trail], sizes, strict=True):
            if place:
                top = inner.top() + (height - size.height()) // 2
                self._put(inner, item, QRect(QPoint(x, top), size))
            x += size.width() + self.spacing()
        return used

    def _folded(self, inner: QRect, lead: QLayoutItem, trail: list[QLayoutItem], place: bool) -> int:
        y = inner.top()
        lead_height = _height(lead, inner.width())
        if place:
            self._put(inner, lead, QRect(inner.left(), y, inner.width(), lead_height))
        return self._place_lines(inner, y + lead_height + SPACE_S, trail, place) - y

    def _place_lines(self, inner: QRect, y: int, items: list[QLayoutItem], place: bool) -> int:
        """Places items in lines from `y` down, and returns where the last line ends."""
        for line in self._lines(items, inner.width()):
            sizes = [_fitted(item, inner.width()) for item in line]
            height = max(size.height() for size in sizes)
            x = inner.left()
            for item, size in zip(line, sizes, strict=True):
                if len(line) == 1 and item.expandingDirections() & Qt.Orientation.Horizontal:
                    size.setWidth(inner.width())
                if place:
                    self._put(inner, item, QRect(QPoint(x, y + (height - size.height()) // 2), size))
                x += size.width() + self.spacing()
            y += height + SPACE_S
        return y - SPACE_S

    def _lines(self, items: list[QLayoutItem], width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        used = 0
        for item in items:
            wanted = item.sizeHint().width()
            if lines and used + self.spacing() + wanted <= width:
                lines[-1].append(item)
                used += self.spacing() + wanted
            else:
                lines.append([item])
                used = wanted
        return lines

    def _put(self, inner: QRect, item: QLayoutItem, rect: QRect) -> None:
        owner = self.parentWidget()
        direction = owner.layoutDirection() if owner else Qt.LayoutDirection.LeftToRight
        item.setGeometry(QStyle.visualRect(direction, inner, rect))


def _fitted(item: QLayoutItem, width: int) -> QSize:
    """What the item wants, or the height that it needs where it gets less width than it wants."""
    hint = item.sizeHint()
    return hint if hint.width() <= width else QSize(width, _height(item, width))


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
