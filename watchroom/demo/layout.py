"""How is the town laid out? Its river, main roads and wards drawn by hand, its other streets grown around them.

What a planner would call the skeleton stands below as points. The streets between are traced along a field of directions:
round the market place, along the river, square to the main roads, and each ward in its own grain, as towns grow
(after Chen and others, "Interactive Procedural Street Modeling", 2008; the code is ours).
"""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field

from watchroom.demo.plane import Grid, Line, Outline, Point, along, cut, inside, length, meet, spline, to_segment

MAJOR, MINOR = 0, 1

# The Harrow, from the moor in the west to the lowlands in the east.
RIVER = spline(
    [(-4300, -1900), (-3500, -1750), (-2800, -1350), (-2200, -1010), (-1600, -860), (-1050, -940), (-550, -1150), (-60, -1100)]
    + [(330, -800), (600, -410), (890, -60), (1290, 130), (1800, 120), (2400, -120), (3100, -260), (3700, -60), (4300, 60)],
    60,
)
RIVER_WIDTH = 74.0

RAIL = spline(
    [(-4300, -700), (-3000, -330), (-2000, -310), (-1100, -400), (-560, -500), (-120, -600), (120, -640), (420, -760), (800, -1080)]
    + [(1700, -1500), (3000, -1900), (4300, -2000)],
    70,
)

