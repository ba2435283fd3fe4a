"""Which houses stand along the streets? Building plots, numbered as a council would number them, with postcodes."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from watchroom.demo import names
from watchroom.demo.ground import GREEN, PONDS, RAIL, RIVER, RIVER_WIDTH, WARDS, Ward, Way, ward_at
from watchroom.demo.landmarks import SITES, Site
from watchroom.demo.plane import Grid, Line, Outline, Point, along, length, to_segment

HALF_WIDTH = {"motorway": 14.0, "road": 6.5, "street": 4.3, "lane": 3.0, "close": 3.4, "bridge": 5.5, "path": 1.5}  # metres
_UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # the letters that real units use
_PER_POSTCODE = 16


@dataclass(slots=True)
class Door:
    """An address before it has a UPRN."""

    way: int
    flat: str
    building: str
    number: str
    postcode: str
    kind: str
    x: float
    y: float
    footprint: int
    site: str = ""


class Plots:
    """Ground on which buildings stand and do not overlap."""

    def __init__(self, ways: list[Way]) -> None:
        self.ways = ways
        self.footprints: list[tuple[Point, ...]] = []
        self._roads: Grid[tuple[Point, Point, float, int]] = Grid(50)
        self._built: Grid[tuple[float, float, float, tuple[Point, ...]]] = Grid(40)
        for number, way in enumerate(ways):
            self._bar(way.points, HALF_WIDTH[way.kind], number)
        self._bar(RIVER, RIVER_WIDTH / 2 + 4, -1)
        self._bar(RAIL, 7, -1)
        greens = (*GREEN, *(Outline(points) for points in PONDS))
        self._greens = [tuple(green for green in greens if green.touches(way.points, 70)) for way in ways]  # beside each way

    def _bar(self, line: Line, half: float, number: int) -> None:
        """Keep buildings `half` metres and more from a line. Long stretches are cut up, so that a search nearby finds them."""
        for a, b in itertools.pairwise(line):
            pieces = math.ceil(math.dist(a, b) / 30)
            for k in range(pieces):
                c = (a[0] + (b[0] - a[0]) * k / pieces, a[1] + (b[1] - a[1]) * k / pieces)
                d = (a[0] + (b[0] - a[0]) * (k + 1) / pieces, a[1] + (b[1] - a[1]) * (k + 1) / pieces)
                self._roads.spread((c[0] + d[0]) / 2, (c[1] + d[1]) / 2, half + 15, (c, d, half, number))

    def build(self, front: Point, heading: float, width: float, depth: float, way: int) -> int | None:
        """A building with its front's middle at a point, facing along `heading` + 90°. Its number, or None if it does not fit."""
        c, s = math.cos(heading), math.sin(heading)
        cx, cy = front[0] - s * depth / 2, front[1] + c * depth / 2
        reach = math.hypot(width, depth) / 2
        for a, b, half, number in self._roads.near(cx, cy, reach):
            if number != way and to_segment((cx, cy), a, b) < half + reach * 0.86 + 0.5:
                return None
        if any(green.holds((cx, cy)) for green in self._greens[way]):
            return None
        corners = tuple(
            (round(cx + u * c * width / 2 - v * s * depth / 2, 1), round(cy + u * s * width / 2 + v * c * depth / 2, 1))
            for u, v in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        )
        for x, y, other, outline in self._built.near(cx, cy, reach):
            if math.hypot(x - cx, y - cy) < reach + other and _overlap(corners, outline):
                return None
        self._built.spread(cx, cy, reach, (cx, cy, reach, corners))
        self.footprints.append(corners)
        return len(self.footprints) - 1


def _overlap(one: tuple[Point, ...], other: tuple[Point, ...]) -> bool:
    """Whether two rectangles share ground: no line separates them (the separating-axis test), with 30 cm of grace."""
    for poly in (one, other):
        for (ax, ay), (bx, by) in ((poly[0], poly[1]), (poly[1], poly[2])):
            nx, ny = ay - by, bx - ax
            grace = 0.3 * math.hypot(nx, ny)
            p = [nx * x + ny * y for x, y in one]
            q = [nx * x + ny * y for x, y in other]
            if max(p) - grace <= min(q) or max(q) - grace <= min(p):
                return False
    return True


