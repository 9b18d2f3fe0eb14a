"""Twenty years of visits, and what was measured at them."""

from __future__ import annotations

from datetime import date, timedelta

from demo_data import labs
from demo_data.build import clock

from .chapter import Chapter


class Years(Chapter):
    """Twenty years of visits, and what was measured at them."""

    def tell(self) -> None:
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
