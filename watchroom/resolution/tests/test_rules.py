"""Without sending anyone: only with the risk on record, the right grade, and no sign that an officer could solve it."""

from dataclasses import dataclass
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
        ("written_advice", {"advice": "Tell your bank now, and change the password.", "advice_way": "read_out"}),
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


def test_an_outcome_that_nobody_knows_says_so():
    assert problems("prayer") == ["“prayer” is not an outcome of this policy."]


def test_an_outcome_that_cannot_be_carried_out_yet_says_so():
    code = "answered"
    outcomes = tuple(one.model_copy(update={"is_offered": one.code != code}) for one in POLICY.rwd_outcomes)
    policy = POLICY.model_copy(update={"rwd_outcomes": outcomes})
    assert "cannot be carried out here yet" in rules.may_resolve("rwd", True, code, TEXT, policy, now=NOW)[0]


@pytest.mark.parametrize("kind", ["shoplifting", "making_off", "damage"])
def test_the_listed_offences_are_investigated_from_the_desk(kind):
    assert problems("desk_investigation", kind=kind, solvability=ALL_NO) == []


@given(st.sampled_from([one.code for one in POLICY.incident_types if not one.is_desk_investigable]))
def test_what_is_not_on_the_list_is_not_investigated_from_the_desk(kind):
    said = problems("desk_investigation", kind=kind, solvability=ALL_NO)
    assert any("not on this force’s list" in one for one in said)


def test_a_force_adds_its_own_offences_to_the_list():
    types = tuple(
        one.model_copy(update={"is_desk_investigable": True}) if one.code == "theft" else one for one in POLICY.incident_types
    )
    assert POLICY.model_copy(update={"incident_types": types}).may_investigate_from_desk("theft")


codes = st.dictionaries(st.sampled_from(QUESTIONS), st.booleans())


@given(
    now_said=codes,
    stood=codes,
    outcome=st.sampled_from([one.code for one in POLICY.rwd_outcomes]),
    kind=st.sampled_from([one.code for one in POLICY.incident_types]),
    because=st.text(max_size=40),
    safe=st.sampled_from(["any", "some", "no", "unknown"]),
)
def test_any_yes_that_stands_is_never_resolved(now_said, stood, outcome, kind, because, safe):
    """Whatever is asked for, however it is worded: given now or on record, one yes is enough (R91)."""
    said = problems(
        outcome,
        kind=kind,
        solvability=now_said,
        stood=stood,
        because=because,
        agency="council",
        promised_for=NOW + timedelta(hours=1),
        advice="Keep the receipts and tell your insurer.",
        advice_way="read_out",
        safe_contact=safe,
    )
    if any({**stood, **now_said}.values()):
        assert any(one.endswith(": an officer attends.") for one in said)


def test_a_yes_on_record_becomes_a_no_only_with_a_reason():
    stood = {**ALL_NO, "cctv": True}
    assert problems(kind="theft", stood=stood, solvability=ALL_NO) == [
        "“There is CCTV” is on record. Write why it is not so after all."
    ]
    assert problems(kind="theft", stood=stood, solvability=ALL_NO, because="The camera is a dummy, says the shop.") == []


def test_a_call_back_is_not_promised_where_it_is_not_safe():
    said = problems("call_back", promised_for=NOW + timedelta(hours=2), safe_contact="no")
    assert said == ["They said that it is not safe to ring them. Agree another way, and write it down."]


def test_written_advice_is_the_very_words_and_how_they_get_them():
    assert problems("written_advice") == [
        "Write the advice as they are given it.",
        "Say how they have it: read out, handed over, or to be posted.",
    ]
    assert problems("written_advice", advice="Tell your bank now, please.", advice_way="e-mail")
    assert problems("written_advice", advice="Tell your bank now, please.", advice_way="to_post", safe_contact="no") == [
        "They said that it is not safe to write to them: nothing is posted there."
    ]


@given(st.sampled_from(["any", "some", "no", "unknown"]), st.booleans())
def test_a_message_is_left_only_where_they_said_that_it_is_safe(safe, may_leave):
    said = rules.may_try("message", NOW + timedelta(hours=1), NOW, safe_contact=safe, may_leave=may_leave)
    assert (said == []) == (may_leave and safe in ("any", "some"))
    words = rules.how_to_reach(safe, "", may_leave)
    assert ("a message may be left" in words) == (said == [])


def test_who_was_not_reached_is_tried_again_at_a_time_that_is_chosen_now():
    assert rules.may_try("no_answer", None, NOW, safe_contact="any", may_leave=True) == ["Say when they are tried again."]
    assert rules.may_try("no_answer", NOW, NOW, safe_contact="any", may_leave=True)
    assert rules.may_try("", NOW + timedelta(hours=1), NOW, safe_contact="any", may_leave=True)


def test_a_promise_is_moved_with_a_reason_to_a_time_still_to_come():
    later = NOW + timedelta(days=1)
    assert rules.may_move(NOW, later, "Both officers are at court; she knows.", NOW) == []
    assert len(rules.may_move(NOW, NOW - timedelta(hours=1), "", NOW)) == 2


def test_twenty_eight_days_are_counted_to_their_last_moment():
    day = timedelta(days=1)
    assert rules.is_repeat(NOW, NOW + 28 * day, POLICY)
    assert not rules.is_repeat(NOW, NOW + 28 * day + timedelta(seconds=1), POLICY)
    assert not rules.is_repeat(NOW, NOW, POLICY)


@dataclass(frozen=True)
class Case:
    key: str
    outcome: str


cases = st.lists(st.builds(Case, st.text(min_size=1), st.sampled_from(["answered", "directed"])), unique_by=lambda c: c.key)


@given(cases, st.text(), st.integers(1, 5), st.randoms())
def test_the_same_seed_draws_the_same_cases_of_every_outcome(rows, seed, each, random):
    drawn = rules.sample(rows, seed, each)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert rules.sample(shuffled, seed, each) == drawn
    for outcome in ("answered", "directed"):
        there = sum(row.outcome == outcome for row in rows)
        assert sum(row.outcome == outcome for row in drawn) == min(each, there)


# --- Strategies and priorities (R88)


@given(st.sampled_from([one.code for one in POLICY.incident_types]), st.dates(NOW.date(), NOW.date() + timedelta(days=2000)))
def test_a_strategy_only_ever_adds_a_reason_to_send_somebody(kind, on):
    policy = packs.load(packs.DATA / "northmoor.toml")
    holds = policy.strategies_of(kind, on)
    for outcome in policy.rwd_outcomes:
        alone = rules.may_resolve("rwd", True, outcome.code, TEXT, policy, kind=kind, now=NOW)
        beside = rules.may_resolve("rwd", True, outcome.code, TEXT, policy, kind=kind, now=NOW, strategies=holds)
        assert set(alone) <= set(beside)
        assert len(beside) - len(alone) == sum(one.is_attended for one in holds)


def test_a_priority_holds_from_its_first_day_to_its_last():
    policy = packs.load(packs.DATA / "northmoor.toml")
    (quay,) = (one for one in policy.strategies if one.is_attended)
    for on, holds in [(quay.since, True), (quay.until, True)]:
        assert (quay in policy.strategies_of("quay_disorder", on)) is holds
    assert quay not in policy.strategies_of("quay_disorder", quay.since - timedelta(days=1))
    assert quay not in policy.strategies_of("quay_disorder", quay.until + timedelta(days=1))
    assert quay not in policy.strategies_of("theft", quay.since)
    assert any("Old Quay" in says for says in policy.out_of_date(quay.until + timedelta(days=1)))
