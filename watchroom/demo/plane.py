"""Which lines meet, which points are near? Small geometry on the plane, for laying out and drawing the town."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Generic, TypeVar

Point = tuple[float, float]
Line = Sequence[Point]
T = TypeVar("T")


def length(line: Line) -> float:
    return sum(math.dist(a, b) for a, b in itertools.pairwise(line))


def spline(through: Line, step: float = 25.0, *, closed: bool = False) -> list[Point]:
    """A smooth line (Catmull-Rom) through the given points, with a vertex about every `step` metres."""
    pts = list(through)
    pts = [pts[-1], *pts, pts[0], pts[1]] if closed else [_mirror(pts[0], pts[1]), *pts, _mirror(pts[-1], pts[-2])]
    out: list[Point] = []
    for p0, p1, p2, p3 in zip(pts, pts[1:], pts[2:], pts[3:], strict=False):
        n = max(1, round(math.dist(p1, p2) / step))
        for i in range(n):
            t = i / n
            out.append((_catmull(p0[0], p1[0], p2[0], p3[0], t), _catmull(p0[1], p1[1], p2[1], p3[1], t)))
    out.append(pts[-2])
    return [(round(x, 1), round(y, 1)) for x, y in out]


def _mirror(a: Point, b: Point) -> Point:
    return 2 * a[0] - b[0], 2 * a[1] - b[1]


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def inside(p: Point, polygon: Line) -> bool:
    x, y = p
    odd = False
    ax, ay = polygon[-1]
    for bx, by in polygon:
        if (by > y) != (ay > y) and x < (ax - bx) * (y - by) / (ay - by) + bx:
            odd = not odd
        ax, ay = bx, by
    return odd


class Outline:
    """A polygon that answers quickly for the many points that are nowhere near it."""

    def __init__(self, points: Line) -> None:
        self.points = points
        self.left, self.right = min(x for x, _ in points), max(x for x, _ in points)
        self.bottom, self.top = min(y for _, y in points), max(y for _, y in points)

    def touches(self, line: Line, within: float) -> bool:
        """Whether a line comes within so many metres of the box round this; sometimes also when it passes near a corner."""
        return (
            min(x for x, _ in line) <= self.right + within
            and max(x for x, _ in line) >= self.left - within
            and min(y for _, y in line) <= self.top + within
            and max(y for _, y in line) >= self.bottom - within
        )

    def holds(self, p: Point) -> bool:
        return self.left <= p[0] <= self.right and self.bottom <= p[1] <= self.top and inside(p, self.points)


def to_segment(p: Point, a: Point, b: Point) -> float:
    """Distance from a point to a segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    n = dx * dx + dy * dy
    t = 0.0 if n == 0 else max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / n))
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


def along(line: Line, distance: float) -> tuple[Point, float]:
    """The point at a distance along a line, and the direction there in radians. Clamped to the ends."""
    left = max(0.0, distance)
    for a, b in itertools.pairwise(line):
        d = math.dist(a, b)
        if d > 0 and left <= d:
            t = left / d
            return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t), math.atan2(b[1] - a[1], b[0] - a[0])
        left -= d
    a, b = line[-2], line[-1]
    return b, math.atan2(b[1] - a[1], b[0] - a[0])


def meet(a: Point, b: Point, c: Point, d: Point) -> tuple[float, float] | None:
    """Where segment ab crosses cd, as shares (of ab, of cd) from 0 to 1; None if they do not touch."""
    rx, ry = b[0] - a[0], b[1] - a[1]
    sx, sy = d[0] - c[0], d[1] - c[1]
    cross = rx * sy - ry * sx
    if abs(cross) < 1e-9:
        return None
    qx, qy = c[0] - a[0], c[1] - a[1]
    t = (qx * sy - qy * sx) / cross
    u = (qx * ry - qy * rx) / cross
    if -1e-6 <= t <= 1 + 1e-6 and -1e-6 <= u <= 1 + 1e-6:
        return t, u
    return None


def cut(line: Line, start: float, end: float) -> list[Point]:
    """The part of a line between two distances along it."""
    out = [along(line, start)[0]]
    done = 0.0
    for a, b in itertools.pairwise(line):
        done += math.dist(a, b)
        if start + 0.5 < done < end - 0.5:
            out.append(b)
    out.append(along(line, end)[0])
    return [(round(x, 1), round(y, 1)) for x, y in out]


def simplify(line: Line, within: float) -> list[Point]:
    """The line with fewer vertices, nowhere further than `within` from the old one (Douglas and Peucker's way)."""
    keep = [False] * len(line)
    keep[0] = keep[-1] = True
    todo = [(0, len(line) - 1)]
    while todo:
        first, last = todo.pop()
        worst, at = within, -1
        for i in range(first + 1, last):
            d = to_segment(line[i], line[first], line[last])
            if d > worst:
                worst, at = d, i
        if at >= 0:
            keep[at] = True
            todo += [(first, at), (at, last)]
    return [p for p, k in zip(line, keep, strict=True) if k]


class Grid(Generic[T]):
    """Things by the square of ground they lie in, so that a search looks only nearby."""

    def __init__(self, cell: float) -> None:
        self.cell = cell
        self._at: dict[tuple[int, int], list[T]] = {}

    def put(self, x: float, y: float, thing: T) -> None:
        self._at.setdefault((int(x // self.cell), int(y // self.cell)), []).append(thing)

    def spread(self, x: float, y: float, reach: float, thing: T) -> None:
        """Put something that is `reach` wide: whoever looks near any part of it finds it, perhaps more than once."""
        c = self.cell
        for i in range(int((x - reach) // c), int((x + reach) // c) + 1):
            for j in range(int((y - reach) // c), int((y + reach) // c) + 1):
                self._at.setdefault((i, j), []).append(thing)

    def near(self, x: float, y: float, reach: float) -> list[T]:
        """Everything put within `reach` of a point, and some a little beyond."""
        c, at = self.cell, self._at
        found: list[T] = []
        for i in range(int((x - reach) // c), int((x + reach) // c) + 1):
            for j in range(int((y - reach) // c), int((y + reach) // c) + 1):
                if (i, j) in at:
                    found += at[i, j]
        return found
