"""An Immediate grade never waits: not for the risk, not for a place, not for a type (step 3 of the first issue)."""

import pytest
from django.test import Client

from tests import world
from watchroom.assessment import actions as judge
from watchroom.assessment import queries as assessment
from watchroom.contacts import actions as contacts
from watchroom.dispatch import actions as dispatch
from watchroom.foundation.errors import Refused
from watchroom.incidents import actions as incidents
from watchroom.incidents import queries


@pytest.fixture
def desk(northmoor):
    client = Client()
    client.force_login(world.a_member("bryn", "handler"), backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session.update({"force": "northmoor"})
    session.save()
    return client


def decide(desk, contact, **more):
    return desk.post(f"/incidents/of/{contact.pk}/decide/", {"grade": "1"} | more, headers={"HX-Request": "true"})


def test_one_key_sends_a_call_of_which_only_the_words_are_known(desk):
    contact = world.an_answered_call()
    contacts.write(
        contact=contact.pk,
        text="He’s got a knife, he is breaking in",
        by=contact.owner.code,
        at=world.after(9),
        written_at=world.after(9),
    )
    answer = decide(desk, contact)
    assert answer.status_code == 200
    incident = queries.of_contact(contact.pk)
    assert incident.grade == "immediate"
    assert incident.place is None
    assert incident.where == "Place not known yet"


def test_the_place_is_what_the_telephone_says_until_one_is_picked(desk):
    world.a_place("20 Tanner’s Row")
    contact = world.an_answered_call(located=(3.0, 4.0, 14.0, "aml"))
    assert decide(desk, contact).status_code == 200
    incident = queries.of_contact(contact.pk)
    assert incident.where == "Near 20 Tanner’s Row, by the telephone ± 14 m"
    place = world.a_place("18 Tanner’s Row")
    contacts.pick_place(contact=contact.pk, place=place, by=contact.owner.code, at=world.after(60))
    assert queries.of_contact(contact.pk).where == "18 Tanner’s Row"


def test_every_other_grade_waits_for_place_type_and_risk(desk):
    contact = world.an_answered_call()
    answer = decide(desk, contact, grade="2", justification="It can wait a little.")
    assert answer.status_code == 409
    assert queries.of_contact(contact.pk) is None


def test_while_the_risk_is_owed_there_is_no_lower_grade_no_closing_and_no_wrap_up(northmoor):
    incident = world.an_incident()
    contact = queries.contacts_of(incident.pk).get()
    by = contact.owner.code
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=by, at=world.after(40))
    with pytest.raises(Refused, match="risk"):
        incidents.grade(incident=incident.pk, to="priority", justification="He has left.", by=by, at=world.after(60))
    with pytest.raises(Refused, match="risk"):
        incidents.close(incident=incident.pk, category="domestic", result="Done.", by=by, at=world.after(70))
    contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=world.after(80))
    with pytest.raises(Refused, match="risk"):
        contacts.wrap_up(contact=contact.pk, by=by, at=world.after(90))
    world.write_the_risk(contact)
    assert contacts.wrap_up(contact=contact.pk, by=by, at=world.after(120)).state == "wrapped"


def test_a_call_that_is_cut_off_bears_on_the_grade_until_somebody_says_otherwise(northmoor):
    """A cut-off call is urgently re-graded (College of Policing, call handlers and domestic abuse)."""
    contact = world.an_answered_call()
    contacts.end(contact=contact.pk, how="cut_off", by="link:trunk", at=world.after(30))
    assert "call_cut_off" in assessment.cues(contact, at=world.after(31))
    assert assessment.suggestion(contact, kind="", at=world.after(31)).grade == "priority"
    judge.hear(contact=contact.pk, cue="call_cut_off", is_present=False, by=contact.owner.code, at=world.after(60))
    assert "call_cut_off" not in assessment.cues(contact, at=world.after(61))


def test_she_reads_nothing_of_units_before_her_risk_is_saved_wherever_she_looks(desk):
    """R47: not in her log, not in the record of the incident, not in the despatcher's panel; afterwards she may tell the caller."""
    incident = world.an_incident()
    contact = queries.contacts_of(incident.pk).get()
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=contact.owner.code, at=world.after(40))
    unit = world.a_unit()
    dispatch.assign(incident=incident.pk, unit=unit.pk, by="staff:99", at=world.after(50))
    pages = (
        f"/desk/{contact.pk}/",
        f"/incidents/of/{contact.pk}/log/",
        f"/incidents/{incident.pk}/",
        f"/incidents/{incident.pk}/job/",
    )
    for page in pages:
        assert "NH21" not in desk.get(page).content.decode(), page
    world.write_the_risk(contact)
    assert "NH21 assigned" in desk.get(pages[1]).content.decode()


def test_a_colleagues_call_is_not_ended_or_written_up_by_somebody_else(desk):
    contact = world.an_answered_call()
    contact.owner = world.a_member("dawit", "handler")
    contact.save()
    for act in (f"/contacts/{contact.pk}/end/", f"/desk/{contact.pk}/wrap/"):
        answer = desk.post(act, {}, headers={"HX-Request": "true"})
        assert answer.status_code == 409
        assert "Dawit has this one" in answer.json()["problem"]


def test_a_note_sent_again_with_other_words_is_another_note(northmoor):
    incident = world.an_incident()
    priya = Client()
    priya.force_login(world.a_member("priya", "despatcher"), backend="watchroom.staff.auth.ForceBackend")
    session = priya.session
    session.update({"force": "northmoor"})
    session.save()
    for text in ("He has left", "He has left by the back", "He has left by the back"):
        assert (
            priya.post(
                f"/incidents/{incident.pk}/note/", {"key": "one", "text": text}, headers={"HX-Request": "true"}
            ).status_code
            == 200
        )
    assert [line.text for line in queries.log(incident.pk)] == ["He has left", "He has left by the back"]
