"""How do the other streets lie? Grown between the hand-drawn ones of `ground.py`, as towns grow.

They are traced along a field of directions: round the market place, along the river, square to the main roads, and in each
ward in its own grain (after Chen and others, "Interactive Procedural Street Modeling", 2008; the code is ours).
"""

from __future__ import annotations

import itertools
import math
import random
from collections import deque
from dataclasses import dataclass, field

from watchroom.demo.ground import GREEN, RAIL, RIVER, RIVER_WIDTH, TOWN, TOWN_OUTLINE, Way, drawn_ways, ward_at
from watchroom.demo.plane import Grid, Line, Point, along, cut, inside, length, meet, to_segment

MAJOR, MINOR = 0, 1


class _Field:
    """Which way do the long streets run here? Tensors of the hand-drawn lines and wards, on squares of 80 m, blended."""

    STEP = 80.0
    REACH = 2400.0

    def __init__(self, ways: list[Way]) -> None:
        side = int(2 * self.REACH / self.STEP) + 2
        self._side = side
        guides: Grid[tuple[float, float, float, float, float]] = Grid(160)
        for way in ways:
            strength = {"road": 1.6, "street": 0.9, "lane": 0.6}.get(way.kind, 0.0)
            for a, b in zip(way.points, way.points[2:], strict=False):
                if strength:
                    phi = 2 * math.atan2(b[1] - a[1], b[0] - a[0])
                    guides.put(a[0], a[1], (a[0], a[1], math.cos(phi), math.sin(phi), strength))
        for a, b in itertools.pairwise(RIVER):
            phi = 2 * math.atan2(b[1] - a[1], b[0] - a[0])
            guides.put(a[0], a[1], (a[0], a[1], math.cos(phi), math.sin(phi), 3.0))
        self._cos = [0.0] * (side * side)
        self._sin = [0.0] * (side * side)
        for j in range(side):
            for i in range(side):
                x, y = i * self.STEP - self.REACH, j * self.STEP - self.REACH
                ward = ward_at(x, y)
                wander = ward.wave * (math.sin(x / 190 + y / 310) + math.sin(y / 170 - x / 260))
                phi = 2 * math.radians(ward.grain + wander)
                c, s = 2.0 * math.cos(phi), 2.0 * math.sin(phi)
                # Round the market place the old town goes in rings.
                r = math.hypot(x, y)
                turn = 2 * (math.atan2(y, x) + math.pi / 2)
                w = 2.2 * math.exp(-((r / 420) ** 2))
                # The estate in Ferrybank was planned round a green.
                gx, gy = x + 430, y + 1640
                green = 2 * (math.atan2(gy, gx) + math.pi / 2)
                v = 5.0 * math.exp(-((math.hypot(gx, gy) / 260) ** 2))
                c += w * math.cos(turn) + v * math.cos(green)
                s += w * math.sin(turn) + v * math.sin(green)
                for gx, gy, gc, gs, strength in guides.near(x, y, 150):
                    d = math.hypot(gx - x, gy - y)
                    w = strength * math.exp(-((d / 90) ** 2))
                    # Whichever of along and across is nearer to the ward's grain, so that one family stays one family.
                    sign = 1.0 if gc * c + gs * s >= 0 else -1.0
                    c += sign * w * gc
                    s += sign * w * gs
                n = math.hypot(c, s) or 1.0
                self._cos[j * side + i], self._sin[j * side + i] = c / n, s / n

    def angle(self, x: float, y: float) -> float:
        u, v = (x + self.REACH) / self.STEP, (y + self.REACH) / self.STEP
        i, j = max(0, min(self._side - 2, int(u))), max(0, min(self._side - 2, int(v)))
        u, v = u - i, v - j
        k = j * self._side + i
        c = (self._cos[k] * (1 - u) + self._cos[k + 1] * u) * (1 - v) + (
            self._cos[k + self._side] * (1 - u) + self._cos[k + self._side + 1] * u
        ) * v
        s = (self._sin[k] * (1 - u) + self._sin[k + 1] * u) * (1 - v) + (
            self._sin[k + self._side] * (1 - u) + self._sin[k + self._side + 1] * u
        ) * v
        return 0.5 * math.atan2(s, c)


