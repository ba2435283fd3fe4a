"""What may be sent to whom, and what the log says: pure."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from watchroom.force import packs
from watchroom.identity.research import rules

POLICY = packs.national()
HOUSING, RECORDS = POLICY.system("housing"), POLICY.system("records")
KNOWN = {
    "name": "Leanne  Whitcombe",
    "born": "1984-03-12",
    "number": "+447700900417",
    "address": "Flat 2, 18 Tanner’s Row, Harrowby",
}


def test_a_system_is_told_what_its_agreement_names_and_no_more():
    assert rules.may_send(KNOWN, RECORDS) == {**KNOWN, "name": "Leanne Whitcombe"}
    assert set(rules.may_send(KNOWN, HOUSING)) == {"name", "born", "address"}  # not her number


@given(some.fixed_dictionaries({}, optional={field: some.text(max_size=300) for field in (*rules.FIELDS, "text", "risk")}))
def test_whatever_is_known_nothing_else_is_ever_sent(known):
    sent = rules.may_send(known, HOUSING)
    assert set(sent) <= set(HOUSING.asks)
    assert all(value.strip() and len(value) <= rules.LONGEST_SENT[field] for field, value in sent.items())


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"name": "Leanne"},
        {"born": "1984-03-12"},
        {"name": "Leanne", "born": "1984-03-12"},
        {"name": " ", "number": "+447700900417"},
    ],
    ids=["nothing", "one name", "a birthday", "one name and a birthday", "a number that Housing is not told"],
)
def test_too_little_to_mean_one_person_is_no_question(known):
    assert rules.may_send(known, HOUSING) == {}


def test_an_age_is_no_date_of_birth():
    assert "born" not in rules.may_send({**KNOWN, "born": "1986~5"}, HOUSING)
    assert rules.may_send({**KNOWN, "born": "1984"}, HOUSING)["born"] == "1984"


def test_an_agreement_past_its_review_is_not_used_and_the_policy_says_so():
    assert rules.closed(HOUSING, HOUSING.review_by) == ""
    assert "to be reviewed by 30 November 2027" in rules.closed(HOUSING, date(2027, 12, 1))
    assert any("agreement with Housing" in line for line in POLICY.out_of_date(date(2027, 12, 1)))
    assert not any("agreement" in line for line in POLICY.out_of_date(date(2027, 11, 30)))


@pytest.mark.parametrize(
    ("state", "more", "ends"),
    [
        ("asked", {}, "no answer yet."),
        ("answered", {"found": 2}, "2 found."),
        ("answered", {"found": 0}, "nothing found."),
        ("answered", {"found": 10, "is_cut": True}, "10 found, and more than are taken."),
        ("failed", {"problem": "timeout"}, "not done, it did not answer in time."),
    ],
)
def test_the_line_says_whether_it_was_done_by_whom_and_when(state, more, ends):
    said = {"found": None, "is_cut": False, "problem": "", "because": "", **more}
    line = rules.line(label="Housing", who="Bryn Maddox", at=datetime(2026, 11, 22, 3, 14, tzinfo=UTC), state=state, **said)
    assert line == f"Housing asked by Bryn Maddox at 03:14: {ends}"


def test_two_systems_may_not_bear_one_name():
    from watchroom.force.policy import contradictions

    twice = POLICY.model_copy(update={"systems": (HOUSING, RECORDS.model_copy(update={"label": "Housing"}))})
    assert [path for path, _ in contradictions(twice)] == [("systems", "records", "label")]
