"""How the account of a source reads: what came as a table, what did not in sentences, what needs a hand first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from PySide6.QtCore import QCoreApplication

from phr_desktop.clock import Clock
from phr_desktop.domain.ledger import ACCESS_CHANGED, HELD, LedgerState
from phr_desktop.domain.people import Person, Rest, Source, SourceKind
from phr_desktop.domain.source_states import HeldBack, KindLine, SourceState
from phr_desktop.domain.words import joined
from phr_desktop.errors import UserFacingError
from phr_desktop.sentences import SENTENCES
from phr_desktop.ui.fill import fill
from phr_desktop.ui.kinds import category_words, kind_words
from phr_desktop.ui.models.sync_words import wait_words
from phr_desktop.ui.problems import sentence_of
from phr_desktop.ui.tokens import Tone
from phr_desktop.ui.widgets.count_table import Counted
from phr_desktop.ui.words import moment_day, moment_words

_DOT = " \u00b7 "
_DAY = 86400
MOST_NAMES = 6  # kinds named in a row's first line; more stand below it
# What needs a hand first: the order of the rows.
_ORDER = (LedgerState.FAILED, LedgerState.PARTIAL, LedgerState.NOT_ALLOWED, LedgerState.COMPLETE)
# Their sentences say themselves how it goes on.
_SAY_WHAT_IS_NEXT = frozenset({"sync-not-finished", "page-expired", "sync-stopped"})


class Does(StrEnum):
    """What the button of a row does."""

    NOTHING = ""
    SETTLE = "settle"  # decide on records that are no longer at the portal
    LOOK = "look"  # see what was put aside
    TRY = "try"  # sync now, though the portal failed of late


@dataclass(frozen=True, slots=True)
class Note:
    """A row that tells of something that did not come, or was put aside. `type` is what SETTLE is about, in FHIR's
    word; `what` the same for a person, with how many."""

    title: str
    detail: str
    chip: str
    tone: Tone
    does: Does = Does.NOTHING
    type: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source's card. `asks_sign_in` makes that its main button; `connected` is None for what is no portal."""

    source: Source
    person: Person
    chip: str
    tone: Tone
    line: str
    connected: bool | None
    asks_sign_in: bool
    notes: tuple[Note, ...]
    came_title: str
    came: tuple[Counted, ...]
    others: tuple[str, ...]  # sentences below the table: there are none of these, these are not offered


def tr(text: str) -> str:
    return QCoreApplication.translate("source_views", text)


def source_view(state: SourceState, clock: Clock) -> SourceView:
    """One source as its card shows it."""
    source = state.source
    portal = source.kind is SourceKind.PORTAL
    asks_sign_in = portal and source.connected and source.needs_sign_in
    chip, tone = _chip(source)
    return SourceView(
        source=source,
        person=state.person,
        chip=chip,
        tone=tone,
        line=_line(state, clock),
        connected=source.connected if portal else None,
        asks_sign_in=asks_sign_in,
        notes=(
            *_state_notes(state, clock),
            *_held_notes(state),
            *_kind_notes([line for line in state.to_tell if not (line.held and line.reason == HELD)], clock),
            *_held_back(state),
            *_documents(state),
        ),
        came_title=_came_title(state, clock),
        came=_came(state, clock),
        others=_others(state),
    )


def named(line: KindLine) -> str:
    """The plain name of a line of the ledger."""
    if line.category:
        return category_words(line.type, line.category)
    whole = kind_words(line.type)
    return fill(tr("Other %1"), _lower_first(whole)) if line.rest else whole


def others_words(others: Sequence[tuple[Source, Person]]) -> str:
    """The sources of those who are not shown, in one sentence; "" where there are none."""
    whose: dict[str, list[str]] = {}
    for source, person in others:
        whose.setdefault(_with_state(source), []).append(person.name)
    if not whose:
        return ""
    told = [fill(tr("%1 for %2"), source, joined(people)) for source, people in whose.items()]
    return fill(tr("Also here: %1. Change the person above to see more."), "; ".join(told))


def _with_state(source: Source) -> str:
    asks = source.kind is SourceKind.PORTAL and source.connected and source.needs_sign_in
    return fill(tr("%1, which asks to sign in again,"), source.name) if asks else source.name


def _chip(source: Source) -> tuple[str, Tone]:
    if source.kind is not SourceKind.PORTAL:
        return "", Tone.NEUTRAL
    if not source.connected:
        return tr("disconnected"), Tone.NEUTRAL
    if source.needs_sign_in:
        return tr("sign in again"), Tone.WARNING
    return tr("connected"), Tone.FINE


