"""Which of two positions is better, whether they can both be so, and whether the caller moves: over made-up nights and positions."""

import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import cos, hypot, pi, sin
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts import whereabouts
from watchroom.force.policy import Locations

_PACK = Path(whereabouts.__file__).parent.parent / "force" / "data" / "national.toml"
POLICY = Locations.model_validate(tomllib.loads(_PACK.read_text())["locations"])
NIGHT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Seen:
    source: str = "aml"
    method: str = "gnss"
    x: float | None = 0.0
    y: float | None = 0.0
    radius: float | None = 14.0
    confidence: int | None = 90
    taken_at: datetime = NIGHT


def later(seconds: float) -> datetime:
    return NIGHT + timedelta(seconds=seconds)


NETWORK = Seen(source="eisec", method="cell", radius=900.0, confidence=67)

seen = st.builds(
    Seen,
    source=st.sampled_from(["aml", "eisec", "other"]),
    method=st.sampled_from(["gnss", "wifi", "handset_cell", "cell", "zone", "line", "voip", "aml", "unheard_of"]),
    x=st.none() | st.floats(-1e6, 1e6),
    y=st.floats(-1e6, 1e6),
    radius=st.none() | st.floats(0, 100_000),
    confidence=st.none() | st.integers(0, 100),
    taken_at=st.integers(-3600, 60).map(later),
)


@given(seen, st.floats(0.1, 1), st.integers(0, 600))
def test_narrower_newer_or_surer_is_never_worse(one, part, seconds):
    now = later(3600)
    had = whereabouts.reach(one, now, POLICY)
    assert whereabouts.reach(replace(one, radius=(one.radius or 0) * part), now, POLICY) <= had
    assert whereabouts.reach(replace(one, taken_at=one.taken_at + timedelta(seconds=seconds)), now, POLICY) <= had
    if one.confidence:
        assert whereabouts.reach(replace(one, confidence=min(100, one.confidence + 5)), now, POLICY) <= had


@pytest.mark.parametrize(
    ("better", "worse"), [("gnss", "wifi"), ("wifi", "handset_cell"), ("handset_cell", "zone"), ("line", "voip")]
)
def test_of_two_alike_satellite_is_better_than_wifi_and_that_than_a_cell(better, worse):
    assert whereabouts.is_better(Seen(method=better), Seen(method=worse), NIGHT, POLICY)
    assert not whereabouts.is_better(Seen(method=worse), Seen(method=better), NIGHT, POLICY)


@given(seen, seen)
def test_of_two_only_one_is_better(this, other):
    assert not (whereabouts.is_better(this, other, NIGHT, POLICY) and whereabouts.is_better(other, this, NIGHT, POLICY))


@given(st.lists(seen, max_size=6))
def test_the_best_is_one_of_them_and_has_a_point(positions):
    best = whereabouts.best(positions, later(60), POLICY)
    assert best is None or (best in positions and best.x is not None)
    assert best is not None or all(one.x is None for one in positions)


@given(st.lists(seen.filter(lambda one: one.source != "aml"), max_size=4), st.lists(seen, max_size=4))
def test_a_handset_never_takes_the_place_of_a_network_that_it_contradicts(others, handsets):
    """Whatever anybody texts."""
    texts = [replace(one, source="aml") for one in handsets]
    without = whereabouts.best(others, later(60), POLICY)
    best = whereabouts.best([*others, *texts], later(60), POLICY)
    if best and best.source == "aml" and without:
        assert not whereabouts.contradicts(best, without, POLICY)


def test_a_satellite_fix_within_the_cell_takes_its_place_and_one_far_off_does_not():
    assert whereabouts.best([NETWORK, Seen(x=400.0)], NIGHT, POLICY).source == "aml"
    assert whereabouts.best([NETWORK, Seen(x=9000.0)], NIGHT, POLICY).source == "eisec"


def test_an_older_surer_fix_stands_until_the_caller_has_plainly_gone():
    first, vague = Seen(), Seen(method="wifi", radius=300.0, taken_at=later(60))
    assert whereabouts.best([first, vague], later(60), POLICY) == first
    driven = replace(vague, x=2000.0)
    assert whereabouts.best([first, driven], later(60), POLICY) == driven


def test_what_is_sent_from_where_nobody_can_have_got_to_does_not_take_the_place_of_what_came_first():
    spoof = Seen(x=50_000.0, radius=1.0, taken_at=later(10))
    assert whereabouts.best([Seen(), spoof], later(10), POLICY) == Seen()
    said = whereabouts.disagreements([Seen(), spoof], picked=None, now=later(10), policy=POLICY)
    assert said == ["Positions were sent for this handset that cannot all be true: one of them is not from it."]


