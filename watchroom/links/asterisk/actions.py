"""What the exchange tells us becomes an act of a room, once; and what the people want is read here for the exchange."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts import calls, files
from watchroom.contacts.models import Contact, Partner, Stage
from watchroom.foundation import commands
from watchroom.foundation.vault import Incoming
from watchroom.identity.models import RingBack
from watchroom.links.asterisk.rules import Key, Wanted, moment
from watchroom.staff.models import Member

BY = "link:asterisk"
OURS = "asterisk:"  # how the call keys of this link begin


def ring(*, key: Key, trunk: str, number: str, at: datetime) -> int:
    """A call has come on the trunk: its contact. The same call again is the same contact, however it ended meanwhile.

    `trunk` is a channel, and after it how whoever rings this number speaks, where the exchange's file says so: `999 text_relay`.
    """
    channel, *marks = trunk.split()
    contact, _ = contacts.receive(
        key=key.call,
        channel=channel,
        marks=marks,
        transferred_at=moment(key.created),
        by=BY,
        at=at,
        caller_number=number,
        call_key=key.call,
    )
    return contact.pk


def go_down(*, contact: int, at: datetime, how: str) -> None:
    """Nobody is on the line any more. The exchange's clock may be a little behind ours: an end is never before its answer."""
    with transaction.atomic():
        row = Contact.objects.get(pk=contact)
        after = max(at, row.answered_at) if row.answered_at else max(at, row.transferred_at)
        contacts.end(contact=contact, how=how, by=BY, at=after)


@dataclass(frozen=True)
class Open:
    """A contact that is the exchange's business now."""

    wanted: Wanted
    call: str  # the contact's call key
    answered_at: datetime | None
    was_lost: bool  # they had given up, and were rung back

    @property
    def is_ours(self) -> bool:
        return self.call.startswith(OURS)


def open_now(also: Iterable[int]) -> list[Open]:
    """Every call that rings or is answered, whoever is rung back, and `also` these contacts, whatever became of them."""
    live = Contact.objects.filter(state__in=(Contact.State.WAITING, Contact.State.ANSWERED), call_key__startswith=OURS)
    rung = RingBack.objects.filter(outcome="").values_list("contact_id", "contact__caller_number", "by")
    numbers = {contact: number for contact, number, _ in rung}
    names = dict(Member.objects.filter(pk__in=[by[6:] for *_, by in rung if by.startswith("staff:")]).values_list("pk", "name"))
    ringers = {contact: names.get(int(by[6:]), "") for contact, _, by in rung if by.startswith("staff:")}
    ids = {*live.values_list("pk", flat=True), *numbers, *also}
    rows = Contact.objects.filter(pk__in=ids).values_list("pk", "state", "owner__name", "call_key", "answered_at", "ended_at")
    stages = Stage.objects.filter(contact__in=ids, stage__in=("held", "resumed")).order_by("at", "pk")
    held = dict(stages.values_list("contact_id", "stage"))
    partners = dict(Partner.objects.filter(contact__in=ids, left_at=None).values_list("contact_id", "agency"))
    return [
        Open(
            Wanted(pk, state, ringers.get(pk) or owner or "", held.get(pk) == "held", partners.get(pk, ""), numbers.get(pk, "")),
            call_key,
            answered_at,
            state == Contact.State.ANSWERED and ended_at is not None,
        )
        for pk, state, owner, call_key, answered_at, ended_at in rows
    ]


def keep_recording(*, contact: int, name: str, file: Incoming, at: datetime) -> bool:
    """What was said, once and for ever. Returns whether it is new; raises Invalid when the policy takes no recordings."""

    def keep() -> str:
        try:
            return files.attach(
                contact=contact, file=file, about="Recording of the call.", origin="exchange", by=BY, at=at, most=file.most
            ).sha256
        except Exception:
            file.undo()
            raise

    _, repeated = commands.once(f"{OURS}{name}", "asterisk.recording", keep)
    return not repeated


partner_joined, let_partner_go, note = calls.partner_joined, calls.let_partner_go, calls.note
