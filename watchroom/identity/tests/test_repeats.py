"""How often somebody was in touch, and why it is thought to be the same: counted once, by every way that holds."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.foundation.errors import Invalid, Refused
from watchroom.identity import actions as identity
from watchroom.identity import plans, repeats
from watchroom.identity.models import Plan
from watchroom.identity.repeats import WAYS, Seen

NATIONAL = packs.national()
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
seen = st.lists(
    st.builds(
        Seen,
        st.integers(-5, 400 * 24).map(lambda hours: NOW - timedelta(hours=hours)),
        st.frozensets(st.sampled_from(list(WAYS))),
    ),
    max_size=40,
)
WINDOWS = (1, 7, 28, 183)


@given(seen)
def test_a_longer_window_holds_what_a_shorter_one_holds_and_each_contact_once(rows):
    found = repeats.count(rows, now=NOW, windows=WINDOWS)
    totals = [window.total for window in found]
    assert totals == sorted(set(totals)), "a window that adds nothing is not shown"
    for window in found:
        assert all(1 <= n <= window.total for _, n in window.by)
        assert window.total == sum(bool(row.ways) and NOW - timedelta(days=window.days) <= row.at < NOW for row in rows)


@given(seen, seen)
def test_one_more_contact_never_makes_it_fewer(rows, more):
    def most(some: list[Seen]) -> int:
        found = repeats.count(some, now=NOW, windows=WINDOWS)
        return found[-1].total if found else 0

    assert most(rows) <= most(rows + more)


def of(contact) -> repeats.Repeats:
    return repeats.of(contact, policy=NATIONAL, now=contact.received_at)


def days_before(days: float, **more):
    return world.a_call(channel="101", at=world.NIGHT - timedelta(days=days), **more)


def test_by_number_by_address_and_as_the_person_from_another_telephone(northmoor):
    place = world.a_place()
    (leanne,) = identity.bring_in(
        [identity.Known(given_name="Leanne", family_name="Whitcombe", numbers=("+447700900417",))],
        source="records",
        by="system:test",
        at=world.NIGHT - timedelta(days=300),
    )
    days_before(3)
    days_before(20)
    sisters = days_before(10, number="07700 900999")
    identity.confirm(contact=sisters.pk, person=leanne.pk, by="staff:1", at=world.NIGHT - timedelta(days=10))
    now = world.an_answered_call()
    from watchroom.contacts import actions as contacts

    contacts.pick_place(contact=now.pk, place=place, by="staff:1", at=world.after(10))
    now.refresh_from_db()
    found = of(now)
    assert [(window.days, window.total) for window in found.windows] == [(7, 1), (28, 3)]
    assert found.reasons() == ("2 by this number", "3 as Leanne Whitcombe")


def test_nobody_in_touch_before_is_nothing_said(northmoor):
    found = of(world.an_answered_call())
    assert (found.windows, found.reasons(), found.is_often) == ((), (), False)


# --- plans ------------------------------------------------------------------------------------------------------------

SAYS = "Let her speak first. Her worker is Nadia, at the surgery until six."
BY = "staff:1"


@pytest.fixture
def often(northmoor):
    for day in (1, 4, 9, 15, 21):
        days_before(day)
    return world.an_answered_call()


def test_whoever_rings_often_may_be_asked_a_plan_for_once(often):
    assert of(often).is_often
    for _ in range(2):
        plans.ask(contact=often.pk, by=BY, at=world.after(60))
    duty = Duty.objects.get(kind="plan", settled_at=None)
    assert duty.owner == "desk:vulnerability"


def test_a_plan_is_read_at_the_next_call_and_owed_a_look(often):
    plans.ask(contact=often.pk, by=BY, at=world.after(60))
    plan = plans.make(contact=often.pk, on="number", says=SAYS, agreed_with="Nadia", by=BY, at=world.after(600))
    assert not Duty.objects.filter(kind="plan", settled_at=None).exists()
    assert Duty.objects.get(kind="plan_review", settled_at=None).due_at == world.after(600) + timedelta(days=91)
    later = world.a_call(at=world.NIGHT + timedelta(days=2))
    assert plans.of(later) == [plan]
    with pytest.raises(Refused, match="already"):
        plans.ask(contact=later.pk, by=BY, at=world.after(700))


def test_another_in_its_place_ends_the_first_and_both_stay(often):
    plans.make(contact=often.pk, on="number", says=SAYS, agreed_with="Nadia", by=BY, at=world.after(600))
    plans.make(contact=often.pk, on="number", says=SAYS + " Not on Mondays.", agreed_with="Nadia", by=BY, at=world.after(900))
    assert Plan.objects.filter(ended_at=None).count() == 1
    assert Plan.objects.count() == 2
    assert Duty.objects.filter(kind="plan_review", settled_at=None).count() == 1


def test_a_plan_that_was_looked_at_again_holds_for_as_long_again_and_one_that_ended_does_not(often):
    plan = plans.make(contact=often.pk, on="number", says=SAYS, agreed_with="Nadia", by=BY, at=world.after(600))
    again = world.after(600) + timedelta(days=95)
    with pytest.raises(Invalid):
        plans.renew(plan=plan.pk, agreed_with="", by=BY, at=again)
    renewed = plans.renew(plan=plan.pk, agreed_with="Nadia and her sister", by=BY, at=again)
    assert (renewed.agreed_with, renewed.review_by_date) == ("Nadia and her sister", (again + timedelta(days=91)).date())
    assert Duty.objects.get(kind="plan_review", settled_at=None).due_at == again + timedelta(days=91)
    plans.end(plan=plan.pk, because="She has moved to her sister’s.", by=BY, at=again)
    with pytest.raises(Refused, match="has ended"):
        plans.renew(plan=plan.pk, agreed_with="Nadia", by=BY, at=again)
    assert not Duty.objects.filter(kind="plan_review", settled_at=None).exists()


@pytest.mark.parametrize(
    ("on", "says", "agreed"),
    [
        ("number", "ring", "Nadia"),
        ("number", SAYS, ""),
        ("person-99", SAYS, "Nadia"),
        ("", SAYS, "Nadia"),
        ("place", SAYS, "Nadia"),
    ],
)
def test_a_plan_that_says_nothing_or_is_nobodys_is_none(often, on, says, agreed):
    with pytest.raises(Invalid):
        plans.make(contact=often.pk, on=on, says=says, agreed_with=agreed, by=BY, at=world.after(600))
    assert not Plan.objects.exists()


def test_why_there_is_none_is_said(often):
    plans.ask(contact=often.pk, by=BY, at=world.after(60))
    with pytest.raises(Invalid):
        plans.without(contact=often.pk, because="no", by=BY, at=world.after(90))
    plans.without(contact=often.pk, because="Five calls about one burst pipe; mended now.", by=BY, at=world.after(90))
    assert not Duty.objects.filter(kind="plan", settled_at=None).exists()
