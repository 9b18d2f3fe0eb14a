"""The title of a record and the code that stands for it. A title is never blank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from phr_desktop.fhir.concepts import first, name_of, tidy, tidy_display, words_of
from phr_desktop.fhir.decode import Json
from phr_desktop.fhir.markup import plain_text
from phr_desktop.fhir.names import name_in_words
from phr_desktop.fhir.plain_names import type_in_words
from phr_desktop.fhir.shapes import Shape

MEDICATION_NAME_NOT_RECEIVED = "Name not received"

Named = tuple[str | None, str | None, str | None]  # system, code, title


def title_of(type_: str, tree: Json, shape: Shape) -> tuple[str | None, str | None, str]:
    """(system, code, title). From the type's code, its strings, the narrative, at last the type in plain words."""
    special = _SPECIAL.get(type_)
    system, code, title = special(tree, shape) if special is not None else _named(tree, shape)
    if title:
        return system, code, title
    title = _narrative(tree) or type_in_words(type_)
    return system, code, f"{title} ({code})" if code else title


def _named(tree: Json, shape: Shape) -> Named:
    system: str | None = None
    code: str | None = None
    title = _string(tree, shape.names) if shape.names_first else None
    for element in shape.code:
        given = tree.get(element)
        if given is None:
            continue
        here = _first_named(given, shape.prefer) if type(given) is list else name_of(given, shape.prefer)
        if code is None and here[1] is not None:
            system, code, _ = here
        title = title or here[2]
        if title and code:
            return system, code, title
    return system, code, title or _string(tree, shape.names)


def _first_named(concepts: list[Any], prefer: tuple[str, ...]) -> Named:
    """The first concept's code with the first words that any of them has."""
    named = name_of(concepts[0], prefer) if concepts else (None, None, None)
    if named[2] or len(concepts) < 2:
        return named
    return named[0], named[1], next((words for c in concepts[1:] if (words := name_of(c, prefer)[2])), None)


def _string(tree: Json, names: tuple[str, ...]) -> str | None:
    for name in names:
        value = tree.get(name)
        if type(value) is str and value.strip():
            return tidy(value)
    return None


def _narrative(tree: Json) -> str | None:
    """The first words of the resource's own text."""
    text = tree.get("text")
    div = text.get("div") if type(text) is dict else None
    if type(div) is not str:
        return None
    words = " ".join(plain_text(div[:4000]).split())
    return (words if len(words) <= 80 else words[:79] + "…") or None


def _medicine(tree: Json, shape: Shape) -> Named:
    """From the concept, the contained Medication, or what the reference says of itself; else "name not received"."""
    concept = tree.get("medicationCodeableConcept")
    if concept is not None:
        system, code, words = name_of(concept, shape.prefer)
        if words or code:
            return system, code, words
    reference = tree.get("medicationReference")
    if type(reference) is dict:
        contained = contained_resource(tree, reference.get("reference"))
        if contained is not None:
            system, code, words = medication_name(contained, shape)
            if words or code:
                return system, code, words
        display = reference.get("display")
        if type(display) is str and display.strip():
            return None, None, tidy_display(display)
    return None, None, MEDICATION_NAME_NOT_RECEIVED


def medication_name(medication: Json, shape: Shape) -> Named:
    """A Medication's code; where it has none, the names of what is in it."""
    system, code, words = name_of(medication.get("code"), shape.prefer)
    if words or code:
        return system, code, words
    ingredients = medication.get("ingredient")
    names = (
        [words_of(i.get("itemCodeableConcept")) for i in ingredients if type(i) is dict]
        if type(ingredients) is list
        else []
    )
    return None, None, ", ".join(n for n in names if n) or None


def contained_resource(tree: Json, reference: Any) -> Json | None:
    """The contained resource that "#id" points to."""
    contained = tree.get("contained")
    if type(reference) is not str or not reference.startswith("#") or type(contained) is not list:
        return None
    for resource in contained:
        if type(resource) is dict and resource.get("id") in (reference[1:], reference):
            return resource
    return None


def _person(tree: Json, _shape: Shape) -> Named:
    return None, None, name_in_words(tree.get("name"))


def _related_person(tree: Json, _shape: Shape) -> Named:
    system, code, relationship = name_of(first(tree.get("relationship")))
    return system, code, name_in_words(tree.get("name")) or relationship


