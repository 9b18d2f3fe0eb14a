"""Two stays in hospital: a new knee and a pneumonia."""

from __future__ import annotations

from datetime import date, timedelta

from demo_data import ahead, labs, medicines, papers
from demo_data.build import LOINC, Resource, clock, concept, quantity, ref
from demo_data.medicines import Dose, fill, order

from .chapter import Chapter


class Stays(Chapter):
    """Two stays in hospital: a new knee and a pneumonia."""

    def tell(self) -> None:
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
        life.procedure(
            "609588000",
            "Total replacement of knee joint (procedure)",
            "Left knee replacement",
            clock("2019-04-02", 8),
            "prieto",
            encounter=ref(stay),
            reasonReference=[ref(self.conditions["knee"])],
            focalDevice=[{"manipulated": ref(implant)}],
        )
        self.noted["knee_visit"] = stay
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
        self.noted["pneumonia_stay"] = stay
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
            valueQuantity=quantity(5, "mg/L") | {"comparator": "<"},
            referenceRange=[{"high": quantity(5, "mg/L"), "text": "<5"}],
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
