"""Doing less, or later, takes the risk looked at again, a written reason, and a second person. No path leads round it."""

import os
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.dispatch import actions as dispatch
from watchroom.duties import actions as sweeper
from watchroom.duties import queries as duties
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.force import queries as force
from watchroom.foundation.errors import Refused
from watchroom.foundation.models import Fact
from watchroom.incidents import actions as incidents
from watchroom.incidents import proposals, queries, ties
from watchroom.incidents.models import Incident, Proposal

WHY = "He has gone to his brother's, forty miles away; she is with a neighbour."
ASKER, OTHER = "staff:901", "staff:902"
EXAMPLES = int(os.environ.get("WATCHROOM_NIGHTS", "12"))  # of the last test; `make prove` tries more


@pytest.fixture
def incident(northmoor: str) -> Incident:
    """Graded priority on its risk, nobody sent yet."""
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact, kind="domestic")
    world.write_the_risk(contact, level=1)
    incidents.grade(
        incident=incident.pk,
        to="priority",
        justification="She wants to be seen today.",
        by=contact.owner.code,
        at=world.after(120),
    )
    contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=world.after(130))
    contacts.wrap_up(contact=contact.pk, by=contact.owner.code, at=world.after(140))
    return Incident.objects.get(pk=incident.pk)


def look(incident, seconds=600, stage="downgrade", **more):
    told = {
        "changed": "He has gone; the door is locked.",
        "victim": "reached",
        "victim_said": "She says she is all right for now.",
        "changes": {},
    }
    proposals.look_again(incident=incident.pk, stage=stage, by=ASKER, at=world.after(seconds), **{**told, **more})


def ask(incident, seconds=610, kind="downgrade", **more) -> Proposal:
    told = {"reason": WHY, "to": "scheduled"} if kind == "downgrade" else {"reason": WHY}
    if kind == "delay":
        told |= {"until": incident.attend_by + timedelta(hours=1), "safeguarding": "She rings 999 and says the codeword."}
    if kind == "close":
        told |= {"category": "domestic", "result": "No longer needed; spoken with her."}
    return proposals.ask(incident=incident.pk, kind=kind, by=ASKER, at=world.after(seconds), **{**told, **more})


