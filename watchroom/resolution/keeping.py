"""What was promised, is it kept? A call back, an appointment, advice in the post: tried, moved with a reason, kept, or climbed.

A promise runs on a duty of its own kind, which holds the incident open. A try that reached nobody settles that duty and opens
the next one: who tried is on record, and nothing is left without a time.
"""

from datetime import datetime

from django.db import transaction

from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.duties.facts import DutyOverdue
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.incidents.models import Incident
from watchroom.resolution import facts as tells
from watchroom.resolution import queries, rules
from watchroom.resolution.models import Promise, Step

DESK = "desk:resolution"
SUPERVISOR = "desk:supervisor"
MAX_TEXT = 4000


def promise(
    *, incident: Incident, kind: str, contact: Contact | None, due_at: datetime, text: str, by: str, at: datetime
) -> Promise:
    """Something is promised for a time, and is owed from now on. Raises Refused when the same is promised already."""
    with transaction.atomic():
        if Promise.objects.filter(incident=incident, kind=kind, kept_at=None).exists():
            raise Refused(f"{Promise.Kind(kind).label}: this is promised already. Keep it, or move it.")
        row = Promise.objects.create(
            incident=incident, kind=kind, contact=contact, text=text.strip(), due_at=due_at, next_at=due_at, by=by, at=at
        )
        duties.owe(kind=kind, subject=("incident", incident.pk), owner=DESK, due_at=due_at, by=by, at=at)
        facts.tell(
            tells.PromiseMade(
                incident=incident.pk, promise=row.pk, what=kind, due_at=due_at, digest=digest.of(row.secret, row.text)
            ),
            by=by,
            at=at,
        )
        return row


def make_appointment(*, incident: int, due_at: datetime | None, text: str, by: str, at: datetime) -> Promise:
    """Somebody will be there at this time. For what is graded for an appointment."""
    row = Incident.objects.select_for_update(of=("self",)).get(pk=incident)
    if not row.is_open:
        raise Refused(f"Log {row.reference} is closed.")
    if row.grade != "appointment":
        raise Refused("It is not graded for an appointment.")
    if due_at is None or due_at <= at:
        raise Invalid(due="Say when somebody will be there; that time must be still to come.")
    contact = queries.first_contact(incident)
    kind = Promise.Kind.APPOINTMENT
    return promise(incident=row, kind=kind, contact=contact, due_at=due_at, text=text, by=by, at=at)


def keep_promise(*, incident: int, by: str, at: datetime, kind: str = Promise.Kind.CALL_BACK, text: str = "") -> Promise:
    """It was done. A repeat changes nothing."""
    with transaction.atomic():
        rows = Promise.objects.select_for_update().filter(incident_id=incident, kind=kind)
        row = rows.filter(kept_at=None).first()
        if row is None:
            kept = rows.order_by("-kept_at").first()
            if kept is None:
                raise Refused("Nothing of the kind was promised here.")
            return kept
        row.kept_at, row.kept_by = at, by
        row.save(update_fields=["kept_at", "kept_by"])
        Step.objects.create(promise=row, kind="kept", text=text.strip()[:MAX_TEXT], by=by, at=at)
        duties.settle(kind, subject=("incident", incident), by=by, at=at)
        facts.tell(tells.PromiseKept(incident=incident, in_time=at <= row.due_at, what=kind), by=by, at=at)
        return row


def tried(*, promise: int, how: str, next_at: datetime | None, by: str, at: datetime, text: str = "") -> Step:
    """They were not reached; they are tried again at a time that is chosen now. After so many tries the supervisor has it."""
    policy = force.policy_at(at).policy
    with transaction.atomic():
        row = _open(promise)
        if row.kind != Promise.Kind.CALL_BACK:
            raise Refused("Only a call back is tried. Keep it, or move it with the reason.")
        safe, may_leave = (row.contact.safe_contact, row.contact.may_leave_message) if row.contact else ("unknown", False)
        problems = rules.may_try(how, next_at, at, safe_contact=safe, may_leave=may_leave)
        if problems or next_at is None:
            raise Refused(*problems)
        step = Step.objects.create(promise=row, kind=how, text=text.strip()[:MAX_TEXT], next_at=next_at, by=by, at=at)
        gives_up = rules.is_given_up(queries.tries(row.pk), policy)
        _owe_anew(row, next_at, SUPERVISOR if gives_up else None, by=by, at=at)
        facts.tell(
            tells.PromiseTried(incident=row.incident_id, promise=row.pk, step=step.pk, how=how, next_at=next_at), by=by, at=at
        )
        if gives_up:
            facts.tell(tells.PromiseMissed(incident=row.incident_id, promise=row.pk, why="tries"), by=by, at=at)
        return step


def move(*, promise: int, to: datetime | None, because: str, by: str, at: datetime) -> Step:
    """Another time is agreed, or they are told of one, with the reason. What was promised before stays on record."""
    with transaction.atomic():
        row = _open(promise)
        problems = rules.may_move(row.due_at, to, because, at)
        if problems or to is None:
            raise Refused(*problems)
        before = row.due_at
        step = Step.objects.create(
            promise=row, kind="moved", text=because.strip()[:MAX_TEXT], before_at=before, next_at=to, by=by, at=at
        )
        row.due_at = to
        row.save(update_fields=["due_at"])
        _owe_anew(row, to, None, by=by, at=at)
        facts.tell(
            tells.PromiseMoved(incident=row.incident_id, promise=row.pk, step=step.pk, before=before, due_at=to), by=by, at=at
        )
        return step


def climb(told: Told) -> None:
    """Reaction: a duty passed its time. Where it is a promise, the supervisor has it now, whoever had it before (R25)."""
    fact = told.fact
    if not isinstance(fact, DutyOverdue) or fact.kind not in Promise.Kind.values or fact.subject_kind != "incident":
        return
    with transaction.atomic():
        row = Promise.objects.select_for_update().filter(incident_id=fact.subject_id, kind=fact.kind, kept_at=None).first()
        if row is None:
            return
        duties.hand_over(duty=fact.duty, to=SUPERVISOR, by="system:resolution", at=told.at)
        if not row.is_missed:
            row.is_missed = True
            row.save(update_fields=["is_missed"])
            facts.tell(
                tells.PromiseMissed(incident=row.incident_id, promise=row.pk, why="late"), by="system:resolution", at=told.at
            )


def attended(told: Told) -> None:
    """Reaction: somebody is there. An appointment is kept by that."""
    incident = told.fact.subject[1]
    if Promise.objects.filter(incident_id=incident, kind=Promise.Kind.APPOINTMENT, kept_at=None).exists():
        keep_promise(incident=incident, kind=Promise.Kind.APPOINTMENT, by=told.by, at=told.at)


def _open(promise: int) -> Promise:
    row = Promise.objects.select_for_update(of=("self",)).select_related("contact", "incident").get(pk=promise)
    if row.kept_at:
        raise Refused("This is kept already.")
    return row


def _owe_anew(row: Promise, due_at: datetime, owner: str | None, *, by: str, at: datetime) -> None:
    """The duty to the new time: a duty's time is never moved later, so the old one is settled by what was done about it."""
    subject = ("incident", row.incident_id)
    held = Duty.objects.filter(kind=row.kind, subject_kind="incident", subject_id=row.incident_id, settled_at=None).first()
    owner = owner or (held.owner if held else DESK)
    duties.settle(row.kind, subject=subject, by=by, at=at)
    duties.owe(kind=row.kind, subject=subject, owner=owner, due_at=due_at, by=by, at=at)
    row.next_at = due_at
    row.save(update_fields=["next_at"])
