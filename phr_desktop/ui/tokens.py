"""The colours of the four palettes and the measures, exactly as the look asks for them. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What a colour means. It never means it alone: a word always stands beside it."""

    NEUTRAL = "neutral"
    ACCENT = "accent"
    WARNING = "warning"
    ERROR = "error"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One palette: `#RRGGBB` colours, and the width of borders in pixels.

    A tone's colour is meant for text and marks on the surface; its ground for a soft area under that text.
    """

    name: str
    dark: bool
    ground: str
    surface: str
    border: str
    control_border: str
    field_border: str
    text: str
    muted: str
    track: str
    hover: str
    accent: str
    accent_hover: str
    on_accent: str
    soft_accent: str
    warning: str
    warning_ground: str
    error: str
    error_ground: str
    fine: str
    fine_ground: str
    band: str
    border_width: int
    avatars: tuple[str, ...]
    on_avatar: str

    def tone(self, tone: Tone) -> str:
        """The colour of a tone's words and marks on the surface or on the tone's own ground."""
        return self.muted if tone is Tone.NEUTRAL else str(getattr(self, tone.value))

    def tone_ground(self, tone: Tone) -> str:
        """The soft ground of a tone."""
        grounds = {Tone.NEUTRAL: self.hover, Tone.ACCENT: self.soft_accent}
        return grounds.get(tone) or str(getattr(self, f"{tone.value}_ground"))


LIGHT = Tokens(
    name="light",
    dark=False,
    ground="#F5F6F8",
    surface="#FFFFFF",
    border="#DDE1E6",
    control_border="#C3CAD2",
    field_border="#838D98",
    text="#1B1F24",
    muted="#55606E",
    track="#DDE1E6",
    hover="#EEF1F4",
    accent="#0B6B6B",
    accent_hover="#095A5A",
    on_accent="#FFFFFF",
    soft_accent="#E3F1F0",
    warning="#8A5A00",
    warning_ground="#FFF3DB",
    error="#B3261E",
    error_ground="#FCEBE9",
    fine="#1E6B34",
    fine_ground="#E4F2E7",
    band="#BFDFC9",
    border_width=1,
    avatars=("#7A4EA3", "#0F6A8B", "#9A4B12", "#2F6B3A", "#A1345F", "#4656A8", "#6B5D1A", "#5B4636"),
    on_avatar="#FFFFFF",
)

DARK = Tokens(
    name="dark",
    dark=True,
    ground="#14171A",
    surface="#1D2125",
    border="#343B42",
    control_border="#4A535C",
    field_border="#7C8792",
    text="#ECEFF2",
    muted="#A9B3BE",
    track="#343B42",
    hover="#272C31",
    accent="#63CCC4",
    accent_hover="#7ADAD3",
    on_accent="#0B1F1E",
    soft_accent="#1E3332",
    warning="#F0C069",
    warning_ground="#3A2F17",
    error="#FF8A80",
    error_ground="#3B2422",
    fine="#7FD69A",
    fine_ground="#1F3325",
    band="#2F6440",
    border_width=1,
    avatars=("#C9A2EC", "#7CC7E3", "#F0B07F", "#93D3A0", "#F2A0C0", "#AAB6F5", "#DCCB74", "#CDB4A2"),
    on_avatar="#14171A",
)

CONTRAST_LIGHT = Tokens(
    name="high-contrast-light",
    dark=False,
    ground="#FFFFFF",
    surface="#FFFFFF",
    border="#3A424B",
    control_border="#000000",
    field_border="#000000",
    text="#000000",
    muted="#2B333B",
    track="#9BA4AE",
    hover="#E8ECEF",
    accent="#004A4A",
    accent_hover="#003636",
    on_accent="#FFFFFF",
    soft_accent="#DDF0EF",
    warning="#5C3A00",
    warning_ground="#FFF0D0",
    error="#8A0F0A",
    error_ground="#FFE9E6",
    fine="#0E4A20",
    fine_ground="#DFF2E4",
    band="#7FBF93",
    border_width=2,
    avatars=("#4E2A73", "#07405A", "#6A2F05", "#17461F", "#701C3E", "#27336F", "#453B08", "#3B2B1F"),
    on_avatar="#FFFFFF",
)

CONTRAST_DARK = Tokens(
    name="high-contrast-dark",
    dark=True,
    ground="#000000",
    surface="#000000",
    border="#C4CCD4",
    control_border="#FFFFFF",
    field_border="#FFFFFF",
    text="#FFFFFF",
    muted="#DDE3E9",
    track="#5B646D",
    hover="#22272C",
    accent="#7FF0E6",
    accent_hover="#A6F6EF",
    on_accent="#000000",
    soft_accent="#0B2F2D",
    warning="#FFD685",
    warning_ground="#332500",
    error="#FFB3AB",
    error_ground="#3A1512",
    fine="#A6F0BC",
    fine_ground="#0D2E18",
    band="#2F8A4C",
    border_width=2,
    avatars=("#DDC2F7", "#A9DDF0", "#F8CFAE", "#B5E8BF", "#F8C4D8", "#CBD3FA", "#EEE2A6", "#E3D2C6"),
    on_avatar="#000000",
)

PALETTES: dict[str, Tokens] = {each.name: each for each in (LIGHT, DARK, CONTRAST_LIGHT, CONTRAST_DARK)}
SYSTEM = "system"

# Spacing, radii and type in pixels at 100 %; only type (and what holds type) grows with the text size.
SPACE_XS, SPACE_S, SPACE_M, SPACE_L, SPACE_XL = 4, 8, 12, 18, 28
RADIUS_CONTROL, RADIUS_CARD = 8, 12
CONTROL_HEIGHT = 40
FOCUS_RING = 2
SMALL, BODY, SECTION, TITLE = 13, 15, 17, 26
SCALES = (1.0, 1.25, 1.5, 1.75, 2.0)
