"""The auditor's page: entries by day, member and kind; the look itself; whether the record is whole."""

import pytest
from django.db import transaction
from django.test import Client

from tests import world
from watchroom.foundation import access, clock, scope
from watchroom.staff.models import Member


def a_client(member: Member, force: str = "northmoor") -> Client:
    client = Client()
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = force
    session.save()
    return client


@pytest.fixture
def ines(northmoor) -> Client:
    bryn = world.a_member("bryn")
    access.log("consultation", subject=("person", 7), reason="opened the record", by=bryn.code, at=clock.now())
    access.log("disclosure", subject=("person", 7), reason="safeguarding", by=bryn.code, at=clock.now(), recipient="council")
    return a_client(world.a_member("ines", "auditor"))


def test_todays_entries_are_there_with_who_what_and_why_and_the_look_itself(ines):
    body = ines.get("/audit/").content.decode()
    assert "opened the record" in body
    assert "council" in body
    assert "person 7" in body
    assert "audit: " in body
    assert "3 entries" in body


def test_entries_are_filtered_by_kind_and_by_what_they_are_about(ines):
    body = ines.get("/audit/", {"kind": "disclosure"}).content.decode()
    assert "safeguarding" in body
    assert "opened the record" not in body
    assert "1 entry" in ines.get("/audit/", {"kind": "consultation", "about": "person 7"}).content.decode()
    assert "No entry" in ines.get("/audit/", {"about": "person 8"}).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", "yesterday"),
        ("kind", "peek"),
        ("about", "person"),
        ("about", "person x"),
        ("about", "x" * 300 + " 7"),
        ("about", "per\0son 7"),
        ("member", "staff:\0"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(ines, field, value):
    answer = ines.get("/audit/", {field: value}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


def test_only_the_auditor_sees_it_and_the_auditor_sees_no_journey(ines):
    assert a_client(world.a_member("marian", "supervisor")).get("/audit/").status_code == 403
    for url in ("/supervisor/", "/demand/", "/desk/", "/despatch/"):
        assert ines.get(url).status_code == 403


def test_the_chain_is_verified_and_a_changed_fact_is_found(clone, as_owner):
    with scope.use("northmoor"), transaction.atomic():
        world.a_call()
        ines = a_client(world.a_member("ines", "auditor"))
    assert "Whole." in ines.get("/audit/chain/").content.decode()
    as_owner.execute("alter table foundation_fact disable trigger refuse_change")
    as_owner.execute("update foundation_fact set body = '{\"contact\": 999}' where kind = 'ContactArrived'")
    assert "not whole at number" in ines.get("/audit/chain/").content.decode()
