"""How far does a probability hold here? Learnt each night from whom people confirmed, and kept with what it was learnt from.

The correction itself stands beside what is common (`finding.learn`); `Learnt` says where it came from, night by night, for whoever
has to answer for it. There are counts and shares in it, and nothing of any caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from watchroom.identity import finding, queries
from watchroom.identity.likeness import calibration, model, reliability
from watchroom.identity.likeness.calibration import Correction
from watchroom.identity.likeness.reliability import Group
from watchroom.identity.models import Learnt

EXAMPLES = (0.5, 0.8, 0.9, 0.95, 0.99)  # probabilities whose correction is said in words
NIGHTS = 14


def learn(*, at: datetime) -> Learnt:
    """Learn anew from the newest calls, and keep from what."""
    unsaid, confirmed, sure, known = queries.said_lately(at=at)
    correction = finding.learn(unsaid, at=at, confirmed=confirmed, sure=sure, known=known).correction
    return Learnt.objects.create(
        at=at,
        since=queries.heard_since(at=at),
        confirmed=len(confirmed),
        right=sum(bool(call.is_right) for call in confirmed),
        unsaid=len(unsaid),
        slope=correction.slope,
        offset=correction.offset,
        at_most=correction.at_most,
        groups=[list(group) for group in reliability.groups(confirmed, correction)],
    )


class Spoken(NamedTuple):
    """How often callers on record say a thing as it stands there, partly so, and otherwise; of those who say it."""

    field: str
    fitted: tuple[float, float, float]  # on people who never were
    here: tuple[float, float, float]


@dataclass(frozen=True)
class Trust:
    """What is told of the correction in use. `last` is None before the first night."""

    correction: Correction  # what lookups use, each process within ten minutes of the night (`finding.COUNTED_FOR`)
    last: Learnt | None
    since: datetime | None  # in use without a break since that night; None: not in use, or not known
    groups: list[Group]
    nights: list[Learnt]

    @property
    def is_in_use(self) -> bool:
        return self.correction != calibration.NONE

    @property
    def was_corrected(self) -> bool:
        """In any of these nights."""
        return any(night.is_enough for night in self.nights)

    @property
    def examples(self) -> list[tuple[float, float]]:
        """(as it is said, what is shown)."""
        return [(said, self.correction.of(said)) for said in EXAMPLES]


OTHERWISE = {"home": 3}  # so many of a comparison's last levels are another than stands on record; of all others one


def spoken() -> list[Spoken]:
    """How callers are heard here; empty where they are heard as it was fitted."""
    heard, shipped = finding.counts().model, model.shipped()
    if heard is shipped:
        return []
    rows = []
    for (_, levels, _), here, fitted in zip(shipped.ladders, heard.shares[0], shipped.shares[0], strict=True):
        field = levels[0].field
        if field != "email":  # of which nothing was fitted
            rows.append(Spoken(field, _in_three(fitted, OTHERWISE.get(field, 1)), _in_three(here, OTHERWISE.get(field, 1))))
    return rows


def _in_three(shares: Sequence[float], otherwise: int) -> tuple[float, float, float]:
    return shares[1], sum(shares[2:-otherwise]), sum(shares[-otherwise:])


def told() -> Trust:
    nights = list(Learnt.objects.order_by("-pk")[:NIGHTS])
    last = nights[0] if nights else None
    correction = last.correction if last else finding.counts().belief.correction
    since = None
    if last and last.is_enough:
        broken = Learnt.objects.filter(confirmed__lt=calibration.LEAST).order_by("-pk").values_list("pk", flat=True).first()
        first = Learnt.objects.filter(pk__gt=broken or 0).order_by("pk").first()
        since = first.at if first else None
    return Trust(correction, last, since, [Group(*group) for group in last.groups] if last else [], nights)
