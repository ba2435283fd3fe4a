"""How often is a series seen where there is none, and after how many incidents where there is one? On invented years of calls.

Whoever has no series still rings more or less often than others (a gamma of shape 0.3: few ring much, most never), and rings
again the same night now and then; the rule assumes neither. A planted series of six to ten has gaps that grow shorter, or that
stay as long (20 to 60 days), and the ordinary calls beside it. The harder case of each is measured too.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

#: How often each comes to one person or address in a year, on average. Assumed: there is no count of a real force behind it.
MEAN = {"domestic": 0.05, "stalking": 0.003, "antisocial": 0.08, "crisis": 0.03}
UNEVEN = 0.3
SAME_NIGHT = 0.15
START = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = 3


def measure(*, short: bool) -> dict[str, Any]:
    from watchroom.force import packs

    policy = packs.national()
    people, planted = (4_000, 200) if short else (60_000, 2_000)
    draw = random.Random(64)
    found: dict[str, Any] = {"people": people, "years": YEARS, "planted": planted}
    for series in policy.series:
        mean = MEAN[series.code]
        found[series.code] = {
            "false_per_1000_years": false_alarms(draw, mean, series, people),
            "false_per_1000_years_if_four_times_as_many_ring": false_alarms(draw, 4 * mean, series, people),
            "quickening": hits(draw, mean, series, planted, shorter=0.75),
            "steady": hits(draw, mean, series, planted, shorter=1.0),
        }
    return found


def false_alarms(draw: random.Random, mean: float, series: Any, people: int) -> float:
    alarms = sum(len(alarms_of(ordinary(draw, mean), series)) for _ in range(people))
    return round(1000 * alarms / (people * YEARS), 3)


def hits(draw: random.Random, mean: float, series: Any, planted: int, *, shorter: float) -> dict[str, Any]:
    """The share that was seen, and after how many incidents of it."""
    seen = sorted(hit for hit in (hit_after(draw, mean, series, shorter=shorter) for _ in range(planted)) if hit)
    share = round(len(seen) / planted, 3)
    return {
        "found": share,
        "after": seen[len(seen) // 2] if seen else None,
        "after_p90": seen[len(seen) * 9 // 10] if seen else None,
    }


def ordinary(draw: random.Random, mean: float) -> list[float]:
    """Days on which one person without a series is in touch."""
    rate = draw.gammavariate(UNEVEN, mean / UNEVEN)
    days, day = [], draw.expovariate(rate / 365.25) if rate > 1e-9 else 1e9
    while day < YEARS * 365.25:
        days.append(day)
        if draw.random() < SAME_NIGHT:
            days.append(day + draw.random() / 8)
        day += draw.expovariate(rate / 365.25)
    return days


def a_series(draw: random.Random, shorter: float) -> list[float]:
    """Six to ten incidents; the first gap 20 to 60 days, each `shorter` times the one before, about."""
    day, gap = draw.uniform(0, 365), draw.uniform(20, 60)
    days = []
    for _ in range(draw.randint(6, 10)):
        days.append(day)
        day += gap * draw.uniform(0.6, 1.4)
        gap *= shorter
    return days


def alarms_of(days: list[float], series: Any) -> list[int]:
    """Where an alert would be opened, asked at each incident as it comes: its number, from 1. One that grows is no second one."""
    from watchroom.referrals import rules

    rows: list[rules.Happened] = []
    opened: list[int] = []
    until = -1.0
    for number, day in enumerate(sorted(days), start=1):
        rows.append(rules.Happened(number, START + timedelta(days=day), series.kinds[0], series.low[-1]))
        if rules.find(rows, series, labels={}, including=number):
            if day > until:
                opened.append(number)
            until = day + CLOSED_AFTER
    return opened


CLOSED_AFTER = 28.0  # days after which the desk has settled an alert, so that the next would be another


def hit_after(draw: random.Random, mean: float, series: Any, *, shorter: float) -> int | None:
    """How many incidents of a planted series had come when it was first seen; None when it never was."""
    planted, beside = a_series(draw, shorter), ordinary(draw, mean)
    days = sorted(planted + beside)
    for number in alarms_of(days, series):
        count = sum(day <= days[number - 1] for day in planted)
        if count:
            return count
    return None
