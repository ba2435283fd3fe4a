"""Whose suggested grade would a changed policy change? Answered for decisions of the past, on what was known at each of them.

Only suggestions are compared: what a person decided stays theirs, and stands beside them. Nothing here writes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from watchroom.assessment import rules as risk
from watchroom.force.policy import Policy

Direction = Literal["up", "down", "same", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was known of one contact: the risk as written, the words, the markers, and what was said of cues, in its order."""

    answers: tuple[risk.Answer, ...]
    texts: tuple[str, ...] = ()
    markers: tuple[tuple[str, int], ...] = ()
    said: tuple[tuple[str, bool, str], ...] = ()  # a cue, whether it is there, and the source


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was known when a grade was decided: the type, and what was heard of each contact that was about it by then."""

    decision: int
    log: str  # as read out, of `day`
    day: date
    at: datetime
    kind: str
    heard: tuple[Heard, ...]
    suggested: str  # as it was stored then
    decided: str
    policy: int
    is_vulnerable: bool = False


@dataclass(frozen=True)
class Change:
    """One decision under both policies. `because` says what asks for the other grade, or what no longer asks for it."""

    row: Judged
    before: str | None
    after: str | None
    direction: Direction
    because: tuple[str, ...]

    @property
    def is_as_stored(self) -> bool:
        """Whether today's code still suggests from these rows what it suggested then."""
        return (self.before or "") == self.row.suggested


@dataclass
class Trial:
    """All changes, and how many of each kind."""

    changes: list[Change] = field(default_factory=list)
    tried: int = 0
    directions: Counter[Direction] = field(default_factory=Counter)
    by_type: dict[str, Counter[Direction]] = field(default_factory=dict)
    by_vulnerability: dict[bool, Counter[Direction]] = field(default_factory=dict)
    otherwise_stored: list[Judged] = field(default_factory=list)

    def add(self, change: Change) -> None:
        self.tried += 1
        self.directions[change.direction] += 1
        self.by_type.setdefault(change.row.kind, Counter())[change.direction] += 1
        self.by_vulnerability.setdefault(change.row.is_vulnerable, Counter())[change.direction] += 1
        if change.direction != "same":
            self.changes.append(change)
        if not change.is_as_stored:
            self.otherwise_stored.append(change.row)


def judge(row: Judged, old: Policy, new: Policy) -> Change:
    """The suggestion by the policy of its day and by the new one, on the same facts (R47, R60: neither knows of demand)."""
    before, after = _suggest(row, old), _suggest(row, new)
    if before.grade == after.grade:
        return Change(row, before.grade, after.grade, "same", ())
    if after.grade is None:
        names = ", ".join(after.unwritten) or "its elements"
        return Change(row, before.grade, None, "unknown", (f"The new pack asks for what was not written then: {names}.",))
    if before.grade is None:
        return Change(row, None, after.grade, "up", _says(after))
    is_up = _rank(new, after.grade) < _rank(old, before.grade)
    because = _says(after) if is_up else tuple(f"No longer asked for: {says}" for says in _says(before))
    return Change(row, before.grade, after.grade, "up" if is_up else "down", because)


def run(rows: Iterable[Judged], policies: Mapping[int, Policy], new: Policy) -> Trial:
    """Every decision tried. `policies`: the versions by number, so that each is compared with the policy of its own day."""
    trial = Trial()
    for row in rows:
        trial.add(judge(row, policies[row.policy], new))
    return trial


def _suggest(row: Judged, policy: Policy) -> risk.Suggestion:
    """Of all its contacts the most urgent, as `incidents.queries.suggestion` has it."""
    found = []
    for one in row.heard:
        machine = {*risk.cues_in(one.texts, policy), *risk.cues_of_markers(one.markers, policy)}
        found.append(risk.suggest(one.answers, risk.with_said(machine, one.said), row.kind, policy))
    return min(found, key=lambda one: (one.grade is None, _rank(policy, one.grade) if one.grade else 0))


def _says(suggestion: risk.Suggestion) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reason.says for reason in suggestion.because))


def _rank(policy: Policy, grade: str) -> int:
    return policy.grade(grade).rank
