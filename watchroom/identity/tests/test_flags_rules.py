"""A flag shows as what it is, says when not to lean on it, and is hidden from nobody without saying that it is there."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.force import packs
from watchroom.identity.flags import rules

NATIONAL = packs.national()
TODAY = date(2026, 11, 22)
KINDS = [kind.code for kind in NATIONAL.markers.kinds]

marks = st.builds(
    rules.Marked,
    marker=st.integers(1, 99),
    kind=st.sampled_from([*KINDS, "from_elsewhere"]),
    level=st.integers(1, 3),
    title=st.just("Zyxwvut"),
    text=st.just("Zyxwvut came back."),
    icon=st.just("heart"),
    source=st.just("Custody"),
    since=st.dates(date(2020, 1, 1), TODAY),
    review_by=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    person=st.just(7),
    person_name=st.just("Leanne Zyxwvut"),
    place=st.none() | st.just(3),
    place_label=st.just("9 Zyxwvut Row"),
    number=st.just("") | st.just("+447700900998"),
    is_challenged=st.booleans(),
)
allowed = st.sets(st.sampled_from(["identity.see", "identity.see_protected"]))


def a_mark(**more) -> rules.Marked:
    base = {
        "marker": 1, "kind": "blades", "level": 1, "title": "Blades", "text": "Cut an officer.", "icon": "knife", "source": "Custody",
        "since": date(2026, 10, 14), "review_by": date(2026, 12, 1),
    }  # fmt: skip
    return rules.Marked(**(base | more))


def shown(mark: rules.Marked, *permissions: str, on: date = TODAY) -> rules.Flag:
    return rules.shown(mark, policy=NATIONAL, permissions=permissions, on=on)


@given(marks, allowed)
def test_who_may_not_read_a_flag_still_learns_that_it_is_there_and_how_grave_it_is(mark, permissions):
    flag = rules.shown(mark, policy=NATIONAL, permissions=permissions, on=TODAY)
    assert (flag.marker, flag.level) == (mark.marker, mark.level)
    declared = NATIONAL.marker_kind(mark.kind)
    hides = bool(declared and declared.needs and declared.needs not in permissions)
    assert flag.is_hidden == hides
    seen = " ".join([flag.title, flag.text, flag.says_so, flag.whose, flag.doubts])
    assert ("Zyxwvut" in seen) != hides
    assert not (flag.is_hidden and flag.has_code)


@given(marks)
def test_a_flag_says_who_says_so_and_since_when(mark):
    flag = shown(mark, "identity.see_protected")
    assert f"Custody, {mark.since.day} {mark.since:%b %Y}." in flag.says_so


@given(marks, st.integers(-400, 400))
def test_a_review_date_that_has_passed_is_said_and_one_that_has_not_is_not(mark, days):
    flag = shown(mark, on=mark.review_by + timedelta(days=days))
    assert flag.is_late == (days > 0)
    assert ("Not reviewed since" in flag.doubts) == (days > 0)
    assert ("Challenged" in flag.doubts) == mark.is_challenged


@pytest.mark.parametrize(
    ("kind", "on", "standing"),
    [
        ("blades", {"person": 7, "person_name": "Craig Dunmore", "place": 3, "place_label": "18 Tanner’s Row"}, "Craig Dunmore"),
        ("child", {"person": 7, "person_name": "Craig Dunmore", "place": 3, "place_label": "18 Tanner’s Row"}, "18 Tanner’s Row"),
        ("child", {"place": 3, "place_label": "18 Tanner’s Row"}, "18 Tanner’s Row"),
        ("domestic_abuse", {"number": "+447700900417"}, "this number"),
        ("from_elsewhere", {"place": 3, "place_label": "18 Tanner’s Row"}, "18 Tanner’s Row"),
    ],
)
def test_a_flag_of_a_person_shows_for_the_person_and_one_of_a_place_for_the_place(kind, on, standing):
    assert shown(a_mark(kind=kind, **on)).whose == standing


@given(st.lists(marks, max_size=8), st.permutations(range(8)))
def test_the_gravest_stand_first_however_they_came(found, order):
    flags = [shown(mark) for mark in found]
    mixed = [flags[n] for n in order if n < len(flags)]
    assert [flag.level for flag in rules.in_order(mixed)] == sorted(flag.level for flag in flags)


def test_every_kind_on_which_a_cue_or_a_need_stands_is_declared():
    named = {mark.partition(" ")[0] for cue in NATIONAL.cues for mark in cue.markers}
    named |= {mark.partition(" ")[0] for need in NATIONAL.dispatch.needs for mark in need.markers}
    assert named <= set(KINDS)


@pytest.mark.parametrize("words", ["", "no", "---------------------", "wrong. . . . . ."])
def test_a_reason_is_more_than_a_word(words):
    assert not rules.is_reason(words, NATIONAL)
    assert rules.is_reason("He moved out in March; her sister rang.", NATIONAL)
