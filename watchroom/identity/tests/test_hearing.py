"""How callers are heard here is learnt from their calls, within what was supposed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.foundation import scope
from watchroom.identity import actions, finding
from watchroom.identity.likeness import hearing, model, verdict, words
from watchroom.identity.likeness.hearing import Heard, Kind

SHIPPED = Heard(verdict.shipped(), model.shipped())
GIVEN, FAMILY, BORN, HOME, NUMBER, EMAIL = range(6)
SURELY, NEARLY, OTHER = 1, 2, 5  # levels of a family name
AS_ON_RECORD = (1, SURELY, 1, 1, 1, 0)


def call(known: float, kin: float = 0.0, levels: hearing.Levels = AS_ON_RECORD) -> list[Kind]:
    """A call that somebody on record explains so many times better than somebody new does."""
    return [Kind(levels, known, kin)]


@given(st.integers(0, 200), st.integers(0, 200))
def test_how_often_callers_are_known_is_learnt_from_the_calls_themselves(known, new):
    belief = hearing.learnt([*[call(1e6)] * known, *[call(1e-6)] * new], SHIPPED).belief
    supposed = hearing.SUPPOSED
    assert belief.known == pytest.approx((known + supposed * verdict.shipped().known) / (known + new + supposed), abs=0.01)


LEVELS = st.tuples(*(st.integers(0, len(levels) - 1) for _, levels, _ in SHIPPED.model.ladders))
CALLS = st.lists(st.lists(st.builds(Kind, LEVELS, st.floats(0, 1e9), st.floats(0, 1e9)), max_size=4), max_size=20)


@given(CALLS, st.lists(LEVELS, max_size=20))
def test_no_call_makes_sure_of_the_next(calls, sure):
    belief, heard = hearing.learnt(calls, SHIPPED, sure=sure)
    assert 0 < belief.known < 1
    assert 0 <= belief.new_in_household < 1
    for shares in heard.shares:
        for levels in shares:
            assert all(share == 0 or share + 1e-12 >= hearing.LEAST for share in levels)
            assert sum(levels) <= 1.01


def test_nothing_heard_is_as_it_was_shipped():
    heard = hearing.learnt([], SHIPPED)
    assert heard.belief.known == pytest.approx(SHIPPED.belief.known)
    assert heard.belief.new_in_household == pytest.approx(SHIPPED.belief.new_in_household)
    for now, before in zip(heard.model.shares, SHIPPED.model.shares, strict=True):
        for one, other in zip(now, before, strict=True):
            assert one == pytest.approx(other, abs=hearing.LEAST)


def weight(heard: Heard, comparison: int, level: int) -> float:
    return heard.model.ladders[comparison][1][level].bits


def test_where_names_are_often_misheard_a_name_misheard_says_more_and_another_number_says_less_where_numbers_change():
    misheard = [call(1e6, levels=(1, NEARLY, 1, 1, 3, 0))] * 300
    there = hearing.learnt(misheard, SHIPPED)
    assert weight(there, FAMILY, NEARLY) > weight(SHIPPED, FAMILY, NEARLY) + 1
    assert weight(there, FAMILY, SURELY) < weight(SHIPPED, FAMILY, SURELY)
    assert weight(there, NUMBER, 3) > weight(SHIPPED, NUMBER, 3)
    assert weight(there, BORN, 1) == pytest.approx(weight(SHIPPED, BORN, 1), abs=0.2)
    assert weight(there, EMAIL, 1) == pytest.approx(weight(SHIPPED, EMAIL, 1), abs=0.01), "of which nothing was heard"


def test_who_is_confirmed_counts_whatever_likeness_thought():
    unlikely = (1, OTHER, 0, 8, 3, 0)
    heard = hearing.learnt([], SHIPPED, sure=[unlikely] * 200, confirmed=200)
    assert heard.model.shares[0][FAMILY][OTHER] == pytest.approx(0.5, abs=0.05)
    assert heard.belief.known > 0.9


def test_strangers_teach_nothing_of_how_those_on_record_are_heard():
    heard = hearing.learnt([call(1e-9, levels=(6, OTHER, 7, 8, 3, 3))] * 1000, SHIPPED)
    for one, other in zip(heard.model.shares[0], SHIPPED.model.shares[0], strict=True):
        assert one == pytest.approx(other, abs=0.001)


def test_a_model_says_the_same_again_from_its_own_shares():
    again = SHIPPED.model.heard_so(*SHIPPED.model.shares)
    for (_, levels, _), (_, others, _) in zip(again.ladders, SHIPPED.model.ladders, strict=True):
        for level, other in zip(levels, others, strict=True):
            assert level.bits == pytest.approx(other.bits)
            assert level.household_bits == pytest.approx(other.household_bits)


def test_what_was_learnt_of_one_force_holds_there_survives_counting_and_holds_nowhere_else(northmoor, southmere):
    with scope.use(northmoor):
        numbers = [f"+4477009{n:05}" for n in range(60)]
        known = [actions.Known(given_name="Zoe", family_name="Whitcombe", numbers=(number,)) for number in numbers]
        actions.bring_in(known, source="records", by="system:tests", at=world.NIGHT)
        before = weight(finding.counts().heard, FAMILY, SURELY)
        misheard = [words.said(given="Zoe", family="Whitcomb", number=number) for number in numbers]
        finding.learn(misheard, at=world.NIGHT)
        learnt = weight(finding.counts().heard, FAMILY, SURELY)
        assert learnt < before - 0.2
        finding.count(at=world.NIGHT)
        assert weight(finding.counts().heard, FAMILY, SURELY) == pytest.approx(learnt, abs=1e-4)
    with scope.use(southmere):
        assert weight(finding.counts().heard, FAMILY, SURELY) == before


def test_where_calls_are_hardly_better_explained_the_model_stays_as_it_was_shipped():
    about = [(SURELY, 80), (NEARLY, 10), (OTHER, 8)]  # of a hundred, nearly as it was fitted
    calls = [call(1e6, levels=(0, level, 0, 0, 0, 0)) for level, number in about for _ in range(number)]
    assert hearing.learnt(calls, SHIPPED).model is SHIPPED.model
    others = [call(1e6, levels=(0, level, 0, 0, 0, 0)) for level, number in ((SURELY, 40), (NEARLY, 60)) for _ in range(number)]
    assert hearing.learnt(others, SHIPPED).model is not SHIPPED.model


def test_one_caller_however_often_they_ring_does_not_teach_how_everybody_is_heard(northmoor):
    ring = "+447700900417"
    another = words.said(given="Zoe", family="Whitcombe", born_on=date(1991, 7, 23), number=ring)
    zoe = actions.Known(given_name="Zoe", family_name="Whitcombe", born_date=date(1980, 1, 2), numbers=(ring,))
    actions.bring_in([zoe], source="records", by="system:tests", at=world.NIGHT)
    learnt = []
    for times in (1, 300):
        finding.learn([another] * times, at=world.NIGHT)
        learnt.append(weight(finding.counts().heard, BORN, 7))
    assert learnt[1] == pytest.approx(learnt[0], abs=0.5)


def test_one_odd_call_makes_no_other_model():
    odd = call(1e9, levels=(1, 1, 7, 1, 1, 0))  # another date of birth
    assert hearing.learnt([odd], SHIPPED).model is SHIPPED.model
