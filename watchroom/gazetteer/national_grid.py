"""The British National Grid: a point in degrees (WGS84, as satellites give it) in metres east and north, and back.

A Helmert shift to the Airy ellipsoid, then the Transverse Mercator projection, both by the formulas and constants of Ordnance
Survey, *A guide to coordinate systems in Great Britain*, annexes A to C. The shift is smooth where the survey of 1936 is not:
against Ordnance Survey's own forty test points the result is within 5 metres (`tests/test_national_grid.py`). A handset's
best fix is no better. What needs less than that needs OSTN15, which is a table of 14 MB.

Nothing here knows a force's own grid: `queries.on_grid` does.
"""

from math import atan2, cos, degrees, hypot, isfinite, pi, radians, sin, sqrt, tan
from typing import NamedTuple

WEST, SOUTH, EAST, NORTH = 0.0, 0.0, 700_000.0, 1_300_000.0  # metres: where the grid holds
ACCURACY_M = 5.0


class _Ellipsoid(NamedTuple):
    a: float  # metres, the half axis at the equator
    b: float  # and to the pole

    @property
    def e2(self) -> float:
        return 1 - (self.b / self.a) ** 2


_WGS84 = _Ellipsoid(6_378_137.0, 6_356_752.314_140)
_AIRY = _Ellipsoid(6_377_563.396, 6_356_256.909)

_SHIFT = (-446.448, 125.157, -542.060)  # metres
_TURN = tuple(radians(seconds / 3600) for seconds in (-0.1502, -0.2470, -0.8421))
_SCALE = 20.4894e-6

_F0 = 0.9996012717  # scale on the central meridian
_LAT0, _LON0 = radians(49), radians(-2)  # true origin
_E0, _N0 = 400_000.0, -100_000.0  # metres, of the true origin

Point = tuple[float, float]


def is_on(east: float, north: float) -> bool:
    """Whether these metres are on the National Grid at all."""
    return WEST <= east < EAST and SOUTH <= north < NORTH


def from_degrees(latitude: float, longitude: float) -> Point | None:
    """Metres (east, north) of a point in WGS84 degrees; None where the grid does not reach. Within 5 m (`ACCURACY_M`)."""
    if not (isfinite(latitude) and isfinite(longitude) and 49 <= latitude <= 61.5 and -10 <= longitude <= 3):
        return None
    east, north = project(*_moved(latitude, longitude, _WGS84, _AIRY, forward=True))
    return (east, north) if is_on(east, north) else None


def to_degrees(east: float, north: float) -> Point | None:
    """WGS84 (latitude, longitude) of metres on the grid, to 5 m; None for what is not on it."""
    if not (isfinite(east) and isfinite(north) and is_on(east, north)):
        return None
    return _moved(*unproject(east, north), _AIRY, _WGS84, forward=False)


# --- from one ellipsoid to the other ----------------------------------------------------------------------------------


def _moved(latitude: float, longitude: float, this: _Ellipsoid, other: _Ellipsoid, *, forward: bool) -> Point:
    """Degrees on `this` ellipsoid, height nought, as degrees on the `other`."""
    lat, lon = radians(latitude), radians(longitude)
    across = this.a / sqrt(1 - this.e2 * sin(lat) ** 2)
    point = (across * cos(lat) * cos(lon), across * cos(lat) * sin(lon), across * (1 - this.e2) * sin(lat))
    x, y, z = _helmert(*point) if forward else _undone(*point)
    level = hypot(x, y)
    lat = atan2(z, level * (1 - other.e2))
    for _ in range(6):  # each turn gains about two digits and a half
        across = other.a / sqrt(1 - other.e2 * sin(lat) ** 2)
        lat = atan2(z + other.e2 * across * sin(lat), level)
    return degrees(lat), degrees(atan2(y, x))


