"""Who is this person, by their code? And who is in the room?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from watchroom.foundation.statements import statement
from watchroom.staff.models import Member, Presence

SYSTEM_NAMES = {
    "force": "Another force",
    "caller": "The caller",
    "public": "Public",
    "system": "Watchroom",
    "link": "Telephone system",
    "link:email": "Mailbox",
    "link:social": "Social media",
}
DESKS = {  # who may own a duty when no person does
    "desk:contact": "Contact desk",
    "desk:despatch": "Despatch desk",
    "desk:resolution": "Resolution desk",
    "desk:vulnerability": "Vulnerability desk",
    "desk:supervisor": "Supervisor",
    "desk:inspector": "Duty inspector",
    "desk:standards": "Professional standards",
}
HERE_FOR = timedelta(seconds=150)  # an open screen is seen about once a minute; after two that were missed it is gone


def names(codes: set[str]) -> dict[str, str]:
    """`staff:12` → full name, for as many codes as wanted in one query; desks by their name, other codes get the name of their kind."""
    ids = {int(code[6:]) for code in codes if code.startswith("staff:")}
    found = {f"staff:{pk}": name for pk, name in Member.objects.filter(pk__in=ids).values_list("pk", "full_name")} if ids else {}
    for code in codes:
        found.setdefault(code, DESKS.get(code) or SYSTEM_NAMES.get(code) or SYSTEM_NAMES.get(code.split(":")[0], code))
    return found


def name(code: str) -> str:
    return names({code})[code]


@dataclass(frozen=True)
class Seen:
    """Somebody whose screen is open, or was when they were last seen. `state` is what they chose themselves (available, break, away)."""

    member: Member
    seen_at: datetime
    state: str
    since: datetime


def room_now(at: datetime) -> list[Seen]:
    """Who has a live screen open now, by name. What they are doing is not here: the rooms where it is done know that."""
    return [Seen(row.member, row.seen_at, row.state, row.since) for row in _seen_since(at - HERE_FOR)]


@statement
def _seen_since(since: datetime) -> QuerySet[Presence]:
    rows = Presence.objects.filter(seen_at__gt=since, member__is_active=True).select_related("member")
    return rows.order_by("member__full_name")


def colleagues(permission: str, *, but: int, at: datetime) -> list[Member]:
    """Who is here and may do this, by name; without whoever asks."""
    return [seen.member for seen in room_now(at) if seen.member.pk != but and seen.member.may(permission)]


def chosen(number: str) -> Member | None:
    """The active member whose number a form sent; None for nobody's, and for what is no number of ours."""
    is_ours = number.isascii() and number.isdecimal() and len(number) < 19  # more is more than the database holds
    return Member.objects.filter(pk=int(number), is_active=True).first() if is_ours else None


def may_own(code: str) -> bool:
    """Whether a duty can be given to this: a desk, or an active member of this force."""
    number = code.removeprefix("staff:")
    return code in DESKS or (code != number and number.isdecimal() and Member.objects.filter(pk=number, is_active=True).exists())
