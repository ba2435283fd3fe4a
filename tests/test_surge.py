"""High demand is declared in the open: it changes who does what, stands on every log, ends by itself, and touches no rule of risk."""

import inspect
from datetime import timedelta

import pytest

from tests import world
from tests.test_asked_desk import a_client
from watchroom.assessment import rules as risk
from watchroom.force import actions as force
from watchroom.force import policy
from watchroom.force import queries as forces
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.incidents import actions as incidents
from watchroom.incidents import interlock, queries, rules
from watchroom.staff.models import Member


def declare(at, hours=2, measures=("supervisors_answer",), reason="Bonfire night, and the river is up."):
    return force.declare_surge(reason=reason, measures=list(measures), until=at + timedelta(hours=hours), by="staff:1", at=at)


def test_it_lets_supervisors_answer_and_ends_by_itself(northmoor):
    marian = world.a_member("marian", "supervisor")
    assert "contacts.take" not in marian.permissions
    at = clock.now()
    declare(at)
    assert "contacts.take" in Member.objects.get(pk=marian.pk).permissions
    assert forces.acting(["supervisor"], at + timedelta(hours=2)) == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"reason": "busy"}, "Say what happens"), ({"hours": 13}, "at most 12 hours"), ({"measures": ()}, "Choose what")],
)
def test_without_reason_end_or_measure_there_is_none(northmoor, wrong, says):
    with pytest.raises(Invalid, match=says):
        declare(clock.now(), **wrong)


def test_there_is_one_at_a_time_and_ending_it_twice_is_no_harm(northmoor):
    at = clock.now()
    declare(at)
    with pytest.raises(Refused, match="declared already"):
        declare(at + timedelta(minutes=1))
    for _ in range(2):
        force.end_surge(by="staff:1", at=at + timedelta(minutes=2))
    assert forces.surge_at(at + timedelta(minutes=3)) is None


def test_it_prints_itself_on_every_log_that_was_open_meanwhile_and_on_no_other(northmoor):
    incident = world.a_whole_journey()
    later = world.an_incident(contact=world.an_answered_call(number="07700 900333", at=world.after(9000)), at=world.after(9030))
    declare(world.after(8000))
    assert "Bonfire night" not in " ".join(line.text for line in queries.log(incident.pk))
    assert "Bonfire night" in " ".join(line.text for line in queries.log(later.pk))
    assert "Bonfire night" not in " ".join(line.text for line in queries.log(later.pk, with_units=False))  # R47


def test_no_rule_of_risk_grade_or_interlock_can_take_it():
    """By type: none of their arguments is a surge, a queue or a unit; and a measure has no field for any of it."""
    for module in (risk, rules, interlock):
        for name, rule in inspect.getmembers(module, inspect.isfunction):
            if rule.__module__ != module.__name__ or name.startswith("_"):
                continue
            for parameter in inspect.signature(rule).parameters.values():
                assert not any(word in str(parameter).lower() for word in ("surge", "queue", "demand", "load")), (
                    f"{name}: {parameter}"
                )
    assert set(policy.Measure.model_fields) == {"code", "label", "role", "acts_as"}


def test_what_is_suggested_and_refused_is_the_same_with_it_and_without(northmoor):
    incident = world.an_incident(kind="domestic")
    contact = queries.contacts_of(incident.pk)[0]
    world.write_the_risk(contact, level=2)
    before = queries.suggestion(incident, at=world.after(100))
    declare(world.after(101))
    assert queries.suggestion(incident, at=world.after(102)) == before
    incidents.grade(incident=incident.pk, to="immediate", justification="", by="staff:1", at=world.after(103))
    with pytest.raises(Refused, match="second person"):
        incidents.grade(
            incident=incident.pk,
            to="scheduled",
            justification="There is nobody free before the morning.",
            by="staff:1",
            at=world.after(104),
        )


def test_a_supervisor_declares_and_ends_it_on_a_page_and_every_desk_sees_it(northmoor):
    marian = a_client("marian", "supervisor")
    assert (
        marian.post("/supervisor/surge/declare/", {"reason": "", "hours": "2"}, headers={"HX-Request": "true"}).status_code == 422
    )
    marian.post("/supervisor/surge/declare/", {"reason": "Flood at Old Quay.", "hours": "2", "measures": ["supervisors_answer"]})
    assert "Flood at Old Quay." in marian.get("/supervisor/surge/").content.decode()
    assert "Surge to" in marian.get("/despatch/").content.decode()
    assert "Surge to" not in a_client("bryn", "handler").get("/desk/").content.decode()
    marian.post("/supervisor/surge/end/")
    assert "Surge to" not in marian.get("/despatch/").content.decode()
