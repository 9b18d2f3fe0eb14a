"""Laboratory results: what each test is called, its range at Bay Reference Lab, and how a panel is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .build import LOINC, SNOMED, TERMINOLOGY, Resource, at, coding, concept, hl7, quantity, ref

if TYPE_CHECKING:
    from .life import Life

LAB_PHONE = "(415) 555-0130"
LABORATORY = [hl7("observation-category", "laboratory", "Laboratory")]


@dataclass(frozen=True)
class Test:
    """A measured test. `low` and `high` are the laboratory's range; one of them may be open."""

    code: str
    name: str
    short: str
    unit: str
    ucum: str
    low: float | None
    high: float | None
    digits: int


def _test(
    code: str, name: str, short: str, unit: str, low: float | None, high: float | None, digits: int, ucum: str = ""
) -> Test:
    return Test(code, name, short, unit, ucum or unit, low, high, digits)


TESTS = {
    "a1c": _test("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "Hemoglobin A1c", "%", 4.0, 5.6, 1),
    "glucose": _test("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "Glucose", "mg/dL", 70, 99, 0),
    "bun": _test("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "Urea nitrogen (BUN)", "mg/dL", 7, 20, 0),
    "creatinine": _test("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "Creatinine", "mg/dL", 0.6, 1.1, 1),
    "sodium": _test("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "Sodium", "mmol/L", 136, 145, 0),
    "potassium": _test("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "Potassium", "mmol/L", 3.5, 5.1, 1),
    "chloride": _test("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "Chloride", "mmol/L", 98, 107, 0),
    "co2": _test(
        "2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "Carbon dioxide", "mmol/L", 22, 29, 0
    ),
    "calcium": _test("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "Calcium", "mg/dL", 8.6, 10.3, 1),
    "protein": _test("2885-2", "Protein [Mass/volume] in Serum or Plasma", "Total protein", "g/dL", 6.0, 8.3, 1),
    "albumin": _test("1751-7", "Albumin [Mass/volume] in Serum or Plasma", "Albumin", "g/dL", 3.5, 5.0, 1),
    "bilirubin": _test(
        "1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma", "Bilirubin, total", "mg/dL", 0.2, 1.2, 1
    ),
    "alp": _test(
        "6768-6",
        "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma",
        "Alkaline phosphatase",
        "U/L",
        44,
        147,
        0,
    ),
    "ast": _test(
        "1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "AST", "U/L", 10, 40, 0
    ),
    "alt": _test(
        "1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "ALT", "U/L", 7, 56, 0
    ),
    "cholesterol": _test(
        "2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "Cholesterol, total", "mg/dL", None, 200, 0
    ),
    "triglycerides": _test(
        "2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "Triglycerides", "mg/dL", None, 150, 0
    ),
    "hdl": _test(
        "2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "HDL cholesterol", "mg/dL", 50, None, 0
    ),
    "ldl": _test(
        "13457-7",
        "Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation",
        "LDL cholesterol",
        "mg/dL",
        None,
        100,
        0,
    ),
    "wbc": _test(
        "6690-2", "Leukocytes [#/volume] in Blood by Automated count", "White blood cells", "10*3/uL", 4.0, 11.0, 1
    ),
    "rbc": _test(
        "789-8", "Erythrocytes [#/volume] in Blood by Automated count", "Red blood cells", "10*6/uL", 3.9, 5.2, 2
    ),
    "hemoglobin": _test("718-7", "Hemoglobin [Mass/volume] in Blood", "Hemoglobin", "g/dL", 12.0, 15.5, 1),
    "hematocrit": _test(
        "4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "Hematocrit", "%", 35, 46, 1
    ),
    "mcv": _test("787-2", "MCV [Entitic volume] by Automated count", "MCV", "fL", 80, 100, 0),
    "mch": _test("785-6", "MCH [Entitic mass] by Automated count", "MCH", "pg", 27, 33, 1),
    "mchc": _test("786-4", "MCHC [Mass/volume] by Automated count", "MCHC", "g/dL", 32, 36, 1),
    "rdw": _test("788-0", "Erythrocyte distribution width [Ratio] by Automated count", "RDW", "%", 11.5, 14.5, 1),
    "platelets": _test(
        "777-3", "Platelets [#/volume] in Blood by Automated count", "Platelets", "10*3/uL", 150, 400, 0
    ),
    "tsh": _test("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "TSH", "mIU/L", 0.4, 4.0, 2, "m[IU]/L"),
    "uacr": _test(
        "9318-7", "Albumin/Creatinine [Mass Ratio] in Urine", "Albumin/creatinine, urine", "mg/g", None, 30, 0
    ),
    "b12": _test(
        "2132-9", "Cobalamin (Vitamin B12) [Mass/volume] in Serum or Plasma", "Vitamin B12", "pg/mL", 200, 900, 0
    ),
    "crp": _test(
        "1988-5", "C reactive protein [Mass/volume] in Serum or Plasma", "C-reactive protein", "mg/L", None, 5, 1
    ),
    "psa": _test("2857-1", "Prostate specific Ag [Mass/volume] in Serum or Plasma", "PSA", "ng/mL", None, 4.0, 2),
    "lead": _test("10368-9", "Lead [Mass/volume] in Capillary blood", "Lead, finger stick", "ug/dL", None, 3.5, 1),
    "ferritin": _test("2276-4", "Ferritin [Mass/volume] in Serum or Plasma", "Ferritin", "ng/mL", 15, 150, 0),
}

# What differs for men, as the laboratory prints it.
MEN = {
    "creatinine": (0.7, 1.3),
    "hdl": (40, None),
    "rbc": (4.3, 5.9),
    "hemoglobin": (13.5, 17.5),
    "hematocrit": (38, 50),
    "ferritin": (30, 300),
}

PANELS = {
    "bmp": (
        "24321-2",
        "Basic metabolic 2000 panel - Serum or Plasma",
        "Basic metabolic panel",
        ("glucose", "bun", "creatinine", "sodium", "potassium", "chloride", "co2", "calcium"),
    ),
    "cmp": (
        "24323-8",
        "Comprehensive metabolic 2000 panel - Serum or Plasma",
        "Comprehensive metabolic panel",
        (
            *("glucose", "bun", "creatinine", "sodium", "potassium", "chloride", "co2", "calcium"),
            *("protein", "albumin", "bilirubin", "alp", "ast", "alt"),
        ),
    ),
    "lipids": (
        "24331-1",
        "Lipid 1996 panel - Serum or Plasma",
        "Lipid panel",
        ("cholesterol", "triglycerides", "hdl", "ldl"),
    ),
    "cbc": (
        "58410-2",
        "CBC panel - Blood by Automated count",
        "Complete blood count",
        ("wbc", "rbc", "hemoglobin", "hematocrit", "mcv", "mch", "mchc", "rdw", "platelets"),
    ),
}

WORDS = {"N": "Normal", "H": "High", "L": "Low", "HH": "Critical high", "LL": "Critical low", "A": "Abnormal"}
PRESENCE = {"Negative": "260385009", "Positive": "10828004", "Not detected": "260415000", "Detected": "260373001"}


def flag(code: str) -> list[Resource]:
    return [{"coding": [coding(TERMINOLOGY + "v3-ObservationInterpretation", code, WORDS[code])], "text": WORDS[code]}]


def range_of(test: Test, key: str, gender: str) -> tuple[float | None, float | None]:
    return MEN[key] if gender == "male" and key in MEN else (test.low, test.high)


def reference_range(test: Test, low: float | None, high: float | None) -> list[Resource]:
    entry: Resource = {"type": hl7("referencerange-meaning", "normal", "Normal Range")}
    if low is not None:
        entry["low"] = quantity(low, test.unit, test.ucum)
    if high is not None:
        entry["high"] = quantity(high, test.unit, test.ucum)
    entry["text"] = f"{low}-{high}" if None not in (low, high) else (f"<{high}" if low is None else f">={low}")
    return [entry]


def observation(life: Life, when: datetime, code: Resource, **more: object) -> Resource:
    """A final laboratory result, reported the afternoon of the next day, unless `more` says otherwise."""
    issued = when + timedelta(hours=26)
    fields: dict[str, object] = {
        "status": "final",
        "category": LABORATORY,
        "code": code,
        "subject": life.subject,
        "effectiveDateTime": at(when),
        "issued": at(issued),
        "performer": [life.place.organization("bay-lab")],
        "updated": issued,
    }
    return life.add("Observation", **(fields | more))


def measured(life: Life, key: str, when: datetime, value: float, *, flagged: bool = True, **more: object) -> Resource:
    """One measured value with the laboratory's range, and its own flag where it gives flags."""
    test = TESTS[key]
    value = round(value, test.digits) if test.digits else round(value)
    low, high = range_of(test, key, life.gender)
    code = "L" if low is not None and value < low else "H" if high is not None and value > high else "N"
    fields: dict[str, object] = {
        "valueQuantity": quantity(value, test.unit, test.ucum),
        "referenceRange": reference_range(test, low, high),
        "interpretation": flag(code) if flagged else None,
    }
    return observation(life, when, concept(LOINC, test.code, test.name, test.short), **(fields | more))


def egfr(life: Life, when: datetime, creatinine: float) -> Resource:
    """The filtration rate by CKD-EPI 2021, as laboratories add it to every creatinine."""
    age = (when.date() - life.born).days / 365.25
    kappa, alpha, factor = (0.9, -0.302, 1.0) if life.gender == "male" else (0.7, -0.241, 1.012)
    ratio = creatinine / kappa
    rate = round(142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**age * factor)
    name = (
        "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by "
        "Creatinine-based formula (CKD-EPI 2021)"
    )
    return observation(
        life,
        when,
        concept(LOINC, "98979-8", name, "eGFR"),
        valueQuantity=quantity(rate, "mL/min/1.73m2", "mL/min/{1.73_m2}"),
        referenceRange=[{"low": quantity(60, "mL/min/1.73m2", "mL/min/{1.73_m2}"), "text": ">=60"}],
        interpretation=flag("L" if rate < 60 else "N"),
    )


def panel(life: Life, key: str, when: datetime, values: dict[str, float], **more: object) -> Resource:
    """A panel: its results, then the report that holds them together."""
    code, name, short, tests = PANELS[key]
    flagged = when.year >= 2012  # the older laboratory system gave ranges without flags
    members = [measured(life, test, when, values[test], flagged=flagged) for test in tests]
    if "creatinine" in tests and when.year >= 2012 and life.born.year < 2000:
        members.append(egfr(life, when, round(values["creatinine"], 1)))
    return report(life, concept(LOINC, code, name, short), when, members, **more)


def report(life: Life, code: Resource, when: datetime, members: list[Resource], **more: object) -> Resource:
    issued = when + timedelta(hours=26)
    fields: dict[str, object] = {
        "status": "final",
        "category": [hl7("v2-0074", "LAB", "Laboratory")],
        "code": code,
        "subject": life.subject,
        "effectiveDateTime": at(when),
        "issued": at(issued),
        "performer": [life.place.organization("bay-lab")],
        "result": [ref(member, member["code"]["text"]) for member in members] or None,
        "updated": issued,
    }
    return life.add("DiagnosticReport", **(fields | more))


def presence(life: Life, loinc: str, name: str, short: str, when: datetime, found: str, **more: object) -> Resource:
    """A coded result: negative, positive, detected or not."""
    normal = found in ("Negative", "Not detected")
    fields: dict[str, object] = {
        "valueCodeableConcept": concept(SNOMED, PRESENCE[found], found),
        "interpretation": flag("N" if normal else "A"),
        "referenceRange": [{"text": "Negative"}],
    }
    return observation(life, when, concept(LOINC, loinc, name, short), **(fields | more))


def urinalysis(life: Life, when: datetime, *, infected: bool = False) -> Resource:
    """A dip-stick urinalysis: words for look and colour, codes for the pads, numbers for acidity and weight."""
    yes = "Positive" if infected else "Negative"
    rows = [
        presence(life, "25428-4", "Glucose [Presence] in Urine by Test strip", "Glucose, urine", when, "Negative"),
        presence(life, "20454-5", "Protein [Presence] in Urine by Test strip", "Protein, urine", when, "Negative"),
        presence(life, "2514-8", "Ketones [Presence] in Urine by Test strip", "Ketones, urine", when, "Negative"),
        presence(life, "5802-4", "Nitrite [Presence] in Urine by Test strip", "Nitrite, urine", when, yes),
        presence(
            life,
            "5799-2",
            "Leukocyte esterase [Presence] in Urine by Test strip",
            "Leukocyte esterase, urine",
            when,
            yes,
        ),
        observation(
            life,
            when,
            concept(LOINC, "5778-6", "Color of Urine", "Color, urine"),
            valueString="Cloudy yellow" if infected else "Yellow",
        ),
        observation(
            life,
            when,
            concept(LOINC, "5803-2", "pH of Urine by Test strip", "pH, urine"),
            valueQuantity=quantity(6.5 if infected else 6.0, "pH", "[pH]"),
            referenceRange=[
                {"low": quantity(5.0, "pH", "[pH]"), "high": quantity(8.0, "pH", "[pH]"), "text": "5.0-8.0"}
            ],
        ),
    ]
    return report(life, concept(LOINC, "24356-8", "Urinalysis complete panel - Urine", "Urinalysis"), when, rows)


def usual_chemistry(life: Life, *, glucose: float, creatinine: float, potassium: float = 4.3) -> dict[str, float]:
    """Values of a metabolic panel around this person's own, a little different each time."""
    vary = life.records.random.gauss
    return {
        "glucose": vary(glucose, glucose * 0.05),
        "bun": vary(15 if creatinine < 1 else 21, 2),
        "creatinine": vary(creatinine, 0.03),
        "sodium": vary(140, 1.3),
        "potassium": vary(potassium, 0.15),
        "chloride": vary(102, 1.5),
        "co2": vary(25.5, 1.2),
        "calcium": vary(9.5, 0.2),
        "protein": vary(7.1, 0.2),
        "albumin": vary(4.3, 0.15),
        "bilirubin": vary(0.6, 0.1),
        "alp": vary(76, 7),
        "ast": vary(23, 3),
        "alt": vary(24, 4),
    }


def usual_lipids(life: Life, *, ldl: float, hdl: float, triglycerides: float) -> dict[str, float]:
    vary = life.records.random.gauss
    low, high, fat = vary(ldl, 5), vary(hdl, 2), vary(triglycerides, 12)
    return {"ldl": low, "hdl": high, "triglycerides": fat, "cholesterol": low + high + fat / 5}


def usual_blood(life: Life, *, hemoglobin: float) -> dict[str, float]:
    vary = life.records.random.gauss
    grams, volume = vary(hemoglobin, 0.2), vary(89, 1.2)
    hematocrit = grams * 2.98
    return {
        "wbc": vary(6.6, 0.7),
        "hemoglobin": grams,
        "hematocrit": hematocrit,
        "rbc": hematocrit * 10 / volume,
        "mcv": volume,
        "mch": grams * volume / (hematocrit),
        "mchc": grams * 100 / hematocrit,
        "rdw": vary(13.1, 0.3),
        "platelets": vary(246, 18),
    }
