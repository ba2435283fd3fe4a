"""How does a room look in which thousands wait and tens of thousands were received today? Its rows, written as they are, not by the door.

Only the time of pages is measured on them: no fact was told of them. Those who wait are all late, and a duty holds each.
"""

import random
from datetime import date, datetime, timedelta

from django.db import transaction

from watchroom.assessment.models import Answer, Assessment
from watchroom.contacts.models import Contact, Line, Stage
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import clock

BATCH = 1_000
CHANNELS = ("999",) * 3 + ("101",) * 6 + ("online",)
BY = "system:bench"


def fill(*, waiting: int, done: int) -> None:
    """In the force in scope. Of ten who are `done`: eight were judged and written up, one gave up or is unread, one is not written up."""
    with transaction.atomic():
        at = clock.now()
        day, lot = force.local_day(at), random.Random(7)
        midnight = datetime.combine(day, datetime.min.time(), force.timezone())
        step = max(0.0, (at - midnight).total_seconds() - 200) / done
        first = (Contact.objects.filter(day=day).order_by("-number").values_list("number", flat=True).first() or 0) + 1
        rows = [_done(n, day, midnight + timedelta(seconds=step * n), lot) for n in range(done)]
        rows += [_waiting(n, day, at - timedelta(seconds=400 + n / 10)) for n in range(waiting)]
        for number, row in enumerate(rows):
            row.number = first + number
        for start in range(0, len(rows), BATCH):
            _write(rows[start : start + BATCH])


def _contact(number: int, day: date, channel: str, at: datetime) -> Contact:
    caller = f"+4477009{number % 20_000:05d}"
    return Contact(day=day, channel=channel, transferred_at=at, received_at=at, caller_number=caller)


def _done(number: int, day: date, at: datetime, lot: random.Random) -> Contact:
    row = _contact(number, day, lot.choice(CHANNELS), at)
    soon = at + timedelta(seconds=lot.expovariate(1 / 12))
    if number % 10 == 8:
        if row.channel != "online":
            row.state, row.ended_at = Contact.State.ABANDONED, soon
        return row
    over = soon + timedelta(seconds=60 + lot.expovariate(1 / 240))
    row.state, row.answered_at, row.ended_at = Contact.State.ENDED, soon, over
    if number % 10 != 9:
        row.state, row.wrapped_at = Contact.State.WRAPPED, over + timedelta(seconds=40)
        row.reason = lot.choice(("", "opening_hours", "advice"))
    return row


def _waiting(number: int, day: date, at: datetime) -> Contact:
    row = _contact(number, day, CHANNELS[number % len(CHANNELS)], at)
    row.attention = 1 if number % 100 == 0 else 0
    return row


OWED = {Contact.State.WAITING: "answer", Contact.State.ENDED: "wrap_up", Contact.State.ABANDONED: "abandoned"}


def _write(rows: list[Contact]) -> None:
    made = Contact.objects.bulk_create(rows)
    said = "Somebody is trying car doors in the street."
    Line.objects.bulk_create(
        [Line(contact=c, text=said, by=BY, origin="caller", at=c.received_at, written_at=c.received_at) for c in made]
    )
    calls = [c for c in made if c.channel == "101"]
    Stage.objects.bulk_create(
        [Stage(contact=c, stage=s, by=BY, at=c.received_at) for c in calls for s in ("announced", "queued")]
    )
    duties = []
    for c in made:
        if kind := OWED.get(Contact.State(c.state)):
            due = c.received_at + timedelta(seconds=10)
            about = {"subject_kind": "contact", "subject_id": c.pk, "owner": "desk:contact"}
            duties.append(Duty(kind=kind, opened_at=c.received_at, due_at=due, **about))
    Duty.objects.bulk_create(duties)
    judged = []
    for c in made:
        if c.state == Contact.State.WRAPPED and c.answered_at:
            kind = "nothing_heard" if c.pk % 3 else "full"
            record = {"model": "thrive_plus", "policy_number": 1, "begun_at": c.answered_at, "saved_at": c.ended_at}
            judged.append(Assessment(contact=c, kind=kind, **record))
    full = [record for record in Assessment.objects.bulk_create(judged) if record.kind == "full"]
    words = "As they said themselves."
    Answer.objects.bulk_create(
        [Answer(assessment=r, element="vulnerability", level=r.pk % 4, rationale=words, by=BY, at=r.begun_at) for r in full]
    )
