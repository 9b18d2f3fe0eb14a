"""The life of Ana, the daughter and mother: well on the whole, with migraine, anxiety and one pregnancy."""

from __future__ import annotations

from datetime import date, timedelta

from . import ahead, labs, medicines, money, papers
from .build import LOINC, RXNORM, SNOMED, Resource, clock, concept, hl7, quantity, ref, said
from .clinic import Place
from .life import Life
from .medicines import Dose, every, fill, fills, order

CYTOLOGY = "Cytology report of Cervical or vaginal smear or scraping Cyto stain.thin prep"


def build(place: Place) -> Life:
    life = Life(
        place,
        "ana",
        "Ana",
        date(1981, 9, 17),
        "female",
        maritalStatus=hl7("v3-MaritalStatus", "M", "Married"),
        generalPractitioner=[place.clinician("fields")],
    )
    story = Story(life)
    story.background()
    story.vaccines()
    story.years()
    story.pregnancy()
    story.medicines()
    story.papers_and_money()
    story.ahead()
    return life


class Story:
    """Ana's record in chapters."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.conditions: dict[str, Resource] = {}
        self.visits: dict[int, Resource] = {}

    def background(self) -> None:
        life, known = self.life, self.conditions
        known["migraine"] = life.condition("37796009", "Migraine (disorder)", "Migraine", "1999")
        known["anxiety"] = life.condition(
            "21897009", "Generalized anxiety disorder (disorder)", "Anxiety", "2020-10-06"
        )
        known["iron"] = life.condition(
            "87522002",
            "Iron deficiency anemia (disorder)",
            "Anemia from lack of iron",
            "2016-11-08",
            status="resolved",
            ended="2018-01-16",
        )
        life.condition(
            "11687002",
            "Gestational diabetes mellitus (disorder)",
            "Diabetes in pregnancy",
            "2017-03-14",
            status="resolved",
            ended="2017-06-23",
        )
        life.condition(
            "202882003",
            "Plantar fasciitis (disorder)",
            "Heel pain, right",
            "2022-05",
            status="resolved",
            ended="2022-11",
        )
        life.condition(
            "444814009",
            "Viral sinusitis (disorder)",
            "Sinus infection",
            "2024-12-03",
            category="encounter-diagnosis",
            status="resolved",
            ended="2024-12-14",
        )
        life.condition(
            "73211009",
            "Diabetes mellitus (disorder)",
            "Diabetes",
            "2018-02-06",
            status=None,
            verified="refuted",
            note=[{"text": "Blood sugar was normal again after the birth."}],
        )
        life.allergy(
            concept(SNOMED, "91934008", "Allergy to nut (finding)", "Tree nuts"),
            concept(SNOMED, "126485001", "Urticaria (disorder)", "Hives"),
            "1990",
            category=["food"],
        )
        life.allergy(
            concept(RXNORM, "2670", "codeine", "Codeine"),
            concept(SNOMED, "422587007", "Nausea (finding)", "Nausea"),
            "2009",
            type="intolerance",
        )
        life.procedure("173422009", "Tonsillectomy (procedure)", "Tonsils taken out", "1988")
        life.relative(
            "MTH",
            "Mother",
            ("44054006", "Diabetes mellitus type 2 (disorder)", "Type 2 diabetes", 61),
            ("59621000", "Essential hypertension (disorder)", "High blood pressure", 49),
        )
        life.relative("MGRMTH", "Mother's mother", ("230690007", "Cerebrovascular accident (disorder)", "Stroke", 79))
        life.related("ana-husband", "HUSB", "Husband", "Tomas Satterfield")

    def vaccines(self) -> None:
        life = self.life
        life.vaccine("03", "MMR", "1983")
        life.vaccine("03", "MMR", "1994")
        life.vaccine("43", "Hep B, adult", "2003-02-11", 1)
        life.vaccine("43", "Hep B, adult", "2003-03-18", 2)
        life.vaccine("43", "Hep B, adult", "2003-08-19", 3)
        life.vaccine("115", "Tdap", "2017-04-11")
        life.vaccine("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "2021-04-13", 1)
        life.vaccine("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "2021-05-04", 2)
        life.flu_shots(2012, 2025, "140", "Influenza, seasonal, injectable, preservative free")

    def years(self) -> None:
        life = self.life
        for year in range(2010, 2026):
            when = clock(date(year, 2, 5), 10, 30)
            visit = life.visit(when, "wellness", "fields", "Yearly wellness visit", minutes=35)
            self.visits[year] = visit
            pounds = 139 + (year - 2010) * 0.8 + (14 if year == 2017 else 0)
            life.vitals(visit, when, pressure=(116, 72), pulse=68, pounds=pounds, inches=65.5)
            drawn = when - timedelta(days=6, hours=2)
            labs.panel(life, "cbc", drawn, labs.usual_blood(life, hemoglobin=11.1 if year == 2017 else 13.2))
            if year % 2 == 0:
                labs.panel(life, "lipids", drawn, labs.usual_lipids(life, ldl=104, hdl=61, triglycerides=96))
                labs.panel(life, "cmp", drawn, labs.usual_chemistry(life, glucose=88, creatinine=0.74))
            if year >= 2017:
                labs.measured(life, "ferritin", drawn, 9 if year == 2017 else 38 + (year - 2018) * 3)
                labs.measured(life, "a1c", drawn, 5.2 + (year % 3) * 0.1)
            if year >= 2020:
                labs.measured(life, "tsh", drawn, abs(life.records.random.gauss(1.7, 0.3)))
                life.mood(when, (2, 1, 3, 1, 1, 0)[year - 2020])
                self._worry(year)
            if year >= 2014:
                life.smoking(when, "266919005", "Never smoker")
        for year in (2012, 2015, 2018, 2021, 2024):
            self._smear(year)
        for day in ("2022-03-08", "2024-03-12"):
            papers.imaging(
                life,
                clock(day, 9),
                concept(LOINC, "24606-6", "MG Breast Screening", "Mammogram"),
                "Negative (BI-RADS 1).",
                modality="MG",
                body="Both breasts",
            )
        self._headaches()

    def _worry(self, year: int) -> None:
        score = (12, 9, 10, 6, 5, 4)[year - 2020]
        name = "Generalized anxiety disorder 7 item (GAD-7) total score [Reported.PHQ]"
        self.life.vital(
            clock(date(year, 2, 5), 10, 40),
            concept(LOINC, "70274-6", name, "Anxiety score (GAD-7)"),
            category=[hl7("observation-category", "survey", "Survey")],
            valueQuantity=quantity(score, "{score}", "{score}"),
        )

    def _smear(self, year: int) -> None:
        life, when = self.life, clock(date(year, 9, 10), 11)
        life.visit(when, "consultation", "sato", "Women's health visit")
        labs.report(
            life,
            concept(LOINC, "47527-7", CYTOLOGY, "Pap smear"),
            when,
            [],
            category=[hl7("v2-0074", "CP", "Cytopathology")],
            conclusion="Negative for intraepithelial lesion or malignancy.",
            presentedForm=[
                papers.form({"$text": f"PAP SMEAR\nCollected {said(when.date())}\n\nResult: negative.\n"}, "Pap smear")
            ],
        )

    def _headaches(self) -> None:
        life = self.life
        for day, why in (
            ("2019-03-26", "More headaches than before"),
            ("2020-10-06", "Worry and poor sleep"),
            ("2022-05-17", "Pain in the right heel"),
            ("2024-12-03", "Blocked nose, pressure in the face"),
            ("2025-07-15", "Migraine follow-up"),
        ):
            when = clock(day, 15)
            visit = life.visit(when, "symptom", "fields", why)
            life.vitals(visit, when, pressure=(118, 74), pulse=72)
        for number in range(10):
            when = clock(date(2020, 11, 3) + timedelta(weeks=2 * number), 17)
            life.visit(
                when,
                "consultation",
                "weiss",
                "Talking therapy",
                minutes=50,
                setting="VR",
                condition=self.conditions["anxiety"],
            )

    def pregnancy(self) -> None:
        life = self.life
        known = life.condition(
            "72892002",
            "Normal pregnancy (disorder)",
            "Pregnancy with Leo",
            "2016-09-30",
            status="resolved",
            ended="2017-06-23",
        )
        for number in range(11):
            when = clock(date(2016, 11, 8) + timedelta(weeks=3 * number), 9)
            visit = life.visit(
                when,
                "follow-up",
                "sato",
                "Prenatal visit",
                condition=known,
                type=[concept(SNOMED, "424619006", "Prenatal visit (regime/therapy)", "Prenatal visit")],
            )
            life.vitals(visit, when, pressure=(112, 68), pulse=78, pounds=146 + number * 2.4)
        labs.observation(
            life,
            clock("2017-03-14", 9),
            concept(
                LOINC,
                "1504-0",
                "Glucose [Mass/volume] in Serum or Plasma --1 hour post 50 g glucose PO",
                "Glucose, one hour after 50 g",
            ),
            valueQuantity=quantity(163, "mg/dL"),
            interpretation=labs.flag("H"),
            referenceRange=[{"high": quantity(139, "mg/dL"), "text": "<140"}],
        )
        papers.imaging(
            life,
            clock("2017-01-31", 10),
            {"text": "Ultrasound in pregnancy, 20 weeks"},
            "One baby, growing as expected.",
            modality="US",
            body="Uterus",
            by="sato",
        )
        stay = life.visit(
            clock("2017-06-23", 2, 10),
            "admission",
            "sato",
            "Birth of Leo",
            until=clock("2017-06-25", 11),
            place_of="hospital-main",
            setting="IMP",
            condition=known,
            type=[{"text": "Hospital stay for a birth"}],
        )
        life.procedure(
            "177184002",
            "Normal delivery procedure (procedure)",
            "Birth of Leo",
            clock("2017-06-23", 7, 42),
            "sato",
            encounter=ref(stay),
        )
        papers.document(
            life,
            "discharge",
            clock("2017-06-25", 11),
            "Discharge summary: birth of Leo",
            "sato",
            {
                "$text": "Normal birth of a healthy boy, 3,420 g. Mother and child went "
                "home well on the second day.\n\nDr. Hana Sato\n"
            },
            "text/plain",
            encounter=stay,
        )

    def medicines(self) -> None:
        life, known = self.life, self.conditions
        daily = Dose("Take 1 tablet by mouth once a day", 1, times=1)
        for year in (2020, 2021, 2022, 2023, 2024):
            order(
                life,
                "sertraline-50",
                daily,
                date(year, 10, 6),
                "fields",
                status="completed",
                reason=known["anxiety"],
                amount=90,
                supply=90,
                refills=3,
                until=date(year + 1, 10, 6),
            )
        sertraline = order(
            life,
            "sertraline-50",
            daily,
            date(2025, 10, 6),
            "fields",
            reason=known["anxiety"],
            amount=30,
            supply=30,
            refills=11,
            until=date(2026, 10, 6),
        )
        fills(life, sertraline, every(date(2025, 10, 6), date(2025, 12, 19), 30), 30, 30)
        as_needed = Dose(
            "Take 1 tablet at the start of a migraine. May repeat once after 2 hours. Not more than 2 a day",
            1,
            times=1,
            as_needed=True,
        )
        sumatriptan = order(
            life,
            "sumatriptan-50",
            as_needed,
            date(2025, 7, 15),
            "fields",
            reason=known["migraine"],
            amount=9,
            refills=5,
            until=date(2026, 7, 15),
        )
        fill(life, sumatriptan, date(2025, 7, 16), 9, None)
        fill(life, sumatriptan, date(2025, 10, 21), 9, None, number=2)
        camila = order(
            life,
            "camila",
            Dose("Take 1 tablet by mouth at the same time every day", 1, times=1),
            date(2025, 9, 10),
            "sato",
            amount=84,
            supply=84,
            refills=3,
            until=date(2026, 9, 10),
            pharmacy="lighthouse-mail",
        )
        fill(life, camila, date(2025, 10, 20), 84, 84, pharmacy="lighthouse-mail")
        order(
            life,
            "escitalopram-10",
            daily,
            date(2020, 8, 4),
            "fields",
            status="stopped",
            reason=known["anxiety"],
            amount=30,
            supply=30,
            refills=2,
            statusReason={"text": "Nausea"},
            updated=date(2020, 10, 6),
        )
        order(
            life,
            "ferrous sulfate 325 mg tablet",
            daily,
            date(2016, 11, 8),
            "sato",
            status="completed",
            reason=known["iron"],
            amount=90,
            supply=90,
            refills=3,
        )
        # The clinic's name for this medicine can no longer be fetched.
        order(
            life,
            "cream",
            Dose("Use a thin layer twice a day for 7 days"),
            date(2025, 8, 12),
            "fields",
            medicationCodeableConcept=None,
            medicationReference={"reference": "Medication/med-retired-0042"},
            amount=1,
            supply=7,
            refills=0,
            until=date(2025, 9, 12),
        )
        medicines.stated(life, "Magnesium 400 mg", "One tablet in the evening", "2023-02")

    def papers_and_money(self) -> None:
        life = self.life
        for year in range(2019, 2026):
            papers.note(
                life,
                self.visits[year],
                clock(date(year, 2, 5), 10, 30),
                "fields",
                [
                    f"Ana is {year - 1982} and well. She works full time and looks after her son and her mother.",
                    "Migraine about twice a month. Sleep is better with less coffee."
                    if year > 2020
                    else "Migraine now and then.",
                    "Plan: blood tests reviewed, same medicines, back in a year.",
                ],
                apart=year % 2 == 0,
            )
        papers.document(
            life,
            "consult",
            clock("2021-03-23", 18),
            "Summary of talking therapy",
            "weiss",
            {"$html": "<h1>Summary</h1><p>Ten meetings. Worry is <b>much less</b>. Ana knows her early signs.</p>"},
            "text/html",
        )
        plan = money.coverage(life, "bay-health-plan", "Bay Harbor PPO", "BHP00471202", "2014-01-01")
        owed = money.account(life, plan)
        for year in (2024, 2025):
            money.claim(life, plan, date(year, 2, 5), "Yearly wellness visit", 240, 168, 0)
            money.claim(life, plan, date(year, 1, 30), "Laboratory tests", 355, 88, 18, provider="bay-lab")
        money.claim(life, plan, date(2025, 7, 15), "Office visit", 180, 126, 25, diagnosis=self.conditions["migraine"])
        money.claim(
            life,
            plan,
            date(2025, 10, 21),
            "sumatriptan",
            42,
            21,
            10,
            kind="pharmacy",
            provider="quay-pharmacy",
            drug="sumatriptan-50",
        )
        money.bill(life, owed, date(2025, 2, 20), "471200250130", "Laboratory tests", 18, paid=date(2025, 3, 1))
        money.bill(life, owed, date(2025, 12, 29), "471200251118", "Office visit", 25)

    def ahead(self) -> None:
        life = self.life
        for day, why in (("2025-02-05", "Yearly wellness visit"), ("2025-07-15", "Migraine follow-up")):
            ahead.appointment(life, clock(day, 10, 30), "fields", why, status="fulfilled")
        ahead.appointment(
            life,
            clock("2026-01-09", 12, 30),
            "fields",
            "Migraine follow-up",
            video="https://video.harbor-clinic.example.org/room/ana-0109",
            prepare="Keep your headache diary at hand.",
        )
        ahead.appointment(
            life,
            clock("2026-02-04", 10, 30),
            "fields",
            "Yearly wellness visit",
            minutes=40,
            prepare="Blood test a week before, fasting.",
        )
        ahead.appointment(
            life,
            clock("2025-12-10", 11),
            "sato",
            "Women's health visit",
            status="cancelled",
            cancelled="Cancelled by the patient",
        )
        goal = ahead.goal(life, "Fewer than two migraine days a month", "2025-07-15", due="2026-07-15")
        ahead.care_plan(
            life,
            "384758001",
            "Self-care interventions (procedure)",
            "Fewer migraines",
            ["Keep a headache diary", "Regular sleep", "Walk or swim three times a week"],
            [goal],
            "2025-07-15",
        )
        ahead.care_team(
            life,
            [
                ("fields", "453231000124104", "Primary care provider"),
                ("sato", "11935004", "Obstetrician"),
                ("weiss", "59944000", "Psychologist"),
            ],
            "2016-11-08",
        )
        ahead.referral(life, clock("2020-10-06", 15), "fields", "weiss", "Talking therapy", self.conditions["anxiety"])
        first = ahead.message(
            life,
            clock("2025-12-28", 20),
            "fields",
            topic="Migraine twice last week",
            from_person=True,
            text="I had two bad migraines last week. Should I come in before the video visit?",
        )
        ahead.message(
            life,
            clock("2025-12-29", 10),
            "fields",
            topic="Migraine twice last week",
            from_person=False,
            answers=first,
            text=f"The video visit on {said('2026-01-09')} is soon enough. Write down what you ate "
            "and how you slept before each one. Call us if it is the worst headache of your life.",
        )
        papers.origin(life, self.conditions["anxiety"], "fields", clock("2020-10-06", 16))
