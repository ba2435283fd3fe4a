"""Who is owed a callback, and which of them may be rung now?"""

from datetime import datetime

from django.db.models import Q, QuerySet

from watchroom.contacts.models import Callback
from watchroom.foundation.statements import statement


def of(contact: int) -> Callback | None:
    """The callback that this contact is still owed."""
    return _of.first(contact)


@statement
def _of(contact: int) -> QuerySet[Callback]:
    return Callback.objects.filter(contact_id=contact, closed_at=None)


def owed(number: str) -> Callback | None:
    """The one callback that this number is owed."""
    return _owed.first(number)


@statement
def _owed(number: str) -> QuerySet[Callback]:
    return Callback.objects.filter(contact__caller_number=number, closed_at=None).select_related("contact").order_by("pk")


def open_now() -> list[Callback]:
    """All that are owed, the first promised first."""
    return list(Callback.objects.filter(closed_at=None).select_related("contact").order_by("due_at", "pk"))


def due(at: datetime) -> Q:
    """Of contacts: those that are owed one whose turn may come now. Nobody rings them, and the time until the next try has passed."""
    is_open = Q(callback__closed_at=None, callback__rung_at=None, callback__is_decided_on=False, callback__isnull=False)
    return is_open & (Q(callback__not_before=None) | Q(callback__not_before__lte=at))


def under_way() -> tuple[int, set[int]]:
    """How many are being rung or ring at a desk; and who rings one at this moment, and is free for nothing else."""
    rows = _under_way()
    return len(rows), {int(by.removeprefix("staff:")) for at, by in rows if at and by.startswith("staff:")}


@statement
def _under_way() -> QuerySet[Callback, tuple[datetime | None, str]]:
    which = Callback.objects.filter(Q(rung_at__isnull=False) | Q(contact__offered_to__isnull=False), closed_at=None)
    return which.values_list("rung_at", "rung_by")
