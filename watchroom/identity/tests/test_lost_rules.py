"""Whom to ring back, and whether it is safe: nothing that is added ever makes ringing easier (R3, R14, R15)."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.force import packs
from watchroom.identity.lost import rules
from watchroom.identity.lost.rules import Flagged, Said

POLICY = packs.national()
T = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
KINDS = [kind.code for kind in POLICY.markers.kinds]
ABUSE = Flagged("domestic_abuse", 1, "Domestic abuse")
WORD = Flagged("codeword", 1, "Ring only with the codeword", holds_code=True)


def ringing(said=(), flags=(), *, has_number=True, silence="", tries=0, channel="101"):
    return rules.safe_to_ring(
        has_number=has_number, said=said, flags=flags, silence=silence, tries=tries, channel=channel, policy=POLICY
    )


SAID = st.builds(
    Said,
    safe=st.sampled_from(["any", "some", "no", "unknown"]),
    times=st.sampled_from(["", "mornings"]),
    may_leave_message=st.booleans(),
)
#: Flags without a codeword: that is what makes ringing possible again, and stands alone below.
FLAG = st.builds(Flagged, kind=st.sampled_from(KINDS), level=st.integers(1, 3), title=st.just("A flag"))
CASE = st.fixed_dictionaries(
    {
        "said": st.lists(SAID, max_size=3),
        "flags": st.lists(FLAG, max_size=3),
        "has_number": st.booleans(),
        "silence": st.sampled_from(["", "Somebody else may be calling."]),
        "tries": st.integers(0, 4),
        "channel": st.sampled_from(["101", "999"]),
    }
)


def strictness(found):
    return rules.VERDICTS.index(found.verdict)


@given(CASE, FLAG, SAID)
def test_nothing_that_is_added_makes_ringing_easier(case, flag, said):
    before = ringing(**case)
    for worse in (
        {"flags": [*case["flags"], flag]},
        {"said": [*case["said"], Said("no")]},
        {"tries": case["tries"] + 1},
        {"has_number": False},
        {"silence": "Somebody else may be calling."},
    ):
        after = ringing(**{**case, **worse})
        assert strictness(after) >= strictness(before)
        assert after.may_leave_message <= before.may_leave_message
    assert strictness(ringing(**{**case, "said": [*case["said"], said]})) >= strictness(before)


@given(CASE)
def test_a_message_is_left_only_where_everybody_who_was_asked_said_so_and_nothing_speaks_against_it(case):
    found = ringing(**case)
    if found.may_leave_message:
        asked = [one for one in case["said"] if one.safe != "unknown"]
        assert asked
        assert all(one.may_leave_message and one.safe in ("any", "some") for one in asked)
        assert not case["silence"]
        assert not {flag.kind for flag in case["flags"]} & {"domestic_abuse", "stalking", "protected", "codeword"}
        assert "message" in rules.outcomes(found)
    else:
        assert "message" not in rules.outcomes(found)
        assert "Leave no message." in found.mind


@given(CASE)
def test_a_number_that_is_marked_unsafe_is_not_rung_without_its_codeword(case):
    guarded = ABUSE in case["flags"] or any(one.safe == "no" for one in case["said"])
    found = ringing(**case)
    if guarded or any(flag.kind in ("domestic_abuse", "stalking", "protected", "codeword") for flag in case["flags"]):
        assert found.verdict == "no"
    with_word = ringing(**{**case, "flags": [*case["flags"], ABUSE, WORD]})
    assert with_word.verdict in ("codeword", "no")
    assert not with_word.may_leave_message
    assert (with_word.verdict == "no") == (not case["has_number"] or case["tries"] >= 2)


def test_what_nobody_asked_is_rung_quietly():
    found = ringing([Said()])
    assert found.verdict == "ring"
    assert found.mind == (
        "Nobody has asked whether it is safe: say nothing of the police until you know who it is.",
        "Leave no message.",
    )


def test_the_reasons_say_what_stands_against_it():
    assert ringing(flags=[ABUSE]).because == ("No codeword is on record.", "Domestic abuse: somebody else may pick up.")
    assert ringing(flags=[ABUSE, WORD]).verdict == "codeword"
    assert ringing([Said("no")]).because[-1] == "They said that it is not safe to ring them."
    assert ringing([Said("some", "mornings")]).mind[0] == "Only at these times: mornings"
    assert ringing(has_number=False).because == ("The number was withheld.",)
    assert ringing(has_number=False, channel="chat").because == ("They left no number.",)


@pytest.mark.parametrize("channel", ["999", "101"])
def test_after_so_many_tries_as_the_policy_says_a_supervisor_decides(channel):
    most = rules.most_tries(channel, POLICY)
    assert most == 2
    assert ringing(tries=most - 1, channel=channel).verdict == "ring"
    assert ringing(tries=most, channel=channel).verdict == "no"
    assert rules.is_for_supervisor("no_answer", most, channel, POLICY)
    assert not rules.is_for_supervisor("no_answer", most - 1, channel, POLICY)
    assert rules.is_for_supervisor("wrong_person", 1, channel, POLICY)


@dataclass
class Caller:
    pk: int
    attention: int
    ended_at: datetime


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 600)), max_size=8))
def test_the_gravest_is_rung_first_and_of_equals_who_gave_up_first(found):
    callers = [Caller(n, attention, T + timedelta(seconds=s)) for n, (attention, s) in enumerate(found)]
    ordered = rules.in_order(callers, T)
    for one, other in itertools.pairwise(ordered):
        assert one.attention >= other.attention
        if one.attention == other.attention:
            assert one.ended_at <= other.ended_at
    assert rules.in_order(reversed(callers), T) == ordered


WINDOWS = (7200, 86400, 604800)


@pytest.mark.parametrize(
    ("seconds", "window"),
    [(-1, None), (0, 7200), (7200, 7200), (7201, 86400), (86400, 86400), (604800, 604800), (604801, None)],
)
def test_a_window_holds_its_own_edge_and_nothing_before_the_giving_up(seconds, window):
    assert rules.window_of(seconds, WINDOWS) == window
    assert rules.window_of(seconds, ()) is None


@pytest.mark.parametrize(
    ("said", "is_found", "expect"),
    [
        ("gave_up", True, "both"), ("gave_up", False, "said"), ("no", True, "found"), ("no", False, "neither"),
        ("no_help", True, "found"), ("bad_before", False, "neither"), ("", True, None), ("cannot_say", True, None),
    ],
)  # fmt: skip
def test_what_is_said_of_101_is_compared_with_what_is_found(said, is_found, expect):
    assert rules.compared(said, is_found) == expect
