"""Whoever has to answer for a probability reads from what it is corrected, since when, and whether it held; and no person."""

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.identity import actions, finding, queries, trust
from watchroom.identity.likeness import calibration, model, reliability
from watchroom.identity.likeness.calibration import Call, Correction
from watchroom.identity.models import Common, Learnt
from watchroom.identity.trust_views import SIDE, drawn, place

confirmed = st.lists(st.builds(Call, st.floats(0.0, 1.0), st.just(0.0), st.booleans()), min_size=50, max_size=200)


@given(confirmed, st.floats(0.3, 3.0), st.floats(-2.0, 2.0))
def test_each_confirmation_is_in_one_group_and_the_groups_rise(calls, slope, offset):
    found = reliability.groups([*calls, Call(0.5, 0.0, None)], Correction(slope, offset))
    assert sum(group.number for group in found) == len(calls)
    assert round(sum(group.number * group.right for group in found)) == sum(bool(call.is_right) for call in calls)
    assert [group.said for group in found] == sorted(group.said for group in found)
    assert all(group.number >= reliability.OF_A_GROUP for group in found)
    assert all(0 <= group.low <= group.right + 1e-9 and group.right - 1e-9 <= group.high <= 1 for group in found)


@given(confirmed)
def test_what_held_exactly_is_said_to_have_held(calls):
    found = [group._replace(said=group.right, corrected=group.right) for group in reliability.groups(calls, calibration.NONE)]
    assert reliability.errors(found) == (0.0, 0.0)


def test_too_few_to_correct_are_too_few_to_draw():
    assert reliability.groups([Call(0.9, 0.0, True)] * 49, calibration.NONE) == []
    assert len(reliability.groups([Call(0.9, 0.0, True)] * 50, calibration.NONE)) == 5


def test_the_interval_is_wilsons():
    low, high = reliability.interval(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_too_sure_a_likeness_held_better_corrected():
    chance = random.Random(3)
    calls = [Call(said, 0.0, chance.random() < said**2) for said in (chance.uniform(0.3, 0.99) for _ in range(400))]
    before, after = reliability.errors(reliability.groups(calls, calibration.learnt(calls)))
    assert after < before / 2


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_picture_keeps_order_and_stays_inside(one, other):
    low, high = sorted((one, other))
    assert 0 <= place(low) <= place(high) <= SIDE


def test_the_picture_of_no_correction_is_the_dashed_line():
    points = [tuple(map(float, at.split())) for at in drawn([], Correction(1.0, 0.0))["corrected"][1:].split("L")]
    assert all(abs((x - 46) - (SIDE - y)) <= 0.2 for x, y in points)


@pytest.fixture
def night_with(northmoor, monkeypatch):
    """A function: a night of which so many calls were confirmed, three in four of them rightly."""

    def learnt(number: int, at) -> Learnt:
        calls = [Call(0.9, 0.0, n % 4 != 0) for n in range(number)]
        monkeypatch.setattr(queries, "said_lately", lambda at: queries.SaidLately([], calls, [], len(calls)))
        return trust.learn(at=at)

    return learnt


def page(*roles: str) -> str:
    return world.signed_in("-".join(roles), *roles).get("/identity/trust/").content.decode()


def test_before_the_first_night_and_with_too_few_it_is_said_that_nothing_is_corrected(night_with):
    assert "Nothing has been learnt yet" in page("analyst")
    night_with(49, world.NIGHT)
    body = page("analyst")
    assert "<b>Not corrected.</b> 49 of the 50 confirmations that it needs." in body
    assert "reliability" not in body
    assert "none had the 50 confirmations" in body
    assert "90 %" not in body, "what is so of every night is said once"


def test_from_how_many_since_when_what_it_does_and_whether_it_held(night_with):
    nights = [world.NIGHT + timedelta(days=n) for n in range(4)]
    for number, at in zip((60, 49, 80, 120), nights, strict=True):
        night_with(number, at)
    told = trust.told()
    assert (told.correction.confirmed, told.since) == (120, nights[2]), (
        "the run that was broken by a night with too few counts anew"
    )
    assert told.last.correction == pytest.approx(finding.counts().belief.correction, abs=1e-5)
    body = page("vulnerability")
    assert "by 120 confirmations" in body
    assert "of 120 somebody said who it was, and 90 times" in body
    shown = told.correction.of(0.9)
    assert f"<b>{shown:.0%}</b>".replace("%", " %") in body
    assert 0.7 < shown < 0.85
    assert "Were right" in body
    assert 'class="reliability"' in body
    assert "90 %, not corrected" in body, "the night with too few"


def test_the_page_says_nothing_of_a_caller(northmoor):
    (leanne,) = actions.bring_in(
        [actions.Known(given_name="Leanne", family_name="Whitcombe", numbers=("+447700900417",))],
        source="records", by="system:tests", at=world.NIGHT,
    )  # fmt: skip
    call = world.an_answered_call(number="07700 900417", at=world.after(60))
    contacts.say_name(contact=call.pk, name="Leanne Whitcombe", by="staff:1", at=world.after(70))
    actions.confirm(contact=call.pk, person=leanne.pk, by="staff:1", at=world.after(90))
    row = trust.learn(at=world.after(100))
    assert (row.confirmed, row.right, row.since) == (1, 1, call.received_at)
    assert "hitcombe" not in page("auditor")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("analyst", 200),
        ("auditor", 200),
        ("supervisor", 200),
        ("vulnerability", 200),
        ("inspector", 200),
        ("handler", 403),
        ("despatcher", 403),
    ],
)
def test_who_answers_for_it_reads_it_and_who_takes_calls_does_not(northmoor, role, status):
    assert world.signed_in(role, role).get("/identity/trust/").status_code == status


def test_how_callers_are_heard_here_is_told_beside_what_the_model_came_with(northmoor):
    assert "How callers are heard here" not in page("analyst")
    same, kin = (list(map(list, shares)) for shares in model.shipped().shares)
    same[1] = [0.0, 0.5, 0.3, 0.1, 0.05, 0.05]
    Common.objects.bulk_create(
        Common(field=field, value=f"{at}/{level}", count=round(share * 1_000_000))
        for field, shares in (("heard", same), ("kin", kin))
        for at, levels in enumerate(shares)
        for level, share in enumerate(levels)
        if share
    )
    finding._counts.clear()
    told = page("analyst")
    row = told[told.index("Family name") :]
    assert "50" in row[: row.index("as the model came")]
    assert "82" in row[row.index("as the model came") : row.index("Date of birth")]
