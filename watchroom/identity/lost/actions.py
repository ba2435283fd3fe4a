"""Linking a 101 call that gave up to the 999 call after it; ringing somebody back, and what came of it (R3, R15)."""

from datetime import datetime, timedelta

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.contacts.facts import ContactArrived
from watchroom.contacts.models import Contact
from watchroom.contacts.queries import told_of
from watchroom.duties import actions as duties
from watchroom.duties.facts import DutyOverdue
from watchroom.force import queries as force
from watchroom.foundation import access, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.words import written
from watchroom.identity import facts as tells
from watchroom.identity.flags import codes
from watchroom.identity.lost import queries, rules
from watchroom.identity.models import Followed, RingBack
from watchroom.staff.models import Member

SYSTEM = "system:identity"
SUPERVISOR = "desk:supervisor"
LONGEST = 1000  # characters of a reason


def notice(told: Told) -> None:
    """Reaction: a contact arrived, its place was picked, a person confirmed or taken back. What is found stands as a row, or no longer."""
    if isinstance(told.fact, ContactArrived) and told.fact.channel != "999":
        return  # nobody has given up yet
    contact = told_of(told)
    for call in [contact] if contact.channel == "999" else queries.later_999(contact, at=told.at):
        link(contact=call, at=told.at)


def link(*, contact: Contact, at: datetime) -> None:
    """Keep which 101 calls went before this 999 call, each with how it is known; a repeat changes nothing."""
    with transaction.atomic(savepoint=False):
        Contact.objects.select_for_update(of=("self",)).values_list("pk").get(pk=contact.pk)
        found = queries.found_before(contact, at=at)
        standing = {(row.earlier_id, row.how): row for row in Followed.objects.filter(contact=contact, undone_at=None)}
        windows = force.policy_at(at).policy.contacts.after_abandoned_101_s
        for (earlier, how), seconds in found.items():
            if (earlier, how) not in standing:
                window = rules.window_of(seconds, windows) or max(windows)
                Followed.objects.create(contact=contact, earlier_id=earlier, how=how, seconds=seconds, window_s=window, at=at)
                fact = tells.AbandonedCallFound(contact=contact.pk, earlier=earlier, how=how, seconds=seconds)
                facts.tell(fact, by=SYSTEM, at=at)
        for key, row in standing.items():
            if key not in found:
                row.undone_at = at
                row.save(update_fields=["undone_at"])
                fact_undone = tells.AbandonedCallUnlinked(contact=contact.pk, earlier=row.earlier_id, how=row.how)
                facts.tell(fact_undone, by=SYSTEM, at=at)


def ring(*, contact: int, by: str, at: datetime, may_open_codes: bool) -> tuple[RingBack, str]:
    """Somebody rings now: it counts as a try from here on. Returns it with the codeword, where one is needed, which is then logged.

    Raises Refused where it is not safe, where somebody rings already, and for a codeword to whom codes are not opened.
    """
    with transaction.atomic():
        row = _to_be_rung(contact)
        rung = RingBack.objects.filter(contact=row, outcome="").first()
        if rung:
            raise Refused(
                "You are ringing already: say what came of it." if rung.by == by else "Somebody is ringing them already."
            )
        ringing = queries.safe_to_ring(row, at=at)
        if not ringing.may_ring:
            raise Refused(*ringing.because)
        word = ""
        if ringing.verdict == "codeword":
            marker = queries.codeword(row)
            if marker is None or not may_open_codes:
                raise Refused("Only somebody who may open codewords rings this number.")
            word = codes.of(marker)
            reason = f"codeword shown to ring back contact {row.pk}"
            access.log("disclosure", subject=("marker", marker), reason=reason, by=by, at=at, recipient=by)
        made = RingBack.objects.create(contact=row, with_codeword=bool(word), by=by, begun_at=at)
        contacts.rung_back(contact=row.pk, by=by, at=at)
        facts.tell(tells.RingingBack(contact=row.pk, ring_back=made.pk, with_codeword=bool(word)), by=by, at=at)
        return made, word


