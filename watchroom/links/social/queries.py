"""Which contact does a message belong to, whose names must not stand in a post, and which posts are there?"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from watchroom.contacts.models import Contact
from watchroom.force import queries as force
from watchroom.incidents.models import Incident, Party
from watchroom.links.social import protocol, rules
from watchroom.links.social.models import Message, Post

KNOWN_FOR = timedelta(days=92)  # whose names are looked for: who was in touch in the last three months
OPEN = (Contact.State.WAITING, Contact.State.ANSWERED, Contact.State.ENDED)


def open_contact(message: protocol.Message) -> Contact | None:
    """The open contact of this account in this conversation; None begins a new one."""
    came = Message.objects.filter(
        platform=message.platform, conversation=message.conversation, account=message.sender.account
    ).values("contact_id")
    return Contact.objects.filter(pk__in=came, state__in=OPEN).order_by("-pk").first()


def warnings(texts: Iterable[str], *, at: datetime) -> list[list[str]]:
    """What in each of these could give somebody away, now: codes of `rules.WARNINGS`. The names are read once for all of them."""
    if not (asked := list(texts)):
        return []
    known, words = names(at=at), force.policy_at(at).policy.social.words
    return [rules.warnings(text, known, words) for text in asked]


def names(*, at: datetime) -> frozenset[str]:
    """Of whom: who was in touch lately, and whoever has a part, as victim or any other, in an incident that is open or from that time."""
    since = at - KNOWN_FOR
    callers = Contact.objects.filter(received_at__gte=since).exclude(caller_name="").values_list("caller_name", flat=True)
    theirs = Party.objects.filter(ended_at=None).filter(
        Q(incident__state=Incident.State.OPEN) | Q(incident__opened_at__gte=since)
    )
    parties = theirs.values_list("name", "person__given_name", "person__family_name").distinct()
    people = {*callers.distinct()}
    for said, given, family in parties:
        people |= {said, f"{given or ''} {family or ''}"}
    accounts = Message.objects.filter(at__gte=since).values_list("account", flat=True).distinct()
    return rules.names(people, accounts)


def posts(*, since: datetime) -> list[Post]:
    """What waits for a second person or is not over first, then the newest."""
    found = Post.objects.filter(at__gte=since) | Post.objects.filter(answered_at=None, withdrawn_at=None)
    order = {"asked": 0, "doubted": 1, "withdrawn": 1}
    return sorted(found.distinct(), key=lambda row: (order.get(row.state, 2), -row.at.timestamp()))
