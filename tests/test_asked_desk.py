"""The pages of the second look and the second person: what is written is kept, what is wrong is said, nobody answers their own."""

import pytest
from django.test import Client

from tests import world
from watchroom.foundation import clock
from watchroom.incidents import actions as incidents
from watchroom.incidents import queries
from watchroom.incidents.models import Incident, Proposal


def a_client(name: str, *roles: str) -> Client:
    client = Client()
    client.force_login(world.a_member(name, *roles), backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session.update({"force": "northmoor", "force_name": "Northmoor Police", "desk_name": ""})
    session.save()
    return client


@pytest.fixture
def priya(northmoor: str) -> Client:
    return a_client("priya", "despatcher")


@pytest.fixture
def marian(northmoor: str) -> Client:
    return a_client("marian", "supervisor")


@pytest.fixture
def incident(northmoor: str) -> Incident:
    at = clock.now()
    contact = world.an_answered_call(at=at)
    incident = world.an_incident(contact=contact, kind="domestic", at=at)
    world.write_the_risk(contact, level=1, at=at)
    incidents.grade(incident=incident.pk, to="priority", justification="She wants to be seen.", by=contact.owner.code, at=at)
    return Incident.objects.get(pk=incident.pk)


DELAY = {
    "kind": "delay",
    "changed": "He has gone; she has locked the door.",
    "victim": "reached",
    "victim_said": "She says she is calm.",
    "until": "+120",
    "safeguarding": "A neighbour stays with her.",
    "reason": "She asks for a visit in the evening, when the children are asleep.",
}


def test_one_form_looks_again_and_asks(priya, incident):
    answer = priya.post(f"/incidents/{incident.pk}/ask/", DELAY, headers={"HX-Request": "true"})
    assert "A second person answers" in answer.content.decode()
    assert Proposal.objects.get().assessment.victim == "reached"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"until": "soon"}, "Write a time like 14:30"),
        ({"until": ""}, "Say by when somebody will be there."),
        ({"reason": "Busy."}, "Say more fully why"),
        ({"victim": ""}, "Say whether the victim was spoken with."),
        ({"kind": "downgrade", "to": "immediate"}, "waits for nobody"),
        ({"kind": "nonsense"}, "is nothing that is asked for"),
        ({"level_threat": "1"}, "Threat has a level and no reason"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_half_done_stays(priya, incident, wrong, says):
    before = queries.newest_look(incident.pk)
    answer = priya.post(f"/incidents/{incident.pk}/ask/", {**DELAY, **wrong}, headers={"HX-Request": "true"})
    assert answer.status_code in (409, 422)
    assert says in " ".join(answer.json()["problems"])
    assert queries.newest_look(incident.pk) == before
    assert not Proposal.objects.exists()


def test_a_second_look_alone_is_kept(priya, incident):
    said = {name: DELAY[name] for name in ("changed", "victim", "victim_said")}
    priya.post(f"/incidents/{incident.pk}/look/", said, headers={"HX-Request": "true"})
    assert queries.newest_look(incident.pk).stage == "review"


def test_the_supervisor_sees_the_case_and_answers(priya, marian, incident):
    priya.post(f"/incidents/{incident.pk}/ask/", DELAY)
    page = marian.get("/supervisor/asked/").content.decode()
    for words in (DELAY["reason"], DELAY["safeguarding"], DELAY["changed"], DELAY["victim_said"], "Spoken with the victim"):
        assert words in page
    proposal = Proposal.objects.get()
    answer = marian.post(f"/incidents/{incident.pk}/answer/", {"proposal": proposal.pk, "verdict": "refuse", "answer": ""})
    assert answer.status_code == 422
    marian.post(f"/incidents/{incident.pk}/answer/", {"proposal": proposal.pk, "verdict": "approve", "answer": ""})
    incident.refresh_from_db()
    assert incident.delayed_until == proposal.until


def test_a_supervisor_who_asked_is_told_that_another_answers(marian, incident):
    marian.post(f"/incidents/{incident.pk}/ask/", DELAY)
    assert "another person answers" in marian.get("/supervisor/asked/").content.decode()
    proposal = Proposal.objects.get()
    answer = marian.post(
        f"/incidents/{incident.pk}/answer/", {"proposal": proposal.pk, "verdict": "approve"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409


def test_who_asked_may_withdraw(priya, incident):
    priya.post(f"/incidents/{incident.pk}/ask/", DELAY)
    priya.post(f"/incidents/{incident.pk}/withdraw/", headers={"HX-Request": "true"})
    assert Proposal.objects.get().state == "withdrawn"


def test_two_logs_are_tied_and_parted_on_the_record(priya, incident):
    contact = world.an_answered_call(number="07700 900444", at=clock.now())
    other = world.an_incident(contact=contact, kind="domestic", at=clock.now())
    for wrong in ({"other": "nonsense"}, {"other": "2026-13-99/1"}, {"other": "9999"}, {"other": other.reference, "kind": ""}):
        told = {"kind": "linked", "because": "Same family.", **wrong}
        assert priya.post(f"/incidents/{incident.pk}/tie/", told, headers={"HX-Request": "true"}).status_code == 422
    priya.post(f"/incidents/{incident.pk}/tie/", {"other": other.reference, "kind": "linked", "because": "Same family."})
    for row in (incident, other):
        assert "linked to" in priya.get(f"/incidents/{row.pk}/").content.decode()
    tie = queries.ties(incident.pk)[0]
    priya.post(f"/incidents/{other.pk}/untie/", {"tie": tie.pk})
    assert queries.ties(incident.pk) == []


def test_whoever_takes_the_risk_is_named_and_a_closed_log_is_taken_up_again(priya, incident):
    priya.post(f"/incidents/{incident.pk}/take/")
    incident.refresh_from_db()
    assert incident.risk_holder == world.a_member("priya").code
    closed = world.a_whole_journey(number="07700 900666")
    assert priya.post(f"/incidents/{closed.pk}/reopen/", {"because": ""}, headers={"HX-Request": "true"}).status_code == 422
    priya.post(f"/incidents/{closed.pk}/reopen/", {"because": "She rang again."})
    closed.refresh_from_db()
    assert closed.is_open


def test_the_record_says_why_it_is_of_this_type(priya, northmoor):
    contact = world.an_answered_call(number="07700 900777", at=clock.now())
    incident = world.an_incident(contact=contact, kind="domestic", at=clock.now())
    incidents.retype(incident=incident.pk, kind="burglary", because="Heard: broken window", by="staff:1", at=clock.now())
    assert "Heard: broken window" in priya.get(f"/incidents/{incident.pk}/").content.decode()