def rang(*, contact: int, outcome: str, member: Member, by: str, at: datetime) -> RingBack:
    """What came of it. Spoke: it is an answered contact of `member`, and its risk is owed. Else it is owed again, or to a supervisor.

    Raises Invalid for an unknown outcome, Refused where nobody rings, and for a message that may not be left.
    """
    with transaction.atomic():
        row = _to_be_rung(contact)
        policy = force.policy_at(at).policy
        rung = RingBack.objects.filter(contact=row, outcome="").first()
        if rung is None:
            raise Refused("Nobody is ringing them: ring first.")
        if rung.by != by:
            raise Refused("A colleague is ringing them, and says what came of it.")
        if outcome not in rules.OUTCOMES:
            raise Invalid(outcome="Say what came of it.")
        if outcome not in rules.outcomes(queries.safe_to_ring(row, at=at)):
            raise Refused("No message is left here. If one was, write it into the log and tell the supervisor.")
        rung.outcome, rung.ended_at = outcome, at
        rung.save(update_fields=["outcome", "ended_at"])
        facts.tell(tells.RungBack(contact=row.pk, ring_back=rung.pk, outcome=outcome), by=by, at=at)
        if outcome == "spoke":
            contacts.reach(contact=row.pk, member=member, by=by, at=at)
            return rung
        if outcome == "not_safe":
            contacts.say_safe_contact(contact=row.pk, safe="no", by=by, at=at)
        tries = RingBack.objects.filter(contact=row).exclude(outcome="").count()
        is_theirs = rules.is_for_supervisor(outcome, tries, row.channel, policy)
        if callbacks.of(row.pk):
            callbacks.not_reached(contact=row.pk, is_theirs=is_theirs, by=by, at=at)
            return rung
        due = at if is_theirs else at + timedelta(seconds=policy.lost_callers.again_s)
        _owe_anew(row, owner=SUPERVISOR if is_theirs else "desk:contact", due_at=due, by=by, at=at)
        return rung


def let_go(*, contact: int, because: str, by: str, at: datetime) -> None:
    """They could not be reached and nothing more is done: a supervisor says why. Raises Invalid, Refused."""
    because = written(because, field="because", says="Write why nothing more is done", least=10, most=LONGEST)
    with transaction.atomic():
        row = _to_be_rung(contact)
        if RingBack.objects.filter(contact=row, outcome="").exists():
            raise Refused("Somebody is ringing them.")
        text = f"Not rung back any more: {because}"
        contacts.write(contact=row.pk, text=text, by=by, at=at, written_at=at)
        facts.tell(tells.LostCallerLetGo(contact=row.pk), by=by, at=at)
        if callbacks.of(row.pk):
            callbacks.let_go(contact=row.pk, by=by, at=at)
            return
        contacts.wrap_up(contact=row.pk, by=by, at=at)


def climb(told: Told) -> None:
    """Reaction: nobody looked in time at somebody who gave up and carries a mark. The supervisor has it now."""
    fact = told.fact
    if not isinstance(fact, DutyOverdue) or fact.kind != "abandoned" or fact.subject_kind != "contact":
        return
    if fact.owner != SUPERVISOR and Contact.objects.filter(pk=fact.subject_id, attention__gt=0).exists():
        duties.hand_over(duty=fact.duty, to=SUPERVISOR, by=SYSTEM, at=told.at)


def guard(told: Told) -> None:
    """Reaction: a callback rings at a desk. Of a number that may not be rung, a supervisor decides what is done instead."""
    row = Contact.objects.get(pk=told.fact.subject[1])
    if not queries.safe_to_ring(row, at=told.at).may_ring:
        callbacks.to_supervisor(contact=row.pk, by=SYSTEM, at=told.at)


def _to_be_rung(contact: int) -> Contact:
    """Locked: somebody who gave up, or is owed a callback."""
    row = Contact.objects.select_for_update(of=("self",)).select_related("place").get(pk=contact)
    if row.state != Contact.State.ABANDONED and callbacks.of(row.pk) is None:
        raise Refused("This one is no longer waiting to be rung back.")
    return row


def _owe_anew(row: Contact, *, owner: str, due_at: datetime, by: str, at: datetime) -> None:
    """A duty's time is never moved later, so the old one is settled by what was done about it."""
    subject = ("contact", row.pk)
    duties.settle("abandoned", subject=subject, by=by, at=at)
    duties.owe(kind="abandoned", subject=subject, owner=owner, due_at=due_at, by=by, at=at)
