"""Nothing falls on the floor: whatever is done, in any order, everything open is owed by somebody with a time, and what is late is raised.

Contacts come in by every channel, are offered, answered, lost, called back, passed on, handed to another force and back; logs are opened,
graded, attended, resolved, closed and opened again. What is refused changes nothing.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests import world
from watchroom import testing
from watchroom.assessment import actions as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts import calls, offers, rules, speaking
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.contacts.models import Contact
from watchroom.demand.queries import day as days
from watchroom.dispatch import actions as dispatch
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.foundation.errors import Invalid, Refused
from watchroom.identity.lost import actions as lost
from watchroom.identity.lost import rules as lost_rules
from watchroom.incidents import actions as incidents
from watchroom.incidents.models import Incident
from watchroom.referrals.forces import receiving, sending
from watchroom.referrals.forces.document import Answer, Caller, Document, Message, Where
from watchroom.referrals.models import ToForce
from watchroom.resolution import actions as resolution
from watchroom.staff import actions as staff

WHY = "The caller says that nobody is in danger any more; her sister is with her."
NUMBERS = ["07700 900417", "07700 900431", "07700 900555"]


class Room(RuleBasedStateMachine):
    """Everything that callers, staff, other forces and the clock may do with a handful of contacts."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.people = [world.a_member("bryn"), world.a_member("marian", "supervisor", "handler")]
        self.place = world.a_place()
        self.unit = world.a_unit().pk
        self.seconds = 0.0
        self.number = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def at(self):
        self.seconds += 20
        return world.after(self.seconds)

    def tried(self, act, **more):
        try:
            with transaction.atomic():
                return act(**more)
        except (Refused, Invalid):
            return None

    def contact(self, n, **only):
        found = list(Contact.objects.filter(**only).order_by("pk").values_list("pk", flat=True))
        return found[n % len(found)] if found else None

    def incident(self, n):
        found = list(Incident.objects.order_by("pk").values_list("pk", flat=True))
        return found[n % len(found)] if found else None

    any_one = st.integers(0, 3)
    who = st.integers(0, 1)

    # --- what comes in

    def arrives(self, channel, number) -> int:
        self.number += 1
        at = self.at()
        row, _ = contacts.receive(
            key=f"floor:{self.number}", channel=channel, transferred_at=at, by="link:trunk", at=at, caller_number=number,
            text="" if channel in rules.CALLS else "He will not stop ringing me.",
        )  # fmt: skip
        return row.pk

    @rule(channel=st.sampled_from(rules.CHANNELS), number=st.sampled_from(NUMBERS))
    def comes_in(self, channel, number):
        self.arrives(channel, number)

    @rule(channel=st.sampled_from(rules.CHANNELS), number=st.sampled_from(NUMBERS), who=who, level=st.integers(-1, 3))
    def comes_in_and_is_taken(self, channel, number, who, level):
        one, member = self.arrives(channel, number), self.people[who]
        self.tried(contacts.answer, contact=one, member=member, by=member.code, at=self.at())
        row = Contact.objects.select_related("owner").get(pk=one)
        if level >= 0 and row.owner:
            self.tried(world.write_the_risk, contact=row, level=level, at=self.at())

    @rule(number=st.sampled_from(NUMBERS), recall=st.booleans())
    def another_force_hands_over(self, number, recall):
        self.number += 1
        at = self.at()
        document = Document(
            sender="Southmere Police", sent_by="Ola Brandt", sent_at=at, reference="SM-1", channel="999", received_at=at, is_live=False,
            because="It is in your streets.", risk="She is alone.", caller=Caller(number=number), where=Where(said="the mill"),
        )  # fmt: skip
        key = f"{self.number:032x}"
        receiving.take(message=Message(key=key, is_recalled=False, document=document), sender="force:southmere", at=at)
        if recall:
            receiving.take(message=Message(key=key, is_recalled=True, document=None), sender="force:southmere", at=self.at())

    # --- what is done with a contact

    @rule(who=who, state=st.sampled_from(["available", "break", "other"]))
    def says_what_they_do(self, who, state):
        staff.seen(member=self.people[who].pk, at=self.at())
        self.tried(staff.choose_state, member=self.people[who], state=state, at=self.at())
        self.tried(offers.route, at=self.at())

    @rule(n=any_one, who=who)
    def answer(self, n, who):
        if one := self.contact(n):
            member = self.people[who]
            self.tried(contacts.answer, contact=one, member=member, by=member.code, at=self.at())

    @rule(n=any_one, how=st.sampled_from(["caller", "handler", "cut_off"]))
    def ends(self, n, how):
        if one := self.contact(n, state__in=("waiting", "answered")):
            self.tried(contacts.end, contact=one, how=how, by="link:trunk", at=self.at())

    @rule(n=any_one, who=who)
    def passed_on(self, n, who):
        if one := self.contact(n):
            self.tried(calls.pass_on, contact=one, to=self.people[who], note="She asked for you.", by=self.by(one), at=self.at())

    @rule(n=any_one)
    def an_interpreter(self, n):
        if one := self.contact(n):
            self.tried(speaking.say_language, contact=one, language="polish", by=self.by(one), at=self.at())
            self.tried(speaking.ask, contact=one, by=self.by(one), at=self.at())

    @rule(n=any_one)
    def calls_back_is_agreed(self, n):
        if one := self.contact(n, channel="101", state="waiting"):
            self.tried(callbacks.agree, contact=one, by="link:trunk", at=self.at())

    @rule(n=any_one, who=who, outcome=st.sampled_from(list(lost_rules.OUTCOMES)), may=st.booleans())
    def is_rung_back(self, n, who, outcome, may):
        if one := self.contact(n, state="abandoned") or self.contact(n, callback__isnull=False):
            member = self.people[who]
            self.tried(lost.ring, contact=one, by=member.code, at=self.at(), may_open_codes=may)
            self.tried(lost.rang, contact=one, outcome=outcome, member=member, by=member.code, at=self.at())

    @rule(n=any_one)
    def nobody_rings_any_more(self, n):
        if one := self.contact(n, state="abandoned") or self.contact(n, callback__isnull=False):
            self.tried(lost.let_go, contact=one, because="She came to the counter.", by=self.people[1].code, at=self.at())

    @rule(n=any_one, heard=st.booleans())
    def is_judged(self, n, heard):
        row = Contact.objects.filter(pk=self.contact(n) or 0).select_related("owner").first()
        if row is None or row.owner is None:
            return
        if heard:
            self.tried(world.write_the_risk, contact=row, at=self.at())
        else:
            self.tried(
                assessment.nothing_heard, contact=row.pk, because="Asked for opening hours.", by=row.owner.code, at=self.at()
            )

    @rule(n=any_one)
    def is_written_up(self, n):
        if one := self.contact(n):
            self.tried(contacts.wrap_up, contact=one, by=self.by(one), at=self.at(), reason="information")

    @rule(n=any_one)
    def is_handed_to_another_force(self, n):
        if one := self.contact(n):
            self.tried(
                sending.hand_over, contact=one, to="southmere", because="It is in their streets.", risk="She is alone.",
                by=self.by(one), at=self.at(),
            )  # fmt: skip

    @rule(state=st.sampled_from(["waiting", "accepted", "declined", "withdrawn"]))
    def the_other_force_says(self, state):
        row = ToForce.objects.order_by("-pk").first()
        if row:
            at = self.at()
            heard = Answer(
                state=state, reference="SM-2", name="Ola Brandt", answer="Ours." if state == "accepted" else "Not ours.", at=at
            )
            self.tried(sending.learn, handover=row.pk, heard=heard, at=at)

    @rule(n=any_one, keep=st.booleans())
    def it_is_taken_back(self, n, keep):
        if one := self.contact(n):
            self.tried(sending.keep if keep else sending.recall, contact=one, by=self.by(one), at=self.at())

    @rule(n=any_one)
    def what_came_is_declined(self, n):
        if one := self.contact(n):
            member = self.people[1]
            self.tried(receiving.decline, contact=one, member=member, answer="Not in our streets.", by=member.code, at=self.at())

    # --- what becomes a log

    @rule(n=any_one, kind=st.sampled_from(["domestic", "theft", "rtc_injury"]))
    def a_log_is_opened(self, n, kind):
        if one := self.contact(n):
            by = self.by(one)
            self.tried(contacts.pick_place, contact=one, place=self.place, by=by, at=self.at())
            self.tried(incidents.open_incident, contact=one, kind=kind, by=by, at=self.at())

    @rule(n=any_one, m=any_one)
    def it_is_the_same(self, n, m):
        one, log = self.contact(n), self.incident(m)
        if one and log:
            self.tried(incidents.involve, incident=log, contact=one, by=self.by(one), at=self.at())

    @rule(m=any_one, to=st.sampled_from(["immediate", "priority", "scheduled", "appointment", "rwd"]))
    def it_is_graded(self, m, to):
        if log := self.incident(m):
            self.tried(incidents.grade, incident=log, to=to, justification=WHY, by=self.people[0].code, at=self.at())

    @rule(m=any_one, far=st.integers(0, 2))
    def somebody_goes(self, m, far):
        if log := self.incident(m):
            by = self.people[1].code
            self.tried(dispatch.assign, incident=log, unit=self.unit, by=by, at=self.at())
            if far > 0:
                self.tried(dispatch.arrive, incident=log, unit=self.unit, by=by, at=self.at())
            if far > 1:
                self.tried(dispatch.clear, incident=log, unit=self.unit, by=by, at=self.at(), result="All well.")

    @rule(m=any_one, outcome=st.sampled_from(["answered", "call_back", "directed_elsewhere"]))
    def it_is_resolved(self, m, outcome):
        if log := self.incident(m):
            self.tried(resolution.resolve, incident=log, outcome=outcome, text=WHY, by=self.people[1].code, at=self.at())

    @rule(m=any_one)
    def it_is_closed(self, m):
        if log := self.incident(m):
            self.tried(
                incidents.close,
                incident=log,
                category="duplicate",
                result="Done, and all well.",
                by=self.people[1].code,
                at=self.at(),
            )

    @rule(m=any_one)
    def it_is_opened_again(self, m):
        if log := self.incident(m):
            self.tried(incidents.reopen, incident=log, because="She rang again.", by=self.people[1].code, at=self.at())

    @rule(minutes=st.sampled_from([1, 6, 31, 600, 3000]))
    def time_passes(self, minutes):
        self.seconds += 60 * minutes
        at = self.at()
        self.tried(offers.route, at=at)
        duties.sweep(at=at)
        late = Duty.objects.filter(settled_at=None, due_at__lte=at - timedelta(seconds=1), raised_at=None)
        assert not late.exists(), "late, and nobody was told"

    def by(self, contact: int) -> str:
        row = Contact.objects.select_related("owner").get(pk=contact)
        return row.owner.code if row.owner else self.people[0].code

    @invariant()
    def everything_open_is_owed_by_somebody_in_time(self):
        assert days.without_owner() == []


@pytest.mark.parametrize("examples", [8, pytest.param(60, marks=testing.long)])
def test_in_whatever_order_things_happen_nothing_open_is_nobodys(northmoor, examples):
    run_state_machine_as_test(
        Room,
        settings=settings(
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a failure would take minutes
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
