"""Without sending anyone: only with the risk on record, the right grade, and no sign that an officer could solve it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.force import packs
from watchroom.resolution import rules

POLICY = packs.national()
NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
QUESTIONS = [question.code for question in POLICY.solvability]
ALL_NO = dict.fromkeys(QUESTIONS, False)
TEXT = "Told her how to report the lost card to the bank."


def problems(outcome="answered", grade="rwd", saved=True, text=TEXT, **more):
    return rules.may_resolve(grade, saved, outcome, text, POLICY, now=NOW, **more)


@pytest.mark.parametrize(
    ("outcome", "more"),
    [
        ("answered", {}),
        ("written_advice", {}),
        ("call_back", {"promised_for": NOW + timedelta(hours=2)}),
        ("directed", {"agency": "council"}),
    ],
)
def test_each_of_the_four_national_outcomes_can_be_recorded(outcome, more):
    assert problems(outcome, **more) == []


@given(
    st.sampled_from([one.code for one in POLICY.rwd_outcomes]),
    st.sampled_from([grade.code for grade in POLICY.grades]),
    st.text(),
)
def test_nothing_is_resolved_before_the_risk_is_saved(outcome, grade, text):
    assert "The risk is not saved yet. Nothing is resolved before it is." in problems(outcome, grade, False, text)


@pytest.mark.parametrize("grade", ["immediate", "priority", "scheduled", "appointment"])
def test_a_grade_that_promises_a_visit_is_regraded_first(grade):
    assert problems(grade=grade) == [
        f"It is graded {POLICY.grade(grade).label}, which promises that somebody comes. Regrade it first, with the reason."
    ]


def test_it_needs_a_grade():
    assert problems(grade=None) == ["It has no grade yet."]


@given(
    st.dictionaries(st.sampled_from(QUESTIONS), st.booleans()).filter(lambda answers: any(answers.values())),
    st.sampled_from(["", "theft"]),
)
def test_a_single_yes_sends_an_officer(answers, kind):
    assert any(problem.endswith(": an officer attends.") for problem in problems(kind=kind, solvability=answers))


def test_an_offence_is_not_resolved_before_the_five_questions_are_asked():
    assert len(problems(kind="theft")) == 5
    assert problems(kind="theft", solvability={**ALL_NO, "cctv": False}) == []
    assert problems(kind="theft", solvability={key: value for key, value in ALL_NO.items() if key != "dna"}) == [
        "Not asked yet: Could there be DNA?"
    ]
    assert problems(kind="nuisance") == []


def test_a_promise_needs_a_time_that_is_still_to_come():
    assert problems("call_back") == ["Say by when they will be called back."]
    assert problems("call_back", promised_for=NOW - timedelta(minutes=1)) == ["The time promised has already passed."]


def test_directing_elsewhere_needs_a_service_that_the_policy_knows():
    assert problems("directed") == ["Say which service is better placed."]
    assert problems("directed", agency="astrologer") == ["“astrologer” is not a service of this policy."]


def test_it_says_what_was_done():
    assert problems(text="ok") == ["What did they ask, and what did you say? Write it in a few words."]


def test_an_outcome_that_cannot_be_carried_out_yet_says_so():
    assert problems("desk_investigation") == [
        "Desk investigation cannot be carried out here yet. Choose another outcome, or send somebody."
    ]
    assert problems("prayer") == ["“prayer” is not an outcome of this policy."]
