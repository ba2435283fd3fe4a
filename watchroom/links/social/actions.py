"""A message that came becomes a contact, once; a reply is written, and sent when it is safe to write to them."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from watchroom.contacts import actions as contacts
from watchroom.contacts import sending
from watchroom.contacts.models import Contact, Line, Sending
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts, locks, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.facts import Fact
from watchroom.links.social import facts as told
from watchroom.links.social import protocol, queries
from watchroom.links.social.models import Message, Post, Reply

BY = "link:social"
OLDEST = timedelta(days=31)  # what came while the gateway was down is handed in later; older than that is a mistake of its clock
LONGEST_REPLY = 5_000

# --- in -------------------------------------------------------------------------------------------------------------


def receive(*, message: protocol.Message, at: datetime) -> tuple[Contact, bool]:
    """Keep a message. Returns (contact, repeated): the same id with the same words is the same message.

    What one account writes in one conversation belongs to one contact while that is open. Of somebody else in it, a public thread,
    it is another contact: each is answered alone. An edit keeps what stood there first.
    """
    with transaction.atomic():
        locks.hold(f"social:{message.platform}:{message.conversation}")  # two parts of one conversation at once are one contact
        locks.hold(f"social:{message.platform}:id:{message.id}")
        same_id = list(
            Message.objects.filter(platform=message.platform, message_id=message.id).select_related("contact").order_by("pk")
        )
        # some platforms count their messages anew in each conversation: the same number elsewhere is somebody else's word
        same = [one for one in same_id if (one.conversation, one.account) == (message.conversation, message.sender.account)]
        for one in same:
            if one.words == digest.of(one.contact.secret, message.text):
                return one.contact, True
        contact = queries.open_contact(message) or _new(message, number=len(same_id), at=at)
        for text, origin in _lines(message, is_edit=bool(same)):
            contacts.write(contact=contact.pk, text=text, origin=origin, by=BY, at=at, written_at=at)
        Message.objects.create(
            contact=contact,
            platform=message.platform,
            message_id=message.id,
            words=digest.of(contact.secret, message.text),
            conversation=message.conversation,
            account=message.sender.account,
            is_public=message.public,
            sent_at=message.sent_at,
            at=at,
        )
        return contact, False


def _new(message: protocol.Message, *, number: int, at: datetime) -> Contact:
    contact, _ = contacts.receive(
        key=f"social:{digest.of(b'', message.platform, message.id, str(number))}",
        channel="social",
        transferred_at=message.sent_at if at - OLDEST <= message.sent_at <= at else at,
        by=BY,
        at=at,
        caller_name=message.sender.name or message.sender.account,
    )
    where = f"On {message.platform}, from the account {message.sender.account}."
    contacts.write(contact=contact.pk, text=where, origin="system", by=BY, at=at, written_at=at)
    return contact


def _lines(message: protocol.Message, *, is_edit: bool) -> list[tuple[str, str]]:
    """What is written into the log: their words, then what they do not say."""
    found = [(message.text.strip() or "(no text)", "caller")]
    if is_edit:
        found.append(("They changed a message: what stood there before stands above as well.", "system"))
    if message.public:
        found.append(("Written where everybody can read it. An answer goes to this account alone.", "system"))
    if message.files:
        found.append((f"{message.files} files came with it and stay on {message.platform}: look at them there.", "system"))
    return found


# --- out ------------------------------------------------------------------------------------------------------------


def reply(*, contact: int, text: str, by: str, at: datetime) -> Reply:
    """Write to the account that wrote last. Raises Invalid; Refused when it is not safe: somebody else may read that account."""
    if not text.strip():
        raise Invalid(text="Nothing was written.")
    if len(text) > LONGEST_REPLY or "\0" in text:
        raise Invalid(text=f"Up to {LONGEST_REPLY:,} ordinary characters fit here.")
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",)).get(pk=contact)
        if row.state == Contact.State.WAITING:
            raise Refused("Read it first: take it, then answer.")
        came = Message.objects.filter(contact=row).order_by("pk").last()
        if came is None:
            raise Refused("This contact did not come by social media.")
        if problem := sending.may_write(row.safe_contact, row.safe_ways, "social", "social media"):
            raise Refused(problem)
        found = Reply.objects.create(
            contact=row,
            platform=came.platform,
            conversation=came.conversation,
            account=came.account,
            text=text.strip(),
            key=secrets.token_hex(16),
            by=by,
            at=at,
        )
        contacts.write(contact=row.pk, text=found.text, origin="to_caller", by=by, at=at, written_at=at)
        sealed = digest.of(row.secret, found.platform, found.account, found.text)
        facts.tell(told.SocialReplyWritten(contact=row.pk, reply=found.pk, digest=sealed), by=by, at=at)
        defer("reply", found.pk)
        return found


def write_back(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """The same by one key. Raises as `reply`."""
    reply(contact=contact, text=text, by=by, at=at)
    return Line.objects.filter(contact=contact, origin="to_caller").latest("pk")


def defer(kind: str, pk: int, seconds: int = 0) -> None:
    """In this transaction: undone, it is not sent. `kind` is reply, post or down."""
    app.configure_task("social.send", schedule_in={"seconds": seconds} if seconds else None).defer(
        force=scope.require(), kind=kind, pk=pk
    )


def begin(*, kind: str, pk: int, at: datetime) -> tuple[Reply | Post, sending.Step]:
    """What is to be done about it now (`contacts.sending`). What may not go out any more fails here, before anything is handed over."""
    with transaction.atomic():
        row = locked(kind, pk)
        step = sending.begin(row, at=at, look_after_s=force.policy_at(at).policy.social.look_after_s)
        if step == "send" and (problem := _may_not(row)):
            _failed(row, problem=problem, is_final=True, at=at)
            step = "nothing"
        return row, step


def _may_not(row: Reply | Post) -> str:
    """Why it may not go out any more: what they said of being reached, or what was decided, may have changed since it was written."""
    if isinstance(row, Reply):
        contact = Contact.objects.get(pk=row.contact_id)
        return sending.may_write(contact.safe_contact, contact.safe_ways, "social", "social media")
    if row.withdrawn_at:
        return "It was withdrawn."
    return "" if row.is_approved else "Nobody has approved it."


def sent(*, kind: str, pk: int, at: datetime, by: str = BY) -> None:
    """The gateway has it. A second time changes nothing. What was withdrawn meanwhile is taken down."""
    with transaction.atomic():
        row = locked(kind, pk)
        if sending.sent(row, at=at):
            facts.tell(_fact(row, told.SocialReplySent, told.PostSent), by=by, at=at)
            settle_duty(row, by=by, at=at)
            if isinstance(row, Post) and row.withdrawn_at:
                defer("down", row.pk)


def doubt(*, kind: str, pk: int, at: datetime) -> None:
    """A try broke off, and the gateway does not say whether it has it: a person has to look. It is not sent again by itself."""
    with transaction.atomic():
        row = locked(kind, pk)
        if not sending.doubt(row, at=at):
            return
        if isinstance(row, Reply):
            text = "A message to them may have been sent, or not: something broke off while it was handed over. Look, and say so."
            contacts.write(contact=row.contact_id, text=text, origin="system", by=BY, at=at, written_at=at)
        due_at = at + timedelta(seconds=force.policy_at(at).policy.social.settle_s)
        duties.owe(kind="sent_or_not", subject=subject(row), owner=row.by, due_at=due_at, by=BY, at=at)
        facts.tell(_fact(row, told.SocialReplyDoubted, told.PostDoubted), by=BY, at=at)


def settle(*, kind: str, pk: int, was_sent: bool, by: str, at: datetime) -> None:
    """A person has looked. Not sent: it goes out once more, if that may still be. Raises Refused when nothing is in doubt."""
    with transaction.atomic():
        row = locked(kind, pk)
        if row.doubted_at is None:
            raise Refused("Nothing is in doubt any more: look at what it says now.")
        if not was_sent and (problem := _may_not(row)):
            raise Refused(problem)
        facts.tell(_fact(row, told.SocialReplySettled, told.PostSettled, was_sent=was_sent), by=by, at=at)
        if isinstance(row, Reply):
            text = "Looked: the message was sent." if was_sent else "Looked: the message was not sent. It goes out again."
            contacts.write(contact=row.contact_id, text=text, by=by, at=at, written_at=at)
        if was_sent:
            sent(kind=kind, pk=pk, at=at, by=by)
        else:
            sending.anew(row)
            settle_duty(row, by=by, at=at)
            defer(kind, row.pk)


def failed(*, kind: str, pk: int, problem: str, is_final: bool, at: datetime) -> int:
    """This try failed, and nothing went out. Returns in how many seconds the next one is, 0 for none."""
    with transaction.atomic():
        row = locked(kind, pk)
        return 0 if _failed(row, problem=problem, is_final=is_final, at=at) else sending.wait_s(row.tries)


def _failed(row: Reply | Post, *, problem: str, is_final: bool, at: datetime) -> bool:
    is_over = sending.failed(row, problem=problem, is_final=is_final)
    if is_over:
        if isinstance(row, Reply):
            text = f"The message was not sent: {row.problem}"
            contacts.write(contact=row.contact_id, text=text, origin="system", by=BY, at=at, written_at=at)
        facts.tell(_fact(row, told.SocialReplyFailed, told.PostFailed), by=BY, at=at)
    return is_over


def settle_duty(row: Reply | Post, *, by: str, at: datetime) -> None:
    """Unless another message to them is in doubt as well."""
    same = Reply.objects.filter(contact_id=row.contact_id) if isinstance(row, Reply) else Post.objects.none()
    if not same.filter(doubted_at__isnull=False).exclude(pk=row.pk).exists():
        duties.settle("sent_or_not", subject=subject(row), by=by, at=at)


def subject(row: Sending) -> tuple[str, int]:
    return ("contact", row.contact_id) if isinstance(row, Reply) else ("post", row.pk)


def locked(kind: str, pk: int) -> Reply | Post:
    if kind == "reply":
        return Reply.objects.select_for_update(of=("self",)).get(pk=pk)
    return Post.objects.select_for_update(of=("self",)).get(pk=pk)


def _fact(row: Reply | Post, of_reply: type[Fact], of_post: type[Fact], **more: Any) -> Fact:
    if isinstance(row, Reply):
        return of_reply(contact=row.contact_id, reply=row.pk, **more)  # type: ignore[call-arg]
    return of_post(post=row.pk, **more)  # type: ignore[call-arg]
