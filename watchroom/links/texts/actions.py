"""A text to a caller's telephone: written by a person, fetched by the force's gateway, and told what became of it."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts import sending
from watchroom.contacts.models import Contact, Line
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import access, digest, facts, locks
from watchroom.foundation.errors import Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.words import written
from watchroom.identity.flags import queries as flags
from watchroom.identity.lost import queries as lost
from watchroom.links.texts import facts as tells
from watchroom.links.texts import rules
from watchroom.links.texts.models import Gateway, Text

BY = "link:texts"
AT_ONCE = 50
DUTY, SUPERVISOR = "text_failed", "desk:supervisor"


def why_not(contact: Contact, at: datetime, *, is_here: bool = False) -> str:
    """Why no text may go to this caller's telephone, as a sentence; empty when it may. `is_here`: the gateway is speaking to us."""
    return rules.why_not(
        channel=contact.channel,
        number=contact.caller_number,
        unsafe=sending.may_write(contact.safe_contact, contact.safe_ways, rules.WAY, "a text"),
        at=at,
        seen_at=lambda: at if is_here else Gateway.objects.values_list("seen_at", flat=True).first(),
        refused=lambda: any(said.safe == "no" for said in lost.said_of(contact)),
        is_watched=lambda: any(flag.is_of_victim or flag.is_hidden for flag in flags.of(contact, at=at)),
    )


def write(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """Keep it for the gateway, and write it into the log. Raises Refused, with why, where it is not safe or nobody would take it."""
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).select_related("place").get(pk=contact)
        if problem := why_not(row, at):
            raise Refused(problem)
        if len(text) > rules.MOST:
            raise Refused(f"It is too long for a text: up to {rules.MOST} characters.")
        line = contacts.write(contact=row.pk, text=text, origin="to_caller", by=by, at=at, written_at=at)
        found = Text.objects.create(
            contact=row, number=row.caller_number, text=line.text, key=secrets.token_hex(16), by=by, at=at
        )
        sealed = digest.of(row.secret, found.number, found.text)
        facts.tell(tells.TextWritten(contact=row.pk, sending=found.pk, digest=sealed), by=by, at=at)
        return line


def fetch(*, by: str, at: datetime) -> list[Text]:
    """What the gateway is to send now. Whatever waited too long, or is not safe any more, is dropped and never handed out.

    Not yet told of, it is handed out again: the gateway knows it by its key.
    """
    with transaction.atomic():
        locks.hold("texts-gateway")
        Gateway.objects.update_or_create(defaults={"seen_at": at})
        drop(at=at)
        rows = Text.objects.filter(state="waiting").select_related("contact", "contact__place").order_by("pk")[:AT_ONCE]
        found = []
        for row in rows:
            if why_not(row.contact, at):
                _went(row, "dropped", by=by, at=at)
                continue
            access.log(
                "disclosure", subject=("contact", row.contact_id), reason="Text to a telephone", by=by, at=at, recipient=by
            )
            found.append(row)
        return found


def hear(*, key: str, said: str, by: str, at: datetime) -> Text | None:
    """The gateway says what became of one; the same again, or what is out of date, changes nothing. None: there is no such text.

    It says that it takes it before it sends it: what is late by then, or not safe any more, is dropped.
    """
    with transaction.atomic():
        row = Text.objects.select_for_update(of=("self",)).select_related("contact", "contact__place").filter(key=key).first()
        if row is not None and (state := rules.told(row.state, said)) != row.state:
            if state == "taken" and (rules.is_late(row.at, at) or why_not(row.contact, at, is_here=True)):
                state = "dropped"
            _went(row, state, by=by, at=at)
        return row


def drop(*, at: datetime) -> int:
    """Of what no gateway has taken in time: it is not sent any more, and the log says so. Returns how many."""
    late = [
        row
        for row in Text.objects.select_for_update(of=("self",)).filter(state="waiting").order_by("pk")
        if rules.is_late(row.at, at)
    ]
    for row in late:
        _went(row, "dropped", by=BY, at=at)
    return len(late)


def lose(*, at: datetime) -> int:
    """Of what the gateway took and then said no more: nobody knows whether it went out, and somebody has to. Returns how many."""
    before = at - timedelta(seconds=force.policy_at(at).policy.texts.report_s)
    rows = Text.objects.select_for_update(of=("self",)).filter(state="taken", told_at__lte=before).order_by("pk")
    for row in rows:
        _went(row, "lost", by=BY, at=at)
    return len(rows)


def settle(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """What was done instead of a text that did not arrive. Raises Invalid where that says too little, Refused where none is owed."""
    says = "Say what you did instead: read it out, rang them back, or why nothing more is done"
    text = written(text, field="text", says=says, least=3, most=2000)
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        if not owed.is_owed(DUTY, ("contact", row.pk)):
            raise Refused("It has arrived after all, or somebody has said already what was done instead.")
        line = contacts.write(contact=row.pk, text=f"The text did not arrive; instead: {text}", by=by, at=at, written_at=at)
        duties.settle(DUTY, subject=("contact", row.pk), by=by, at=at)
        return line


def climb(fact: Told) -> None:
    """Reaction: a text did not arrive, and nobody told the caller otherwise in time. The supervisor has it now."""
    duties.climb(fact, DUTY, to=SUPERVISOR, by=BY)


def _went(row: Text, state: str, *, by: str, at: datetime) -> None:
    row.state, row.told_at = state, at
    row.save(update_fields=["state", "told_at"])
    if state != "taken":  # said where the caller was told that it comes
        text = f"The text to their telephone: {rules.STATES[state]}."
        contacts.write(contact=row.contact_id, text=text, origin="system", by=by, at=at, written_at=at)
    if state in rules.NOT_THERE:  # whoever promised it to the caller has to know
        due_at = at + timedelta(seconds=force.policy_at(at).policy.texts.settle_s)
        duties.owe(kind=DUTY, subject=("contact", row.contact_id), owner=row.by, due_at=due_at, by=BY, at=at)
    elif state == "delivered" and not _still_not_there(row.contact_id):
        duties.settle(DUTY, subject=("contact", row.contact_id), by=by, at=at)
    facts.tell(tells.TextWent(contact=row.contact_id, sending=row.pk, state=state), by=by, at=at)


def _still_not_there(contact: int) -> bool:
    """Whether another did not arrive since it is owed; of those before, somebody has said what was done instead."""
    duty = owed.open_for(("contact", contact)).filter(kind=DUTY).first()
    texts = Text.objects.filter(contact=contact, state__in=rules.NOT_THERE)
    return duty is not None and texts.filter(told_at__gte=duty.opened_at).exists()
