"""Where does the demo happen? Harrowby, an invented town: its streets, addresses, landmarks and beats.

Everything lies on a local grid in metres, x to the east and y to the north, with (0, 0) in the market place. `to_wgs84`
puts the grid around 54.6 N, 1.9 W, so that positions look British and phones can report them; no street, house or name
there is meant. The same seed gives the same town, house by house: nothing here reads a clock, a file or the network.
"""

from __future__ import annotations

import functools
import math
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from watchroom.demo import ground, layout, names, plots
from watchroom.demo.landmarks import SITES
from watchroom.demo.plane import along, length, simplify

Point = tuple[float, float]  # metres east and north of the market place

ORIGIN = (54.6, -1.9)  # latitude and longitude of (0, 0)
_METRES_PER_DEGREE = 111_320.0


def to_wgs84(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude of a point of the grid, to about a decimetre (6 decimals). Flat earth: good to 1 m in 10 km."""
    lat = ORIGIN[0] + y / _METRES_PER_DEGREE
    lon = ORIGIN[1] + x / (_METRES_PER_DEGREE * math.cos(math.radians(ORIGIN[0])))
    return round(lat, 6), round(lon, 6)


def to_grid(lat: float, lon: float) -> Point:
    """The point of the grid at a latitude and longitude: the inverse of `to_wgs84`."""
    y = (lat - ORIGIN[0]) * _METRES_PER_DEGREE
    x = (lon - ORIGIN[1]) * _METRES_PER_DEGREE * math.cos(math.radians(ORIGIN[0]))
    return round(x, 1), round(y, 1)


@dataclass(frozen=True, slots=True)
class Beat:
    """A ward of the town or a stretch of country, with the standard of attendance that holds there (R62)."""

    code: str  # "tannery"
    name: str  # "Tannery"
    is_rural: bool
    outline: tuple[Point, ...]
    centre: Point  # where its name is written on a map
    outcode: str  # "HB4"


@dataclass(frozen=True, slots=True)
class Street:
    """A named way. `kind`: motorway, road (main), street, lane (narrow), close (ends blind), path (no cars), bridge."""

    code: str  # "tanners-row"
    name: str  # "Tanner’s Row"
    kind: str
    points: tuple[Point, ...]
    beat: str
    locality: str  # "Harrowby", or the village


@dataclass(frozen=True, slots=True)
class Address:
    """A front door. `number` may be empty (a named building), `flat` and `building` usually are."""

    uprn: str  # 12 digits, in a block that the real register does not use (990…)
    flat: str  # "Flat 2"
    building: str  # "The Lantern"
    number: str  # "18", "18A"
    street: str  # code of the street
    street_name: str
    locality: str
    postcode: str  # "HB4 2QT"
    beat: str
    kind: str  # house, flat, shop, pub, school, …
    x: float
    y: float
    footprint: int  # index into City.footprints; flats share one

    @property
    def line(self) -> str:
        """As it is said and written: `Flat 2, 18 Tanner’s Row`."""
        street = f"{self.number} {self.street_name}".strip()
        return ", ".join(part for part in (self.flat, self.building, street) if part)


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place people name instead of an address, with what else they call it."""

    code: str  # "ferry-bridge"
    name: str
    aliases: tuple[str, ...]
    kind: str  # station, hospital, school, pub, bridge, park, shop, …
    x: float
    y: float
    beat: str
    street: str  # code of the street it stands on
    uprn: str  # its address, or "" (a bridge has none)


@dataclass(frozen=True, slots=True)
class Junction:
    """Where two named streets meet: `Kiln Street / Fuller’s Row`."""

    code: str
    name: str
    streets: tuple[str, str]
    x: float
    y: float
    beat: str


@dataclass(frozen=True, slots=True)
class MarkerPost:
    """A driver location sign beside the motorway: road, carriageway, kilometre (`M98 A 41.5`)."""

    code: str
    name: str
    road: str
    carriageway: str
    km: float
    x: float
    y: float
    beat: str


@dataclass(frozen=True, slots=True)
class Feature:
    """Ground that is not a street: `kind` is park, pond (outlines), built, water or rail (lines, `width` metres)."""

    kind: str
    points: tuple[Point, ...]
    width: float = 0.0


class Shape(NamedTuple):
    """Something to draw, as the gazetteer keeps it."""

    kind: str  # a street's kind; built, park, pond, water, rail; or block, a building
    name: str
    points: tuple[Point, ...]
    width: float  # metres, of a line drawn as ground


@dataclass(frozen=True)
class City:
    """The whole place. Tuples are in a fixed order; look-ups are by code."""

    name: str
    seed: int
    beats: tuple[Beat, ...]
    streets: tuple[Street, ...]
    addresses: tuple[Address, ...]
    footprints: tuple[tuple[Point, ...], ...]  # the outline of each building
    landmarks: tuple[Landmark, ...]
    junctions: tuple[Junction, ...]
    markers: tuple[MarkerPost, ...]
    features: tuple[Feature, ...]

    @cached_property
    def beat(self) -> dict[str, Beat]:
        return {beat.code: beat for beat in self.beats}

    @cached_property
    def street(self) -> dict[str, Street]:
        return {street.code: street for street in self.streets}

    @cached_property
    def address(self) -> dict[str, Address]:
        """By UPRN."""
        return {address.uprn: address for address in self.addresses}

    @cached_property
    def landmark(self) -> dict[str, Landmark]:
        return {landmark.code: landmark for landmark in self.landmarks}

    def shapes(self) -> Iterator[Shape]:
        """All there is to draw: streets, ground and buildings."""
        for street in self.streets:
            yield Shape(street.kind, street.name, street.points, 0.0)
        for feature in self.features:
            yield Shape(feature.kind, "", feature.points, feature.width)
        for outline in self.footprints:
            yield Shape("block", "", outline, 0.0)

    def find(self, number: str, street: str, flat: str = "") -> Address:
        """The address with this number in the street of this code. Raises KeyError if there is none."""
        return self._by_line[(street, number, flat)]

    def on(self, street: str) -> tuple[Address, ...]:
        """The addresses of a street, in walking order; an empty tuple if nobody lives there."""
        return self._by_street.get(street, ())

    def crossing(self, one: str, other: str) -> Junction:
        """The junction of two streets, by their codes, in either order. Raises KeyError if they do not meet."""
        return self._by_crossing[frozenset((one, other))]

    @cached_property
    def _by_line(self) -> dict[tuple[str, str, str], Address]:
        return {(a.street, a.number, a.flat): a for a in self.addresses}

    @cached_property
    def _by_street(self) -> dict[str, tuple[Address, ...]]:
        found: dict[str, list[Address]] = {}
        for address in self.addresses:
            found.setdefault(address.street, []).append(address)
        return {street: tuple(addresses) for street, addresses in found.items()}

    @cached_property
    def _by_crossing(self) -> dict[frozenset[str], Junction]:
        return {frozenset(j.streets): j for j in self.junctions}

    def __iter__(self) -> Iterator[Address]:
        return iter(self.addresses)


@functools.cache
def build(seed: int = 1) -> City:
    """Harrowby. The same seed gives the same town; another gives other streets round the same main roads.

    It takes a good second and is kept: nothing in it can change.
    """
    ways = layout.lay(seed)
    _name(ways, seed)
    codes = _codes(ways)
    doors, footprints = plots.settle(ways, list(range(len(ways))), seed)
    doors += _farms(ways, seed)
    streets = tuple(
        Street(code, way.name, way.kind, tuple(way.points), ground.ward_at(*way.points[len(way.points) // 2]).code, way.locality)
        for code, way in zip(codes, ways, strict=True)
    )
    beats = tuple(Beat(w.code, w.name, w.is_rural, w.outline, w.centre, w.outcode) for w in ground.WARDS)
    addresses = []
    for n, door in enumerate(doors, start=1):
        street = streets[door.way]
        addresses.append(
            Address(
                uprn=f"990{n:09d}",
                flat=door.flat,
                building=door.building,
                number=door.number,
                street=street.code,
                street_name=street.name,
                locality=street.locality,
                postcode=door.postcode,
                beat=ground.ward_at(door.x, door.y).code,
                kind=door.kind,
                x=door.x,
                y=door.y,
                footprint=door.footprint,
            )
        )
    return City(
        name="Harrowby",
        seed=seed,
        beats=beats,
        streets=streets,
        addresses=tuple(addresses),
        footprints=tuple(footprints),
        landmarks=_landmarks(doors, addresses, streets),
        junctions=_junctions(ways, streets),
        markers=_markers(ways),
        features=_features(ways),
    )


def slug(name: str) -> str:
    """A code from a name: `Tanner’s Row` gives `tanners-row`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _codes(ways: list[ground.Way]) -> list[str]:
    """One code a street. Two villages may both have a Church Lane; the code says which."""
    plain = [slug(way.name) for way in ways]
    return [code if plain.count(code) == 1 else f"{code}-{slug(way.locality)}" for code, way in zip(plain, ways, strict=True)]


def _name(ways: list[ground.Way], seed: int) -> None:
    """Give each nameless way one from its ward's words, none twice."""
    rng = random.Random(f"{seed}:names")
    used = {way.name for way in ways if way.name}
    pools: dict[str, list[str]] = {}
    for ward, words in names.WORDS.items():
        pools[ward] = list(words)
        rng.shuffle(pools[ward])
    turn = dict.fromkeys(pools, 0)
    for way in ways:
        if way.name:
            continue
        ward = ground.ward_at(*way.points[len(way.points) // 2]).code
        if ward not in pools:
            ward = "ferrybank" if way.points[0][1] < 0 else "orchard"
        kinds = names.SUFFIXES[ward]["close" if way.kind == "close" else "street"]
        while True:
            word = pools[ward][turn[ward] % len(pools[ward])]
            name = f"{word} {rng.choice(kinds)}"
            turn[ward] += 1
            if name not in used:
                break
        used.add(name)
        way.name = name


def _farms(ways: list[ground.Way], seed: int) -> list[plots.Door]:
    """Farms and cottages along the country lanes: a name, no number."""
    rng = random.Random(f"{seed}:farms")
    free = list(names.FARMS)
    rng.shuffle(free)
    doors = []
    for number, way in enumerate(ways):
        if way.houses or way.kind != "lane":
            continue
        at, total = 260.0, length(way.points)
        while at < total - 150 and free:
            p, heading = along(way.points, at)
            side = rng.choice((1, -1))
            x, y = p[0] - math.sin(heading) * 34 * side, p[1] + math.cos(heading) * 34 * side
            ward = ground.ward_at(x, y)
            code = f"{ward.outcode} {8 if ward.code == 'askwold' else 9}{'Z' if y > 0 else 'Y'}{'ABDEFGHJLN'[number % 10]}"
            doors.append(plots.Door(number, "", free.pop(), "", code, "farm", round(x, 1), round(y, 1), -1))
            at += rng.uniform(420, 820)
    return doors


def _landmarks(doors: list[plots.Door], addresses: list[Address], streets: tuple[Street, ...]) -> tuple[Landmark, ...]:
    built = {door.site: address for door, address in zip(doors, addresses, strict=True) if door.site}
    found = []
    for site in SITES:
        at = built.get(site.code)
        if at:
            found.append(Landmark(site.code, site.name, site.aliases, site.kind, at.x, at.y, at.beat, at.street, at.uprn))
            continue
        nearest = min(
            (s for s in streets if s.name == site.name or s.kind != "motorway" or site.kind == "junction"),
            key=lambda s: (s.name != site.name, min(math.dist(p, (site.x, site.y)) for p in s.points)),
        )
        beat = ground.ward_at(site.x, site.y).code
        found.append(Landmark(site.code, site.name, site.aliases, site.kind, site.x, site.y, beat, nearest.code, ""))
    return tuple(found)


def _junctions(ways: list[ground.Way], streets: tuple[Street, ...]) -> tuple[Junction, ...]:
    """Where two streets meet, once for each pair. Roads pass over the motorway, but for Eastfield Road at junction 7."""
    found: dict[tuple[int, int], Point] = {}
    for number, hits in enumerate(layout.crossings([way.points for way in ways])):
        for _, other, p in hits:
            pair = (min(number, other), max(number, other))
            kinds = {ways[n].kind for n in pair}
            if "motorway" in kinds and not any(ways[n].name == "Eastfield Road" for n in pair):
                continue
            found.setdefault(pair, p)
    out = []
    for (first, second), (x, y) in found.items():
        # The greater street first, as people say it: “Kiln Street, at Fuller’s Row”.
        great, small = sorted((streets[first], streets[second]), key=lambda s: (_rank(s), -length(s.points), s.name))
        code = f"{great.code}+{small.code}"
        out.append(Junction(code, f"{great.name} / {small.name}", (great.code, small.code), x, y, ground.ward_at(x, y).code))
    return tuple(sorted(out, key=lambda j: j.code))


def _rank(street: Street) -> int:
    return ("motorway", "road", "bridge", "street", "lane", "close", "path").index(street.kind)


def _markers(ways: list[ground.Way]) -> tuple[MarkerPost, ...]:
    """A sign each half kilometre on both carriageways: A away from London, which is to say north."""
    way = next(way for way in ways if way.kind == "motorway")
    line = list(reversed(way.points))
    out = []
    for n in range(int(length(line) / 500) + 1):
        (x, y), heading = along(line, n * 500)
        for carriageway, side in (("A", 1), ("B", -1)):
            km = 37.0 + n / 2
            px, py = x - math.sin(heading) * 16 * side, y + math.cos(heading) * 16 * side
            name = f"{way.name} {carriageway} {km:.1f}"
            out.append(
                MarkerPost(slug(name), name, way.name, carriageway, km, round(px, 1), round(py, 1), ground.ward_at(px, py).code)
            )
    return tuple(out)


def _features(ways: list[ground.Way]) -> tuple[Feature, ...]:
    return (
        *(Feature("built", tuple(simplify(way.points, 6)), 116.0) for way in ways if way.houses),
        *(Feature("park", tuple(points)) for _, points in ground.PARKS),
        Feature("water", tuple(ground.RIVER), ground.RIVER_WIDTH),
        *(Feature("pond", tuple(points)) for points in ground.PONDS),
        Feature("rail", tuple(ground.RAIL), 8.0),
    )
