"""Where does the demo happen? Harrowby, an invented town: its streets, addresses, landmarks and beats.

Everything lies on a local grid in metres, x to the east and y to the north, with (0, 0) in the market place. `to_wgs84`
puts the grid around 54.6 N, 1.9 W, so that positions look British and phones can report them; no street, house or name
there is meant. The same seed gives the same town, house by house: nothing here reads a clock, a file or the network.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

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
    """Ground that is not a street: `kind` is built (block), park, water (a line, `width` metres) or pond."""

    kind: str
    points: tuple[Point, ...]
    width: float = 0.0


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
