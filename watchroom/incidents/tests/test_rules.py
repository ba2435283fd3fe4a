"""Immediate never waits, everything else waits for the risk, and nothing closes while something is owed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.assessment.rules import Suggestion
from watchroom.force import packs
from watchroom.incidents import rules

POLICY = packs.national()
GRADES = [grade.code for grade in POLICY.grades]
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
WHY = "He has left, she is with her sister, officers will see her today."
grades = st.sampled_from(GRADES)
maybe_grades = st.sampled_from([*GRADES, None])


def suggestion(grade):
    return Suggestion(grade, (), (), "national 1")


# --- grading --------------------------------------------------------------------------------------------------------


@given(maybe_grades, st.booleans(), maybe_grades, st.text(max_size=40))
def test_an_immediate_grade_never_waits(current, saved, suggested, why):
    assert rules.may_grade("immediate", current, saved, suggestion(suggested), why, POLICY) == []


@given(grades.filter(lambda grade: grade != "immediate"), maybe_grades, st.text(max_size=80))
def test_no_first_grade_and_no_lower_grade_but_with_the_risk_saved(to, suggested, why):
    assert rules.may_grade(to, None, False, suggestion(suggested), why, POLICY)
    assert rules.may_grade(to, "immediate", False, suggestion(suggested), why, POLICY)


@given(grades, maybe_grades, st.booleans(), maybe_grades, st.sampled_from(["", "  ", "\n", "…"]))
def test_every_other_grade_needs_a_written_justification(to, current, saved, suggested, why):
    problems = rules.may_grade(to, current, saved, suggestion(suggested), why, POLICY)
    assert to == "immediate" or "Write why, in your words." in problems


@given(grades, grades, maybe_grades, st.text(max_size=80))
def test_nobody_lowers_a_grade_alone(to, current, suggested, why):
    problems = rules.may_grade(to, current, True, suggestion(suggested), why, POLICY)
    if POLICY.is_more_urgent(current, to):
        assert any("needs a second person" in problem for problem in problems)


def test_with_the_risk_saved_and_a_reason_the_grade_is_given():
    assert rules.may_grade("priority", None, True, suggestion("priority"), WHY, POLICY) == []
    assert rules.may_grade("rwd", "priority", True, suggestion("rwd"), WHY, POLICY) != []


def test_a_more_urgent_grade_never_waits_for_the_record():
    assert rules.may_grade("priority", "scheduled", False, suggestion("scheduled"), "She has seen him again", POLICY) == []


def test_less_than_suggested_needs_a_fuller_reason():
    problems = rules.may_grade("scheduled", None, True, suggestion("priority"), "He has left now", POLICY)
    assert problems == ["Priority is suggested. Say more fully why Scheduled is enough."]
    assert rules.may_grade("scheduled", None, True, suggestion("priority"), WHY, POLICY) == []


def test_a_grade_that_is_not_in_the_policy_is_refused():
    assert rules.may_grade("urgent", None, True, None, WHY, POLICY) == ["“urgent” is not a grade of this policy."]


# --- clocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "is_rural", "minutes"),
    [
        ("immediate", False, 15),
        ("immediate", True, 20),
        ("immediate", None, 15),
        ("priority", False, 60),
        ("priority", True, 60),
        ("scheduled", False, 24 * 60),
    ],
)
def test_the_promise_is_the_response_standard(grade, is_rural, minutes):
    assert rules.attend_by(grade, NOW, is_rural, POLICY) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize("grade", ["appointment", "rwd"])
def test_a_diary_and_no_visit_make_no_promise_of_minutes(grade):
    assert rules.attend_by(grade, NOW, False, POLICY) is None


@pytest.mark.parametrize("graded_at", [datetime(2026, 3, 29, 0, 50, tzinfo=LONDON), datetime(2026, 10, 25, 0, 50, tzinfo=LONDON)])
def test_a_night_when_the_clocks_change_is_neither_kinder_nor_harder(graded_at):
    for grade, seconds in (("immediate", 900), ("priority", 3600), ("scheduled", 86400)):
        by = rules.attend_by(grade, graded_at, False, POLICY)
        assert (by - graded_at.astimezone(UTC)).total_seconds() == seconds


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        rules.attend_by("immediate", datetime(2026, 11, 22, 3, 12), False, POLICY)  # noqa: DTZ001


def test_waiting_incidents_are_reviewed_by_their_grade():
    assert rules.review_by("immediate", NOW, POLICY) == NOW + timedelta(minutes=15)
    assert rules.review_by("rwd", NOW, POLICY) is None


# --- closing --------------------------------------------------------------------------------------------------------

DONE = {
    "risk_saved": True,
    "grade": "priority",
    "attended": True,
    "open_duties": [],
    "result": "Spoken to both, all well, advice given.",
    "category": "domestic",
    "policy": POLICY,
}


def test_it_closes_when_nothing_is_owed():
    assert rules.may_close(**DONE) == []


@given(
    maybe_grades,
    st.booleans(),
    st.lists(st.sampled_from(["call_back", "deployment", "referral"])),
    st.text(max_size=20),
    st.sampled_from(["", "domestic", "duplicate", "nonsense"]),
)
def test_nothing_closes_while_the_risk_is_owed(grade, attended, duties, result, category):
    problems = rules.may_close(
        risk_saved=False, grade=grade, attended=attended, open_duties=duties, result=result, category=category, policy=POLICY
    )
    assert "The risk is still owed: write it before this closes." in problems


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"risk_saved": False}, "The risk is still owed: write it before this closes."),
        ({"grade": None}, "It has no grade yet."),
        (
            {"attended": False},
            "Priority promises that somebody comes, and nobody has. Send a unit, or ask a second person to close it so.",
        ),
        ({"units": ["NH21"]}, "NH21 is still on it: clear it with a result first."),
        ({"open_duties": ["call_back", "call_back"]}, "A call back was promised and not made yet."),
        ({"open_duties": ["abandoned"]}, "The caller gave up; somebody has to look whether to ring back."),
        ({"result": " "}, "Write the result: what was found, and what was done."),
        ({"category": ""}, "Choose a closing category."),
        ({"category": "ufo"}, "“ufo” is not a closing category of this policy."),
    ],
)
def test_each_reason_why_it_cannot_close_is_one_sentence(change, says):
    assert rules.may_close(**{**DONE, **change}) == [says]


def test_all_reasons_are_said_at_once():
    problems = rules.may_close(
        risk_saved=False, grade=None, attended=False, open_duties=["deployment"], result="", category="", policy=POLICY
    )
    assert len(problems) == 5


@given(st.sampled_from(["domestic", "duplicate", "error", "test"]))
def test_nothing_that_promised_somebody_closes_without_one_by_its_category_alone(category):
    unattended = {**DONE, "attended": False, "category": category}
    assert rules.may_close(**unattended)
    assert rules.may_close(**unattended, is_approved=True) == []
    assert rules.may_close(**unattended, is_tied=True) == []


def test_what_was_resolved_without_a_visit_closes_without_one():
    assert rules.may_close(**{**DONE, "attended": False, "grade": "rwd"}) == []


# --- type and headline ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "because"),
    [
        ("He’s got a knife. He is Craig, her ex. He is shouting.", "domestic_weapon", ("ex", "knife")),
        ("My husband keeps shouting at me", "domestic", ("husband", "shouting")),
        ("Two cars, a crash on the ring road, driver bleeding", "rtc_injury", ("crash", "bleeding")),
        ("A crash on the ring road, nobody hurt at all", "rtc_injury", ("crash", "hurt")),
        ("A crash on the ring road", "rtc_damage", ("crash",)),
        ("Somebody broke into my shed last night", "burglary", ("broke into",)),
        ("My daughter has not come home", "missing", ("has not come home",)),
    ],
)
def test_a_type_is_suggested_with_the_words_in_which_it_was_heard(text, code, because):
    found = rules.suggest_type(text, POLICY)
    assert found is not None
    assert found.code == code
    assert set(because) <= set(found.because)


@given(st.text(max_size=60), st.sampled_from([entry.code for entry in POLICY.incident_types]))
def test_a_type_is_never_suggested_over_a_chosen_one(text, chosen):
    assert rules.suggest_type(text + " knife husband gun crash", POLICY, chosen) is None


def test_no_word_no_suggestion():
    assert rules.suggest_type("What time do you open?", POLICY) is None
    assert rules.suggest_type("", POLICY) is None


@dataclass
class Line:
    text: str
    origin: str = "handler"
    is_pinned: bool = False
    is_correction: bool = False
    key: str = ""


def test_the_headline_is_the_last_pinned_line_or_the_first_that_a_person_said():
    lines = [Line("Call answered.", "system"), Line("He has a knife."), Line("Wood cracking.", "caller")]
    assert rules.headline(lines) == "He has a knife."
    assert rules.headline([*lines, Line("Children upstairs.", is_pinned=True)]) == "Children upstairs."
    assert rules.headline([Line("Call answered.", "system")]) == ""
    assert rules.headline([]) == ""
    assert rules.headline([Line("File “m.wav”, 32 kB", "caller", key="file-1"), *lines]) == "He has a knife."
