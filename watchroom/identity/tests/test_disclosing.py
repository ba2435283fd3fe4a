"""In doubt nobody speaks of a victim's flag: only a confirmation by a person outweighs doubt."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from watchroom.identity.flags.disclosing import Line, silence
from watchroom.identity.rules import TIERS

VICTIM, OTHER = 1, 2
people = st.integers(1, 4)
lines = st.builds(
    Line,
    tiers=st.dictionaries(people, st.sampled_from(TIERS), max_size=4),
    sharing=st.frozensets(people, max_size=4),
    confirmed=st.none() | people,
    number_is_typed=st.booleans(),
)
alone = Line(tiers={VICTIM: "known"}, sharing=frozenset({VICTIM}))


@given(lines)
def test_confirmed_as_the_victim_it_may_be_spoken_of_whatever_else_is_so(line):
    assert silence(VICTIM, replace(line, confirmed=VICTIM)) == ""


@given(lines, st.integers(2, 4))
def test_confirmed_as_anybody_else_it_never_is(line, somebody):
    assert silence(VICTIM, replace(line, confirmed=somebody))


@given(lines, people)
def test_one_more_who_shares_number_or_address_never_opens_a_mouth(line, more):
    before = silence(VICTIM, line)
    after = silence(VICTIM, replace(line, sharing=line.sharing | {more}))
    assert after or not before


@given(lines, st.sampled_from(TIERS))
def test_being_less_sure_that_it_is_the_victim_never_opens_a_mouth(line, tier):
    surer = replace(line, tiers={**line.tiers, VICTIM: "known"})
    less = replace(line, tiers={**line.tiers, VICTIM: tier})
    assert silence(VICTIM, less) or not silence(VICTIM, surer)


@given(lines)
def test_unconfirmed_it_is_spoken_of_only_where_the_victim_is_sure_alone_and_not_typed(line):
    line = replace(line, confirmed=None)
    may = silence(VICTIM, line) == ""
    assert may == (line.tiers.get(VICTIM) in ("known", "likely") and line.sharing <= {VICTIM} and not line.number_is_typed)


@given(lines)
def test_a_flag_of_nobody_named_is_spoken_of_to_a_confirmed_caller_who_shares_with_nobody_only(line):
    may = silence(None, line) == ""
    assert may == (line.confirmed is not None and line.sharing <= {line.confirmed})


@given(lines)
def test_a_reason_is_a_sentence_and_names_nobody(line):
    because = silence(VICTIM, line)
    assert because == "" or because.endswith(".")


def test_the_sister_the_ex_partner_and_the_child_are_thought_of():
    assert silence(VICTIM, alone) == ""
    assert "household" in silence(VICTIM, replace(alone, tiers={VICTIM: "household"}))
    assert "1 other person" in silence(VICTIM, replace(alone, sharing=frozenset({VICTIM, OTHER})))
    assert "2 other people" in silence(VICTIM, replace(alone, sharing=frozenset({VICTIM, OTHER, 3})))
    assert "not known" in silence(VICTIM, replace(alone, tiers={OTHER: "known"}))
    assert "only possible" in silence(VICTIM, replace(alone, tiers={VICTIM: "possible"}))
    assert "type a number" in silence(VICTIM, replace(alone, number_is_typed=True))
