"""When grades go with load, somebody is asked to look, once; the answer is kept, and silence climbs (R47)."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import world
from watchroom.demand import actions, tasks
from watchroom.demand.models import Alarm
from watchroom.demand.queries import drift as past
from watchroom.demand.rules import drift
from watchroom.demand.tests.test_drift import RULE, some
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.force import queries
from watchroom.foundation import scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact

T = datetime(2026, 11, 22, 3, tzinfo=UTC)
FOUND = "Two handlers were new on nights; both were shown the table again."


@pytest.fixture
def drifting(monkeypatch):
    """The grades of this month drift; nothing heard does not."""
    measured = drift.measure(some(random.Random(3), 3000, 0.6), RULE)
    steady = drift.measure(some(random.Random(5), 300), RULE)
    assert (measured.verdict, steady.verdict) == ("drift", "steady")
    shown = past.Watch(T, measured, measured, steady, (), (), ())
    monkeypatch.setattr(past, "count", lambda at, policy: shown)
    monkeypatch.setattr(past, "watch", lambda at: shown)


def owed() -> Duty:
    return Duty.objects.get(kind="drift", settled_at=None)


def test_a_drift_is_owed_to_the_supervisors_desk_once_however_often_it_is_looked_for(northmoor, drifting):
    (alarm,) = actions.look_for_drift(at=T)
    assert (alarm.measure, alarm.number) == ("decided", 3000)
    assert (owed().owner, owed().due_at) == ("desk:supervisor", T + timedelta(days=1))
    for hour in range(1, 30):
        assert actions.look_for_drift(at=T + timedelta(hours=hour)) == []
    assert Alarm.objects.count() == 1


def test_no_drift_is_no_alarm(northmoor):
    assert actions.look_for_drift(at=T) == []
    assert not Alarm.objects.exists()


def test_an_answer_is_kept_settles_it_and_holds_for_a_week(northmoor, drifting):
    (alarm,) = actions.look_for_drift(at=T)
    actions.answer_drift(alarm=alarm.pk, text=FOUND, by="staff:1", at=T + timedelta(hours=2))
    alarm.refresh_from_db()
    assert (alarm.answer, alarm.answered_by) == (FOUND, "staff:1")
    assert not Duty.objects.filter(kind="drift", settled_at=None).exists()
    assert actions.look_for_drift(at=T + timedelta(days=7)) == []
    assert len(actions.look_for_drift(at=T + timedelta(days=8))) == 1  # it still drifts: it is said again
    told = Fact.objects.get(kind="DriftAnswered")
    assert FOUND not in str(told.body)


@pytest.mark.parametrize("text", ["", "   ", "ok", "looked at it", "x" * 5000, "what was found\x00 and what is done"])
def test_an_answer_that_says_nothing_is_none(northmoor, drifting, text):
    (alarm,) = actions.look_for_drift(at=T)
    with pytest.raises(Invalid):
        actions.answer_drift(alarm=alarm.pk, text=text, by="staff:1", at=T)
    assert owed()


def test_a_second_answer_is_refused_and_the_first_stays(northmoor, drifting):
    (alarm,) = actions.look_for_drift(at=T)
    actions.answer_drift(alarm=alarm.pk, text=FOUND, by="staff:1", at=T)
    with pytest.raises(Refused):
        actions.answer_drift(alarm=alarm.pk, text="Something else altogether was found.", by="staff:2", at=T)
    alarm.refresh_from_db()
    assert alarm.answer == FOUND


def test_the_database_keeps_no_answer_of_nobody(northmoor, drifting):
    (alarm,) = actions.look_for_drift(at=T)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alarm.objects.filter(pk=alarm.pk).update(answered_at=T)


def test_unanswered_it_climbs_to_the_duty_inspector(northmoor, drifting):
    actions.look_for_drift(at=T)
    duties.sweep(at=T + timedelta(hours=23))
    assert owed().owner == "desk:supervisor"
    duties.sweep(at=T + timedelta(hours=25))
    assert owed().owner == "desk:inspector"


def test_the_supervisor_reads_it_and_answers_there_and_the_analyst_reads_the_answer(northmoor, drifting):
    actions.look_for_drift(at=T)
    supervisor, analyst = world.signed_in("marian", "supervisor"), world.signed_in("tom", "analyst")
    page = supervisor.get("/demand/drift/?brief=1").content.decode()
    assert "Put the answer on record" in page
    pk = Alarm.objects.get().pk
    refused = supervisor.post(f"/demand/drift/{pk}/answer/", {"text": "ok", "brief": "1"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    done = supervisor.post(f"/demand/drift/{pk}/answer/", {"text": FOUND, "brief": "1"}, headers={"HX-Request": "true"})
    assert done.status_code == 200
    assert "Put the answer on record" not in done.content.decode()
    assert FOUND in analyst.get("/demand/drift/").content.decode()


def test_an_inspector_reads_it_and_cannot_answer(northmoor, drifting):
    (alarm,) = actions.look_for_drift(at=T)
    client = world.signed_in("ines", "inspector")
    page = client.get("/demand/drift/").content.decode()
    assert "It waits for an answer." in page
    assert "Put the answer on record" not in page
    assert client.post(f"/demand/drift/{alarm.pk}/answer/", {"text": FOUND}).status_code == 403


def test_the_hourly_look_goes_through_all_forces_also_where_one_has_no_policy_yet(northmoor, drifting, monkeypatch):
    asked = []

    def policy_at(at):
        asked.append(scope.require())
        raise queries.NoPolicy("none yet")

    monkeypatch.setattr(queries, "policy_at", policy_at)
    tasks.look_for_drift(0)
    assert asked == scope.forces()
    assert not Alarm.objects.exists()
