"""Whoever sees a person's record leaves an entry, by whichever door they came (DPA 2018 s.62)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests import world
from tests.test_despatch_desk import logged_in
from watchroom.foundation import clock
from watchroom.foundation.models import Opened
from watchroom.incidents import actions as incidents

OF_A_CONTACT = (
    "identity:who",
    "incidents:what",
    "incidents:where",
    "incidents:log",
    "incidents:grade",
    "assessment:risk",
    "assessment:cues",
    "desk:headline",
    "desk:send",
    "trunk:heard",
)


@pytest.fixture
def logged(northmoor: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is written into the access log from now on: of which records."""
    entries: list[tuple[str, int]] = []
    monkeypatch.setattr("watchroom.foundation.access.log", lambda kind, **more: entries.append(more["subject"]))
    return entries


def put_away() -> None:
    """Twenty minutes pass in which no screen shows anything."""
    Opened.objects.update(seen_at=clock.now() - timedelta(minutes=20))


@pytest.mark.parametrize("panel", OF_A_CONTACT)
def test_a_panel_that_is_fetched_without_its_page_is_a_consultation_and_its_refresh_is_none(logged, settings, panel) -> None:
    settings.DEMO = True
    call, bryn = world.an_answered_call(), logged_in("bryn", "handler")
    for expected in (1, 1):
        assert bryn.get(reverse(panel, args=[call.pk])).status_code == 200
        assert logged == [("contact", call.pk)] * expected
    put_away()
    bryn.get(reverse(panel, args=[call.pk]))
    assert logged == [("contact", call.pk)] * 2


@pytest.mark.parametrize("path", ["/incidents/{}/job/?again=1", "/incidents/{}/job/", "/resolution/{}/outcome/"])
def test_a_log_that_is_fetched_without_its_desk_is_a_consultation_whatever_the_request_says(logged, path) -> None:
    call = world.an_answered_call(channel="online")
    theft = world.an_incident(contact=call, kind="theft")
    world.write_the_risk(call, level=0)
    incidents.grade(
        incident=theft.pk, to="rwd", justification="Nothing to secure, nobody saw it.", by="staff:1", at=world.after(120)
    )
    ruth: Client = logged_in("ruth", "resolver")
    for _ in range(2):
        assert ruth.get(path.format(theft.pk)).status_code == 200
        assert logged == [("incident", theft.pk)]
