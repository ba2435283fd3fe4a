"""In the demo too a contact goes from one force to the other and back, and somebody writes by social media."""

import random
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync

from tests import world
from watchroom.contacts.models import Contact, Line
from watchroom.demo import neighbours, scripts, simulator
from watchroom.foundation import clock, scope
from watchroom.links.forces import tasks
from watchroom.referrals.forces import receiving
from watchroom.referrals.models import FromForce, ToForce

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(monkeypatch):
    for name in ("_send", "_look", "_drive", "_locate"):
        monkeypatch.setattr(simulator, name, lambda *_: None)
    with scope.use("northmoor"):
        world.a_member(simulator.COLLEAGUE, "handler")
    with scope.use("southmere"):
        world.a_member(neighbours.NEIGHBOUR, "handler")
    return simulator.Room(random.Random(1))


def arrives(room, code: str, *, name: str = "") -> None:
    script, at = scripts.load()[code], clock.now()
    arrival = scripts.Arrival(
        at, script, None, scripts.NOWHERE, f"demo:{code}", "", name, "", "9 Mill Lane", None, script.moments, script.text
    )
    simulator._arrive(room, arrival)


def goes_on(room, seconds: int) -> None:
    """So many seconds of the demo, with the jobs that its worker does every ten."""
    start = clock.now()
    for second in range(1, seconds):
        at = start + timedelta(seconds=second)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "now", lambda at=at: at)
            simulator._tick(room, at)
            if second % 10 == 0:
                async_to_sync(tasks.carry_all.func)(0)


def the_one(model, force: str):
    with scope.use(force):
        return model.objects.select_related("contact").get()


def test_what_is_southmeres_is_handed_over_by_the_colleague_and_accepted_by_the_neighbour(room):
    arrives(room, "southmere-pier-row")
    goes_on(room, 240)
    assert (the_one(ToForce, "northmoor").state, the_one(ToForce, "northmoor").contact.state) == ("accepted", "wrapped")
    came = the_one(FromForce, "southmere")
    assert (came.state, came.contact.state) == ("accepted", "wrapped")
    assert not room.calls


def test_what_is_ours_comes_from_next_door_with_what_is_said_after_it_and_is_worked_as_any(room):
    arrives(room, "neighbour-daughter-in-harrowby")
    assert not room.calls
    goes_on(room, 45)
    came = the_one(FromForce, "northmoor")
    assert (came.state, came.contact.channel, came.contact.state) == ("waiting", "force", "waiting"), "hers, for a while"
    assert came.is_on_line
    goes_on(room, 240)
    came = the_one(FromForce, "northmoor")
    assert (came.state, came.contact.state) == ("accepted", "wrapped")
    with scope.use("northmoor"):
        assert Line.objects.filter(contact=came.contact, text__contains="She has just texted").count() == 1
    assert the_one(ToForce, "southmere").contact.state == "wrapped"
    assert not room.next_door
    assert not room.calls


def test_declined_it_is_dealt_with_where_it_was_heard(room):
    arrives(room, "neighbour-daughter-in-harrowby")
    goes_on(room, 45)
    with scope.use("northmoor"):
        bryn = world.a_member("bryn", "handler")
        pk = FromForce.objects.get().contact_id
        receiving.decline(contact=pk, member=bryn, answer="The flat is in Southmere Street.", by=bryn.code, at=clock.now())
    goes_on(room, 240)
    assert the_one(ToForce, "southmere").contact.state == "wrapped"
    assert not room.next_door
    assert not room.calls


def test_a_message_on_social_media_comes_as_from_a_gateway_and_is_worked_through(room):
    arrives(room, "social-bike-for-sale", name="Ann O’Carver")
    goes_on(room, 240)
    with scope.use("northmoor"):
        row = Contact.objects.get()
        assert (row.channel, row.state, row.caller_name) == ("social", "wrapped", "Ann O’Carver")
        assert Line.objects.filter(contact=row, text="On harbourly, from the account @ann.o.carver.").exists()
