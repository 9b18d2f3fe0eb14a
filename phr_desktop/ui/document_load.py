"""One part of a document, read out of the vault and made ready to show. Runs on the bridge's workers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtGui import QImage

from phr_desktop.clock import Clock
from phr_desktop.domain.documents import ContentKind, DocumentContent
from phr_desktop.errors import UserFacingError
from phr_desktop.queries import ccda, documents
from phr_desktop.queries.content import content_kind, decoded_text
from phr_desktop.queries.safe_html import MAX_CHARACTERS, breakable, safe_html
from phr_desktop.ui.pictures import picture
from phr_desktop.vault.vault import Vault

_LEFT_OUT = re.compile(r"<(?:img|a|link|script|style|iframe|object|form|input|svg|video)[\s>]|\sstyle\s*=", re.I)
MAX_TEXT = 1_000_000  # characters shown at once; all of it is in a saved copy


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of a part: `text` or `html` or `image`, or the bytes of a PDF; or the `problem` that prevents it.

    `saved_as`: what a saved copy is (a scanned paper may be wrapped in XML). `cut`: only its first part is shown.
    `left_out`: pictures, links or the like were in it.
    """

    content: DocumentContent
    saved_as: ContentKind
    text: str = ""
    html: str = ""
    image: QImage | None = None
    problem: UserFacingError | None = None
    cut: bool = False
    left_out: bool = False


def load(vault: Vault, clock: Clock, record: int, position: int) -> Shown:
    """Error: document-not-received. What is here and cannot be shown comes back with its problem."""
    content = documents.content(vault, clock, record, position)
    try:
        return _made_ready(content, content.kind)
    except UserFacingError as problem:
        return Shown(content, content.kind, problem=problem)


def _made_ready(content: DocumentContent, saved_as: ContentKind) -> Shown:
    kind, data = content.kind, content.data
    if kind in (ContentKind.PNG, ContentKind.JPEG):
        return Shown(content, saved_as, image=picture(data, kind))
    if kind in (ContentKind.TEXT, ContentKind.XML):
        text = decoded_text(data, content.declared)
        return Shown(content, saved_as, text=breakable(text[:MAX_TEXT]), cut=len(text) > MAX_TEXT)
    if kind is ContentKind.HTML:
        source = decoded_text(data, content.declared)
        left_out = _LEFT_OUT.search(source) is not None
        return Shown(content, saved_as, html=safe_html(source), cut=len(source) > MAX_CHARACTERS, left_out=left_out)
    if kind is ContentKind.CCDA:
        return _clinical(content, saved_as)
    return Shown(content, saved_as)


def _clinical(content: DocumentContent, saved_as: ContentKind) -> Shown:
    inner = ccda.embedded(content.data)
    if inner is None:
        source = ccda.narrative_html(content.data)
        return Shown(content, saved_as, html=safe_html(source), cut=len(source) > MAX_CHARACTERS)
    kind = content_kind(inner)
    # A wrapper inside a wrapper is not looked into: nothing real is made so.
    wrapped = ContentKind.OTHER if kind is ContentKind.CCDA else kind
    return _made_ready(DocumentContent(wrapped, inner, None, content.mismatch), saved_as)
