"""Does a probability hold? A correction of its log odds, learnt from whom people confirmed; where too few did, there is none.

Only who is on record can be confirmed: those who were confirmed are not like all who called. So calls of which nobody said who it
was count as well, by what the correction itself makes of them, less what is seldom left unconfirmed (expectation and maximisation).
Where handlers confirm everybody whom they know, a call that nobody confirmed speaks against whoever was likeliest; where they
confirm few, it says next to nothing.
"""

from collections.abc import Sequence
from math import exp, log
from typing import NamedTuple

LEAST = 50  # confirmations; fewer correct nothing
FAR_OFFSET, FAR_SLOPE = (
    1.0,
    0.5,
)  # a correction is supposed to be about so far from none, in log odds and in the logarithm of the slope
MOST_OFFSET, MOST_SLOPE = 4.0, 1.4  # and never farther than this
ROUNDS, STEPS = 100, 2
SMALLEST = 1e-9


class Call(NamedTuple):
    """What likeness said of a call before any correction, and what a person said then."""

    likeliest: float  # the probability of whoever was likeliest
    others: float  # of all others who were found, together
    is_right: bool | None  # they were it, or somebody else on record was; None: nobody said


class Correction(NamedTuple):
    """`offset + slope * log odds`; nobody becomes surer by it than `at_most`."""

    slope: float = 1.0
    offset: float = 0.0
    at_most: float = 1.0
    confirmed: int = 0  # from how many confirmations it was learnt

    def of(self, probability: float) -> float:
        """Rises with the probability, and is the same where nothing was learnt."""
        inside = min(max(probability, SMALLEST), 1 - SMALLEST)
        if self.slope == 1.0 and not self.offset:
            return inside
        corrected = 1 / (1 + exp(-(self.offset + self.slope * log(inside / (1 - inside)))))
        return min(corrected, max(inside, self.at_most))


NONE = Correction()


def learnt(calls: Sequence[Call]) -> Correction:
    """A few confirmations correct little, and what n confirmations cannot tell (n + 1 of n + 2, Laplace) is not claimed by it."""
    confirmed = sum(call.is_right is not None for call in calls)
    if confirmed < LEAST:
        return NONE
    odds = [_log_odds(call.likeliest) for call in calls]
    offset, steep, share = 0.0, 0.0, 0.5  # steep: the logarithm of the slope, which so stays above nought
    for _ in range(ROUNDS):
        right, unsaid = [], 0.0
        for call, x in zip(calls, odds, strict=True):
            if call.is_right is not None:
                right.append(float(call.is_right))
                continue
            likeliest = _share(offset + exp(steep) * x)
            known = likeliest + (1 - likeliest) * min(1.0, call.others / max(1 - call.likeliest, SMALLEST))
            left = max(known * (1 - share) + 1 - known, SMALLEST)  # how often nobody says who such a caller is
            right.append(likeliest * (1 - share) / left)
            unsaid += known * (1 - share) / left
        share = confirmed / (confirmed + unsaid)  # of callers on record, so many are confirmed
        offset, steep = _fitted(odds, right, offset, steep)
    return Correction(exp(steep), offset, 1 - 1 / (confirmed + 2), confirmed)


def _fitted(odds: Sequence[float], right: Sequence[float], offset: float, steep: float) -> tuple[float, float]:
    """The most plausible correction, by Newton's method with small steps (logistic regression with a prior at “none”)."""
    for _ in range(STEPS):
        slope = exp(steep)
        up, turn = -offset / FAR_OFFSET**2, -steep / FAR_SLOPE**2
        up_up, turn_turn, both = 1 / FAR_OFFSET**2, 1 / FAR_SLOPE**2, 0.0
        for x, is_right in zip(odds, right, strict=True):
            said = _share(offset + slope * x)
            apart, weight = is_right - said, said * (1 - said)
            up += apart
            turn += apart * slope * x
            up_up += weight
            both += weight * slope * x
            turn_turn += weight * (slope * x) ** 2
        area = up_up * turn_turn - both * both
        more, steeper = (turn_turn * up - both * turn) / area, (up_up * turn - both * up) / area
        step = min(1.0, 0.5 / max(abs(more), abs(steeper), SMALLEST))
        offset = min(max(offset + step * more, -MOST_OFFSET), MOST_OFFSET)
        steep = min(max(steep + step * steeper, -MOST_SLOPE), MOST_SLOPE)
    return offset, steep


def _log_odds(probability: float) -> float:
    inside = min(max(probability, SMALLEST), 1 - SMALLEST)
    return log(inside / (1 - inside))


def _share(log_odds: float) -> float:
    return 1 / (1 + exp(-min(max(log_odds, -40.0), 40.0)))