def _line(state: SourceState, clock: Clock) -> str:
    source = state.source
    whose = fill(tr("For %1"), state.person.name)
    if source.kind is SourceKind.FILES:
        return _DOT.join((whose, tr("added from files on this computer")))
    if source.kind is SourceKind.OWN:
        return _DOT.join((whose, tr("written here")))
    synced = tr("no sync has run through yet")
    if source.last_synced_at is not None:
        synced = fill(tr("last synced %1"), moment_words(source.last_synced_at, clock))
    proxy = tr("somebody else signs in for them") if state.acts_as is not None else ""
    return _DOT.join(part for part in (whose, proxy, synced, urlsplit(source.base_url or "").netloc) if part)


def _state_notes(state: SourceState, clock: Clock) -> list[Note]:
    source = state.source
    if source.kind is not SourceKind.PORTAL:
        return []
    if not source.connected:
        said = tr("What came from it stays here. Nothing new comes until you connect it again.")
        return [Note(tr("This portal is disconnected"), said, "", Tone.NEUTRAL)]
    if source.needs_sign_in:
        said = tr(
            "Its permission has ended. Everything that is already here can be read; nothing new comes until you do."
        )
        if state.acts_as is not None:
            ended = tr("If %1's record is not offered there any more, your access to it has changed: ask the clinic.")
            said = f"{said} {fill(ended, state.person.name)}"
        return [Note(tr("This portal asks you to sign in again"), said, "", Tone.WARNING)]
    if state.waits_until is not None:
        return [Note(tr("This portal is busy"), wait_words(state.waits_until, clock), tr("waits"), Tone.NEUTRAL)]
    if state.rest is not None:
        return [_rest_note(state.rest, clock)]
    return []


def _rest_note(rest: Rest, clock: Clock) -> Note:
    failed = tr("It did not answer well the last time.")
    if rest.failures > 1:
        failed = fill(tr("It did not answer well the last %1 times."), rest.failures)
    again = fill(
        tr("It is asked again by itself %1. Everything that is here can be read."), moment_words(rest.until, clock)
    )
    return Note(tr("This portal has trouble"), f"{failed} {again}", tr("waits"), Tone.WARNING, Does.TRY)


def _held_notes(state: SourceState) -> list[Note]:
    """Of each kind of which many records are no longer at the portal: the person is asked."""
    notes = []
    for line in state.lines:
        if line.held:
            what = fill(tr("%1 (%2)"), kind_words(line.type), f"{line.held:,}")
            title = fill(tr("No longer at the portal: %1"), _lower_first(what))
            said = tr("They are kept here unchanged until you say what is right.")
            if line.said and line.reason == HELD:
                said = f"{said} {_portal_said(line.said)}"
            notes.append(Note(title, said, tr("to decide"), Tone.WARNING, Does.SETTLE, line.type, _lower_first(what)))
    return notes


def _kind_notes(lines: Sequence[KindLine], clock: Clock) -> list[Note]:
    """One row for all kinds of which the same is to be said."""
    groups: dict[tuple[LedgerState, str | None, str | None], list[KindLine]] = {}
    for line in sorted(lines, key=lambda line: _ORDER.index(line.state)):
        groups.setdefault((line.state, line.reason, line.said), []).append(line)
    return [_kind_note(group, clock) for group in groups.values()]


def _kind_note(lines: Sequence[KindLine], clock: Clock) -> Note:
    state, reason, said = lines[0].state, lines[0].reason, lines[0].said
    names = _listed(lines)
    names = names[:1].upper() + names[1:]
    few = len(lines) <= MOST_NAMES
    title = names if few else fill(tr("%1 kinds of record"), len(lines))
    told = [] if few else [f"{names}."]
    told.append(_reason(state, reason))
    if said:
        told.append(_portal_said(said))
    if state is LedgerState.PARTIAL and any(line.resumes for line in lines) and reason not in _SAY_WHAT_IS_NEXT:
        told.append(tr("The rest comes at the next sync."))
    told.extend(_kept(state, lines, clock))
    chip, tone = _KIND_CHIPS[state]
    chip = "access changed" if reason == ACCESS_CHANGED else chip
    return Note(title, " ".join(told), tr(chip), tone)


def _portal_said(said: str) -> str:
    return fill(tr("The portal said: \u201c%1\u201d"), said)


_KIND_CHIPS = {
    LedgerState.FAILED: ("failed", Tone.ERROR),
    LedgerState.PARTIAL: ("came in part", Tone.WARNING),
    LedgerState.NOT_ALLOWED: ("not allowed", Tone.WARNING),
    LedgerState.COMPLETE: ("to check", Tone.WARNING),
}


def _reason(state: LedgerState, reason: str | None) -> str:
    if reason in SENTENCES:
        return sentence_of(UserFacingError(reason))
    return {
        LedgerState.FAILED: tr("The portal's answer could not be used."),
        LedgerState.PARTIAL: tr("Not all of it came."),
        LedgerState.NOT_ALLOWED: tr("You did not allow this when you signed in, or the portal refused."),
        LedgerState.COMPLETE: tr("It came whole, but look at it with care."),
    }[state]


