"""Do these incidents, each of them small, make a series? A scan over time, with its reasons in words (R69).

Asked for one person, place or number at a time. It judges how often something comes, against how often it comes by chance;
it says nothing of how bad a person is, and there is no number of a person.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

from watchroom.force.policy import Series

DAY_S = 86400
YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Happened:
    """One incident as the scan sees it. Of `grade` only the code; nothing of queues, units or demand can be said here."""

    incident: int
    at: datetime
    kind: str
    grade: str = ""


@dataclass(frozen=True)
class Found:
    """A series: its incidents, oldest first, and why they are thought to be one."""

    incidents: tuple[int, ...]
    because: tuple[str, ...]
    chance: float  # that a stretch as short holds as many, were it chance alone


def find(happened: Sequence[Happened], series: Series, *, labels: dict[str, str], including: int | None = None) -> Found | None:
    """The most surprising stretch of what belongs to this series, or None where none is surprising enough.

    Monotone: one more incident never takes a finding away. Several calls of one occasion count once (`apart_s`). `labels` are the
    words for types; `including`, only stretches in which this incident lies: so a series that was judged hides no new one.
    """
    rows = sorted((h for h in happened if h.kind in series.kinds and h.grade in series.low), key=lambda h: (h.at, h.incident))
    wanted = next((h.at for h in rows if h.incident == including), None)
    if including is not None and wanted is None:
        return None
    best: tuple[float, int, Happened, Happened] | None = None
    for number, first in enumerate(rows):
        count, last = 1, first
        for row in rows[number + 1 :]:
            if row.at - first.at > timedelta(days=series.within_days):
                break
            if row.at - last.at < timedelta(seconds=series.apart_s):
                continue
            count, last = count + 1, row
            chance = chance_of(count, days=(last.at - first.at).total_seconds() / DAY_S, per_year=series.per_year)
            holds = wanted is None or first.at <= wanted <= last.at
            if holds and count >= series.least and (best is None or chance < best[0]):
                best = (chance, count, first, last)
    if best is None or best[0] > series.chance:
        return None
    chance, count, first, last = best
    within = [h for h in rows if first.at <= h.at <= last.at]
    return Found(tuple(h.incident for h in within), _because(within, count, chance, series, labels), chance)


def chance_of(count: int, *, days: float, per_year: float) -> float:
    """How likely `count - 1` or more follow a first within `days`, when they come by chance, `per_year` a year (Poisson)."""
    expected = per_year * max(days, 1.0) / YEAR_DAYS
    term = below = exp(-expected)
    for k in range(1, count - 1):
        term *= expected / k
        below += term
    return max(0.0, 1.0 - below) if count > 1 else 1.0


def gaps(rows: Sequence[Happened], *, apart_s: int) -> tuple[int, ...]:
    """Whole days between one occasion and the next."""
    occasions: list[datetime] = []
    for row in rows:
        if not occasions or row.at - occasions[-1] >= timedelta(seconds=apart_s):
            occasions.append(row.at)
    return tuple((later - earlier).days for earlier, later in itertools.pairwise(occasions))


def _because(rows: Sequence[Happened], count: int, chance: float, series: Series, labels: dict[str, str]) -> tuple[str, ...]:
    days = max(1, round((rows[-1].at - rows[0].at).total_seconds() / DAY_S))
    kinds = ", ".join(f"{labels.get(kind, kind)} {n}" for kind, n in Counter(h.kind for h in rows).most_common())
    said = [f"{count} occasions in {days} {'day' if days == 1 else 'days'}: {kinds}."]
    apart = gaps(rows, apart_s=series.apart_s)
    if len(apart) > 1 and all(later < earlier for earlier, later in itertools.pairwise(apart)):
        said.append(f"The gaps grow shorter: {', '.join(str(gap) for gap in apart)} days.")
    rare = next((words for limit, words in RARE if chance <= limit), "rare")
    said.append(f"So many in so short a time come by chance in {rare}.")
    said.append("Each was graded low when it was looked at alone.")
    return tuple(said)


#: In steps, because the base rate behind it is an estimate: more digits would say more than is known.
RARE = (
    (0.00001, "fewer than 1 in 100,000 such times"),
    (0.0001, "fewer than 1 in 10,000"),
    (0.001, "fewer than 1 in 1,000"),
    (1.0, "few"),
)
