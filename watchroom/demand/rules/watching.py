"""What does a supervisor look at first? Danger before time, time before order; never a person's score."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from watchroom.force.policy import Policy

#: What may be on top, the most dangerous first. Each is something that somebody in the room can act on now.
DANGERS = (
    "emergency",  # a crew's status 0
    "ringing_999",  # nobody has answered within the standard
    "attend_immediate",  # the promise is broken and nobody is there
    "unresourced_immediate",  # nobody is on the way
    "attend_vulnerable",  # the promise to somebody vulnerable is broken
    "abandoned_marker",  # gave up, has a marker, and nobody has looked in time
    "risk_immediate",  # went at once, and its risk is still not written
    "attend",
    "other",
)

#: Ages of what is open; the last has no end.
AGES = ((900, "to 15 min"), (3600, "to 1 h"), (4 * 3600, "to 4 h"), (24 * 3600, "to 24 h"), (None, "older"))


@dataclass(frozen=True, kw_only=True)
class Danger:
    """Something that may be the headline. `since` is when its time had passed, or when it began."""

    kind: str
    since: datetime
    subject: tuple[str, int]
    duty: int | None = None


def most_dangerous(found: Iterable[Danger]) -> Danger | None:
    """The one thing on top: by kind, then by what has waited longest. None when nothing is dangerous."""
    return min(found, key=lambda danger: (DANGERS.index(danger.kind), danger.since), default=None)


class OpenIncident(Protocol):
    grade: str
    opened_at: datetime


@dataclass(frozen=True)
class AgeRow:
    grade: str
    counts: tuple[int, ...]  # one for each of AGES
    oldest: datetime | None

    @property
    def total(self) -> int:
        return sum(self.counts)


def by_grade_and_age(incidents: Sequence[OpenIncident], policy: Policy, at: datetime) -> list[AgeRow]:
    """How many are open, by grade (most urgent first, the ungraded after Priority) and by age."""
    order = [grade.code for grade in sorted(policy.grades, key=lambda grade: grade.rank)]
    order.insert(2, "")
    return [by_age([row for row in incidents if row.grade == grade], grade, at) for grade in order]


def by_age(incidents: Sequence[OpenIncident], grade: str, at: datetime) -> AgeRow:
    """One row of that table: so many in each band of age."""
    ages = Counter(age_band((at - row.opened_at).total_seconds()) for row in incidents)
    return AgeRow(grade, tuple(ages[band] for band in range(len(AGES))), min((row.opened_at for row in incidents), default=None))


def age_band(seconds: float) -> int:
    return next(number for number, (edge, _) in enumerate(AGES) if edge is None or seconds < edge)


def needs_relief(since: datetime, policy: Policy, at: datetime) -> bool:
    """Whether one contact has lasted so long that relief is offered (domain 4.4). About the call, never about the person."""
    return at - since >= timedelta(seconds=policy.contacts.relief_after_s)
