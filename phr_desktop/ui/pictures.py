"""PNG and JPEG out of memory, their size looked at before a pixel is decoded. Called on the bridge's workers."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from phr_desktop.domain.documents import ContentKind
from phr_desktop.errors import UserFacingError
from phr_desktop.queries.content import content_kind

MAX_PIXELS = 60_000_000  # a page scanned at 600 dpi has 35 million
SHOWN_PIXELS = 16_000_000  # more is decoded smaller
SMALL_SIDE = 1600  # pixels: enough to read a label
MAX_PHOTO_FILE = 60 * 1024 * 1024  # bytes
_LIMIT_MIB = 256
_FORMATS = {ContentKind.PNG: b"png", ContentKind.JPEG: b"jpeg"}


def picture(data: bytes, kind: ContentKind) -> QImage:
    """The picture, turned upright as it says itself. Errors: picture-too-large, picture-unreadable."""
    QImageReader.setAllocationLimit(_LIMIT_MIB)
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(_FORMATS[kind]))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid():
        raise UserFacingError("picture-unreadable")
    if size.width() * size.height() > MAX_PIXELS:
        raise UserFacingError("picture-too-large")
    reader.setScaledSize(_shown(size))
    image = reader.read()
    if image.isNull():
        raise UserFacingError("picture-unreadable")
    return image


def _shown(size: QSize) -> QSize:
    area = size.width() * size.height()
    if area <= SHOWN_PIXELS:
        return size
    factor = (SHOWN_PIXELS / area) ** 0.5
    return size.scaled(
        max(1, round(size.width() * factor)), max(1, round(size.height() * factor)), Qt.AspectRatioMode.KeepAspectRatio
    )


def small_photo(path: Path) -> bytes:
    """A picture of a file as a JPEG of at most SMALL_SIDE pixels a side, upright, without what a camera notes in it.

    Errors: picture-unreadable, picture-too-large.
    """
    try:
        if path.stat().st_size > MAX_PHOTO_FILE:
            raise UserFacingError("picture-too-large")
        data = path.read_bytes()
    except OSError:
        raise UserFacingError("picture-unreadable") from None
    kind = content_kind(data)
    if kind not in _FORMATS:
        raise UserFacingError("picture-unreadable")
    image = picture(data, kind)
    if max(image.width(), image.height()) > SMALL_SIDE:
        image = image.scaled(
            SMALL_SIDE, SMALL_SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    plain = image.convertToFormat(QImage.Format.Format_RGB32)  # pixels alone: no text that came with the file
    for key in plain.textKeys():
        plain.setText(key, "")
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    plain.save(buffer, "JPEG", 85)
    return bytes(buffer.data().data())
