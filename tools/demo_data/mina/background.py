"""What Mina has, where she comes from, and her vaccines."""

from __future__ import annotations

from demo_data.build import RXNORM, SNOMED, clock, coding, concept, hl7

from .chapter import Chapter


class Background(Chapter):
    """What Mina has, where she comes from, and her vaccines."""

    def tell(self) -> None:
        life, known = self.life, self.conditions
        self.noted["daughter"] = life.related(
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
        self._vaccines()

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
        self.noted["penicillin"] = life.allergy(
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

    def _vaccines(self) -> None:
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
