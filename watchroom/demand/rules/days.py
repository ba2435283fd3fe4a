"""When does a force's day begin and end? At its own midnight, also on the two days a year that are not 24 hours long."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple


class Span(NamedTuple):
    """From `start` (included) to `end` (not), in UTC; `label` is how the room says it."""

    label: str
    start: datetime
    end: datetime


def of(day: date, zone: tzinfo) -> Span:
    """The local day, in UTC: 23 hours on the last Sunday of March in Britain, 25 on the last of October."""
    return Span(day.isoformat(), _midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def holding(at: datetime, zone: tzinfo) -> Span:
    """The local day of this moment."""
    return of(at.astimezone(zone).date(), zone)


def parts(day: Span, zone: tzinfo, minutes: int = 60) -> list[Span]:
    """The day in equal parts, labelled by local time: on the long day 01 comes twice, on the short day never."""
    found, start = [], day.start
    while start < day.end:
        end = start + timedelta(minutes=minutes)
        local = start.astimezone(zone)
        found.append(Span(f"{local:%H}" if minutes == 60 else f"{local:%H:%M}", start, end))
        start = end
    return found


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
