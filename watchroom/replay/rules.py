"""What does a row of a real day say, and what would a person have made of it?

Rows are 911 calls as Montgomery County, Pennsylvania, publishes them: `lat,lng,desc,zip,title,timeStamp,twp,addr,e`, the
times on the wall clock of America/New_York. How a title maps to type, risk and outcome is a table (`data/titles.toml`).
"""

import csv
import hashlib
import math
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

HEADER = ["lat", "lng", "desc", "zip", "title", "timeStamp", "twp", "addr", "e"]
ZONE = ZoneInfo("America/New_York")
ORIGIN = (40.2, -75.4)  # of the grid: the middle of the county


class BadRow(ValueError):
    """A row that cannot be a call; says which field and why."""


@dataclass(frozen=True)
class Row:
    line: int
    key: str  # SHA-256 of the row's bytes
    at: datetime
    title: str
    desc: str
    address: str
    township: str
    zip: str
    latitude: float
    longitude: float

    @property
    def place_reference(self) -> str:
        return hashlib.sha256(f"{self.address}\n{self.township}".encode()).hexdigest()[:16]

    @property
    def beat(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.township.lower()).strip("-")[:40] or "unknown"

    @property
    def grid(self) -> tuple[float, float]:
        """Metres east and north of the origin."""
        x = (self.longitude - ORIGIN[1]) * 111_320 * math.cos(math.radians(ORIGIN[0]))
        return round(x, 1), round((self.latitude - ORIGIN[0]) * 110_574, 1)


def parse(line: int, raw: bytes) -> Row:
    """One physical line of the file. Raises BadRow."""
    key = hashlib.sha256(raw).hexdigest()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRow("is not UTF-8 text") from None
    if "\x00" in text:
        raise BadRow("holds a NUL character")
    try:
        fields = next(csv.reader([text], strict=True))
    except (csv.Error, StopIteration) as error:
        raise BadRow(f"is not a row of CSV ({error})") from None
    if len(fields) != len(HEADER):
        raise BadRow(f"has {len(fields)} fields instead of {len(HEADER)}")
    row = dict(zip(HEADER, fields, strict=True))
    if not row["title"].strip():
        raise BadRow("title is empty")
    try:
        at = datetime.strptime(row["timeStamp"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        raise BadRow(f"timeStamp “{row['timeStamp'][:30]}” is not a time like 2015-12-10 17:40:00") from None
    try:
        latitude, longitude = float(row["lat"]), float(row["lng"])
    except ValueError:
        raise BadRow("lat and lng are not numbers") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadRow("lat and lng are not on Earth")
    return Row(
        line=line,
        key=key,
        at=at,
        title=row["title"].strip(" -"),
        desc=row["desc"].strip(),
        address=row["addr"].strip() or "Unknown",
        township=row["twp"].strip(),
        zip=row["zip"].strip(),
        latitude=latitude,
        longitude=longitude,
    )


@dataclass(frozen=True)
class Treatment:
    """What the person at the desk makes of a title: incident type, levels of risk in THRIVE's order, closing category."""

    kind: str
    levels: tuple[int, ...]  # empty: nothing heard
    category: str
    outcome: str = ""  # of resolution without deployment
    agency: str = ""


class Titles:
    """The table of titles: the first pattern that matches counts."""

    def __init__(self, path: Path | None = None) -> None:
        table = tomllib.loads((path or Path(__file__).parent / "data" / "titles.toml").read_text())
        self.rows = [(re.compile(entry.pop("title"), re.I), _treatment(entry)) for entry in table["titles"]]

    def treat(self, title: str) -> Treatment:
        return next(treatment for pattern, treatment in self.rows if pattern.search(title))


def _treatment(entry: dict) -> Treatment:
    return Treatment(**(entry | {"levels": tuple(entry.get("levels", ()))}))


def percentile(values: list[float], percent: float) -> float:
    """Exact, nearest rank; 0 for no values."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)] if values else 0.0
