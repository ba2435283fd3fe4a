"""Each figure against an independent computation, and what must hold whatever the day was like."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts.rules import CHANNELS
from watchroom.demand.rules import counting
from watchroom.demand.rules.counting import Contact, Incident
from watchroom.force import packs

POLICY = packs.national()
T = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW = T + timedelta(hours=6)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def call(
    number: int = 1, *, channel: str = "999", waited: float | None = 5, gave_up: float | None = None, at: datetime = T, **more
) -> Contact:
    """A call that was answered after `waited` seconds, or given up after `gave_up`, or (both None) still rings."""
    answered = at + s(waited) if waited is not None and gave_up is None else None
    ended = at + s(gave_up) if gave_up is not None else more.pop("ended_at", None)
    return Contact(id=number, channel=channel, received_at=at, transferred_at=at, answered_at=answered, ended_at=ended, **more)


def figures(rows=(), incidents=(), later=(), at=NOW):
    found = counting.figures(counting.grouped(list(rows), list(later), POLICY, at), list(incidents), 0, POLICY, at)
    return {(figure.code, figure.of): figure for figure in found}


# --- What must always hold


moments = st.integers(0, 6 * 3600).map(lambda seconds: T + timedelta(seconds=seconds))


@st.composite
def contacts(draw) -> Contact:
    arrived = draw(moments)
    later = st.none() | st.integers(0, 7200).map(lambda seconds: arrived + timedelta(seconds=seconds))
    return Contact(
        id=draw(st.integers(1, 10**6)),
        channel=draw(st.sampled_from(CHANNELS)),
        received_at=arrived,
        transferred_at=arrived,
        answered_at=draw(later),
        ended_at=draw(later),
        wrapped_at=draw(later),
        incident=draw(st.none() | st.integers(1, 5)),
        is_rwd=draw(st.booleans()),
        has_risk=draw(st.booleans()),
        attention=draw(st.integers(0, 2)),
        reason=draw(st.sampled_from(["", "update", "thanks"])),
        agency=draw(st.sampled_from(["", "council"])),
        caller=draw(st.none() | st.integers(0, 3)),
    )


@given(st.lists(contacts(), max_size=30))
def test_offered_is_answered_and_given_up_and_waiting_on_every_channel(rows):
    found = figures(rows)
    for channel in ("", *CHANNELS):
        parts = [found[name, channel].numerator for name in ("answered", "abandoned", "waiting", "diverted")]
        assert found["offered", channel].numerator == sum(parts)
    assert found["offered", ""].numerator == len(rows) == sum(found["offered", channel].numerator for channel in CHANNELS)


@given(st.lists(contacts(), max_size=30))
def test_no_share_is_below_0_or_above_100_and_one_of_nothing_has_no_value(rows):
    for figure in figures(rows).values():
        if (
            figure.code
            in ("wait_first_ring", "wait_queue", "wait_median", "wait_90", "wait_mean", "wait_longest", "handling_median")
            or figure.denominator is None
        ):
            continue
        if figure.denominator == 0:
            assert figure.value is None or figure.code in ("bands_999", "grades", *counting.TO_999)
        elif figure.code not in ("bands_999", "grades", *counting.TO_999):
            assert 0 <= figure.value <= 100


@given(st.lists(contacts(), max_size=30))
def test_the_published_bands_add_up_to_the_999_calls_answered(rows):
    found = figures(rows)
    bands = [figure.numerator for (code, _), figure in found.items() if code == "bands_999"]
    assert len(bands) == 3
    assert sum(bands) == found["answered", "999"].numerator


@given(st.lists(st.integers(0, 10**6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(values, rank):
    found = counting.percentile(values, rank)
    reached = [value for value in values if Fraction(sum(other <= value for other in values), len(values)) >= Fraction(rank, 100)]
    assert found == min(reached)


# --- Answer times, at their edges


def test_a_call_answered_at_10_seconds_is_within_10_seconds_and_in_the_second_published_band():
    found = figures([call(1, waited=9.999), call(2, waited=10), call(3, waited=10.001), call(4, waited=60)])
    assert (found["within_999", "999"].numerator, found["within_999", "999"].denominator) == (2, 4)
    assert [f.numerator for (code, _), f in found.items() if code == "bands_999"] == [1, 2, 1]


def test_a_call_given_up_before_10_seconds_is_left_out_and_one_given_up_later_is_a_failure():
    found = figures([call(1, waited=5), call(2, gave_up=9), call(3, gave_up=11)])["within_999", "999"]
    assert (found.numerator, found.denominator, found.excluded, found.value) == (1, 2, 1, 50)


def test_a_call_still_ringing_counts_against_us_once_10_seconds_have_passed():
    ringing = [call(1, waited=None)]
    assert figures(ringing, at=T + s(9))["within_999", "999"].value is None
    assert figures(ringing, at=T + s(11))["within_999", "999"].value == 0


def test_each_999_call_over_two_minutes_is_listed_whether_it_was_answered_given_up_or_still_rings():
    rows = [call(1, waited=120), call(2, waited=121), call(3, gave_up=200), call(4, waited=None, at=NOW - s(130))]
    assert [row.id for row in counting.over(rows, 120, NOW)] == [3, 4, 2]


def test_somebody_who_gave_up_and_was_rung_back_had_given_up():
    row = Contact(id=1, channel="101", received_at=T, transferred_at=T, ended_at=T + s(90), answered_at=T + s(400))
    assert counting.outcome(row) == "abandoned"
    assert counting.waited(row, NOW) == 90


def test_waits_are_the_median_the_ninetieth_percentile_the_mean_and_the_longest():
    waits = [2, 3, 5, 8, 13, 21, 34, 55, 89, 144]
    rows = [call(n, channel="101", waited=wait) for n, wait in enumerate(waits)] + [call(99, channel="101", gave_up=500)]
    found = figures(rows)
    assert found["wait_median", "101"].value == 13
    assert found["wait_90", "101"].value == 89
    assert found["wait_mean", "101"].value == pytest.approx(37.4)
    assert found["wait_longest", "101"].value == 500  # also who gave up has waited


def test_each_channel_is_measured_by_the_forces_own_target():
    target = POLICY.channel("101").answer_s
    found = figures([call(1, channel="101", waited=target), call(2, channel="101", waited=target + 1)])
    assert found["within_target", "101"].value == 50


# --- From 101 to 999


def test_who_gave_up_on_101_and_rang_999_within_two_hours_from_the_same_number_is_counted():
    lost = [call(n, channel="101", gave_up=60, caller=n) for n in (1, 2, 3)] + [call(4, channel="101", gave_up=60, caller=None)]
    soon, late = call(11, at=T + s(60 + 7200), caller=1), call(12, at=T + s(61 + 7200), caller=2)
    before = call(13, at=T - s(5), caller=3)
    found = figures([*lost, soon, before], later=[late])["to_999", "101"]
    assert (found.numerator, found.denominator, found.excluded) == (1, 3, 1)


def test_a_999_call_after_midnight_counts_for_the_day_on_which_101_was_given_up():
    lost, after = call(1, channel="101", gave_up=60, caller=7), call(2, at=T + s(900), caller=7)
    assert figures([lost], later=[after])["to_999", "101"].numerator == 1
    assert figures([lost], later=[after])["offered", "999"].numerator == 0


# --- What it led to


def done(number: int, minutes: float, **more) -> Contact:
    return call(number, wrapped_at=T + s(5 + 60 * minutes), **more)


def test_contacts_that_led_to_no_incident_are_counted_by_number_and_by_time():
    rows = [done(1, 10), done(2, 20, reason="update"), done(3, 30, incident=1), call(4)]
    found = figures(rows)
    assert (found["no_incident", ""].numerator, found["no_incident", ""].denominator) == (2, 3)
    assert found["no_incident", ""].excluded == 1  # not written up: it may still lead to one
    assert found["no_incident_minutes", ""].numerator == 30 * 60
    assert found["no_incident_minutes", ""].value == 50
    assert found["no_incident", "update"].numerator == 1
    assert found["no_incident", "unsaid"].numerator == 1


def test_resolved_without_deployment_is_not_the_same_share_of_incidents_as_of_contacts():
    incidents = [
        Incident(id=1, opened_at=T, is_rwd=True),
        Incident(id=2, opened_at=T, attended_at=T),
        Incident(id=3, opened_at=T),
    ]
    rows = [done(1, 5, incident=1, is_rwd=True), done(2, 5, incident=2), done(3, 5), done(4, 5)]
    found = figures(rows, incidents)
    assert (found["rwd_of_incidents", ""].value, found["rwd_of_incidents", ""].excluded) == (50, 1)
    assert found["rwd_of_contacts", ""].value == 25


def test_the_grades_add_up_to_the_incidents():
    incidents = [Incident(id=n, opened_at=T, grade=grade) for n, grade in enumerate(["immediate", "rwd", "", "rwd"])]
    found = figures(incidents=incidents)
    counted = {of: figure.numerator for (code, of), figure in found.items() if code == "grades"}
    assert counted == {"immediate": 1, "priority": 0, "scheduled": 0, "appointment": 0, "rwd": 2, "ungraded": 1}


# --- Whether we came


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (Incident(id=1, opened_at=T, attend_by=T + s(900), attended_at=T + s(900)), True),
        (Incident(id=1, opened_at=T, attend_by=T + s(900), attended_at=T + s(901)), False),
        (Incident(id=1, opened_at=T, attend_by=NOW + s(1)), None),
        (Incident(id=1, opened_at=T, attend_by=NOW - s(1)), False),
        (Incident(id=1, opened_at=T, attend_by=T + s(900), closed_at=T + s(600)), None),
        (Incident(id=1, opened_at=T, attend_by=T + s(900), closed_at=T + s(1600)), False),
        (Incident(id=1, opened_at=T), None),
    ],
)
def test_a_promise_is_kept_broken_or_not_yet_due(row, verdict):
    assert counting.came_in_time(row, NOW) is verdict


def test_attendance_is_split_by_whether_somebody_is_known_to_be_vulnerable():
    kept = {"attend_by": T + s(900), "attended_at": T + s(800)}
    broken = {"attend_by": T + s(900), "attended_at": T + s(1000)}
    rows = [
        Incident(id=1, opened_at=T, is_vulnerable=True, **broken),
        Incident(id=2, opened_at=T, is_vulnerable=True, **kept),
        Incident(id=3, opened_at=T, **kept),
    ]
    found = figures(incidents=rows)
    assert found["attended_in_time_vulnerable", ""].value == 50
    assert found["attended_in_time_others", ""].value == 100
    assert found["attended_in_time", ""].denominator == 3


def test_a_caller_with_a_marker_whom_nobody_answered_or_assessed_is_counted_until_somebody_has():
    rows = [
        call(1, attention=2, gave_up=60),  # gave up, not looked at
        call(2, attention=2, gave_up=60, wrapped_at=NOW),  # looked at
        call(3, attention=1, wrapped_at=NOW),  # written up without risk
        call(4, attention=1, has_risk=True),
        call(5, attention=1, at=NOW - s(60)),  # there is still time
        call(6, attention=0, gave_up=60),
    ]
    assert figures(rows)["unassessed_vulnerable", ""].value == 2


def test_risk_on_record_leaves_out_calls_that_have_only_just_been_answered():
    rows = [call(1, has_risk=True), call(2), call(3, at=NOW - s(60))]
    found = figures(rows)["risk_on_record", ""]
    assert (found.numerator, found.denominator, found.excluded) == (1, 2, 1)


def test_vulnerability_asked_in_the_call_counts_only_what_was_written_before_the_line_ended():
    end = T + s(300)
    rows = [
        call(1, ended_at=end, vulnerability_at=end),
        call(2, ended_at=end, vulnerability_at=end + s(1)),
        call(3, ended_at=end),
        call(4),  # they still speak
    ]
    found = figures(rows)["vulnerability_in_call", ""]
    assert (found.numerator, found.denominator, found.excluded) == (1, 3, 1)


def test_resolved_without_anyone_is_split_by_type_and_by_vulnerability():
    incidents = [
        Incident(id=1, opened_at=T, is_rwd=True, kind="theft", came_back=True),
        Incident(id=2, opened_at=T, attended_at=T, kind="theft", is_vulnerable=True),
        Incident(id=3, opened_at=T, is_rwd=True, kind="damage", is_vulnerable=True, came_back=False),
        Incident(id=4, opened_at=T, is_rwd=True, kind="damage"),  # its days still run
        Incident(id=5, opened_at=T, kind="damage", is_vulnerable=True),  # nothing decided yet
    ]
    found = {(f.code, f.of): f for f in counting.figures([], incidents, 0, POLICY, T)}
    assert found["rwd_of_incidents", "theft"].value == 50
    assert found["rwd_of_incidents", "damage"].value == 100
    assert (found["rwd_vulnerable", ""].value, found["rwd_vulnerable", ""].excluded) == (50, 1)
    assert found["rwd_others", ""].value == 100
    assert (found["rwd_came_back", ""].value, found["rwd_came_back", ""].excluded) == (50, 1)
