"""Owing, settling, handing over; and what happens when the time has passed."""

from datetime import datetime

from django.db import transaction

from watchroom.duties.facts import DutyHandedOver, DutyOpened, DutyOverdue, DutySettled
from watchroom.duties.models import Duty
from watchroom.foundation import facts
from watchroom.foundation.errors import Refused

Subject = tuple[str, int]


def owe(*, kind: str, subject: Subject, owner: str, due_at: datetime, by: str, at: datetime) -> Duty:
    """Open a duty; if the same is already owed, that one is returned, with the earlier of both times."""
    with transaction.atomic():
        duty, made = Duty.objects.select_for_update().get_or_create(
            kind=kind,
            subject_kind=subject[0],
            subject_id=subject[1],
            settled_at=None,
            defaults={"owner": owner, "due_at": due_at, "opened_at": at},
        )
        if made:
            facts.tell(
                DutyOpened(duty=duty.pk, kind=kind, subject_kind=subject[0], subject_id=subject[1], owner=owner, due_at=due_at),
                by=by,
                at=at,
            )
        elif due_at < duty.due_at:
            duty.due_at = due_at
            duty.save(update_fields=["due_at"])
        return duty


def settle(*, kind: str, subject: Subject, by: str, at: datetime) -> bool:
    """What was owed is done. Returns whether it was owed."""
    with transaction.atomic():
        duty = (
            Duty.objects.select_for_update()
            .filter(kind=kind, subject_kind=subject[0], subject_id=subject[1], settled_at=None)
            .first()
        )
        if duty is None:
            return False
        duty.settled_at, duty.settled_by = at, by
        duty.save(update_fields=["settled_at", "settled_by"])
        facts.tell(DutySettled(duty=duty.pk, kind=kind, subject_kind=subject[0], subject_id=subject[1]), by=by, at=at)
        return True


def hand_over(*, duty: int, to: str, by: str, at: datetime) -> Duty:
    """Give a duty to another person or desk. Raises Refused when it is settled or the new owner is nobody."""
    with transaction.atomic():
        row = Duty.objects.select_for_update().get(pk=duty)
        if row.settled_at:
            raise Refused("This is already done.")
        if not to:
            raise Refused("Name the person or desk that takes it.")
        if row.owner == to:
            return row
        row.owner = to
        row.save(update_fields=["owner"])
        facts.tell(DutyHandedOver(duty=row.pk, owner=to), by=by, at=at)
        return row


def sweep(*, at: datetime, limit: int = 200) -> int:
    """Raise what has passed its time: one index, one row at a time, never blocked by whoever works on it. Returns how many."""
    with transaction.atomic():
        late = Duty.objects.select_for_update(skip_locked=True).filter(settled_at=None, raised_at=None, due_at__lte=at)[:limit]
        for duty in late:
            duty.raised_at = at
            duty.save(update_fields=["raised_at"])
            facts.tell(
                DutyOverdue(
                    duty=duty.pk, kind=duty.kind, subject_kind=duty.subject_kind, subject_id=duty.subject_id, owner=duty.owner
                ),
                by="system:sweeper",
                at=at,
            )
        return len(late)
