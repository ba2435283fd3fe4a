"""A message that came becomes a contact, once; a message to somebody is written, and sent when it is safe to write to them."""

import secrets
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.contacts import actions as contacts
from watchroom.contacts import files, sending
from watchroom.contacts.models import Contact, Line
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Told
from watchroom.foundation.vault import Incoming
from watchroom.links.email import facts as told
from watchroom.links.email import rules
from watchroom.links.email.models import Letter, Reply
from watchroom.links.email.reading import File, Mail

BY = "link:email"
SUPERVISOR = "desk:supervisor"


def receive(*, mail: Mail, mailbox: str, validity: int, uid: int, at: datetime) -> tuple[Letter, bool]:
    """Keep a message. Returns (letter, repeated): what lies at the same place of the mailbox is the same message.

    So is one with a Message-ID that is known from an earlier life of the folder (a new UIDVALIDITY: the server numbers anew).
    An answer of the same sender to something that is still open belongs to that contact.
    """
    with transaction.atomic():
        place = {"mailbox": mailbox[:120], "validity": validity, "uid": uid}
        if known := _known(mail, place):
            return known, True
        contact = _contact(mail, place, at)
        return Letter.objects.create(**place, contact=contact, message_id=mail.message_id, at=at), False


def _known(mail: Mail, place: dict) -> Letter | None:
    if found := Letter.objects.filter(**place).first():
        return found
    earlier = Letter.objects.filter(mailbox=place["mailbox"], message_id=mail.message_id).exclude(validity=place["validity"])
    return earlier.first() if mail.message_id else None


def _contact(mail: Mail, place: dict, at: datetime) -> Contact:
    lines = [*([f"Subject: {mail.subject}"] if mail.subject else []), *mail.lines] or ["(no text)"]
    open_one = _answered(mail)
    contact = open_one or _new(mail, place, at)
    for text in lines:
        contacts.write(contact=contact.pk, text=text, origin="caller", by=BY, at=at, written_at=at)
    remarks = list(mail.remarks)
    if mail.is_automatic:
        remarks.append("It says that a machine sent it by itself: an absence note, or that a message was not delivered.")
    if mail.answers and not open_one:
        remarks.append("It says that it answers an earlier message; look for it by the sender.")
    remarks += [problem for file in mail.files if (problem := _attach(contact, file, at))]
    for text in remarks:
        contacts.write(contact=contact.pk, text=text[:2000], origin="system", by=BY, at=at, written_at=at)
    return contact


def _new(mail: Mail, place: dict, at: datetime) -> Contact:
    contact, _ = contacts.receive(
        key=f"email:{place['mailbox'][:60]}:{place['validity']}:{place['uid']}",
        channel="email",
        transferred_at=at,
        by=BY,
        at=at,
        caller_name=mail.name,
        caller_email=mail.address,
    )
    return contact


def _answered(mail: Mail) -> Contact | None:
    """The open contact that this answers. Only of the same sender: an id alone proves nothing, whoever got a copy knows it."""
    if not mail.answers or not mail.address:
        return None
    written = Reply.objects.filter(message_id__in=mail.answers).values_list("contact_id", flat=True)
    came = Letter.objects.filter(message_id__in=mail.answers).values_list("contact_id", flat=True)
    states = (Contact.State.WAITING, Contact.State.ANSWERED, Contact.State.ENDED)
    rows = Contact.objects.filter(pk__in={*written, *came}, state__in=states, caller_email__iexact=mail.address)
    return rows.order_by("-pk").first()


def _attach(contact: Contact, file: File, at: datetime) -> str:
    """Take a file by the rules of the log. Returns why it was not taken, in a sentence; empty when it was."""
    policy = force.policy_at(at).policy
    incoming = Incoming(file.name, policy.files.most_bytes)
    try:
        incoming.take(file.data)
        incoming.finish()
        with transaction.atomic():
            files.attach(contact=contact.pk, file=incoming, about="", origin="caller", by=BY, at=at)
    except Invalid as invalid:
        return f"Not taken: “{file.name}”. {' '.join(invalid.problems)}"
    finally:
        incoming.discard()
    return ""


# --- out ------------------------------------------------------------------------------------------------------------


def reply(*, contact: int, text: str, confirmed: str, by: str, at: datetime) -> Reply:
    """Write to them. `confirmed`: the address as whoever writes has typed or read it again. Raises Invalid; Refused when it is not safe."""
    if not text.strip():
        raise Invalid(text="Nothing was written.")
    if len(text) > rules.LONGEST_REPLY or "\0" in text:
        raise Invalid(text=f"Up to {rules.LONGEST_REPLY:,} ordinary characters fit here.")
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).select_related("owner").get(pk=contact)
        if row.state == Contact.State.WAITING:
            raise Refused("Read it first: take it, then answer.")
        if problem := rules.may_reply(row.safe_contact, row.safe_ways, row.caller_email):
            raise Refused(problem)
        if not rules.is_address(row.caller_email):
            raise Refused("Their address cannot be written to as it stands.")
        if confirmed.strip().casefold() != row.caller_email.casefold():
            raise Invalid(
                confirmed="Type the address again, as it stands above: a message to somebody else cannot be taken back."
            )
        found = Reply.objects.create(
            contact=row,
            to=row.caller_email,
            subject=rules.reply_subject(force.force().name, row.reference)[:200],
            text=text.strip(),
            message_id=f"<{secrets.token_hex(16)}@watchroom.invalid>",
            answers=Letter.objects.filter(contact=row).exclude(message_id="").values_list("message_id", flat=True).last() or "",
            by=by,
            at=at,
        )
        contacts.write(contact=row.pk, text=f"E-mail: {found.text}"[:20_000], origin="to_caller", by=by, at=at, written_at=at)
        sealed = digest.of(row.secret, found.to, found.text)
        facts.tell(told.ReplyWritten(contact=row.pk, reply=found.pk, digest=sealed), by=by, at=at)
        app.configure_task("email.send").defer(
            force=scope.require(), reply=found.pk
        )  # in this transaction: undone, it is not sent
        return found


