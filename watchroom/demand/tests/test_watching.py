"""What a supervisor looks at first, and where the strokes of the charts go."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.demand.rules import drawing, seats, watching
from watchroom.demand.rules.watching import DANGERS, Danger

T = datetime(2026, 11, 22, 3, tzinfo=UTC)
dangers = st.builds(
    Danger,
    kind=st.sampled_from(DANGERS),
    since=st.integers(0, 10_000).map(lambda seconds: T + timedelta(seconds=seconds)),
    subject=st.just(("incident", 1)),
)


@given(st.lists(dangers, min_size=1))
def test_nothing_more_dangerous_and_nothing_older_of_its_kind_is_passed_over(found):
    first = watching.most_dangerous(found)
    assert all(DANGERS.index(first.kind) <= DANGERS.index(other.kind) for other in found)
    assert all(first.since <= other.since for other in found if other.kind == first.kind)


def test_an_immediate_whose_promise_is_broken_stands_before_one_that_has_no_unit_yet():
    late = Danger(kind="attend_immediate", since=T, subject=("incident", 1))
    unsent = Danger(kind="unresourced_immediate", since=T - timedelta(hours=1), subject=("incident", 2))
    assert watching.most_dangerous([unsent, late]) is late
    assert watching.most_dangerous([]) is None


@given(st.integers(0, 10**7))
def test_every_age_has_a_band_and_older_is_never_an_earlier_one(seconds):
    assert watching.age_band(seconds) <= watching.age_band(seconds + 60)


@given(st.lists(st.dictionaries(st.sampled_from(["answered", "waiting", "abandoned"]), st.integers(0, 500)), max_size=25))
def test_bars_stay_inside_and_their_heights_are_in_proportion(counts):
    drawn = drawing.bars(
        [(str(n), each) for n, each in enumerate(counts)], ("answered", "waiting", "abandoned"), width=640, height=120, top=12
    )
    most = max((sum(each.values()) for each in counts), default=0)
    for bar, each in zip(drawn, counts, strict=True):
        assert bar.total == sum(each.values())
        tall = sum(piece.height for piece in bar.pieces)
        assert tall == pytest.approx(120 * bar.total / (most or 1), abs=0.2)
        assert all(piece.y >= 11.8 and piece.y + piece.height <= 132.2 for piece in bar.pieces)


@given(st.lists(st.none() | st.floats(0, 100), max_size=48))
def test_a_spark_has_a_point_for_every_value_and_none_where_there_is_nothing_to_count(values):
    drawn = drawing.spark([(str(n), value) for n, value in enumerate(values)], promise=90, width=210, height=66)
    assert len(drawn.points) == sum(value is not None for value in values)
    assert all(18 <= point.y <= 66 and 0 <= point.x <= 210 for point in drawn.points)
    assert all(point.is_short == (point.value < 90) for point in drawn.points)


@given(st.integers(0, 900), st.integers(0, 50), st.integers(0, 400), st.data())
def test_the_flow_is_well_formed_and_shows_exactly_those_that_there_are(answered, waiting, lost, data):
    to_999 = data.draw(st.integers(0, lost))
    unrung = data.draw(st.integers(0, lost - to_999))
    diverted = data.draw(st.integers(0, 20))
    drawn = drawing.flow(answered=answered, waiting=waiting, lost=lost, to_999=to_999, unrung=unrung, diverted=diverted)
    kinds = Counter(kind for kind, _ in drawn.bands)
    expected = {"kept": answered, "held": waiting, "lost": lost, "lost faint": to_999, "danger": unrung}
    assert kinds == Counter({kind: 1 for kind, number in expected.items() if number})
    for _, path in drawn.bands:
        ElementTree.fromstring(f'<path d="{path}"/>')
        assert "nan" not in path
    assert all(node.height > 0 for node in drawn.nodes)


@given(st.lists(st.integers(0, 40), max_size=4))
def test_everybody_has_a_seat_of_their_own_on_the_plan(counts):
    plan = seats.plan([(str(n), count) for n, count in enumerate(counts)])
    placed = [seat for zone in plan.zones for seat in zone.seats]
    assert [seat.number for seat in placed] == list(range(sum(counts)))
    assert len({(seat.x, seat.y) for seat in placed}) == len(placed)
    assert all(seat.x + seats.WIDTH <= plan.width and seat.y + seats.HEIGHT <= plan.height for seat in placed)
