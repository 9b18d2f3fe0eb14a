"""What negates or withdraws a record, in every type (safety.md, "What a record means").

`entered-in-error` comes first, since it says that the record is no record. An unknown modifierExtension comes next,
since it may turn anything around. Then what the status says, then `doNotPerform`. "stopped", "completed", "on-hold" and
"inactive" end something that was true: they negate nothing.
"""

from __future__ import annotations

from typing import Any

from phr_desktop.domain.records import Standing
from phr_desktop.fhir.concepts import codes_of
from phr_desktop.fhir.decode import Json

STATED = int(Standing.STATED)
WITHDRAWN = int(Standing.WITHDRAWN)
REFUTED = int(Standing.REFUTED)
NOT_DONE = int(Standing.NOT_DONE)
NOT_TAKEN = int(Standing.NOT_TAKEN)
CANCELLED = int(Standing.CANCELLED)
PROHIBITED = int(Standing.PROHIBITED)
UNKNOWN_MODIFIER = int(Standing.UNKNOWN_MODIFIER)

_STATED_WORDS = (
    "active available accepted amended appended arrived balanced billed booked busy checked-in completed "
    "confirmed corrected current differential draft final finished free fulfilled health-unknown in-progress "
    "inactive intended issued on-hold partial pending planned preliminary preparation proposed provisional "
    "received registered requested resolved recurrence relapse remission retired stopped superseded suspended "
    "unavailable unconfirmed unknown waitlist"
)
# R4 gives one word one meaning in all types, so one table serves them all, types yet unknown included.
_BY_STATUS = {
    "entered-in-error": WITHDRAWN,
    "refuted": REFUTED,
    "not-done": NOT_DONE,
    "not-taken": NOT_TAKEN,
    "cancelled": CANCELLED,
    "canceled": CANCELLED,
    "revoked": CANCELLED,  # ServiceRequest, CarePlan, NutritionOrder: nothing more is to be done
    "abandoned": CANCELLED,  # SupplyDelivery
    "aborted": CANCELLED,  # ChargeItem
    "declined": CANCELLED,  # MedicationDispense, AppointmentResponse
    "rejected": CANCELLED,  # Goal, Task, Consent
    "refused": CANCELLED,
    "noshow": CANCELLED,  # Appointment: nobody came, so no visit was
    "no-show": CANCELLED,
    "nullified": WITHDRAWN,  # the same in HL7 version 3, seen in converted documents
    **dict.fromkeys(_STATED_WORDS.split(), STATED),
}
_BY_TYPE = {
    # A task that failed did not happen, though somebody tried.
    ("Task", "failed"): NOT_DONE,
}

# Elements that say more than `status` does, by type: how far a document, a diagnosis or a goal can be trusted.
_FURTHER_STATUS = {
    "Condition": "verificationStatus",
    "AllergyIntolerance": "verificationStatus",
    "DocumentReference": "docStatus",
    "AppointmentResponse": "participantStatus",
    "Goal": "lifecycleStatus",
}
# Booleans of DSTU2 and STU3, which old exports still carry and which R4 turned into a status.
_OLD_NEGATIONS: dict[str, tuple[tuple[str, object, int], ...]] = {
    "Immunization": (("notGiven", True, NOT_DONE), ("wasNotGiven", True, NOT_DONE)),
    "Procedure": (("notDone", True, NOT_DONE), ("notPerformed", True, NOT_DONE)),
    "MedicationAdministration": (("notGiven", True, NOT_DONE), ("wasNotGiven", True, NOT_DONE)),
    "MedicationDispense": (("notDone", True, NOT_DONE),),
    "MedicationStatement": (("wasNotTaken", True, NOT_TAKEN), ("taken", "n", NOT_TAKEN)),
    "Communication": (("notDone", True, NOT_DONE),),
}
_MORE_THAN_STATUS = frozenset(_FURTHER_STATUS) | frozenset(_OLD_NEGATIONS)
_DO_NOT_PERFORM = "http://hl7.org/fhir/StructureDefinition/request-doNotPerform"


def standing_of(type_: str, tree: Json, canonical_form: bytes) -> int:
    """The Standing value of a resource. `canonical_form` is only searched for the name of a rare element."""
    status = tree.get("status")
    standing = _BY_STATUS.get(status) if type(status) is str else STATED if status is None else None
    if standing is None:
        standing = _other_status(type_, status)
    if type_ in _MORE_THAN_STATUS:
        standing = _further_standing(type_, tree, standing)
    if b"modifierExtension" in canonical_form or "implicitRules" in tree:
        standing = _modified(tree, standing)
    return PROHIBITED if "doNotPerform" in tree and tree["doNotPerform"] is True and not standing else standing


def _further_standing(type_: str, tree: Json, standing: int) -> int:
    further = tree.get(_FURTHER_STATUS[type_]) if type_ in _FURTHER_STATUS else None
    if further is not None:
        standing = _stronger(standing, _concept_standing(further))
    return standing or (_negated(type_, tree) if type_ in _OLD_NEGATIONS else STATED)


def _negated(type_: str, tree: Json) -> int:
    for name, value, meaning in _OLD_NEGATIONS[type_]:
        if tree.get(name) == value:
            return meaning
    return STATED


def _other_status(type_: str, status: Any) -> int:
    """A status that the table does not hold as written: another spelling, another shape, another type's word."""
    if type(status) is not str:
        return _concept_standing(status)
    return _BY_TYPE.get((type_, status)) or _BY_STATUS.get(_spelled(status), STATED)


def _concept_standing(concept: Any) -> int:
    """The strongest meaning among all codes of a status that is a code or a CodeableConcept."""
    words = codes_of(concept)
    if type(concept) is dict and type(concept.get("text")) is str:
        words.append(concept["text"])
    standing = STATED
    for word in words:
        meaning = _BY_STATUS.get(word)
        if meaning is None:
            meaning = _BY_STATUS.get(_spelled(word), STATED)
        standing = _stronger(standing, meaning) if meaning else standing
    return standing


def _spelled(status: str) -> str:
    return "-".join(status.lower().replace("_", " ").replace("-", " ").split())


def _stronger(one: int, other: int) -> int:
    """Of two meanings, the one to go by: withdrawn before all; any before none."""
    if WITHDRAWN in (one, other):
        return WITHDRAWN
    return other or one


def _modified(tree: Json, standing: int) -> int:
    """What a standing becomes by modifierExtensions: UNKNOWN_MODIFIER if any element anywhere has an unknown one.

    The whole record is held back, not the element alone: its title, value or dose may stand on that very element.
    """
    if standing == WITHDRAWN:
        return WITHDRAWN
    meaning = UNKNOWN_MODIFIER if tree.get("implicitRules") else STATED
    todo: list[Any] = [tree]
    while todo:
        value = todo.pop()
        if type(value) is list:
            todo.extend(value)
        elif type(value) is dict:
            modifiers = value.get("modifierExtension")
            if modifiers:
                meaning = _stronger_modifier(meaning, modifiers, value is tree)
            todo.extend(value.values())
    return meaning if meaning == UNKNOWN_MODIFIER else standing or meaning


def _stronger_modifier(meaning: int, modifiers: Any, of_resource: bool) -> int:
    """The only one known says "do not perform", of a request as a whole."""
    for modifier in modifiers if type(modifiers) is list else [modifiers]:
        known = type(modifier) is dict and modifier.get("url") == _DO_NOT_PERFORM and of_resource
        if not known or type(modifier.get("valueBoolean")) is not bool:
            return UNKNOWN_MODIFIER
        if modifier["valueBoolean"] and meaning == STATED:
            meaning = PROHIBITED
    return meaning
