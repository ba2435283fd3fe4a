"""How do they speak with us: by a relay, in another language, through an interpreter? Who is asked first, and how long it took.

The act of risk is the same for all of them, and is owed from the answer on (`actions.answer`). What differs is who is offered the
contact, what the handler is told of its pace, and the delay until somebody can speak for the caller, which is counted.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from watchroom.contacts import actions, stages
from watchroom.contacts import facts as told
from watchroom.contacts.models import Contact, Interpreter
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.statements import statement

SUPERVISOR = "desk:supervisor"


def mark(*, contact: int, way: str, by: str, at: datetime) -> Contact:
    """Something stands between the caller and us; empty when it does not after all. Raises Invalid for what is no way of the policy."""
    if way and force.policy_at(at).policy.speaking.way(way) is None:
        raise Invalid(way="Choose one of the ways in the list.")
    with transaction.atomic():
        row = _open(contact)
        if row.way != way:
            row.way = way
            row.save(update_fields=["way"])
            facts.tell(told.WayMarked(contact=row.pk, way=way), by=by, at=at)
        return row


def say_language(*, contact: int, language: str, by: str, at: datetime) -> Contact:
    """What the caller speaks; empty when it is English after all. Raises Invalid for what is no language of the policy."""
    if language and force.policy_at(at).policy.speaking.language(language) is None:
        raise Invalid(
            language="Choose one of the languages in the list; for any other, “Another language”, and name it in the log."
        )
    with transaction.atomic():
        row = _open(contact)
        if row.language != language:
            row.language = language
            row.save(update_fields=["language"])
            facts.tell(told.LanguageSaid(contact=row.pk, language=language), by=by, at=at)
        return row


# --- The interpreter ------------------------------------------------------------------------------------------------


def ask(*, contact: int, by: str, at: datetime) -> Interpreter:
    """An interpreter is asked, for the language on record. Asked again while one is awaited or there, that is the same.

    Raises Refused without a language, and for a contact that nobody has in hand.
    """
    with transaction.atomic():
        row = actions._lock(contact)
        if row.state != Contact.State.ANSWERED:
            raise Refused("Nobody is speaking with this caller now, so no interpreter can join.")
        if not row.language:
            raise Refused("Say first which language it is: the interpreter is asked for that one.")
        if here := now_of(row.pk):
            return here
        one = Interpreter.objects.create(contact=row, language=row.language, by=by, asked_at=at)
        due_at = at + timedelta(seconds=force.policy_at(at).policy.speaking.interpreter_s)
        owner = row.owner.code if row.owner else "desk:contact"
        duties.owe(kind="interpreter", subject=("contact", row.pk), owner=owner, due_at=due_at, by=by, at=at)
        stages.mark(contact=row.pk, stage="interp_asked", by=by, at=at)
        return one


def joined(*, contact: int, by: str, at: datetime) -> Interpreter:
    """They are there and speak. A repeat changes nothing. Raises Refused when none was asked."""
    with transaction.atomic():
        one = _asked(contact)
        if one.joined_at is None:
            one.joined_at = at
            one.save(update_fields=["joined_at"])
            duties.settle("interpreter", subject=("contact", contact), by=by, at=at)
            stages.mark(contact=contact, stage="interp_joined", by=by, at=at)
        return one


def ended(*, contact: int, by: str, at: datetime) -> Interpreter:
    """They are gone; or they never came, and that stands in the log. Raises Refused when none was asked."""
    with transaction.atomic():
        one = _asked(contact)
        _end(one, by=by, at=at)
        return one


def follow_end(event: Told) -> None:
    """Reaction: the contact ended, and its interpreter with it."""
    one = _awaited.first(event.fact.subject[1])
    if one:
        _end(one, by=event.by, at=event.at)


@statement
def _awaited(contact: int) -> QuerySet[Interpreter]:
    """Or there; locked."""
    return Interpreter.objects.select_for_update().filter(contact=contact, ended_at=None).order_by("pk")


def climb(fact: Told) -> None:
    """Reaction: nobody has come in the time that was promised. The supervisor finds another; the caller still waits."""
    duties.climb(fact, "interpreter", to=SUPERVISOR, by="system:contacts")


def now_of(contact: int) -> Interpreter | None:
    """Who is awaited or there; None for nobody."""
    return Interpreter.objects.filter(contact=contact, ended_at=None).first()


def _end(one: Interpreter, *, by: str, at: datetime) -> None:
    one.ended_at = at
    one.save(update_fields=["ended_at"])
    duties.settle("interpreter", subject=("contact", one.contact_id), by=by, at=at)
    stages.mark(contact=one.contact_id, stage="interp_ended", by=by, at=at)
    if one.joined_at is None:
        text = f"No interpreter came, {(at - one.asked_at).total_seconds():.0f} s after they were asked."
        actions._write(Contact.objects.get(pk=one.contact_id), text, origin="system", by=by, at=at)


def _asked(contact: int) -> Interpreter:
    one = _awaited.first(contact)
    if one is None:
        raise Refused("No interpreter was asked for.")
    return one


def _open(contact: int) -> Contact:
    row = actions._lock(contact)
    if row.state == Contact.State.WRAPPED:
        raise Refused("It is written up.")
    return row
