"""A telephone line without a telephone: it rings, speaks and goes down through the door that a real exchange uses."""

from datetime import datetime

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.links.trunk.models import Utterance

BY = "link:trunk"


def ring(
    *,
    call: str,
    channel: str,
    number: str,
    at: datetime,
    located: tuple[float, float, float, str] | None = None,
    place_said: str = "",
    marks: tuple[str, ...] = (),
) -> Contact:
    """A call is transferred to us; `marks` say how the caller speaks, where the operator knows (text_relay, welsh).

    The same `call` twice is one contact: exchanges repeat themselves.
    """
    contact, _ = contacts.receive(
        key=f"trunk:{call}",
        channel=channel,
        transferred_at=at,
        by=BY,
        at=at,
        caller_number=number,
        located=located,
        place_said=place_said,
        call_key=call,
        marks=marks,
    )
    return contact


def speak(*, contact: int, text: str, at: datetime, is_sound: bool = False) -> Utterance:
    """Something is said or heard on the line."""
    with transaction.atomic():
        return Utterance.objects.create(contact_id=contact, text=text, is_sound=is_sound, at=at)


def hang_up(*, contact: int, at: datetime, cut_off: bool = False) -> Contact:
    """The caller rang off, or the line was cut. Before an answer, they gave up."""
    return contacts.end(contact=contact, how="cut_off" if cut_off else "caller", by=BY, at=at)
