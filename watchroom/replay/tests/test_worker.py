"""A row goes through every stage once: a second replay adds nothing, and a half-done one is completed."""

import pytest
from django.db import transaction
from rich.console import Console

from watchroom.contacts.models import Contact
from watchroom.foundation import models, scope, verify
from watchroom.foundation.errors import Refused
from watchroom.incidents import actions as incidents
from watchroom.incidents.models import Incident
from watchroom.replay import rules, runner, worker

ROWS = [
    rules.parse(line, f"40.2,-75.4,DESC {line},19401,{title},2015-12-10 17:4{line}:00,NORRISTOWN,KING AVE,1".encode())
    for line, title in enumerate(
        ("EMS: CARDIAC EMERGENCY", "Traffic: DISABLED VEHICLE -", "Fire: FIRE ALARM", "Traffic: ROAD OBSTRUCTION -"), 2
    )
]


@pytest.fixture
def replayer(clone) -> worker.Replayer:
    runner._make_ready("replay", ROWS, 2, Console(quiet=True))
    return worker.Replayer("replay", 0)


def everything() -> dict[str, int]:
    with scope.use("replay"), transaction.atomic():
        return {model.__name__: model.objects.count() for model in (Contact, Incident, models.Fact, models.Command)}


def test_every_row_ends_and_a_second_replay_adds_nothing(replayer):
    first = replayer.run(ROWS)
    assert (first.received, first.repeated, first.closed, first.skipped) == (4, 0, 4, [])
    assert runner.check("replay", first.acknowledged) == (0, 0)
    before = everything()
    again = replayer.run(ROWS)
    assert (again.received, again.repeated, again.closed) == (4, 4, 0)
    assert again.acknowledged == first.acknowledged
    assert everything() == before
    assert verify.verify("replay").first_bad is None


def test_where_a_word_forbids_that_nothing_was_heard_the_risk_is_written_in_full(clone):
    """Route 422 crosses Armand Hammer Boulevard, and a hammer is a weapon until somebody has written that it is a road."""
    raw = b"40.2,-75.6,RT422 & ARMAND HAMMER BLVD,19464,Traffic: ROAD OBSTRUCTION -,2015-12-15 13:37:02,TOWN,ARMAND HAMMER BLVD,1"
    rows = [rules.parse(2, raw)]
    runner._make_ready("replay", rows, 1, Console(quiet=True))
    done = worker.Replayer("replay", 0).run(rows)
    assert (done.closed, done.unfinished) == (1, [])


STEPS = {
    "watchroom.contacts.actions.answer": "WAITING",
    "watchroom.incidents.actions.open_incident": "ANSWERED",
    "watchroom.assessment.actions.save": "ANSWERED",
    "watchroom.incidents.actions.grade": "ANSWERED",
    "watchroom.dispatch.actions.arrive": "ANSWERED",
    "watchroom.incidents.actions.close": "ANSWERED",
    "watchroom.contacts.actions.wrap_up": "ENDED",
}


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=pytest.mark.long) if 0 < n < len(STEPS) - 1 else step for n, step in enumerate(STEPS)]
)
def test_a_row_that_was_cut_off_at_any_step_is_completed_by_the_next_replay(replayer, monkeypatch, step):
    class Killed(Exception):
        pass

    def killed(**more):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(step, killed)
        with pytest.raises(Killed):
            replayer.run(ROWS[:1])
    with scope.use("replay"), transaction.atomic():
        assert Contact.objects.get().state == Contact.State[STEPS[step]]
    runner._make_ready("replay", ROWS, 2, Console(quiet=True))
    done = worker.Replayer("replay", 1).run(ROWS)  # the rows fall to another worker, with other units
    assert (done.received, done.repeated, done.unfinished) == (4, 1, [])
    counted = everything()
    assert (counted["Contact"], counted["Incident"]) == (4, 4)
    with scope.use("replay"), transaction.atomic():
        assert set(Contact.objects.values_list("state", flat=True)) == {Contact.State.WRAPPED}
        assert not Incident.objects.filter(closed_at=None).exists()


def test_a_row_that_is_refused_on_its_way_is_reported_and_does_not_stop_the_others(replayer, monkeypatch):
    def refuses(**more):
        if more["incident"] == first:
            raise Refused("Not this one.")
        return closing(**more)

    first, closing = None, incidents.close
    replayer.run(ROWS[:1])
    with scope.use("replay"), transaction.atomic():
        first = Incident.objects.get().pk + 1
    monkeypatch.setattr(incidents, "close", refuses)
    done = replayer.run(ROWS)
    assert done.unfinished == [{"line": ROWS[1].line, "why": "Not this one."}]
    assert (done.received, done.closed) == (4, 2)


def test_what_is_lost_or_there_twice_is_counted(replayer):
    done = replayer.run(ROWS[:2])
    (key, contact), (other, _) = done.acknowledged
    assert runner.check("replay", [*done.acknowledged, ("a key that nobody has", 10**9)]) == (1, 0)
    assert runner.check("replay", [(key, contact), (other, contact)]) == (1, 1)
