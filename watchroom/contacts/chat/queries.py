"""Which chats and calls does somebody hold, who waits for a reply, and what was said in one?"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from watchroom.contacts.chat import rules
from watchroom.contacts.models import Chat, Contact, Line
from watchroom.contacts.rules import CALLS
from watchroom.force import queries as force


@dataclass(frozen=True)
class Open:
    """A chat or a call in somebody's hands. `waits_since`: since when the caller of a chat waits for a reply."""

    contact: Contact
    waits_since: datetime | None
    is_quiet: bool
    is_gone: bool
    channel: str  # as the policy calls it

    @property
    def is_emergency(self) -> bool:
        return self.contact.channel == rules.TEXTS


def held(member: int) -> int:
    """How many chats this person has open."""
    return Contact.objects.filter(owner_id=member, state=Contact.State.ANSWERED, channel__in=rules.TALKS).count()


def open_of(member: int, *, at: datetime) -> list[Open]:
    """The chats of this person, in the order in which they took them, so that each keeps its key; then the calls on their line."""
    rows = (
        Contact.objects.filter(Q(chat__isnull=False) | Q(channel__in=CALLS), owner_id=member, state=Contact.State.ANSWERED)
        .select_related("chat")
        .order_by("answered_at", "pk")
    )
    return sorted((shown(row, at=at) for row in rows), key=lambda one: one.contact.is_call)


def shown(contact: Contact, *, at: datetime) -> Open:
    policy = force.policy_at(at).policy
    if contact.is_call:
        return Open(contact, None, False, False, policy.channel(contact.channel).label)
    chat = contact.chat
    is_gone = contact.channel == rules.CHANNEL and rules.is_gone(chat, at, policy)
    return Open(contact, chat.waits_since, chat.quiet_at is not None, is_gone, policy.channel(contact.channel).label)


def of(contact: int) -> Chat | None:
    """None for a contact of another channel, or a chat that came in by a machine."""
    return Chat.objects.select_related("contact", "contact__owner").filter(contact_id=contact).first()


def spoken(contact: int, *, after: int = 0) -> list[Line]:
    """What was said, as both see it, oldest first, without the first `after`. None of the room's own lines."""
    return list(Line.objects.filter(contact_id=contact, origin__in=rules.SPOKEN).order_by("at", "pk")[after:])