def _kept(state: LedgerState, lines: Sequence[KindLine], clock: Clock) -> list[str]:
    """What is here of it all the same, from when, and when the portal was last asked."""
    told = []
    count = sum(line.count for line in lines)
    if count:
        good = [line.good_at for line in lines if line.good_at is not None]
        held = fill(tr("Kept here: %1"), f"{count:,}")
        earlier = fill(tr("whole on %1"), moment_day(min(good), clock)) if good else ""
        told.append(f"{held}, {earlier}." if earlier and state is not LedgerState.COMPLETE else f"{held}.")
    tried = [line.tried_at for line in lines if line.tried_at is not None]
    if tried:
        told.append(fill(tr("Asked %1."), moment_words(max(tried), clock)))
    return told


def _held_back(state: SourceState) -> list[Note]:
    said = {
        HeldBack.OTHER_PERSON: (tr("1 entry is about somebody else"), tr("%1 entries are about somebody else")),
        HeldBack.NO_PERSON: (
            tr("1 entry does not say whom it is about"),
            tr("%1 entries do not say whom they are about"),
        ),
        HeldBack.UNREADABLE: (tr("1 entry could not be read"), tr("%1 entries could not be read")),
    }
    notes = []
    for why, (one, many) in said.items():
        count = state.held_back.get(why, 0)
        if count:
            title = one if count == 1 else fill(many, f"{count:,}")
            kept = (
                tr("Kept as it came, and shown to nobody as a record.")
                if count == 1
                else tr("They are kept as they came, and shown to nobody as records.")
            )
            notes.append(Note(title, kept, tr("put aside"), Tone.WARNING, Does.LOOK))
    return notes


def _documents(state: SourceState) -> list[Note]:
    count = state.documents_missing
    if not count:
        return []
    title = tr("1 document came without its contents")
    if count > 1:
        title = fill(tr("%1 documents came without their contents"), f"{count:,}")
    if state.source.kind is SourceKind.PORTAL:
        why = tr("The next sync asks for them again. Documents says of each why it is not here.")
    else:
        why = tr("The files name them but do not hold them.")
    return [Note(title, why, tr("not here"), Tone.WARNING)]


def _came_title(state: SourceState, clock: Clock) -> str:
    came = state.came
    total = sum(line.count for line in came)
    if not total:
        return ""
    records = tr("1 record") if total == 1 else fill(tr("%1 records"), f"{total:,}")
    newest = _newest(came)
    if newest is None:
        return records
    return fill(tr("Complete: %1, %2"), records, moment_words(newest, clock))


def _newest(lines: Sequence[KindLine]) -> int | None:
    return max((line.good_at for line in lines if line.good_at is not None), default=None)


def _came(state: SourceState, clock: Clock) -> tuple[Counted, ...]:
    newest = _newest(state.came)
    return tuple(sorted((_counted(line, newest, clock) for line in state.came), key=lambda cell: cell.words.casefold()))


def _counted(line: KindLine, newest: int | None, clock: Clock) -> Counted:
    """A kind that came whole; one that came whole earlier than the others says when."""
    words, count = named(line), f"{line.count:,}"
    beside = _what_changed(line)
    told = [tr("complete"), count]
    if beside:
        told.append(beside)
    if line.good_at is not None and newest is not None:
        told.append(moment_words(line.good_at, clock))
        if newest - line.good_at >= _DAY:
            beside = fill(tr("as of %1"), moment_day(line.good_at, clock))
    return Counted(words, beside, count, f"{words}: {', '.join(told)}")


def _what_changed(line: KindLine) -> str:
    """3 new, 2 changed, 1 gone: by the last sync. Where all are new, that says nothing."""
    counts = (
        (tr("%1 new"), line.new if line.new < line.count else 0),
        (tr("%1 changed"), line.changed),
        (tr("%1 gone"), line.gone),
    )
    return ", ".join(fill(words, f"{count:,}") for words, count in counts if count)


def _others(state: SourceState) -> tuple[str, ...]:
    told = []
    if state.none:
        told.append(fill(tr("Asked for, and there are none: %1."), _listed(state.none)))
    if state.not_offered:
        told.append(fill(tr("This portal does not offer: %1."), _listed(state.not_offered)))
    return tuple(told)


def _listed(lines: Sequence[KindLine]) -> str:
    """Names inside a sentence; with commas alone, since there are "and" in some of them."""
    return ", ".join(sorted(_lower_first(named(line)) for line in lines))


def _lower_first(words: str) -> str:
    return words[:1].lower() + words[1:]
