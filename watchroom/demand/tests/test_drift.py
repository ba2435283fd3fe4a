"""Are busy moments graded lower? Seldom said when it is not so, said when it is, and never of a force that only has busy types."""

import itertools
import random
from datetime import timedelta
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.assessment import actions as assessment
from watchroom.contacts import actions as contacts
from watchroom.demand.queries import drift as past
from watchroom.demand.rules import drift
from watchroom.demand.rules.drift import Point
from watchroom.force import packs
from watchroom.force.policy import Drift
from watchroom.foundation import clock

RULE = Drift()
# how each type is graded (ranks 1 to 5) and how it comes: the harmless ones at busy hours, as at a weekend's night
TYPES = {"domestic": (0.5, 0.4, 0.1, 0, 0), "burglary": (0.05, 0.35, 0.5, 0.1, 0), "nuisance": (0, 0.05, 0.45, 0.2, 0.3)}
BUSY = {"domestic": 6, "burglary": 12, "nuisance": 24}


def some(chance: random.Random, number: int, slip: float = 0.0) -> list[Point]:
    """So many grades; of those at busy moments a share `slip` is graded one step lower than the risk asks for."""
    points = []
    for _ in range(number):
        kind = chance.choice(list(TYPES))
        load = int(chance.gammavariate(2, BUSY[kind] / 2))
        rank = chance.choices(range(1, 6), TYPES[kind])[0]
        if load > BUSY[kind] and chance.random() < slip:
            rank = min(5, rank + 1)
        points.append(Point(kind, load, rank))
    return points


def alarms(runs: int, number: int, slip: float, *, is_pooled: bool = False) -> float:
    chance = random.Random(20261122)
    found = 0
    for _ in range(runs):
        points = some(chance, number, slip)
        if is_pooled:
            points = [Point("", point.load, point.outcome) for point in points]
        found += drift.measure(points, RULE).verdict == "drift"
    return found / runs


def test_without_drift_the_alarm_is_false_in_at_most_one_of_twenty():
    """The policy's rule (p < 0.01 and 53 of 100) is stricter than that; 500 simulated months."""
    assert alarms(500, 300, 0.0) <= 0.05


def test_a_quarter_of_the_busy_grades_one_step_lower_is_found_in_four_of_five_months():
    assert alarms(120, 1200, 0.25) >= 0.8  # 1,200 first grades; with a fifth of them it is two of three months


def test_types_that_come_at_busy_hours_raise_no_alarm_and_would_if_all_were_thrown_together():
    assert alarms(100, 300, 0.0, is_pooled=True) > 0.9
    assert alarms(100, 300, 0.0) <= 0.05


points = st.lists(st.builds(Point, st.sampled_from("abc"), st.integers(0, 6), st.integers(1, 5)), max_size=60)


@given(points)
def test_the_pairs_are_those_counted_one_by_one(rows):
    same = opposite = 0
    for a, b in itertools.combinations(rows, 2):
        if a.stratum == b.stratum and a.load != b.load and a.outcome != b.outcome:
            same += (a.load < b.load) == (a.outcome < b.outcome)
            opposite += (a.load < b.load) != (a.outcome < b.outcome)
    effect = drift.measure(rows, RULE).effect
    assert effect is None if not same + opposite else isclose(effect, 100 * same / (same + opposite))


@given(points)
def test_turned_round_the_effect_turns_round(rows):
    there, back = drift.measure(rows, RULE), drift.measure([Point(r.stratum, -r.load, r.outcome) for r in rows], RULE)
    if there.effect is not None and there.p is not None:
        assert isclose(there.effect + back.effect, 100)
        assert isclose(there.p + back.p, 1, abs_tol=1e-9)


