"""The gate, the promises, the diary, and what comes of it: as Ruth does them at the resolution desk."""

from datetime import timedelta

import pytest

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.identity import actions as identity
from watchroom.identity.models import Person
from watchroom.incidents import actions as incidents
from watchroom.incidents.models import Incident
from watchroom.resolution import actions, afterwards, diary, keeping, queries
from watchroom.resolution.models import FollowUp, Overtaken, Promise, Repeat, Resolution, SolvabilityAnswer, Step

BY = "staff:1"
NO = dict.fromkeys((q.code for q in packs.national().solvability), False)
WHY = "Taken last night, nobody saw it, nothing to secure."
HOUR = timedelta(hours=1)
NOW = world.after(600)


def owed(incident: Incident) -> set[str]:
    return set(
        Duty.objects.filter(subject_kind="incident", subject_id=incident.pk, settled_at=None).values_list("kind", flat=True)
    )


# --- The gate (R91)


def test_the_answers_are_kept_with_who_and_when(northmoor):
    case = world.to_be_resolved()
    world.resolve(case)
    rows = queries.solvability_rows(case.pk)
    assert {row.question: row.is_yes for row in rows} == NO
    assert {(row.by, row.at) for row in rows} == {(BY, NOW)}


def test_a_yes_is_refused_and_leaves_nothing_behind(northmoor):
    case = world.to_be_resolved()
    with pytest.raises(Refused, match="There is CCTV: an officer attends"):
        world.resolve(case, solvability={**NO, "cctv": True})
    assert not Resolution.objects.exists()
    assert not SolvabilityAnswer.objects.exists()


def test_one_act_keeps_the_yes_and_hands_it_to_despatch(northmoor):
    case = world.to_be_resolved()
    why = "An officer could solve it: there is CCTV."
    actions.send_somebody(incident=case.pk, grade="scheduled", justification=why, solvability={**NO, "cctv": True}, by=BY, at=NOW)
    case.refresh_from_db()
    assert case.grade == "scheduled"
    assert "attend" in owed(case)
    assert queries.solvability(case.pk)["cctv"] is True
    assert case.decisions.order_by("-pk").first().justification == why
    assert not Resolution.objects.exists()


def test_who_sends_somebody_only_ever_raises(northmoor):
    case = world.to_be_resolved()
    actions.send_somebody(incident=case.pk, grade="priority", justification=WHY, by=BY, at=NOW)
    with pytest.raises(Refused, match="already"):
        actions.send_somebody(incident=case.pk, grade="scheduled", justification=WHY, by=BY, at=NOW)
    with pytest.raises(Invalid):
        actions.send_somebody(incident=case.pk, grade="rwd", justification=WHY, by=BY, at=NOW)


def test_a_yes_of_yesterday_still_stands_today(northmoor):
    case = world.to_be_resolved()
    SolvabilityAnswer.objects.create(incident=case, question="dna", is_yes=True, policy_number=1, by=BY, at=NOW)
    with pytest.raises(Refused, match="There may be DNA: an officer attends"):
        world.resolve(case, solvability=None)
    with pytest.raises(Refused, match="is on record"):
        world.resolve(case, solvability=NO)
    world.resolve(case, solvability=NO, because="The swab was of the owner, says the laboratory.")
    assert [row.is_yes for row in SolvabilityAnswer.objects.filter(question="dna").order_by("pk")] == [True, False]


def test_what_somebody_was_sent_to_is_no_longer_resolved_without_anyone(northmoor):
    case = world.to_be_resolved()
    world.resolve(case, "call_back", promised_for=NOW + 2 * HOUR)
    actions.send_somebody(incident=case.pk, grade="priority", justification="He is back and shouting.", by=BY, at=NOW + HOUR)
    assert not Resolution.objects.exists()
    assert Overtaken.objects.get().outcome == "call_back"
    assert queries.promises().count() == 1  # what was promised stays promised
    assert not FollowUp.objects.exists()
    assert "follow_up" not in set(Duty.objects.filter(settled_at=None).values_list("kind", flat=True))


