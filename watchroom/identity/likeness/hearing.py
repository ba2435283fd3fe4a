"""How are callers heard here? How often they are known, and how often what they say is what stands on record, learnt from their own calls.

In one place names are misspelt in every fifth call, in another one caller in two has moved since. What was fitted on people who never
were (`training/`) counts as some calls; the rest is what this force's own calls suggest, and those of them whose callers were confirmed.
Nobody else has to say who they were: expectation and maximisation, as Splink estimates the same shares.
"""

from collections.abc import Container, Sequence
from dataclasses import replace
from math import log, prod
from operator import getitem
from typing import NamedTuple

from watchroom.identity.likeness.model import Model, Shares, Weighed
from watchroom.identity.likeness.verdict import Belief, Masses

ROUNDS = 30
SUPPOSED = 20  # calls that are supposed beside those that were counted: of how often callers are known
SUPPOSED_HEARD = 200  # and of how they are heard, once as themselves and once as somebody of the household; tried with 50 to 500
BETTER = 0.15  # natural logarithms a call; see docs/benchmarks.md for what was tried
FEWEST = 100  # calls; fewer must explain as much together, so that no odd one makes another model
LEAST = 1e-4  # no level is taken to be seen less often; as in training

Levels = tuple[int, ...]  # of each comparison of the model


class Kind(NamedTuple):
    """All who were found in one call and are on the same levels."""

    levels: Levels
    person: float  # their masses together
    family: float


class Heard(NamedTuple):
    """The belief and the model that hold here."""

    belief: Belief
    model: Model


def kinds(weighed: Sequence[Weighed], made: Masses) -> list[Kind]:
    """Of one call: who was found, by the levels that they are on."""
    found: dict[int, Kind] = {}
    for one, mass in zip(weighed, made.each, strict=True):
        before = found.get(id(one), Kind(one.levels, 0.0, 0.0))
        found[id(one)] = Kind(one.levels, before.person + mass.person, before.family + mass.family)
    return list(found.values())


def learnt(
    calls: Sequence[Sequence[Kind]],
    shipped: Heard,
    *,
    sure: Sequence[Levels] = (),
    confirmed: int = 0,
    again: Container[int] = (),
) -> Heard:
    """From calls of which nobody said who it was, and from those whose callers were confirmed.

    `sure`: the levels on which each of those is with their own record. `confirmed`: how many they were; of some the record has gone.
    `again`: which calls say only how often callers are known, since the same caller is heard in another: one alone, however often they
    ring, must not teach how everybody is heard.
    The model is another only where it explains calls well better: where little is said, what was fitted on many is the better judge.
    """
    belief, plain, _ = _fitted(calls, shipped, sure, confirmed, again, is_model=False)
    other_belief, explained, shares = _fitted(calls, shipped, sure, confirmed, again, is_model=True)
    once = sum(number not in again for number in range(len(calls)))
    if explained - plain < BETTER * max(once + len(sure), FEWEST):
        return Heard(belief, shipped.model)
    return Heard(other_belief, shipped.model.heard_so(*shares))


def _fitted(
    calls: Sequence[Sequence[Kind]],
    shipped: Heard,
    sure: Sequence[Levels],
    confirmed: int,
    again: Container[int],
    *,
    is_model: bool,
) -> tuple[Belief, float, tuple[Shares, Shares]]:
    """(how often callers are known, how well all calls are explained in natural logarithms, how often each level is seen)."""
    belief, before, explained = shipped.belief, shipped.model.shares, 0.0
    now, supposed = before, (SUPPOSED * belief.known, SUPPOSED * (1 - belief.known))
    kin_supposed = supposed[1] * belief.new_in_household
    for _ in range(ROUNDS):
        same, kin = (_ratios(one, other) for one, other in zip(now, before, strict=True))
        counts, explained = (_nought(before[0]), _nought(before[1])), 0.0
        for levels in sure:
            explained += log(prod(map(getitem, same, levels)))
            _count(counts[0], levels, 1.0)
        known, at_home, new = supposed[0] + confirmed, kin_supposed, supposed[1] - kin_supposed
        of_kin = (1 - belief.known) * belief.new_in_household
        stranger = 1 - belief.known - of_kin
        for number, call in enumerate(calls):
            people = [belief.known * one.person * prod(map(getitem, same, one.levels)) for one in call]
            families = [of_kin * one.family * prod(map(getitem, kin, one.levels)) for one in call]
            total = sum(people) + sum(families) + stranger
            explained += 0.0 if number in again else log(total)
            known, at_home, new = known + sum(people) / total, at_home + sum(families) / total, new + stranger / total
            if is_model and number not in again:
                for one, person, family in zip(call, people, families, strict=True):
                    _count(counts[0], one.levels, person / total)
                    _count(counts[1], one.levels, family / total)
        belief = replace(belief, known=known / (known + at_home + new), new_in_household=at_home / (at_home + new))
        if is_model:
            now = _shares(counts[0], before[0]), _shares(counts[1], before[1])
    return belief, explained, now


def _nought(shares: Shares) -> list[list[float]]:
    return [[0.0] * len(levels) for levels in shares]


def _ratios(now: Shares, before: Shares) -> list[list[float]]:
    """How many times more often than was fitted; 1 where nothing was."""
    return [[n / b if b else 1.0 for n, b in zip(one, other, strict=True)] for one, other in zip(now, before, strict=True)]


def _count(counts: list[list[float]], levels: Levels, share: float) -> None:
    for of_levels, level in zip(counts, levels, strict=True):
        of_levels[level] += share


def _shares(counts: Shares, supposed: Shares) -> Shares:
    """Of each comparison, among those of whom it is known (the first level is that it is not)."""
    found = []
    for count, fitted in zip(counts, supposed, strict=True):
        total = SUPPOSED_HEARD + sum(count[1:])
        found.append([max((SUPPOSED_HEARD * b + c) / total, LEAST) if b else 0.0 for b, c in zip(fitted, count, strict=True)])
    return found