def walk(line: Line, offset: float) -> Iterator[tuple[float, Point, float]]:
    """Points each metre along a line as (distance, point `offset` metres to its left, heading)."""
    done, at = 0.0, 0.0
    for a, b in itertools.pairwise(line):
        d = math.dist(a, b)
        if d < 0.01:
            continue
        heading = math.atan2(b[1] - a[1], b[0] - a[0])
        c, s = (b[0] - a[0]) / d, (b[1] - a[1]) / d
        while at < done + d:
            t = at - done
            yield at, (a[0] + c * t - s * offset, a[1] + s * t + c * offset), heading
            at += 1.0
        done += d


def settle(ways: list[Way], streets: list[int], seed: int) -> tuple[list[Door], list[tuple[Point, ...]]]:
    """Every front door of the town, street by street, and the outlines of the buildings. `streets` are the named ways."""
    rng = random.Random(f"{seed}:plots")
    plots = Plots(ways)
    doors: list[Door] = []
    sites = _place_sites(ways, streets, plots)
    posts = _Postcodes()
    shops = list(names.SHOPS)
    rng.shuffle(shops)
    for number in streets:
        way = ways[number]
        here: list[tuple[float, int, Door]] = []
        for site, way_number, front, footprint, at, side in sites:
            if way_number == number:
                door = _inside(plots.footprints[footprint], front)
                here.append((at, side, Door(number, "", site.name, "", "", site.kind, *door, footprint, site.code)))
        if way.houses:
            for side in (1, -1):
                here += _side(way, number, side, plots, rng)
        if here:
            doors += _number(way, here, posts, shops, rng)
    return doors, plots.footprints


def _inside(outline: tuple[Point, ...], front: Point) -> Point:
    """Where an address lies: a few steps in from its door, so that its building surely holds it."""
    x = sum(p[0] for p in outline) / len(outline)
    y = sum(p[1] for p in outline) / len(outline)
    return round(front[0] + (x - front[0]) * 0.65, 1), round(front[1] + (y - front[1]) * 0.65, 1)


def _place_sites(ways: list[Way], streets: list[int], plots: Plots) -> list[tuple[Site, int, Point, int, float, int]]:
    """Give each landmark with a building the nearest frontage where it fits. They choose before the houses do."""
    lots: Grid[tuple[float, int, float, float]] = Grid(100)  # along, way, x, y
    for number in streets:
        if ways[number].kind not in ("motorway", "bridge"):
            for at, (x, y), _ in walk(ways[number].points, 0):
                if at % 9 < 1:
                    lots.put(x, y, (at, number, x, y))
    placed = []
    for site in SITES:
        if site.is_open:
            continue
        near = sorted(lots.near(site.x, site.y, 260), key=lambda lot: math.hypot(lot[2] - site.x, lot[3] - site.y))
        for (at, number, _, _), side in itertools.product(near, (1, -1)):
            front, heading = _frontage(ways[number], at, side, 5)
            footprint = plots.build(front, heading, *site.size, number)
            if footprint is not None:
                placed.append((site, number, front, footprint, at, side))
                break
        else:
            raise ValueError(f"no plot for {site.name}: draw it elsewhere")
    return placed


def _frontage(way: Way, at: float, side: int, setback: float) -> tuple[Point, float]:
    p, heading = along(way.points, at)
    out = HALF_WIDTH[way.kind] + setback
    p = (p[0] - math.sin(heading) * out * side, p[1] + math.cos(heading) * out * side)
    return p, heading if side > 0 else heading + math.pi


