"""Hundreds ring about one crash: each is linked to the one log, and nobody who links waits for another who does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from tests import world
from watchroom.assessment import queries as assessment
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.foundation import clock, scope
from watchroom.foundation.models import Fact
from watchroom.incidents import actions as incidents
from watchroom.incidents import queries
from watchroom.incidents.models import Incident


def a_crash(callers: int) -> tuple[Incident, list[int]]:
    """A log whose risk is on record, news of it owed a look; and so many more callers, answered."""
    first = world.an_answered_call()
    incident = world.an_incident(contact=first, kind="rtc_damage")
    world.write_the_risk(first, level=1)
    more = [world.an_answered_call(number=f"07700 9005{n:02d}", at=world.after(100 + n)).pk for n in range(callers)]
    incidents.involve(incident=incident.pk, contact=more[0], by="staff:1", at=world.after(200))
    return incident, more[1:]


@contextmanager
def held_by_another(incident: int, contact: int) -> Iterator[None]:
    """Somebody else, on a connection of their own, has linked this contact and not committed yet."""
    linked, go_on, wrong = threading.Event(), threading.Event(), list[Exception]()

    def link() -> None:
        try:
            with scope.use("northmoor"), transaction.atomic():
                incidents.involve(incident=incident, contact=contact, by="staff:2", at=world.after(210))
                linked.set()
                go_on.wait(30)
        except Exception as error:
            wrong.append(error)
        finally:
            linked.set()
            connections.close_all()

    thread = threading.Thread(target=link)
    thread.start()
    try:
        assert linked.wait(30)
        yield
    finally:
        go_on.set()
        thread.join(30)
    assert not wrong


@contextmanager
def waiting_at_most(milliseconds: int) -> Iterator[None]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [f"{milliseconds}ms"])
        yield


def test_two_who_link_at_one_moment_do_not_wait_and_who_would_change_the_log_does(clone):
    with scope.use("northmoor"):
        with transaction.atomic():
            incident, (theirs, mine) = a_crash(3)
        with held_by_another(incident.pk, theirs):
            with waiting_at_most(100):
                incidents.involve(incident=incident.pk, contact=mine, by="staff:1", at=world.after(211))
            with pytest.raises(OperationalError), waiting_at_most(100):
                incidents.lock(incident.pk)
            with pytest.raises(OperationalError), waiting_at_most(100):
                duties.settle("look", subject=("incident", incident.pk), by="staff:1", at=world.after(212))
            with pytest.raises(OperationalError), waiting_at_most(100):
                incidents.involve(incident=incident.pk, contact=theirs, by="staff:1", at=world.after(213))
        with transaction.atomic():
            assert queries.contacts_of(incident.pk).count() == 4
            assert Fact.objects.filter(kind="ContactInvolved", subject_id=incident.pk).count() == 3
            assert not Fact.objects.filter(kind="ReactionFailed").exists(), "no reaction ran into a lock either"
            assert owed.is_owed("look", ("incident", incident.pk))
            assert incidents.involve(incident=incident.pk, contact=theirs, by="staff:1", at=world.after(214)).pk == incident.pk


def test_what_many_said_is_judged_as_each_of_them_alone_and_one_more_caller_costs_no_more_queries(northmoor):
    first = world.an_answered_call(text="There has been a crash, a car is on its roof.")
    incident = world.an_incident(contact=first, kind="rtc_damage")
    said = ("He has a knife.", "", "She is not breathing.", "It blocks the road.")

    def ring(number: int) -> None:
        words = said[number % len(said)]
        row = world.an_answered_call(number=f"07700 9006{number:02d}", at=world.after(100 + number), text=words)
        if number % 2:
            world.write_the_risk(row, level=number % 4)
        incidents.involve(incident=incident.pk, contact=row.pk, by="staff:1", at=world.after(200 + number))

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            incidents.clocks.ask_for_more(Incident.objects.get(pk=incident.pk), at=world.after(300), by="staff:1")
            queries.risk_is_saved(incident.pk)
        return len(asked)

    for number in range(4):
        ring(number)
    incidents.grade(incident=incident.pk, to="immediate", justification="", by="staff:1", at=world.after(290))
    Incident.objects.filter(pk=incident.pk).update(grade="scheduled")
    before = cost()
    for number in range(4, 9):
        ring(number)
    contacts = list(queries.contacts_of(incident.pk))
    alone = [assessment.suggestion(one, kind="rtc_damage", at=world.after(300)) for one in contacts]
    assert assessment.suggestions_among(contacts, kind="rtc_damage", at=world.after(300)) == alone
    assert len({one.grade for one in alone}) > 1
    assert cost() <= before + 1


def test_a_further_caller_is_linked_by_one_key_which_the_page_suggests_from_place_and_time(northmoor):
    """Where the log has no place of the gazetteer, the telephone of who rang first says where it is."""
    at, here = clock.now(), (0.0, 0.0, 14.0, "aml")
    bryn = world.signed_in("bryn", "handler")
    world.a_place()
    first = world.an_answered_call(at=at - timedelta(seconds=90), located=here)
    incident = incidents.open_with_what_is_known(contact=first.pk, kind="rtc_injury", by=first.owner.code, at=at)
    assert incident.place is None
    calls = {
        "near": world.an_answered_call(at=at - timedelta(seconds=20), number="07700 900501", located=(60.0, 0.0, 14.0, "aml")),
        "far": world.an_answered_call(at=at - timedelta(seconds=20), number="07700 900502", located=(900.0, 0.0, 14.0, "aml")),
    }
    pages = {name: bryn.get(f"/incidents/of/{call.pk}/where/").content.decode() for name, call in calls.items()}
    assert f"Same as <b>log {incident.reference}</b>?" in pages["near"]
    assert pages["near"].count('data-key="m"') == 1
    assert "60 m away" in pages["near"]
    assert 'data-key="m"' not in pages["far"]
    bryn.post(f"/incidents/of/{calls['near'].pk}/same/", {"incident": incident.pk}, headers={"HX-Request": "true"})
    assert queries.of_contact(calls["near"].pk).pk == incident.pk
    assert 'data-key="m"' not in bryn.get(f"/incidents/of/{calls['near'].pk}/where/").content.decode()
