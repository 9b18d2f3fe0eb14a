"""Documents: what a record carries or points to, and what its bytes really are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from phr_desktop.domain.records import RecordRow


class ContentKind(StrEnum):
    """What the bytes are, by looking at them. What the source called them is not believed."""

    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    PNG = "png"
    JPEG = "jpeg"
    RTF = "rtf"
    CCDA = "c-cda"  # a clinical document in HL7's XML
    XML = "xml"
    OTHER = "other"  # this program cannot show it
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """One attachment of a record.

    `declared` is the source's own word for the content type. Where `received` is False, `problem` is a code of
    sentences.py, or None where it simply has not been fetched yet.
    """

    position: int
    title: str | None
    declared: str | None
    received: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """A record that is, or carries, a document; `parts` in the source's order, none where it names no content."""

    row: RecordRow
    person_name: str
    source_name: str
    from_portal: bool  # else out of a file: then nothing more will come
    parts: tuple[DocumentPart, ...]
    stage: str  # "preliminary, may still change"; "" for an ordinary one


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """The bytes of one part. `mismatch`: the source called them something else."""

    kind: ContentKind
    data: bytes
    declared: str | None
    mismatch: bool

    def __repr__(self) -> str:
        return f"DocumentContent({self.kind}, {len(self.data)} bytes)"
