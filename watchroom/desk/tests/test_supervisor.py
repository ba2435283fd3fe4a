"""The supervisor's desk: what is on it, what it leaves out, and how it learns that something changed."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import world
from watchroom.desk import supervisor_live
from watchroom.staff.models import Member

PANELS = ("headline", "arrives", "room", "waiting", "owed")


@pytest.fixture
def marian(northmoor) -> Client:
    return a_client(world.a_member("marian", "supervisor"))


def a_client(member: Member) -> Client:
    client = Client()
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = "northmoor"
    session.save()
    return client


def test_all_panels_stand_on_the_page_when_it_comes(marian):
    world.an_incident()
    body = marian.get("/supervisor/").content.decode()
    for slug in ("arrives", "room", "waiting", "owed"):
        assert f'id="stage-{slug}"' in body
    assert "desk/_broken" not in body
    assert "could not be shown" not in body
    assert 'data-live="supervisor"' in body


def test_an_empty_room_is_said_in_words(marian):
    body = marian.get("/supervisor/").content.decode()
    assert "Nothing is overdue, and nobody waits longer than promised." in body
    assert "Nobody has rung 101 yet" in body
    assert "Everything owed still has time." in body


@pytest.mark.parametrize("slug", PANELS)
def test_each_panel_is_its_own_and_only_for_supervisors(marian, slug):
    url = reverse(f"desk:supervisor_{slug}")
    assert marian.get(url).status_code == 200
    assert a_client(world.a_member("bryn", "handler")).get(url).status_code == 403


def test_a_panel_costs_few_queries_however_much_is_open(marian, django_assert_max_num_queries):
    for minutes in range(12):
        contact = world.an_answered_call(number="", at=world.after(60 * minutes))
        world.write_the_risk(contact)
        world.an_incident(contact=contact)
    for slug in PANELS:
        with django_assert_max_num_queries(45):
            marian.get(reverse(f"desk:supervisor_{slug}"))


def test_the_title_of_the_page_says_nothing_that_anybody_said(marian):
    contact = world.an_answered_call(text="He is outside with a knife.")
    world.an_incident(contact=contact)
    body = marian.get("/supervisor/").content.decode()
    title = body[body.index("<title>") : body.index("</title>")]
    assert "knife" not in title


def test_a_stir_carries_nothing_and_only_to_supervisors():
    (fragment,) = supervisor_live.stir(None)
    assert (fragment.topic, fragment.html, fragment.needs, fragment.swap) == ("supervisor", "", "desk.supervisor", "none")
