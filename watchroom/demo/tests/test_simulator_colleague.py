"""The simulated colleague takes what rings at their own desk first, and never what rings at somebody else's."""

import random

import pytest

from tests import world
from watchroom.contacts.models import Contact
from watchroom.demo import simulator
from watchroom.staff.models import Presence


class Script:
    channel = "101"
    code = "noise"
    belongs = "northmoor"


class Arrival:
    script = Script()
    moments = ()
    time = world.NIGHT


@pytest.fixture
def night(northmoor, monkeypatch):
    """Two calls that were left for long: the older rings for Bryn, the other for the colleague."""
    monkeypatch.setattr(simulator, "_locate", lambda *_: None)
    for name in ("_send", "_look", "_drive"):
        monkeypatch.setattr(simulator, name, lambda *_: None)
    bryn, dawit = world.a_member("handler"), world.a_member(simulator.COLLEAGUE)
    room = simulator.Room(random.Random(1))
    for number, whose in enumerate((bryn, dawit)):
        row = world.a_call(channel="101", number="", at=world.after(number))
        Contact.objects.filter(pk=row.pk).update(offered_to=whose, offered_at=world.after(100))
        room.calls[row.pk] = simulator.Call(Arrival(), row.pk)
    return room, list(room.calls), bryn, dawit


def states() -> list[tuple[str, str]]:
    return [(row.state, row.owner.name if row.owner else "") for row in Contact.objects.order_by("pk")]


def test_the_colleague_takes_their_own_first_and_leaves_what_rings_for_somebody_else(night):
    room, (hers, _), _, dawit = night
    simulator._tick(room, world.after(101))
    assert states() == [("waiting", ""), ("waiting", "")], "it rings a moment"
    simulator._tick(room, world.after(105))
    assert states() == [("waiting", ""), ("answered", dawit.name)]
    simulator._tick(room, world.after(106))
    assert states()[0] == ("waiting", ""), "it rings at another desk, however long it has waited"
    Contact.objects.filter(pk=hers).update(offered_to=None)
    simulator._tick(room, world.after(107))
    assert states()[0] == ("answered", dawit.name), "nobody took it"


def test_the_colleague_is_ready_only_while_something_has_waited_too_long(night):
    room, *_, dawit = night
    simulator._tick(room, world.after(20))
    assert Presence.objects.get(member=dawit).state == "other"
    simulator._tick(room, world.after(90))
    assert Presence.objects.get(member=dawit).state == "available"
