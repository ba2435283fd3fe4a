"""The simulated colleague takes what rings at their own desk first, and never what rings at somebody else's."""

import random

import pytest

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts import calls
from watchroom.contacts.models import Contact
from watchroom.demo import simulator
from watchroom.dispatch.models import Deployment
from watchroom.incidents import actions as incidents
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


def test_what_is_passed_on_to_the_colleague_they_work_through(night, monkeypatch):
    """Else the caller would be on the line for ever."""
    room, (hers, _), bryn, dawit = night
    done = []

    def step(name):
        return lambda call, *_: done.append((name, call.contact))

    monkeypatch.setattr(simulator, "_steps", lambda _: (step("answer"), step("note")))
    dawit.roles = ["handler"]
    dawit.save()
    contacts.answer(contact=hers, member=bryn, by=bryn.code, at=world.after(102))
    simulator._tick(room, world.after(103))
    calls.pass_on(contact=hers, to=dawit, note="Asks for a handler.", by=bryn.code, at=world.after(104))
    for second in (105, 113):
        simulator._tick(room, world.after(second))
    assert [name for name, of in done if of == hers] == ["note"], "it is answered"
    assert hers not in room.calls


def test_who_rang_before_the_demo_was_stopped_is_not_on_the_line_any_more(night):
    _, (hers, _), bryn, _ = night
    contacts.answer(contact=hers, member=bryn, by=bryn.code, at=world.after(102))
    simulator._hang_up(world.after(500))
    assert states() == [("ended", bryn.name), ("abandoned", "")]


def test_one_job_that_nobody_can_be_sent_to_keeps_no_other_from_being_sent_to(northmoor):
    world.a_member("despatch", "despatcher")
    nowhere, there = (
        world.an_incident(contact=world.an_answered_call(number="", at=world.after(second)), kind="domestic")
        for second in (0, 60)
    )
    for job in (nowhere, there):
        incidents.grade(incident=job.pk, to="immediate", justification="He is there.", by="staff:1", at=world.after(90))
    type(nowhere).objects.filter(pk=nowhere.pk).update(place=None, graded_at=world.after(80))
    world.a_unit()
    simulator._send(world.after(300))
    assert [one.incident_id for one in Deployment.objects.all()] == [there.pk]
