"""Who could go: never a unit that may not be sent, and the nearest is shown even when it falls short."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchroom.dispatch import rules
from watchroom.dispatch.rules import Point, Unit
from watchroom.force import packs

POLICY = packs.national()
NOW = datetime(2026, 11, 22, 3, 13, tzinfo=UTC)
STATUSES = [status.number for status in POLICY.dispatch.statuses]
BLADES = rules.needs_of(["weapon_present"], [("blades", 1)], POLICY)
HERE = Point(0, 0)


def unit(callsign="NH21", status=2, crew=2, skills=(), metres=1000.0, seen=0, beat="Tannery"):
    return Unit(callsign, status, crew, tuple(skills), metres, 0, NOW - timedelta(seconds=seen), beat)


units = st.builds(
    Unit,
    callsign=st.text("ABCN0123", min_size=2, max_size=4),
    status=st.sampled_from([*STATUSES, 42]),
    crew=st.integers(0, 4),
    skills=st.lists(st.sampled_from(["taser", "armed", "dog", "unheard_of"]), unique=True).map(tuple),
    x=st.floats(-1e5, 1e5),
    y=st.floats(-1e5, 1e5),
    located_at=st.datetimes(datetime(2026, 11, 21), datetime(2026, 11, 22, 3)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001
)


@settings(max_examples=200)
@given(st.lists(units, max_size=8), st.booleans(), st.sampled_from([(), BLADES]))
def test_a_unit_that_may_not_be_sent_is_never_proposed_and_no_other_is_left_out(board, is_rural, needs):
    found = rules.recommend(board, Point(0, 0, is_rural), needs, NOW, POLICY)
    assignable = {status.number for status in POLICY.dispatch.statuses if status.is_assignable}
    assert sorted(map(repr, (one.unit for one in found))) == sorted(repr(one) for one in board if one.status in assignable)
    assert all(one.minutes >= 1 and one.because for one in found)


@given(st.lists(units, max_size=8))
def test_without_needs_the_soonest_comes_first(board):
    plain = [one for one in board if "armed" not in one.skills]
    minutes = [one.minutes for one in rules.recommend(plain, HERE, (), NOW, POLICY)]
    assert minutes == sorted(minutes)


def test_two_officers_and_taser_go_before_the_nearest_who_is_alone():
    board = [
        unit("NH03", crew=1, metres=200, beat="Old Quay"),
        unit("NH14", metres=1500),
        unit("NH21", skills=["taser"], metres=800),
        unit("AR2", skills=["armed", "taser"], metres=3000),
        unit("NH11", status=6, metres=0),
    ]
    found = rules.recommend(board, HERE, BLADES, NOW, POLICY)
    assert [one.unit.callsign for one in found] == ["NH21", "NH14", "AR2", "NH03"]
    first, second, armed, alone = found
    assert first.because == ("Two officers. The blades flag asks for two officers and Taser.", "On patrol, free, Tannery.")
    assert first.against == ()
    assert first.meets_needs
    assert second.against == ("No Taser. The blades flag asks for two officers and Taser.",)
    assert armed.against == ("Armed: needs the word of the duty inspector.",)
    assert alone.against[0] == "Nearest, but alone. The blades flag asks for two officers and Taser."
    assert not alone.meets_needs


def test_the_minutes_are_reckoned_by_road_at_the_policy_s_speed_and_rounded_up():
    ways = POLICY.dispatch
    metres = (ways.urban_kmh / 3.6) * 240 * 100 / ways.winding_percent  # four minutes of driving
    (found,) = rules.recommend([unit(metres=metres + 1)], HERE, (), NOW, POLICY)
    assert found.minutes == 4 + ways.turn_out_s // 60 + 1
    assert rules.seconds_to(unit(), Point(0, 0, True), POLICY) < rules.seconds_to(unit(), HERE, POLICY)


def test_an_old_position_and_an_enquiry_are_said():
    (found,) = rules.recommend([unit(status=7, seen=1500)], HERE, (), NOW, POLICY)
    assert found.against == ("On an enquiry, which would wait.", "Last seen 25 min ago: the time is a guess.")


def test_nobody_to_send_is_an_empty_list():
    assert rules.recommend([], HERE, BLADES, NOW, POLICY) == []


@pytest.mark.parametrize(
    ("cues", "markers", "codes"),
    [
        ([], [], []),
        ([], [("blades", 2)], ["blades"]),
        (["violence_now"], [("firearms", 1)], ["firearms", "violent"]),
        (["unknown"], [("unknown", 1)], []),
    ],
)
def test_what_is_asked_follows_cues_and_markers(cues, markers, codes):
    assert [need.code for need in rules.needs_of(cues, markers, POLICY)] == codes


# --- the status machine ---------------------------------------------------------------------------------------------


@given(st.sampled_from(STATUSES))
def test_an_emergency_is_always_taken(status):
    assert rules.may_move(status, 0, POLICY) == []


@pytest.mark.parametrize("steps", [(11, 1, 2, 5, 6, 2), (2, 5, 2), (6, 9, 3), (3, 4, 5), (0, 6), (2, 14, 2), (6, 6)])
def test_a_shift_goes_through_its_statuses(steps):
    for status, to in itertools.pairwise(steps):
        assert rules.may_move(status, to, POLICY) == []


@pytest.mark.parametrize(("status", "to"), [(11, 6), (11, 14), (5, 11), (6, 11), (8, 5), (5, 4)])
def test_a_step_that_makes_no_sense_is_refused_in_a_sentence(status, to):
    (problem,) = rules.may_move(status, to, POLICY)
    assert problem.startswith(f"From status {status}, ")
    assert problem.endswith(".")


def test_a_status_that_is_none_is_refused():
    assert rules.may_move(2, 42, POLICY) == ["There is no status 42."]
    assert rules.may_move(-1, 2, POLICY) == ["There is no status -1."]


def test_from_every_status_there_is_a_way_back_to_free():
    for status in STATUSES:
        reached, frontier = {status}, [status]
        while frontier:
            here = frontier.pop()
            for to in STATUSES:
                if to not in reached and not rules.may_move(here, to, POLICY):
                    reached.add(to)
                    frontier.append(to)
        assert 2 in reached
