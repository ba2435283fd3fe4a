"""How is what comes from outside as JSON read? Strictly: what could be guessed in two ways is refused."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints

YEARS = range(1900, 2200)  # at the edges of what a computer can count there is no local time, and no page could show it
WITHOUT_NUL = r"^[^\x00]*$"  # the one character that the database cannot keep


def _is_written_time(value: Any) -> Any:
    """A time as text: a bare number could be seconds or milliseconds, and would be guessed."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("Write the time with its zone, like 2026-11-23T03:12:58Z.")
    return value


def _is_of_an_age(value: datetime) -> datetime:
    if value.year not in YEARS:
        raise ValueError("Write a time that somebody alive has seen, or will see.")
    return value


Time = Annotated[AwareDatetime, BeforeValidator(_is_written_time), AfterValidator(_is_of_an_age)]


def words(most: int) -> Any:
    """Words of at most so many characters."""
    return Annotated[str, StringConstraints(strict=True, max_length=most, pattern=WITHOUT_NUL)]


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
