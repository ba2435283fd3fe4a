"""Real calls: sipp rings a real Asterisk, the link's own process makes contacts of them, and people answer at the desk.

61 calls with speech, if all of them are rung. How long things take is printed, with the load of the machine, and not asserted: that
is for whoever runs it.
"""

import io
import os
import signal
import statistics
import struct
import time
import wave

import pytest
from django.db import transaction

from tests.telephony import exchange
from tests.telephony.conftest import until
from watchroom.contacts import calls
from watchroom.contacts.models import Contact
from watchroom.foundation import clock, models, vault
from watchroom.identity.lost import actions as lost
from watchroom.links.asterisk import sayings

pytestmark = pytest.mark.long


@pytest.fixture
def sounds(room):
    """As an operator makes them; they lie where this exchange looks for them."""
    assert sayings.command(force_code="northmoor", folder=exchange.SOUNDS, voice=exchange.VOICE) == 0, "one is too long"


ANSWERED, GIVE_UP = 30, 12


def test_a_call_is_answered_held_recorded_and_ended(room):
    bryn = room.members["bryn"]
    room.callers(1)
    call = room.contact(0, "waiting")
    assert (call.channel, call.caller_number, call.call_key[:9]) == ("999", "+447700900000", "asterisk:")
    room.answer(call, bryn)
    room.hears(call, "caller", "handler.bryn")
    time.sleep(2)  # both speak
    calls.hold(contact=call.pk, by=bryn.code, at=clock.now())
    room.hears(call, "handler.bryn")
    calls.resume(contact=call.pk, by=bryn.code, at=clock.now())
    room.hears(call, "caller", "handler.bryn")
    room.end(call)
    room.is_quiet()
    (kept,) = room.recordings(call)
    file = vault.read(kept.token, sha256=kept.sha256)  # Refused if its bytes were others
    with wave.open(io.BytesIO(file.read_bytes())) as heard:
        samples = struct.unpack(f"<{heard.getnframes()}h", heard.readframes(heard.getnframes()))
    assert max(map(abs, samples)) > 3000, "nobody can be heard"
    assert file.stat().st_mode & 0o222 == 0
    assert b"wr." not in room.exchange.ask("/recordings/stored")  # there is one place where it lies
    assert {"held", "resumed", "ended"} <= set(room.stages(call))


