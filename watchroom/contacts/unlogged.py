"""A contact that leads to no incident: why did they get in touch, and who should have had it? (R132, R133)

`infer` is pure: it reads what was said and written and offers a reason with the words that led to it. It records nothing. A person
presses the reason, that one or another, and only this is counted; that it was offered is kept beside, to see how often it was right.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchroom.contacts import actions
from watchroom.contacts import facts as told
from watchroom.contacts.chat import actions as chat
from watchroom.contacts.models import Contact, Line
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.force.words import heard
from watchroom.foundation import facts
from watchroom.foundation.errors import Invalid, Refused


@dataclass(frozen=True)
class Inferred:
    """A reason to be confirmed, by its code; the agency where one is named; and the words, as they were written."""

    reason: str
    label: str
    agency: str
    agency_label: str
    words: tuple[str, ...]


def infer(texts: Iterable[str], cues: Iterable[str], policy: Policy) -> Inferred | None:
    """The one reason for which more of its words were heard than for any other; None where nothing is heard, or two are heard alike.

    None as soon as any cue asks for a grade: whoever spoke of danger did not ring for opening hours, whatever else they said.
    """
    if policy.least_grade({}, cues) is not None:
        return None
    text = " | ".join(texts)  # no word reaches from one line into the next
    negations = policy.grading.negations
    of_agencies = {one.code: heard(one.words, text, negations) for one in policy.agencies if one.words}
    agency = _first_alone(of_agencies)
    found = {one.code: heard(one.words, text, negations) for one in policy.reasons}
    for one in policy.reasons:
        if one.needs_agency:
            found[one.code] = (*found[one.code], *(of_agencies[agency] if agency else ()))
    code = _first_alone(found)
    if not code:
        return None
    reason = policy.reason(code)
    theirs = agency if reason.needs_agency else ""
    if reason.needs_agency and not theirs:
        return None
    return Inferred(code, reason.label, theirs, policy.agency(theirs).label if theirs else "", found[code])


def _first_alone(found: dict[str, tuple[str, ...]]) -> str:
    """Of which most words were heard, when it is one alone; else empty."""
    most = max(map(len, found.values()), default=0)
    best = [code for code, words in found.items() if len(words) == most]
    return best[0] if most and len(best) == 1 else ""


#: By channel: how its link writes to whoever wrote to us. Links say so themselves (`apps.py`); this room knows none.
#: Raises Refused, with why, where it is not safe.
writers: dict[str, Callable[..., Line]] = {}


@dataclass(frozen=True)
class Way:
    """A way to write to somebody who did not write to us. `write` raises Refused with what `why_not` says; `settle` keeps what was
    done instead of one that did not arrive."""

    why_not: Callable[[Contact, datetime], str]
    write: Callable[..., Line]
    settle: Callable[..., Line]


#: To the telephone from which they rang; None while no link sends texts (`links.texts`).
by_text: Way | None = None


def why_no_text(contact: Contact, at: datetime) -> str:
    """Why nothing may be sent to their telephone, as a sentence; empty when it may."""
    return by_text.why_not(contact, at) if by_text else "No gateway for texts is connected."


def settle_text(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """What was done instead of a text that did not arrive. Raises Refused where none is owed."""
    if by_text is None:
        raise Refused("No gateway for texts is connected.")
    return by_text.settle(contact=contact, text=text, by=by, at=at)


def give_details(*, contact: int, agency: str, by: str, at: datetime, as_text: bool = False) -> Line:
    """How an agency is reached, to the caller and into the log, at once (R22): written to them where they wrote to us, else read out, or
    sent to their telephone, when a person asks for it.

    Raises Invalid for an agency of which the policy has no details, Refused for a contact that nobody has, or is written up, or where
    it is not safe to write to them.
    """
    known = next((one for one in force.policy_at(at).policy.agencies if one.code == agency), None)
    if known is None or not known.details:
        raise Invalid(agency="Choose one whose details this force has written down.")
    with transaction.atomic():
        row = actions._lock(contact)
        if row.state not in (Contact.State.ANSWERED, Contact.State.ENDED):
            raise Refused("Nobody has this contact in hand.")
        if as_text:
            if by_text is None:
                raise Refused(why_no_text(row, at))
            line, way = by_text.write(contact=row.pk, text=known.details, by=by, at=at), "text"
        elif row.state == Contact.State.ANSWERED and hasattr(row, "chat"):
            line, way = chat.say(contact=row.pk, text=known.details, by=by, at=at), "chat"
        elif row.channel in writers:
            line, way = writers[row.channel](contact=row.pk, text=known.details, by=by, at=at), row.channel
        else:
            line, way = actions._write(row, f"Details given: {known.details}", origin="handler", by=by, at=at), "read_out"
        facts.tell(told.DetailsGiven(contact=row.pk, agency=agency, way=way, line=line.pk), by=by, at=at)
        return line
