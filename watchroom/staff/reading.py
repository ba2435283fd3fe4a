"""Who may read what one person did, and how far back? Plain values in, plain values out; the numbers are policy (`[states]`).

A stricter policy (fewer roles, fewer hours, more reasons) never lets anybody read more: `tests/test_states.py`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from watchroom.force.policy import States, StatesReader
from watchroom.staff.states import STATES

SAYS = STATES | {"in": "logged in", "out": "logged out"}


def sees_now(roles: Collection[str], policy: States) -> bool:
    """Whether who has these roles sees by name what each of the room does now."""
    return bool(set(roles) & set(policy.now))


def since(*, is_self: bool, roles: Collection[str], has_reason: bool, policy: States, at: datetime) -> datetime | None:
    """The earliest moment of which they may read; None: of any. At `at` itself, of none.

    Roles are those somebody was given, never one that a surge lets them act in.
    """
    if is_self:
        return None
    reach = [one.hours for one in policy.readers if one.code in roles and (has_reason or not one.gives_reason)]
    return at - timedelta(hours=max(reach, default=0))


def readers(roles: Collection[str], policy: States) -> list[StatesReader]:
    """As which of their roles somebody reads others' states at all."""
    return [one for one in policy.readers if one.hours and one.code in roles]


@dataclass(frozen=True)
class Spell:
    """One state and its time. `begins` None: before what may be read; `ends` None: it still stands."""

    state: str
    begins: datetime | None
    ends: datetime | None

    @property
    def says(self) -> str:
        return SAYS.get(self.state, self.state)


def spells(
    told: Collection[tuple[datetime, str]], *, start: datetime, end: datetime, since: datetime | None, at: datetime
) -> list[Spell]:
    """Of what was told (when, which state; in order), what falls between `start` and `end` and may be read.

    What began earlier and still stood is there without its beginning.
    """
    first = start if since is None else max(start, since)
    last = min(end, at)
    found = []
    for (begins, state), (ends, _) in pairwise([*told, (None, "")]):
        if begins is not None and begins < last and (ends is None or ends > first):
            found.append(Spell(state, begins if begins >= first else None, ends if ends is not None and ends <= last else None))
    return found
