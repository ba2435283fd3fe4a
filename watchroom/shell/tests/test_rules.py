"""Times, grades and clocks are said the same way everywhere."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.shell import rules

AT = datetime(2026, 11, 22, 3, 12, 58, tzinfo=UTC)


def minutes(n):
    return timedelta(minutes=n)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0:00"),
        (58.9, "0:58"),
        (814, "13:34"),
        (3599, "59:59"),
        (3600, "1 h 00"),
        (31200, "8 h 40"),
        (259200, "3 days"),
        (-5, "0:00"),
    ],
)
def test_a_length_of_time_is_said_as_the_room_says_it(seconds, said):
    assert rules.span(seconds) == said


def test_a_clock_counts_up_while_nothing_is_promised():
    assert rules.read_timer(at=AT, start=AT - minutes(1)) == rules.Reading(text="1:00", left=0, state="")


def test_only_the_last_tenth_of_the_time_is_soon():
    start, target = AT - minutes(8), AT + minutes(2)
    assert rules.read_timer(at=AT, start=start, target=target).state == ""
    assert rules.read_timer(at=AT + minutes(1), start=start, target=target).state == "soon"


def test_policy_may_say_when_soon_begins():
    assert rules.read_timer(at=AT, start=AT - minutes(8), target=AT + minutes(2), soon=180).state == "soon"


def test_a_broken_promise_says_how_late_it_is():
    assert rules.read_timer(at=AT, target=AT - timedelta(seconds=380)).text == "6:20 late"


def test_a_clock_that_counts_up_against_a_promise_shows_the_whole_wait():
    reading = rules.read_timer(at=AT, start=AT - minutes(31), target=AT - minutes(1), counts_up=True)
    assert (reading.text, reading.state) == ("31:00", "over")


@given(whole=st.integers(1, 10**6), gone=st.integers(0, 2 * 10**6))
def test_what_is_left_is_a_share_and_never_grows(whole, gone):
    start = AT - timedelta(seconds=gone)
    now, later = (
        rules.read_timer(at=AT + timedelta(seconds=s), start=start, target=start + timedelta(seconds=whole)) for s in (0, 60)
    )
    assert 0 <= later.left <= now.left <= 100


@pytest.mark.parametrize("name", ["immediate", 1, "1"])
def test_a_grade_is_known_by_digit_or_code(name):
    assert rules.grade_number(name) == 1


@pytest.mark.parametrize("name", ["6", 0, "urgent", ""])
def test_an_unknown_grade_is_refused(name):
    with pytest.raises(ValueError, match="no such grade"):
        rules.grade_number(name)
