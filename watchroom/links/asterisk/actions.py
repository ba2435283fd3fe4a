"""What the exchange tells us becomes an act of a room, once; and what the people want is read here for the exchange."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from watchroom.contacts import actions as contacts
from watchroom.contacts import calls, files
from watchroom.contacts.attendant import actions as attendant
from watchroom.contacts.attendant import rules as attending
from watchroom.contacts.attendant.rules import Does
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.contacts.models import Callback, Contact, Partner, Stage
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.foundation import clock, commands
from watchroom.foundation.errors import Refused
from watchroom.foundation.vault import Incoming
from watchroom.identity.lost import queries as lost
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
    contact, repeated = contacts.receive(
        key=key.call,
        channel=channel,
        marks=marks,
        transferred_at=moment(key.created),
        by=BY,
        at=at,
        caller_number=number,
        call_key=key.call,
    )
    if not repeated:
        attendant.enter(contact=contact.pk, by=BY, at=at)
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
    was_lost: bool  # they had given up or hung up, and were rung
    is_attended: bool = False  # a machine may speak with them
    is_in_menu: bool = False

    @property
    def is_ours(self) -> bool:
        return self.call.startswith(OURS)


def look(also: Iterable[int], *, at: datetime) -> tuple[list[Open], Policy]:
    """`open_now`, and the policy of this moment."""
    return open_now(also, at=at), force.policy_at(at).policy


def open_now(also: Iterable[int], *, at: datetime | None = None) -> list[Open]:
    """Every call that rings or is answered, whoever is rung back, and `also` these contacts, whatever became of them."""
    live = Contact.objects.filter(state__in=(Contact.State.WAITING, Contact.State.ANSWERED), call_key__startswith=OURS)
    rung = RingBack.objects.filter(outcome="").values_list("contact_id", "contact__caller_number", "by")
    numbers = {contact: number for contact, number, _ in rung}
    names = dict(Member.objects.filter(pk__in=[by[6:] for *_, by in rung if by.startswith("staff:")]).values_list("pk", "name"))
    ringers = {contact: names.get(int(by[6:]), "") for contact, _, by in rung if by.startswith("staff:")}
    ids = {*live.values_list("pk", flat=True), *numbers, *also}
    rows = Contact.objects.filter(pk__in=ids).values_list(
        "pk", "state", "owner__name", "call_key", "answered_at", "ended_at", "channel", "caller_number", "menu_until"
    )
    promised = set(Callback.objects.filter(contact__in=ids).values_list("contact_id", flat=True))
    policy = force.policy_at(at or clock.now()).policy
    stages = Stage.objects.filter(contact__in=ids, stage__in=("held", "resumed")).order_by("at", "pk")
    held = dict(stages.values_list("contact_id", "stage"))
    partners = dict(Partner.objects.filter(contact__in=ids, left_at=None).values_list("contact_id", "agency"))
    return [
        Open(
            Wanted(
                contact=pk,
                state=_state(state, pk in promised),
                owner=ringers.get(pk) or owner or "",
                held=held.get(pk) == "held",
                partner=partners.get(pk, ""),
                ring_back=numbers.get(pk, ""),
            ),
            call_key,
            answered_at,
            state == Contact.State.ANSWERED and (ended_at is not None or pk in promised),
            attending.attends(channel, number, policy),
            menu_until is not None,
        )
        for pk, state, owner, call_key, answered_at, ended_at, channel, number, menu_until in rows
    ]


def _state(state: str, is_promised: bool) -> str:
    """Who was promised a callback waits, and is not on the line."""
    return "callback" if state == Contact.State.WAITING and is_promised else state


def attended(*, contact: int, does: Does, at: datetime) -> bool:
    """What the attendant brought about stands at the contact. False: a callback was agreed and cannot be kept after all."""
    match does.what:
        case "announced":
            attendant.announced(contact=contact, by=BY, at=at)
        case "chose":
            attendant.chose(contact=contact, menu=does.menu, by=BY, at=at)
        case "queued":
            attendant.queued(contact=contact, by=BY, at=at)
        case "agree":
            try:
                callbacks.agree(contact=contact, by=BY, at=at)
            except Refused:
                return False
    return True


def may_promise(contact: int, *, at: datetime) -> bool:
    """Whether a callback can be offered to this caller now: it can be kept, and nothing speaks against ringing the number."""
    row = Contact.objects.get(pk=contact)
    return not callbacks.refuses(row, at=at) and lost.safe_to_ring(row, at=at).verdict == "ring"


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