def now(incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def refused(act, *arguments, **more) -> str:
    with pytest.raises(Refused) as problem:
        act(*arguments, **more)
    return " ".join(problem.value.problems)


# --- asking and answering


def test_a_lower_grade_is_asked_for_on_a_fresh_look_and_carried_out_by_the_second_persons_yes(incident):
    look(incident)
    proposal = ask(incident)
    assert now(incident).grade == "priority"
    proposals.approve(proposal=proposal.pk, answer="", by=OTHER, at=world.after(700))
    assert now(incident).grade == "scheduled"
    decision = incident.decisions.order_by("pk").last()
    assert (decision.by, decision.proposal) == (ASKER, proposal)
    assert "Approved by" in " ".join(line.text for line in queries.log(incident.pk))


def test_without_a_look_at_the_risk_since_the_grade_nothing_is_asked_for(incident):
    assert "not looked at since it was graded" in refused(ask, incident)


def test_a_look_of_this_morning_is_no_ground(incident):
    look(incident, 600)
    assert "too long ago" in refused(ask, incident, 600 + 1801)


def test_new_information_is_looked_at_first(incident):
    look(incident)
    second = world.an_answered_call(number="07700 900555", at=world.after(605))
    incidents.involve(incident=incident.pk, contact=second.pk, by=ASKER, at=world.after(606))
    assert "not on record" in refused(ask, incident)
    world.write_the_risk(second, level=1)
    contacts.write(contact=second.pk, text="He is back.", by=OTHER, at=world.after(608), written_at=world.after(608))
    assert "Something new has come" in refused(ask, incident)


def test_nobody_answers_what_they_asked_for(incident):
    look(incident)
    proposal = ask(incident)
    for answer in (proposals.approve, proposals.refuse):
        assert "another person decides" in refused(
            answer, proposal=proposal.pk, answer="It is fine.", by=ASKER, at=world.after(700)
        )
    with pytest.raises(IntegrityError, match="proposal_answered_by_another"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(state="approved", answered_by=ASKER)


def test_what_was_asked_on_one_ground_is_not_approved_on_another(incident):
    look(incident)
    proposal = ask(incident)
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=ASKER, at=world.after(650))
    assert "already lapsed" in refused(proposals.approve, proposal=proposal.pk, answer="", by=OTHER, at=world.after(700))
    assert now(incident).grade == "immediate"


def test_when_somebody_is_there_a_delay_is_no_longer_asked_for(incident):
    look(incident, stage="delay")
    proposal = ask(incident, kind="delay")
    incidents.attend(incident=incident.pk, by="link:radio", at=world.after(650))
    proposal.refresh_from_db()
    assert proposal.state == "lapsed"


def test_a_new_line_after_the_asking_sends_it_back(incident):
    look(incident)
    proposal = ask(incident)
    contact = queries.contacts_of(incident.pk)[0]
    contacts.write(
        contact=contact.pk, text="She rang the desk: he is back.", by=OTHER, at=world.after(650), written_at=world.after(650)
    )
    assert "Something new has come" in refused(proposals.approve, proposal=proposal.pk, answer="", by=OTHER, at=world.after(700))


def test_an_unanswered_proposal_climbs_and_then_lapses_and_nothing_happens_by_it(incident):
    look(incident)
    proposal = ask(incident)
    sweeper.sweep(at=world.after(610 + 301))
    assert Duty.objects.get(kind="approve", settled_at=None).owner == "desk:inspector"
    sweeper.sweep(at=world.after(610 + 1801))
    proposal.refresh_from_db()
    assert proposal.state == "lapsed"
    assert now(incident).grade == "priority"
    assert "Lapsed unanswered" in " ".join(line.text for line in queries.log(incident.pk))
    assert "already lapsed" in refused(proposals.approve, proposal=proposal.pk, answer="", by=OTHER, at=world.after(610 + 1900))


def test_two_things_are_not_asked_for_at_once(incident):
    look(incident)
    ask(incident)
    assert "already asked" in refused(ask, incident, kind="delay")


def test_a_refusal_says_why_and_brings_the_decision_back(incident):
    look(incident)
    proposal = ask(incident, kind="delay")
    with pytest.raises(Refused):
        proposals.refuse(proposal=proposal.pk, answer=" ", by=OTHER, at=world.after(700))
    proposals.refuse(proposal=proposal.pk, answer="Send the next car from Northgate.", by=OTHER, at=world.after(700))
    assert duties.is_owed("decide", ("incident", incident.pk))


# --- delay


def test_an_approved_delay_leaves_the_promise_as_it_was_and_asks_again_before_it_ends(incident):
    look(incident, stage="delay")
    proposal = ask(incident, kind="delay")
    proposals.approve(proposal=proposal.pk, answer="", by=OTHER, at=world.after(700))
    row = now(incident)
    assert row.attend_by == incident.attend_by
    assert row.delayed_until == proposal.until
    assert Duty.objects.get(kind="decide", settled_at=None).due_at == proposal.until - timedelta(minutes=10)
    assert queries.delays(incident.pk) == [(world.after(700), proposal.until)]


def test_a_delay_says_what_is_done_for_the_victim_meanwhile(incident):
    look(incident, stage="delay")
    assert "for their safety" in refused(ask, incident, kind="delay", safeguarding="")


def test_before_a_target_is_missed_a_decision_is_forced_and_told_on_the_log(incident):
    due = incident.attend_by - timedelta(minutes=10)
    sweeper.sweep(at=due - timedelta(seconds=1))
    assert not any("decide what to do" in line.text for line in queries.log(incident.pk))
    sweeper.sweep(at=due)
    assert any("decide what to do" in line.text for line in queries.log(incident.pk))


# --- closing, cancelling


def test_what_promised_somebody_closes_without_one_only_by_a_second_person(incident):
    assert "ask a second person" in refused(
        incidents.close, incident=incident.pk, category="duplicate", result="Same as before.", by=ASKER, at=world.after(500)
    )
    look(incident, stage="closing")
    world.decide_on_crime(incident, by=ASKER, at=world.after(600))
    proposals.approve(proposal=ask(incident, kind="close").pk, answer="", by=OTHER, at=world.after(700))
    assert not now(incident).is_open


def test_a_cancelled_attendance_is_resolved_by_somebody_and_not_forgotten(incident):
    look(incident)
    proposals.approve(proposal=ask(incident, kind="cancel").pk, answer="", by=OTHER, at=world.after(700))
    assert now(incident).grade == "rwd"
    assert duties.is_owed("resolve", ("incident", incident.pk))
    assert "not yet" in refused(
        incidents.close, incident=incident.pk, category="domestic", result="Done, all well.", by=ASKER, at=world.after(800)
    )


def a_second(at: float = 300) -> Incident:
    contact = world.an_answered_call(number="07700 900222", at=world.after(at))
    incident = world.an_incident(contact=contact, kind="domestic", at=world.after(at + 20))
    world.write_the_risk(contact, level=1, at=world.after(at + 40))
    return incident


def test_a_duplicate_closes_by_the_log_that_carries_its_promise_and_only_while_it_does(incident):
    second = a_second()
    by = {"by": ASKER, "category": "duplicate", "result": "Same call, second caller."}
    incidents.grade(
        incident=second.pk, to="priority", justification="Same address and same people.", by=ASKER, at=world.after(350)
    )
    tie = ties.tie(incident=second.pk, other=incident.pk, kind="duplicate", because="Same door.", by=ASKER, at=world.after(360))
    assert duties.is_owed("look", ("incident", incident.pk))  # whoever holds the other looks at what is new
    ties.untie(tie=tie.pk, by=OTHER, at=world.after(370))
    assert "ask a second person" in refused(incidents.close, incident=second.pk, at=world.after(380), **by)
    ties.tie(incident=second.pk, other=incident.pk, kind="duplicate", because="Same door.", by=ASKER, at=world.after(390))
    incidents.grade(incident=second.pk, to="immediate", justification="", by=ASKER, at=world.after(395))
    assert "ask a second person" in refused(incidents.close, incident=second.pk, at=world.after(400), **by)
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=ASKER, at=world.after(410))
    assert not incidents.close(incident=second.pk, at=world.after(420), **by).is_open


