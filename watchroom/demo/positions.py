"""What do handset and network send of a caller, and when? Texts and records, as the link reads them."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, timedelta

from watchroom.demo import city
from watchroom.demo.scripts import Arrival
from watchroom.gazetteer import national_grid
from watchroom.links.eisec_aml import aml, eisec

MASTS_M = (700.0, 900.0, 1400.0)  # half axis of a cell
EACH_S, FOR_S = 20, 240  # a caller who moves is found anew so often, and for so long


@dataclass(frozen=True)
class Sent:
    after: float  # seconds after the first ring; a text may be quicker than the call
    says: str | eisec.Record


def sent(arrival: Arrival) -> list[Sent]:
    """In the order in which they are sent; the same for the same arrival. Nothing of a caller whom nobody finds."""
    if arrival.located is None or not arrival.number:
        return []
    x, y, radius, method = arrival.located
    if method == "eisec":
        return [Sent(0, _line(arrival, x, y))]
    rng = random.Random(arrival.key)
    step, turn = arrival.script.moves, rng.uniform(0, 2 * math.pi)
    texts = [
        Sent(seconds, _text(arrival, x + way * math.cos(turn), y + way * math.sin(turn), radius, seconds))
        for seconds in ([rng.choice((-1, 1, 2))] if not step else range(0, FOR_S, EACH_S))
        for way in [step * seconds]
    ]
    return sorted([*texts, Sent(0, _cell(arrival, x, y, rng))], key=lambda one: one.after)


def _text(arrival: Arrival, x: float, y: float, radius: float, after: float) -> str:
    latitude, longitude = city.to_wgs84(x, y)
    at = (arrival.time + timedelta(seconds=after - 1)).astimezone(UTC).replace(microsecond=0)
    how = "G" if radius <= 25 else "W" if radius <= 75 else "C"
    found = aml.Message(
        at=at, method=how, latitude=latitude, longitude=longitude, radius=radius, confidence=90, mcc="234", mnc="30"
    )
    return aml.write(found)


def _cell(arrival: Arrival, x: float, y: float, rng: random.Random) -> eisec.Record:
    major = rng.choice(MASTS_M)
    turn, off = rng.uniform(0, 2 * math.pi), major * 0.25 * rng.random()
    east, north = _national(x + off * math.cos(turn), y + off * math.sin(turn))
    ellipse = eisec.Ellipse(
        east=east, north=north, semi_major=major, semi_minor=major * 0.6, angle=float(rng.randrange(360)), confidence=67
    )
    return eisec.Record(cli=arrival.number, status="ringing", ellipse=ellipse, network="Demo Mobile", time=arrival.time)


def _line(arrival: Arrival, x: float, y: float) -> eisec.Record:
    east, north = _national(x, y)
    name = arrival.person.name if arrival.person else "A business line"
    return eisec.Record(
        cli=arrival.number, status="ringing", name=name, east=east, north=north, network="Demo Lines", time=arrival.time
    )


def _national(x: float, y: float) -> tuple[float, float]:
    """Of a point of the town: its metres on the National Grid, which networks speak."""
    point = national_grid.from_degrees(*city.to_wgs84(x, y))
    if point is None:
        raise ValueError("Harrowby lies in Great Britain.")
    return round(point[0], 1), round(point[1], 1)
