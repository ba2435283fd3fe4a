"""Writing to and fro with the public page, passing it on, and what happens when somebody falls silent.

A message is a line of the contact: `caller` what they wrote, `to_caller` what was written to them. It is told to the other side
once it is committed, and a repeat under the same key is the same message.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from watchroom.contacts import actions as contacts
from watchroom.contacts import calls, stages
from watchroom.contacts import facts as told
from watchroom.contacts import rules as rules_of_contacts
from watchroom.contacts.chat import queries, rules
from watchroom.contacts.models import Chat, Contact, Line
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import commands, facts, locks
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.words import written
from watchroom.staff.models import Member

SEEN_EVERY = timedelta(seconds=8)  # a page asks every three seconds; not each is written
ENDED = "This chat has ended. What you typed is still here; to go on, begin a new chat or ring 101. In danger, ring 999."


def begin(*, key: str, text: str, by: str, at: datetime, channel: str = rules.CHANNEL, **more: Any) -> tuple[Contact, bool]:
    """Somebody begins to write. Returns (contact, repeated); `more` is what `contacts.actions.receive` takes."""
    with transaction.atomic():
        row, repeated = contacts.receive(key=key, channel=channel, transferred_at=at, text=text, by=by, at=at, **more)
        if not repeated:
            Chat.objects.create(contact=row, said=1, seen_at=at, caller_at=at, waits_since=at)
        return row, repeated


def hear(*, contact: int, key: str, text: str, by: str, at: datetime) -> tuple[int, bool]:
    """The caller wrote. Returns (line, repeated). Raises Invalid for no words or too many, Refused when it is over."""
    _check(text)

    def write() -> int:
        row = _lock(contact)
        if not rules.may_write(row.state):
            raise Refused(ENDED)
        chat = row.chat
        if row.state == Contact.State.ABANDONED:
            _wait_again(row, by=by, at=at)
        if chat.quiet_at:
            duties.settle("quiet", subject=("contact", row.pk), by=by, at=at)
            facts.tell(told.ChatCameBack(contact=row.pk, after="quiet"), by=by, at=at)
        chat.said += 1
        chat.seen_at = chat.caller_at = at
        chat.waits_since = chat.waits_since or at
        chat.quiet_at, chat.quiet_how = None, ""
        chat.save(update_fields=["said", "seen_at", "caller_at", "waits_since", "quiet_at", "quiet_how"])
        return contacts.write(contact=row.pk, text=text, origin="caller", by=by, at=at, written_at=at).pk

    return commands.once(_command(contact, key, text), "contacts.chat.hear", write)


def text(*, key: str, number: str, text: str, by: str, at: datetime) -> tuple[Contact, bool]:
    """A text to 999 (emergencySMS). While what this number began is open it goes on there, else it is a new contact.

    Returns (contact, repeated). Raises Invalid for no words, or without a number: nobody could be answered.
    """
    _check(text)
    own = rules_of_contacts.normal_number(number)
    if not own:
        raise Invalid(number="A text needs the number it came from.")

    def take() -> int:
        locks.hold(f"texts:{own}")  # two parts of one text at once are one contact
        row = Contact.objects.filter(
            channel=rules.TEXTS, caller_number=own, state__in=(Contact.State.WAITING, Contact.State.ANSWERED)
        ).last()
        if row is None:
            more = {"channel": rules.TEXTS, "caller_number": own}
            return begin(key=f"text:{key}", text=text, by=by, at=at, **more)[0].pk
        hear(contact=row.pk, key=key, text=text, by=by, at=at)
        return row.pk

    pk, repeated = commands.once(f"texts:{key}", "contacts.chat.text", take)
    return Contact.objects.get(pk=pk), repeated


def say(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """Write to the caller. Raises Refused unless it is open and `by` has it: nobody writes into a colleague's conversation."""
    _check(text)
    with transaction.atomic():
        row = _mine(contact, by)
        if row.channel == rules.TEXTS:
            locks.hold("texts-out")  # numbered as they are committed: whoever fetches them by number passes over none
        chat = row.chat
        chat.said += 1
        chat.handler_at, chat.waits_since, chat.writing_at = at, None, None
        chat.save(update_fields=["said", "handler_at", "waits_since", "writing_at"])
        return contacts.write(contact=row.pk, text=text, origin="to_caller", by=by, at=at, written_at=at)


