"""What the network says of a caller (EISEC), as one JSON record.

**The record is ours.** What fields an operator's feed has is own knowledge, not taken from its specification (BT SIN 278), and has
not been tried against it: whoever connects one translates into this. Positions are metres of the British National Grid.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    ValidationError,
    model_validator,
)

from watchroom.contacts.whereabouts import Report
from watchroom.gazetteer import national_grid
from watchroom.links.eisec_aml.rules import Unreadable

LONGEST = 16_384  # characters of a record
WIDEST_M = 100_000
WITHOUT_NUL = r"^[^\x00]*$"


def _is_written_time(value: Any) -> Any:
    """A time as text with a zone, of our own millennium: at the edges of the calendar it cannot be reckoned."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("Write the time with its zone, like 2026-11-23T03:12:58Z.")
    return value


def _text(most: int) -> Any:
    return Annotated[str, StringConstraints(strict=True, max_length=most, pattern=WITHOUT_NUL)]


Metres = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
East = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=national_grid.WEST, lt=national_grid.EAST)]
North = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=national_grid.SOUTH, lt=national_grid.NORTH)]


class Ellipse(BaseModel):
    """Where a mobile is, by its cell: half axes in metres, `angle` of the longer in degrees clockwise from grid north."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    east: East
    north: North
    semi_major: Annotated[Metres, Field(gt=0, le=WIDEST_M)]
    semi_minor: Annotated[Metres, Field(gt=0, le=WIDEST_M)]
    angle: Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0, lt=360)] = 0.0
    confidence: Annotated[StrictInt, Field(ge=1, le=100)] | None = Field(
        default=None, description="Per cent; without it, not said."
    )

    @model_validator(mode="after")
    def _is_long(self) -> "Ellipse":
        if self.semi_minor > self.semi_major:
            raise ValueError("semi_minor is longer than semi_major.")
        return self


class Record(BaseModel):
    """What the network says of a number that is calling. Something of address, point, ellipse or zone must be there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    cli: Annotated[_text(40), Field(min_length=1, description="The number, in any notation.")]  # type: ignore[valid-type]
    status: Literal["ringing", "connected", "cleared", "unknown"] = "unknown"
    name: _text(120) = Field(default="", description="Of the subscriber.")  # type: ignore[valid-type]
    address: Annotated[tuple[_text(80), ...], Field(max_length=8, description="Lines.")] = ()  # type: ignore[valid-type]
    postcode: _text(10) = ""  # type: ignore[valid-type]
    east: East | None = Field(
        default=None, description="Of a line: metres on the British National Grid. With `north`, or not at all."
    )
    north: North | None = None
    ellipse: Ellipse | None = Field(default=None, description="Of a mobile.")
    zone: _text(20) = Field(default="", description="Code of a coarse area of a mobile.")  # type: ignore[valid-type]
    network: _text(40) = Field(default="", description="The operator.")  # type: ignore[valid-type]
    is_mobile: StrictBool | None = Field(default=None, description="Without it, told from the position.")
    is_voip: StrictBool = False
    time: Annotated[AwareDatetime, BeforeValidator(_is_written_time)] | None = Field(
        default=None, description="When it was found. Without it, now."
    )
    update: Annotated[StrictInt, Field(ge=0, le=10_000)] = Field(
        default=0, description="How often this call's record was sent before."
    )

    @model_validator(mode="after")
    def _says_where(self) -> "Record":
        if (self.east is None) != (self.north is None):
            raise ValueError("east and north come together.")
        if not (any(line.strip() for line in self.address) or self.postcode.strip() or self.has_point or self.zone.strip()):
            raise ValueError("It says nothing of where: no address, point, ellipse or zone.")
        if self.time is not None and not 2000 <= self.time.year <= 2999:
            raise ValueError("This is no time at which a position can have been found.")
        return self

    @property
    def has_point(self) -> bool:
        return self.east is not None or self.ellipse is not None


def parse(text: str) -> Record:
    """The record of a JSON text. Raises Unreadable, and nothing else, whatever the text."""
    if len(text) > LONGEST:
        raise Unreadable(record=f"This is {len(text)} characters; a record has at most {LONGEST}.")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(record="This is no JSON.") from None
    if not isinstance(said, dict):
        raise Unreadable(record="A record is an object in braces.")
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        raise Unreadable(**{_name(one["loc"]): one["msg"].removeprefix("Value error, ") for one in error.errors()}) from None


def write(record: Record) -> str:
    """The record as JSON."""
    return record.model_dump_json()


def report(record: Record, *, heard_at: datetime) -> Report:
    """The same as every room reads it. An ellipse says more than a point, a point more than a zone."""
    point = national_grid.to_degrees(record.east, record.north) if record.east is not None and record.north is not None else None
    method = "voip" if record.is_voip else "line"
    shape: dict[str, Any] = {"radius": 0.0} if point else {}
    if one := record.ellipse:
        point, method = national_grid.to_degrees(one.east, one.north), "cell"
        shape = {"radius": one.semi_major, "minor": one.semi_minor, "bearing": one.angle, "confidence": one.confidence}
    elif record.zone.strip() and not record.is_voip:
        method = "zone"
    is_mobile = record.is_mobile if record.is_mobile is not None else True if method in ("cell", "zone") else None
    return Report(
        source="eisec",
        method=method,
        taken_at=record.time.astimezone(UTC) if record.time else heard_at,
        latitude=point[0] if point else None,
        longitude=point[1] if point else None,
        is_mobile=is_mobile,
        is_voip=record.is_voip,
        network=record.network.strip(),
        subscriber=record.name.strip(),
        address=", ".join(filter(None, (" ".join(line.split()) for line in record.address)))[:400]
        or (f"Zone {record.zone.strip()}" if record.zone.strip() else ""),
        postcode=record.postcode.strip(),
        **shape,
    )


def _name(where: tuple[int | str, ...]) -> str:
    return ".".join(map(str, where)) or "record"