def _side(way: Way, number: int, side: int, plots: Plots, rng: random.Random) -> list[tuple[float, int, Door]]:
    """The houses on one side of a street, from its beginning; or yards and mills, where the ward has such."""
    ward = ward_at(*way.points[len(way.points) // 2])
    width, depth = ward.frontage * rng.uniform(0.92, 1.12), ward.depth
    setback = ward.setback * rng.uniform(0.8, 1.2)
    is_terrace = ward.frontage < 17
    kind = "house"
    if way.name in ROWS:
        width = 7.6
    elif way.name and way.kind != "close" and not way.drawn and rng.random() < ward.works:
        width, depth, setback, kind = rng.uniform(28, 52), rng.uniform(18, 30), 6.0, "works"
    elif way.kind == "road":
        width *= 1.3
    found: list[tuple[float, int, Door]] = []
    due = 7.0 if kind == "house" else width / 2 + 4
    total = length(way.points)
    for at, p, heading in walk(way.points, (HALF_WIDTH[way.kind] + setback) * side):
        if at < due or at > total - 6:
            continue
        w = width * rng.uniform(0.97, 1.03)
        house = w - 0.4 if is_terrace else w * rng.uniform(0.55, 0.72)
        footprint = plots.build(p, heading if side > 0 else heading + math.pi, house, depth * rng.uniform(0.9, 1.15), number)
        if footprint is None:
            due = at + 4
            continue
        found.append((at, side, Door(number, "", "", "", "", kind, *_inside(plots.footprints[footprint], p), footprint)))
        due = at + w
        if is_terrace and rng.random() < 0.03:
            due += rng.uniform(3, 9)  # a ginnel, or a gap where a house stood
    return found


def _number(way: Way, here: list[tuple[float, int, Door]], posts: _Postcodes, shops: list[str], rng: random.Random) -> list[Door]:
    """Number the doors: even on the right going out, odd on the left; a close goes round. Some houses are flats, or shops."""
    here.sort(key=lambda h: h[0])
    if way.kind == "close":
        here = [h for h in here if h[1] > 0] + [h for h in reversed(here) if h[1] < 0]
    doors: list[Door] = []
    count = {1: -1, -1: 0, 0: 0}
    units = {1: 0, -1: 0, 0: 0}
    code = {1: "", -1: "", 0: ""}
    for _, side, door in here:
        side = 0 if way.kind == "close" else side
        step = 1 if way.kind == "close" else 2
        ward = ward_at(door.x, door.y)
        if units[side] % _PER_POSTCODE == 0:
            code[side] = posts.next(way, ward, side)
        units[side] += 1
        door.postcode = code[side]
        if door.site and door.kind not in ("pub", "post_office", "shop"):
            doors.append(door)
            continue
        count[side] += step
        if count[side] == 13 and rng.random() < 0.5:
            count[side] += step
        door.number = str(count[side])
        if door.site:
            doors.append(door)
            continue
        doors += _divide(way, ward, door, shops, rng)
    return doors


ROWS = frozenset({"Tanner’s Row", "Fuller’s Row", "Dyer’s Row"})  # the terraces of the story, as narrow as they were built
SHOPPING = frozenset({"High Street", "Bridge Street", "Northgate", "Westgate", "Quay Road", "Ferry Road"})
_FLATS = {"tannery": 0.05, "northgate": 0.08, "old-quay": 0.1, "millfield": 0.04, "ferrybank": 0.02}


def _divide(way: Way, ward: Ward, door: Door, shops: list[str], rng: random.Random) -> list[Door]:
    """What stands at a number: a house, a shop with perhaps a flat above, or a house in flats."""
    if way.name == "Tanner’s Row" and door.number == "18":
        return [_flat(door, f"Flat {n}") for n in (1, 2, 3)]
    if door.kind == "works":
        door.building = rng.choice(names.WORKS).format(n=rng.randint(1, 9), street=way.name.split()[0])
        return [door]
    if way.name in SHOPPING and rng.random() < 0.5:
        door.kind = "shop"
        if shops and rng.random() < 0.4:
            door.building = shops.pop()
        return [door, _flat(door, f"Flat above {door.number}", "")] if rng.random() < 0.4 else [door]
    if rng.random() < _FLATS.get(ward.code, 0.0):
        return [_flat(door, f"Flat {n}") for n in range(1, rng.choice((3, 3, 4, 4, 5)))]
    return [door]


def _flat(door: Door, name: str, building: str | None = None) -> Door:
    return Door(
        door.way,
        name,
        door.building if building is None else building,
        door.number,
        door.postcode,
        "flat",
        door.x,
        door.y,
        door.footprint,
    )


class _Postcodes:
    """Invented postcodes: HB is no postcode area of Royal Mail's. A unit is one side of a stretch of street."""

    def __init__(self) -> None:
        self._used = {(w.outcode, s): 0 for w in WARDS for s in range(1, 10)}

    def next(self, way: Way, ward: Ward, side: int) -> str:
        if way.name == "Tanner’s Row" and side < 0:
            return "HB4 2QT"  # as the design has it
        x, y = way.points[len(way.points) // 2]
        if ward.is_rural:
            sector = 8 if ward.code == "askwold" else 9
        elif way.name == "Tanner’s Row":
            sector = 2
        else:
            sector = 1 + (x > ward.centre[0]) + 2 * (y > ward.centre[1])
        n = self._used[(ward.outcode, sector)]
        self._used[(ward.outcode, sector)] = n + 1
        first, second = divmod(n * 7 % 397, len(_UNIT_LETTERS))
        unit = _UNIT_LETTERS[first] + _UNIT_LETTERS[second]
        return (
            self.next(way, ward, side) if (ward.outcode, sector, unit) == ("HB4", 2, "QT") else f"{ward.outcode} {sector}{unit}"
        )
