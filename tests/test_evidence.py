"""Evidence that may be lost: proposed by answers, taken by a person, owed while it perishes, and told to the officers who attend."""

from datetime import UTC, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.assessment import actions as assessment
from watchroom.assessment import questions, scene
from watchroom.contacts import actions as contacts
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.incidents import actions as incidents
from watchroom.incidents import brief, evidence, queries
from watchroom.incidents.models import Evidence

POLICY = packs.national()
BURGLARY = next(one for one in questions.shipped() if one.code == "burglary")


@pytest.fixture
def contact(northmoor):
    return world.an_answered_call()


def answered(contact, question: str, given_answer: str, asking: str = "burglary", seconds: float = 60):
    by, at = contact.owner.code, world.after(seconds)
    assessment.answer_question(contact=contact.pk, asking=asking, question=question, given=given_answer, by=by, at=at)


def noted(contact, what: str = "Doorbell recording", lasts_h: int | None = 48, seconds: float = 70, **more) -> Evidence:
    return evidence.note(contact=contact.pk, what=what, lasts_h=lasts_h, by=contact.owner.code, at=world.after(seconds), **more)


def duty(kind: str, number: int) -> Duty | None:
    return owed.open_for((kind, number)).filter(kind="evidence").first()


def a_client(member) -> Client:
    client = Client()
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = member.force
    session.save()
    return client


# --- proposed by answers, taken by a person


def test_an_answer_proposes_and_writes_nothing_by_itself(contact):
    answered(contact, "cameras", "yes")
    ((one, at),) = evidence.proposed(contact.pk)
    assert (one.what, one.lasts_h, at) == ("Camera recording", 48, world.after(60))
    assert not Evidence.objects.exists()
    assert not Fact.objects.filter(kind="EvidenceNoted").exists()


def test_an_answer_that_comes_while_the_panel_is_drawn_does_not_break_it(contact, monkeypatch):
    """Another process writes it between two questions to the database: there is no answer without its time."""
    real = evidence.assessment.answers_given

    def meanwhile(number):
        monkeypatch.setattr(evidence.assessment, "answers_given", real)
        answered(contact, "cameras", "yes")
        return real(number)

    monkeypatch.setattr(evidence.assessment, "answers_given", meanwhile)
    ((one, at),) = evidence.proposed(contact.pk)
    assert (one.what, at) == ("Camera recording", world.after(60))


def test_what_is_taken_stands_in_the_log_once_and_its_time_runs_from_the_answer(contact):
    answered(contact, "cameras", "yes")
    for seconds in (300, 301):
        evidence.take(contact=contact.pk, source="burglary.cameras.0", by=contact.owner.code, at=world.after(seconds))
    row = Evidence.objects.get()
    assert row.perishable_until == world.after(60) + timedelta(hours=48)
    assert evidence.proposed(contact.pk) == []
    (line,) = [line for line in queries.contact_log(contact.pk) if line.key.startswith("evidence")]
    assert "Camera recording" in line.text
    assert Fact.objects.filter(kind="EvidenceNoted").count() == 1
    assert "recording" not in str(Fact.objects.get(kind="EvidenceNoted").body)


def test_an_answer_that_was_corrected_proposes_nothing_any_more(contact):
    answered(contact, "cameras", "yes")
    answered(contact, "cameras", "no", seconds=90)
    assert evidence.proposed(contact.pk) == []
    with pytest.raises(Invalid):
        evidence.take(contact=contact.pk, source="burglary.cameras.0", by=contact.owner.code, at=world.after(100))


def test_every_set_of_the_library_says_something_for_officers_and_most_propose_evidence():
    assert all(one.scene for one in questions.shipped())
    proposing = [one.code for one in questions.shipped() if any(e.evidence for q in one.questions for e in q.answers.values())]
    assert len(proposing) >= 14


@given(
    st.dictionaries(st.sampled_from([q.code for q in BURGLARY.questions]), st.sampled_from(["yes", "no", "cannot_say", "said"]))
)
def test_one_answer_more_never_takes_a_proposal_or_a_line_of_advice_away(answers):
    for question in BURGLARY.questions:
        for value in question.outcomes if question.code not in answers else ():
            more = {**answers, question.code: value}
            assert set(scene.proposals(BURGLARY, answers)) <= set(scene.proposals(BURGLARY, more))
            assert set(scene.advice_of_answers(BURGLARY, answers)) <= set(scene.advice_of_answers(BURGLARY, more))


# --- owed while it perishes


def test_what_perishes_is_owed_on_the_contact_until_there_is_a_log_and_then_on_the_log(contact):
    row = noted(contact)
    standing = duty("contact", contact.pk)
    assert (standing.due_at, standing.owner) == (row.perishable_until, contact.owner.code)
    incident = world.an_incident(contact=contact, at=world.after(80))
    assert duty("contact", contact.pk) is None
    assert duty("incident", incident.pk).due_at == row.perishable_until
    contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=world.after(90))
    world.write_the_risk(contact)
    contacts.wrap_up(contact=contact.pk, by=contact.owner.code, at=world.after(200))  # the log holds it, not her call


def test_the_earliest_of_several_is_owed_and_the_next_when_that_one_is_secured(contact):
    incident = world.an_incident(contact=contact)
    late, soon = noted(contact, lasts_h=48), noted(contact, "Blood on the step", lasts_h=1)
    noted(contact, "Letters", lasts_h=None)
    assert duty("incident", incident.pk).due_at == soon.perishable_until
    by = contact.owner.code
    evidence.settle(evidence=soon.pk, state="secured", outcome="Covered by PC Rao.", by=by, at=world.after(600))
    assert duty("incident", incident.pk).due_at == late.perishable_until
    evidence.settle(evidence=late.pk, state="lost", outcome="The camera was off.", by=by, at=world.after(700))
    assert duty("incident", incident.pk) is None  # letters do not perish by themselves


