"""Nobody speaks: 55, sounds, and the number of somebody at high risk, whose silent call starts at the highest grade (IOPC, Hampshire)."""

from datetime import date

import pytest

from tests import world
from watchroom.assessment import queries as risk
from watchroom.assessment.models import Cue
from watchroom.contacts import actions as contacts
from watchroom.contacts import silence
from watchroom.force import packs
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact

HX = {"HX-Request": "true"}


def gave_up(**more):
    call = world.a_call(**more)
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=world.after(30))
    call.refresh_from_db()
    return call


def suggested(call):
    return risk.suggestion(call, kind="", at=world.after(60))


def test_an_abandoned_999_call_from_a_number_with_a_high_risk_marker_starts_at_the_highest_grade(northmoor):
    world.a_flag(number=world.LEANNE)
    found = suggested(gave_up())
    assert found.grade == "immediate"
    assert [reason.says for reason in found.because] == [
        "A silent or abandoned call where a high-risk marker stands starts at the highest grade."
    ]


def test_without_a_marker_it_is_not_left_for_hours_and_an_abandoned_101_call_is_no_silent_one(northmoor):
    assert suggested(gave_up()).grade == "priority"
    assert suggested(gave_up(channel="101", number="01632 960001")).grade is None


def test_who_picks_up_later_does_not_take_it_back(northmoor):
    world.a_flag(number=world.LEANNE)
    call = gave_up()
    contacts.reach(contact=call.pk, member=world.a_member(), by="staff:1", at=world.after(50))
    assert suggested(call).grade == "immediate"


@pytest.mark.parametrize(
    ("sound", "cue", "grade"),
    [("fifty_five", "pressed_55", "immediate"), ("nothing", "silent", "priority"), ("pocket", None, None)],
)
def test_what_is_heard_is_noted_by_a_key_and_counts(northmoor, sound, cue, grade):
    call = world.an_answered_call(number="01632 960001")
    line = silence.note(contact=call.pk, sound=sound, words="A kettle.", by="staff:1", at=world.after(20))
    assert line.text.startswith("Heard on the line: ")
    assert line.text.endswith("A kettle.")
    fact = Fact.objects.get(kind="SoundHeard")
    assert fact.body["sound"] == sound
    assert [row.code for row in Cue.objects.filter(contact=call)] == ([cue] if cue else [])
    assert suggested(call).grade == grade


def test_heard_twice_is_said_once_and_what_is_unknown_or_no_call_is_refused(northmoor):
    call = world.an_answered_call(number="01632 960001")
    for seconds in (20, 25):
        silence.note(contact=call.pk, sound="nothing", by="staff:1", at=world.after(seconds))
    assert Cue.objects.filter(contact=call, code="silent").count() == 1
    with pytest.raises(Invalid):
        silence.note(contact=call.pk, sound="thunder", by="staff:1", at=world.after(30))
    with pytest.raises(Invalid):
        silence.note(contact=call.pk, sound="nothing", words="x" * 501, by="staff:1", at=world.after(30))
    written = world.an_answered_call(channel="online")
    with pytest.raises(Refused):
        silence.note(contact=written.pk, sound="nothing", by="staff:1", at=world.after(30))


def test_the_keys_stand_on_the_contacts_page(northmoor):
    call = world.an_answered_call(at=clock.now())
    client = world.signed_in("bryn", "handler")
    page = client.get(f"/desk/{call.pk}/send/").content.decode()
    assert 'data-key="F9 s"' in page
    assert 'value="fifty_five" data-key="F9 5"' in page
    assert client.post(f"/contacts/{call.pk}/heard/", {"sound": "fifty_five"}, headers=HX).status_code == 200
    assert "55 pressed" in client.get(f"/assessment/{call.pk}/cues/").content.decode()
    assert "starts at grade 1" in page


def test_past_its_review_date_the_supervisor_is_alarmed_and_the_rule_still_holds(northmoor, monkeypatch):
    policy = packs.national()
    late = policy.model_copy(update={"silent_call": policy.silent_call.model_copy(update={"review_by": date(2026, 1, 1)})})
    supervisor = world.signed_in("sam", "supervisor")
    assert "Past its review date" not in supervisor.get("/supervisor/owed/").content.decode()
    real = force.policy_at
    monkeypatch.setattr(force, "policy_at", lambda at: force.Adopted(real(at).number, late))
    page = supervisor.get("/supervisor/owed/").content.decode()
    assert "The rule for silent calls was to be reviewed by 01 January 2026" in page
    assert "It holds until it is changed." in page
    world.a_flag(number=world.LEANNE)
    assert suggested(gave_up()).grade == "immediate"
