"""Ten cases in which the police's answer failed, from public inquiries and the report: each happens again here, and is prevented or shown.

What went wrong, with the source, is told in `docs/cases/`; each test bears the number of its page.
"""

from datetime import date, timedelta

import pytest

from tests import world
from watchroom.assessment import queries as risk
from watchroom.assessment import rules as judged
from watchroom.contacts import actions as contacts
from watchroom.demand.queries import now as room
from watchroom.duties import actions as sweeper
from watchroom.duties import queries as duties
from watchroom.force import packs
from watchroom.foundation.errors import Refused
from watchroom.foundation.models import Fact
from watchroom.identity import actions as people
from watchroom.identity import queries as identity
from watchroom.identity.lost import queries as lost
from watchroom.identity.models import Marker
from watchroom.incidents import actions as incidents
from watchroom.incidents import brief, proposals, queries
from watchroom.incidents.models import Incident

WHY = "He has gone to his brother's, forty miles away; she is with a neighbour."
ASKER, OTHER = "staff:901", "staff:902"


def a_marker(kind: str = "domestic_abuse", level: int = 1, **of) -> Marker:
    return Marker(
        kind=kind,
        level=level,
        title="High-risk domestic abuse",
        text="Conference of March.",
        source="records",
        since_date=date(2026, 3, 1),
        review_by_date=date(2027, 3, 1),
        **of,
    )


def a_graded_incident(grade: str = "priority", level: int = 2) -> Incident:
    contact = world.an_answered_call()
    by = contact.owner.code
    incident = world.an_incident(contact=contact, kind="domestic")
    world.write_the_risk(contact, level=level)
    incidents.grade(incident=incident.pk, to=grade, justification="She wants to be seen today.", by=by, at=world.after(120))
    contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=world.after(130))
    contacts.wrap_up(contact=contact.pk, by=by, at=world.after(140))
    return Incident.objects.get(pk=incident.pk)


def test_case_1_a_caller_with_a_marker_who_gave_up_is_owed_a_call_back_that_climbs(northmoor):
    people.mark([a_marker(number="+447700900417")])
    call = world.a_call()
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=world.after(9))
    call.refresh_from_db()
    assert call.attention == 2  # lifted while it still rang
    (owed,) = duties.open_for(("contact", call.pk))
    assert owed.kind == "abandoned"
    with pytest.raises(Refused):  # nobody wraps it up unseen: it was never answered
        contacts.answer(contact=call.pk, member=world.a_member(), by="staff:1", at=world.after(60))
    late = owed.due_at + timedelta(seconds=1)
    sweeper.sweep(at=late)
    owed.refresh_from_db()
    assert owed.raised_at == late
    headline = room.headline(late)
    assert headline is not None
    assert headline.danger.kind == "abandoned_marker"
    # and when it is looked at: a silent or abandoned call with a high-risk marker starts at the highest grade
    assert judged.suggest((), {"silent", "high_risk_marker"}, None, packs.national()).grade == "immediate"


def test_case_2_a_graded_log_needs_no_click_to_be_seen_by_despatch_and_is_raised_when_nobody_goes(northmoor):
    incident = a_graded_incident()
    assert incident in queries.open_now()  # on the board since it was opened: there is no step of routing that could be forgotten
    kinds = {duty.kind for duty in duties.open_for(("incident", incident.pk))}
    assert {"attend", "decide", "review"} <= kinds
    late = incident.attend_by + timedelta(seconds=1)
    sweeper.sweep(at=late)
    raised = set(Fact.objects.filter(kind="DutyOverdue").values_list("body__kind", flat=True))
    assert {"attend", "decide"} <= raised
    assert room.owed(late).total > 0  # on the supervisor's screen, within seconds and not after three hours


def test_case_3_officers_are_told_the_risk_in_words_and_nothing_closes_on_a_welfare_check(northmoor):
    incident = a_graded_incident("immediate", level=3)
    told = repr(brief.of(incident, at=world.after(200)))
    assert world.RATIONALES["harm"] in told
    with pytest.raises(Refused) as problem:
        incidents.close(
            incident=incident.pk, category="domestic", result="Welfare check, no reply.", by="staff:1", at=world.after(900)
        )
    assert any("nobody has" in says for says in problem.value.problems)


