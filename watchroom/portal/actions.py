"""Keeping the answers of somebody who reports, sending them, and forgetting them."""

import contextlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from watchroom.contacts import actions as contacts
from watchroom.contacts.chat import actions as chats
from watchroom.contacts.chat import rules as rules_of_chats
from watchroom.contacts.models import Contact
from watchroom.force import queries as force
from watchroom.foundation.errors import Invalid, Refused
from watchroom.portal import queries, rules, seal
from watchroom.portal.models import Receipt, Talk, Visit

KEPT_FOR = timedelta(hours=1)  # after the last answer
LONGEST_TALK = timedelta(hours=12)
TRIES = 5
LIFTED = 2  # attention of a report that sounds like danger now: the same as a marker that may kill


def keep(*, secret: str | None, answers: dict[str, Any], at: datetime) -> str:
    """Keep all answers so far, sealed. Returns the secret for the cookie: the same, or a new one when there was none."""
    with transaction.atomic():
        row = Visit.objects.select_for_update().filter(handle=seal.handle(secret)).first() if secret else None
        if row is None or row.receipt_id or row.expires_at <= at:  # what was sent is sent; more words are a new report
            secret = seal.new_secret()
            row = Visit(handle=seal.handle(secret), key=uuid.uuid4())
        assert secret
        row.sealed = seal.close(secret, answers)
        row.expires_at = at + KEPT_FOR
        row.save()
    return secret


def forget(*, secret: str | None) -> None:
    """They left. Their answers are gone at once; what was already sent stays sent."""
    if secret:
        Visit.objects.filter(handle=seal.handle(secret)).delete()


def sweep(*, at: datetime) -> int:
    """Delete the answers whose hour is over. Returns of how many visits."""
    return Visit.objects.filter(expires_at__lte=at).delete()[0]


def send(*, secret: str, at: datetime) -> Receipt:
    """Hand the report in. A second press gives the same reference and no second contact.

    Raises Refused when the answers are no longer there, Invalid when they say nothing.
    """
    with transaction.atomic():
        row = Visit.objects.select_for_update().filter(handle=seal.handle(secret), expires_at__gt=at).first()
        if row is None:
            raise Refused("Your answers are no longer kept.")
        if row.receipt:
            return row.receipt
        answers = seal.open_(secret, row.sealed)
        if not answers.get("text"):
            raise Invalid(text="Write what happened. A few words are enough.")
        contact, repeated = contacts.receive(key=f"portal:{row.key}", by="public", at=at, **_as_contact(answers, at))
        if not repeated:
            _add(contact, answers, at)
        row.receipt = Receipt.objects.filter(contact=contact).first() or _receipt(contact, at)
        row.sealed = b""
        row.expires_at = at + KEPT_FOR
        row.save()
        return row.receipt


# --- writing to and fro ---------------------------------------------------------------------------------------------


def begin(*, secret: str, at: datetime) -> str:
    """Begin a conversation with the answers that are kept. Returns the secret of its cookie: the same at a second press.

    Raises Refused when the answers are no longer there or it was not asked whether it is safe, Invalid when they say nothing.
    """
    with transaction.atomic():
        row = Visit.objects.select_for_update().filter(handle=seal.handle(secret), expires_at__gt=at).first()
        if row is None:
            raise Refused("Your answers are no longer kept.")
        if row.receipt:
            return seal.talk_secret(secret)
        answers = seal.open_(secret, row.sealed)
        if answers.get("now") != "yes":
            raise Refused("First say whether it is safe for you to write here now.")
        if not answers.get("text"):
            raise Invalid(text="Write a few words: we ask the rest.")
        contact, repeated = chats.begin(key=f"portal:{row.key}", by="public", at=at, **_about(answers))
        if not repeated:
            _lift(contact, answers, at)
        found = seal.talk_secret(secret)
        Talk.objects.get_or_create(contact=contact, defaults={"handle": seal.handle(found), "expires_at": at + LONGEST_TALK})
        row.receipt = Receipt.objects.filter(contact=contact).first() or _receipt(contact, at)
        row.sealed = b""
        row.expires_at = at + KEPT_FOR
        row.save()
        return found


