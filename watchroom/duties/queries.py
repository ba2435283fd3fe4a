"""What is owed, and what is late?"""

from datetime import datetime

from django.db.models import QuerySet

from watchroom.duties.models import Duty
from watchroom.foundation.statements import statement


def open_for(subject: tuple[str, int]) -> QuerySet[Duty]:
    return Duty.objects.filter(subject_kind=subject[0], subject_id=subject[1], settled_at=None).order_by("due_at")


def kinds_owed(subject: tuple[str, int]) -> list[str]:
    """The kinds of duty that this still owes, the first due first."""
    return _kinds_owed(*subject)


@statement
def _kinds_owed(subject_kind: str, subject_id: int) -> QuerySet[Duty, str]:
    return open_for((subject_kind, subject_id)).values_list("kind", flat=True)


def is_owed(kind: str, subject: tuple[str, int]) -> bool:
    return open_for(subject).filter(kind=kind).exists()


def owed_among(kind: str, subject_kind: str, ids: list[int]) -> set[int]:
    """Which of these subjects still owe this kind; one query for a whole board."""
    rows = Duty.objects.filter(kind=kind, subject_kind=subject_kind, subject_id__in=ids, settled_at=None)
    return set(rows.values_list("subject_id", flat=True))


def owned_by(owner: str, *, kinds: tuple[str, ...], subject_kind: str) -> list[int]:
    """The subjects of this kind for which this person or desk owes something of these kinds."""
    rows = Duty.objects.filter(owner=owner, kind__in=kinds, subject_kind=subject_kind, settled_at=None)
    return list(rows.values_list("subject_id", flat=True))


def overdue(at: datetime) -> QuerySet[Duty]:
    return Duty.objects.filter(settled_at=None, due_at__lte=at).order_by("due_at")