def note_writing(*, contact: int, by: str, at: datetime) -> None:
    """Whoever has it writes to the caller at this moment. No fact: it passes, and says nothing of what is written."""
    mine = Contact.objects.filter(pk=contact, state=Contact.State.ANSWERED).select_related("owner").first()
    if mine and mine.owner and mine.owner.code == by:
        Chat.objects.filter(contact=mine).update(writing_at=at)


def seen(chat: Chat, *, at: datetime) -> None:
    """Their page asked for news. Written every few seconds, without a fact: it says that a page is open and no more."""
    if at - chat.seen_at >= SEEN_EVERY:
        Chat.objects.filter(pk=chat.pk, seen_at__lt=at).update(seen_at=at)


def leave(*, contact: int, by: str, at: datetime) -> None:
    """They pressed the exit of their page. Before an answer they have given up; after it they have gone quiet, this moment."""
    with transaction.atomic():
        row = _lock(contact)
        if row.state == Contact.State.WAITING:
            contacts.end(contact=row.pk, how="caller", by=by, at=at)
        elif row.state == Contact.State.ANSWERED and row.chat.quiet_at is None:
            _go_quiet(row, "exit", by=by, at=at)


def sweep(*, at: datetime) -> int:
    """Who has gone? Before an answer they have given up; after it, gone quiet by the rule. Nothing is closed. Returns how many."""
    policy = force.policy_at(at).policy
    gone = Chat.objects.filter(
        quiet_at=None,
        seen_at__lte=at - timedelta(seconds=policy.chat.gone_s),
        contact__state__in=(Contact.State.WAITING, Contact.State.ANSWERED),
    )
    gone = gone.filter(contact__channel=rules.CHANNEL)
    found = _texts_gone_quiet(policy, at)
    for pk in list(gone.values_list("contact_id", flat=True)):
        with transaction.atomic():
            row = _lock(pk)
            if not rules.is_gone(row.chat, at, policy) or row.chat.quiet_at:
                continue  # back between the two looks
            if row.state == Contact.State.WAITING:
                contacts.end(contact=row.pk, how="caller", by="system:chat", at=at)
            elif row.state == Contact.State.ANSWERED and rules.went_quiet(row.chat, row.answered_at, at, policy):
                _go_quiet(row, "silent", by="system:chat", at=at)
            else:
                continue
            found += 1
    return found


def look(*, contact: int, text: str, by: str, at: datetime) -> Line:
    """Somebody looked what may have happened, and says what they found or did. Raises Invalid when that says too little."""
    policy = force.policy_at(at).policy
    says = "Say what you did or found: another number tried, a unit asked to pass by, they said they would go"
    text = written(text, field="text", says=says, least=policy.chat.min_looked, most=2000)
    with transaction.atomic():
        row = _lock(contact)
        if not owed.is_owed("quiet", ("contact", row.pk)):
            raise Refused("They have come back, or somebody has looked already.")
        line = contacts.write(contact=row.pk, text=f"Gone quiet, looked: {text}", by=by, at=at, written_at=at)
        duties.settle("quiet", subject=("contact", row.pk), by=by, at=at)
        facts.tell(told.ChatLookedAt(contact=row.pk), by=by, at=at)
        return line


def pass_on(*, contact: int, to: Member, note: str, by: str, at: datetime) -> Contact:
    """A colleague goes on with it, as `calls.pass_on`, unless they hold as many as one person can follow. Raises Refused, Invalid."""
    with transaction.atomic():
        locks.hold(f"chats:{to.pk}")
        _mine(contact, by)
        if rules.refuses_one_more(queries.held(to.pk), force.policy_at(at).policy):
            raise Refused(f"{to.full_name} has as many chats open as one person can follow. Ask somebody else.")
        row = calls.pass_on(contact=contact, to=to, note=note, by=by, at=at)
        facts.tell(told.ChatPassedOn(contact=row.pk, to=to.pk), by=by, at=at)
        return row