def test_forty_two_callers_of_whom_twelve_give_up(room):
    """Half of those who are answered hang up themselves, half are hung up on. Each is one contact, and how it ended is as it was."""
    people = [room.members[name] for name in ("bryn", "amal", "cerys")]
    room.callers(ANSWERED // 2, talk_ms=6000, rate=2)
    room.callers(ANSWERED // 2, talk_ms=300_000, rate=2, first=100)
    room.callers(GIVE_UP, service="101", talk_ms=2500, rate=1, first=200)  # on 101, where a machine answers: that is no answer
    numbers = [*range(ANSWERED // 2), *range(100, 100 + ANSWERED // 2)]
    answered: dict[int, Contact] = {}
    deadline = time.monotonic() + 120
    while len(answered) < len(numbers) and time.monotonic() < deadline:
        with transaction.atomic():
            waiting = list(Contact.objects.filter(state="waiting", channel="999").order_by("pk"))
        for call in waiting:
            answered[call.pk] = room.answer(call, people[call.pk % len(people)])
        time.sleep(0.05)
    assert len(answered) == len(numbers), room.trouble()
    for n in range(100, 100 + ANSWERED // 2):
        call = room.contact(n)
        room.hears(call, "caller", f"handler.{call.owner.name}", within=60)
        room.end(call)
    for n in numbers:
        room.becomes(room.contact(n), "ended", within=60)
    for n in range(200, 200 + GIVE_UP):
        room.becomes(room.contact(n), "abandoned", within=60)
    room.is_quiet()
    for line in room.said("bridged"):
        room.recordings(answered[line["contact"]], within=60)
    with transaction.atomic():
        assert Contact.objects.count() == ANSWERED + GIVE_UP
        how = models.Fact.objects.filter(kind="ContactEnded").values_list("body__how", flat=True)
        assert sorted(how) == ["caller"] * (ANSWERED // 2) + ["handler"] * (ANSWERED // 2)
        arrived = models.Fact.objects.filter(kind="ContactArrived").values_list("recorded_at", "body__transferred_at")
        arrival = [(told - clock.datetime.fromisoformat(rang)).total_seconds() * 1000 for told, rang in arrived]
    _print("arrival at the exchange → contact committed", arrival)
    _print("answer at the desk → both hear each other", [line["ms"] for line in room.said("bridged")])


def test_the_attendant_is_heard_and_takes_a_key(room, sounds):
    """On 101 a machine asks first; whoever answers reads what was chosen, and from then on no machine speaks."""
    bryn = room.members["bryn"]
    room.attends(have_reference={"seconds": 3})
    room.callers(1, scenario="presses", service="101", talk_ms=300_000, presses=((2500, "2"),))
    call = room.contact(0, "waiting")
    until(lambda: "queued" in room.stages(call), 30, room.trouble)
    assert room.stages(call)[2:] == ["menu", "announced", "queued"]
    assert room.log(call) == ["Chose by key: About something already reported."]
    room.answer(call, bryn)
    room.hears(call, "caller", "handler.bryn")
    room.end(call)
    room.becomes(call, "ended")
    room.recordings(call)
    assert not room.said("saying_cannot_be_played")


def test_whoever_agrees_a_callback_is_hung_up_keeps_the_place_and_is_rung(room, sounds):
    bryn = room.members["bryn"]
    room.attends(callback_after_s=1, callback_agreed={"seconds": 3})
    room.callers(1, scenario="presses", service="101", talk_ms=300_000, presses=((2500, "0"), (6000, "1")))
    call = room.contact(0, "waiting")
    until(lambda: "callback" in room.stages(call), 30, room.trouble)
    room.is_quiet()
    assert room.becomes(call, "waiting").transferred_at == call.transferred_at, "they keep their place"
    lost.ring(contact=call.pk, may_open_codes=False, by=bryn.code, at=clock.now())
    room.hears(call, "caller.back", "handler.bryn")
    lost.rang(contact=call.pk, outcome="spoke", member=bryn, by=bryn.code, at=clock.now())
    assert room.becomes(call, "answered").owner == bryn
    room.end(call)
    room.recordings(call)
    assert not room.said("saying_cannot_be_played")


def test_who_cannot_hear_the_question_is_put_through_at_once(room):
    """The exchange has no such recording: nobody sits in silence until its time is over."""
    room.attends(welcome={"sound": "watchroom/nobody-recorded-this", "seconds": 60})
    room.callers(1, service="101", talk_ms=300_000)
    call = room.contact(0, "waiting")
    until(lambda: "queued" in room.stages(call), 10, room.trouble)
    assert room.said("saying_cannot_be_played")
    room.answer(call, room.members["bryn"])
    room.hears(call, "caller", "handler.bryn")
    room.end(call)
    room.recordings(call)


def test_a_call_is_passed_on_with_a_note_and_nobody_is_left_alone(room):
    bryn, amal = room.members["bryn"], room.members["amal"]
    room.callers(4, talk_ms=300_000)
    for n in range(4):
        call = room.contact(n, "waiting")
        room.answer(call, bryn)
        room.hears(call, "caller", "handler.bryn")
        calls.pass_on(contact=call.pk, to=amal, note="Whispers; he is in the house.", by=bryn.code, at=clock.now())
        room.hears(call, "caller", "handler.amal")
        assert room.log(call)[-1] == "Passed on to Amal: Whispers; he is in the house."
        assert room.becomes(call, "answered").owner.name == "amal"  # Bryn's telephone was put down, and that ended nothing
        room.end(call)
        room.becomes(call, "ended")


def test_a_partner_joins_and_leaves_and_one_who_does_not_answer_is_said(room):
    bryn = room.members["bryn"]
    room.callers(2, talk_ms=300_000)
    call = room.contact(0, "waiting")
    room.answer(call, bryn)
    calls.join_partner(contact=call.pk, agency="fire", by=bryn.code, at=clock.now())
    room.hears(call, "caller", "handler.bryn", "partner.fire")
    until(lambda: "joined" in room.stages(call))
    calls.let_partner_go(contact=call.pk, by=bryn.code, at=clock.now())
    room.hears(call, "caller", "handler.bryn")
    assert "left" in room.stages(call)
    room.end(call)
    other = room.contact(1, "waiting")
    room.answer(other, bryn)
    room.hears(other, "caller", "handler.bryn")
    calls.join_partner(contact=other.pk, agency="highways", by=bryn.code, at=clock.now())  # nobody said how they are rung
    until(lambda: "They did not come into the call." in room.log(other), 30, room.trouble)
    room.end(other)


def test_who_gave_up_is_rung_back_and_what_came_of_it_a_person_says(room):
    bryn = room.members["bryn"]
    room.callers(2, scenario="gives_up", talk_ms=500)
    call, other = (room.becomes(room.contact(n), "abandoned", within=30) for n in range(2))
    act = {"by": bryn.code, "at": clock.now()}
    lost.ring(contact=call.pk, may_open_codes=False, **act)
    room.hears(call, "caller.back", "handler.bryn")
    assert room.becomes(call, "abandoned").owner is None  # somebody picked up: who, nobody knows yet
    lost.rang(contact=call.pk, outcome="spoke", member=bryn, **act)
    assert room.becomes(call, "answered").owner == bryn
    room.hears(call, "caller.back", "handler.bryn")
    room.end(call)
    room.is_quiet()
    room.recordings(call)
    room.exchange.rung_back.send_signal(signal.SIGSTOP)  # now nobody is there to answer
    try:
        lost.ring(contact=other.pk, may_open_codes=False, **act)
        room.hears(other, "handler.bryn")
        lost.rang(contact=other.pk, outcome="no_answer", member=bryn, **act)
        room.is_quiet()
    finally:
        room.exchange.rung_back.send_signal(signal.SIGCONT)
    room.becomes(other, "abandoned")


@pytest.mark.parametrize("room", ["wire"], indirect=True)
def test_the_exchange_is_lost_in_mid_call(room):
    """One goes on, one hangs up, one gives up and one rings while we hear nothing; after that all is as it is."""
    bryn = room.members["bryn"]
    room.callers(1, talk_ms=300_000)
    stays = room.answer(room.contact(0, "waiting"), bryn)
    room.hears(stays, "caller", "handler.bryn")
    leg = room.inside(stays)
    room.callers(1, talk_ms=3000, first=1)
    leaves = room.answer(room.contact(1, "waiting"), bryn)
    room.hears(leaves, "caller", "handler.bryn")
    room.callers(1, scenario="gives_up", talk_ms=1500, first=2)
    gives_up = room.contact(2, "waiting")
    room.wire.cut()
    room.callers(1, talk_ms=300_000, first=3)
    time.sleep(4)
    with transaction.atomic():
        assert not Contact.objects.filter(caller_number="+447700900003").exists()
        assert Contact.objects.get(pk=leaves.pk).state == "answered"
    room.wire.mend()
    room.becomes(leaves, "ended", within=20)
    room.becomes(gives_up, "abandoned", within=20)
    rings = room.answer(room.contact(3, "waiting"), bryn)
    room.hears(rings, "caller", "handler.bryn")
    assert sorted(room.inside(stays)) == sorted(leg)  # nobody was rung a second time
    for call in (stays, rings):
        room.end(call)
        room.recordings(call)
    room.recordings(leaves)


def test_the_links_process_is_killed_in_mid_call(room):
    bryn = room.members["bryn"]
    room.callers(2, talk_ms=300_000)
    stays, leaves = (room.answer(room.contact(n, "waiting"), bryn) for n in range(2))
    for call in (stays, leaves):
        room.hears(call, "caller", "handler.bryn")
    leg = room.inside(stays)
    room.kill()
    room.end(leaves)  # at the desk, while nobody tells the exchange
    room.start()
    until(lambda: not room.inside(leaves), 20, room.trouble)
    assert sorted(room.inside(stays)) == sorted(leg)
    room.end(stays)
    for call in (stays, leaves):
        room.recordings(call)


def test_the_receiver_is_put_down_at_the_desk(room):
    room.callers(1, talk_ms=300_000)
    call = room.answer(room.contact(0, "waiting"), room.members["dafydd"])
    room.becomes(call, "ended", within=30)
    with transaction.atomic():
        assert models.Fact.objects.get(kind="ContactEnded", subject_id=call.pk).body["how"] == "handler"


def _print(what: str, times: list[float]) -> None:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    load = os.getloadavg()[0]
    print(f"\n{what}: {len(times)} calls, p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms (load of the machine {load:.1f})")
