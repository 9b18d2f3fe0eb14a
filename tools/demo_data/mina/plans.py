"""What lies ahead, and the people around her."""

from __future__ import annotations

from demo_data import ahead
from demo_data.build import LOINC, SNOMED, at, clock, concept, hl7, ref, said

from .chapter import Chapter


class Plans(Chapter):
    """What lies ahead, and the people around her."""

    def tell(self) -> None:
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
                "member": ref(self.noted["daughter"], "Ana Satterfield"),
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
                    {
                        "role": hl7("v3-RoleCode", "DAUC", "Daughter"),
                        "reference": ref(self.noted["daughter"], "Ana Satterfield"),
                    }
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
            text="No. Only the 10 mg tablet, once a day. Put the old ones away. "
            f"We look at your blood pressure together on {said('2026-01-06')}.",
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
            text="The high potassium from yesterday was the sample's fault. Today's value is normal: 4.6. "
            "Nothing to change.",
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