TOWN = [(-1560, 240), (-1500, 620), (-1340, 980), (-1000, 1280), (-560, 1560), (-80, 1640), (420, 1590), (860, 1600), (1330, 1540)] + [
    (1730, 1290), (1850, 900), (1720, 560), (1640, 330), (1700, 40), (1560, -420), (1240, -900), (900, -1330), (560, -1760),
    (80, -1930), (-460, -1900), (-900, -1660), (-1230, -1330), (-1420, -860), (-1600, -420),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ward:
    """The grain of one part of the town."""

    code: str
    name: str
    outcode: str
    is_rural: bool
    outline: tuple[Point, ...]
    centre: Point
    major: float = 90.0  # metres between the long streets
    minor: float = 200.0  # metres between the streets across
    grain: float = 0.0  # direction of the long streets, degrees from east
    wave: float = 0.0  # how much they wander, degrees
    lost: float = 0.0  # the share of stretches never built: more means more blind ends
    frontage: float = 9.0  # metres of street per house
    depth: float = 9.0
    setback: float = 3.0
    works: float = 0.0  # the share of street sides with yards, mills and warehouses instead of houses


WARDS = (
    Ward("tannery", "Tannery", "HB4", False,
         ((-60, 150), (-150, 700), (-230, 1180), (350, 1200), (950, 950), (1250, 500), (1290, 130), (700, 150), (330, 20)),
         (560, 640), 82, 205, 17, 3, 0.06, 16, 9, 1.5, 0.18),
    Ward("northgate", "Northgate", "HB2", False,
         ((-60, 150), (-150, 700), (-230, 1180), (-350, 1750), (-700, 1900), (-1500, 1500), (-1900, 700), (-1850, 230), (-1170, 180),
          (-400, 60)),
         (-640, 660), 108, 225, -24, 7, 0.10, 22, 11, 5, 0.05),
    Ward("old-quay", "Old Quay", "HB1", False,
         ((-60, 150), (330, 20), (700, 150), (1290, 130), (890, -60), (600, -410), (330, -800), (-60, -1100), (-120, -560), (-150, -100)),
         (300, -300), 80, 135, 48, 14, 0.08, 16.9, 12, 0.5, 0.4),
    Ward("millfield", "Millfield", "HB3", False,
         ((-60, 150), (-400, 60), (-1170, 180), (-1850, 230), (-2200, -1010), (-1600, -860), (-1050, -940), (-550, -1150), (-60, -1100),
          (-120, -560), (-150, -100)),
         (-800, -180), 108, 250, 8, 5, 0.10, 18, 11, 3, 0.4),
    Ward("ferrybank", "Ferrybank", "HB5", False,
         ((-2200, -1010), (-1600, -860), (-1050, -940), (-550, -1150), (-60, -1100), (330, -800), (600, -410), (890, -60), (1290, 130),
          (1800, 120), (2200, -600), (1600, -1500), (700, -2300), (-600, -2400), (-1600, -1800)),
         (-280, -1560), 102, 210, -12, 9, 0.12, 24, 10, 6, 0.06),
    Ward("orchard", "Orchard", "HB6", False,
         ((-230, 1180), (-350, 1750), (0, 2000), (900, 2000), (2000, 1700), (2300, 900), (2000, 100), (1800, 120), (1290, 130),
          (1250, 500), (950, 950), (350, 1200)),
         (1380, 1120), 108, 185, 38, 24, 0.18, 27, 11, 8),
    Ward("askwold", "Askwold", "HB2", True,
         ((-4300, -1900), (-3500, -1750), (-2800, -1350), (-2200, -1010), (-1600, -860), (-1050, -940), (-550, -1150), (-60, -1100),
          (330, -800), (600, -410), (890, -60), (1290, 130), (1800, 120), (2400, -120), (3100, -260), (3700, -60), (4300, 60),
          (4300, 4300), (-4300, 4300)),
         (-2650, 1500), frontage=22, depth=11, setback=9),
    Ward("long-ings", "Long Ings", "HB5", True,
         ((-4300, -1900), (-3500, -1750), (-2800, -1350), (-2200, -1010), (-1600, -860), (-1050, -940), (-550, -1150), (-60, -1100),
          (330, -800), (600, -410), (890, -60), (1290, 130), (1800, 120), (2400, -120), (3100, -260), (3700, -60), (4300, 60),
          (4300, -4300), (-4300, -4300)),
         (1900, -2700), frontage=22, depth=11, setback=9),
)  # fmt: skip


def ward_at(x: float, y: float) -> Ward:
    """The ward of a point; the country begins where no ward of the town holds it."""
    for ward, outline in _OUTLINES:
        if outline.holds((x, y)):
            return ward
    return WARDS[-1] if y < 0 else WARDS[-2]


_OUTLINES = [(ward, Outline(ward.outline)) for ward in WARDS]


@dataclass(slots=True)
class Way:
    """A street while the town is being laid out."""

    name: str  # "" until it is given one
    kind: str
    points: list[Point]
    family: int = MAJOR
    houses: bool = True
    locality: str = "Harrowby"
    drawn: bool = False  # by hand


def _way(name: str, kind: str, *points: Point, houses: bool = True, closed: bool = False, locality: str = "Harrowby") -> Way:
    return Way(name, kind, spline(points, 24, closed=closed), MAJOR, houses, locality)


def skeleton() -> list[Way]:
    """The ways that are drawn by hand: they carry the traffic, or the story."""
    return [
        Way("Harrowby Ring Road", "road", spline(
            [(-1150, 250), (-1010, 800), (-420, 1150), (330, 1210), (930, 960), (1240, 500), (1290, 60), (1190, -420), (860, -1010),
             (300, -1470), (-300, -1560), (-830, -1350), (-1080, -1000), (-1190, -600), (-1230, -150)], 30, closed=True), houses=False),
        # From the market place outwards.
        _way("High Street", "road", (-10, 10), (-36, 160), (-62, 330)),
        _way("Northgate", "road", (-62, 330), (-110, 640), (-190, 960), (-228, 1178)),
        _way("Great North Road", "road", (-228, 1178), (-320, 1560), (-420, 2150), (-690, 3100), (-820, 4250), houses=False),
        _way("Bridge Street", "road", (-10, 10), (20, -210), (44, -480), (70, -760), (84, -925)),
        _way("Ferry Bridge", "bridge", (84, -925), (112, -1090), houses=False),
        _way("Ferry Road", "road", (112, -1090), (160, -1290), (190, -1510)),
        _way("South Road", "road", (190, -1510), (290, -2050), (280, -2800), (520, -4250), houses=False),
        _way("Westgate", "road", (-10, 10), (-240, 44), (-560, 70), (-860, 130), (-1168, 200)),
        _way("Askwold Road", "road", (-1168, 200), (-1720, 260), (-2300, 420), (-2780, 640), (-3400, 760), (-4250, 980), houses=False),
        _way("Quay Road", "street", (-10, 10), (150, -60), (330, -150), (480, -215), (640, -150), (800, 20), (1010, 160), (1248, 250)),
        _way("Eastfield Road", "road", (1262, 340), (1620, 400), (2200, 470), (2700, 640), (3128, 760), houses=False),
        _way("Orchard Road", "road", (930, 960), (1180, 1220), (1560, 1480), (2150, 2150), (2900, 2900), houses=False),
        _way("Station Road", "street", (-240, 44), (-300, -120), (-380, -290), (-470, -440)),
        _way("Priory Road", "road", (190, -1510), (560, -1560), (1250, -1900), (2100, -2500), (3250, -3100), houses=False),
        # The Tannery, as the design draws it: rows rising to the east, Kiln Street across them.
        _way("Kiln Street", "street", (338, 8), (352, 150), (330, 300), (286, 446), (232, 620), (190, 800), (150, 1000), (120, 1200)),
        _way("Tanner’s Row", "street", (288, 440), (180, 412), (60, 378), (-72, 358)),
        _way("Tannery Lane", "lane", (288, 440), (400, 476), (520, 516), (660, 548), (780, 560)),
        _way("Fuller’s Row", "street", (-84, 428), (60, 446), (180, 480), (266, 507), (380, 543), (470, 574)),
        _way("Dyer’s Row", "street", (-62, 288), (70, 309), (200, 340), (312, 366), (440, 398)),
        _way("Cobden Street", "street", (-150, 780), (-350, 850), (-560, 905), (-760, 930), (-880, 925)),
        _way("Mill Lane", "lane", (-610, 80), (-640, -60), (-720, -190), (-770, -330), (-800, -470), (-850, -640), (-880, -830)),
        _way("Quay Steps", "lane", (480, -215), (528, -268), (560, -322)),
        _way("Orchard Way", "street", (1180, 1220), (1300, 1150), (1440, 1120), (1560, 1030), (1640, 900), (1650, 760), (1590, 640), (1470, 560)),
        # The river's other crossings.
        _way("Priory Bridge", "bridge", (-700, -1020), (-724, -1150), houses=False),
        _way("Abbey Walk", "street", (-640, -700), (-660, -860), (-700, -1020)),
        _way("Priory Lane", "street", (-724, -1150), (-700, -1290), (-640, -1420)),
        _way("Chandler’s Bridge", "bridge", (648, -148), (690, -230), (770, -340), houses=False),
        _way("Granary Road", "street", (770, -340), (850, -425), (990, -520), (1160, -560)),
        # The motorway and the country.
        Way("M98", "motorway", spline([(2750, 4300), (2900, 2900), (3140, 1500), (3128, 760), (3050, 0), (3160, -1400), (3480, -2800), (3420, -4300)], 60), houses=False),
        _way("Askwold Green", "street", (-2780, 640), (-2740, 780), (-2650, 900), locality="Askwold"),
        _way("Church Lane", "lane", (-2780, 640), (-2900, 560), (-3000, 430), locality="Askwold"),
        _way("Chapel Hill", "lane", (-2650, 900), (-2560, 1020), (-2580, 1180), (-2500, 1400), locality="Askwold"),
        _way("Fold Lane", "lane", (-2740, 780), (-2860, 850), (-3010, 840), (-3100, 780), locality="Askwold"),
        _way("Pound Close", "close", (-2920, 846), (-2945, 930), locality="Askwold"),
        _way("Moor Lane", "lane", (-2500, 1400), (-2350, 1900), (-1900, 2500), (-1250, 2900), (-600, 2830), houses=False, locality="Askwold"),
        _way("Gallows Lane", "lane", (-3100, 780), (-3350, 1300), (-3300, 2100), (-3600, 3000), (-3500, 4200), houses=False, locality="Askwold"),
        _way("Carr Road", "lane", (-2900, 560), (-2960, 60), (-2700, -500), (-2330, -760), houses=False, locality="Askwold"),
        _way("Nether Street", "street", (2060, -2480), (2010, -2600), (1950, -2760), (1900, -2930), locality="Nether Ings"),
        _way("Staithe Lane", "lane", (1970, -2700), (1830, -2660), (1690, -2700), locality="Nether Ings"),
        _way("Glebe Road", "street", (1920, -2860), (2060, -2900), (2190, -2850), (2260, -2740), locality="Nether Ings"),
        _way("Rectory Close", "close", (2150, -2870), (2180, -2960), locality="Nether Ings"),
        _way("Ings Drove", "lane", (1900, -2930), (1600, -3200), (1000, -3300), (300, -3180), houses=False, locality="Nether Ings"),
        _way("Long Drove", "lane", (280, -2800), (-600, -2700), (-1500, -2500), (-2500, -2750), (-4200, -2600), houses=False, locality="Nether Ings"),
        _way("Washlands Lane", "lane", (2100, -2500), (2300, -1800), (2250, -1000), (2420, -500), houses=False, locality="Nether Ings"),
        _way("Home Farm Lane", "lane", (-1500, -2500), (-1600, -2000), (-1900, -1500), (-2050, -1180), houses=False, locality="Nether Ings"),
        _way("Skylark Lane", "lane", (-420, 2150), (300, 2350), (1100, 2300), (1900, 1900), houses=False, locality="Askwold"),
    ]  # fmt: skip


_PARKS: tuple[tuple[str, list[Point]], ...] = (
    ("Harrow Park", [(-420, 330), (-210, 372), (-240, 640), (-300, 700), (-470, 640), (-520, 450)]),
    ("Currier’s Field", [(330, 575), (450, 612), (425, 715), (300, 690)]),
    ("Castle Garth", [(120, 40), (215, 70), (225, 180), (150, 215), (85, 150)]),
    ("Ferry Meadows", [(-480, -1250), (-60, -1200), (60, -1250), (90, -1390), (-250, -1430), (-520, -1380)]),
    ("Orchard Playing Fields", [(1290, 760), (1480, 700), (1540, 830), (1500, 960), (1340, 980)]),
    ("Northgate Cemetery", [(-1080, 870), (-900, 1010), (-980, 1170), (-1180, 1000)]),
    ("Weir Island Nature Reserve", [(-1370, -650), (-1215, -620), (-1120, -820), (-1350, -800), (-1520, -760)]),
    ("Granary Fields", [(1020, -180), (1150, -120), (1180, -320), (1080, -400), (960, -340)]),
    ("Harrowby Golf Course", [(-1250, 1500), (-800, 1750), (-700, 2200), (-1200, 2350), (-1700, 2000), (-1650, 1600)]),
    ("Askwold Wood", [(-3500, 1500), (-2950, 1700), (-2700, 2300), (-3000, 2900), (-3450, 2600)]),
    ("Racecourse", [(1500, -1000), (1950, -800), (2150, -1150), (1900, -1500), (1500, -1400)]),
)
_PONDS: tuple[list[Point], ...] = (
    [(-360, 470), (-310, 455), (-285, 500), (-320, 545), (-375, 530)],
    [(2500, -1500), (2750, -1400), (2850, -1650), (2600, -1800), (2450, -1700)],
    [(-3250, 1900), (-3130, 1930), (-3100, 2060), (-3220, 2090)],
)

PARKS = tuple((name, spline(points, 40, closed=True)[:-1]) for name, points in _PARKS)
PONDS = tuple(spline(points, 30, closed=True)[:-1] for points in _PONDS)
GREEN = tuple(Outline(points) for _, points in PARKS)
_TOWN = Outline(TOWN)


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
        for a, b in zip(RIVER, RIVER[1:], strict=False):
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
        c = (self._cos[k] * (1 - u) + self._cos[k + 1] * u) * (1 - v) + (self._cos[k + self._side] * (1 - u) + self._cos[k + self._side + 1] * u) * v
        s = (self._sin[k] * (1 - u) + self._sin[k + 1] * u) * (1 - v) + (self._sin[k + self._side] * (1 - u) + self._sin[k + self._side + 1] * u) * v
        return 0.5 * math.atan2(s, c)


@dataclass
class _Ground:
    """What is built so far, so that a new street keeps its distance."""

    taken: Grid[tuple[float, float, int, int]] = field(default_factory=lambda: Grid(60))  # x, y, family, way
    barred: Grid[tuple[Point, Point, float]] = field(default_factory=lambda: Grid(120))

    def bar(self, line: Line, reach: float) -> None:
        for a, b in zip(line, line[1:], strict=False):
            self.barred.put((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a, b, reach))

    def is_open(self, p: Point) -> bool:
        if not _TOWN.holds(p):
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
    ways = skeleton()
    for way in ways:
        way.drawn = True
    _snap(ways)
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
        for a, b in zip(line, line[1:], strict=False):
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
        for a, b in zip(line, line[1:], strict=False):
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
        for a, b in zip(edges, edges[1:], strict=False):
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


def _snap(ways: list[Way]) -> None:
    """Let the ends of hand-drawn ways that nearly touch another way meet it."""
    segments: Grid[tuple[int, Point, Point]] = Grid(100)
    for n, way in enumerate(ways):
        for a, b in zip(way.points, way.points[1:], strict=False):
            segments.put((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (n, a, b))
    for number, way in enumerate(ways):
        for end in (0, -1):
            p = way.points[end]
            near = [(to_segment(p, a, b), a, b) for n, a, b in segments.near(*p, 65) if n != number]
            d, a, b = min(near, default=(99.0, p, p))
            if d < 30:
                dx, dy = b[0] - a[0], b[1] - a[1]
                t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy)))
                q = (a[0] + dx * t, a[1] + dy * t)
                # Half a metre beyond, so that the two lines surely cross.
                r = way.points[1] if end == 0 else way.points[-2]
                n = math.dist(q, r) or 1.0
                way.points[end] = (q[0] + (q[0] - r[0]) / n * 0.5, q[1] + (q[1] - r[1]) / n * 0.5)


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
