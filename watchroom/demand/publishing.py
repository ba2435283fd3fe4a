"""The file in which one force hands its figures to another: shares with numerator, denominator and the hash of their definition.

It names no person, no member of staff, no place and no incident; whoever has it can compare like with like and nothing more.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from watchroom.demand.rules.comparing import Counted
from watchroom.foundation.errors import Invalid

MOST_BYTES = 1_000_000
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f]*$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,40}$")]


class Handed(BaseModel):
    """One figure as it is handed out."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    figure: Code
    of: Code = ""
    definition: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
    numerator: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    denominator: Annotated[float, Field(ge=0, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _is_a_share(self) -> "Handed":
        if self.numerator > self.denominator:
            raise ValueError("the numerator is larger than the denominator: that is no share")
        return self


class File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    watchroom: Literal["figures 1"]
    force: Name
    first: date
    last: date
    figures: Annotated[tuple[Handed, ...], Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _has_days(self) -> "File":
        if self.last < self.first:
            raise ValueError("the last day comes before the first")
        return self


def write(found: Iterable[Counted]) -> str:
    """The file of one force and its days, as JSON. Raises Invalid when there is nothing to hand out."""
    rows = [row for row in found if row.denominator]
    if not rows:
        raise Invalid(days="Nothing was counted on these days.")
    whole = File(
        watchroom="figures 1", force=rows[0].force, first=rows[0].first, last=rows[0].last,
        figures=tuple(
            Handed(figure=row.code, of=row.of, definition=row.definition, numerator=row.numerator, denominator=row.denominator)
            for row in sorted(rows, key=lambda row: (row.code, row.of))
        ),
    )  # fmt: skip
    return whole.model_dump_json(indent=1)


def read(text: str) -> File:
    """Raises Invalid with what is wrong and where."""
    if len(text.encode()) > MOST_BYTES:
        raise Invalid(file=f"A file of figures has at most {MOST_BYTES:,} bytes.")
    try:
        return File.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        says = first["msg"].removeprefix("Value error, ")
        raise Invalid(file=f"This is no file of figures: {f'{where}: ' if where else ''}{says}.") from None
