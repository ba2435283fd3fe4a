"""What another force hands over to us: a contact of our own, theirs until one of us accepts it, and answered by one of us, once."""

import json
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from watchroom.contacts import actions as contacts
from watchroom.contacts.facts import ContactAnswered
from watchroom.contacts.models import Contact
from watchroom.contacts.queries import told_of
from watchroom.contacts.rules import FORCE
from watchroom.contacts.whereabouts import Report
from watchroom.force import queries as force
from watchroom.foundation import access, digest, facts, locks
from watchroom.foundation.errors import Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.statements import statement
from watchroom.foundation.words import written
from watchroom.gazetteer import queries as gazetteer
from watchroom.referrals import facts as tells
from watchroom.referrals.forces import more, rules
from watchroom.referrals.forces.document import Answer, Document, Message
from watchroom.referrals.models import FromForce
from watchroom.staff import queries as staff
from watchroom.staff.models import Member

MOST_TEXT = 2000


def take(*, message: Message, sender: str, at: datetime) -> Answer:
    """What `sender` says of one handover, and what we say of it. The same message again changes nothing; a recall is not undone by
    the handover coming after it. `sender` is `force:<code>` in this installation, or `link:<token>`: who lets them in says so."""
    with transaction.atomic():
        locks.hold(f"from-force:{sender}:{message.key}")
        found = FromForce.objects.filter(sender=sender, key=message.key).first()
        if found is None:
            found = _create(message, sender, at)
        elif message.is_recalled and found.state == "waiting":
            _give_back(found, at)
        if message.since is not None:
            more.add(found, message.since, at)
        return answer_of(found)


def _create(message: Message, sender: str, at: datetime) -> FromForce:
    state = rules.told(None, is_recalled=message.is_recalled)
    document = message.document
    if state == "withdrawn" or document is None:
        return FromForce.objects.create(sender=sender, key=message.key, label="", state="withdrawn", came_at=at)
    kept = document.model_dump(mode="json")
    caller, where = document.caller, document.where
    row, _ = contacts.receive(
        key=f"from:{sender}:{message.key}",
        channel=FORCE,
        transferred_at=at,
        by=sender,
        at=at,
        caller_number=caller.number,
        caller_name=caller.name,
        caller_email=caller.email,
        place_said=", ".join(filter(None, (where.label, where.locality)))[:200] or where.said,
        safe_contact=caller.safe_contact,
        safe_times=caller.safe_times,
        may_leave_message=caller.may_leave_message,
    )
    came = FromForce.objects.create(sender=sender, key=message.key, label=document.sender, contact=row, document=kept, came_at=at)
    for line in said_of(document):
        contacts.write(contact=row.pk, text=line, origin="system", by=sender, at=at, written_at=at)
    for said in document.said:
        when = min(said.at, at)
        contacts.write(contact=row.pk, text=said.text, origin=said.origin, by=sender, at=when, written_at=at)
    if position := document.position:
        found = Report(
            source="other",
            method=position.method or "other",
            taken_at=min(position.taken_at, at),
            latitude=position.latitude,
            longitude=position.longitude,
            radius=position.radius,
        )
        point = gazetteer.on_grid(position.latitude, position.longitude)
        contacts.locate(contact=row.pk, found=found, point=point, by=sender, at=at)
    if level := rules.attention(is_live=document.is_live, canonical=document.grade):
        contacts.raise_attention(contact=row.pk, level=level, by=sender, at=at)
    access.log("collection", subject=("contact", row.pk), reason=f"Handed over by {document.sender}", by=sender, at=at)
    drawn = json.dumps(kept, sort_keys=True)
    facts.tell(
        tells.HandoverCame(contact=row.pk, handover=came.pk, sender=sender, digest=digest.of(came.secret, drawn)),
        by=sender,
        at=at,
    )
    return came


