from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from watchroom.demand.rules import days

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("day", "hours", "first", "labels"),
    [
        (date(2026, 11, 22), 24, "2026-11-22T00:00", 24),
        (date(2026, 7, 1), 24, "2026-06-30T23:00", 24),
        (date(2026, 3, 29), 23, "2026-03-29T00:00", 23),  # 01:00 is skipped
        (date(2026, 10, 25), 25, "2026-10-24T23:00", 24),  # 01:00 comes twice
    ],
)
def test_a_day_runs_from_local_midnight_to_local_midnight(day, hours, first, labels):
    span = days.of(day, LONDON)
    assert span.start == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert span.end - span.start == timedelta(hours=hours)
    parts = days.parts(span, LONDON)
    assert len(parts) == hours
    assert len({part.label for part in parts}) == labels
    assert parts[0].start == span.start
    assert parts[-1].end == span.end


def test_days_meet_without_gap_or_overlap_through_a_whole_year():
    day = date(2026, 1, 1)
    while day.year == 2026:
        assert days.of(day, LONDON).end == days.of(day + timedelta(days=1), LONDON).start
        day += timedelta(days=1)


def test_half_past_midnight_in_summer_belongs_to_the_new_day():
    assert days.holding(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), LONDON).label == "2026-07-01"
    assert days.holding(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), LONDON).label == "2026-06-30"


def test_the_hour_that_comes_twice_is_two_hours():
    parts = days.parts(days.of(date(2026, 10, 25), LONDON), LONDON)
    assert [part.label for part in parts[:4]] == ["00", "01", "01", "02"]