# --- parts ----------------------------------------------------------------------------------------------------------


def _go_quiet(row: Contact, how: str, *, by: str, at: datetime) -> None:
    chat = row.chat
    chat.quiet_at, chat.quiet_how = at, how
    chat.save(update_fields=["quiet_at", "quiet_how"])
    policy = force.policy_at(at).policy
    owner = row.owner.code if row.owner else "desk:contact"
    due_at = at + timedelta(seconds=policy.chat.look_s)
    duties.owe(kind="quiet", subject=("contact", row.pk), owner=owner, due_at=due_at, by=by, at=at)
    stages.mark(contact=row.pk, stage="quiet", member=row.owner, by=by, at=at)
    silent = rules.silent_s(chat, row.answered_at or at, at)
    facts.tell(told.ChatWentQuiet(contact=row.pk, how=how, silent_s=silent), by=by, at=at)


def _texts_gone_quiet(policy: Policy, at: datetime) -> int:
    """Who texted 999, was written to, and has not answered for `quiet_s`: there is no page to tell whether they are still there."""
    since, found = at - timedelta(seconds=policy.chat.quiet_s), 0
    owing = Chat.objects.filter(
        quiet_at=None,
        handler_at__lte=since,
        handler_at__gt=F("caller_at"),
        contact__channel=rules.TEXTS,
        contact__state=Contact.State.ANSWERED,
    )
    for pk in list(owing.values_list("contact_id", flat=True)):
        with transaction.atomic():
            row = _lock(pk)
            chat = row.chat
            if (
                row.state == Contact.State.ANSWERED
                and chat.quiet_at is None
                and chat.handler_at
                and chat.caller_at < chat.handler_at <= since
            ):
                _go_quiet(row, "silent", by="system:chat", at=at)
                found += 1
    return found


def _wait_again(row: Contact, *, by: str, at: datetime) -> None:
    """They had given up, and write again: they wait in their old place, since nobody has answered them yet."""
    row.state, row.ended_at = Contact.State.WAITING, None
    row.save(update_fields=["state", "ended_at"])
    duties.settle("abandoned", subject=("contact", row.pk), by=by, at=at)
    due_at = rules_of_contacts.due("answer", row.channel, row.transferred_at, force.policy_at(at).policy)
    duties.owe(kind="answer", subject=("contact", row.pk), owner="desk:contact", due_at=due_at, by=by, at=at)
    facts.tell(told.ChatCameBack(contact=row.pk, after="abandoned"), by=by, at=at)


def _lock(contact: int) -> Contact:
    rows = Contact.objects.select_for_update(of=("self",)).select_related("owner")
    row = rows.get(pk=contact, channel__in=rules.TALKS)
    row.chat = Chat.objects.select_for_update(of=("self",)).get(contact=row)
    return row


def _mine(contact: int, by: str) -> Contact:
    try:
        row = _lock(contact)
    except (Contact.DoesNotExist, Chat.DoesNotExist):
        raise Refused("This contact is no chat and no text: nobody reads an answer there.") from None
    if row.state == Contact.State.WAITING:
        raise Refused("Answer it first.")
    if row.state != Contact.State.ANSWERED:
        raise Refused("This chat has ended: the caller would not see it.")
    if row.owner is None or row.owner.code != by:
        raise Refused(f"{row.owner.full_name if row.owner else 'Nobody'} has this chat. Only they write to the caller.")
    return row


def _check(text: str) -> None:
    if not text.strip():
        raise Invalid(text="Nothing was written.")


def _command(contact: int, key: str, text: str) -> str:
    """One message: the page's key and its very words. After a lost answer somebody may go on typing, and other words are another."""
    sent = hashlib.sha256(f"{key}\x1f{text}".encode()).hexdigest()
    return f"chat:{contact}:{sent}"
