"""A day of one kind of demand, hour by hour, for a national count: by cue, and no person in it."""

import csv
import io

import pytest

from tests import world
from tests.test_asked_desk import a_client
from watchroom.assessment import actions as assessment


@pytest.fixture
def night(northmoor: str) -> None:
    for number, is_about in (("07700 900771", True), ("07700 900772", False)):
        contact = world.an_answered_call(number=number)
        if is_about:
            assessment.hear(contact=contact.pk, cue="mental_health", is_present=True, by="staff:1", at=world.after(20))
            world.an_incident(contact=contact)


def test_it_counts_by_hour_what_the_cue_stands_for_and_names_nobody(night):
    answer = a_client("tom", "analyst").get("/demand/snapshot.csv?day=2026-11-22")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 24
    counted = [row for row in rows if row["all_contacts"] != "0"]
    assert [(row["contacts"], row["all_contacts"], row["led_to_an_incident"]) for row in counted] == [("1", "2", "1")]
    assert "900771" not in answer.content.decode()


def test_an_unknown_aspect_is_said(night):
    assert a_client("tom", "analyst").get("/demand/snapshot.csv?aspect=moon").status_code == 422
