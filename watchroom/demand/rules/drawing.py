"""Where do the strokes of a small chart go? Geometry only: SVG attributes, coloured by classes, since no style may be inline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Bar:
    """One stacked bar, with its label below."""

    label: str
    x: float
    middle: float
    total: int
    pieces: tuple[Rect, ...]
    says: str


def bars(
    values: Sequence[tuple[str, Mapping[str, int]]],
    kinds: Sequence[str],
    *,
    width: float,
    height: float,
    top: float = 0,
    gap: float = 0.25,
) -> list[Bar]:
    """Stacked bars over the whole width, below `top`; the first kind stands at the bottom. The highest total takes the whole height."""
    most = max((sum(each.values()) for _, each in values), default=0) or 1
    step = width / (len(values) or 1)
    drawn = []
    for number, (label, counts) in enumerate(values):
        x, y, pieces = number * step + step * gap / 2, top + height, []
        for kind in kinds:
            if counts.get(kind):
                tall = height * counts[kind] / most
                y -= tall
                pieces.append(Rect(_r(x), _r(y), _r(step * (1 - gap)), _r(tall), kind))
        total = sum(counts.values())
        says = ", ".join(f"{counts[kind]} {kind}" for kind in kinds if counts.get(kind)) or "none"
        drawn.append(Bar(label, _r(x), _r(number * step + step / 2), total, tuple(pieces), f"{label}: {says}"))
    return drawn


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    label: str
    value: float
    is_short: bool


@dataclass(frozen=True)
class Spark:
    line: str
    area: str
    points: tuple[Point, ...]
    promise_y: float


def spark(
    values: Sequence[tuple[str, float | None]],
    *,
    promise: float,
    width: float,
    height: float,
    low: float = 50,
    top: float = 18,
    inset: float = 5,
) -> Spark:
    """Percentages over time, below `top`; where there is nothing to count there is no point, and the line goes on to the next.

    The scale runs from `low` to 100: what is lower lies on the floor, and its point is drawn as short all the same.
    """

    def y(value: float) -> float:
        share = (max(value, low) - low) / (100 - low)
        return _r(top + (height - inset - top) * (1 - share))

    step = (width - 2 * inset) / max(1, len(values) - 1)
    points = tuple(
        Point(_r(inset + number * step), y(value), label, value, value < promise)
        for number, (label, value) in enumerate(values)
        if value is not None
    )
    line = " ".join(f"{'L' if number else 'M'}{point.x} {point.y}" for number, point in enumerate(points))
    area = f"{line} V{height} H{points[0].x} Z" if points else ""
    return Spark(line, area, points, y(promise))


@dataclass(frozen=True)
class Row:
    """One bar of a whole, in pieces from left to right."""

    name: str
    middle: float
    pieces: tuple[Rect, ...]
    says: str


def thirds(parts: Sequence[Any], grades: Sequence[tuple[str, str]], *, left: float = 60, width: float = 360) -> list[Row]:
    """The grades of the quiet, middle and busy moments, each bar as long as the others: shares are compared, not numbers."""
    rows = []
    for number, part in enumerate(parts):
        x, y, pieces = left, 4 + 22 * number, []
        for code, _ in grades:
            if part.grades[code]:
                wide = width * part.grades[code] / part.number
                pieces.append(Rect(_r(x), y, _r(wide), 16, code))
                x += wide
        shares = ", ".join(
            f"{label} {100 * part.grades[code] / part.number:.0f} %" for code, label in grades if part.grades[code]
        )
        says = f"{part.name} moments ({part.low} to {part.high} others), {part.number} grades: {shares}"
        rows.append(Row(part.name, y + 12.5, tuple(pieces), says))
    return rows


@dataclass(frozen=True)
class Dot:
    """One force on a line from 0 to 100 per cent."""

    x: float
    y: float
    name: str
    is_own: bool
    says: str


def strip(shares: Sequence[tuple[str, float, bool]], *, left: float = 8, width: float = 704, height: float = 40) -> list[Dot]:
    """Each share as a dot, our own last and so on top; dots that would cover each other stand above each other."""
    placed: list[Dot] = []
    for name, share, is_own in sorted(shares, key=lambda one: one[2]):
        x = left + width * min(100.0, max(0.0, share)) / 100
        level = sum(abs(dot.x - x) < 9 for dot in placed)
        y = height - 6 - 9 * min(level, 3)
        placed.append(Dot(_r(x), _r(y), name, is_own, f"{name} {share:.1f} %"))
    return placed


@dataclass(frozen=True)
class Hour:
    hour: str
    x: float
    middle: float
    y: float
    height: float
    says: str


def hours(values: Sequence[tuple[str, float | None]], *, height: float = 66) -> list[Hour]:
    """A share of 100 for each hour, from a common ground; an hour with nothing to count has no bar."""
    drawn = []
    for number, (hour, value) in enumerate(values):
        tall = height * (value or 0) / 100
        says = "nothing to count" if value is None else f"{value:.0f} %"
        drawn.append(Hour(hour, number * 20 + 3, number * 20 + 10, _r(4 + height - tall), _r(tall), says))
    return drawn


@dataclass(frozen=True)
class Flow:
    """Callers on their way: those who are helped go straight on, those who give up fall away (the design's second reason)."""

    bands: tuple[tuple[str, str], ...]  # (class, path)
    nodes: tuple[Rect, ...]
    waiting_y: float = 0  # where the words stand
    lost_x: float = 0
    lost_y: float = 0


def flow(
    *, answered: int, waiting: int, lost: int, to_999: int, unrung: int, diverted: int, width: float = 444, height: float = 430
) -> Flow:
    """From the left edge: what rang; on the right what was answered and what waits; below, what was lost and where that went.

    Who was diverted counts among those who rang, and is told in words beside the drawing.
    """
    offered = answered + waiting + lost + diverted
    if not offered:
        return Flow((), ())
    tall = 204.0
    scale = tall / offered
    left, middle, right, bar = 0.0, 262.0, 356.0, 14.0
    top, drop = 40.0, 290.0
    bands: list[tuple[str, str]] = []
    nodes = [Rect(left, top, bar, _r(tall), "bar")]
    y, waiting_y = top, 0.0
    for kind, number, target in (("kept", answered, top), ("held", waiting, top + answered * scale + 34)):
        if number:
            thick = number * scale
            bands.append((kind, _band(left + bar, y, middle, target, thick, thick)))
            nodes.append(Rect(middle, _r(target), bar, _r(max(thick, 2)), "bar"))
            y += thick
            waiting_y = target + max(thick / 2, 2) + 5
    y += diverted * scale
    shown = 0.0
    if lost:
        thick = lost * scale
        shown = max(thick, 6)
        bands.append(("lost", _band(left + bar, y, middle - 90, drop, thick, shown)))
        nodes.append(Rect(middle - 90, drop, bar, _r(shown), "lost"))
        start = drop
        for kind, number, target in (("lost faint", to_999, drop), ("danger", unrung, drop + 86)):
            if number:
                part = max(shown * number / lost, 4)
                bands.append((kind, _band(middle - 90 + bar, start, right - 70, target, part, part)))
                nodes.append(Rect(right - 70, target, bar, _r(max(part, 6)), kind.split()[0]))
                start = min(start + part, drop + shown - 4)
    return Flow(tuple(bands), tuple(nodes), _r(waiting_y), middle - 90, _r(drop + shown + 20))


def _band(x0: float, y0: float, x1: float, y1: float, thick0: float, thick1: float) -> str:
    """A ribbon from (x0, y0) to (x1, y1), its upper edges given, that leaves and arrives level."""
    mid = (x0 + x1) / 2
    return (
        f"M{_r(x0)} {_r(y0)} C{_r(mid)} {_r(y0)} {_r(mid)} {_r(y1)} {_r(x1)} {_r(y1)} "
        f"V{_r(y1 + thick1)} C{_r(mid)} {_r(y1 + thick1)} {_r(mid)} {_r(y0 + thick0)} {_r(x0)} {_r(y0 + thick0)} Z"
    )


def _r(value: float) -> float:
    return round(value, 1)