def write_back(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """To the address from which they wrote, by one key: nobody typed it, so nobody has to read it twice. Raises as `reply`."""
    came = Letter.objects.filter(contact=contact).order_by("pk").last()
    confirmed = came.contact.caller_email if came else ""
    reply(contact=contact, text=text, confirmed=confirmed, by=by, at=at)
    return Line.objects.filter(contact=contact, origin="to_caller").latest("pk")


def as_message(row: Reply, sender: str) -> EmailMessage:
    """As it goes out: plain text, threaded, and with nothing in its head that says what it is about."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, row.to, row.subject
    message["Date"], message["Message-ID"] = format_datetime(row.at), row.message_id
    if row.answers.startswith("<"):
        message["In-Reply-To"] = message["References"] = row.answers
    message["Auto-Submitted"] = "no"
    message.set_content(row.text + "\n")
    return message


def begin(*, reply: int, at: datetime) -> tuple[Reply, sending.Step]:
    """What is to be done about it now (`contacts.sending`)."""
    with transaction.atomic():
        row = _locked(reply)
        return row, sending.begin(row, at=at, look_after_s=force.policy_at(at).policy.mailbox.look_after_s)


def unsafe_now(row: Reply) -> str:
    """Why it may not go out any more, in a sentence: what they said of being reached may have changed since it was written."""
    contact = Contact.objects.get(pk=row.contact_id)
    return rules.may_reply(contact.safe_contact, contact.safe_ways, row.to)


def sent(*, reply: int, at: datetime, by: str = BY) -> None:
    """The mail server took it, or it was found in the Sent folder. A second time changes nothing."""
    with transaction.atomic():
        row = _locked(reply)
        if sending.sent(row, at=at):
            facts.tell(told.ReplySent(contact=row.contact_id, reply=row.pk), by=by, at=at)
            _settle_duty(row, by=by, at=at)


def doubt(*, reply: int, at: datetime) -> None:
    """A try broke off, and nobody knows whether the server took it: whoever wrote it has to look. It is not sent again by itself."""
    with transaction.atomic():
        row = _locked(reply)
        if not sending.doubt(row, at=at):
            return
        text = "An e-mail to them may have been sent, or not: something broke off while it was handed over. Look, and say so."
        contacts.write(contact=row.contact_id, text=text, origin="system", by=BY, at=at, written_at=at)
        due_at = at + timedelta(seconds=force.policy_at(at).policy.mailbox.settle_s)
        duties.owe(kind="sent_or_not", subject=("contact", row.contact_id), owner=row.by, due_at=due_at, by=BY, at=at)
        facts.tell(told.ReplyDoubted(contact=row.contact_id, reply=row.pk), by=BY, at=at)


def settle(*, reply: int, was_sent: bool, by: str, at: datetime) -> Reply:
    """A person has looked. Not sent: it goes out once more, if that is still safe. Raises Refused when nothing is in doubt."""
    with transaction.atomic():
        row = _locked(reply)
        if row.doubted_at is None:
            raise Refused("Nothing is in doubt any more: look at what it says now.")
        if not was_sent and (problem := unsafe_now(row)):
            raise Refused(problem)
        facts.tell(told.ReplySettled(contact=row.contact_id, reply=row.pk, was_sent=was_sent), by=by, at=at)
        text = "Looked: the e-mail was sent." if was_sent else "Looked: the e-mail was not sent. It goes out again."
        contacts.write(contact=row.contact_id, text=text, by=by, at=at, written_at=at)
        if was_sent:
            sent(reply=reply, at=at, by=by)
        else:
            sending.anew(row)
            _settle_duty(row, by=by, at=at)
            app.configure_task("email.send").defer(force=scope.require(), reply=row.pk)
        return row


def climb(fact: Told) -> None:
    """Reaction: nobody looked in time whether it was sent. The supervisor has it now."""
    duties.climb(fact, "sent_or_not", to=SUPERVISOR, by=BY)


def _settle_duty(row: Reply, *, by: str, at: datetime) -> None:
    """Unless another message to them is in doubt as well."""
    if not Reply.objects.filter(contact_id=row.contact_id, doubted_at__isnull=False).exclude(pk=row.pk).exists():
        duties.settle("sent_or_not", subject=("contact", row.contact_id), by=by, at=at)


def _locked(reply: int) -> Reply:
    return Reply.objects.select_for_update(of=("self",)).get(pk=reply)


def failed(*, reply: int, problem: str, is_final: bool, at: datetime) -> int:
    """This try failed, and it is known that nothing went out. Returns how many tries there were; after the last it stands in the log,
    and whoever wrote it can see it.
    """
    with transaction.atomic():
        row = _locked(reply)
        if sending.failed(row, problem=problem, is_final=is_final):
            text = f"The e-mail was not delivered: {row.problem}"
            contacts.write(contact=row.contact_id, text=text, origin="system", by=BY, at=at, written_at=at)
            facts.tell(told.ReplyFailed(contact=row.contact_id, reply=row.pk), by=BY, at=at)
            return sending.TRIES
        return row.tries
