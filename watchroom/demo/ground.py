# ruff: noqa: E501 - tables: one way or ward a line
"""What of the town is drawn by hand? The river, the railway, the wards, the main roads, the streets of the stories, the parks.

Nothing here is a real place. x runs to the east and y to the north, in metres from the market place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchroom.demo.plane import Grid, Outline, Point, spline, to_segment

# fmt: off
# The Harrow, from the moor in the west to the lowlands in the east.
_COURSE: list[Point] = [
    (-4300, -1900), (-3500, -1750), (-2800, -1350), (-2200, -1010), (-1600, -860), (-1050, -940), (-550, -1150), (-60, -1100),
    (330, -800), (600, -410), (890, -60), (1290, 130), (1800, 120), (2400, -120), (3100, -260), (3700, -60), (4300, 60),
]
RIVER = spline(_COURSE, 60)
RIVER_WIDTH = 74.0

RAIL = spline(
    [(-4300, -700), (-3000, -330), (-2000, -310), (-1100, -400), (-560, -500), (-120, -600), (120, -640), (420, -760),
     (800, -1080), (1700, -1500), (3000, -1900), (4300, -2000)], 70,
)

TOWN: list[Point] = [
    (-1560, 240), (-1500, 620), (-1340, 980), (-1000, 1280), (-560, 1560), (-80, 1640), (420, 1590), (860, 1600), (1330, 1540),
    (1730, 1290), (1850, 900), (1720, 560), (1640, 330), (1700, 40), (1560, -420), (1240, -900), (900, -1330), (560, -1760),
    (80, -1930), (-460, -1900), (-900, -1660), (-1230, -1330), (-1420, -860), (-1600, -420),
]
# fmt: on


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
         (560, 640), major=82, minor=205, grain=17, wave=3, lost=0.06, frontage=16, depth=9, setback=1.5, works=0.18),
    Ward("northgate", "Northgate", "HB2", False,
         ((-60, 150), (-150, 700), (-230, 1180), (-350, 1750), (-700, 1900), (-1500, 1500), (-1900, 700), (-1850, 230),
          (-1170, 180), (-400, 60)),
         (-640, 660), major=108, minor=225, grain=-24, wave=7, lost=0.10, frontage=22, depth=11, setback=5, works=0.05),
    Ward("old-quay", "Old Quay", "HB1", False,
         ((-60, 150), (330, 20), (700, 150), *reversed(_COURSE[7:12]), (-120, -560), (-150, -100)),
         (300, -300), major=80, minor=135, grain=48, wave=14, lost=0.08, frontage=16.9, depth=12, setback=0.5, works=0.4),
    Ward("millfield", "Millfield", "HB3", False,
         ((-60, 150), (-400, 60), (-1170, 180), (-1850, 230), *_COURSE[3:8], (-120, -560), (-150, -100)),
         (-800, -180), major=108, minor=250, grain=8, wave=5, lost=0.10, frontage=18, depth=11, setback=3, works=0.4),
    Ward("ferrybank", "Ferrybank", "HB5", False,
         (*_COURSE[3:13], (2200, -600), (1600, -1500), (700, -2300), (-600, -2400), (-1600, -1800)),
         (-280, -1560), major=102, minor=210, grain=-12, wave=9, lost=0.12, frontage=24, depth=10, setback=6, works=0.06),
    Ward("orchard", "Orchard", "HB6", False,
         ((-230, 1180), (-350, 1750), (0, 2000), (900, 2000), (2000, 1700), (2300, 900), (2000, 100), (1800, 120), (1290, 130),
          (1250, 500), (950, 950), (350, 1200)),
         (1380, 1120), major=108, minor=185, grain=38, wave=24, lost=0.18, frontage=27, depth=11, setback=8),
    # The country on either side of the river; the town's wards are cut out of it.
    Ward("askwold", "Askwold", "HB2", True, (*_COURSE, (4300, 4300), (-4300, 4300)), (-2650, 1500),
         frontage=22, depth=11, setback=9),
    Ward("long-ings", "Long Ings", "HB5", True, (*_COURSE, (4300, -4300), (-4300, -4300)), (1900, -2700),
         frontage=22, depth=11, setback=9),
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
    family: int = 0
    houses: bool = True
    locality: str = "Harrowby"
    drawn: bool = False  # by hand


def _way(name: str, kind: str, *points: Point, houses: bool = True, closed: bool = False, locality: str = "Harrowby") -> Way:
    return Way(name, kind, spline(points, 24, closed=closed), 0, houses, locality)


def drawn_ways() -> list[Way]:
    """The ways that are drawn by hand: they carry the traffic, or the story."""
    ways = _skeleton()
    for way in ways:
        way.drawn = True
    _snap(ways)
    return ways


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
                far = math.dist(q, r) or 1.0
                way.points[end] = (q[0] + (q[0] - r[0]) / far * 0.5, q[1] + (q[1] - r[1]) / far * 0.5)


def _skeleton() -> list[Way]:
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
TOWN_OUTLINE = Outline(TOWN)