def said_of(document: Document) -> list[str]:
    """The handover in the log, line by line. What they judged is said to be theirs: our own risk record begins empty."""
    their = document.sender
    live = " The caller is on the line with them." if document.is_live else ""
    lines = [
        f"Handed over by {their} ({document.sent_by}), their reference {document.reference}, {document.channel}.{live} It is theirs until"
        f" one of us accepts it. Why: {document.because}",
        f"Risk, as {their} heard it: {document.risk}",
    ]
    if document.grade_label:
        lines.append(
            f"Graded by {their}: {document.grade_label}{f', {document.kind}' if document.kind else ''}. Their grade, not ours."
        )
    lines += [f"Judged by {their}: {one.element}, {one.level}. {one.rationale}" for one in document.judged]
    for one in document.cautions:
        silent = " Do not speak of it to whoever is on the telephone." if one.do_not_disclose else ""
        lines.append(f"Flagged by {their}: {one.title}.{f' {one.text}' if one.text else ''}{silent}")
    if spoken := ", ".join(filter(None, (document.caller.way, document.caller.language))):
        lines.append(f"How they speak: {spoken}.")
    if document.where.said and document.where.label:
        lines.append(f"Where, in the caller’s words: {document.where.said}")
    if document.left_out:
        lines.append(f"{document.left_out} earlier lines of {their}’s log did not come with it: ask them.")
    return lines


def follow_answer(told: Told) -> None:
    """Reaction: whoever answers what another force handed over has accepted it, and the risk is ours from then on."""
    fact = told.fact
    if isinstance(fact, ContactAnswered) and told_of(told).channel == FORCE:
        row = _came.first(fact.contact)
        if row is not None:
            _answer(row, "accepted", "", by=told.by, at=told.at)


@statement
def _came(contact: int) -> QuerySet[FromForce]:
    return FromForce.objects.select_for_update().filter(contact_id=contact, state="waiting").order_by("pk")


def decline(*, contact: int, member: Member, answer: str, by: str, at: datetime) -> FromForce:
    """It is not ours, because …: it stays theirs, and they are told who said so. A repeat changes nothing. Raises Refused, Invalid."""
    with transaction.atomic():
        Contact.objects.select_for_update(of=("self",)).get(pk=contact)  # whoever answers it waits, and who answered it is seen
        row = FromForce.objects.filter(contact_id=contact).first()
        if row is None:
            raise Refused("No other force handed this one over.")
        if row.state == "declined":
            return row
        if row.state == "withdrawn":
            raise Refused(f"{row.label} took it back meanwhile.")
        least = force.policy_at(at).policy.handing_over.min_reason
        answer = written(answer, field="answer", says="Write why it is not ours", least=least, most=MOST_TEXT)
        contacts.give_back(contact=contact, by=by, at=at)
        _answer(row, "declined", answer, by=by, at=at)
        contacts.write(
            contact=contact, text=f"Declined: {answer} It stays with {row.label}.", origin="system", by=by, at=at, written_at=at
        )
        return row


def answer_of(row: FromForce) -> Answer:
    return Answer(
        state=row.state,  # type: ignore[arg-type]
        reference=Contact.objects.get(pk=row.contact_id).reference if row.contact_id else "",
        name=staff.name(row.answered_by)[:120] if row.answered_by and row.state != "withdrawn" else "",
        answer=row.answer,
        at=row.answered_at,
    )


def _answer(row: FromForce, answer: str, words: str, *, by: str, at: datetime) -> None:
    state = rules.answered(row.state, answer)  # type: ignore[arg-type]
    if state is None or state == row.state:
        return
    row.state, row.answered_by, row.answer, row.answered_at = state, by, words, at
    row.save(update_fields=["state", "answered_by", "answer", "answered_at"])
    facts.tell(
        tells.HandoverAnswered(
            contact=row.contact_id or 0, handover=row.pk, sender=row.sender, state=state, digest=digest.of(row.secret, words)
        ),
        by=by,
        at=at,
    )


def _give_back(row: FromForce, at: datetime) -> None:
    """They want it back. Of them and whoever answers here at the same moment, the contact's row says who was first."""
    contact = Contact.objects.select_for_update(of=("self",)).select_related("owner").get(pk=row.contact_id or 0)
    row.refresh_from_db(from_queryset=FromForce.objects.select_for_update())
    if row.state != "waiting":
        return
    if contact.answered_at is not None:  # and the reaction to it is owed still
        _answer(row, "accepted", "", by=contact.owner.code if contact.owner else row.sender, at=contact.answered_at)
        return
    contacts.give_back(contact=contact.pk, by=row.sender, at=at)
    row.state, row.answered_at = "withdrawn", at
    row.save(update_fields=["state", "answered_at"])
    text = f"Taken back by {row.label} before anybody here had accepted it."
    contacts.write(contact=contact.pk, text=text, origin="system", by=row.sender, at=at, written_at=at)
    facts.tell(tells.HandoverWithdrawn(contact=contact.pk, handover=row.pk, sender=row.sender), by=row.sender, at=at)