@dataclass
class _Ground:
    """What is built so far, so that a new street keeps its distance."""

    taken: Grid[tuple[float, float, int, int]] = field(default_factory=lambda: Grid(60))  # x, y, family, way
    barred: Grid[tuple[Point, Point, float]] = field(default_factory=lambda: Grid(120))

    def bar(self, line: Line, reach: float) -> None:
        for a, b in itertools.pairwise(line):
            self.barred.put((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a, b, reach))

    def is_open(self, p: Point) -> bool:
        if not TOWN_OUTLINE.holds(p):
            return False
        for a, b, reach in self.barred.near(p[0], p[1], 120):
            if to_segment(p, a, b) < reach:
                return False
        return not any(park.holds(p) for park in GREEN)

    def clear(self, p: Point, family: int, distance: float, but: int = -1) -> bool:
        d2 = distance * distance
        for x, y, f, way in self.taken.near(p[0], p[1], distance):
            if f == family and way != but and (x - p[0]) ** 2 + (y - p[1]) ** 2 < d2:
                return False
        return True


def _apart(x: float, y: float, family: int) -> float:
    """How far apart streets of a family lie: closer in the middle of the town than at its edge."""
    ward = ward_at(x, y)
    base = ward.major if family == MAJOR else ward.minor
    return base * (0.86 + 0.22 * min(1.0, math.hypot(x, y + 100) / 1500))


def lay(seed: int) -> list[Way]:
    """Every way of the town and the country: the hand-drawn ones first, then the grown ones, which have no names yet."""
    rng = random.Random(f"{seed}:streets")
    ways = drawn_ways()
    directions = _Field(ways)
    ground = _Ground()
    ground.bar(RIVER, RIVER_WIDTH / 2 + 16)
    ground.bar(RAIL, 20)
    grown: list[Way] = []
    queue: deque[tuple[Point, int]] = deque()

    def claim(way: Way, number: int) -> None:
        for a, b in zip(way.points, way.points[1:], strict=False):
            d = math.dist(a, b)
            for k in range(max(1, round(d / 12))):
                t = k / max(1, round(d / 12))
                x, y = a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
                family = way.family
                if number < len(ways):
                    off = (math.atan2(b[1] - a[1], b[0] - a[0]) - directions.angle(x, y)) % math.pi
                    family = MAJOR if off < math.pi / 4 or off > 3 * math.pi / 4 else MINOR
                ground.taken.put(x, y, (x, y, family, number))

    def offer(line: Line) -> None:
        total = length(line)
        at = rng.uniform(10, 40)
        while at < total:
            p, heading = along(line, at)
            off = (heading - directions.angle(*p)) % math.pi
            family = MAJOR if off < math.pi / 4 or off > 3 * math.pi / 4 else MINOR
            for side in (1, -1):
                d = _apart(p[0], p[1], family) * rng.uniform(1.0, 1.18)
                q = (p[0] + d * side * math.cos(heading + math.pi / 2), p[1] + d * side * math.sin(heading + math.pi / 2))
                queue.append((q, family))
            queue.append((p, MINOR if family == MAJOR else MAJOR))
            at += rng.uniform(60, 110)

    for number, way in enumerate(ways):
        claim(way, number)
    for way in ways:
        if way.kind != "motorway" and inside(way.points[0], TOWN):
            offer(way.points)
    while queue:
        start, family = queue.popleft()
        if not ground.is_open(start) or not ground.clear(start, family, 0.86 * _apart(start[0], start[1], family)):
            continue
        line = _trace(start, family, directions, ground)
        if length(line) < 70:
            continue
        way = Way("", "street", line, family)
        claim(way, len(ways) + len(grown))
        grown.append(way)
        offer(line)
    return ways + _finish(ways, grown, rng)


def _trace(start: Point, family: int, directions: _Field, ground: _Ground) -> list[Point]:
    """A line from a point along the field, both ways, until it leaves the ground or comes too near to its like."""
    turn = 0.0 if family == MAJOR else math.pi / 2
    halves: list[list[Point]] = []
    step = 22.0
    for way in (1, -1):
        x, y = start
        heading = directions.angle(x, y) + turn + (math.pi if way < 0 else 0)
        half: list[Point] = []
        for _ in range(34):
            # The middle of the step decides (second order), and the way forward is the one that turns least.
            mid = directions.angle(x + step / 2 * math.cos(heading), y + step / 2 * math.sin(heading)) + turn
            if math.cos(mid - heading) < 0:
                mid += math.pi
            if math.cos(mid - heading) < 0.75:
                break
            heading = mid
            x, y = x + step * math.cos(heading), y + step * math.sin(heading)
            if not ground.is_open((x, y)) or not ground.clear((x, y), family, 0.55 * _apart(x, y, family)):
                break
            half.append((x, y))
        halves.append(half)
    return [*reversed(halves[1]), start, *halves[0]]


