"""The derived list of medicines, with the evidence for every line and every forecast."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from phr_desktop.domain.records import Standing


class MedicineHeading(StrEnum):
    """The three headings of safety.md, and what is not a current medicine at all."""

    TAKING = "you-take"  # the person confirmed it
    RECENT = "recent"  # recent, please confirm
    OLD = "old"  # still on a clinic's list, nothing since ...
    NOT_TAKING = "not-taking"  # the person said so
    HISTORY = "history"  # ended, withdrawn or inpatient


class MedicineChoice(StrEnum):
    """What the person said about a line."""

    TAKE = "take"
    DO_NOT_TAKE = "do-not-take"


@dataclass(frozen=True, slots=True)
class MedicineSource:
    """One record behind a line: an order, a statement, a dispense or a claim."""

    record: int
    source: int
    source_name: str
    type: str
    date: str | None
    date_utc: int | None
    status: str | None
    dosage: str | None  # the instruction's text, as written, or put in words from its structure
    prescriber: str | None
    reason: str | None
    quantity: str | None
    days_supply: str | None
    repeats_allowed: int | None
    inpatient: bool
    standing: Standing = Standing.STATED  # any other one: withdrawn, not done or "do not take", never a fact
    gone: bool = False  # the portal no longer lists it
    filled: bool = True  # False: a claim that was reversed, denied or not decided, which is no fill


class ForecastGap(StrEnum):
    """Why no run-out day is known. Nothing is invented in its place."""

    NO_DISPENSE = "no-dispense"
    NO_DAYS_SUPPLY = "no-days-supply"
    DOSE_CHANGED = "dose-changed"
    HOSPITAL_STAY = "hospital-stay"
    PARTIAL_FILL = "partial-fill"
    SECOND_FILL = "second-fill"
    AS_NEEDED = "as-needed"
    STOPPED = "stopped"
    ON_HOLD = "on-hold"
    TWO_INSTRUCTIONS = "two-instructions"
    NO_DATE = "no-date"


@dataclass(frozen=True, slots=True)
class Fill:
    """A completed dispense or claim that counts: when handed over, how much, for how many days.

    `rate` is set where no source says the days: they follow from the quantity at this rate of the person's schedule.
    """

    record: int
    handed_over: date
    quantity: str | None
    days_supply: int
    source_name: str
    rate: str = ""  # "2 a day", "by your schedule"


class ForecastBasis(StrEnum):
    """What a run-out day rests on."""

    FILLS = "fills"
    COUNTED = "counted"  # what the person counted, and the confirmed schedule
    OWN = "own"  # the day that the person noted


@dataclass(frozen=True, slots=True)
class RefillNote:
    """What the person noted of a line's refills: shown as theirs. A fill after `noted_at` ends the two days."""

    runs_out: date | None = None
    pays_from: date | None = None  # the earliest day on which the plan pays, as the person was told
    mail_order: bool = False
    noted_at: int = 0  # seconds since 1970 UTC


@dataclass(frozen=True, slots=True)
class RefillAsk:
    """When to ask for more, at the latest."""

    ask_by: date
    lead: int  # days before the run-out day
    renewal: bool  # the pharmacy may not fill it again: the clinic has to renew it
    mail_order: bool
    closed: tuple[str, ...]  # days on which nobody could be asked, so that it is earlier: "Thanksgiving Day, Nov 26"
    pays_from: date | None  # None: not known


@dataclass(frozen=True, slots=True)
class Joined:
    """One medicine of a line that the person put together: its own key and title, and where it stands."""

    key: str
    title: str
    source_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefillForecast:
    """The earliest plausible run-out day, and the fills it was added up from.

    `runs_out` is None exactly where `gap` is set. `carried_over` is the days left from earlier fills when the last
    one was handed over: runs_out = last.handed_over + carried_over + last.days_supply. Only a forecast on the basis
    of fills has any.
    """

    runs_out: date | None
    gap: ForecastGap | None
    fills: tuple[Fill, ...] = ()
    carried_over: int = 0
    evidence: str = ""  # one sentence with the figures, without the medicine's name
    basis: ForecastBasis = ForecastBasis.FILLS


@dataclass(frozen=True, slots=True)
class MedicineLine:
    """One medicine of one person: all orders, statements and dispenses that are surely of it."""

    key: str  # stable: "rxnorm:…", "ndc:…", "source:…" (one source's own code and name), or "record:<id>"
    person: int
    title: str
    heading: MedicineHeading
    dosage: str | None  # of the newest order; None where none was given
    disagreement: tuple[str, ...]  # two or more instructions in force at once: all of them, nothing chosen
    reason: str | None
    prescriber: str | None
    last_activity: str | None  # the newest date as written
    last_activity_utc: int | None
    sources: tuple[MedicineSource, ...]  # newest first
    forecast: RefillForecast
    repeats_allowed: int | None
    name_received: bool  # False: the Medication could not be fetched: "name not received"
    changed_since_choice: bool  # a source changed after the person confirmed
    changed_at: int | None = None  # when that change was seen here, seconds since 1970 UTC
    keys: tuple[str, ...] = ()  # every key by which something of this line may be kept; its own among them
    joined: tuple[Joined, ...] = ()  # what the person put together; empty where nobody did
    different: frozenset[str] = frozenset()  # keys of what the person said is another medicine
    own: int | None = None  # the record of the person's own entry, where the line is one
    refills_left: int | None = None  # None: not known
    ask: RefillAsk | None = None  # None where no run-out day is known
    note: RefillNote = field(default_factory=RefillNote)


@dataclass(frozen=True, slots=True)
class OwnAllergy:
    """An allergy in the person's words. `category` as FHIR has it: medication, food, environment; "" for unsaid."""

    substance: str
    reaction: str = ""
    category: str = ""
    severe: bool = False


@dataclass(frozen=True, slots=True)
class OwnAllergyLine:
    """An entry of the person's own, and its record."""

    record: int
    entry: OwnAllergy


@dataclass(frozen=True, slots=True)
class AllergyHeadline:
    """What heads the Medicines page; `contradicted` where one source says "none known" and another lists some."""

    allergies: tuple[str, ...]
    none_known_by: tuple[str, ...]  # names of sources that state "no known allergies"
    contradicted: bool
    own: tuple[OwnAllergyLine, ...] = ()  # the person's own entries; they stand among `allergies` too


@dataclass(frozen=True, slots=True)
class MedicineList:
    """The whole page, by heading, with the counts that hold it to the truth."""

    lines: tuple[MedicineLine, ...]
    allergies: AllergyHeadline
    active_orders: int
    names_not_received: int
    inpatient_orders: int
    review_after_stay: date | None = None  # a hospital stay ended then; what was confirmed before it asks for review


@dataclass(frozen=True, slots=True)
class OwnMedicine:
    """What the person adds themselves: a medicine, an over-the-counter product or a supplement, in their own words.

    `since` and `until` are FHIR dates, which may be partial; `photo` is a PNG or JPEG.
    """

    name: str
    strength: str = ""
    form: str = ""
    reason: str = ""
    how: str = ""
    since: str | None = None
    until: str | None = None
    photo: bytes | None = None

    @property
    def title(self) -> str:
        """As the list shows it: "Vitamin D3 1,000 units tablet"."""
        return " ".join(part for part in (self.name, self.strength, self.form) if part)
