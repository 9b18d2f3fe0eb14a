"""The look in one place: palette, type scale and the one stylesheet, changed live.

Widgets that paint themselves read `Theme.current().tokens` when they paint; all others get their colours from the
application's palette and stylesheet, so a change of palette or text size needs no code in them.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from phr_desktop import paths
from phr_desktop.ui.stylesheet import stylesheet
from phr_desktop.ui.tokens import BODY, CONTROL_HEIGHT, PALETTES, SCALES, SYSTEM, Tokens

_PROPERTY = "phr-theme"


class Theme(QObject):
    """Palette and text size of the running application.

    `family` names another font than the system's own, for pictures.
    """

    changed = Signal()

    def __init__(self, app: QApplication, family: str = "") -> None:
        super().__init__(app)
        self.icon_folder = paths.resources() / "icons"
        self.palette_name = SYSTEM
        self.text_scale = 1.0
        self.tokens: Tokens = PALETTES["light"]
        self._app = app
        self._family = family
        app.setStyle("Fusion")
        app.setProperty(_PROPERTY, self)
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    @staticmethod
    def current() -> Theme:
        """The theme of the running application: made by whoever made the application."""
        theme: Theme = QApplication.instance().property(_PROPERTY)
        return theme

    def apply(self, palette_name: str, text_scale: float) -> None:
        """Shows everything in this palette ("system" follows the computer) at this text size, 1.0 to 2.0."""
        self.palette_name = palette_name
        self.text_scale = min(max(text_scale, SCALES[0]), SCALES[-1])
        self.tokens = PALETTES.get(palette_name) or self._system_tokens()
        self._app.setFont(self.font(BODY))
        self._app.setPalette(_qt_palette(self.tokens))
        self._app.setStyleSheet(stylesheet(self.tokens, self.text_scale))
        self.changed.emit()

    def px(self, pixels: int) -> int:
        """A measure that grows with the text size."""
        return round(pixels * self.text_scale)

    def control_height(self) -> int:
        """The least height of anything that is clicked or typed into."""
        return self.px(CONTROL_HEIGHT)

    def font(self, size: int, *, strong: bool = False) -> QFont:
        """The font of a size of the type scale (pixels at 100 %), for painting."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        if self._family:
            font.setFamily(self._family)
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        return font

    def set_scale(self, text_scale: float) -> None:
        """Shows everything at this text size, in the palette of now."""
        self.apply(self.palette_name, text_scale)

    def scale_by(self, step: int) -> None:
        """Shows everything at the text size `step` places away in the row of sizes."""
        nearest = min(range(len(SCALES)), key=lambda place: abs(SCALES[place] - self.text_scale))
        self.set_scale(SCALES[min(max(nearest + step, 0), len(SCALES) - 1)])

    def _system_tokens(self) -> Tokens:
        hints = self._app.styleHints()
        dark = hints.colorScheme() == Qt.ColorScheme.Dark
        contrast = hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
        return PALETTES[("high-contrast-" if contrast else "") + ("dark" if dark else "light")]

    def _follow_system(self) -> None:
        if self.palette_name == SYSTEM:
            self.apply(SYSTEM, self.text_scale)


def _qt_palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: tokens.ground,
        role.WindowText: tokens.text,
        role.Base: tokens.surface,
        role.AlternateBase: tokens.ground,
        role.Text: tokens.text,
        role.Button: tokens.surface,
        role.ButtonText: tokens.text,
        role.BrightText: tokens.error,
        role.Light: tokens.surface,
        role.Midlight: tokens.hover,
        role.Mid: tokens.border,
        role.Dark: tokens.control_border,
        role.Shadow: tokens.border,
        role.Highlight: tokens.accent,
        role.HighlightedText: tokens.on_accent,
        role.Accent: tokens.accent,
        role.Link: tokens.accent,
        role.LinkVisited: tokens.accent,
        role.PlaceholderText: tokens.muted,
        role.ToolTipBase: tokens.surface,
        role.ToolTipText: tokens.text,
    }
    palette = QPalette()
    for each, colour in colours.items():
        palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(tokens.muted))
    return palette
