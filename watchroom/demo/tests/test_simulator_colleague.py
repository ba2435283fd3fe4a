"""The simulated colleague takes what rings at their own desk first, and never what rings at somebody else's."""

import random

import pytest

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts import calls
from watchroom.contacts.models import Contact, Line
from watchroom.demo import city, people, scripts, simulator
from watchroom.dispatch.models import Deployment
from watchroom.foundation.errors import Refused
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


def test_whoever_calls_nothing_is_refused_to_the_colleague_who_works_it_through(northmoor, settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    town = city.build()
    cast = scripts._Cast(town, people.build(town, at=world.NIGHT), world.NIGHT, random.Random(1))
    dawit, arrival = world.a_member(simulator.COLLEAGUE, "handler"), None
    refused, unfinished = [], []
    ours = [one for one in scripts.load().values() if one.heard_by == one.belongs == simulator.FORCE]
    for n, script in enumerate(ours):
        begins, room = n * 600, simulator.Room(random.Random(1))
        arrival = cast.play(script, world.after(begins), f"demo:{n}", arrival)
        simulator._arrive(room, arrival)
        (call,) = room.calls.values()
        for second in range(begins, begins + 240, 6):
            row = Contact.objects.select_related("owner").get(pk=call.contact)
            try:
                simulator._speak(call, row, world.after(second))
                simulator._help(room, call, row, dawit, world.after(second))
            except Refused as error:
                refused.append((script.code, str(error)))
        if Contact.objects.get(pk=call.contact).state not in ("wrapped", "abandoned"):
            unfinished.append(script.code)
    assert len(ours) > 60
    assert (refused, unfinished) == ([], [])


def test_who_was_quicker_than_the_colleague_keeps_it(night, monkeypatch):
    room, (_, theirs), bryn, _ = night

    def quicker(call, contact, at):
        if contact.pk == theirs and contact.state == "waiting":
            contacts.answer(contact=theirs, member=bryn, by=bryn.code, at=at)

    monkeypatch.setattr(simulator, "_agree", quicker)
    for second in range(105, 140, 5):
        simulator._tick(room, world.after(second))
    assert states()[1] == ("answered", bryn.name)
    assert Line.objects.count() == 0, "the colleague writes nothing of it"


def test_whom_it_is_not_safe_to_ring_the_colleague_leaves_to_others_and_tries_once(night, monkeypatch):
    room, (_, theirs), *_ = night
    tried = []

    def refused(call, *_):
        tried.append(call.contact)
        raise Refused("No codeword is on record.")

    monkeypatch.setattr(simulator, "_answer", refused)
    monkeypatch.setattr(simulator, "_steps", lambda _: (simulator._answer, simulator._end))
    for second in range(105, 125, 5):
        simulator._tick(room, world.after(second))
    assert tried == [theirs]
    assert theirs in room.calls, "who rings them hears them"
    assert simulator._busy(room) == 0


def test_what_is_refused_at_the_last_step_keeps_no_other_caller_waiting(night, monkeypatch):
    room, (hers, _), *_ = night

    def refused(*_):
        raise Refused("Something is still owed.")

    monkeypatch.setattr(simulator, "_steps", lambda _: (simulator._answer, refused))
    for second in range(105, 125, 5):
        simulator._tick(room, world.after(second))
    assert list(room.calls) == [hers], "it rings at another desk"
    assert simulator._busy(room) == 0
    assert states()[1][0] == "answered", "and stands on the colleague's list"