def crossings(lines: list[list[Point]]) -> list[list[tuple[float, int, Point]]]:
    """For each line, where the others meet it: (distance along it, the other's index, the point), in order."""
    grid: Grid[tuple[int, Point, Point, float]] = Grid(40)
    found: list[list[tuple[float, int, Point]]] = [[] for _ in lines]
    for number, line in enumerate(lines):
        done = 0.0
        for a, b in itertools.pairwise(line):
            d = math.dist(a, b)
            mx, my = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
            for other, c, e, before in grid.near(mx, my, 45):
                if other == number:
                    continue
                hit = meet(a, b, c, e)
                if hit:
                    p = (round(a[0] + (b[0] - a[0]) * hit[0], 1), round(a[1] + (b[1] - a[1]) * hit[0], 1))
                    found[number].append((done + hit[0] * d, other, p))
                    found[other].append((before + hit[1] * math.dist(c, e), number, p))
            done += d
        done = 0.0
        for a, b in itertools.pairwise(line):
            grid.put((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (number, a, b, done))
            done += math.dist(a, b)
    return [sorted(hits) for hits in found]


def _finish(ways: list[Way], grown: list[Way], rng: random.Random) -> list[Way]:
    """Join loose ends to the next street, leave out some stretches, cut the rest to the length of a name, drop islands."""
    _join(ways, grown)
    lines = [way.points for way in ways] + [way.points for way in grown]
    meets = crossings(lines)
    out: list[Way] = []
    for way, hits in zip(grown, meets[len(ways) :], strict=True):
        total = length(way.points)
        stops = [at for at, _, _ in hits]
        if not stops:
            continue
        # A short tail beyond the last crossing is nothing; a long one is a blind end of ordinary length.
        first = stops[0] if stops[0] < 46 else max(0.0, stops[0] - rng.uniform(70, 130))
        last = stops[-1] if total - stops[-1] < 46 else min(total, stops[-1] + rng.uniform(70, 130))
        edges = [first, *(s for s in stops if first + 1 < s < last - 1), last]
        run = [edges[0]]
        for a, b in itertools.pairwise(edges):
            p, _ = along(way.points, (a + b) / 2)
            ward = ward_at(*p)
            lost = b - a > 60 and rng.random() < ward.lost
            if lost:
                # One end of a lost stretch is often built a little way: a close.
                stub = rng.random()
                if stub < 0.45:
                    run.append(a + min(0.62 * (b - a), 90))
                _keep(way, run, out, rng)
                run = [b - min(0.55 * (b - a), 80), b] if stub > 0.8 else [b]
            else:
                run.append(b)
        _keep(way, run, out, rng)
    return _joined_up(ways, out)


def _join(ways: list[Way], grown: list[Way]) -> None:
    """Draw each loose end on, straight, to the street ahead if there is one within 85 m."""
    ahead: Grid[tuple[int, Point, Point]] = Grid(60)
    for number, way in enumerate([*ways, *grown]):
        for a, b in zip(way.points, way.points[1:], strict=False):
            ahead.put((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (number, a, b))
    for number, way in enumerate(grown, start=len(ways)):
        for end in (0, -1):
            b, a = (way.points[0], way.points[1]) if end == 0 else (way.points[-1], way.points[-2])
            d = math.dist(a, b) or 1.0
            far = b[0] + (b[0] - a[0]) / d * 85, b[1] + (b[1] - a[1]) / d * 85
            best = 1.0
            for other, c, e in ahead.near((b[0] + far[0]) / 2, (b[1] + far[1]) / 2, 62):
                hit = meet(b, far, c, e) if other != number else None
                if hit and 0.0 <= hit[0] < best:
                    best = hit[0]
            if best < 1.0:
                t = best + 0.006  # half a metre beyond, so that the two lines surely cross
                p = b[0] + (far[0] - b[0]) * t, b[1] + (far[1] - b[1]) * t
                way.points = [p, *way.points] if end == 0 else [*way.points, p]


def _joined_up(ways: list[Way], grown: list[Way]) -> list[Way]:
    """The grown ways that one can drive to from the market place."""
    meets = crossings([way.points for way in ways] + [way.points for way in grown])
    reached, todo = {1}, [1]
    while todo:
        for _, other, _ in meets[todo.pop()]:
            if other not in reached:
                reached.add(other)
                todo.append(other)
    return [way for number, way in enumerate(grown, start=len(ways)) if number in reached]


def _keep(way: Way, run: list[float], out: list[Way], rng: random.Random) -> None:
    """Turn a run of stretches into one street, or several when it is long."""
    if len(run) < 2 or run[-1] - run[0] < 60:
        return
    limit = rng.uniform(480, 820)
    begin = run[0]
    for here, ahead in zip(run[1:], [*run[2:], None], strict=True):
        if ahead is None or ahead - begin > limit:
            if here - begin > 40:
                line = cut(way.points, begin, here)
                kind = "close" if ahead is None and here - begin < 130 and len(run) <= 2 else "street"
                out.append(Way("", kind, line, way.family))
            begin = here
            limit = rng.uniform(480, 820)
