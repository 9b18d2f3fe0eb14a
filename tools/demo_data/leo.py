"""The life of Leo, the child: birth, growth, all his vaccines, asthma, a broken arm."""

from __future__ import annotations

from datetime import date, timedelta

from . import ahead, labs, money, papers
from .build import LOINC, SNOMED, Resource, clock, concept, hl7, on, ref, said
from .clinic import Place
from .life import Life
from .medicines import Dose, every, fill, fills, order

BORN = date(2017, 6, 23)

# Months: kilograms, centimeters, head in centimeters, percentile of weight for length or of body mass index.
GROWTH = {
    0: (3.4, 50.2, 34.6, None),
    0.5: (3.7, 52.0, 35.6, 42),
    1: (4.5, 54.8, 37.3, 45),
    2: (5.6, 58.5, 39.2, 47),
    4: (7.1, 64.0, 41.7, 51),
    6: (8.0, 67.8, 43.4, 50),
    9: (9.0, 72.3, 45.1, 49),
    12: (9.7, 76.0, 46.2, 46),
    15: (10.4, 79.4, 46.9, 47),
    18: (11.0, 82.5, 47.5, 45),
    24: (12.3, 88.0, 48.4, 48),
    30: (13.4, 92.3, None, 50),
    36: (14.4, 96.5, None, 47),
    48: (16.4, 103.6, None, 45),
    60: (18.5, 110.3, None, 46),
    72: (20.9, 116.4, None, 52),
    84: (23.2, 122.0, None, 55),
    96: (25.9, 127.6, None, 58),
}

# CVX code, name, ages in months of each dose.
SCHEDULE = (
    ("08", "Hep B, adolescent or pediatric", (0, 1, 6)),
    ("119", "rotavirus, monovalent", (2, 4)),
    ("20", "DTaP", (2, 4, 6, 15, 48)),
    ("49", "Hib (PRP-OMP)", (2, 4, 12)),
    ("133", "Pneumococcal conjugate PCV 13", (2, 4, 6, 12)),
    ("10", "IPV", (2, 4, 6, 48)),
    ("03", "MMR", (12, 48)),
    ("21", "varicella", (12, 48)),
    ("83", "Hep A, ped/adol, 2 dose", (12, 18)),
)


def day_at(months: float) -> date:
    return BORN + timedelta(days=round(months * 30.44))


def build(place: Place) -> Life:
    life = Life(
        place, "leo", "Leo", BORN, "male", generalPractitioner=[place.clinician("nair")], multipleBirthBoolean=False
    )
    story = Story(life)
    story.background()
    story.vaccines()
    story.growing_up()
    story.illnesses()
    story.medicines()
    story.papers_and_money()
    story.ahead()
    return life


