"""The life of Tomas, the father: back and knee, a kidney stone, sleep apnea, a harmless mole."""

from __future__ import annotations

from datetime import date, timedelta

from . import ahead, labs, medicines, money, papers
from .build import LOINC, SNOMED, Resource, clock, concept, hl7, ref, said
from .clinic import Place
from .life import Life
from .medicines import Dose, every, fill, fills, order


def build(place: Place) -> Life:
    life = Life(
        place,
        "tomas",
        "Tomas",
        date(1979, 2, 11),
        "male",
        maritalStatus=hl7("v3-MaritalStatus", "M", "Married"),
        generalPractitioner=[place.clinician("chen")],
    )
    story = Story(life)
    story.background()
    story.vaccines()
    story.years()
    story.events()
    story.medicines()
    story.papers_and_money()
    story.ahead()
    return life


class Story:
    """Tomas's record in chapters."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.conditions: dict[str, Resource] = {}
        self.visits: dict[int, Resource] = {}

    def background(self) -> None:
        life, known = self.life, self.conditions
        known["back"] = life.condition("279039007", "Low back pain (finding)", "Low back pain", "2012-05")
        known["sleep"] = life.condition(
            "78275009", "Obstructive sleep apnea syndrome (disorder)", "Sleep apnea", "2021-11-09"
        )
        known["cholesterol"] = life.condition("55822004", "Hyperlipidemia (disorder)", "High cholesterol", "2022-03-15")
        known["stone"] = life.condition(
            "95570007", "Kidney stone (disorder)", "Kidney stone", "2019-08-17", status="resolved", ended="2019-09-03"
        )
        known["meniscus"] = life.condition(
            "239720000",
            "Tear of meniscus of knee (disorder)",
            "Torn meniscus, right knee",
            "2015-03-28",
            status="resolved",
            ended="2015-09",
        )
        life.condition(
            "36971009",
            "Sinusitis (disorder)",
            "Sinus infection",
            "2023-01-24",
            status="resolved",
            ended="2023-02-07",
            category="encounter-diagnosis",
        )
        life.condition(None, "", "Fear of needles", "2003", category="health-concern")
        life.condition(
            "38341003",
            "Hypertensive disorder (disorder)",
            "High blood pressure",
            "2020-03-10",
            status=None,
            verified="entered-in-error",
        )
        life.allergy(
            concept(SNOMED, "424213003", "Allergy to bee venom (finding)", "Bee stings"),
            concept(SNOMED, "65124004", "Swelling (finding)", "Swelling"),
            "2004-07",
            category=["environment"],
            criticality="high",
        )
        life.relative(
            "FTH", "Father", ("363346000", "Malignant neoplastic disease (disorder)", "Cancer of the bowel", 68)
        )
        life.relative("MTH", "Mother", ("13645005", "Chronic obstructive pulmonary disease (disorder)", "COPD", 63))
        life.related("tomas-wife", "WIFE", "Wife", "Ana Satterfield")

    def vaccines(self) -> None:
        life = self.life
        life.vaccine("113", "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed", "2008-08")
        life.vaccine("115", "Tdap", "2017-05-16")
        life.vaccine("52", "Hep A, adult", "2013-01-15", 1)
        life.vaccine("52", "Hep A, adult", "2013-07-23", 2)
        life.vaccine("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "2021-04-20", 1)
        life.vaccine("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "2021-05-11", 2)
        life.flu_shots(2017, 2025, "140", "Influenza, seasonal, injectable, preservative free")

    def years(self) -> None:
        life = self.life
        for year in range(2011, 2026):
            when = clock(date(year, 3, 10), 8, 30)
            visit = life.visit(when, "wellness", "chen", "Yearly wellness visit", minutes=35)
            self.visits[year] = visit
            pounds = 181 + (year - 2011) * 2.1
            life.vitals(visit, when, pressure=(126, 80), pulse=70, pounds=pounds, inches=70.5)
            drawn = when - timedelta(days=7)
            labs.panel(
                life,
                "lipids",
                drawn,
                labs.usual_lipids(life, ldl=96 if year >= 2023 else 128 + (year - 2011) * 3, hdl=44, triglycerides=165),
            )
            if year % 2 == 1:
                labs.panel(life, "cmp", drawn, labs.usual_chemistry(life, glucose=97, creatinine=0.98))
                labs.panel(life, "cbc", drawn, labs.usual_blood(life, hemoglobin=15.1))
            if year >= 2019:
                labs.measured(life, "a1c", drawn, 5.4 + (year - 2019) * 0.05)
                life.mood(when, year % 2)
            life.smoking(when, "8517006" if year > 2013 else "77176002", "Former smoker" if year > 2013 else "Smoker")

    def events(self) -> None:
        self._knee_and_back()
        self._stone()
        self._mole()
        life = self.life
        night = clock("2021-11-09", 21)
        life.procedure("60554003", "Polysomnography (procedure)", "Sleep study", night, "chen")
        ahead.device(life, "702172008", "Home continuous positive airway pressure unit (CPAP)", "2021-12-07")
        labs.presence(
            life,
            "16128-1",
            "Hepatitis C virus Ab [Presence] in Serum",
            "Hepatitis C antibody",
            clock("2021-03-03", 8),
            "Negative",
        )

    def _knee_and_back(self) -> None:
        life, known = self.life, self.conditions
        life.visit(
            clock("2015-03-28", 19),
            "emergency",
            "adeyemi",
            "Twisted right knee",
            place_of="hospital-main",
            setting="EMER",
            minutes=180,
            condition=known["meniscus"],
        )
        papers.imaging(
            life,
            clock("2015-04-02", 14),
            {"text": "MRI of the right knee"},
            "Tear of the inner meniscus.",
            modality="MR",
            body="Right knee",
            by="prieto",
        )
        life.procedure(
            None,
            "",
            "Keyhole surgery of the right knee",
            clock("2015-04-21", 9),
            "prieto",
            reasonReference=[ref(known["meniscus"])],
        )
        for start, weeks in (("2015-05-04", 10), ("2025-11-03", 8)):
            for week in range(weeks):
                when = clock(date.fromisoformat(start) + timedelta(weeks=week), 16, 30)
                life.visit(
                    when,
                    "procedure",
                    "lindgren",
                    "Physical therapy",
                    minutes=45,
                    condition=known["meniscus" if start < "2020" else "back"],
                    type=[{"text": "Physical therapy"}],
                )
        papers.imaging(
            life,
            clock("2025-10-21", 11),
            {"text": "X-ray of the lower back"},
            "Slight wear between the last two vertebrae. No fracture.",
            modality="DX",
            body="Lumbar spine",
            text={
                "$pdf": [
                    "# X-ray of the lower back",
                    "",
                    f"Date: {said('2025-10-21')}",
                    "Patient: Tomas Satterfield",
                    "",
                    "Slight wear between L4 and L5.",
                    "No fracture.",
                    "",
                    "Dr. Tunde Adeyemi",
                ]
            },
        )

    def _stone(self) -> None:
        life, known = self.life, self.conditions
        when = clock("2019-08-17", 3, 20)
        visit = life.visit(
            when,
            "emergency",
            "adeyemi",
            "Sudden pain in the left side",
            place_of="hospital-main",
            setting="EMER",
            minutes=300,
            condition=known["stone"],
        )
        life.vitals(visit, when, pressure=(152, 94), pulse=108, fahrenheit=98.9, breaths=20, oxygen=98)
        labs.panel(life, "bmp", when, labs.usual_chemistry(life, glucose=118, creatinine=1.32))
        labs.urinalysis(life, when)
        papers.imaging(
            life,
            when + timedelta(hours=1),
            {"text": "CT of abdomen and pelvis"},
            "Stone of 4 mm at the end of the left ureter.",
            modality="CT",
            body="Abdomen",
        )
        labs.observation(
            life,
            clock("2019-09-03", 9),
            {"text": "Kidney stone analysis"},
            valueString="Calcium oxalate monohydrate 90 percent, apatite 10 percent",
        )

    def _mole(self) -> None:
        life = self.life
        when = clock("2024-05-21", 10)
        life.visit(when, "procedure", "chen", "Mole on the back taken off")
        life.procedure("240977001", "Biopsy of skin (procedure)", "Mole taken off for the laboratory", when, "chen")
        ahead.specimen(life, when, "119325001", "Skin (tissue) specimen (specimen)")
        labs.report(
            life,
            concept(LOINC, "11526-1", "Pathology study", "Pathology: mole"),
            when,
            [],
            category=[hl7("v2-0074", "SP", "Surgical Pathology")],
            conclusion="Benign nevus, completely taken out.",
            presentedForm=[
                papers.form(
                    {
                        "$text": f"PATHOLOGY\nReceived {said('2024-05-21')}\n\nSkin of back: benign nevus. "
                        "Margins free.\n"
                    },
                    "Pathology report",
                )
            ],
        )

    def medicines(self) -> None:
        life, known = self.life, self.conditions
        evening = Dose("Take 1 tablet by mouth every evening", 1, times=1, when=("EVE",))
        order(
            life,
            "atorvastatin-20",
            evening,
            date(2023, 3, 10),
            "chen",
            status="completed",
            reason=known["cholesterol"],
            amount=90,
            supply=90,
            refills=3,
            apart=True,
        )
        statin = order(
            life,
            "atorvastatin-20",
            evening,
            date(2025, 3, 11),
            "chen",
            reason=known["cholesterol"],
            amount=90,
            supply=90,
            refills=3,
            until=date(2026, 3, 11),
        )
        fills(life, statin, every(date(2025, 3, 12), date(2025, 10, 14), 90), 90, 90)
        back = order(
            life,
            "ibuprofen-200",
            Dose(
                "Take 2 tablets every 8 hours if needed for back pain, with food",
                2,
                times=1,
                period=8,
                period_unit="h",
                as_needed=True,
            ),
            date(2025, 10, 21),
            "chen",
            reason=known["back"],
            amount=60,
            supply=10,
            refills=1,
            until=date(2026, 4, 21),
        )
        fill(life, back, date(2025, 10, 21), 60, 10)
        stomach = order(
            life,
            "omeprazole-20",
            Dose("Take 1 capsule by mouth once a day before breakfast", 1, "capsule", times=1),
            date(2025, 10, 21),
            "chen",
            amount=30,
            supply=30,
            refills=2,
            until=date(2026, 4, 21),
        )
        fill(life, stomach, date(2025, 10, 22), 30, 30)
        # The pharmacy had only half of it.
        fill(
            life,
            stomach,
            date(2025, 12, 1),
            14,
            14,
            number=2,
            type={
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                        "code": "RFP",
                        "display": "Refill - Part Fill",
                    }
                ]
            },
        )
        antibiotic = order(
            life,
            "amoxicillin-500",
            Dose("Take 1 capsule by mouth three times a day for 7 days", 1, "capsule", times=3),
            date(2023, 1, 24),
            "chen",
            status="completed",
            amount=21,
            supply=7,
            refills=0,
            apart=True,
        )
        fill(life, antibiotic, date(2023, 1, 24), 21, 7)
        order(
            life,
            "oxycodone",
            Dose(
                "Take 1 tablet every 6 hours if needed for pain", 1, times=1, period=6, period_unit="h", as_needed=True
            ),
            date(2015, 4, 21),
            "prieto",
            status="completed",
            amount=12,
            supply=3,
            refills=0,
        )
        order(
            life,
            "epinephrine 0.3 mg auto-injector",
            Dose("Use at once after a bee sting with swelling, then call 911"),
            date(2024, 3, 10),
            "chen",
            amount=2,
            refills=1,
            until=date(2025, 3, 10),
        )
        medicines.stated(life, "Fish oil 1,000 mg", "Two capsules a day", "2022-03-15")

    def papers_and_money(self) -> None:
        life = self.life
        for year in range(2019, 2026):
            papers.note(
                life,
                self.visits[year],
                clock(date(year, 3, 10), 8, 30),
                "chen",
                [
                    f"Tomas is {year - 1979} and drives a delivery van. Back is stiff in the morning.",
                    "Sleeps with the breathing machine most nights." if year > 2021 else "Snores, tired in the day.",
                    "Plan: move more, less salt, blood tests in a year.",
                ],
                apart=year % 2 == 1,
            )
        plan = money.coverage(life, "bay-health-plan", "Bay Harbor PPO", "BHP00471202", "2014-01-01")
        owed = money.account(life, plan)
        for year in (2023, 2024, 2025):
            money.claim(life, plan, date(year, 3, 10), "Yearly wellness visit", 240, 168, 0)
            money.claim(life, plan, date(year, 3, 3), "Laboratory tests", 214, 71, 15, provider="bay-lab")
        money.claim(
            life,
            plan,
            date(2025, 10, 21),
            "X-ray of the lower back",
            265,
            140,
            45,
            provider="harbor-hospital",
            diagnosis=self.conditions["back"],
        )
        for week in range(8):
            money.claim(
                life,
                plan,
                date(2025, 11, 3) + timedelta(weeks=week),
                "Physical therapy",
                150,
                92,
                25,
                diagnosis=self.conditions["back"],
            )
        money.bill(
            life, owed, date(2025, 11, 20), "471300251021", "X-ray of the lower back", 45, paid=date(2025, 12, 2)
        )
        money.bill(life, owed, date(2025, 12, 30), "471300251103", "Physical therapy, four visits", 100)
        money.asked_ahead(
            life, plan, date(2025, 10, 24), "Physical therapy, twelve visits", answer="Approved: twelve visits"
        )

    def ahead(self) -> None:
        life = self.life
        ahead.appointment(life, clock("2025-10-21", 10), "chen", "Back pain", status="fulfilled")
        for day in ("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"):
            ahead.appointment(
                life,
                clock(day, 16, 30),
                "lindgren",
                "Physical therapy for the back",
                minutes=45,
                prepare="Wear loose clothes.",
            )
        ahead.appointment(life, clock("2026-03-10", 8, 30), "chen", "Yearly wellness visit", minutes=40)
        ahead.appointment(
            life,
            clock("2026-02-18", 7, 30),
            "marsh",
            "Colonoscopy",
            place_of="hospital-main",
            minutes=60,
            prepare="Clear liquids the day before. Drink the preparation as the sheet says. "
            "You need somebody to drive you home.",
        )
        goal = ahead.goal(life, "Walk to work twice a week", "2025-03-10", due="2026-03-10")
        ahead.care_plan(
            life,
            "229065009",
            "Exercise therapy (regime/therapy)",
            "A stronger back",
            ["Exercises ten minutes a day", "Physical therapy once a week", "No lifting above 40 pounds"],
            [goal],
            "2025-11-03",
        )
        ahead.care_team(
            life,
            [("chen", "453231000124104", "Primary care provider"), ("lindgren", "36682004", "Physiotherapist")],
            "2025-11-03",
        )
        ahead.referral(life, clock("2025-10-21", 10), "chen", "lindgren", "Physical therapy", self.conditions["back"])
        ahead.referral(life, clock("2025-03-10", 9), "chen", "marsh", "Colonoscopy: bowel cancer in the family")
        ahead.message(
            life,
            clock("2025-12-30", 9),
            "marsh",
            topic="Before your colonoscopy",
            from_person=False,
            text="You will get the preparation by mail two weeks before. Tell us of any new medicine.",
        )
        papers.origin(life, self.conditions["sleep"], "chen", clock("2021-11-16", 10))
