"""Pages of a PDF as pixels and words, out of memory. Plain Python without Qt: called on the bridge's workers.

PDFium may be used by one thread at a time, its finalizers too. So a file is opened, used and closed inside each call,
under one lock, and nothing of PDFium is ever left to the garbage collector of another thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from phr_desktop.errors import UserFacingError

MAX_PIXELS = 24_000_000
MAX_WORDS = 50_000  # characters of one page
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page. `pixels` are rows of `stride` bytes, blue, green, red and one unused byte each pixel."""

    number: int  # from 0
    count: int
    width: int
    height: int
    stride: int
    pixels: bytes
    points_wide: float  # the paper's own width, in 1/72 inch
    words: str


def render(data: bytes, number: int, *, width: int = 0, scale: float = 0.0) -> PdfPage:
    """A page `width` pixels wide, or at `scale` pixels a point (1/72 inch); smaller where it were over MAX_PIXELS.

    `number` counts from 0; one past the end gives the last page. Errors: pdf-locked, pdf-unreadable.
    """
    with _opened(data) as document:
        count = len(document)
        if not count:
            raise UserFacingError("pdf-unreadable")
        number = min(max(number, 0), count - 1)
        page = document[number]
        try:
            return _rendered(page, number, count, width, scale)
        finally:
            page.close()


def _rendered(page: Any, number: int, count: int, width: int, scale: float) -> PdfPage:
    points = [max(side, 1.0) for side in page.get_size()]
    wanted = width / points[0] if width else scale
    area = points[0] * points[1] * wanted * wanted
    if area > MAX_PIXELS:
        wanted *= (MAX_PIXELS / area) ** 0.5
    bitmap = page.render(scale=wanted, prefer_bgrx=True, may_draw_forms=False)
    try:
        pixels = bytes(bitmap.buffer)
        return PdfPage(number, count, bitmap.width, bitmap.height, bitmap.stride, pixels, points[0], _words(page))
    finally:
        bitmap.close()


def _words(page: Any) -> str:
    text = page.get_textpage()
    try:
        words: str = text.get_text_range(0, min(text.count_chars(), MAX_WORDS))
    finally:
        text.close()
    return "\n".join(line.rstrip() for line in words.replace("\ufffe", "-").splitlines()).strip()


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    import pypdfium2  # late: the first page does without

    with _ONE_AT_A_TIME:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise UserFacingError("pdf-locked" if "password" in str(error).lower() else "pdf-unreadable") from None
        try:
            yield document
        except pypdfium2.PdfiumError:
            raise UserFacingError("pdf-unreadable") from None
        finally:
            document.close()
