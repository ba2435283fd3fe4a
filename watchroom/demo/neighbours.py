"""What goes between the two forces of the demo? A colleague next door hands over what is ours, and accepts what is theirs.

It is slow on purpose: whoever is logged in at Southmere may be quicker, and then it is theirs.
"""

import contextlib
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from watchroom.foundation import scope

NEXT_DOOR, NEIGHBOUR = "southmere", "neighbour"
ANSWERS_S, HANDS_OVER_S = 4, 22  # after the first ring; after the answer
PATIENCE_S = 50  # before the neighbour accepts what is handed over to them


def arrive(room: Any, call: Any) -> None:
    """A caller reaches the lines of the force next door."""
    from watchroom.links.trunk import actions as trunk

    arrival = call.arrival
    with scope.use(NEXT_DOOR), transaction.atomic():
        row = trunk.ring(call=arrival.key, channel=arrival.script.channel, number=arrival.number, at=arrival.time)
    call.contact = row.pk
    room.next_door[row.pk] = call


def tick(room: Any, at: datetime) -> None:
    from watchroom.foundation.errors import Refused

    for pk, call in list(room.next_door.items()):
        with contextlib.suppress(Refused):  # somebody was quicker, or something is still owed: looked at again
            _step(call, pk, at)
        _come_in(room, call, at)
        if call.gone:
            del room.next_door[pk]
    _accept(room, at)


def _step(call: Any, contact: int, at: datetime) -> None:
    """The neighbour answers, writes what is heard, hands it over, goes on writing, and writes up what was accepted."""
    from watchroom.contacts import actions as contacts
    from watchroom.contacts.models import Contact
    from watchroom.demo.simulator import COLLEAGUE_STEP_S, assess
    from watchroom.links.trunk import actions as trunk
    from watchroom.referrals.forces import sending
    from watchroom.referrals.models import ToForce

    arrival = call.arrival
    script = arrival.script
    with scope.use(NEXT_DOOR), transaction.atomic():
        row, huw = Contact.objects.select_related("owner").get(pk=contact), neighbour()
        if row.state == Contact.State.WAITING and at >= arrival.time + timedelta(seconds=ANSWERS_S):
            row = contacts.answer(contact=contact, member=huw, by=huw.code, at=at)
            if arrival.said:
                contacts.say_place(contact=contact, text=arrival.said, by=huw.code, at=at)
        answered = row.answered_at
        if row.owner != huw or answered is None:
            call.gone = row.state in ("abandoned", "wrapped") or row.owner is not None  # somebody else has it
            return
        for moment in arrival.moments[call.spoken :]:
            if at < answered + timedelta(seconds=moment.at) or row.state != Contact.State.ANSWERED:
                break
            call.spoken += 1
            if moment.kind == "says":
                contacts.write(contact=contact, text=moment.text, origin="caller", by=huw.code, at=at, written_at=at)
            elif moment.kind in ("hangs_up", "cut_off"):
                trunk.hang_up(contact=contact, at=at, cut_off=moment.kind == "cut_off")
        sent = ToForce.objects.filter(contact=contact).order_by("-pk").first()
        if sent is None and at >= answered + timedelta(seconds=HANDS_OVER_S):
            sent = sending.hand_over(
                contact=contact, to=script.belongs, because=script.because, risk=script.danger, by=huw.code, at=at
            )
        if (
            sent is None
            or row.state != Contact.State.ENDED
            or row.ended_at is None
            or at < row.ended_at + timedelta(seconds=COLLEAGUE_STEP_S)
        ):
            return
        if sent.state == "declined" and sent.kept_at is None:
            sending.keep(contact=contact, by=huw.code, at=at)
        elif sent.state == "accepted" or sent.kept_at:
            assess(script, contact, by=huw.code, at=at)
            contacts.wrap_up(contact=contact, by=huw.code, at=at)
            call.gone = True


def _come_in(room: Any, call: Any, at: datetime) -> None:
    """Once it has crossed it is a contact of ours as any other, with what is true of it."""
    from watchroom.demo.simulator import FORCE, Call
    from watchroom.referrals.models import FromForce, ToForce

    if call.steps:
        return
    with scope.use(NEXT_DOOR), transaction.atomic():
        key = ToForce.objects.filter(contact=call.contact).values_list("key", flat=True).first()
    with scope.use(FORCE), transaction.atomic():
        came = FromForce.objects.filter(key=key or "", contact__isnull=False).values_list("contact_id", flat=True).first()
    if came:
        call.steps = 1
        room.calls[came] = Call(call.arrival, came, spoken=len(call.arrival.moments), located=99)
        room.scripts[came] = call.arrival.script


def _accept(room: Any, at: datetime) -> None:
    """What nobody at Southmere has taken for a while, the neighbour accepts. Of what the demo knows the truth, they write it up."""
    from watchroom.contacts import actions as contacts
    from watchroom.demo.simulator import FORCE, assess
    from watchroom.referrals.models import FromForce, ToForce

    late = at - timedelta(seconds=PATIENCE_S)
    with scope.use(NEXT_DOOR), transaction.atomic():
        came = FromForce.objects.filter(state="waiting", came_at__lte=late, contact__state="waiting").order_by("came_at").first()
    if came is None or came.contact_id is None:
        return
    with scope.use(FORCE), transaction.atomic():
        ours = ToForce.objects.filter(key=came.key).values_list("contact_id", flat=True).first()
    script = room.scripts.get(ours or 0)
    with scope.use(NEXT_DOOR), transaction.atomic():
        huw = neighbour()
        contacts.answer(contact=came.contact_id, member=huw, by=huw.code, at=at)
        if script is not None and script.risk:
            assess(script, came.contact_id, by=huw.code, at=at)
            contacts.wrap_up(contact=came.contact_id, by=huw.code, at=at)


def neighbour() -> Any:
    from watchroom.staff.models import Member

    return Member.objects.get(name=NEIGHBOUR)
