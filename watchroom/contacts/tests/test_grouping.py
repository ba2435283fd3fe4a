"""Many ring from one place: who lets others go first, and what must hold whatever the queue."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts import grouping
from watchroom.contacts.grouping import Caller, standing_back
from watchroom.contacts.routing import State, decide, may_take
from watchroom.contacts.tests.test_routing import NOW, POLICY, a_contact, an_agent, rooms
from watchroom.contacts.tests.test_whereabouts import Seen

RULE = POLICY.routing.grouping


def a_caller(which=1, waited=30.0, x=0.0, **more):
    more = {"spot": (x, 0.0)} | more
    return Caller(id=which, channel=more.pop("channel", "999"), transferred_at=NOW - timedelta(seconds=waited), **more)


CALLERS = st.lists(
    st.builds(
        a_caller,
        st.just(0),
        st.floats(0, 800),
        channel=st.sampled_from(["999", "101", "chat"]),
        attention=st.sampled_from([0, 0, 0, 2]),
        spot=st.none() | st.tuples(st.floats(0, 900), st.floats(0, 200)),
        is_waiting=st.booleans(),
    ),
    max_size=25,
).map(lambda found: [replace(one, id=number) for number, one in enumerate(found, start=1)])


@given(CALLERS, st.randoms(use_true_random=False))
def test_only_who_waits_at_a_place_of_many_and_is_not_lifted_lets_others_go_first(callers, random):
    back = standing_back(callers, POLICY)
    for one in callers:
        if one.id not in back:
            continue
        assert (one.is_waiting, one.attention, one.channel in ("999", "101"), one.spot is None) == (True, 0, True, False)
        near = [each for each in callers if each.spot and each.channel == one.channel and each.id != one.id]
        near = [each for each in near if grouping._apart(each, one) <= 2 * RULE.within_m]
        assert len(near) >= RULE.from_calls - 1
        before = [each for each in near if (each.transferred_at, each.id) < (one.transferred_at, one.id)]
        assert len(before) >= RULE.heard_first, "the first from there keep their turn"
    assert standing_back(random.sample(callers, len(callers)), POLICY) == back


@given(rooms(), st.data())
def test_it_orders_among_equals_only_and_leaves_nobody_idle(state, data):
    """999 stays before 101, who is lifted stays lifted, as many are offered; and nobody is passed by who rang a minute later."""
    calls = [one.id for one in state.waiting if one.channel in ("999", "101") and not one.attention and not one.is_callback]
    back = frozenset(data.draw(st.lists(st.sampled_from(calls), unique=True)) if calls else ())
    without, with_it = decide(state, NOW, POLICY), decide(replace(state, back=back), NOW, POLICY)
    of = {one.id: one for one in state.waiting}
    assert len(with_it) == len(without)
    assert sum(of[one.contact].channel == "999" for one in with_it) == sum(of[one.contact].channel == "999" for one in without)
    served = {one.contact for one in with_it}
    agents = {one.id: one for one in state.agents}
    for found in with_it:
        has = of[found.contact]
        for waiting in state.waiting:
            if (
                waiting.id in served
                or waiting.is_callback
                or waiting.channel != has.channel
                or has.attention
                or waiting.attention
            ):
                continue
            if may_take(agents[found.agent], waiting, POLICY):
                late = (has.transferred_at - waiting.transferred_at).total_seconds()
                assert late <= (RULE.stands_back_s if waiting.id in back else 0), "passed by somebody who rang too long after"


@given(CALLERS)
def test_whoever_is_lifted_by_a_marker_is_never_stood_back_for_a_place(callers):
    assert not standing_back([replace(one, attention=1) for one in callers], POLICY)


def test_nobody_starves_and_nobody_is_left_out_however_many_ring_from_elsewhere():
    """One handler, a call a minute; eight from one place wait, and each minute somebody rings from elsewhere: all are answered."""
    callers = [a_caller(n, waited=60.0 - n) for n in range(1, 9)]
    answered, minute, extra = [], 0, 100
    while callers and any(one.id < 100 for one in callers):
        minute += 1
        now = NOW + timedelta(minutes=minute)
        callers.append(Caller(id=extra + minute, channel="999", transferred_at=now, spot=(9000.0 * minute, 0.0)))
        heard = [replace(a_caller(n, waited=60.0 - n), is_waiting=False) for n in answered if n < 100]
        back = standing_back([*callers, *heard], POLICY)
        waiting = [replace(a_contact(one.id, "999"), transferred_at=one.transferred_at) for one in callers]
        (taken,) = decide(State(waiting=waiting, agents=[an_agent()], back=back), now, POLICY)
        callers = [one for one in callers if one.id != taken.contact]
        answered.append(taken.contact)
        assert minute <= 8 + 1 + RULE.stands_back_s / 60, "so long, and no longer"
    ours = [one for one in answered if one < 100]
    assert ours == sorted(ours), "in the order in which they rang"


def test_who_rings_about_something_else_goes_before_those_of_one_place_who_rang_up_to_a_minute_earlier():
    crash = [a_caller(n, waited=50.0 - n, x=n * 10.0) for n in range(1, 8)]
    other = a_caller(50, waited=1, x=5000)
    back = standing_back([*crash, other], POLICY)
    assert back == {3, 4, 5, 6, 7}
    waiting = [replace(a_contact(one.id, "999"), transferred_at=one.transferred_at) for one in (*crash, other)]
    agents = [an_agent(n) for n in range(1, 5)]
    assert [one.contact for one in decide(State(waiting=waiting, agents=agents, back=back), NOW, POLICY)] == [1, 2, 50, 3]
    assert [one.contact for one in decide(State(waiting=waiting, agents=agents), NOW, POLICY)] == [1, 2, 3, 4]


def test_who_was_answered_a_short_while_ago_counts_as_heard_from_there():
    heard = [a_caller(n, waited=200.0 - n, is_waiting=False) for n in range(1, 5)]
    assert standing_back([*heard, a_caller(9, waited=3)], POLICY) == {9}
    assert standing_back([*heard[:3], a_caller(9, waited=3)], POLICY) == frozenset(), "four are no group"


@pytest.mark.parametrize(
    ("positions", "found"),
    [
        ([Seen(x=10, radius=14)], (10, 0)),
        ([Seen(x=10, radius=900)], None),  # wide: a cell
        ([Seen(x=10, radius=14), Seen(source="eisec", method="cell", x=60_000, radius=300)], None),  # they disagree
        ([Seen(x=10, radius=14), Seen(source="eisec", method="cell", x=200, radius=400)], (10, 0)),  # and here they do not
        ([Seen(method="voip", x=10, radius=0)], None),  # registered there, and works anywhere
        ([], None),
    ],
)
def test_only_a_precise_position_that_nothing_contradicts_belongs_to_a_place(positions, found):
    assert grouping.spot(positions, POLICY) == found
