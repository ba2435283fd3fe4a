"""To whom is it offered? What must hold for any room, and each trap that another exchange fell into."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts import routing
from watchroom.contacts.routing import Agent, Offer, State, Waiting, decide, may_take
from watchroom.contacts.rules import queue_order
from watchroom.force import packs
from watchroom.force.policy import Kept

NOW = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
POLICY = packs.national()


def with_rule(**changes):
    return POLICY.model_copy(update={"routing": POLICY.routing.model_copy(update=changes)})


KEPT_TWO = with_rule(kept_for_999=(Kept(from_hour=0, to_hour=24, people=2),))


def a_contact(which=1, channel="101", waited=30.0, **more):
    return Waiting(id=which, channel=channel, transferred_at=NOW - timedelta(seconds=waited), **more)


def an_agent(which=1, state="available", idle=60.0, **more):
    return Agent(id=which, state=state, since=NOW - timedelta(seconds=idle), **more)


SKILLS = st.dictionaries(st.sampled_from(["welsh", "chat"]), st.integers(1, 3), max_size=2)
CONTACTS = st.builds(
    a_contact,
    st.just(0),
    st.sampled_from(["999", "101", "chat", "online", "email"]),
    st.floats(0, 1e5),
    attention=st.integers(0, 3),
    needs=SKILLS,
    passed_by=st.frozensets(st.integers(1, 8), max_size=2),
    is_callback=st.booleans(),
    number=st.sampled_from(["", "a", "b", "c"]),
)
AGENTS = st.builds(
    an_agent,
    st.just(0),
    st.sampled_from(["available", "available", "chats", "offered", "on_call", "wrap_up", "break", "other", "away"]),
    st.floats(0, 1e4),
    skills=SKILLS,
    channel=st.sampled_from(["999", "101", ""]),
    chats=st.integers(0, 5),
)


@st.composite
def rooms(draw):
    waiting = [
        replace(one, id=number, is_callback=one.is_callback and one.channel == "101")
        for number, one in enumerate(draw(st.lists(CONTACTS, max_size=9)), start=1)
    ]
    agents = [
        replace(one, id=number, chats=one.chats if one.state in ("chats", "offered") else 0)
        for number, one in enumerate(draw(st.lists(AGENTS, max_size=8)), start=1)
    ]
    return State(waiting=waiting, agents=agents, callbacks=draw(st.integers(0, 3)))


def split(state, policy=POLICY):
    found = decide(state, NOW, policy)
    contacts, agents = {one.id: one for one in state.waiting}, {one.id: one for one in state.agents}
    return [(contacts[one.contact], agents[one.agent], one.interrupts) for one in found]


@given(rooms(), st.sampled_from([POLICY, KEPT_TWO]))
def test_nobody_and_no_contact_is_named_twice_and_nobody_gets_what_they_cannot_take(state, policy):
    pairs = split(state, policy)
    assert len({contact.id for contact, _, _ in pairs}) == len(pairs) == len({agent.id for _, agent, _ in pairs})
    for contact, agent, interrupts in pairs:
        assert may_take(agent, contact, policy)
        assert agent.state in (("wrap_up",) if interrupts else ("available", "chats"))
        assert agent.chats < policy.routing.chats_at_once
        assert not interrupts or contact.channel == "999"


@given(rooms(), st.randoms(use_true_random=False))
def test_the_same_room_is_decided_the_same_whatever_the_order_of_its_rows(state, random):
    mixed = State(waiting=random.sample(state.waiting, len(state.waiting)), agents=list(state.agents), callbacks=state.callbacks)
    random.shuffle(mixed.agents)
    assert decide(mixed, NOW, POLICY) == decide(state, NOW, POLICY)


@given(rooms())
def test_work_is_conserved(state):
    """Nobody who is free and could take somebody who waits is left idle."""
    pairs = split(state)
    served, busy = {contact.id for contact, _, _ in pairs}, {agent.id for _, agent, _ in pairs}
    idle = [one for one in state.agents if one.state in ("available", "chats") and one.chats < 4 and one.id not in busy]
    for contact in state.waiting:
        if contact.id not in served and not contact.is_callback:
            assert not any(may_take(agent, contact, POLICY) for agent in idle)


@given(rooms())
def test_so_many_as_policy_asks_are_kept_free_for_emergencies_and_no_more(state):
    pairs = split(state, KEPT_TWO)
    served, busy = {contact.id for contact, _, _ in pairs}, {agent.id for _, agent, _ in pairs}
    call = a_contact(0, "999")
    free = [one for one in state.agents if one.state in ("available", "chats") and one.chats < 4]
    able = [one for one in free if may_take(one, call, KEPT_TWO)]
    idle = [one for one in able if one.id not in busy]
    if any(contact.channel != "999" and agent in able for contact, agent, _ in pairs):
        assert len(idle) >= 2
    if len(idle) > 2:  # more than were to be kept: then nobody waits whom they could take
        for contact in state.waiting:
            if contact.id not in served and not contact.is_callback:
                assert sum(may_take(agent, contact, KEPT_TWO) for agent in idle) <= 2


@given(rooms())
def test_there_is_no_priority_inversion(state):
    """Whoever is served out of turn took somebody whom the one before could not have been served by."""
    pairs = split(state)
    by_agent = {agent.id: contact for contact, agent, _ in pairs}
    order = {one.id: place for place, one in enumerate(queue_order(state.waiting, POLICY))}
    served = {contact.id for contact, _, _ in pairs}
    for waiting in state.waiting:
        if waiting.id in served or waiting.is_callback:
            continue
        for agent in state.agents:
            has = by_agent.get(agent.id)
            if has and may_take(agent, waiting, POLICY) and agent.state != "wrap_up":
                assert order[has.id] < order[waiting.id], "somebody later has an agent who could take this one"


@given(rooms(), st.data())
def test_raising_the_attention_of_somebody_never_takes_their_turn_away(state, data):
    served = {one.contact for one in decide(state, NOW, POLICY)}
    live = [one for one in state.waiting if not one.is_callback]
    if not live:
        return
    lifted = data.draw(st.sampled_from(live))
    raised = [replace(one, attention=min(3, one.attention + 1)) if one is lifted else one for one in state.waiting]
    after = {one.contact for one in decide(State(waiting=raised, agents=state.agents, callbacks=state.callbacks), NOW, POLICY)}
    assert lifted.id not in served or lifted.id in after


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_nobody_starves_however_many_come_with_a_marker(levels):
    """One handler, one call a minute, and each minute somebody new with a marker: who has waited is answered all the same."""
    old = a_contact(0, waited=0)
    longest = 3 * POLICY.routing.attention_lifts_s / 60 + 2
    waiting, minute = [old], 0
    while any(one.id == 0 for one in waiting):
        minute += 1
        now = NOW + timedelta(minutes=minute)
        level = levels[minute % len(levels)]
        waiting.append(Waiting(id=minute, channel="101", transferred_at=now, attention=level))
        (taken,) = decide(State(waiting=waiting, agents=[an_agent()]), now, POLICY)
        waiting = [one for one in waiting if one.id != taken.contact]
        assert minute <= longest, "so long, and no longer, may others stand before"


# --- The traps that other exchanges fell into -----------------------------------------------------------------------


def test_a_higher_queue_that_nobody_here_can_take_does_not_starve_a_lower_one():
    welsh = a_contact(1, "999", needs={"welsh": 2})
    english = a_contact(2, "101")
    assert decide(State(waiting=[welsh, english], agents=[an_agent(7)]), NOW, POLICY) == ((2, 7, False),)


def test_the_order_is_kept_when_several_are_free_at_once():
    waiting = [a_contact(number, waited=number * 10.0) for number in range(1, 7)]
    found = decide(State(waiting=waiting, agents=[an_agent(1, idle=5), an_agent(2, idle=50)]), NOW, POLICY)
    assert found == ((6, 2, False), (5, 1, False)), "who waited longest goes to who was idle longest"


def test_nobody_stays_reserved_an_offer_that_is_not_taken_lapses_and_one_to_somebody_who_went_at_once():
    rule = POLICY.routing.offer_s
    offers = [
        Offer(contact=1, agent=1, at=NOW - timedelta(seconds=rule)),
        Offer(contact=2, agent=2, at=NOW - timedelta(seconds=rule - 1)),
        Offer(contact=3, agent=9, at=NOW),
    ]
    assert [one.contact for one in routing.lapsed(offers, [1, 2], NOW, POLICY)] == [1, 3]


def test_who_did_not_take_it_is_asked_again_only_when_nobody_else_can():
    contact = a_contact(1, passed_by=frozenset({1}))
    both = [an_agent(1, idle=500), an_agent(2, idle=5)]
    assert decide(State(waiting=[contact], agents=both), NOW, POLICY) == ((1, 2, False),)
    assert decide(State(waiting=[contact], agents=both[:1]), NOW, POLICY) == ((1, 1, False),)


def test_a_change_of_attention_reaches_those_who_wait_already():
    first, second = a_contact(1, waited=600), a_contact(2, waited=30)
    agents = [an_agent()]
    assert decide(State(waiting=[first, second], agents=agents), NOW, POLICY)[0].contact == 1
    assert decide(State(waiting=[first, replace(second, attention=1)], agents=agents), NOW, POLICY)[0].contact == 2


def test_one_number_is_called_back_once_and_not_while_it_rings():
    one, two = (a_contact(n, waited=900, is_callback=True, number="a") for n in (1, 2))
    agents = [an_agent(1), an_agent(2)]
    assert [found.contact for found in decide(State(waiting=[one, two], agents=agents), NOW, POLICY)] == [1]
    rings = a_contact(3, waited=1, number="a")
    assert [found.contact for found in decide(State(waiting=[one, two, rings], agents=agents), NOW, POLICY)] == [3]


def test_a_callback_keeps_its_place_and_overtakes_no_caller_who_rang_before():
    callback = a_contact(1, waited=300, is_callback=True, number="a")
    before, after = a_contact(2, waited=301), a_contact(3, waited=299)
    order = [decide(State(waiting=[callback, before, after], agents=[an_agent()]), NOW, POLICY)[0].contact]
    order.append(decide(State(waiting=[callback, after], agents=[an_agent()]), NOW, POLICY)[0].contact)
    assert order == [2, 1]


@pytest.mark.parametrize(("hour", "under_way", "expected"), [(7, 0, 0), (8, 0, 3), (20, 1, 2), (20, 3, 0), (21, 0, 0)])
def test_callbacks_have_hours_and_a_cap(hour, under_way, expected):
    waiting = [a_contact(n, waited=900, is_callback=True, number=str(n)) for n in range(1, 6)]
    agents = [an_agent(n) for n in range(1, 6)]
    at = NOW.replace(hour=hour)
    assert len(decide(State(waiting=waiting, agents=agents, callbacks=under_way), at, POLICY)) == expected


def test_the_one_welsh_speaker_is_left_for_who_speaks_welsh():
    english, welsh = a_contact(1, waited=60), a_contact(2, waited=10, needs={"welsh": 1})
    gwen, bryn = an_agent(1, idle=500, skills={"welsh": 3}), an_agent(2, idle=5)
    assert set(decide(State(waiting=[english, welsh], agents=[gwen, bryn]), NOW, POLICY)) == {(1, 2, False), (2, 1, False)}


def test_an_emergency_interrupts_who_writes_up_something_else_and_never_who_writes_up_an_emergency():
    call = a_contact(1, "999")
    writing = [an_agent(1, "wrap_up", channel="999"), an_agent(2, "wrap_up", channel="101")]
    assert decide(State(waiting=[call], agents=writing), NOW, POLICY) == ((1, 2, True),)
    assert decide(State(waiting=[call], agents=writing), NOW, with_rule(interrupts_wrap_up=())) == ()
    assert decide(State(waiting=[a_contact(1, "101")], agents=writing), NOW, POLICY) == ()


def test_several_chats_at_a_time_up_to_the_limit_and_no_call_in_between():
    chat, call = a_contact(1, "chat"), a_contact(2, "101")
    busy = an_agent(1, "chats", chats=3)
    assert decide(State(waiting=[chat, call], agents=[busy]), NOW, POLICY) == ((1, 1, False),)
    assert decide(State(waiting=[chat, call], agents=[replace(busy, chats=4)]), NOW, POLICY) == ()


def test_kept_by_the_hour_of_the_forces_own_clock():
    evening = with_rule(kept_for_999=(Kept(from_hour=20, to_hour=24, people=1),))
    state = State(waiting=[a_contact(1), a_contact(2)], agents=[an_agent(1), an_agent(2)])
    assert len(decide(state, NOW.replace(hour=19), evening)) == 2
    assert len(decide(state, NOW.replace(hour=20), evening)) == 1


# --- For whom somebody with a skill is kept, and only so long


def a_welsh_caller(until: float, which=1, **more):
    return a_contact(which, wants={"welsh": 1}, wants_until=NOW + timedelta(seconds=until), **more)


def test_a_welsh_caller_is_kept_for_a_welsh_speaker_until_the_time_and_is_then_anybodys():
    english = an_agent(1)
    assert decide(State(waiting=[a_welsh_caller(1)], agents=[english]), NOW, POLICY) == ()
    assert decide(State(waiting=[a_welsh_caller(0)], agents=[english]), NOW, POLICY) == ((1, 1, False),)


@pytest.mark.parametrize("until", [-30, 30])
def test_before_and_after_the_time_a_free_welsh_speaker_is_asked_first(until):
    room = [an_agent(1, idle=600), an_agent(2, idle=5, skills={"welsh": 1})]
    assert decide(State(waiting=[a_welsh_caller(until)], agents=room), NOW, POLICY) == ((1, 2, False),)


def test_who_is_kept_for_somebody_holds_nobody_up():
    english = an_agent(1)
    found = decide(State(waiting=[a_welsh_caller(30, waited=200), a_contact(2, waited=3)], agents=[english]), NOW, POLICY)
    assert found == ((2, 1, False),)


@given(st.integers(-100, 100), st.lists(st.booleans(), min_size=1, max_size=4))
def test_whenever_its_time_has_passed_whoever_is_free_is_offered_it(until, speaks):
    room = [an_agent(which, skills={"welsh": 1} if one else {}) for which, one in enumerate(speaks, 1)]
    found = decide(State(waiting=[a_welsh_caller(until)], agents=room), NOW, POLICY)
    assert bool(found) == (until <= 0 or any(speaks))
    if found and any(speaks):
        assert speaks[found[0].agent - 1]


# --- Who is trained for emergency calls is offered them first, and nobody in danger waits for that


@given(st.lists(st.booleans(), max_size=5), st.integers(1, 5), st.sampled_from(["available", "wrap_up"]))
def test_an_emergency_goes_to_who_is_trained_and_without_them_to_anybody_at_once(trained, calls, state):
    agents = [an_agent(n, state, channel="101", skills={"emergency": 2 if one else 1}) for n, one in enumerate(trained, 1)]
    waiting = [a_contact(n, "999") for n in range(1, calls + 1)]
    found = decide(State(waiting=waiting, agents=agents), NOW, POLICY)
    assert len(found) == min(calls, len(agents)), "not one waits while somebody is there"
    assert sum(trained[one.agent - 1] for one in found) == min(calls, sum(trained))


def test_of_all_that_an_emergency_would_rather_have_the_most_counts():
    caller = a_contact(1, "999", wants={"welsh": 1}, wants_until=NOW)
    room = [an_agent(1, idle=900), an_agent(2, idle=500, skills={"welsh": 1}), an_agent(3, skills={"welsh": 1, "emergency": 2})]
    assert [one.agent for one in decide(State(waiting=[caller], agents=room), NOW, POLICY)] == [3]
    assert [one.agent for one in decide(State(waiting=[caller], agents=room[:2]), NOW, POLICY)] == [2]


def test_of_two_who_may_take_a_chat_whoever_holds_fewer_is_asked():
    room = State(waiting=[a_contact(channel="chat")], agents=[an_agent(1, "chats", 900, chats=1), an_agent(2, idle=5)])
    assert decide(room, NOW, with_rule(skills={}, chats_at_once=3)) == ((1, 2, False),)


def test_the_level_that_is_asked_for_counts_for_the_skill_of_the_channel_too():
    policy = with_rule(skills={"chat": "digital"})
    asks = a_contact(channel="chat", needs={"digital": 3})
    assert not may_take(an_agent(skills={"digital": 1}), asks, policy)
    assert may_take(an_agent(skills={"digital": 3}), asks, policy)
    assert not may_take(an_agent(), a_contact(channel="chat"), policy)


def test_what_is_wanted_for_a_time_never_asks_for_less_than_what_is_needed():
    room = State(
        waiting=[a_contact(needs={"welsh": 3}, wants={"welsh": 1}, wants_until=NOW + timedelta(seconds=60))],
        agents=[an_agent(1, skills={"welsh": 2})],
    )
    assert decide(room, NOW, with_rule(skills={})) == ()


def test_of_those_who_write_up_the_longest_is_interrupted_first_and_who_holds_a_chat_never():
    policy = with_rule(skills={}, interrupts_wrap_up=("999",))
    writing = [
        an_agent(1, "wrap_up", 10, channel="101"),
        an_agent(2, "wrap_up", 300, channel="101"),
        an_agent(3, "wrap_up", 900, channel="101", chats=1),
    ]
    assert decide(State(waiting=[a_contact(channel="999")], agents=writing), NOW, policy) == ((1, 2, True),)
    for channel in ("999", "emergency_sms"):
        assert decide(State(waiting=[a_contact(channel=channel)], agents=writing[2:]), NOW, policy) == ()


def test_who_passed_it_by_is_asked_after_somebody_who_lacks_what_the_caller_would_rather_have():
    late = a_contact(wants={"welsh": 1}, wants_until=NOW - timedelta(seconds=1), passed_by=frozenset({1}))
    room = State(waiting=[late], agents=[an_agent(1, idle=900, skills={"welsh": 1}), an_agent(2)])
    assert decide(room, NOW, with_rule(skills={})) == ((1, 2, False),)


def test_a_callback_to_a_withheld_number_is_offered_to_nobody():
    room = State(waiting=[a_contact(is_callback=True, number="")], agents=[an_agent()])
    assert decide(room, NOW, with_rule(skills={})) == ()


def test_of_those_kept_for_emergencies_the_one_whom_the_others_need_least_then_the_last_who_became_free():
    policy = with_rule(skills={}, kept_for_999=(Kept(from_hour=0, to_hour=24, people=1),))
    agents = [an_agent(1, idle=900, skills={"welsh": 1}), an_agent(2, idle=60), an_agent(3, idle=300)]
    welsh = State(waiting=[a_contact(needs={"welsh": 1})], agents=[replace(agents[0], since=NOW), agents[1]])
    assert decide(welsh, NOW, policy) == ((1, 1, False),), "the Welsh speaker is needed, the other is kept"
    plain = State(waiting=[a_contact(1), a_contact(2, waited=20.0)], agents=agents)
    assert {one.agent for one in decide(plain, NOW, policy)} == {1, 3}, "the last who became free is kept"


def test_who_stands_back_lets_the_others_go_first():
    room = State(waiting=[a_contact(1, waited=40), a_contact(2, waited=20)], agents=[an_agent()], back=frozenset({1}))
    assert decide(room, NOW, with_rule(skills={})) == ((2, 1, False),)


def test_somebody_with_a_chat_may_be_offered_another_up_to_the_limit_and_not_beyond():
    policy = with_rule(skills={}, chats_at_once=2)
    for held, offered in ((1, ((1, 1, False),)), (2, ())):
        room = State(waiting=[a_contact(channel="chat")], agents=[an_agent(1, "chats", chats=held)])
        assert decide(room, NOW, policy) == offered


def test_nobody_is_kept_any_more_from_the_hour_at_which_it_ends():
    policy = with_rule(kept_for_999=(Kept(from_hour=8, to_hour=14, people=1),))
    room = State(waiting=[a_contact(1), a_contact(2)], agents=[an_agent(1), an_agent(2)])
    assert len(decide(room, NOW.replace(hour=13), policy)) == 1
    assert len(decide(room, NOW.replace(hour=14), policy)) == 2
