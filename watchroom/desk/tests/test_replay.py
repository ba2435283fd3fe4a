"""The page that looks back: any second, in words, stepping, and who may."""

import re

import pytest
from django.test import Client

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.desk.views.replay import stamp
from watchroom.foundation import clock, scope
from watchroom.foundation.models import Fact
from watchroom.incidents.models import Incident
from watchroom.staff.models import Member


def a_client(member: Member, force: str = "northmoor") -> Client:
    client = Client()
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = force
    session.save()
    return client


@pytest.fixture
def gwen(northmoor) -> Client:
    return a_client(world.a_member("gwen", "inspector"))


@pytest.fixture
def journey(northmoor) -> Incident:
    contact = world.an_answered_call()
    contacts.write(
        contact=contact.pk, text="He strangled me once.", by=contact.owner.code, at=world.after(20), written_at=world.after(800)
    )
    return world.a_whole_journey(number="07700 900431", at=world.after(10_000))


def see(client: Client, incident: Incident, seconds: float | None = None) -> str:
    at = {} if seconds is None else {"at": stamp(world.after(seconds))}
    answer = client.get(f"/incidents/{incident.pk}/replay/", at)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_the_risk_was_written_the_page_does_not_know_it(gwen, journey):
    before, after = see(gwen, journey, 10_080), see(gwen, journey, 10_405)
    assert "He has a knife and says he will come in." not in before
    assert "Not on record." in before
    assert "He has a knife and says he will come in." in after
    assert "On record since" in after


def test_what_was_missing_is_said(gwen, northmoor):
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact)
    assert "None: nothing that was owed had passed its time." in see(gwen, incident, 60)
    late = see(gwen, incident, 4000)
    assert re.search(r"Risk record: owed since \d\d:\d\d:\d\d, due by", late)


def test_a_line_entered_later_is_not_shown_before_it_was_entered(gwen, northmoor):
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact)
    contacts.write(
        contact=contact.pk, text="He strangled me once.", by=contact.owner.code, at=world.after(20), written_at=world.after(800)
    )
    assert "strangled me" not in see(gwen, incident, 700)
    shown = see(gwen, incident, 800)
    assert "strangled me" in shown
    assert "entered later" in shown


def test_stepping_by_the_links_passes_everything_once_and_ends(gwen, journey):
    body, seen = see(gwen, journey, 0), 0
    while found := re.search(r'id="after"[^>]*href="\?at=([^"]+)"', body):
        body, seen = gwen.get(f"/incidents/{journey.pk}/replay/?at={found[1]}").content.decode(), seen + 1
        assert seen < 200
    assert seen > 6
    assert "Closed as" in body


def test_without_a_time_it_is_the_last_moment_and_before_the_first_contact_nothing(gwen, journey):
    assert "Closed as" in see(gwen, journey)
    assert "The first contact had not arrived." in see(gwen, journey, 1)


def test_a_time_of_the_forces_clock_is_its_whole_second(gwen, journey):
    body = gwen.get(f"/incidents/{journey.pk}/replay/", {"at": "2026-11-22T06:00:00"}).content.decode()
    assert "06:00:00" in body


@pytest.mark.parametrize("given", ["yesterday", "2026-13-01T00:00:00", "' or 1=1"])
def test_a_time_that_is_none_is_refused_in_words(gwen, journey, given):
    answer = gwen.get(f"/incidents/{journey.pk}/replay/", {"at": given}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "Give the time as" in answer.json()["problem"]


def test_stepping_through_it_is_one_consultation_and_the_inspector_sees_who_had_looked(gwen, northmoor):
    incident = world.an_incident(contact=world.an_answered_call(at=clock.now()))
    for _ in range(3):
        gwen.get(f"/incidents/{incident.pk}/replay/")
    body = gwen.get(f"/incidents/{incident.pk}/replay/", {"at": stamp(clock.now())}).content.decode()
    assert body.count("looked back at the incident") == 1


def test_a_supervisor_looks_back_too_and_is_not_shown_who_looked(northmoor, journey):
    marian = a_client(world.a_member("marian", "supervisor"))
    body = see(marian, journey)
    assert "Who had opened it by then" not in body


def test_an_inspector_changes_nothing_by_looking(gwen, journey):
    before = Fact.objects.count()
    see(gwen, journey)
    see(gwen, journey, 10_050)
    assert Fact.objects.count() == before


def test_the_other_force_finds_nothing(northmoor, journey):
    with scope.use("southmere"):
        client = a_client(world.a_member("ola", "inspector"), "southmere")
    assert client.get(f"/incidents/{journey.pk}/replay/").status_code == 404


def test_logs_are_found_by_day_and_number(gwen, journey):
    body = gwen.get("/lookback/", {"day": journey.day.isoformat(), "number": "1"}).content.decode()
    assert f"/incidents/{journey.pk}/replay/" in body
    assert "No log" in gwen.get("/lookback/", {"day": "2001-01-01"}).content.decode()
    assert gwen.get("/lookback/", {"day": "x"}, headers={"accept": "application/json"}).status_code == 422
    assert gwen.get("/lookback/", {"number": "x"}, headers={"accept": "application/json"}).status_code == 422


def test_the_inspector_lands_where_logs_are_found(gwen):
    assert gwen.get("/")["Location"] == "/lookback/"
