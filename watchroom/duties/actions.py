"""Owing, settling, handing over; and what happens when the time has passed."""

from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, transaction

from watchroom.duties.facts import DutyBroughtForward, DutyHandedOver, DutyOpened, DutyOverdue, DutySettled, ShiftHandedOver
from watchroom.duties.models import Duty, Handover
from watchroom.foundation import facts, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told

Subject = tuple[str, int]
NAMES = [field.attname for field in Duty._meta.concrete_fields]
COLUMNS = ", ".join(f"duties_duty.{field.column}" for field in Duty._meta.concrete_fields)


def owe(*, kind: str, subject: Subject, owner: str, due_at: datetime, by: str, at: datetime) -> Duty:
    """Open a duty; if the same is already owed, that one is returned, with the earlier of both times, and a fact says so.

    Called within every other action, so it is one statement and takes no savepoint.
    """
    with transaction.atomic(savepoint=False):
        ((duty, (is_new, due_before)),) = _rows(
            f"""with before as (
                select due_at from duties_duty
                where force = %s and kind = %s and subject_kind = %s and subject_id = %s and settled_at is null
            )
            insert into duties_duty (force, kind, subject_kind, subject_id, owner, due_at, opened_at, settled_by)
            values (%s, %s, %s, %s, %s, %s, %s, '')
            on conflict (force, kind, subject_kind, subject_id) where settled_at is null
            do update set due_at = least(duties_duty.due_at, excluded.due_at)
            returning {COLUMNS}, xmax = 0, (select due_at from before)""",
            # a row that was there before carries the mark of this change in its xmax
            [scope.require(), kind, *subject, scope.require(), kind, *subject, owner, due_at, at],
        )
        if is_new:
            facts.tell(
                DutyOpened(duty=duty.pk, kind=kind, subject_kind=subject[0], subject_id=subject[1], owner=owner, due_at=due_at),
                by=by,
                at=at,
            )
        elif due_before != duty.due_at:
            facts.tell(DutyBroughtForward(duty=duty.pk, due_at=duty.due_at), by=by, at=at)
        return duty


def owe_as_others(*, kind: str, subject: Subject, owner: str, due_at: datetime, by: str, at: datetime) -> Duty:
    """As `owe`, where many may owe the same at one moment: one that is owed already, and no later, is only kept from being settled
    until this transaction ends, and none of them waits for another. Whoever owes so does not settle the same in one transaction."""
    with transaction.atomic(savepoint=False):
        standing = Duty.objects.raw(
            """select * from duties_duty
            where force = %s and kind = %s and subject_kind = %s and subject_id = %s and settled_at is null and due_at <= %s
            for share""",
            [scope.require(), kind, *subject, due_at],
        )
        for duty in standing:
            return duty
        return owe(kind=kind, subject=subject, owner=owner, due_at=due_at, by=by, at=at)


def settle(*kinds: str, subject: Subject, by: str, at: datetime) -> bool:
    """What was owed of these kinds is done. Returns whether any of it was owed."""
    with transaction.atomic(savepoint=False):
        settled = _rows(
            f"""update duties_duty set settled_at = %s, settled_by = %s
            where force = %s and kind = any(%s) and subject_kind = %s and subject_id = %s and settled_at is null
            returning {COLUMNS}""",
            [at, by, scope.require(), list(kinds), *subject],
        )
        done = sorted((duty for duty, _ in settled), key=lambda duty: kinds.index(duty.kind))
        for duty in done:
            facts.tell(DutySettled(duty=duty.pk, kind=duty.kind, subject_kind=subject[0], subject_id=subject[1]), by=by, at=at)
        return bool(done)


def _rows(sql: str, values: list[Any]) -> list[tuple[Duty, tuple[Any, ...]]]:
    """Duties by their COLUMNS, each with what comes behind them."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(Duty.from_db(DEFAULT_DB_ALIAS, NAMES, row[: len(NAMES)]), row[len(NAMES) :]) for row in cursor.fetchall()]


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


def climb(told: Told, kind: str, *, to: str, by: str) -> None:
    """Of a reaction to what is overdue: where it is a duty of this kind, whoever is next has it now. Anything else is left as it is."""
    fact = told.fact
    if isinstance(fact, DutyOverdue) and fact.kind == kind and fact.owner != to:
        hand_over(duty=fact.duty, to=to, by=by, at=told.at)


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


def hand_over_shift(*, text: str, drawn: str, by: str, at: datetime) -> Handover:
    """Tell the next shift what is open and owed. `drawn` is the system's draft, `text` what a person made of it. Raises Invalid."""
    if not text.strip():
        raise Invalid(text="The note is empty. Write at least that nothing is open.")
    if len(text) > 20_000 or "\x00" in text:
        raise Invalid(text="Up to 20,000 ordinary characters fit into a note.")
    with transaction.atomic():
        row = Handover.objects.create(text=text.strip(), drawn=drawn, by=by, at=at)
        facts.tell(ShiftHandedOver(handover=row.pk, is_corrected=text.strip() != drawn.strip()), by=by, at=at)
        return row
