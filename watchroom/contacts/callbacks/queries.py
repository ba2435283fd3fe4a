"""Who is owed a callback, and which of them may be rung now?"""

from datetime import datetime

from django.db.models import Q

from watchroom.contacts.models import Callback


def of(contact: int) -> Callback | None:
    """The callback that this contact is still owed."""
    return Callback.objects.filter(contact_id=contact, closed_at=None).first()


def owed(number: str) -> Callback | None:
    """The one callback that this number is owed."""
    return Callback.objects.filter(contact__caller_number=number, closed_at=None).select_related("contact").first()


def open_now() -> list[Callback]:
    """All that are owed, the first promised first."""
    return list(Callback.objects.filter(closed_at=None).select_related("contact").order_by("due_at", "pk"))


def due(at: datetime) -> Q:
    """Of contacts: those that are owed one whose turn may come now. Nobody rings them, and the time until the next try has passed."""
    is_open = Q(callback__closed_at=None, callback__rung_at=None, callback__is_decided_on=False, callback__isnull=False)
    return is_open & (Q(callback__not_before=None) | Q(callback__not_before__lte=at))


def under_way() -> tuple[int, set[int]]:
    """How many are being rung or ring at a desk; and who rings one at this moment, and is free for nothing else."""
    which = Callback.objects.filter(Q(rung_at__isnull=False) | Q(contact__offered_to__isnull=False), closed_at=None)
    rows = list(which.values_list("rung_at", "rung_by"))
    return len(rows), {int(by.removeprefix("staff:")) for at, by in rows if at and by.startswith("staff:")}
