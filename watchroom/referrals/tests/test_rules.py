"""When are small incidents a series?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.force.policy import Series
from watchroom.referrals import rules

START = datetime(2026, 1, 1, 20, 0, tzinfo=UTC)
SERIES = Series(
    code="domestic", label="Domestic", kinds=("domestic", "damage"), low=("scheduled", "rwd"), per_year=0.2, chance=0.0005
)
LABELS = {"domestic": "Domestic", "damage": "Damage"}

incidents = st.lists(
    st.builds(
        rules.Happened,
        incident=st.integers(1, 10_000),
        at=st.integers(0, 400 * 24).map(lambda hours: START + timedelta(hours=hours)),
        kind=st.sampled_from(["domestic", "damage", "theft"]),
        grade=st.sampled_from(["scheduled", "rwd", "immediate", ""]),
    ),
    max_size=14,
    unique_by=lambda one: one.incident,
)


def on(*days: float, kind: str = "domestic", grade: str = "scheduled") -> list[rules.Happened]:
    return [rules.Happened(n, START + timedelta(days=day), kind, grade) for n, day in enumerate(days, start=1)]


def find(happened, **more):
    return rules.find(happened, SERIES, labels=LABELS, **more)


@given(incidents, incidents)
def test_one_more_incident_never_takes_a_finding_away(some, more):
    taken = {one.incident for one in some}
    both = [*some, *(one for one in more if one.incident not in taken)]
    if (found := find(some)) is not None:
        again = find(both)
        assert again is not None
        assert again.chance <= found.chance


@given(incidents, st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_read_changes_nothing(some, random):
    shuffled = random.sample(some, len(some))
    assert find(some) == find(shuffled)


@given(incidents)
def test_a_finding_holds_only_what_was_graded_low_and_belongs_to_the_series(some):
    found = find(some)
    if found:
        chosen = [one for one in some if one.incident in found.incidents]
        assert all(one.kind in SERIES.kinds and one.grade in SERIES.low for one in chosen)
        assert len(chosen) >= SERIES.least
        assert found.because


def test_three_in_two_weeks_are_a_series_and_the_reasons_say_that_the_gaps_grow_shorter():
    found = find(on(0, 9, 13))
    assert found.incidents == (1, 2, 3)
    assert found.because[0] == "3 occasions in 13 days: Domestic 3."
    assert found.because[1] == "The gaps grow shorter: 9, 4 days."


def test_three_in_half_a_year_are_none():
    assert find(on(0, 85, 170)) is None


def test_several_calls_of_one_night_are_one_occasion():
    assert find(on(0, 0.1, 0.2, 0.3, 0.4)) is None


def test_what_was_graded_immediate_is_no_small_incident():
    assert find(on(0, 9, 13, grade="immediate")) is None


def test_an_old_series_hides_no_new_one():
    happened = on(0, 1, 2, 3, 4, 300, 309, 313)
    assert find(happened).incidents == (1, 2, 3, 4, 5)
    assert find(happened, including=8).incidents == (6, 7, 8)


@pytest.mark.parametrize(("count", "days"), [(2, 10), (3, 30), (5, 90)])
def test_the_chance_falls_with_every_one_more_and_rises_with_the_time(count, days):
    chance = rules.chance_of(count, days=days, per_year=0.2)
    assert rules.chance_of(count + 1, days=days, per_year=0.2) < chance < rules.chance_of(count, days=days * 2, per_year=0.2)