class Story:
    """Leo's record in chapters."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.conditions: dict[str, Resource] = {}
        self.visits: dict[float, Resource] = {}

    def background(self) -> None:
        life, known = self.life, self.conditions
        life.related(
            "leo-mother",
            "MTH",
            "Mother",
            "Ana Satterfield",
            telecom=[{"system": "phone", "value": "(415) 555-0112", "use": "mobile"}],
        )
        life.related("leo-father", "FTH", "Father", "Tomas Satterfield")
        known["asthma"] = life.condition("233678006", "Childhood asthma (disorder)", "Asthma", "2022-02-08")
        known["eczema"] = life.condition(
            "24079001", "Atopic dermatitis (disorder)", "Eczema", "2018-03", status="inactive"
        )
        known["arm"] = life.condition(
            "65966004",
            "Fracture of forearm (disorder)",
            "Broken right forearm",
            "2024-07-13",
            status="resolved",
            ended="2024-09-10",
        )
        for day in ("2018-11-06", "2019-02-19", "2019-12-03"):
            ended = str(date.fromisoformat(day) + timedelta(days=14))
            known[f"ear {day}"] = life.condition(
                "65363002",
                "Otitis media (disorder)",
                "Ear infection",
                day,
                status="resolved",
                ended=ended,
                category="encounter-diagnosis",
            )
        known["throat"] = life.condition(
            "43878008",
            "Streptococcal sore throat (disorder)",
            "Strep throat",
            "2025-12-09",
            status="resolved",
            ended="2025-12-20",
            category="encounter-diagnosis",
        )
        life.allergy(
            concept(SNOMED, "716186003", "No known allergy (situation)", "No known allergies"),
            None,
            "2025-06-24",
            onsetDateTime=None,
            type=None,
            category=None,
            criticality=None,
        )
        life.relative("MTH", "Mother", ("37796009", "Migraine (disorder)", "Migraine", 18))
        life.relative("PGRMTH", "Father's mother", ("195967001", "Asthma (disorder)", "Asthma", None))

    def vaccines(self) -> None:
        life = self.life
        for cvx, name, ages in SCHEDULE:
            for number, months in enumerate(ages, start=1):
                life.vaccine(
                    cvx, name, str(day_at(months)), number, site={"text": "Thigh" if months < 24 else "Left arm"}
                )
        life.flu_shots(2018, 2025, "140", "Influenza, seasonal, injectable, preservative free")
        life.vaccine("218", "COVID-19, mRNA, LNP-S, PF, 10 mcg/0.2 mL dose, tris-sucrose", "2022-09-13", 1)
        life.vaccine("218", "COVID-19, mRNA, LNP-S, PF, 10 mcg/0.2 mL dose, tris-sucrose", "2022-10-04", 2)
        life.vaccine("21", "varicella", "2018-06-30", status="entered-in-error")

    def growing_up(self) -> None:
        life = self.life
        for months, (kilograms, centimeters, head, percentile) in GROWTH.items():
            when = clock(day_at(months), 10, 20)
            visit = life.visit(
                when,
                "check-up",
                "nair",
                "Well-child visit" if months else "First look after birth",
                place_of="childrens-quay" if months else "hospital-main",
            )
            self.visits[months] = visit
            life.measure(when, "29463-7", "Body weight", kilograms, "kg", "kg", visit)
            kind = ("8302-2", "Body height") if months >= 24 else ("8306-3", "Body height --lying")
            life.measure(when, *kind, centimeters, "cm", "cm", visit, "Body height" if months >= 24 else "Body length")
            if head:
                name = "Head Occipital-frontal circumference"
                life.measure(when, "9843-4", name, head, "cm", "cm", visit, "Head circumference")
            if percentile:
                self._percentile(when, months, percentile, visit)
            if months >= 36:
                life.pressure(when, 92 + months / 12, 56 + months / 24, visit)
                life.measure(when, "8867-4", "Heart rate", round(104 - months / 6), "beats/min", "/min", visit)
            if months >= 24:
                index = round(kilograms / (centimeters / 100) ** 2, 1)
                life.measure(
                    when, "39156-5", "Body mass index (BMI) [Ratio]", index, "kg/m2", "kg/m2", visit, "Body mass index"
                )
            else:
                life.measure(
                    when, "8310-5", "Body temperature", round(98.2 + (months % 3) * 0.2, 1), "degF", "[degF]", visit
                )
        for months in (12, 24):
            when = clock(day_at(months), 10, 50)
            labs.measured(life, "lead", when, 1.4 if months == 12 else 1.1)
            labs.observation(
                life,
                when,
                concept(LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood", "Hemoglobin, finger stick"),
                valueQuantity={"value": 11.9, "unit": "g/dL", "system": "http://unitsofmeasure.org", "code": "g/dL"},
                referenceRange=[
                    {
                        "low": {"value": 11.0, "unit": "g/dL"},
                        "high": {"value": 13.5, "unit": "g/dL"},
                        "age": {"low": {"value": 6, "unit": "mo"}, "high": {"value": 24, "unit": "mo"}},
                        "text": "11.0-13.5, age 6 to 24 months",
                    }
                ],
                interpretation=labs.flag("N"),
            )
        labs.observation(
            life,
            clock("2017-06-25", 6),
            {"text": "Newborn screening"},
            valueCodeableConcept={"text": "All tests within normal limits"},
        )

    def _percentile(self, when, months: float, value: int, visit: Resource) -> None:
        code, name, words = (
            ("59576-9", "Body mass index (BMI) [Percentile] Per age and sex", "Body mass index, percentile")
            if months >= 24
            else ("77606-2", "Weight-for-length Per age and sex", "Weight for length, percentile")
        )
        self.life.measure(when, code, name, value, "%", "%", visit, words)

    def illnesses(self) -> None:
        life, known = self.life, self.conditions
        for day in ("2018-11-06", "2019-02-19", "2019-12-03"):
            when = clock(day, 16)
            visit = life.visit(
                when, "symptom", "nair", "Ear pain and fever", place_of="childrens-quay", condition=known[f"ear {day}"]
            )
            life.measure(when, "8310-5", "Body temperature", 101.6, "degF", "[degF]", visit)
        life.procedure(None, "", "Ear tubes", clock("2020-01-21", 8))
        when = clock("2024-07-13", 17, 45)
        visit = life.visit(
            when,
            "emergency",
            "adeyemi",
            "Fell from the climbing frame",
            place_of="hospital-main",
            setting="EMER",
            minutes=200,
            condition=known["arm"],
        )
        life.vitals(visit, when, pressure=(104, 64), pulse=112, oxygen=99)
        papers.imaging(
            life,
            when + timedelta(minutes=40),
            {"text": "X-ray of the right forearm"},
            "Fracture of the lower radius, not displaced.",
            modality="DX",
            body="Right forearm",
        )
        life.procedure(
            None,
            "",
            "Cast on the right forearm",
            when + timedelta(hours=2),
            "adeyemi",
            reasonReference=[ref(known["arm"])],
        )
        papers.imaging(
            life,
            clock("2024-09-10", 9),
            {"text": "X-ray of the right forearm"},
            "Healed.",
            modality="DX",
            body="Right forearm",
            by="prieto",
        )
        when = clock("2025-12-09", 15, 30)
        visit = life.visit(
            when, "symptom", "nair", "Sore throat and fever", place_of="childrens-quay", condition=known["throat"]
        )
        life.measure(when, "8310-5", "Body temperature", 102.0, "degF", "[degF]", visit)
        labs.presence(
            life,
            "78012-2",
            "Streptococcus pyogenes Ag [Presence] in Throat by Rapid immunoassay",
            "Rapid strep test",
            when,
            "Positive",
            issued=None,
            performer=[life.place.organization("childrens-clinic")],
            updated=when + timedelta(hours=1),
        )
        for day in ("2022-02-08", "2022-08-16", "2023-02-14", "2023-08-15", "2024-02-13", "2025-02-11", "2025-08-19"):
            when = clock(day, 15)
            visit = life.visit(
                when, "follow-up", "nair", "Asthma", place_of="childrens-quay", condition=known["asthma"]
            )
            life.vitals(visit, when, pulse=94, breaths=20, oxygen=98)
            life.measure(
                when,
                "19935-6",
                "Maximum expiratory gas flow Respiratory system airway by Peak flow meter",
                150 + (when.year - 2022) * 22,
                "L/min",
                "L/min",
                visit,
                "Peak flow",
            )

    def medicines(self) -> None:
        life, known = self.life, self.conditions
        for day in ("2018-11-06", "2019-02-19", "2019-12-03"):
            ears = order(
                life,
                "amoxicillin-80",
                Dose("Give 5 mL by mouth twice a day for 10 days", 5, "mL", times=2),
                date.fromisoformat(day),
                "nair",
                status="completed",
                reason=known[f"ear {day}"],
                amount=100,
                supply=10,
                refills=0,
            )
            fill(life, ears, date.fromisoformat(day), 100, 10)
        throat = order(
            life,
            "amoxicillin-80",
            Dose("Give 7 mL by mouth twice a day for 10 days", 7, "mL", times=2),
            date(2025, 12, 9),
            "nair",
            status="completed",
            reason=known["throat"],
            amount=140,
            supply=10,
            refills=0,
        )
        fill(life, throat, date(2025, 12, 9), 140, 10)
        puffs = Dose("Breathe in 2 puffs twice a day with the spacer, then rinse the mouth", 2, "puff", times=2)
        for year in (2022, 2023, 2024):
            order(
                life,
                "fluticasone-44",
                puffs,
                date(year, 8, 16),
                "nair",
                status="completed",
                reason=known["asthma"],
                amount=1,
                supply=30,
                refills=11,
            )
        preventer = order(
            life,
            "fluticasone-44",
            puffs,
            date(2025, 8, 19),
            "nair",
            reason=known["asthma"],
            amount=1,
            supply=30,
            refills=11,
            until=date(2026, 8, 19),
        )
        fills(life, preventer, every(date(2025, 8, 20), date(2025, 12, 23), 30), 1, 30)
        reliever = order(
            life,
            "albuterol",
            Dose(
                "Breathe in 2 puffs every 4 to 6 hours if needed for wheezing",
                2,
                "puff",
                times=1,
                period=4,
                period_unit="h",
                as_needed=True,
            ),
            date(2025, 8, 19),
            "nair",
            reason=known["asthma"],
            amount=2,
            refills=2,
            until=date(2026, 8, 19),
            note=[{"text": "One for home, one for school."}],
        )
        fill(life, reliever, date(2025, 8, 20), 2, None)
        order(
            life,
            "cetirizine-10",
            Dose("Give half a tablet by mouth once a day in spring", 0.5, times=1),
            date(2025, 3, 4),
            "nair",
            status="stopped",
            amount=30,
            supply=60,
            refills=1,
            statusReason={"text": "Season is over"},
            updated=date(2025, 8, 19),
        )
        order(
            life,
            "acetaminophen-160",
            Dose(
                "Chew 2 tablets every 6 hours if needed for fever",
                2,
                times=1,
                period=6,
                period_unit="h",
                as_needed=True,
            ),
            date(2024, 7, 13),
            "adeyemi",
            status="completed",
            reason=known["arm"],
            amount=24,
            supply=3,
            refills=0,
        )
        order(
            life,
            "hydrocortisone 1% cream",
            Dose("Thin layer on dry patches twice a day for up to 7 days"),
            date(2018, 3, 20),
            "nair",
            status="completed",
            reason=known["eczema"],
            amount=1,
            refills=1,
        )

    def papers_and_money(self) -> None:
        life = self.life
        for months in (12, 24, 36, 48, 60, 72, 84, 96):
            years = months // 12
            papers.note(
                life,
                self.visits[months],
                clock(day_at(months), 10, 20),
                "nair",
                [
                    f"Leo is {years} {'year' if years == 1 else 'years'} old. Grows along his own curve.",
                    "Eats and sleeps well. Loves the swings."
                    if years < 5
                    else "Likes school and swimming. Reads every evening.",
                    "Examination normal. Vaccines are up to date."
                    if years < 6
                    else "Chest is clear today. Asthma plan gone over with his mother.",
                ],
                apart=years % 3 == 0,
            )
        papers.document(
            life,
            "instructions",
            clock("2025-08-19", 16),
            "Asthma plan for school",
            "nair",
            {
                "$pdf": [
                    "# Asthma plan for school",
                    "",
                    "Name: Leo Satterfield",
                    f"Made on {said('2025-08-19')}",
                    "",
                    "# Green: breathing is easy",
                    "Preventer inhaler morning and evening.",
                    "",
                    "# Yellow: cough or wheeze",
                    "2 puffs of the blue inhaler with the spacer. Wait 15 minutes.",
                    "",
                    "# Red: hard to breathe, cannot talk",
                    "4 puffs of the blue inhaler and call 911.",
                    "",
                    "Dr. Priya Nair, (415) 555-0150",
                ]
            },
            "application/pdf",
            apart=True,
        )
        picture = papers.picture(
            80, 120, lambda x, y: 208 - abs(x - 32) * 3 if 24 < x < 40 or 46 < x < 56 else 26 + (y % 7)
        )
        papers.document(
            life,
            "imaging",
            clock("2024-07-13", 19),
            "X-ray picture of the right forearm",
            "adeyemi",
            picture,
            "image/png",
        )
        plan = money.coverage(
            life,
            "bay-health-plan",
            "Bay Harbor PPO",
            "BHP00471203",
            "2017-06-23",
            holder={"reference": "RelatedPerson/leo-mother", "display": "Ana Satterfield"},
        )
        owed = money.account(life, plan)
        for year in (2023, 2024, 2025):
            money.claim(life, plan, date(year, 6, 24), "Well-child visit", 210, 150, 0, provider="childrens-clinic")
        money.claim(
            life,
            plan,
            date(2024, 7, 13),
            "Emergency room visit",
            2_340,
            1_120,
            150,
            kind="institutional",
            provider="harbor-hospital",
            diagnosis=self.conditions["arm"],
        )
        money.claim(
            life,
            plan,
            date(2025, 12, 9),
            "Office visit and strep test",
            172,
            121,
            25,
            provider="childrens-clinic",
            diagnosis=self.conditions["throat"],
        )
        money.bill(life, owed, date(2024, 8, 12), "471400240713", "Emergency room visit", 150, paid=date(2024, 8, 30))
        money.bill(life, owed, date(2025, 12, 27), "471400251209", "Office visit and strep test", 25)

    def ahead(self) -> None:
        life = self.life
        for day, why in (("2025-06-24", "Well-child visit"), ("2025-08-19", "Asthma"), ("2025-12-09", "Sore throat")):
            ahead.appointment(life, clock(day, 10, 20), "nair", why, status="fulfilled", place_of="childrens-quay")
        ahead.appointment(
            life,
            clock("2026-01-07", 15, 40),
            "nair",
            "Asthma check",
            place_of="childrens-quay",
            prepare="Bring both inhalers and the spacer.",
        )
        ahead.appointment(
            life, clock("2026-01-14", 15, 40), "solberg", "Eye examination for school", place_of="eye-mast"
        )
        ahead.appointment(
            life, clock("2026-06-23", 10, 20), "nair", "Well-child visit", place_of="childrens-quay", minutes=30
        )
        goal = ahead.goal(life, "No missed school days because of asthma", "2025-08-19", due="2026-06-12")
        ahead.care_plan(
            life,
            "170836005",
            "Allergic disorder monitoring (regime/therapy)",
            "Living with asthma",
            ["Preventer inhaler morning and evening", "Spacer with every puff", "Plan at school"],
            [goal],
            "2025-08-19",
        )
        ahead.care_team(
            life,
            [("nair", "82296001", "Pediatrician")],
            "2017-06-23",
            {
                "role": [{"text": "Mother"}],
                "member": {"reference": "RelatedPerson/leo-mother", "display": "Ana Satterfield"},
            },
        )
        ahead.message(
            life,
            clock("2025-12-10", 9),
            "nair",
            topic="Strep test",
            from_person=False,
            text="The strep test is positive. Please give the antibiotic for all ten days. "
            "He may go to school after one day on it.",
        )
        life.add(
            "Consent",
            status="active",
            scope=hl7("consentscope", "treatment", "Treatment"),
            category=[concept(LOINC, "59284-0", "Consent Document", "Access of a parent")],
            patient=life.subject,
            dateTime=on("2017-06-25"),
            organization=[life.place.organization("childrens-clinic")],
            policyRule={"text": "Harbor Clinic: access of parents up to the 12th birthday"},
        )
        ahead.device(life, None, "Inhaler spacer", "2022-02-08")
        papers.origin(life, self.conditions["asthma"], "nair", clock("2022-02-08", 16))
