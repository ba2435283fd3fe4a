"""To whom is each waiting contact offered now? One pure function, used by the live room and by anything that simulates it.

`decide(state, now, policy)` looks at everything anew each time: an attention that was raised a moment ago counts at once, and nobody
is held for a contact that is gone. `now` is in the force's own zone, because some rules go by the hour. It knows numbers and codes only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from watchroom.contacts.callbacks import rules as callbacks
from watchroom.contacts.chat.rules import TALKS
from watchroom.contacts.rules import queue_order
from watchroom.force.policy import EMERGENCIES, Policy

EMERGENCY = "999"
AgentState = Literal["available", "chats", "offered", "on_call", "wrap_up", "break", "other", "away"]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A contact that nobody has answered and that is offered to nobody.

    A callback keeps the time of the call whose place it holds. `number`: the same for the same number, empty where it is withheld.
    """

    id: int
    channel: str
    transferred_at: datetime
    attention: int = 0
    needs: Mapping[str, int] = field(default_factory=dict)  # skill: level
    wants: Mapping[str, int] = field(default_factory=dict)  # the same, but only until then; after it, who has them is asked first
    wants_until: datetime | None = None
    passed_by: frozenset[int] = frozenset()  # who was offered it and did not take it
    is_callback: bool = False
    number: str = ""

    @property
    def in_line_since(self) -> datetime:
        return self.transferred_at


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Somebody who may answer. `channel` is that of what they write up; `chats`, how many they hold."""

    id: int
    state: AgentState
    since: datetime
    skills: Mapping[str, int] = field(default_factory=dict)
    channel: str = ""
    chats: int = 0


@dataclass(frozen=True, kw_only=True)
class Offer:
    contact: int
    agent: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class State:
    waiting: Sequence[Waiting]
    agents: Sequence[Agent]
    callbacks: int = 0  # under way now
    back: frozenset[int] = frozenset()  # who lets others go first, while that is declared (`grouping.standing_back`)


class Assignment(NamedTuple):
    contact: int
    agent: int
    interrupts: bool = False  # the agent is writing up something else, and may say so


def decide(state: State, now: datetime, policy: Policy) -> tuple[Assignment, ...]:
    """Who is offered what. Nobody is named twice, and no contact either.

    1. Emergencies first, to whoever is free for the longest; when nobody is, to who writes up another channel (if policy lets it).
    2. Then so many who may answer emergencies are kept free as policy asks for this hour.
    3. The rest in the order of `rules.queue_order`. One that nobody here can take does not keep others from those who can take them.
    """
    queue = [_asks_now(one, now) for one in queue_order(_callable(state, now, policy), policy, state.back)]
    emergencies = [one for one in queue if one.channel in EMERGENCIES]
    others = [one for one in queue if one.channel not in EMERGENCIES]
    free = sorted((one for one in state.agents if _is_free(one, policy)), key=lambda one: (one.chats, one.since, one.id))
    found = _match(emergencies, free, policy)
    busy = {agent for _, agent in found}
    left = [one for one in emergencies if one.id not in {contact for contact, _ in found}]
    interrupted = (
        _match(left, _interruptible(state.agents, policy), policy) if EMERGENCY in policy.routing.interrupts_wrap_up else []
    )
    free = [one for one in free if one.id not in busy]
    kept = _kept(free, others, now, policy)
    found += _match(others, [one for one in free if one.id not in kept], policy)
    return (*(Assignment(*pair) for pair in found), *(Assignment(*pair, True) for pair in interrupted))


def askable(agents: Iterable[Agent], policy: Policy) -> int:
    """How many could be offered something now: more than that are never named."""
    agents = list(agents)
    writing = _interruptible(agents, policy) if EMERGENCY in policy.routing.interrupts_wrap_up else []
    return len(writing) + sum(1 for one in agents if _is_free(one, policy))


def lapsed(offers: Iterable[Offer], here: Iterable[int], now: datetime, policy: Policy) -> list[Offer]:
    """Offers that were not taken in time, or whose agent has gone: the contact returns to the queue by itself."""
    present, since = set(here), now - timedelta(seconds=policy.routing.offer_s)
    return [one for one in offers if one.at <= since or one.agent not in present]


def may_take(agent: Agent, contact: Waiting, policy: Policy) -> bool:
    """Whether this person, when free, may be offered this contact: the skills it asks for, at the level it asks for."""
    asked = dict(contact.needs)
    if skill := policy.routing.skills.get(contact.channel):
        asked[skill] = max(1, asked.get(skill, 0))
    if agent.chats and contact.channel not in TALKS:
        return False
    return all(agent.skills.get(skill, 0) >= level for skill, level in asked.items())


def _asks_now(contact: Waiting, now: datetime) -> Waiting:
    """What it wants it needs, until its time has passed: a Welsh caller is not kept for the one Welsh speaker for ever."""
    if not contact.wants or contact.wants_until is None or now >= contact.wants_until:
        return contact
    both = {skill: max(contact.needs.get(skill, 0), contact.wants.get(skill, 0)) for skill in {*contact.needs, *contact.wants}}
    return replace(contact, needs=both)


def _lacks(agent: Agent, contact: Waiting, policy: Policy) -> int:
    """How many of the skills they do not have that the caller would rather have, or that the channel asks for first."""
    wanted = dict(contact.wants)
    if skill := policy.routing.asked_first.get(contact.channel):
        wanted.setdefault(skill, min(policy.routing.asked_first_from, len(policy.routing.levels)))
    return sum(agent.skills.get(skill, 0) < level for skill, level in wanted.items())


def _is_free(agent: Agent, policy: Policy) -> bool:
    return agent.state in ("available", "chats") and agent.chats < policy.routing.chats_at_once


def _interruptible(agents: Iterable[Agent], policy: Policy) -> list[Agent]:
    writing = (one for one in agents if one.state == "wrap_up" and one.channel not in EMERGENCIES and not one.chats)
    return sorted(writing, key=lambda one: (one.since, one.id))


def _callable(state: State, now: datetime, policy: Policy) -> list[Waiting]:
    """Who is in the queue now: of callbacks only within their hours and their cap, one for each number, none while that number rings."""
    rule = policy.routing
    waiting = sorted(state.waiting, key=lambda one: one.id)  # of two that are due at once, the same one first each time
    live = [one for one in waiting if not one.is_callback]
    if not callbacks.is_hour(now, policy):
        return live
    ringing = {one.number for one in live if one.number}
    found: list[Waiting] = []
    for one in queue_order((one for one in waiting if one.is_callback), policy):
        if len(found) + state.callbacks >= rule.callbacks_at_once:
            break
        if one.number and one.number not in ringing:
            ringing.add(one.number)
            found.append(one)
    return [*live, *found]


def _kept(free: Sequence[Agent], others: Sequence[Waiting], now: datetime, policy: Policy) -> set[int]:
    """Who is kept free for emergencies: those whom the others need least, then who has become free last."""
    people = sum(rule.people for rule in policy.routing.kept_for_999 if rule.from_hour <= now.hour < rule.to_hour)
    call = Waiting(id=0, channel=EMERGENCY, transferred_at=now)
    able = [one for one in free if may_take(one, call, policy)]
    wanted = {one.id: sum(may_take(one, contact, policy) for contact in others) for one in able}
    able.sort(key=lambda one: (wanted[one.id], -one.since.timestamp(), one.id))
    return {one.id for one in able[:people]}


def _match(contacts: Sequence[Waiting], agents: Sequence[Agent], policy: Policy) -> list[tuple[int, int]]:
    """Pairs of (contact, agent). The first contacts are never left out for later ones; agents are asked in their order.

    When only somebody who has another contact may take this one, and somebody else may take that other, they change (an augmenting
    path): the one Welsh speaker does not take an English call while a Welsh caller waits and an English speaker is free.
    """
    has: dict[int, Waiting] = {}

    def place(contact: Waiting, asked: set[int]) -> bool:
        able = [one for one in agents if one.id not in asked and may_take(one, contact, policy)]
        # who did not take it is asked last, never not at all; before them, who lacks what somebody should rather have
        able.sort(key=lambda one: (one.id in contact.passed_by, _lacks(one, contact, policy)))
        for one in able:
            if one.id not in has:
                has[one.id] = contact
                return True
        for one in able:
            if one.id in asked:
                continue
            asked.add(one.id)
            if place(has[one.id], asked):
                has[one.id] = contact
                return True
        return False

    for contact in contacts:
        if len(has) == len(agents):
            break
        place(contact, set())
    order = {contact.id: place for place, contact in enumerate(contacts)}
    return sorted(((contact.id, agent) for agent, contact in has.items()), key=lambda pair: order[pair[0]])
