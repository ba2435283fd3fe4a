"""Which contact does a message belong to, whose names must not stand in a post, and which posts are there?"""

from datetime import datetime, timedelta

from watchroom.contacts.models import Contact
from watchroom.force import queries as force
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


def warnings(text: str, *, at: datetime) -> list[str]:
    """What in these words could give somebody away, now: codes of `rules.WARNINGS`."""
    names = Contact.objects.filter(received_at__gte=at - KNOWN_FOR).exclude(caller_name="").values_list("caller_name", flat=True)
    accounts = Message.objects.filter(at__gte=at - KNOWN_FOR).values_list("account", flat=True)
    return rules.warnings(text, {*names.distinct(), *accounts.distinct()}, force.policy_at(at).policy.social.words)


def posts(*, since: datetime) -> list[Post]:
    """What waits for a second person or is not over first, then the newest."""
    found = Post.objects.filter(at__gte=since) | Post.objects.filter(answered_at=None, withdrawn_at=None)
    order = {"asked": 0, "doubted": 1, "withdrawn": 1}
    return sorted(found.distinct(), key=lambda row: (order.get(row.state, 2), -row.at.timestamp()))
