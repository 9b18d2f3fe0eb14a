"""Results that stand out: a critical one, a corrected one, a preliminary one, several ranges."""

from __future__ import annotations

from demo_data import ahead, labs, papers
from demo_data.build import LOINC, SNOMED, at, clock, concept, hl7, quantity, ref, said

from .chapter import Chapter


class Results(Chapter):
    """Results that stand out: a critical one, a corrected one, a preliminary one, several ranges."""

    def tell(self) -> None:
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
            sample = ahead.specimen(life, when, "122575003", "Urine specimen (specimen)")
            labs.urinalysis(life, when, infected=True)
            labs.observation(
                life,
                when,
                concept(LOINC, "630-4", "Bacteria identified in Urine by Culture", "Urine culture"),
                specimen=ref(sample),
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
            valueQuantity=quantity(27, "ng/mL"),
            referenceRange=[
                {"high": quantity(19, "ng/mL"), "text": "Deficient: below 20"},
                {"low": quantity(20, "ng/mL"), "high": quantity(29, "ng/mL"), "text": "Insufficient: 20-29"},
                {
                    "low": quantity(30, "ng/mL"),
                    "high": quantity(100, "ng/mL"),
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
                valueQuantity=quantity(5, "mg/L") | {"comparator": "<"},
                referenceRange=[{"high": quantity(20, "mg/L"), "text": "<20"}],
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
                valueQuantity=quantity(value, "ng/mL"),
                referenceRange=[
                    {
                        "type": hl7("referencerange-meaning", "normal", "Normal Range"),
                        "low": quantity(low, "ng/mL"),
                        "high": quantity(high, "ng/mL"),
                        "appliesTo": [{"text": "female"}],
                        "text": "Women: 15-150",
                    },
                    {
                        "type": hl7("referencerange-meaning", "normal", "Normal Range"),
                        "low": quantity(30, "ng/mL"),
                        "high": quantity(300, "ng/mL"),
                        "appliesTo": [{"text": "male"}],
                        "text": "Men: 30-300",
                    },
                ],
            )