def test_what_is_taken_up_again_is_resolved_anew_and_can_close_again(northmoor):
    case = world.to_be_resolved()
    world.resolve(case)
    close(case, NOW)
    incidents.reopen(incident=case.pk, because="She rang: it has happened again.", by=BY, at=NOW + HOUR)
    assert Overtaken.objects.get().why == "anew"
    with pytest.raises(Refused):
        close(case, NOW + HOUR)
    world.resolve(case, at=NOW + HOUR)
    duties.settle("look", subject=("incident", case.pk), by=BY, at=NOW + HOUR)
    assert not close(case, NOW + HOUR).is_open


def test_a_resolved_case_that_is_graded_the_same_again_can_close_in_the_end(northmoor):
    case = world.to_be_resolved()
    world.resolve(case)
    incidents.grade(incident=case.pk, to="rwd", justification=WHY, by=BY, at=NOW + HOUR)
    world.resolve(case, at=NOW + HOUR)
    assert not close(case, NOW + HOUR).is_open


def test_resolving_settles_the_duty_to_resolve(northmoor):
    case = world.to_be_resolved()
    duties.owe(kind="resolve", subject=("incident", case.pk), owner="desk:resolution", due_at=NOW, by=BY, at=NOW)
    world.resolve(case)
    assert "resolve" not in owed(case)


# --- Promises (R25)


@pytest.fixture
def call_back(northmoor) -> Promise:
    case = world.to_be_resolved()
    world.resolve(case, "call_back", promised_for=NOW + 2 * HOUR)
    return queries.promises().get()


def test_who_was_not_reached_is_tried_again_and_nothing_is_forgotten(call_back):
    keeping.tried(promise=call_back.pk, how="no_answer", next_at=NOW + 4 * HOUR, by=BY, at=NOW + HOUR)
    call_back.refresh_from_db()
    assert call_back.next_at == NOW + 4 * HOUR
    assert call_back.due_at == NOW + 2 * HOUR  # what was promised is what it is measured by
    assert Duty.objects.get(kind="call_back", settled_at=None).due_at == NOW + 4 * HOUR
    keeping.keep_promise(incident=call_back.incident_id, by=BY, at=NOW + 4 * HOUR)
    assert Fact.objects.get(kind="PromiseKept").body["in_time"] is False


def test_no_message_is_left_where_nobody_said_that_it_is_safe(call_back):
    with pytest.raises(Refused, match="No message is left"):
        keeping.tried(promise=call_back.pk, how="message", next_at=NOW + 4 * HOUR, by=BY, at=NOW + HOUR)
    contacts.say_safe_contact(contact=call_back.contact_id, safe="any", may_leave_message=True, by=BY, at=NOW)
    keeping.tried(promise=call_back.pk, how="message", next_at=NOW + 4 * HOUR, by=BY, at=NOW + HOUR)
    assert Step.objects.get().kind == "message"


def test_after_three_tries_the_supervisor_has_it(call_back):
    for hour in (1, 2, 3):
        keeping.tried(promise=call_back.pk, how="no_answer", next_at=NOW + (hour + 1) * HOUR, by=BY, at=NOW + hour * HOUR)
    assert Duty.objects.get(kind="call_back", settled_at=None).owner == "desk:supervisor"
    assert Fact.objects.get(kind="PromiseMissed").body["why"] == "tries"


def test_what_is_missed_climbs_to_the_supervisor(call_back):
    duties.sweep(at=NOW + 2 * HOUR)
    call_back.refresh_from_db()
    assert call_back.is_missed
    assert Duty.objects.get(kind="call_back", settled_at=None).owner == "desk:supervisor"
    assert Fact.objects.get(kind="PromiseMissed").body["why"] == "late"


def test_an_appointment_is_moved_with_its_reason_and_kept_by_whoever_comes(northmoor):
    contact = world.an_answered_call(number="07700 900432")
    incident = world.an_incident(contact=contact, kind="theft")
    world.write_the_risk(contact, level=1)
    incidents.grade(incident=incident.pk, to="appointment", justification=WHY, by=BY, at=NOW)
    assert incident in queries.without_appointment()
    made = keeping.make_appointment(incident=incident.pk, due_at=NOW + 24 * HOUR, text="At home.", by=BY, at=NOW)
    assert incident not in queries.without_appointment()
    with pytest.raises(Refused, match="promised already"):
        keeping.make_appointment(incident=incident.pk, due_at=NOW + 24 * HOUR, text="", by=BY, at=NOW)
    with pytest.raises(Refused, match="Write why"):
        keeping.move(promise=made.pk, to=NOW + 48 * HOUR, because="", by=BY, at=NOW)
    keeping.move(promise=made.pk, to=NOW + 48 * HOUR, because="The officer is at court; she was told.", by=BY, at=NOW)
    step = Step.objects.get()
    assert (step.before_at, step.next_at) == (NOW + 24 * HOUR, NOW + 48 * HOUR)
    incidents.attend(incident=incident.pk, by="link:radio", at=NOW + 47 * HOUR)
    made.refresh_from_db()
    assert made.kept_at == NOW + 47 * HOUR
    assert "appointment" not in owed(incident)


