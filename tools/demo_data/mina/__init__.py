"""The life of Mina, the grandmother: many years, several chronic conditions, two hospital stays, many medicines."""

from __future__ import annotations

from datetime import date

from demo_data.build import hl7
from demo_data.clinic import Place
from demo_data.life import Life

from .background import Background
from .chapter import Chapter
from .courses import Courses
from .letters import Letters
from .plans import Plans
from .results import Results
from .stays import Stays
from .years import Years


def build(place: Place) -> Life:
    life = Life(
        place,
        "mina",
        "Mina",
        date(1949, 5, 4),
        "female",
        maritalStatus=hl7("v3-MaritalStatus", "W", "Widowed"),
        contact=[
            {
                "relationship": [hl7("v2-0131", "C", "Emergency Contact")],
                "name": {"text": "Ana Satterfield"},
                "telecom": [{"system": "phone", "value": "(415) 555-0112"}],
            }
        ],
        generalPractitioner=[place.clinician("chen")],
    )
    shared = Chapter(life)
    for chapter in (Background, Years, Results, Stays, Courses, Letters, Plans):
        chapter(life, shared.conditions, shared.visits, shared.orders, shared.noted).tell()
    return life
