"""Leaving a message, listening to it, and what happens to one that nobody listens to (R21)."""

from datetime import datetime, timedelta

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts import facts as told
from watchroom.contacts import files
from watchroom.contacts import rules as general
from watchroom.contacts.answerphone import queries, rules
from watchroom.contacts.models import Contact, Message
from watchroom.duties import actions as duties
from watchroom.duties.facts import DutyOverdue
from watchroom.force import queries as force
from watchroom.foundation import commands, facts
from watchroom.foundation.errors import Invalid
from watchroom.foundation.facts import Told
from watchroom.foundation.vault import Incoming
from watchroom.staff.models import Member

UNCHECKED = "Machine transcript, unchecked: "
SUPERVISOR = "desk:supervisor"
LONGEST_S = 3600  # of a recording; a longer one is a mistake of the machine


def leave(
    *,
    key: str,
    box: str,
    recording: Incoming | None,
    by: str,
    at: datetime,
    left_at: datetime | None = None,
    caller_number: str = "",
    transcript: str = "",
    seconds: int | None = None,
    call_key: str = "",
) -> tuple[Contact, bool]:
    """A message was left: a contact with its recording, whose box owes to listen in time. (contact, repeated) as of `receive`.

    What was left while nobody is there in time belongs to the desk that sees to unheard ones, at once. Raises Invalid.
    """
    policy = force.policy_at(at).policy
    one = policy.answerphone.box(box)
    if one is None:
        raise Invalid(box="This force has no such box.")
    if recording is None or not recording.size:
        raise Invalid(recording="Send the recording.")
    if recording.size > policy.answerphone.most_bytes:
        raise Invalid(recording=f"The recording is larger than {general.shown_size(policy.answerphone.most_bytes)}.")
    kind = general.kind_of(recording.head, policy)
    if kind is None or kind.code not in policy.answerphone.kinds:
        labels = ", ".join(each.label for each in policy.files.kinds if each.code in policy.answerphone.kinds)
        raise Invalid(recording=f"By its content it is none of what can be listened to: {labels}. Its name does not count.")
    if seconds is not None and not 0 <= seconds <= LONGEST_S:
        raise Invalid(seconds=f"A message lasts up to {LONGEST_S} seconds.")
    if len(transcript) > contacts.MAX_TEXT - len(UNCHECKED) or "\x00" in transcript:
        raise Invalid(transcript=f"Up to {contacts.MAX_TEXT - len(UNCHECKED):,} ordinary characters fit into a transcript.")
    left_at = left_at or at
    covered = queries.divert(one, at=left_at).allowed

    def create() -> int:
        contact, _ = contacts.receive(
            key=f"{key}:contact",
            channel="answerphone",
            transferred_at=left_at,
            by=by,
            at=at,
            caller_number=caller_number,
            call_key=call_key,
        )
        kept = files.attach(
            contact=contact.pk, file=recording, about=f"Message left on “{one.label}”", origin="caller", by=by, at=at
        )
        line = None
        if transcript.strip():
            text = UNCHECKED + transcript.strip()
            line = contacts.write(contact=contact.pk, text=text, by=by, at=left_at, written_at=at, origin="caller")
        due = rules.due_at(one, left_at)
        Message.objects.create(
            contact=contact,
            box=one.code,
            attachment=kept,
            transcript=line,
            seconds=seconds,
            left_at=left_at,
            due_at=due,
            was_covered=covered,
        )
        owner = one.owner if covered else one.escalate_to
        duties.owe(kind="listen", subject=("contact", contact.pk), owner=owner, due_at=due, by=by, at=at)
        facts.tell(
            told.MessageLeft(contact=contact.pk, box=one.code, due_at=due, was_covered=covered, has_transcript=line is not None),
            by=by,
            at=at,
        )
        return contact.pk

    with transaction.atomic():
        pk, repeated = commands.once(key, "contacts.leave_message", create)
        return Contact.objects.get(pk=pk), repeated


def hurry(*, contact: int, by: str, at: datetime) -> None:
    """A word of danger stands in the transcript: somebody listens sooner. It never becomes later."""
    with transaction.atomic():
        row = Message.objects.select_for_update(of=("self",)).filter(contact_id=contact, listened_at=None).first()
        one = queries.box(row.box, at=at) if row else None
        if row is None or one is None:
            return
        due = min(row.due_at, row.left_at + timedelta(seconds=one.danger_s))
        if due < row.due_at:
            row.due_at = due
            row.save(update_fields=["due_at"])
            duties.owe(kind="listen", subject=("contact", contact), owner=one.owner, due_at=due, by=by, at=at)


def listened(*, contact: int, member: Member, by: str, at: datetime) -> Message:
    """`member` has heard it. Whoever has not taken it takes it by that, and owes its risk as of every contact. A repeat changes nothing."""
    with transaction.atomic():
        Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        row = Message.objects.select_for_update(of=("self",)).select_related("contact").get(contact_id=contact)
        if row.listened_at:
            return row
        if row.contact.state == Contact.State.WAITING:
            contacts.answer(contact=contact, member=member, by=by, at=at)
        row.listened_at, row.listened_by = at, by
        row.save(update_fields=["listened_at", "listened_by"])
        duties.settle("listen", "unheard", subject=("contact", contact), by=by, at=at)
        facts.tell(told.MessageListened(contact=contact, waited=(at - row.left_at).total_seconds()), by=by, at=at)
        return row


def climb(told: Told) -> None:
    """Reaction: nobody listened in time. Another desk now owes to see to it, with a time of its own."""
    fact = told.fact
    if not isinstance(fact, DutyOverdue) or fact.kind != "listen" or fact.subject_kind != "contact":
        return
    row = Message.objects.filter(contact_id=fact.subject_id, listened_at=None).first()
    if row is None:
        return
    one = queries.box(row.box, at=told.at)
    owner, after = (one.escalate_to, one.escalate_s) if one else (SUPERVISOR, 900)
    due = told.at + timedelta(seconds=after)
    duties.owe(kind="unheard", subject=("contact", fact.subject_id), owner=owner, due_at=due, by="system:contacts", at=told.at)
