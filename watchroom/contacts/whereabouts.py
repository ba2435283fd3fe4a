"""Where is the caller, by the network and by the handset: which of two positions is better, do they agree, did it move?

Pure functions of positions as they were sent (`Position`), of the policy's `locations`, and of the time. A position is a
point in metres on the force's grid and a radius within which the caller is with some confidence; the error is taken to be
normal and round (own judgement: neither a handset nor a network says what it is). A position is a suggestion and never more:
anybody can send a text with a number that is not theirs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import atan2, cos, degrees, hypot, isfinite, log, radians, sin, sqrt
from typing import Protocol, TypeVar

from watchroom.force.policy import Locations

SOURCES = {"aml": "handset", "eisec": "network", "other": "sender"}  # who says where it is
WORTH_PERCENT = 95  # radii are compared as if they all held the caller so surely
SURELY_PERCENT = 99  # and positions contradict each other when they cannot both be so
COMPASS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


@dataclass(frozen=True, kw_only=True)
class Report:
    """What another system says of where a number is, read and checked, before it is known whose call that is.

    The point is in WGS84 degrees, or there is none: a line has an address, and a handset may find nothing. `minor` and
    `bearing` (degrees clockwise from north) make an ellipse whose half axis is `radius`. `confidence` in per cent, or not said.
    """

    source: str  # aml, eisec, other
    method: str  # a code of the policy's `locations.methods`
    taken_at: datetime
    latitude: float | None = None
    longitude: float | None = None
    radius: float | None = None  # metres
    minor: float | None = None
    bearing: float | None = None
    confidence: int | None = None
    is_mobile: bool | None = None  # None: not said
    is_voip: bool = False
    network: str = ""
    subscriber: str = ""
    address: str = ""
    postcode: str = ""


class Position(Protocol):
    """A report as it was kept with a call."""

    @property
    def source(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def x(self) -> float | None: ...
    @property
    def y(self) -> float | None: ...
    @property
    def radius(self) -> float | None: ...
    @property
    def confidence(self) -> int | None: ...
    @property
    def taken_at(self) -> datetime: ...


P = TypeVar("P", bound=Position)


# --- how good it is ---------------------------------------------------------------------------------------------------


def scaled(radius: float, confidence: int | None, to: int, policy: Locations) -> float:
    """The radius that holds the caller with `to` per cent, of one that does with `confidence`. None or nought: as assumed."""
    said = confidence if confidence and confidence < 100 else policy.assumed_percent if not confidence else 99
    return radius * sqrt(log(1 - to / 100) / log(1 - said / 100))


def reach(position: Position, now: datetime, policy: Locations) -> float:
    """Metres within which the caller is now, by this position: its radius, what its method is worth, and how far one walks since."""
    method = policy.method(position.method)
    if position.x is None or position.y is None:
        return float("inf")
    round_it = max(float(method.floor_m), scaled(position.radius or 0.0, position.confidence, WORTH_PERCENT, policy))
    gone = 0.0 if method.is_fixed else policy.walks_cm_s / 100 * max(0.0, (now - position.taken_at).total_seconds())
    return round_it * method.weight_percent / 100 + gone


def is_better(this: Position, other: Position | None, now: datetime, policy: Locations) -> bool:
    """Whether `this` says more surely where the caller is now; of two alike, the newer. Newer, narrower and surer never makes it worse."""
    if this.x is None or this.y is None:
        return False
    if other is None or other.x is None:
        return True
    mine, theirs = reach(this, now, policy), reach(other, now, policy)
    return mine < theirs or (mine == theirs and this.taken_at > other.taken_at)


def best(positions: Iterable[P], now: datetime, policy: Locations) -> P | None:
    """The one to show first.

    Of one source, the surer; a newer one stands when the caller has plainly gone from where the older had them. What cannot be
    so besides an earlier one does not take its place, nor does a handset's take the place of a network's that it contradicts.
    """
    held: dict[str, P] = {}
    for one in sorted((p for p in positions if p.x is not None), key=lambda p: p.taken_at):
        before = held.get(one.source)
        if before is None:
            held[one.source] = one
        elif contradicts(one, before, policy):
            continue
        elif has_left(before, one, policy) or is_better(one, before, now, policy):
            held[one.source] = one
    chosen: P | None = None
    for source in ("eisec", "other", "aml"):  # the network first: a handset is measured by it
        found = held.get(source)
        if found and (chosen is None or (not contradicts(found, chosen, policy) and is_better(found, chosen, now, policy))):
            chosen = found
    return chosen


def has_left(older: Position, newer: Position, policy: Locations) -> bool:
    """Whether the newer one is further off than radii and a walk explain: the caller is in a vehicle."""
    metres = apart(older, newer)
    width = scaled(newer.radius or 0.0, newer.confidence, WORTH_PERCENT, policy)
    return metres is not None and metres > reach(older, newer.taken_at, policy) + width


# --- whether they agree -----------------------------------------------------------------------------------------------


def apart(this: Position, other: Position) -> float | None:
    """Metres between the two points; None where one has none."""
    if this.x is None or this.y is None or other.x is None or other.y is None:
        return None
    return hypot(this.x - other.x, this.y - other.y)


def contradicts(this: Position, other: Position, policy: Locations) -> bool:
    """Whether one caller cannot be at both, by all that the two say of themselves and as far as one can go between them.

    An internet telephone's registered address contradicts nothing: nobody claims that it is there.
    """
    metres = apart(this, other)
    if metres is None or "voip" in (this.method, other.method):
        return False
    widths = sum(
        max(float(policy.method(p.method).floor_m), scaled(p.radius or 0.0, p.confidence, SURELY_PERCENT, policy))
        for p in (this, other)
    )
    between = abs((this.taken_at - other.taken_at).total_seconds())
    return metres > widths + policy.fastest_m_s * between


def is_within(x: float, y: float, *, at: tuple[float, float], radius: float) -> bool:
    """Whether a point lies in the circle."""
    return hypot(x - at[0], y - at[1]) <= radius


def is_within_ellipse(x: float, y: float, *, at: tuple[float, float], major: float, minor: float, bearing: float) -> bool:
    """Whether a point lies in the ellipse; `bearing` of its long axis in degrees clockwise from north. It lies in the circle of `major`."""
    if not major or not minor:
        return False
    east, north, turn = x - at[0], y - at[1], radians(bearing)
    along, across = east * sin(turn) + north * cos(turn), east * cos(turn) - north * sin(turn)
    return (along / major) ** 2 + (across / minor) ** 2 <= 1


# --- in words ---------------------------------------------------------------------------------------------------------


def distance(metres: float) -> str:
    """As it is said: 40 m, 850 m, 3.4 km, 27 km."""
    if metres < 100:
        return f"{max(0, round(metres))} m"
    if metres < 995:
        return f"{round(metres, -1):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 9950 else f"{metres / 1000:.0f} km"


def lapse(seconds: float) -> str:
    """As it is said: 18 s, 4 min, 2 h."""
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    return f"{int(seconds // 3600)} h" if seconds < 172_800 else f"{int(seconds // 86_400)} days"


def says(position: Position, policy: Locations) -> str:
    """Method, radius and confidence, in one line: `Handset, satellite, within 14 m (90 % sure)`. Its age is said by a clock."""
    words = policy.method(position.method).label
    if position.x is None or not position.radius:
        return words
    sure = f" ({position.confidence} % sure)" if position.confidence else ""
    return f"{words}, within {distance(position.radius)}{sure}"


def bearing(east: float, north: float) -> str:
    """`north-east`, of a way in metres."""
    return COMPASS[round(degrees(atan2(east, north)) / 45) % 8]


def movement(positions: Sequence[Position], now: datetime, policy: Locations) -> str:
    """`Moved 400 m to the north-east in 2 min`, of the newest position against the oldest of the same source that is fresh enough.

    Empty when the way is shorter than the two radii can hide, or too short to speak of.
    """
    with_points = [p for p in positions if p.x is not None and not policy.method(p.method).is_fixed]
    fresh = [p for p in with_points if (now - p.taken_at).total_seconds() <= policy.moving_s]
    if not fresh:
        return ""
    last = max(fresh, key=lambda p: p.taken_at)
    first = min((p for p in fresh if p.source == last.source), key=lambda p: p.taken_at)
    metres, seconds = apart(last, first) or 0.0, (last.taken_at - first.taken_at).total_seconds()
    if seconds <= 0 or metres < policy.moved_from_m or metres <= (last.radius or 0.0) + (first.radius or 0.0):
        return ""
    way = bearing((last.x or 0) - (first.x or 0), (last.y or 0) - (first.y or 0))
    return f"Moved {distance(metres)} to the {way} in {lapse(seconds)}"


def disagreements(
    positions: Sequence[Position], *, picked: tuple[float, float] | None, now: datetime, policy: Locations
) -> list[str]:
    """What does not fit together, in sentences: handset and network, and each of them with the place that was picked."""
    newest: dict[str, Position] = {}
    for one in sorted(positions, key=lambda p: p.taken_at):
        if one.x is not None:
            newest[one.source] = one
    said = []
    of_handset = [p for p in positions if p.source == "aml"]
    if any(contradicts(this, that, policy) for n, this in enumerate(of_handset) for that in of_handset[:n]):
        said.append("Positions were sent for this handset that cannot all be true: one of them is not from it.")
    handset, network = newest.get("aml"), newest.get("eisec")
    if handset and network and contradicts(handset, network, policy):
        said.append(
            f"The handset is {distance(apart(handset, network) or 0)} from where the network has it. One of them is wrong: ask."
        )
    for source, one in newest.items():
        if picked is None or one.x is None or one.y is None or one.method == "voip":
            continue
        metres = hypot(one.x - picked[0], one.y - picked[1])
        wide = scaled(one.radius or 0.0, one.confidence, WORTH_PERCENT, policy)
        if metres - wide > policy.apart_from_m:
            what = "line" if one.method == "line" else SOURCES.get(source, "sender")
            what = {"sender": "telephone", "network": "telephone, by the network,"}.get(what, what)
            said.append(f"The {what} is {distance(metres)} from the place that was picked.")
    return said


def is_plausible(latitude: float, longitude: float) -> bool:
    """Degrees that can be, and are not the 0, 0 of a telephone that found nothing."""
    return (
        isfinite(latitude)
        and isfinite(longitude)
        and abs(latitude) <= 90
        and abs(longitude) <= 180
        and (latitude, longitude) != (0, 0)
    )
