"""A changed pack is tried from a page: a bad one is named with its line, a good one shows how far it is, then whose grade would change."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import world
from watchroom.demand import actions
from watchroom.demand.models import Trial
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.incidents import actions as incidents

SHARPER = """
[meta]
code = "northmoor"
version = 9
title = "Tried"
owner = "Policy"
effective_from = 2026-12-01
review_by = 2027-12-01
source = "test"
over = "national"

[incident_types.nuisance]
grade = "priority"
because = "Tried."
"""


@pytest.fixture
def decided(northmoor):
    """One nuisance an hour ago, graded Scheduled."""
    contact = world.an_answered_call(at=clock.now() - timedelta(hours=1))
    incident = world.an_incident(contact=contact, kind="nuisance")
    world.write_the_risk(contact, level=0)
    incidents.grade(
        incident=incident.pk, to="scheduled", justification="Nobody is in danger and it can wait.", by=contact.owner.code, at=clock.now()
    )  # fmt: skip
    return incident


def send(client, text: str | bytes, days: str = "31"):
    raw = text if isinstance(text, bytes) else text.encode()
    return client.post("/demand/trials/", {"pack": SimpleUploadedFile("pack.toml", raw), "days": days})


def test_a_pack_is_sent_tried_and_read(decided):
    client = world.signed_in("tom", "analyst")
    before = force.policy_at(clock.now()).number
    sent = send(client, SHARPER)
    assert sent.status_code == 303
    row = Trial.objects.get()
    waiting = client.get(f"/demand/trials/{row.pk}/").content.decode()
    assert "Waiting for its turn" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    actions.run_trial(row.pk)
    row.refresh_from_db()
    assert (row.state, row.tried, row.total) == ("done", 1, 1)
    page = client.get(f"/demand/trials/{row.pk}/").content.decode()
    assert "every 1s" not in page
    assert decided.reference in page
    assert "▲ Priority" in page
    assert world.LEANNE not in page
    lines = client.get(f"/demand/trials/{row.pk}/changes.csv").content.decode().splitlines()
    assert len(lines) == 2
    assert decided.reference in lines[1]
    assert force.policy_at(clock.now()).number == before, "a trial adopts nothing"


def test_run_twice_as_after_a_kill_it_ends_the_same(decided):
    row = actions.begin_trial(toml=SHARPER, days=31, by="staff:1", at=clock.now())
    actions.run_trial(row.pk)
    first = Trial.objects.get(pk=row.pk).result
    actions.run_trial(row.pk)
    assert Trial.objects.get(pk=row.pk).result == first


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("[meta\n", "line 1"),
        (SHARPER.replace("grade = \"priority\"", "grade = \"purple\""), "line 13"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("x = 1\n" * 200_000, "at most"),
    ],
)  # fmt: skip
def test_a_pack_that_cannot_be_used_is_named_with_its_line_and_nothing_is_kept(northmoor, text, says):
    found = send(world.signed_in("tom", "analyst"), text)
    assert found.status_code == 422
    assert says in found.content.decode()
    assert not Trial.objects.exists()


@pytest.mark.parametrize("days", ["", "0", "-3", "367", "a week", "²"])
def test_days_that_are_none_are_said(northmoor, days):
    found = send(world.signed_in("tom", "analyst"), SHARPER, days)
    assert found.status_code == 422
    assert "1 to 366 days" in found.content.decode()


def test_without_a_file_it_is_said(northmoor):
    found = world.signed_in("tom", "analyst").post("/demand/trials/", {"days": "31"})
    assert found.status_code == 422
    assert "Choose the changed pack" in found.content.decode()


def test_where_nothing_was_decided_it_is_said(northmoor):
    row = actions.begin_trial(toml=SHARPER, days=31, by="staff:1", at=clock.now())
    actions.run_trial(row.pk)
    page = world.signed_in("tom", "analyst").get(f"/demand/trials/{row.pk}/").content.decode()
    assert "Nothing to try this on" in page


def test_a_worker_that_is_down_is_said(northmoor):
    row = actions.begin_trial(toml=SHARPER, days=31, by="staff:1", at=clock.now() - timedelta(minutes=5))
    page = world.signed_in("tom", "analyst").get(f"/demand/trials/{row.pk}/").content.decode()
    assert "the worker may be down" in page
