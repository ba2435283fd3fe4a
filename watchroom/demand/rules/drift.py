"""Do we grade lower when we are busy? Grades against the load at their moment, each type of incident compared with itself only (R47).

A stratified rank test (van Elteren's weights): within each stratum, the ranks of load and of outcome are as if they had been
dealt at random, unless one goes with the other. Types that come at busy hours and are less urgent anyway do not raise the alarm,
since no incident is compared with one of another type. What is not controlled: risk that differs by hour within one type.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Literal

from watchroom.force.policy import Drift

Verdict = Literal["too_few", "steady", "drift"]


@dataclass(frozen=True, slots=True)
class Point:
    """One judgement: compared within `stratum` only. A larger `outcome` is the one that must not go with load (a less urgent rank)."""

    stratum: str
    load: int  # others waiting or in hand at that moment
    outcome: int


@dataclass(frozen=True)
class Measured:
    """`effect`: of 100 pairs of one stratum that differ in both, in how many the busier moment had the larger outcome; 50 is none.

    `p`: how often chance alone would show at least so much, in this direction. None where there is nothing to compare.
    """

    number: int
    strata: int
    effect: float | None
    p: float | None
    verdict: Verdict
    needed: int
    days: int

    @property
    def pairs(self) -> str:
        return "–" if self.effect is None else f"{self.effect:.0f}"

    @property
    def chance(self) -> str:
        """p as a person says it."""
        return "" if self.p is None else chance_of(self.p)


def chance_of(p: float) -> str:
    """How often chance alone would show it, as a person says it."""
    return "less than 1 time in 1,000" if p < 0.001 else f"{max(1, round(1000 * p))} times in 1,000"


def measure(points: Iterable[Point], rule: Drift) -> Measured:
    """Whether outcomes go with load, and whether that is an alarm by the policy's rule: enough of them, p and effect."""
    strata: dict[str, list[Point]] = defaultdict(list)
    for point in points:
        strata[point.stratum].append(point)
    number = sum(map(len, strata.values()))
    total, variance, used = 0.0, 0.0, 0
    for group in strata.values():
        n = len(group)
        if n < 2:
            continue
        loads, outcomes = _centred([p.load for p in group]), _centred([p.outcome for p in group])
        spread = sum(x * x for x in loads) * sum(y * y for y in outcomes) / (n - 1)
        if spread:
            used += 1
            total += sum(x * y for x, y in zip(loads, outcomes, strict=True)) / (n + 1)
            variance += spread / (n + 1) ** 2
    effect = _pairs(strata.values())
    p = erfc(total / sqrt(variance) / sqrt(2)) / 2 if variance else None
    verdict: Verdict = "steady"
    if number < rule.min_decisions or p is None or effect is None:
        verdict = "too_few"
    elif p < rule.alarm_p and effect >= rule.min_effect_percent:
        verdict = "drift"
    return Measured(number, used, effect, p, verdict, rule.min_decisions, rule.days)


def _centred(values: Sequence[int]) -> list[float]:
    """Ranks, equal values sharing theirs, less their mean."""
    counts, rank, below = Counter(values), {}, 0
    for value in sorted(counts):
        rank[value] = below + (counts[value] + 1) / 2
        below += counts[value]
    mean = (len(values) + 1) / 2
    return [rank[value] - mean for value in values]


def _pairs(groups: Iterable[Sequence[Point]]) -> float | None:
    """Per cent of the pairs that differ in both, in which load and outcome go the same way. By counts, not pair by pair."""
    same = opposite = 0
    for group in groups:
        cells = sorted(Counter((p.load, p.outcome) for p in group).items())
        seen: Counter[int] = Counter()  # outcomes at lower loads
        waiting: list[tuple[int, int]] = []
        last = None
        for (load, outcome), number in cells:
            if load != last:
                seen.update(dict(_summed(waiting)))
                waiting, last = [], load
            same += number * sum(count for lower, count in seen.items() if lower < outcome)
            opposite += number * sum(count for lower, count in seen.items() if lower > outcome)
            waiting.append((outcome, number))
    return 100 * same / (same + opposite) if same + opposite else None


def _summed(pairs: Iterable[tuple[int, int]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for key, number in pairs:
        total[key] += number
    return total


@dataclass(frozen=True)
class Third:
    """The grades of a third of the moments: the quiet, the middle or the busy ones."""

    name: str
    low: int
    high: int
    grades: Counter[str]

    @property
    def number(self) -> int:
        return self.grades.total()


THIRDS = ("quiet", "middle", "busy")


def thirds(rows: Sequence[tuple[int, str]]) -> list[Third]:
    """(load, grade) by load, in three parts as equal as equal loads allow: moments of the same load stay together."""
    loads = sorted(load for load, _ in rows)
    if not loads:
        return []
    edges = (loads[(len(loads) - 1) // 3], loads[2 * (len(loads) - 1) // 3])
    found: list[list[tuple[int, str]]] = [[], [], []]
    for load, grade in rows:
        found[0 if load <= edges[0] else 1 if load <= edges[1] else 2].append((load, grade))
    return [
        Third(name, min(load for load, _ in part), max(load for load, _ in part), Counter(grade for _, grade in part))
        for name, part in zip(THIRDS, found, strict=True)
        if part
    ]