def test_the_more_urgent_of_two_is_no_duplicate_of_the_other(incident):
    second = a_second()
    incidents.grade(incident=second.pk, to="immediate", justification="", by=ASKER, at=world.after(350))
    asked = {"incident": second.pk, "other": incident.pk, "kind": "duplicate", "because": "Same door.", "by": ASKER}
    assert "less urgent than this one" in refused(ties.tie, at=world.after(360), **asked)


def test_merged_logs_are_read_together_until_they_are_parted_and_nothing_is_moved(incident):
    second = a_second()
    contact = queries.contacts_of(second.pk)[0]
    contacts.write(contact=contact.pk, text="Zebra on the stairs.", by=ASKER, at=world.after(345), written_at=world.after(345))

    def reads(row):
        return "Zebra" in " ".join(line.text for line in queries.log(row.pk))

    assert not reads(incident)
    tie = ties.tie(incident=second.pk, other=incident.pk, kind="merged", because="Same night.", by=ASKER, at=world.after(360))
    assert reads(incident)
    assert reads(second)
    ties.untie(tie=tie.pk, by=OTHER, at=world.after(370))
    assert not reads(incident)
    assert reads(second)


# --- attention


def test_what_comes_to_a_closed_log_stands_on_the_supervisors_screen_until_somebody_looks(northmoor):
    incident = world.a_whole_journey()
    contact = queries.contacts_of(incident.pk)[0]
    contacts.write(
        contact=contact.pk,
        text="He is out on bail and outside.",
        by="link:email",
        at=world.after(9000),
        written_at=world.after(9000),
    )
    assert Duty.objects.get(kind="look", settled_at=None).owner == "desk:supervisor"
    incidents.reopen(incident=incident.pk, because="He is outside again.", by=OTHER, at=world.after(9060))
    assert now(incident).is_open


def test_a_graver_risk_than_was_graded_is_decided_again(incident):
    look(
        incident,
        stage="new_information",
        changes={"threat": (3, "He says he will burn the house."), "risk": (2, "He is on his way.")},
    )
    assert Duty.objects.get(kind="regrade", settled_at=None).owner == now(incident).risk_holder
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=ASKER, at=world.after(700))
    assert not duties.is_owed("regrade", ("incident", incident.pk))


def test_what_the_handler_writes_while_it_is_in_her_hands_is_no_news(northmoor):
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact)
    world.write_the_risk(contact)
    contacts.write(
        contact=contact.pk, text="The bolt holds.", by=contact.owner.code, at=world.after(130), written_at=world.after(130)
    )
    assert not duties.is_owed("look", ("incident", incident.pk))
    contacts.write(contact=contact.pk, text="Neighbour heard a bang.", by=OTHER, at=world.after(131), written_at=world.after(131))
    assert duties.is_owed("look", ("incident", incident.pk))


def test_the_risk_of_who_waits_is_looked_at_again_in_the_time_of_the_grade(incident):
    review = Duty.objects.get(kind="review", settled_at=None)
    assert review.due_at == world.after(120) + timedelta(seconds=force.policy_at(world.NIGHT).policy.grade("priority").review_s)
    look(incident, stage="review")
    assert Duty.objects.get(kind="review", settled_at=None).due_at > review.due_at


# --- no way round, by any order of acts


