"""What a machine may do: hand in a contact or a message of the answerphone, once; and how anything else is done once (`once`)."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from pydantic import BaseModel

from watchroom.api.models import Token
from watchroom.api.schemas import ContactIn, LocatedIn, MessageIn, TextIn
from watchroom.contacts import actions as contacts
from watchroom.contacts.answerphone import actions as answerphone
from watchroom.contacts.chat import actions as chat
from watchroom.contacts.models import Contact
from watchroom.foundation import commands
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.vault import Incoming
from watchroom.gazetteer import queries as gazetteer
from watchroom.gazetteer.models import Place

OLDEST = timedelta(days=31)  # what came in while a link was down is handed in later; older than that is a mistake
AHEAD = timedelta(minutes=1)  # by which two clocks may differ


class OtherBody(Refused):
    """The key was used before, for something else."""


def receive(*, token: Token, key: str, body: ContactIn, at: datetime) -> tuple[Contact, bool]:
    """(contact, repeated). The same key with the same body is the same contact; with another body it is refused (OtherBody).

    Keys belong to the machine's name: two machines may use the same one, and a machine's new token goes on with its keys.
    """
    transferred_at = _started(body.transferred_at, at)
    place = _place(body.place_reference)
    own = _own(token, key)

    def create() -> dict[str, Any]:
        contact, _ = contacts.receive(
            key=f"api:{own}:contact",
            channel=body.channel,
            transferred_at=transferred_at,
            by=f"link:{token.name}",
            at=at,
            text=body.text,
            caller_number=body.caller_number,
            caller_name=body.caller_name,
            caller_email=body.caller_email,
            place_said=body.place_said,
            place=place,
            located=(located := _located(body.located)),
            safe_contact=body.safe_contact,
            safe_ways=list(body.safe_ways),
            safe_times=body.safe_times,
            may_leave_message=body.may_leave_message,
            call_key=body.call_key,
            marks=body.marks,
        )
        if body.located and located is None:
            _write_location(contact, body.located, token, at)
        return {"contact": contact.pk}

    answer, repeated = once(token=token, key=key, name="api.contacts.receive", body=body, do=create)
    return Contact.objects.get(pk=answer["contact"]), repeated


def once(
    *, token: Token, key: str, name: str, body: BaseModel, do: Callable[[], dict[str, Any]], file: str = ""
) -> tuple[dict[str, Any], bool]:
    """(what `do` answered, repeated). The same key with the same body is done once; with another body it is refused (OtherBody).

    `file`: the SHA-256 of what was sent beside it, which is part of what a key stands for.
    """
    said = _digest(body, file)
    answer, repeated = commands.once(f"api:{_own(token, key)}", name, lambda: {**do(), "said": said})
    if answer["said"] != said:
        raise OtherBody("This key was used before, with another body. Use a new key for something new.")
    return answer, repeated


def text(*, token: Token, key: str, body: TextIn, at: datetime) -> tuple[Contact, bool]:
    """A text to 999, under the same promises as `receive`."""
    by, own = f"link:{token.name}", _own(token, key)

    def take() -> dict[str, Any]:
        contact, _ = chat.text(key=own, number=body.number, text=body.text, by=by, at=at)
        return {"contact": contact.pk}

    answer, repeated = once(token=token, key=key, name="api.texts.receive", body=body, do=take)
    return Contact.objects.get(pk=answer["contact"]), repeated


def leave(*, token: Token, key: str, body: MessageIn, recording: Incoming, at: datetime) -> tuple[Contact, bool]:
    """A message of the answerphone, under the same promises as `receive`."""
    left_at = _started(body.left_at, at, field="left_at")
    own = _own(token, key)

    def create() -> dict[str, Any]:
        contact, _ = answerphone.leave(
            key=f"api:{own}:message",
            box=body.box,
            recording=recording,
            by=f"link:{token.name}",
            at=at,
            left_at=left_at,
            caller_number=body.caller_number,
            transcript=body.transcript,
            seconds=body.seconds,
            call_key=body.call_key,
        )
        return {"contact": contact.pk}

    answer, repeated = once(token=token, key=key, name="api.messages.leave", body=body, do=create, file=recording.sha256)
    return Contact.objects.get(pk=answer["contact"]), repeated


def _own(token: Token, key: str) -> str:
    """A key as it is kept: of this machine, whichever token it has now."""
    return hashlib.sha256(f"{token.name}\n{key}".encode()).hexdigest()


def _digest(body: BaseModel, file: str = "") -> str:
    """Keyed, since it is kept longer than what was said."""
    words = json.dumps(body.model_dump(mode="json"), sort_keys=True) + file
    return hmac.new(settings.SECRET_KEY.encode(), f"api body {words}".encode(), hashlib.sha256).hexdigest()


def _started(transferred_at: datetime | None, at: datetime, *, field: str = "transferred_at") -> datetime:
    if transferred_at is None:
        return at
    if not 2000 <= transferred_at.year <= 2999:  # at the edges of the calendar a time of another zone cannot be reckoned
        raise Invalid(**{field: "This is no time at which a call can have come in."})
    started = transferred_at.astimezone(UTC)
    if started > at + AHEAD:
        raise Invalid(**{field: "This time has not come yet."})
    if started < at - OLDEST:
        raise Invalid(**{field: f"This is more than {OLDEST.days} days ago."})
    return min(started, at)


def _place(reference: str) -> Place | None:
    if not reference:
        return None
    place = Place.objects.filter(reference=reference).first()
    if place is None:
        raise Invalid(place_reference="This force's gazetteer has no such place. Send where it is as place_said.")
    return place


def _located(located: LocatedIn | None) -> tuple[float, float, float, str] | None:
    point = gazetteer.on_grid(located.latitude, located.longitude) if located else None
    return (*point, located.radius, located.method) if located and point else None


def _write_location(contact: Contact, located: LocatedIn, token: Token, at: datetime) -> None:
    """Far from every place the force knows it has no point on its map: then it stands in the log, for nothing heard is lost."""
    where = f"{located.latitude:.6f}, {located.longitude:.6f}, within {located.radius:.0f} m"
    text = f"Located ({located.method}) at {where}: outside the map."
    contacts.write(contact=contact.pk, text=text, origin="system", by=f"link:{token.name}", at=at, written_at=at)