def test_disagreement_is_said_in_words():
    said = whereabouts.disagreements([NETWORK, Seen(x=9000.0)], picked=(5600.0, 0.0), now=NIGHT, policy=POLICY)
    assert set(said) == {
        "The handset is 9.0 km from where the network has it. One of them is wrong: ask.",
        "The handset is 3.4 km from the place that was picked.",
        "The telephone, by the network, is 5.6 km from the place that was picked.",
    }


def test_an_internet_telephones_registered_address_contradicts_nothing():
    voip = Seen(source="eisec", method="voip", x=300_000.0, radius=0.0)
    assert whereabouts.disagreements([voip, Seen()], picked=(0.0, 0.0), now=NIGHT, policy=POLICY) == []
    assert whereabouts.best([voip, Seen()], NIGHT, POLICY) == Seen()


def test_a_place_within_the_radius_of_the_cell_is_not_doubted():
    assert whereabouts.disagreements([NETWORK], picked=(800.0, 0.0), now=NIGHT, policy=POLICY) == []


def test_a_way_is_told_with_where_to_and_how_long():
    walked = [Seen(), Seen(x=283.0, y=283.0, taken_at=later(120))]
    assert whereabouts.movement(walked, later(120), POLICY) == "Moved 400 m to the north-east in 2 min"


def test_what_the_radii_can_hide_is_no_movement():
    assert whereabouts.movement([Seen(radius=200.0), Seen(x=300.0, radius=200.0, taken_at=later(60))], later(60), POLICY) == ""
    assert whereabouts.movement([NETWORK, Seen(x=800.0, taken_at=later(60))], later(60), POLICY) == "", (
        "of two sources it is none"
    )


@given(st.lists(seen, max_size=6), st.none() | st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)))
def test_words_come_of_any_positions(positions, picked):
    whereabouts.movement(positions, later(60), POLICY)
    for one in positions:
        assert POLICY.method(one.method).label in whereabouts.says(one, POLICY)
    assert all(
        s.endswith((".", "ask.")) for s in whereabouts.disagreements(positions, picked=picked, now=later(60), policy=POLICY)
    )


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.floats(1, 1e5), st.floats(0.01, 1), st.floats(0, 360))
def test_what_is_in_the_ellipse_is_in_its_circle_and_what_is_in_the_inner_circle_is_in_the_ellipse(x, y, major, part, bearing):
    minor = major * part
    if whereabouts.is_within_ellipse(x, y, at=(0, 0), major=major, minor=minor, bearing=bearing):
        assert whereabouts.is_within(x, y, at=(0, 0), radius=major * 1.000001)
    if whereabouts.is_within(x, y, at=(0, 0), radius=minor * 0.999999):
        assert whereabouts.is_within_ellipse(x, y, at=(0, 0), major=major, minor=minor, bearing=bearing)


@pytest.mark.parametrize("bearing", [0, 30, 90, 200])
def test_the_long_axis_lies_along_its_bearing(bearing):
    turn = bearing * pi / 180
    shape = {"at": (10.0, 20.0), "major": 900.0, "minor": 100.0, "bearing": float(bearing)}
    assert whereabouts.is_within_ellipse(10 + 890 * sin(turn), 20 + 890 * cos(turn), **shape)
    assert not whereabouts.is_within_ellipse(10 + 890 * cos(turn), 20 - 890 * sin(turn), **shape)


@given(st.floats(0.1, 1e5), st.integers(1, 99), st.integers(1, 99))
def test_a_radius_scaled_there_and_back_is_itself_and_surer_is_wider(radius, this, other):
    there = whereabouts.scaled(radius, this, other, POLICY)
    assert abs(whereabouts.scaled(there, other, this, POLICY) - radius) < radius * 1e-9
    assert (there >= radius * 0.999999) == (other >= this) or abs(there - radius) < radius * 1e-6
    assert hypot(there, 0) > 0


@pytest.mark.parametrize(
    ("metres", "words"), [(0, "0 m"), (39.6, "40 m"), (851, "850 m"), (996, "1.0 km"), (3400, "3.4 km"), (26_700, "27 km")]
)
def test_a_distance_is_said_as_people_say_it(metres, words):
    assert whereabouts.distance(metres) == words
