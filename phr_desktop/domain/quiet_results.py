"""Which results may stand on Today with their value, and which by date and count only (safety.md, Results).

Results may arrive before the doctor saw them. Of pathology, imaging and genetics only date and count are told there;
and so of everything that is no plain laboratory figure. In doubt a value is not shown: it is one click away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from phr_desktop.domain.records import RecordRow, Standing, ValueKind

# HL7 table 0074 and v2's successors: pathology, cytology, genetics, imaging of every kind; LOINC's report classes.
_QUIET_CODES = frozenset(
    {
        "PAT", "SP", "CP", "CTH", "GE", "CG", "MDP", "RAD", "RX", "RUS", "CT", "NMR", "NMS", "VUS", "OUS", "XRC", "CUS",
        "IMG", "IMAGING", "EC", "PHR", "OSL", "LP29684-5", "LP7839-6", "LP32744-1", "PATHOLOGY", "GENETICS",
        "GENETIC", "GENOMICS", "RADIOLOGY", "CYTOLOGY", "SURGICAL-PATHOLOGY",
    }
)  # fmt: skip
_QUIET_WORDS = re.compile(
    r"\b(gene|genes|genetic\w*|genom\w*|genotyp\w*|mutation\w*|variants?|allel\w*|dna|rna|chromosom\w*|karyotyp\w*"
    r"|exome|brca\w*|carrier|patholog\w*|histolog\w*|cytolog\w*|biops\w*|tumou?r\w*|cancer\w*|carcino\w*|leuk[ae]mi\w*"
    r"|lymphoma\w*|melanoma\w*|oncolog\w*|malignan\w*|ki-?67|her2\w*|x-?ray|radiograph\w*|imaging|ultraso\w*|mri"
    r"|ct scan|tomograph\w*|mammogra\w*|hiv\w*|pregnan\w*|hcg|choriogonadotropin)\b",
    re.IGNORECASE,
)


def shows_value(row: RecordRow, category_codes: Iterable[str]) -> bool:
    """Whether Today may show the value: a stated laboratory figure that is none of the quiet kinds."""
    value = row.value
    if row.type != "Observation" or row.standing is not Standing.STATED or row.category != "laboratory":
        return False
    if value is None or value.kind != ValueKind.QUANTITY or value.value is None:
        return False
    if any(code.upper().replace(" ", "-") in _QUIET_CODES for code in category_codes):
        return False
    return not is_quiet_by_name(f"{row.title} {value.title}")


def is_quiet_by_name(title: str) -> bool:
    """Whether a title speaks of what is told by date and count only. Words hide here; they never claim anything."""
    return _QUIET_WORDS.search(title) is not None
