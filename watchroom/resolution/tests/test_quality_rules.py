"""Which cases are drawn, what an assessment needs, and what many of them say."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.force import packs
from watchroom.resolution.quality import rules
from watchroom.resolution.quality.rules import Verdict

POLICY = packs.national()
MET = {one.code: Verdict("met") for one in POLICY.criteria}
FEEDBACK = "Clear, kind, and the advice fits what she asked."


@dataclass(frozen=True)
class Case:
    key: str
    outcome: str


CASES = st.lists(
    st.builds(Case, st.text(min_size=1, max_size=6), st.sampled_from(["answered", "call_back", "directed"])),
    max_size=30,
    unique_by=lambda case: case.key,
)


def test_the_week_before_is_a_whole_one_that_has_ended():
    assert rules.week_before(date(2026, 11, 23)) == ("2026-W47", date(2026, 11, 16), date(2026, 11, 22))  # a Monday
    assert rules.week_before(date(2026, 11, 29)) == ("2026-W47", date(2026, 11, 16), date(2026, 11, 22))  # a Sunday: not over yet
    assert rules.week_before(date(2027, 1, 4))[0] == "2026-W53"


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_every_day_has_one_week_before_it(day):
    _, first, last = rules.week_before(day)
    assert (first.isoweekday(), last.isoweekday(), last - first) == (1, 7, timedelta(days=6))
    assert timedelta(days=1) <= day - last <= timedelta(days=7)


@given(CASES, st.text(max_size=5), st.integers(0, 5), st.integers(0, 100))
def test_the_seed_alone_draws_and_of_each_outcome_as_many_as_asked(cases, seed, each, percent):
    drawn = rules.draw(cases, seed, each, percent)
    assert drawn == rules.draw(list(reversed(cases)), seed, each, percent)
    once = [case for case, is_second in drawn if not is_second]
    twice = [case for case, is_second in drawn if is_second]
    there = Counter(case.outcome for case in cases)
    assert Counter(case.outcome for case in once) == Counter({one: min(each, n) for one, n in there.items() if min(each, n)})
    assert set(twice) <= set(once)
    assert len(twice) == -(-len(once) * percent // 100)


def test_who_resolved_it_does_not_assess_it_nor_one_person_twice():
    assert rules.may_assess("staff:2", resolved_by="staff:1", other="") == []
    assert rules.may_assess("staff:1", resolved_by="staff:1", other="")
    assert rules.may_assess("staff:2", resolved_by="staff:1", other="staff:2")


def test_a_complete_assessment_needs_nothing_more():
    assert rules.problems(MET, FEEDBACK, POLICY) == {}
    assert rules.still_owed(MET, POLICY) == []


@pytest.mark.parametrize("criterion", [one.code for one in POLICY.criteria])
def test_no_criterion_is_skipped_and_what_is_missing_is_written(criterion):
    assert set(rules.problems({**MET, criterion: Verdict("")}, FEEDBACK, POLICY)) == {criterion}
    assert set(rules.problems({**MET, criterion: Verdict("fine")}, FEEDBACK, POLICY)) == {criterion}
    assert set(rules.problems({**MET, criterion: Verdict("not_met", " .. ")}, FEEDBACK, POLICY)) == {f"{criterion}_text"}
    assert rules.problems({**MET, criterion: Verdict("partly", "Nobody asked about the neighbour.")}, FEEDBACK, POLICY) == {}
    assert rules.problems({**MET, criterion: Verdict("not_applicable")}, FEEDBACK, POLICY) == {}


def test_feedback_is_words():
    assert set(rules.problems(MET, " - ", POLICY)) == {"feedback"}


def test_what_was_not_met_and_leaves_somebody_short_is_owed():
    found = {**MET, "risk": Verdict("not_met", "The son is not in it."), "record": Verdict("not_met", "Not to be understood.")}
    assert [one.code for one in rules.still_owed(found, POLICY)] == ["risk"]
    assert rules.still_owed({**MET, "risk": Verdict("partly", "A level has no reason.")}, POLICY) == []


def test_a_share_is_of_those_to_which_it_applies():
    rows = [("risk", "met"), ("risk", "met"), ("risk", "not_met"), ("risk", "not_applicable"), ("gone since", "met")]
    risk, *others = rules.tallies(rows, POLICY)
    assert risk.criterion.code == "risk"
    assert (risk.number, round(risk.share)) == (3, 67)
    assert all((one.number, one.share, one.between) == (0, None, None) for one in others)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_narrows_with_more_cases(numbers):
    met, number = numbers
    low, high = rules.interval(met, number)
    assert 0 <= low <= 100 * (met / number) <= high <= 100
    more_low, more_high = rules.interval(met * 10, number * 10)
    assert more_high - more_low < high - low


def test_the_interval_is_wilsons():
    low, high = rules.interval(8, 10)  # Newcombe 1998 and every table: 0.490 to 0.943
    assert (round(low, 1), round(high, 1)) == (49.0, 94.3)
    assert rules.interval(0, 0) is None


def test_agreement_is_measured_against_chance():
    pairs = [("met", "met")] * 20 + [("met", "not_met")] * 5 + [("not_met", "met")] * 10 + [("not_met", "not_met")] * 15
    assert rules.agreement(pairs) == rules.Agreement(50, 35, pytest.approx(0.4))  # the textbook's table
    assert rules.agreement([]) == rules.Agreement(0, 0, None)
    assert rules.agreement([("met", "met")] * 3) == rules.Agreement(3, 3, None)


@given(st.lists(st.tuples(st.sampled_from(list(rules.VERDICTS)), st.sampled_from(list(rules.VERDICTS))), min_size=1))
def test_kappa_is_never_above_one_and_the_same_whoever_is_first(pairs):
    found = rules.agreement(pairs)
    turned = rules.agreement([(second, first) for first, second in pairs])
    assert found.kappa is None or found.kappa <= 1
    assert (found.kappa is None) == (turned.kappa is None)
    assert found.kappa is None or found.kappa == pytest.approx(turned.kappa)
