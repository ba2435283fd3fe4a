"""Who is waiting, what does this person still have to finish, and how did a contact end?"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from watchroom.contacts import rules, whereabouts
from watchroom.contacts.models import Contact, Fix
from watchroom.force import queries as force
from watchroom.foundation.models import Fact
from watchroom.gazetteer import queries as gazetteer
from watchroom.gazetteer.models import Place

OLDER_SHOWN = 6  # positions before the one that is shown
SHOWN_AT_ONCE = 4  # a handler sees whom to answer next, never how many wait: the queue must not colour a judgement (R47)


def in_line(rows: QuerySet[Contact], limit: int) -> list[Contact]:
    """Those of the waiting among whom the first `limit` of the queue are, however many wait.

    Of one channel and attention who waited longest is first (`rules.queue_order`), so that the first few of each are enough.
    """
    turn = Window(RowNumber(), partition_by=["channel", "attention"], order_by=["transferred_at", "pk"])
    found = rows.filter(state=Contact.State.WAITING).annotate(turn=turn).filter(turn__lte=limit)
    return list(found)


def waiting(*, at: datetime, limit: int = SHOWN_AT_ONCE) -> list[Contact]:
    """The next to be answered, in the order in which they should be (`rules.queue_order`)."""
    rows = in_line(Contact.objects.select_related("place", "place__beat", "offered_to"), limit)
    return rules.queue_order(rows, force.policy_at(at).policy)[:limit]


def trays(*, limit: int | None) -> list[Contact]:
    """What lies in the digital trays and nobody has taken, by risk, then age (`rules.tray_order`)."""
    rows = Contact.objects.select_related("place", "offered_to", "message").filter(
        state=Contact.State.WAITING, channel__in=rules.TRAYS
    )
    return rules.tray_order(rows.order_by("-attention", "transferred_at", "pk")[:limit])


def offered_to(member: int) -> Contact | None:
    """What rings for this person now."""
    return Contact.objects.filter(state=Contact.State.WAITING, offered_to_id=member).order_by("transferred_at").first()


def unfinished(member: int) -> QuerySet[Contact]:
    """What this person has answered and not written up, oldest first."""
    states = (Contact.State.ANSWERED, Contact.State.ENDED)
    return Contact.objects.filter(owner_id=member, state__in=states).select_related("place").order_by("answered_at")


def how_ended(contact: Contact) -> str:
    """caller, handler or cut_off; empty while it goes on, and for contacts that nobody answered."""
    if contact.ended_at is None:
        return ""
    fact = Fact.objects.filter(kind="ContactEnded", subject_kind="contact", subject_id=contact.pk).order_by("-pk").first()
    return fact.body.get("how", "") if fact else ""


@dataclass(frozen=True, kw_only=True)
class Whereabouts:
    """Where the network and the handset have a caller, as it is shown: always beside the place that a person picked, never instead."""

    best: Fix | None = None
    near: Place | None = None  # the address nearest to it
    method: str = ""  # in words
    says: str = ""  # method, radius, confidence
    taken_at: datetime
    address: str = ""  # of the line, as the network has it
    subscriber: str = ""
    moved: str = ""
    warnings: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    older: list[tuple[Fix, str]] = field(default_factory=list)  # newest first, each in words


def located(contact: Contact, *, at: datetime, with_history: bool = True) -> Whereabouts | None:
    """None when nobody said where this caller is. What is shown first is weighed anew: a position is worth less as it ages."""
    if not contact.located_by and not contact.is_call:
        return None
    fixes = list(contact.fixes.filter(at__lte=at).order_by("-taken_at", "-pk"))
    if not fixes:
        return None
    policy = force.policy_at(at).policy.locations
    best = whereabouts.best(fixes, at, policy)
    shown = best or fixes[0]
    line = next((one for one in fixes if one.address or one.subscriber), None)
    picked = (contact.place.x, contact.place.y) if contact.place else None
    warnings = whereabouts.disagreements(fixes, picked=picked, now=at, policy=policy)
    if any(one.is_shared for one in fixes):
        warnings.append("Two calls of this number were live: a position may be of the other one.")
    marks = ["Internet telephone: it may be anywhere"] if any(one.is_voip for one in fixes) else []
    if any(one.is_mobile for one in fixes):
        marks.append("Mobile")
    if shown.x is None and shown.latitude is not None:
        marks.append(f"Outside the map: {shown.latitude:.5f}, {shown.longitude:.5f}")
    others = [one for one in fixes if one != shown][:OLDER_SHOWN] if with_history else []
    return Whereabouts(
        best=best,
        near=gazetteer.nearest(best.x, best.y) if best and best.x is not None and best.y is not None else None,
        method=policy.method(shown.method).label,
        taken_at=shown.taken_at,
        says=whereabouts.says(shown, policy),
        address=", ".join(filter(None, [line.address, line.postcode])) if line else "",
        subscriber=line.subscriber if line else "",
        moved=whereabouts.movement(fixes, at, policy),
        warnings=warnings,
        marks=marks,
        older=[(one, whereabouts.says(one, policy)) for one in others],
    )