class Night(RuleBasedStateMachine):
    """Everything that people may do with one incident, in any order, by two people who each may everything."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        contact = world.an_answered_call()
        self.contact = contact
        self.incident = world.an_incident(contact=contact, kind="domestic").pk
        self.seconds = 200

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def at(self):
        self.seconds += 30
        return world.after(self.seconds)

    def tried(self, act, **more):
        """An act that is refused changes nothing; whichever it is."""
        try:
            with transaction.atomic():
                return act(**more)
        except Refused:
            return None

    who = st.sampled_from([ASKER, OTHER, "staff:903"])
    grades = st.sampled_from(["immediate", "priority", "scheduled", "appointment", "rwd"])

    @rule(level=st.integers(0, 3))
    def write_the_risk(self, level):
        self.tried(world.write_the_risk, contact=self.contact, level=level, at=self.at())

    @rule(by=who, to=grades)
    def grade(self, by, to):
        before = self.row
        self.tried(incidents.grade, incident=self.incident, to=to, justification=WHY, by=by, at=self.at())
        rank = packs.national().grade
        assert not before.grade or rank(self.row.grade).rank <= rank(before.grade).rank, "one person alone lowered a grade"

    @rule(by=who, level=st.integers(0, 3))
    def look(self, by, level):
        told = {
            "stage": "review",
            "changed": "He has been seen at the shops.",
            "victim": "reached",
            "victim_said": "She is calm.",
        }
        changes = {"threat": (level, "As she says now.")}
        self.tried(proposals.look_again, incident=self.incident, by=by, at=self.at(), changes=changes, **told)

    @rule(by=who, kind=st.sampled_from(["downgrade", "delay", "cancel", "close"]), to=grades)
    def ask(self, by, kind, to):
        at = self.at()
        more = {
            "until": at + timedelta(hours=20),
            "safeguarding": "A neighbour stays.",
            "category": "domestic",
            "result": "Spoken with.",
        }
        self.tried(proposals.ask, incident=self.incident, kind=kind, reason=WHY, to=to, by=by, at=at, **more)

    @rule(by=who, yes=st.booleans())
    def answer(self, by, yes):
        found, before = queries.asked(self.incident), self.row
        if found:
            act = proposals.approve if yes else proposals.refuse
            self.tried(act, proposal=found.pk, answer="As it stands.", by=by, at=self.at())
            if (
                before.grade != self.row.grade
                or before.is_open != self.row.is_open
                or before.delayed_until != self.row.delayed_until
            ):
                assert yes
                assert by != found.asked_by

    @rule(by=who)
    def close(self, by):
        before = self.row
        self.tried(
            incidents.close, incident=self.incident, category="duplicate", result="Done, and all well.", by=by, at=self.at()
        )
        if before.is_open and not self.row.is_open:
            assert before.attended_at or not packs.national().grade(before.grade).needs_deployment

    @rule(by=who)
    def decide_on_crime(self, by):
        self.tried(world.decide_on_crime, incident=self.row, by=by, at=self.at())

    @rule()
    def arrive(self):
        self.tried(incidents.attend, incident=self.incident, by="link:radio", at=self.at())

    @rule(by=who)
    def write(self, by):
        at = self.at()
        self.tried(contacts.write, contact=self.contact.pk, text="A line more.", by=by, at=at, written_at=at)

    @precondition(lambda self: not self.row.is_open)
    @rule(by=who)
    def reopen(self, by):
        self.tried(incidents.reopen, incident=self.incident, because="Something came.", by=by, at=self.at())

    @rule(minutes=st.sampled_from([1, 6, 31, 600]))
    def wait(self, minutes):
        before = self.row
        self.seconds += 60 * minutes
        sweeper.sweep(at=world.after(self.seconds))
        assert (self.row.grade, self.row.state, self.row.delayed_until) == (before.grade, before.state, before.delayed_until)

    @property
    def row(self) -> Incident:
        return Incident.objects.get(pk=self.incident)

    @invariant()
    def exactly_one_person_or_desk_holds_the_risk(self):
        assert self.row.risk_holder
        handed = Fact.objects.filter(kind="incidents.RiskHandedOver", subject_id=self.incident).order_by("pk").last()
        assert handed is None or handed.body["holder"] == self.row.risk_holder

    @invariant()
    def whoever_waits_has_a_clock(self):
        row = self.row
        if row.is_open and row.grade and not row.attended_at:
            owed = set(duties.open_for(("incident", self.incident)).values_list("kind", flat=True))
            assert owed & {"review", "resolve"}

    @invariant()
    def nothing_less_happened_without_two_people(self):
        for found in Proposal.objects.filter(incident_id=self.incident, state="approved"):
            assert found.answered_by not in ("", found.asked_by)


def test_no_order_of_acts_leads_round_the_interlock(northmoor):
    run_state_machine_as_test(
        Night,
        settings=settings(
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a failure would take minutes
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_a_unit_called_off_before_it_arrived_leaves_the_promise_running(incident):
    unit = world.a_unit()
    dispatch.assign(incident=incident.pk, unit=unit.pk, by=ASKER, at=world.after(300))
    dispatch.clear(incident=incident.pk, unit=unit.pk, by=ASKER, at=world.after(400), result="Called to a robbery.")
    owed = set(duties.open_for(("incident", incident.pk)).values_list("kind", flat=True))
    assert {"attend", "decide", "review"} <= owed