@given(points, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_makes_no_difference(rows, chance):
    mixed = list(rows)
    chance.shuffle(mixed)
    one, other = drift.measure(rows, RULE), drift.measure(mixed, RULE)
    assert (one.number, one.effect, one.verdict) == (other.number, other.effect, other.verdict)


def test_p_is_what_all_orders_of_a_small_example_say():
    """Against the exact permutation distribution: the normal approximation is near it already at 7."""
    loads, ranks = [1, 2, 3, 4, 5, 6, 7], [1, 1, 2, 1, 2, 2, 3]

    def total(order):
        return sum(load * rank for load, rank in zip(drift._centred(loads), drift._centred(order), strict=True))

    seen = total(ranks)
    orders = list(itertools.permutations(ranks))
    exact = sum(total(order) >= seen - 1e-9 for order in orders) / len(orders)
    found = drift.measure([Point("a", load, rank) for load, rank in zip(loads, ranks, strict=True)], RULE)
    assert abs(found.p - exact) < 0.02


def test_with_too_few_nothing_is_said_however_strong_it_looks():
    rows = [Point("a", load, 1 + load // 10) for load in range(40)]
    assert drift.measure(rows, RULE).verdict == "too_few"
    assert drift.measure([], RULE).verdict == "too_few"
    assert drift.measure([Point("a", 3, 2)] * 500, RULE).verdict == "too_few"  # nothing to compare


def test_a_large_number_makes_no_alarm_of_a_tiny_effect():
    strict = RULE.model_copy(update={"min_effect_percent": 60})
    chance = random.Random(1)
    rows = some(chance, 4000, 0.1)
    assert drift.measure(rows, strict).verdict == "steady"


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["immediate", "rwd"])), min_size=1, max_size=50))
def test_the_thirds_hold_everything_once_and_do_not_overlap(rows):
    parts = drift.thirds(rows)
    assert sum(part.number for part in parts) == len(rows)
    assert all(before.high < after.low for before, after in itertools.pairwise(parts))


# --- from the rooms ---------------------------------------------------------------------------------------------------


def test_the_load_counts_the_others_and_never_the_caller_themselves(northmoor):
    now = clock.now()
    start = now - timedelta(hours=1)
    other = world.a_call(number="01632 960001", at=start - timedelta(seconds=50))
    contacts.end(contact=other.pk, how="caller", by="link:trunk", at=start - timedelta(seconds=10))  # gone before
    world.a_call(number="01632 960002", at=start - timedelta(seconds=20))  # still waits
    world.a_whole_journey(at=start)
    found = past.count(now, packs.national())
    assert found.decided.number == 1
    assert found.decided.verdict == "too_few"
    ((_, (third,)), *_) = found.pictures
    assert (third.low, third.high) == (1, 1)


def test_a_team_of_few_is_not_shown_since_it_would_be_a_figure_of_persons(northmoor):
    contact = world.an_answered_call(number="", channel="101", at=clock.now() - timedelta(hours=1))
    assessment.nothing_heard(
        contact=contact.pk, because="Asked for the front desk's hours.", by=contact.owner.code, at=clock.now()
    )
    found = past.count(clock.now(), packs.national())
    assert found.by_team == (("Answering", None),)
    alone = past._by_team([(contact.owner.code, True)], 1)
    assert alone[0][1].value == 100
    assert sum(figure.numerator for figure in found.by_hour) == 1


@pytest.mark.parametrize("brief", ["", "?brief=1"])
def test_the_page_says_plainly_that_there_is_not_enough_data(northmoor, brief):
    client = world.signed_in("tom", "analyst")
    body = client.get(f"/demand/drift/{brief}").content.decode()
    assert "Not enough data" in body
    assert "200 are needed" in body


def test_a_drift_is_said_with_its_size_and_its_number(northmoor, monkeypatch):
    chance = random.Random(3)
    rows = some(chance, 3000, 0.6)
    measured = drift.measure(rows, RULE)
    assert measured.verdict == "drift"
    empty = past.count(clock.now(), packs.national())
    pictures = (("All types", tuple(drift.thirds([(p.load, "priority") for p in rows]))),)
    shown = past.Watch(empty.at, measured, measured, measured, pictures, empty.by_hour, ())
    monkeypatch.setattr(past, "watch", lambda at: shown)
    client = world.signed_in("marian", "supervisor")
    body = client.get("/demand/drift/").content.decode()
    assert "Busy moments are graded lower." in body
    assert "3000" in body
    assert "busy moments (" in body
    assert "<svg" in body
    assert world.LEANNE not in body