def test_advice_to_be_posted_is_owed_until_it_is_posted(northmoor):
    case = world.to_be_resolved()
    words = "Tell your bank now, and never use the old password again."
    done = world.resolve(case, "written_advice", advice=words, advice_way="to_post")
    assert done.advice == words
    assert "post_advice" in owed(case)
    keeping.keep_promise(incident=case.pk, kind="post_advice", by=BY, at=NOW + HOUR)
    assert "post_advice" not in owed(case)


# --- Desk investigation (R90)


@pytest.fixture
def investigated(northmoor) -> Incident:
    world.a_member("ruth", "resolver")
    case = world.to_be_resolved("damage")
    world.resolve(case, "desk_investigation", text="Ask the shop and the bus company for pictures.")
    return case


def close(incident: Incident, at):
    world.decide_on_crime(incident, by=BY, at=at)
    return incidents.close(incident=incident.pk, category="crime", result="Nobody was found.", by=BY, at=at)


def test_it_holds_the_incident_open_until_it_is_finished(investigated):
    found = queries.investigation(investigated.pk)
    with pytest.raises(Refused, match="desk investigation is not finished"):
        close(investigated, NOW + HOUR)
    line = diary.enquire(
        investigation=found.pk, what="Pictures of the bus", owner="desk:resolution", due_at=NOW + 48 * HOUR, by=BY, at=NOW
    )
    with pytest.raises(Refused, match="still open: Pictures of the bus"):
        diary.finish(investigation=found.pk, result="exhausted", finding="No camera sees the wall; she was told.", by=BY, at=NOW)
    diary.write(investigation=found.pk, enquiry=line.pk, text="The camera was off.", is_done=True, by=BY, at=NOW + HOUR)
    diary.finish(
        investigation=found.pk, result="exhausted", finding="No camera sees the wall; she was told.", by=BY, at=NOW + HOUR
    )
    assert not Duty.objects.filter(kind__in=("investigate", "enquiry"), settled_at=None).exists()
    assert [entry.text for entry in queries.diary(found.pk)][-1] == "The camera was off."
    assert FollowUp.objects.filter(incident=investigated).count() == 1


def test_every_line_has_an_owner_and_a_time(investigated):
    found = queries.investigation(investigated.pk)
    with pytest.raises(Invalid):
        diary.enquire(investigation=found.pk, what="Pictures", owner="desk:nobody", due_at=NOW + HOUR, by=BY, at=NOW)
    with pytest.raises(Invalid):
        diary.enquire(investigation=found.pk, what="Pictures", owner="", due_at=None, by=BY, at=NOW)


def test_it_is_looked_at_by_a_date_and_given_to_somebody(investigated):
    found = queries.investigation(investigated.pk)
    ruth = world.a_member("ruth").code
    diary.review(investigation=found.pk, to=ruth, review_by=NOW + 72 * HOUR, text="Waits for pictures.", by=BY, at=NOW)
    held = Duty.objects.get(kind="investigate", settled_at=None)
    assert (held.owner, held.due_at) == (ruth, NOW + 72 * HOUR)


def test_a_suspect_who_is_there_turns_it_into_a_deployment(investigated):
    found = queries.investigation(investigated.pk)
    diary.enquire(investigation=found.pk, what="Who is in the picture", owner="", due_at=NOW + HOUR, by=BY, at=NOW)
    actions.send_somebody(
        incident=investigated.pk,
        grade="priority",
        justification="He is outside the shop again.",
        solvability={"offender_there": True},
        by=BY,
        at=NOW + HOUR,
    )
    found.refresh_from_db()
    assert found.result == "deployed"
    assert not Duty.objects.filter(kind__in=("investigate", "enquiry"), settled_at=None).exists()
    assert not Resolution.objects.exists()


