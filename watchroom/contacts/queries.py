"""Who is waiting, what does this person still have to finish, and how did a contact end?"""

from datetime import datetime

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from watchroom.contacts import rules
from watchroom.contacts.models import Contact
from watchroom.force import queries as force
from watchroom.foundation.models import Fact

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
