"""Medicines at home: long-running, changed of late, short, not to be taken, without prescription."""

from __future__ import annotations

from datetime import date, timedelta

from demo_data import medicines
from demo_data.build import clock, on, ref
from demo_data.medicines import Dose, every, fill, fills, order

from .chapter import Chapter

ONE_DAILY = Dose("Take 1 tablet by mouth once a day", 1, times=1)
ONE_EVENING = Dose("Take 1 tablet by mouth every evening", 1, times=1, when=("EVE",))
ONE_MORNING = Dose("Take 1 tablet by mouth every morning, 30 minutes before breakfast", 1, times=1, when=("MORN",))


class Courses(Chapter):
    """Medicines at home: long-running, changed of late, short, not to be taken, without prescription."""

    def tell(self) -> None:
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
