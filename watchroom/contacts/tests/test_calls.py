"""Held, passed on, three in the call: what each leaves behind, and what each refuses."""

import pytest

from tests import world
from watchroom.contacts import calls, stages
from watchroom.contacts.models import Contact, Line, Partner
from watchroom.duties import queries as owed
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact

pytestmark = pytest.mark.usefixtures("northmoor")


def reached(call: Contact) -> list[str]:
    call.refresh_from_db()
    return [one.stage for one in stages.of(call)]


def test_a_call_is_held_and_taken_off_hold_as_often_as_it_is_said() -> None:
    call = world.an_answered_call()
    for seconds, act in ((10, calls.hold), (11, calls.hold), (20, calls.resume), (30, calls.resume), (40, calls.hold)):
        act(contact=call.pk, by="staff:1", at=world.after(seconds))
    assert [stage for stage in reached(call) if stage in ("held", "resumed")] == ["held", "resumed", "held"]
    assert calls.is_held(call.pk)


@pytest.mark.parametrize("act", [calls.hold, calls.resume])
def test_nobody_is_held_who_is_not_on_the_line(act) -> None:
    ringing = world.a_call()
    with pytest.raises(Refused, match="Nobody is on the line"):
        act(contact=ringing.pk, by="staff:1", at=world.after(1))


def test_what_is_owed_goes_with_a_call_that_is_passed_on() -> None:
    call, amal = world.an_answered_call(), world.a_member("amal", "handler")
    bryn = call.owner
    calls.hold(contact=call.pk, by=bryn.code, at=world.after(10))
    calls.pass_on(contact=call.pk, to=amal, note="Whispers. He is in the house.", by=bryn.code, at=world.after(20))
    assert {duty.owner for duty in owed.open_for(("contact", call.pk))} == {amal.code}
    assert Line.objects.get(contact=call).text == "Passed on to Amal: Whispers. He is in the house."
    assert reached(call)[-2:] == ["resumed", "passed"]
    assert call.owner == amal
    assert "Whispers" not in str(list(Fact.objects.values_list("body", flat=True)))


def test_what_cannot_be_passed_on_is_said_and_changes_nothing() -> None:
    call, amal = world.an_answered_call(), world.a_member("amal", "handler")
    by, at = call.owner.code, world.after(20)
    with pytest.raises(Invalid, match="what your colleague has to know"):
        calls.pass_on(contact=call.pk, to=amal, note=" ", by=by, at=at)
    with pytest.raises(Invalid, match="takes no contacts"):
        calls.pass_on(contact=call.pk, to=world.a_member("ida", "analyst"), note="Take it.", by=by, at=at)
    with pytest.raises(Refused, match="has this one already"):
        calls.pass_on(contact=call.pk, to=call.owner, note="Take it.", by=by, at=at)
    with pytest.raises(Refused, match="answered and not written up"):
        calls.pass_on(contact=world.a_call().pk, to=amal, note="Take it.", by=by, at=at)
    assert not Line.objects.exists()


def test_one_agency_at_a_time_is_in_the_call() -> None:
    call = world.an_answered_call()
    by = {"contact": call.pk, "by": call.owner.code}
    fire = calls.join_partner(agency="fire", at=world.after(10), **by)
    assert calls.join_partner(agency="fire", at=world.after(11), **by) == fire
    with pytest.raises(Refused, match="Fire and rescue is in this call"):
        calls.join_partner(agency="ambulance", at=world.after(12), **by)
    with pytest.raises(Invalid, match="who is to join"):
        calls.join_partner(agency="nobody", at=world.after(12), **by)
    for act, seconds in (
        (calls.partner_joined, 13),
        (calls.partner_joined, 14),
        (calls.let_partner_go, 20),
        (calls.let_partner_go, 21),
    ):
        act(at=world.after(seconds), **by)
    assert [stage for stage in reached(call) if stage in ("joined", "left")] == ["joined", "left"]
    calls.join_partner(agency="ambulance", at=world.after(30), **by)
    calls.let_partner_go(at=world.after(40), **by)  # nobody came
    assert Line.objects.filter(text="They did not come into the call.").count() == 1
    assert Partner.objects.filter(left_at=None).count() == 0
