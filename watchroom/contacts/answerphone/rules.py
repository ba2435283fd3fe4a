"""May a call be sent to this box now, and by when is a message heard?

A box is opened to callers only while somebody is there for long enough before the message is due: whoever leaves one on the eve of
a bank holiday must not lie there until after it (R21). Hours are of the local clock; of an hour that the clocks skip or repeat,
the shorter reading counts, so that nobody is taken to be there who may not be.
"""

import itertools
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from watchroom.force.policy import Box

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AHEAD = timedelta(days=40)  # a box that does not open within these days is said to be closed, without an end


@dataclass(frozen=True, order=True)
class Stretch:
    """From a moment until another, in UTC, the end not in it."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Divert:
    """Whether a call may be sent to the box. `until`: when that changes; None where it does not within 40 days."""

    allowed: bool
    because: str
    until: datetime | None


def listening(box: Box, since: datetime, until: datetime, holidays: Container[date], zone: ZoneInfo) -> list[Stretch]:
    """When somebody listens to this box between two moments, in order, what touches joined."""
    day, last = since.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date()
    found: list[Stretch] = []
    while day <= last:
        hours = box.hours.get(WEEKDAYS[day.weekday()], ())  # type: ignore[call-overload]  # mypy reads the key as any text
        if day not in holidays or box.on_bank_holidays:
            found += [stretch for text in hours if (stretch := _on(day, text, zone))]
        day += timedelta(days=1)
    joined: list[Stretch] = []
    for one in sorted(found):
        if joined and one.start <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    cut = (Stretch(max(one.start, since), min(one.end, until)) for one in joined)
    return [one for one in cut if one.start < one.end]


def is_open(box: Box, now: datetime, holidays: Container[date], zone: ZoneInfo) -> bool:
    """Whether somebody listens at this moment."""
    return bool(listening(box, now, now + timedelta(seconds=1), holidays, zone))


def may_divert(box: Box, now: datetime, holidays: Container[date], zone: ZoneInfo) -> Divert:
    """Whether a message that is left now is heard within the box's time, and when that changes (R21)."""
    now = now.astimezone(UTC)
    within, needed = timedelta(seconds=box.listen_s), timedelta(seconds=box.needs_s)
    there = listening(box, now, now + AHEAD + within, holidays, zone)

    def staffed(moment: datetime) -> timedelta:
        """For how long somebody is there, of the time in which a message left at this moment is to be heard."""
        ends = moment + within
        spans = (min(one.end, ends) - max(one.start, moment) for one in there)
        return sum((span for span in spans if span > timedelta(0)), timedelta(0))

    allowed = staffed(now) >= needed
    edges = sorted({moment + shift for one in there for moment in (one.start, one.end) for shift in (timedelta(0), -within)})
    until = _changes(staffed, needed, [now, *(edge for edge in edges if now < edge <= now + AHEAD)], allowed)
    if allowed:
        return Divert(True, f"Somebody listens to “{box.label}” in time.", until)
    return Divert(False, f"Nobody would listen to “{box.label}” within {_span(box.listen_s)}.", until)


def _changes(
    staffed: Callable[[datetime], timedelta], needed: timedelta, edges: list[datetime], allowed: bool
) -> datetime | None:
    """The first moment from which it is otherwise. Between two edges the staffed time runs in a straight line."""
    for before, after in itertools.pairwise(edges):
        low, high = staffed(before), staffed(after)
        if (high >= needed) == allowed:
            continue
        moment = before + (after - before) * ((needed - low) / (high - low))
        while (staffed(moment) >= needed) == allowed:  # the fraction was rounded to a microsecond
            moment += timedelta(microseconds=1)
        return moment
    return None


def due_at(box: Box, left_at: datetime) -> datetime:
    """By when a person has listened. The clock does not stand still while nobody is there."""
    return left_at.astimezone(UTC) + timedelta(seconds=box.listen_s)


def _on(day: date, text: str, zone: ZoneInfo) -> Stretch | None:
    start, end = (_minutes(part) for part in text.split("-"))
    begins, ends = max(_moments(day, start, zone)), min(_moments(day, end, zone))
    return Stretch(begins, ends) if begins < ends else None


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _moments(day: date, minutes: int, zone: ZoneInfo) -> list[datetime]:
    """The one moment of a local time, or the two that it may mean where clocks are changed."""
    local = datetime.combine(day + timedelta(days=minutes // 1440), time(minutes % 1440 // 60, minutes % 60), tzinfo=zone)
    return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def _span(seconds: int) -> str:
    return f"{seconds / 3600:g} h" if seconds >= 3600 else f"{seconds / 60:g} min"
