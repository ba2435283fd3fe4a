"""Did a probability hold? Of callers who were given so much, how many were right, before a correction and by it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from watchroom.identity.likeness.calibration import LEAST, Call, Correction

MOST_GROUPS, OF_A_GROUP = 8, 10  # so many confirmations at least, or a share says nothing


class Group(NamedTuple):
    """Confirmed calls of about one probability; all but `number` are shares."""

    number: int
    said: float  # on average, before the correction
    corrected: float
    right: float  # whoever was likeliest was it
    low: float  # where the true share lies, in nineteen of twenty cases
    high: float


def groups(calls: Iterable[Call], correction: Correction) -> list[Group]:
    """The confirmed among these calls, from the least probable up, in groups of one size; none where too few were confirmed to correct."""
    confirmed = sorted((call.likeliest, bool(call.is_right)) for call in calls if call.is_right is not None)
    if len(confirmed) < LEAST:
        return []
    number = min(MOST_GROUPS, len(confirmed) // OF_A_GROUP)
    edges = [len(confirmed) * at // number for at in range(number + 1)]
    return [_group(confirmed[begin:end], correction) for begin, end in pairwise(edges)]


def _group(calls: Sequence[tuple[float, bool]], correction: Correction) -> Group:
    number, right = len(calls), sum(is_right for _, is_right in calls)
    said = sum(probability for probability, _ in calls) / number
    corrected = sum(correction.of(probability) for probability, _ in calls) / number
    return Group(number, said, corrected, right / number, *interval(right, number))


def interval(right: int, number: int, sure: float = 0.95) -> tuple[float, float]:
    """Where the true share of what was right so often lies (Wilson 1927). `number` at least 1."""
    z = NormalDist().inv_cdf((1 + sure) / 2)
    share = right / number
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    reach = z * sqrt(share * (1 - share) / number + z * z / (4 * number * number)) / (1 + z * z / number)
    # at the ends the interval ends at the share itself, where rounding would miss it
    return middle - reach if right else 0.0, middle + reach if right < number else 1.0


def errors(found: Sequence[Group]) -> tuple[float, float]:
    """How far it was from what held, on average, as it was said and corrected."""
    total = sum(group.number for group in found)
    said = sum(group.number * abs(group.said - group.right) for group in found) / total
    return said, sum(group.number * abs(group.corrected - group.right) for group in found) / total