def _helmert(x: float, y: float, z: float) -> tuple[float, float, float]:
    (tx, ty, tz), (rx, ry, rz), more = _SHIFT, _TURN, 1 + _SCALE
    return tx + x * more - y * rz + z * ry, ty + x * rz + y * more - z * rx, tz - x * ry + y * rx + z * more


def _undone(x: float, y: float, z: float) -> tuple[float, float, float]:
    """What `_helmert` brings here, found by correcting a guess: its matrix is all but the identity."""
    guess = (x - _SHIFT[0], y - _SHIFT[1], z - _SHIFT[2])
    for _ in range(4):
        came = _helmert(*guess)
        guess = (guess[0] + x - came[0], guess[1] + y - came[1], guess[2] + z - came[2])
    return guess


# --- the projection ---------------------------------------------------------------------------------------------------


def _radii(lat: float) -> tuple[float, float, float]:
    """Radii of curvature across and along the meridian, scaled, and eta squared (nu, rho and η² of annex C)."""
    flat = 1 - _AIRY.e2 * sin(lat) ** 2
    nu = _AIRY.a * _F0 / sqrt(flat)
    rho = _AIRY.a * _F0 * (1 - _AIRY.e2) / flat**1.5
    return nu, rho, nu / rho - 1


def _along(lat: float) -> float:
    """Metres along the meridian from the true origin."""
    n = (_AIRY.a - _AIRY.b) / (_AIRY.a + _AIRY.b)
    less, more = lat - _LAT0, lat + _LAT0
    return (
        _AIRY.b
        * _F0
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * less
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * sin(less) * cos(more)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * sin(2 * less) * cos(2 * more)
            - 35 / 24 * n**3 * sin(3 * less) * cos(3 * more)
        )
    )


def project(latitude: float, longitude: float) -> Point:
    """Metres of degrees on the Airy ellipsoid (OSGB36): exact to a millimetre on land."""
    lat, away = radians(latitude), radians(longitude) - _LON0
    nu, rho, eta2 = _radii(lat)
    s, c, t2 = sin(lat), cos(lat), tan(lat) ** 2
    north = (
        _along(lat)
        + _N0
        + nu / 2 * s * c * away**2
        + nu / 24 * s * c**3 * (5 - t2 + 9 * eta2) * away**4
        + nu / 720 * s * c**5 * (61 - 58 * t2 + t2**2) * away**6
    )
    east = (
        _E0
        + nu * c * away
        + nu / 6 * c**3 * (nu / rho - t2) * away**3
        + nu / 120 * c**5 * (5 - 18 * t2 + t2**2 + 14 * eta2 - 58 * t2 * eta2) * away**5
    )
    return east, north


def unproject(east: float, north: float) -> Point:
    """Degrees on the Airy ellipsoid (OSGB36) of metres on the grid."""
    lat = _LAT0 + (north - _N0) / (_AIRY.a * _F0)
    for _ in range(12):  # to a hundredth of a millimetre in four or five turns
        short = north - _N0 - _along(lat)
        lat += short / (_AIRY.a * _F0)
        if abs(short) < 1e-5:
            break
    nu, rho, eta2 = _radii(lat)
    t, away = tan(lat), east - _E0
    t2, sec = t * t, 1 / cos(lat)
    latitude = (
        lat
        - t / (2 * rho * nu) * away**2
        + t / (24 * rho * nu**3) * (5 + 3 * t2 + eta2 - 9 * t2 * eta2) * away**4
        - t / (720 * rho * nu**5) * (61 + 90 * t2 + 45 * t2**2) * away**6
    )
    longitude = (
        _LON0
        + sec / nu * away
        - sec / (6 * nu**3) * (nu / rho + 2 * t2) * away**3
        + sec / (120 * nu**5) * (5 + 28 * t2 + 24 * t2**2) * away**5
        - sec / (5040 * nu**7) * (61 + 662 * t2 + 1320 * t2**2 + 720 * t2**3) * away**7
    )
    return latitude * 180 / pi, longitude * 180 / pi
