"""What does the attendant do next: say something, put the caller into the queue, offer a callback?

`decide(state, key, now, policy)` knows times and keys only, so that a link can play any exchange against it. Every path ends with a
person or with a callback that was agreed. Silence, an unknown key and 0 are a person; so are too many questions and too long a
time. Nobody on 999 meets it, nor anybody whose number is withheld: a machine asks no keys of somebody who may have to stay quiet.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from watchroom.force.policy import PERSON, Policy

CHANNEL = "101"
OPERATOR = "0"  # a person, everywhere
QUEUE, OFFERED, AGREED = ":queue", ":offered", ":agreed"  # places beyond the menus
MOST_SAYINGS = 12  # in menus; whoever is led about longer is put through


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a caller is. `place` is a menu's code, or one of the three beyond them."""

    place: str
    entered: datetime
    since: datetime  # when `saying` began, or the silence after it
    saying: str = ""  # what is said now, or was said last; empty: nothing
    number: int = 0  # of this saying: the same words said again are another one
    asked: int = 1  # how often this question was put
    queued_at: datetime | None = None
    was_offered: bool = False  # a callback; nobody is asked twice
    turn: int = 0  # announcements heard in the queue

    @property
    def is_in_menu(self) -> bool:
        return self.place not in (QUEUE, OFFERED, AGREED)


class Does(NamedTuple):
    """What has to be done in the rooms: `chose` brings the menu."""

    what: Literal["announced", "chose", "queued", "agree"]
    menu: str = ""


class Step(NamedTuple):
    state: State
    does: tuple[Does, ...] = ()


def attends(channel: str, number: str, policy: Policy) -> bool:
    """Whether this caller meets the attendant at all."""
    return channel == CHANNEL and policy.attendant.is_on and number.startswith("+")


def begin(now: datetime, policy: Policy) -> Step:
    """The first words."""
    return _go(State(place="", entered=now, since=now), policy.attendant.start, now, policy)


def resumed(now: datetime) -> State:
    """Where they were is not known any more, since we were away: then it is the queue."""
    return State(place=QUEUE, entered=now, since=now, queued_at=now)


def decide(state: State, key: str, now: datetime, policy: Policy, *, may_call_back: bool = False) -> Step:
    """The next step, by a key that was pressed or, with an empty one, by the time that has passed.

    `may_call_back`: whether a callback can be promised to this caller now (`callbacks.rules.refuses`, and that it is safe).
    """
    if state.place == AGREED:
        return Step(state)
    if state.place == OFFERED:
        return _asked_for_callback(state, key, now, policy)
    if state.place == QUEUE:
        return Step(state) if key else _waiting(state, now, policy, may_call_back)
    return _in_menu(state, key, now, policy)


def is_time_to_offer(state: State, now: datetime, policy: Policy) -> bool:
    """Whether a callback would be offered now, so that only then anybody has to look whether it can be."""
    if state.place != QUEUE or state.was_offered or state.queued_at is None or is_saying(state, now, policy):
        return False
    return now >= state.queued_at + timedelta(seconds=policy.attendant.callback_after_s)


def refused(state: State, now: datetime, policy: Policy) -> State:
    """It was agreed, and cannot be kept after all: they are told so, and wait as before."""
    return _say(replace(state, place=QUEUE), policy.attendant.callback_refused, now)


def ends_at(state: State, policy: Policy) -> datetime:
    """When what is said now is over."""
    said = policy.attendant.saying(state.saying)
    return state.since + timedelta(seconds=said.seconds if said else 0)


def is_saying(state: State, now: datetime, policy: Policy) -> bool:
    return bool(state.saying) and now < ends_at(state, policy)


def words(code: str, policy: Policy) -> str:
    """A saying as it is read out."""
    said = policy.attendant.saying(code)
    return said.text.replace("{online}", policy.attendant.online) if said else ""


def sound(code: str, policy: Policy) -> str:
    """How the exchange calls the recording of a saying."""
    said = policy.attendant.saying(code)
    return f"sound:{(said.sound if said else '') or f'watchroom/{code}'}"


def labels(menus: Iterable[str], policy: Policy) -> list[str]:
    found = (policy.attendant.menu(code) for code in menus)
    return [one.label for one in found if one and one.label]


def skill(menu: str, policy: Policy) -> str:
    """What whoever answers this choice should be able to do; empty for anybody."""
    found = policy.attendant.menu(menu)
    return found.skill if found else ""


def _in_menu(state: State, key: str, now: datetime, policy: Policy) -> Step:
    rule = policy.attendant
    menu = rule.menu(state.place)
    is_lost = state.number >= MOST_SAYINGS or now >= state.entered + timedelta(seconds=rule.longest_s)
    if menu is None or key == OPERATOR or is_lost:
        return _go(state, PERSON, now, policy)
    if key in menu.keys:
        return _go(state, menu.keys[key], now, policy)
    if not key:
        if menu.then and now >= ends_at(state, policy):
            return _go(state, menu.then, now, policy)
        if menu.then or now < ends_at(state, policy) + timedelta(seconds=rule.listens_s):
            return Step(state)
    elif menu.then:
        return Step(state)  # nothing was asked
    if state.asked > rule.repeats:
        return _go(state, PERSON, now, policy)
    return Step(replace(_say(state, menu.says, now), asked=state.asked + 1))


def _go(state: State, code: str, now: datetime, policy: Policy) -> Step:
    """Into a menu, or into the queue where there is no such menu."""
    menu = policy.attendant.menu(code)
    if menu is None:
        return Step(replace(state, place=QUEUE, saying="", since=now, queued_at=now), (Does("queued"),))
    chose = (Does("chose", code),) if menu.label or menu.skill else ()
    announced = (Does("announced"),) if menu.then else ()
    return Step(replace(_say(state, menu.says, now), place=code, asked=1), (*chose, *announced))


def _waiting(state: State, now: datetime, policy: Policy, may_call_back: bool) -> Step:
    rule = policy.attendant
    if may_call_back and is_time_to_offer(state, now, policy):
        return Step(replace(_say(state, rule.callback_offer, now), place=OFFERED, was_offered=True))
    if rule.waiting and now >= ends_at(state, policy) + timedelta(seconds=rule.waiting_each_s):
        code = rule.waiting[state.turn % len(rule.waiting)]
        first = () if state.turn else (Does("announced"),)
        return Step(replace(_say(state, code, now), turn=state.turn + 1), first)
    return Step(state)


def _asked_for_callback(state: State, key: str, now: datetime, policy: Policy) -> Step:
    rule = policy.attendant
    if key == rule.callback_key:
        return Step(replace(_say(state, rule.callback_agreed, now), place=AGREED), (Does("agree"),))
    if key or now >= ends_at(state, policy) + timedelta(seconds=rule.listens_s):
        return Step(replace(state, place=QUEUE, saying="", since=now))
    return Step(state)


def _say(state: State, code: str, now: datetime) -> State:
    return replace(state, saying=code, since=now, number=state.number + 1)