def write(*, talk: Talk, key: str, text: str, at: datetime) -> None:
    """One message of theirs; what was typed and not sent is forgotten. Raises Invalid, and Refused when it has ended."""
    with transaction.atomic():
        _, repeated = chats.hear(contact=talk.contact_id, key=key, text=text, by="public", at=at)
        Talk.objects.filter(pk=talk.pk).update(sealed=b"")
        if not repeated:
            _lift(talk.contact, {"text": text}, at)


def keep_typed(*, talk: Talk, secret: str, text: str) -> None:
    """What they type, sealed so that only their browser opens it: a page that is loaded anew brings it back."""
    Talk.objects.filter(pk=talk.pk).update(sealed=seal.close(secret, {"text": text}) if text.strip() else b"")


def hang_up(*, talk: Talk, at: datetime) -> None:
    """They end the conversation. What was said can be read for an hour, in this browser."""
    contacts.end(contact=talk.contact_id, how="caller", by="public", at=at)


def leave(*, secret: str | None, at: datetime) -> None:
    """They pressed “Exit this page”: nothing can be read here any more, and whoever answered them learns of it at once."""
    with transaction.atomic():
        row = queries.talk(secret, at=at)
        if row is not None:
            chats.leave(contact=row.contact_id, by="public", at=at)
            Talk.objects.filter(pk=row.pk).delete()


def sweep_talks(*, at: datetime) -> int:
    """Delete the keys of conversations whose hour is over. Returns of how many."""
    over = Q(expires_at__lte=at) | Q(contact__ended_at__lte=at - rules_of_chats.KEEPS_FOR)
    return Talk.objects.filter(pk__in=list(Talk.objects.filter(over).values_list("pk", flat=True))).delete()[0]


def _lift(contact: Contact, answers: dict[str, Any], at: datetime) -> None:
    """What sounds like danger now is answered first."""
    if rules.urgent_cues(answers, force.policy_at(at).policy):
        contacts.raise_attention(contact=contact.pk, level=LIFTED, by="public", at=at)


def _as_contact(answers: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {"channel": "online", "transferred_at": at, **_about(answers)}


def _about(answers: dict[str, Any]) -> dict[str, Any]:
    safe = rules.safe_contact(answers)
    return {
        "text": answers["text"],
        "caller_name": answers.get("name", ""),
        "caller_number": answers.get("phone", ""),
        "caller_email": answers.get("email", ""),
        "place_said": answers.get("place", ""),
        "place": queries.place(answers.get("place_reference", "")),
        "safe_contact": safe,
        "safe_ways": list(answers.get("ways", [])) if safe == "some" else [],
        "safe_times": answers.get("times", "") if safe == "some" else "",
        "may_leave_message": safe == "any" or (safe == "some" and answers.get("message") == "yes"),
    }


def _add(contact: Contact, answers: dict[str, Any], at: datetime) -> None:
    """What has no field of its own is a line; what sounds like danger now is read first."""
    when = [words for words in (rules.WHEN.get(answers.get("when", ""), ""), answers.get("when_text", "")) if words]
    if when:
        contacts.write(contact=contact.pk, text=f"When: {'. '.join(when)}", origin="caller", by="public", at=at, written_at=at)
    _lift(contact, answers, at)


def _receipt(contact: Contact, at: datetime) -> Receipt:
    name = force.force().name
    for _ in range(TRIES):
        with contextlib.suppress(IntegrityError), transaction.atomic():  # the code is taken: one in many millions
            return Receipt.objects.create(code=rules.new_code(name, secrets.choice), contact=contact, at=at)
    raise RuntimeError("No free reference was found.")
