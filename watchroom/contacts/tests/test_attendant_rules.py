"""Every path through the attendant ends with a person or an agreed callback, and nobody on 999 meets it (R19, R20)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from watchroom.contacts.attendant import rules
from watchroom.contacts.attendant.rules import AGREED, OFFERED, QUEUE, Does, State
from watchroom.contacts.callbacks import rules as callbacks
from watchroom.contacts.rules import CHANNELS
from watchroom.force import packs
from watchroom.force.policy import PERSON, Attendant, Policy

pytestmark = pytest.mark.hypothesis
POLICY = packs.load(packs.DATA / "northmoor.toml")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
KEYS = st.sampled_from(["", "", "", *"0123456789*#"])
CODES = ("one", "two", "three")


@st.composite
def trees(draw: st.DrawFn) -> Policy:
    """Any tree, also one that leads in circles."""
    target = st.sampled_from((*CODES, PERSON))
    menus = {
        code: {
            "says": "said",
            "label": code,
            "keys": draw(st.dictionaries(st.sampled_from("123456789*#"), target, max_size=4)),
            "then": draw(st.none() | target),
        }
        for code in CODES
    }
    rule = Attendant(
        is_on=True,
        start=draw(target),
        menus=menus,
        sayings={
            code: {"text": "Words.", "seconds": draw(st.integers(1, 60))}
            for code in ("said", "offer", "agreed", "refused", "wait")
        },
        listens_s=draw(st.integers(2, 30)),
        repeats=draw(st.integers(0, 3)),
        longest_s=draw(st.integers(10, 300)),
        waiting=("wait",) if draw(st.booleans()) else (),
        callback_after_s=draw(st.integers(0, 200)),
        callback_key=draw(st.sampled_from("123456789*#")),
        callback_offer="offer",
        callback_agreed="agreed",
        callback_refused="refused",
    )
    return POLICY.model_copy(update={"attendant": rule})


presses = st.lists(st.tuples(st.integers(0, 20), KEYS), max_size=60)


@given(trees(), presses, st.booleans())
def test_whatever_is_pressed_they_are_with_a_person_or_have_agreed_a_callback_in_time(policy, pressed, may_call_back):
    """Once in the queue nobody is led back into a menu; nothing but the key that was named agrees anything."""
    step, now, queued = rules.begin(NOW, policy), NOW, 0
    for wait, key in pressed:
        queued += step.does.count(Does("queued"))
        assert step.state.is_in_menu == (queued == 0)
        assert queued <= 1
        before, now = step.state, now + timedelta(seconds=wait)
        step = rules.decide(before, key, now, policy, may_call_back=may_call_back)
        if step.state.place == OFFERED and before.place != OFFERED:
            assert may_call_back
            assert not before.was_offered
        agrees = Does("agree") in step.does
        assert agrees == (before.place == OFFERED and key == policy.attendant.callback_key)
        assert (step.state.place == AGREED) == (agrees or before.place == AGREED)
    late = NOW + timedelta(seconds=policy.attendant.longest_s)
    assert not rules.decide(step.state, "", max(now, late), policy).state.is_in_menu


@given(trees())
def test_who_says_nothing_is_with_a_person(policy):
    step, now = rules.begin(NOW, policy), NOW
    for _ in range(policy.attendant.longest_s + 1):
        if not step.state.is_in_menu:
            break
        now += timedelta(seconds=1)
        step = rules.decide(step.state, "", now, policy)
    assert step.state.place == QUEUE


@given(trees(), presses)
def test_nought_is_a_person_from_everywhere(policy, pressed):
    step, now = rules.begin(NOW, policy), NOW
    for wait, key in pressed:
        now += timedelta(seconds=wait)
        pressed_now = rules.decide(step.state, "0", now, policy, may_call_back=True).state.place
        assert pressed_now == (AGREED if step.state.place == AGREED else QUEUE)
        step = rules.decide(step.state, key, now, policy, may_call_back=True)


@given(trees(), st.sampled_from("0123456789*#"))
def test_the_same_unknown_key_again_and_again_is_a_person(policy, key):
    step = rules.begin(NOW, policy)
    for _ in range(rules.MOST_SAYINGS * 5):
        menu = policy.attendant.menu(step.state.place)
        if menu is None or menu.then or key in menu.keys:
            return  # nothing was asked, or it is no unknown key here
        step = rules.decide(step.state, key, NOW, policy)
    raise AssertionError("still in a menu")


@given(st.sampled_from(CHANNELS), st.sampled_from(["", "+447700900417", "1234"]), trees())
def test_nobody_on_999_meets_it_nor_who_withholds_the_number(channel, number, policy):
    assert rules.attends(channel, number, policy) == (channel == "101" and number.startswith("+"))
    off = policy.model_copy(update={"attendant": Attendant()})
    assert not rules.attends(channel, number, off)


def test_the_force_that_is_shown_says_what_it_should():
    rule = POLICY.attendant
    for one in rule.sayings:
        assert "{" not in rules.words(one.code, POLICY)
    welcome = rules.words(rule.menu(rule.start).says, POLICY)
    assert "999" in welcome
    assert "press 0" in welcome
    assert any(rule.online in rules.words(code, POLICY) for code in rule.waiting)
    chosen = rules.decide(rules.begin(NOW, POLICY).state, "2", NOW, POLICY)
    assert rules.labels([one.menu for one in chosen.does], POLICY) == ["About something already reported"]
    assert rules.sound("welcome", POLICY) == "sound:watchroom/welcome"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"start": "nowhere"}, "no such menu"),
        ({"menus": {"welcome": {"says": "hello", "keys": {"1": "lost"}}}}, "no such menu"),
        ({"menus": {"welcome": {"says": "unsaid"}}}, "stands nowhere"),
        ({"menus": {"welcome": {"says": "hello", "keys": {"0": "person"}}}}, "pattern"),
        ({"menus": {"welcome": {"says": "hello"}, "person": {"says": "hello"}}}, "no menu"),
    ],
)
def test_a_tree_that_leads_nowhere_is_refused_and_0_cannot_be_given_away(given, says):
    sayings = {
        code: {"text": "Words.", "seconds": 3} for code in ("hello", "callback_offer", "callback_agreed", "callback_refused")
    }
    with pytest.raises(ValidationError, match=says):
        Attendant(**{"is_on": True, "menus": {"welcome": {"says": "hello"}}, "sayings": sayings, **given})


def test_an_offer_comes_once_after_its_time_and_a_refusal_goes_on_waiting():
    state = State(place=QUEUE, entered=NOW, since=NOW, queued_at=NOW)
    after = NOW + timedelta(seconds=POLICY.attendant.callback_after_s)
    assert not rules.is_time_to_offer(state, after - timedelta(seconds=1), POLICY)
    asked = rules.decide(state, "", after, POLICY, may_call_back=True).state
    assert asked.place == OFFERED
    told = rules.refused(rules.decide(asked, "1", after, POLICY).state, after, POLICY)
    assert (told.place, told.saying) == (QUEUE, "callback_refused")
    much_later = after + timedelta(hours=1)
    assert rules.decide(told, "", much_later, POLICY, may_call_back=True).state.place == QUEUE


@pytest.mark.parametrize(
    ("more", "is_refused"),
    [
        ({}, False),
        ({"channel": "999"}, True),
        ({"number": ""}, True),
        ({"number": "1234"}, True),
        ({"has_one": True}, True),
        ({"owed": POLICY.callbacks.most}, True),
        ({"now": NOW.replace(hour=7)}, True),
        ({"now": NOW.replace(hour=20)}, False),
        ({"now": NOW.replace(hour=20, minute=1)}, True),  # an hour from now is past nine in the evening
    ],
)
def test_a_callback_is_promised_only_where_it_can_be_kept(more, is_refused):
    given = {"channel": "101", "number": "+447700900417", "has_one": False, "owed": 0, "now": NOW, "policy": POLICY, **more}
    assert bool(callbacks.refuses(**given)) is is_refused