def _role(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    who = display_of(tree.get("practitioner"))
    return system, code, f"{who}, {words}" if who and words else who or words


_CLASS_WORDS = {
    "AMB": "Office visit",
    "EMER": "Emergency visit",
    "FLD": "Visit in the field",
    "HH": "Home visit",
    "IMP": "Hospital stay",
    "ACUTE": "Hospital stay",
    "NONAC": "Hospital stay",
    "OBSENC": "Stay for observation",
    "PRENC": "Visit before admission",
    "SS": "Short stay",
    "VR": "Virtual visit",
}


def _encounter(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    given = tree.get("class")
    if words is None and type(given) is dict:
        class_code, display = given.get("code"), given.get("display")
        words = _CLASS_WORDS.get(class_code) if type(class_code) is str else None
        words = words or (tidy(display) if type(display) is str else None)
    return system, code, words


def _claim(tree: Json, shape: Shape) -> Named:
    """What was charged for; a claim's own type ("institutional") tells a reader little."""
    system, code, words = name_of(tree.get("type"))
    items = tree.get("item")
    items = items if type(items) is list else []
    what = next(
        (w for i in items if type(i) is dict and (w := name_of(i.get("productOrService"), shape.prefer)[2])), None
    )
    if what is None:
        return system, code, f"{words[:1].upper()}{words[1:]} claim" if words else _claim_type(code)
    return system, code, f"{what} and {len(items) - 1} more" if len(items) > 1 else what


def _claim_answer(tree: Json, _shape: Shape) -> Named:
    system, code, _ = name_of(tree.get("type"))
    return system, code, _ANSWERS.get(tree["use"]) if type(tree.get("use")) is str else None


_ANSWERS = {
    "claim": "Answer to a claim",
    "preauthorization": "Answer to a request for approval",
    "predetermination": "Answer to a request for an estimate",
}


def _claim_type(code: str | None) -> str | None:
    return (
        f"{code.capitalize()} claim"
        if code in ("institutional", "oral", "pharmacy", "professional", "vision")
        else None
    )


def _coverage(tree: Json, shape: Shape) -> Named:
    system, code, words = name_of(tree.get("type"), shape.prefer)
    payor = display_of(first(tree.get("payor")))
    return system, code, payor or _plan(tree.get("class")) or words


def _plan(classes: Any) -> str | None:
    for given in classes if type(classes) is list else ():
        name = given.get("name") if type(given) is dict else None
        if type(name) is str and name.strip():
            return tidy(name)
    return None


def _communication(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    payload = first(tree.get("payload"))
    text = payload.get("contentString") if type(payload) is dict else None
    topic = name_of(tree.get("topic"))[2]
    if topic is None and type(text) is str and text.strip():
        line = tidy(text)
        return system, code, line if len(line) <= 80 else line[:79] + "…"
    return system, code, words


def _device(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    names = tree.get("deviceName")
    for given in names if type(names) is list else ():
        name = given.get("name") if type(given) is dict else None
        if type(name) is str and name.strip():
            return system, code, tidy(name)
    return system, code, words


def _family(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    relative = words or _string(tree, ("name",))
    relative = f"{relative[:1].upper()}{relative[1:]}" if relative else None
    conditions = tree.get("condition")
    found = (
        [name_of(c.get("code"), shape.prefer)[2] for c in conditions if type(c) is dict]
        if type(conditions) is list
        else []
    )
    listed = ", ".join(c for c in found if c)
    return system, code, tidy(f"{relative}: {listed}") if relative and listed else relative or listed or None


def _document(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    content = first(tree.get("content"))
    attachment = content.get("attachment") if type(content) is dict else None
    title = _string(attachment, ("title",)) if type(attachment) is dict else None
    return system, code, words or title or name_of(first(tree.get("category")))[2]


def _imaging(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    return system, code, words or name_of({"coding": [first(tree.get("modality"))]})[2]


def _provenance(tree: Json, shape: Shape) -> Named:
    """With who stands for it; "create", of most of them, tells a reader nothing. Not with what it tells of: a search
    for that would find one beside every record."""
    system, code, _ = _named(tree, shape)
    agent = first(tree.get("agent"))
    who = display_of(agent.get("who")) if type(agent) is dict else None
    words = type_in_words("Provenance")
    return system, code, f"{words}: {who}" if who else words


def _answers(tree: Json, _shape: Shape) -> Named:
    given = tree.get("_questionnaire")
    extensions = given.get("extension") if type(given) is dict else None
    for extension in extensions if type(extensions) is list else ():
        title = extension.get("valueString") if type(extension) is dict else None
        if type(title) is str and title.strip():
            return None, None, tidy(title)
    return None, None, None


def _supply(tree: Json, shape: Shape) -> Named:
    supplied = tree.get("suppliedItem")
    if type(supplied) is dict:
        system, code, words = name_of(supplied.get("itemCodeableConcept"), shape.prefer)
        return system, code, words or display_of(supplied.get("itemReference"))
    return None, None, None


def _binary(tree: Json, _shape: Shape) -> Named:
    kind = tree.get("contentType")
    return None, None, f"Document contents ({tidy(kind)})" if type(kind) is str and kind.strip() else None


def _device_use(tree: Json, shape: Shape) -> Named:
    system, code, words = _named(tree, shape)
    return system, code, display_of(tree.get("device")) or words


def display_of(reference: Any) -> str | None:
    """What a Reference says it points to."""
    display = reference.get("display") if type(reference) is dict else None
    return tidy(display) or None if type(display) is str else None


_SPECIAL: dict[str, Callable[[Json, Shape], Named]] = {
    "Binary": _binary,
    "Claim": _claim,
    "ClaimResponse": _claim_answer,
    "Communication": _communication,
    "Coverage": _coverage,
    "Device": _device,
    "DeviceUseStatement": _device_use,
    "DocumentReference": _document,
    "Encounter": _encounter,
    "ExplanationOfBenefit": _claim,
    "FamilyMemberHistory": _family,
    "ImagingStudy": _imaging,
    "Medication": medication_name,
    "MedicationAdministration": _medicine,
    "MedicationDispense": _medicine,
    "MedicationRequest": _medicine,
    "MedicationStatement": _medicine,
    "Patient": _person,
    "Person": _person,
    "Practitioner": _person,
    "PractitionerRole": _role,
    "Provenance": _provenance,
    "QuestionnaireResponse": _answers,
    "RelatedPerson": _related_person,
    "SupplyDelivery": _supply,
}
