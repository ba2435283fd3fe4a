"""The list of who rings is pushed as a page shows it that is asked for at the same moment, whatever of it was known before."""

import pytest
from django.db import transaction
from django.template.loader import render_to_string

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts import stages
from watchroom.contacts.models import Contact
from watchroom.desk.views import handler
from watchroom.foundation import clock, live, models, scope
from watchroom.identity import actions as identity

NUMBER, OTHER = "07700 900417", "07700 900418"


class Room:
    """Follows northmoor's chain as a web process does in which the waiting screen is open."""

    def __init__(self) -> None:
        self.last = live.head("northmoor")

    def does(self, act, *args, **more):
        with scope.use("northmoor"), transaction.atomic():
            return act(*args, **more)

    def pushed(self) -> str:
        """The list as the newest event has it; what happened since is read together."""
        end, events = live.read("northmoor", self.last, frozenset({"contacts"}))
        assert events[-1].seq == end
        self.last = end
        return [fragment.html for event in events for fragment in event.fragments if fragment.target == "#ringing"][-1]

    def shown(self) -> str:
        return self.does(lambda: render_to_string("desk/_ringing.html", {"ringing": handler.ringing(clock.now())}))

    def stirs(self, call: Contact) -> str:
        """Something of no account is told, so that the list is drawn."""
        self.does(stages.mark, contact=call.pk, stage="queued", by="system:tests", at=clock.now())
        return self.pushed()


@pytest.fixture
def room(clone, monkeypatch) -> Room:
    monkeypatch.setattr(clock, "now", lambda: world.after(600))
    return Room()


@pytest.fixture
def asked(monkeypatch) -> list[int]:
    """Of whom it was asked what is known, in a reading."""
    found: list[int] = []
    ask = handler.known
    monkeypatch.setattr(handler, "known", lambda row, at: found.append(row.pk) or ask(row, at))
    return found


def test_what_is_known_of_who_rings_is_asked_once_while_nothing_bears_upon_it(room, asked):
    first = room.does(world.a_call, number=NUMBER, at=world.after(1))
    room.pushed()
    assert asked == [first.pk]
    second = room.does(world.a_call, number=OTHER, at=world.after(2))
    pushed = room.pushed()
    assert pushed == room.stirs(first) == room.shown()
    assert asked == [first.pk, second.pk]


def test_each_fact_that_bears_upon_it_changes_what_is_pushed(room):
    call = room.does(world.a_call, number=NUMBER, at=world.after(100))
    pushed = [room.pushed()]

    def happens(act, *args, **more):
        made = room.does(act, *args, **more)
        pushed.append(room.stirs(call))
        assert pushed[-1] == room.shown()
        return made

    happens(world.a_flag, number=NUMBER)
    earlier = happens(world.a_call, number=NUMBER, at=world.after(50))  # it was longer under way
    happens(contacts.end, contact=earlier.pk, how="caller", by="link:trunk", at=world.after(60))  # gave up
    place = room.does(world.a_place)
    happens(contacts.pick_place, contact=call.pk, place=place, by="staff:1", at=world.after(110))
    neighbour = happens(world.a_call, number="07700 900555", at=world.after(70))
    happens(contacts.pick_place, contact=neighbour.pk, place=place, by="staff:1", at=world.after(111))
    person = room.does(world.somebody, "Ann Carver", number=OTHER)
    happens(identity.confirm, contact=call.pk, person=person.pk, by="staff:1", at=world.after(120))
    happens(world.a_call, number=OTHER, at=world.after(40))  # from their other number


def test_after_facts_that_were_not_heard_all_is_asked_anew(room, asked):
    call = room.does(world.a_call, number=NUMBER, at=world.after(100))
    room.pushed()
    room.does(world.a_flag, number=NUMBER)
    room.last = room.does(live.sealed)  # too far behind: the screens fetch anew
    assert room.stirs(call) == room.shown()
    room.does(world.a_call, number=OTHER, at=world.after(101))
    live.head("northmoor")  # a follower begins
    asked.clear()
    room.pushed()
    assert call.pk in asked


def sealed(seq: int) -> models.Fact:
    fact = models.Fact(kind="MarkerAdded")
    fact.seq = seq
    return fact


def test_an_answer_that_was_under_way_when_a_fact_was_heard_is_not_kept(northmoor):
    def hear() -> str:
        kept.hear(1, [sealed(2)])
        return "from before"

    kept = live.Kept(lambda facts, values: None)
    kept.hear(0, [sealed(1)])
    with live.drawing(frozenset()):
        assert kept.get("call", hear) == "from before"
        assert kept.get("call", lambda: "from after") == "from after"
        assert kept.get("call", lambda: "again") == "from after"
    assert kept.get("call", lambda: "for a page") == "for a page"


def test_nothing_is_kept_beyond_its_time_or_for_another_force(northmoor, monkeypatch):
    kept = live.Kept(lambda facts, values: ())
    kept.hear(0, [])
    with live.drawing(frozenset()):
        kept.get("call", lambda: "ours")
        with scope.use("southmere"):
            assert kept.get("call", lambda: "theirs") == "theirs"
        assert kept.get("call", lambda: "asked anew") == "ours"
        monkeypatch.setattr(live, "KEPT_FOR_S", 0)
        assert kept.get("call", lambda: "asked anew") == "asked anew"
