"""Many ring from one place: who of them lets others go first? Pure, and used only while a person has declared it.

Somebody who rings about something else waits behind a hundred who saw one crash. So the first of each place keep their turn, and
the others stand as if they had rung a little later: a fixed time, the same for all, so that each is still answered, in order, and
whoever waits is passed by those alone who rang within that time after them. It orders among equals only: within a channel, and
never anybody whom a later room has lifted. A position that is wide, or that another one contradicts, puts nobody into a group.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from math import floor, hypot

from watchroom.contacts import whereabouts
from watchroom.contacts.rules import CALLS
from watchroom.contacts.whereabouts import Position
from watchroom.force.policy import Policy


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A call that waits, or was answered a short while ago; `spot` in metres, where it is known well enough (`spot`)."""

    id: int
    channel: str
    transferred_at: datetime
    attention: int = 0
    spot: tuple[float, float] | None = None
    is_waiting: bool = True


def spot(positions: Sequence[Position], policy: Policy) -> tuple[float, float] | None:
    """Where a caller rang from, if that is known well enough to say that somebody else rang from the same place; else None.

    Where they were when they rang counts, so that nobody leaves a group by waiting.
    """
    rule, locations = policy.routing.grouping, policy.locations
    with_points = [one for one in positions if one.x is not None and one.y is not None]
    if not with_points or any(whereabouts.contradicts(this, that, locations) for this, that in combinations(with_points, 2)):
        return None
    surest = min(with_points, key=lambda one: (whereabouts.reach(one, one.taken_at, locations), one.taken_at))
    if whereabouts.reach(surest, surest.taken_at, locations) > rule.precise_m or surest.x is None or surest.y is None:
        return None
    return surest.x, surest.y


def standing_back(callers: Iterable[Caller], policy: Policy) -> frozenset[int]:
    """Who of those that wait lets others go first: from a place of many, and not among the first who rang from there."""
    rule = policy.routing.grouping
    return frozenset(
        one.id
        for group in _places(callers, rule.within_m)
        if len(group) >= rule.from_calls
        for one in group[rule.heard_first :]
        if one.is_waiting and not one.attention
    )


def _places(callers: Iterable[Caller], within_m: int) -> list[list[Caller]]:
    """Callers of one channel by place, each in the order of ringing. A place is around the first who rang from it."""
    found: list[list[Caller]] = []
    near: dict[tuple[str, int, int], list[list[Caller]]] = defaultdict(list)  # by squares as wide as a place
    side = max(1, within_m)
    for one in sorted(callers, key=lambda one: (one.transferred_at, one.id)):
        if one.spot is None or one.channel not in CALLS:
            continue
        east, north = (floor(part / side) for part in one.spot)
        around = (near.get((one.channel, east + e, north + n), ()) for e in (-1, 0, 1) for n in (-1, 0, 1))
        groups = [
            (apart, group[0].id, group) for part in around for group in part if (apart := _apart(one, group[0])) <= within_m
        ]
        if groups:
            min(groups)[2].append(one)
        else:
            found.append([one])
            near[one.channel, east, north].append(found[-1])
    return found


def _apart(this: Caller, other: Caller) -> float:
    (x, y), (east, north) = this.spot or (0.0, 0.0), other.spot or (0.0, 0.0)
    return hypot(x - east, y - north)
