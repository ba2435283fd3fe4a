"""What is on its way to another force, and what came from one?"""

from collections.abc import Callable, Iterable

from django.db.models import Q, QuerySet

from watchroom.force.policy import Policy
from watchroom.foundation.statements import statement
from watchroom.referrals.forces import rules
from watchroom.referrals.models import FromForce, ToForce

#: Who carries says why a force cannot be reached from here, as a sentence, or nothing (`links.forces`).
carriers: list[Callable[[str], str]] = []


def why_not(to: str) -> str:
    """Why nothing can be handed over to this force from here; empty when it can."""
    said = [why(to) for why in carriers]
    return "" if "" in said else next(iter(said), "Not connected here.")


def label(to: str, policy: Policy) -> str:
    there = policy.handing_over.force(to)
    return there.label if there else to


def newest(contact: int) -> ToForce | None:
    """The last time this contact was handed over, whatever became of it."""
    return ToForce.objects.filter(contact_id=contact).order_by("-at", "-pk").first()


def open_of(contact: int) -> ToForce | None:
    return _open_of.first(contact)


@statement
def _open_of(contact: int) -> QuerySet[ToForce]:
    return ToForce.objects.filter(contact_id=contact, state__in=rules.OPEN).order_by("pk")


def to_carry() -> QuerySet[ToForce]:
    """What the other end has not answered for good, or is still to be told of, the oldest first."""
    return ToForce.objects.filter(Q(state__in=rules.OPEN) | Q(tells_until__isnull=False)).order_by("at", "pk")


def came(contact: int) -> FromForce | None:
    return FromForce.objects.filter(contact_id=contact).first()


def came_among(contacts: Iterable[int]) -> dict[int, FromForce]:
    """By contact; one query for a whole list."""
    return {row.contact_id or 0: row for row in FromForce.objects.filter(contact__in=list(contacts))}


def unsettled() -> list[ToForce]:
    """What the other force has not accepted, or has declined and nobody here has taken up again; what is due first, first."""
    rows = ToForce.objects.filter(Q(state__in=rules.OPEN) | Q(state="declined", kept_at=None))
    return [row for row in rows.select_related("contact").order_by("due_at", "pk")[:200] if _is_last(row)]


def _is_last(row: ToForce) -> bool:
    """Declined by one and handed to another: the later one says how it stands."""
    return row.state in rules.OPEN or newest(row.contact_id) == row


def to_accept() -> list[FromForce]:
    return list(FromForce.objects.filter(state="waiting").select_related("contact").order_by("came_at", "pk")[:200])
