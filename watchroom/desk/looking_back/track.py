"""Where does each fact stand on the line of time? Geometry only: SVG attributes, coloured by classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from math import log1p

from watchroom.desk.looking_back import words
from watchroom.desk.looking_back.rules import Row

WIDTH, LEFT, RIGHT, LANE = 1200.0, 120.0, 16.0, 20.0


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    lane: str
    is_last: bool


@dataclass(frozen=True)
class Track:
    """`here` is where the reader stands. A pause of hours is drawn longer than one of seconds, and not in proportion."""

    width: float
    height: float
    lanes: tuple[tuple[str, float], ...]
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, datetime], ...]
    here: float


def draw(moments: Sequence[datetime], known: Sequence[Row], at: datetime) -> Track:
    """`moments`: every time at which something became known, also later ones: that they exist is no secret, what they were is."""
    places = _places(moments)
    height = LANE * (len(words.LANES) + 1)
    lanes = tuple((words.LANE_NAMES[code], _r(LANE * (number + 0.7))) for number, code in enumerate(words.LANES))
    level = {code: LANE * (number + 0.5) for number, code in enumerate(words.LANES)}
    last = max((row.known_at for row in known), default=None)
    seen: dict[tuple[float, str], Dot] = {}
    for row in known:
        lane = words.lane(row)
        x = places[row.known_at]
        seen[x, lane] = Dot(x, _r(level[lane]), lane, row.known_at == last)
    here = max((x for moment, x in places.items() if moment <= at), default=LEFT)
    return Track(WIDTH, height, lanes, tuple(seen.values()), _ticks(places), here)


def _places(moments: Sequence[datetime]) -> dict[datetime, float]:
    """Each moment's x: one step further, and more the longer nothing was known."""
    if not moments:
        return {}
    weights = [0.0]
    for before, after in pairwise(moments):
        weights.append(weights[-1] + 0.4 + log1p((after - before).total_seconds()))
    scale = (WIDTH - LEFT - RIGHT) / (weights[-1] or 1)
    return {moment: _r(LEFT + weight * scale) for moment, weight in zip(moments, weights, strict=True)}


def _ticks(places: dict[datetime, float]) -> tuple[tuple[float, datetime], ...]:
    """A time below the line wherever there is room for one."""
    ticks: list[tuple[float, datetime]] = []
    for moment, x in places.items():
        if not ticks or x - ticks[-1][0] > 90:
            ticks.append((x, moment))
    if ticks and WIDTH - RIGHT - ticks[-1][0] < 40:
        x, moment = ticks.pop()
        ticks.append((min(x, WIDTH - 50), moment))
    return tuple(ticks)


def _r(value: float) -> float:
    return round(value, 1)
