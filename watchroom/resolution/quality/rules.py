"""Was it done well? How resolved cases are drawn, what an assessment needs, and what all of them together say (R87)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from watchroom.force.policy import Criterion, Policy
from watchroom.identity.likeness.reliability import interval as wilson
from watchroom.resolution.rules import S, letters, place, sample

VERDICTS = {"met": "Met", "partly": "Partly", "not_met": "Not met", "not_applicable": "Does not apply"}
NEEDS_WORDS = ("partly", "not_met")
LEAST = 10  # letters


@dataclass(frozen=True)
class Verdict:
    """What was found for one criterion."""

    verdict: str
    text: str = ""


@dataclass(frozen=True)
class Tally:
    """One criterion over many cases."""

    criterion: Criterion
    counts: Counter[str]  # by verdict

    @property
    def number(self) -> int:
        """Cases to which it applies."""
        return sum(self.counts[one] for one in ("met", "partly", "not_met"))

    @property
    def share(self) -> float | None:
        """Met, of those to which it applies, in per cent; none where it applies to none."""
        return 100 * self.counts["met"] / self.number if self.number else None

    @property
    def between(self) -> tuple[float, float] | None:
        return interval(self.counts["met"], self.number)


@dataclass(frozen=True)
class Agreement:
    """How often two people came to the same verdict about the same criterion of the same case."""

    pairs: int
    same: int
    kappa: float | None  # Cohen's: 0 is chance, 1 always; none where chance alone would agree always


def week_before(day: date) -> tuple[str, date, date]:
    """The last finished week (Monday to Sunday) before this day: its name, its first and its last day."""
    last = day - timedelta(days=day.isoweekday())
    year, week, _ = last.isocalendar()
    return f"{year}-W{week:02}", last - timedelta(days=6), last


def draw(cases: Iterable[S], seed: str, each: int, second_percent: int) -> list[tuple[S, bool]]:
    """The cases to be assessed, and of a share of them a second time: each with whether it is the second.

    By the seed alone, so that nobody chooses: the same seed draws the same cases, and the same of them twice.
    """
    drawn = sample(cases, seed, each)
    number = -(-len(drawn) * second_percent // 100)  # rounded up: a small sample has a second, too
    twice = sorted(drawn, key=lambda case: place(f"{seed} second", case.key))[:number]
    return [*((case, False) for case in drawn), *((case, True) for case in twice)]


def may_assess(by: str, *, resolved_by: str, other: str) -> list[str]:
    """Why this person cannot; empty when they can. `other` is who assessed the same case of the same draw before, or ""."""
    if by == resolved_by:
        return ["You resolved this one yourself: somebody else assesses it."]
    if by == other:
        return ["You assessed this case already; the second time it is for somebody else."]
    return []


def problems(found: Mapping[str, Verdict], feedback: str, policy: Policy) -> dict[str, str]:
    """What an assessment still needs, by field; empty when it is complete. Every criterion has a verdict: none is skipped."""
    needs = {}
    for one in policy.criteria:
        verdict = found.get(one.code)
        if verdict is None or verdict.verdict not in VERDICTS:
            needs[one.code] = f"{one.label}: choose a verdict, or that it does not apply."
        elif verdict.verdict in NEEDS_WORDS and letters(verdict.text) < LEAST:
            needs[f"{one.code}_text"] = f"{one.label}: write what is missing, in a few words."
    if letters(feedback) < LEAST:
        needs["feedback"] = "Write what whoever resolved it should know: what was good, and what to do otherwise."
    return needs


def still_owed(found: Mapping[str, Verdict], policy: Policy) -> list[Criterion]:
    """What was not met and leaves somebody with less than they are owed: a finding is no statistic, it is put right."""
    return [one for one in policy.criteria if one.puts_right and one.code in found and found[one.code].verdict == "not_met"]


def tallies(rows: Iterable[tuple[str, str]], policy: Policy) -> list[Tally]:
    """(criterion, verdict) of many assessments, criterion by criterion, in the policy's order."""
    counts: dict[str, Counter[str]] = {one.code: Counter() for one in policy.criteria}
    for criterion, verdict in rows:
        if criterion in counts:
            counts[criterion][verdict] += 1
    return [Tally(one, counts[one.code]) for one in policy.criteria]


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Of verdicts given by two people, each without the other's. Cohen (1960), unweighted."""
    number = len(pairs)
    same = sum(first == second for first, second in pairs)
    if not number:
        return Agreement(0, 0, None)
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    chance = sum(firsts[one] * seconds[one] for one in VERDICTS) / number**2
    return Agreement(number, same, None if chance >= 1 else (same / number - chance) / (1 - chance))


def interval(met: int, number: int, sure: float = 0.95) -> tuple[float, float] | None:
    """Where the true share lies, in per cent (Wilson 1927): a handful of cases says little, and the page says so."""
    if not number:
        return None
    low, high = wilson(met, number, sure)
    return 100 * low, 100 * high