def test_only_listed_offences_are_investigated_from_the_desk(northmoor):
    with pytest.raises(Refused, match="list of what is investigated from a desk"):
        world.resolve(world.to_be_resolved("burglary"), "desk_investigation")


# --- Afterwards (R92)


def test_after_a_week_somebody_asks_whether_they_would_need_us_again(northmoor):
    case = world.to_be_resolved()
    world.resolve(case)
    world.decide_on_crime(case, by=BY, at=NOW)
    incidents.close(incident=case.pk, category="crime", result="Told what to do.", by=BY, at=NOW)  # nothing holds it open
    week = NOW + timedelta(days=7)
    assert not queries.to_follow_up(week - HOUR).exists()
    row = queries.to_follow_up(week).get()
    with pytest.raises(Refused, match="what they still need"):
        afterwards.follow_up(follow_up=row.pk, answer="yes", by=BY, at=week)
    afterwards.follow_up(follow_up=row.pk, answer="no", by=BY, at=week)
    assert not queries.to_follow_up(week).exists()
    assert not Duty.objects.filter(kind="follow_up", settled_at=None).exists()


def test_whom_it_is_not_safe_to_contact_nobody_asks(northmoor):
    case = world.to_be_resolved(safe_contact="no")
    world.resolve(case)
    row = FollowUp.objects.get()
    with pytest.raises(Refused, match="not safe to contact"):
        afterwards.follow_up(follow_up=row.pk, answer="no", by=BY, at=NOW)
    afterwards.follow_up(follow_up=row.pk, answer="not_safe", by=BY, at=NOW)


def again(days: float, **more) -> Contact:
    return world.a_call(channel="101", at=NOW + timedelta(days=days), **more)


def test_the_same_number_within_28_days_is_a_sign_that_it_failed(northmoor):
    case = world.to_be_resolved()
    world.resolve(case)
    second = again(6.5, number="07700 900431")
    told = Fact.objects.get(kind="RepeatAfterResolution")
    assert (told.body["same"], told.body["days"], told.subject_id) == ("number", 6, second.pk)
    (line,) = queries.again(second.pk)
    assert line.says == f"Resolved without anyone 6 days ago: log {case.reference}; the same number is in touch again"
    assert [one.contact for one in queries.came_back(NOW)] == [second]


def test_after_28_days_it_is_another_matter(northmoor):
    world.resolve(world.to_be_resolved())
    again(28.1, number="07700 900431")
    assert not Repeat.objects.exists()


def test_the_same_address_counts_when_it_is_picked_and_once_only(northmoor):
    world.resolve(world.to_be_resolved())
    second = again(2, number="07700 900499")
    assert not Repeat.objects.exists()
    for _ in range(2):
        contacts.pick_place(contact=second.pk, place=world.a_place(), by=BY, at=NOW + timedelta(days=2))
    assert Repeat.objects.get().same == "place"


def test_the_same_person_counts_once_they_are_known(northmoor):
    ann = Person.objects.create(given_name="Ann", family_name="Carver")
    case = world.to_be_resolved()
    identity.confirm(contact=queries.first_contact(case.pk).pk, person=ann.pk, by=BY, at=NOW)
    world.resolve(case)
    second = again(3, number="")
    identity.confirm(contact=second.pk, person=ann.pk, by=BY, at=NOW + timedelta(days=3))
    assert Repeat.objects.get(contact=second).same == "person"


def test_who_rings_again_about_what_was_not_resolved_so_is_no_repeat(northmoor):
    world.to_be_resolved()
    again(1, number="07700 900431")
    assert not Repeat.objects.exists()


# --- Samples (R87)


def test_a_case_for_the_sample_holds_codes_and_times_only(northmoor):
    case = world.to_be_resolved(text="My name is Zyxwvut.", caller_name="Zyxwvut")
    world.resolve(case, "call_back", promised_for=NOW + HOUR)
    keeping.keep_promise(incident=case.pk, by=BY, at=NOW + 2 * HOUR)
    again(6, number="07700 900431")
    (found,) = queries.cases(NOW - HOUR, NOW + HOUR)
    assert (found.outcome, found.asked, found.promised, found.came_back) == ("call_back", 5, "late", 6)
    assert "Zyxwvut" not in repr(found)
    assert "900431" not in repr(found)
