"""The report this project answers contradicts itself in places (requirements, section 1.4). Our figures cannot, in these ways."""

from datetime import UTC, datetime, timedelta

import pytest

from watchroom.demand.rules import counting
from watchroom.demand.rules.counting import Contact
from watchroom.force import packs

T = datetime(2019, 3, 1, 12, tzinfo=UTC)


def test_i1_a_rate_and_its_count_are_one_figure_and_cannot_part():
    """Sussex, March 2019: 30,183 transferred, “45 per cent” abandoned, 12,905. The count gives 42.76 per cent."""
    figure = counting.share("abandoned_share", "101", 12_905, 30_183)
    assert figure.value == pytest.approx(42.756, abs=0.001)
    assert round(figure.value) != 45


def test_i2_time_is_kept_in_seconds_so_that_11_53_minutes_has_one_meaning():
    """85,000 calls of “11.53 minutes” are 16,334 hours as decimal minutes and 16,835 as 11 min 53 s; the report says 16,350."""
    call = Contact(
        id=1, channel="101", received_at=T, transferred_at=T, answered_at=T, wrapped_at=T + timedelta(minutes=11, seconds=53)
    )
    assert counting.handled(call) == 713
    assert pytest.approx(16_834.7, abs=0.1) == 85_000 * counting.handled(call) / 3600
    assert pytest.approx(16_334.2, abs=0.1) == 85_000 * 11.53 / 60


def test_i8_fewer_calls_answered_is_told_from_fewer_calls_made():
    """101 calls “fell by 13.2 per cent” while people gave up waiting: without four counts nobody can say what fell."""
    before = [
        Contact(id=n, channel="101", received_at=T, transferred_at=T, answered_at=T + timedelta(seconds=9)) for n in range(100)
    ]
    after = before[:80] + [
        Contact(id=n, channel="101", received_at=T, transferred_at=T, ended_at=T + timedelta(minutes=9)) for n in range(100, 120)
    ]
    policy, at = packs.national(), T + timedelta(hours=1)

    def figure(rows: list[Contact], code: str) -> float | None:
        found = counting.figures(counting.grouped(rows, [], policy, at), [], 0, policy, at)
        return next(one.value for one in found if (one.code, one.of) == (code, "101"))

    assert figure(before, "answered") == 100
    assert figure(after, "answered") == 80
    assert figure(before, "offered") == figure(after, "offered") == 100
    assert figure(after, "abandoned_share") == 20


def test_a_percentage_of_a_whole_that_is_not_stated_is_impossible():
    """I3, I5: “about 15 per cent”, “a third”. A share here carries its denominator, and without one it has no value."""
    assert counting.share("rwd_of_incidents", "", 0, 0).value is None
    assert counting.share("rwd_of_incidents", "", 14, 43).denominator == 43
