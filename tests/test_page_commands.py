"""A page's key counts one command once, and swallows no other: nothing that was said “Written.” to is missing."""

import pytest
from django.test import Client

from tests import world
from tests.test_despatch_desk import BAR, logged_in
from watchroom.contacts.models import Contact, Line
from watchroom.dispatch.models import Deployment
from watchroom.foundation import scope
from watchroom.identity import actions as identity
from watchroom.identity.models import Link
from watchroom.incidents.models import Incident


@pytest.fixture
def bryn(northmoor: str) -> Client:
    return logged_in("bryn", "handler")


@pytest.fixture
def priya(northmoor: str) -> Client:
    return logged_in("priya", "despatcher")


def test_words_added_after_a_lost_answer_are_written_too(northmoor: str, bryn: Client) -> None:
    call = world.an_answered_call()
    for text in ("He is at the door.", "He is at the door.", "He is at the door. He has a knife."):
        assert bryn.post(f"/incidents/of/{call.pk}/line/", {"text": text, "key": "one"}, **BAR).status_code == 200
    assert list(Line.objects.order_by("pk").values_list("text", flat=True)) == [
        "He is at the door.",
        "He is at the door. He has a knife.",
    ]


def test_another_unit_under_the_same_key_is_sent_when_we_say_that_it_is(northmoor: str, priya: Client) -> None:
    job = world.an_incident()
    world.a_unit("NH21")
    world.a_unit("NH30")
    for callsign in ("NH21", "NH30", "NH30"):
        assert callsign in priya.post(f"/dispatch/{job.pk}/send/", {"unit": callsign, "key": "one"}, **BAR).json()["said"]
    assert sorted(Deployment.objects.values_list("unit__callsign", flat=True)) == ["NH21", "NH30"]


def test_nobody_uses_up_the_key_of_a_call_to_come(northmoor: str, priya: Client) -> None:
    unit = world.a_unit()
    assert priya.post(f"/dispatch/units/{unit.pk}/status/", {"to": "3", "key": "trunk:next"}, **BAR).status_code == 200
    with scope.use(northmoor):
        world.a_call(key="trunk:next")
    assert Contact.objects.count() == 1


def test_no_unit_is_sent_to_a_log_that_is_being_closed(northmoor: str) -> None:
    """Whoever sends holds the log as whoever closes it does, so that one of the two is first."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from watchroom.dispatch import actions as dispatch

    job, unit = world.an_incident(), world.a_unit()
    with CaptureQueriesContext(connection) as asked:
        dispatch.assign(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(60))
    assert any("incidents_incident" in one["sql"] and "FOR UPDATE" in one["sql"] for one in asked.captured_queries)


def test_only_who_is_shown_can_be_confirmed(northmoor: str, bryn: Client) -> None:
    call = world.an_answered_call()
    stranger, leanne = identity.bring_in(
        [
            identity.Known(given_name="Sara", family_name="Stranger", numbers=("+447700900999",)),
            identity.Known(given_name="Leanne", family_name="Marsden", numbers=("+447700900417",)),
        ],
        source="records",
        by="system:test",
        at=world.NIGHT,
    )
    for wrong in (stranger.pk, "", "²", "9" * 40):
        assert bryn.post(f"/identity/{call.pk}/confirm/", {"person": wrong}, **BAR).status_code == 422
    assert bryn.post(f"/identity/{call.pk}/confirm/", {"person": leanne.pk}, **BAR).status_code == 200
    assert Link.objects.filter(observation__contact=call, person=leanne, observation__kind="name").count() == 1
    assert Incident.objects.count() == 0