def test_what_is_not_secured_in_time_is_raised_and_a_log_does_not_close_over_it(contact):
    incident = world.an_incident(contact=contact)
    row = noted(contact, lasts_h=1)
    problems = incidents.problems_of_closing(incident, category="burglary", result="Done.", at=world.after(100))
    assert any("Evidence that may be lost is not secured" in one for one in problems)
    duties.sweep(at=world.after(70) + timedelta(hours=2))
    assert Fact.objects.filter(kind="DutyOverdue", body__kind="evidence").count() == 1
    evidence.settle(evidence=row.pk, state="lost", outcome="Rain.", by=contact.owner.code, at=world.after(9000))
    problems = incidents.problems_of_closing(incident, category="burglary", result="Done.", at=world.after(9001))
    assert not any("vidence" in one for one in problems)


def test_who_takes_the_risk_takes_what_is_owed_about_evidence(contact):
    incident = world.an_incident(contact=contact)
    noted(contact)
    incidents.take_risk(incident=incident.pk, to="desk:supervisor", by=contact.owner.code, at=world.after(100))
    assert duty("incident", incident.pk).owner == "desk:supervisor"


def test_it_is_settled_once_and_says_how(contact):
    row = noted(contact)
    by = contact.owner.code
    with pytest.raises(Invalid):
        evidence.settle(evidence=row.pk, state="secured", outcome=" ", by=by, at=world.after(80))
    evidence.settle(evidence=row.pk, state="secured", outcome="Saved by the owner.", by=by, at=world.after(80))
    with pytest.raises(Refused):
        evidence.settle(evidence=row.pk, state="lost", outcome="After all not.", by=by, at=world.after(90))
    with pytest.raises(DatabaseError), transaction.atomic():
        Evidence.objects.update(state="lost", outcome="")


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": ""},
        {"what": "x" * 201},
        {"what": "a\0b"},
        {"lasts_h": "0"},
        {"lasts_h": "soon"},
        {"lasts_h": "9999"},
        {"keep": "x" * 301},
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(contact, wrong):
    sent = {"what": "Recording", "lasts_h": "4"} | wrong
    answer = a_client(contact.owner).post(
        f"/incidents/of/{contact.pk}/evidence/note/", sent, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == set(wrong)
    assert not Evidence.objects.exists()


# --- for the officers who attend


def test_officers_are_told_what_to_beware_of_to_record_and_to_ask_each_with_its_source(contact):
    incident = world.an_incident(contact=contact, kind="burglary")
    by = contact.owner.code
    contacts.write(contact=contact.pk, text="He has a knife.", by=by, at=world.after(40), written_at=world.after(40))
    answered(contact, "inside", "yes")
    answered(contact, "cameras", "yes", seconds=61)
    evidence.take(contact=contact.pk, source="burglary.cameras.0", by=by, at=world.after(62))
    told = brief.of(queries.of_contact(contact.pk), at=world.after(100))
    kinds = [one.kind for one in told.advice]
    assert kinds == sorted(kinds, key=list(scene.KINDS).index)
    says = {one.says: one.source for one in told.advice}
    assert says["A weapon was spoken of. Ask where it is now before you go in."].startswith("policy northmoor")
    assert says["Somebody may still be inside. Cover the ways out before you go in."] == "Burglary 1"
    assert any("cameras that point this way" in one for one in says)
    assert told.unsecured == 1
    page = a_client(world.a_member("priya", "despatcher")).get(f"/incidents/{incident.pk}/job/").content.decode()
    for words in ("At the scene", "Camera recording", "lost after", "Somebody may still be inside"):
        assert words in page


def test_the_list_is_short_and_says_how_much_it_leaves_out():
    many = [scene.Advice("enquiry", f"Ask {n}.", "x") for n in range(20)] + [scene.Advice("safety", "Beware.", "x")] * 3
    found, left_out = scene.in_order(many)
    assert len(found) == scene.MOST
    assert left_out == 21 - scene.MOST
    assert found[0].says == "Beware."


def test_the_strip_offers_by_one_key_and_a_desk_that_may_not_write_is_offered_nothing(contact):
    answered(contact, "cameras", "yes")
    client = a_client(contact.owner)
    strip = client.get(f"/incidents/of/{contact.pk}/evidence/").content.decode()
    assert 'data-key="e"' in strip
    taken = client.post(
        f"/incidents/of/{contact.pk}/evidence/take/", {"source": "burglary.cameras.0"}, headers={"HX-Request": "true"}
    )
    assert "1 not secured" in taken.content.decode()
    assert taken["HX-Trigger"] == "wr:evidence"
    answered(contact, "marks", "yes", seconds=90)
    inspector = a_client(world.a_member("gwen", "inspector"))
    assert 'data-key="e"' not in inspector.get(f"/incidents/of/{contact.pk}/evidence/").content.decode()


def test_at_a_job_it_is_noted_for_the_contact_that_opened_it(contact):
    incident = world.an_incident(contact=contact)
    priya = a_client(world.a_member("priya", "despatcher"))
    priya.post(f"/incidents/{incident.pk}/evidence/", {"what": "Bus recording", "holder": "Bus company", "lasts_h": "24"})
    row = Evidence.objects.get()
    assert (row.contact_id, row.origin, row.holder) == (contact.pk, "despatch", "Bus company")
    priya.post(f"/incidents/evidence/{row.pk}/settle/", {"state": "secured", "outcome": "Asked for, reference 12."})
    assert Evidence.objects.get().state == "secured"
    assert clock.now().tzinfo is UTC