def test_case_4_no_downgrade_without_a_fresh_look_a_reason_and_a_second_person(northmoor):
    incident = a_graded_incident(level=1)

    def ask(seconds: float):
        return proposals.ask(
            incident=incident.pk, kind="downgrade", to="scheduled", reason=WHY, by=ASKER, at=world.after(seconds)
        )

    with pytest.raises(Refused):  # the risk was not looked at since
        ask(600)
    proposals.look_again(
        incident=incident.pk,
        stage="downgrade",
        changed="He has gone; the door is locked.",
        victim="reached",
        victim_said="She says she is all right for now.",
        changes={},
        by=ASKER,
        at=world.after(610),
    )
    asked = ask(620)
    with pytest.raises(Refused):  # nobody approves what they asked for
        proposals.approve(proposal=asked.pk, answer="", by=ASKER, at=world.after(630))
    assert Incident.objects.get(pk=incident.pk).grade == "priority"
    proposals.approve(proposal=asked.pk, answer="", by=OTHER, at=world.after(640))
    assert Incident.objects.get(pk=incident.pk).grade == "scheduled"


def test_case_5_a_call_on_the_border_keeps_its_words_and_waits_for_no_place(northmoor):
    contact = world.an_answered_call(place_said="")
    by, said = contact.owner.code, "He says he is coming back to kill me."
    contacts.write(contact=contact.pk, text=said, by=by, at=world.after(20), written_at=world.after(20))
    incident = incidents.open_with_what_is_known(contact=contact.pk, by=by, at=world.after(21))
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=by, at=world.after(22))
    assert said in [line.text for line in queries.log(incident.pk)]  # the words themselves, and no summary of them
    assert incident.where  # whose it is, is asked while somebody is already on the way
    assert duties.is_owed("attend", ("incident", incident.pk))


def test_case_6_a_message_on_an_answerphone_is_owed_an_answer_also_on_a_bank_holiday(northmoor):
    holiday = world.NIGHT.replace(month=12, day=25)
    message = world.a_call(channel="answerphone", at=holiday, text="He keeps coming to the house.")
    (owed,) = duties.open_for(("contact", message.pk))
    assert owed.kind == "answer"
    assert owed.owner
    assert owed.due_at < holiday + timedelta(days=1)  # of the channel, and knows no weekends
    sweeper.sweep(at=owed.due_at)
    assert Fact.objects.filter(kind="DutyOverdue", body__duty=owed.pk).exists()
    contact = contacts.answer(contact=message.pk, member=world.a_member(), by="staff:1", at=owed.due_at)
    assert duties.is_owed("risk", ("contact", contact.pk))  # assessed as a call would be
    with pytest.raises(Refused):
        contacts.wrap_up(contact=contact.pk, by="staff:1", at=owed.due_at + timedelta(minutes=5))


def test_case_7_the_same_woman_on_another_number_of_hers_is_known_with_her_marker(northmoor):
    people.bring_in(
        [
            people.Known(
                given_name="Leanne",
                family_name="Whitcombe",
                numbers=("+447700900417", "+447700900418"),
                markers=(a_marker(),),
            )
        ],
        source="records",
        by="system:test",
        at=world.NIGHT,
    )
    for number in ("07700 900417", "07700 900418"):
        call = world.a_call(number=number)
        assert [marker.kind for marker in identity.markers(call)] == ["domestic_abuse"]
        call.refresh_from_db()
        assert call.attention == 2  # before anybody answers
        assert "high_risk_marker" in risk.cues(call, at=world.after(5))


def test_case_8_a_999_call_after_an_abandoned_101_call_says_so_to_whoever_answers(northmoor):
    first = world.a_call(channel="101")
    contacts.end(contact=first.pk, how="caller", by="link:trunk", at=world.after(600))
    second = world.a_call(at=world.after(900))
    found = lost.before(second)
    assert found is not None
    assert (found.earlier.pk, found.ways, found.seconds) == (first.pk, ("number",), 300)
    assert duties.is_owed("abandoned", ("contact", first.pk))
    assert room.arrives(world.after(1000)).to_999 == 1


def test_case_9_neither_free_officers_nor_a_queue_changes_what_is_suggested(northmoor):
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact, kind="domestic")
    world.write_the_risk(contact, level=2)
    quiet = queries.suggestion(incident, at=world.after(100))
    for number in range(12):
        world.a_call(number=f"01632 9600{number:02d}", at=world.after(100))
    busy = queries.suggestion(incident, at=world.after(101))
    for number in range(6):
        world.a_unit(f"NH{number:02d}")
    with_units = queries.suggestion(incident, at=world.after(102))
    assert quiet == busy == with_units
    assert quiet.because


def test_case_10_the_risk_is_owed_for_every_contact_however_many_wait(northmoor):
    for number in range(12):
        world.a_call(number=f"01632 9601{number:02d}")
    contact = world.an_answered_call(channel="101")
    contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=world.after(60))
    with pytest.raises(Refused) as problem:
        contacts.wrap_up(contact=contact.pk, by=contact.owner.code, at=world.after(70))
    assert any("risk is not written" in says for says in problem.value.problems)
    world.write_the_risk(contact, level=0, at=world.after(80))
    contacts.wrap_up(contact=contact.pk, by=contact.owner.code, at=world.after(90))
