"""A callback is agreed, tried, taken up by ringing again, or let go. Who rings, and whether that is safe, is `identity.lost`."""

from datetime import datetime, timedelta

from django.db import transaction

from watchroom.contacts import facts as told
from watchroom.contacts import stages
from watchroom.contacts.callbacks import queries, rules
from watchroom.contacts.models import Callback, Contact
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import facts, locks
from watchroom.foundation.errors import Refused
from watchroom.foundation.facts import Told

SUPERVISOR = "desk:supervisor"
SYSTEM = "system:contacts"
of = queries.of


def refuses(row: Contact, *, at: datetime) -> str:
    """Why this caller can be promised none now, in a sentence; empty when they can."""
    return rules.refuses(
        channel=row.channel,
        number=row.caller_number,
        has_one=queries.owed(row.caller_number) is not None,
        owed=Callback.objects.filter(closed_at=None).count(),
        now=at.astimezone(force.timezone()),
        policy=force.policy_at(at).policy,
    )


def agree(*, contact: int, by: str, at: datetime) -> Callback:
    """The caller hangs up and is rung when it is their turn; they go on waiting, at their place. A repeat changes nothing.

    Raises Refused where it could not be kept (`rules.refuses`), and for a contact that does not wait.
    """
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        if known := of(row.pk):
            return known
        if row.state != Contact.State.WAITING:
            raise Refused("Nobody waits here any more.")
        locks.hold("callbacks")  # two at once would be one too many, or two for one number
        if refusal := refuses(row, at=at):
            raise Refused(refusal)
        due = rules.due_at(at, force.policy_at(at).policy)
        made = Callback.objects.create(contact=row, agreed_at=at, by=by, due_at=due)
        row.offered_to, row.offered_at, row.menu_until = None, None, None
        row.save(update_fields=["offered_to", "offered_at", "menu_until"])
        duties.settle("answer", subject=("contact", row.pk), by=by, at=at)
        duties.owe(kind="callback", subject=("contact", row.pk), owner="desk:contact", due_at=due, by=by, at=at)
        facts.tell(told.CallbackAgreed(contact=row.pk, due_at=due), by=by, at=at)
        stages.mark(contact=row.pk, stage="callback", by=by, at=at)
        return made


def rung(*, contact: int, by: str, at: datetime) -> None:
    """Somebody rings them now, so that it rings at no other desk. Nothing where none is owed."""
    callback = Callback.objects.select_for_update(of=("self",)).filter(contact_id=contact, closed_at=None).first()
    if callback:
        callback.rung_at, callback.rung_by, callback.tries = at, by, callback.tries + 1
        callback.save(update_fields=["rung_at", "rung_by", "tries"])
        Contact.objects.filter(pk=contact).update(offered_to=None, offered_at=None)


def not_reached(*, contact: int, is_theirs: bool, by: str, at: datetime) -> None:
    """It was tried. It is tried again at the same place after the policy's time, or, `is_theirs`, a supervisor decides."""
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        callback = Callback.objects.select_for_update(of=("self",)).get(contact=row, closed_at=None)
        again = timedelta(seconds=force.policy_at(at).policy.lost_callers.again_s)
        callback.rung_at, callback.not_before = None, at + again
        callback.save(update_fields=["rung_at", "not_before"])
        later = Contact.objects.filter(
            caller_number=row.caller_number, received_at__gt=callback.agreed_at, channel__in=("999", "101")
        )
        if rang := later.exclude(pk=row.pk).order_by("received_at").first():
            close(row, callback, how="taken_up", by=by, at=at, taken_up_by=rang.pk)  # while we rang, they rang us
        elif is_theirs:
            to_supervisor(contact=row.pk, by=by, at=at)
        else:
            due = max(callback.due_at, at + 2 * again)
            duties.settle("callback", subject=("contact", row.pk), by=by, at=at)  # a duty's time is never moved later
            duties.owe(kind="callback", subject=("contact", row.pk), owner="desk:contact", due_at=due, by=by, at=at)


def to_supervisor(*, contact: int, by: str, at: datetime) -> None:
    """It rings at nobody's desk any more: a supervisor rings, or says why nothing more is done."""
    with transaction.atomic():
        callback = Callback.objects.select_for_update(of=("self",)).filter(contact_id=contact, closed_at=None).first()
        if callback is None or callback.is_decided_on:
            return
        callback.is_decided_on = True
        callback.save(update_fields=["is_decided_on"])
        Contact.objects.filter(pk=contact).update(offered_to=None, offered_at=None)
        duties.settle("callback", subject=("contact", contact), by=by, at=at)
        duties.owe(kind="callback", subject=("contact", contact), owner=SUPERVISOR, due_at=at, by=by, at=at)


def take_up(*, contact: Contact, by: str, at: datetime) -> Contact | None:
    """They ring again before they were rung: the callback is theirs no longer, and its place goes to this call. Returns whose it was.

    One that is being rung at this moment stays: whoever rings meets an engaged line, and then it is closed (`not_reached`).
    """
    found = queries.owed(contact.caller_number)
    if found is None or found.rung_at:
        return None
    row = Contact.objects.select_for_update(of=("self",)).get(pk=found.contact_id)
    callback = Callback.objects.select_for_update(of=("self",)).filter(pk=found.pk, closed_at=None, rung_at=None).first()
    if callback is None:
        return None
    close(row, callback, how="taken_up", by=by, at=at, taken_up_by=contact.pk)
    row.callback = callback
    return row


def let_go(*, contact: int, by: str, at: datetime) -> None:
    """They could not be reached, and nothing more is done."""
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        callback = of(row.pk)
        if callback is None:
            raise Refused("No callback is owed here any more.")
        close(row, callback, how="unreached", by=by, at=at)


def close(row: Contact, callback: Callback, *, how: str, by: str, at: datetime, taken_up_by: int = 0) -> None:
    """Within an action that holds the contact. Whoever was not spoken with here left the queue without an answer: diverted."""
    callback.closed_at, callback.how, callback.rung_at = at, how, None
    callback.save(update_fields=["closed_at", "how", "rung_at"])
    if how != "reached":
        row.state, row.wrapped_at = Contact.State.WRAPPED, at
        row.offered_to, row.offered_at = None, None
        row.save(update_fields=["state", "wrapped_at", "offered_to", "offered_at"])
    duties.settle("callback", subject=("contact", row.pk), by=by, at=at)
    facts.tell(told.CallbackClosed(contact=row.pk, how=how, taken_up_by=taken_up_by), by=by, at=at)


def climb(told: Told) -> None:
    """Reaction: nobody has rung by the time that was promised. A supervisor owes it now; it still rings at desks, in its turn."""
    duties.climb(told, "callback", to=SUPERVISOR, by=SYSTEM)
