"""What common tests measure, in a few plain words by LOINC code. It explains the test, never a person's value."""

from __future__ import annotations

LOINC = "http://loinc.org"

_WORDS: dict[str, tuple[str, ...]] = {
    "Average blood sugar over about three months": ("4548-4", "17856-6"),
    "Sugar in the blood at one moment": ("2345-7", "2339-0", "41653-7", "1558-6"),
    "All the cholesterol in the blood together": ("2093-3",),
    "One kind of cholesterol, often called the good one": ("2085-9",),
    "One kind of cholesterol, often called the bad one": ("2089-1", "13457-7", "18262-6"),
    "A kind of fat in the blood": ("2571-8",),
    "What carries oxygen in red blood cells": ("718-7",),
    "Number of red blood cells": ("789-8",),
    "Number of white blood cells": ("6690-2", "26464-8"),
    "Number of platelets, which help blood to clot": ("777-3", "26515-7"),
    "Share of the blood that is red blood cells": ("4544-3", "20570-8"),
    "Average size of red blood cells": ("787-2",),
    "Average amount of hemoglobin in a red blood cell": ("785-6",),
    "How concentrated hemoglobin is in red blood cells": ("786-4",),
    "How much red blood cells differ in size": ("788-0", "21000-5"),
    "Average size of platelets": ("32623-1",),
    "How much platelets differ in size": ("32207-3",),
    "A waste product that the kidneys remove": ("2160-0", "38483-4", "3094-0", "6299-2"),
    "An estimate of how fast the kidneys filter blood": ("33914-3", "48642-3", "62238-1", "69405-9", "98979-8"),
    "How much of one protein is in the urine": ("14959-1", "9318-7", "1754-1", "32294-1"),
    "A salt in the blood that muscles and the heart need": ("2823-3", "6298-4"),
    "A salt in the blood that helps to keep water in balance": ("2951-2", "2947-0"),
    "A salt in the blood": ("2075-0", "2069-3"),
    "Helps to keep the blood from becoming too acid": ("2028-9", "20565-8", "1963-8"),
    "A mineral for bones, nerves and muscles": ("17861-6", "49765-1"),
    "An enzyme that comes mostly from the liver": ("1742-6",),
    "An enzyme from the liver and from muscles": ("1920-8",),
    "An enzyme from the liver and from bones": ("6768-6",),
    "A yellow substance left over from old red blood cells": ("1975-2", "1968-7"),
    "The main protein in the blood": ("1751-7",),
    "All the protein in the blood": ("2885-2",),
    "The signal that tells the thyroid gland to work": ("3016-3", "11579-0"),
    "A hormone of the thyroid gland": ("3024-7", "3026-2", "3053-6"),
    "Rises when there is inflammation somewhere in the body": ("1988-5", "30522-7"),
    "Iron that the body keeps in store": ("2276-4",),
    "Iron in the blood": ("2498-4",),
    "How long blood takes to clot, in a figure that all labs share": ("6301-6",),
    "A protein from the prostate gland": ("2857-1",),
    "Heartbeats in a minute": ("8867-4",),
    "Breaths in a minute": ("9279-1",),
    "How much oxygen the blood carries": ("2708-6", "59408-5"),
    "Weight in relation to height": ("39156-5",),
    "Pressure in the arteries, while the heart beats and between beats": ("85354-9",),
    "Pressure in the arteries while the heart beats": ("8480-6",),
    "Pressure in the arteries between heartbeats": ("8462-4",),
}
_BY_CODE = {code: words for words, codes in _WORDS.items() for code in codes}


def measures(system: str | None, code: str | None) -> str:
    """What the test measures; "" for one that is not known here."""
    return _BY_CODE.get(code or "", "") if system == LOINC else ""
