"""A reason is inferred from the words and never more than offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts.unlogged import infer
from watchroom.force import packs

POLICY = packs.national()
SAID = {
    "update": "Any update on my burglary? I have a crime reference.",
    "opening_hours": "What time do you open on Sunday?",
    "accidental": "Sorry, it was in my pocket.",
    "lost_found": "I have lost my keys on the bus.",
    "thanks": "I want to thank the officers.",
    "wrong_agency": "There is a pothole outside, and bins all over.",
}


@pytest.mark.parametrize(("reason", "words"), SAID.items())
def test_what_is_plainly_said_is_offered_with_the_words_that_led_to_it(reason, words):
    found = infer([words], (), POLICY)
    assert found.reason == reason
    assert found.agency == ("council" if reason == "wrong_agency" else "")
    assert all(word in words for word in found.words)
    assert found.words


def test_nothing_heard_and_two_things_heard_alike_offer_nothing():
    assert infer([], (), POLICY) is None
    assert infer(["He was here and went."], (), POLICY) is None
    assert infer(["I have lost my keys.", "It was by accident."], (), POLICY) is None
    assert infer(["no update"], (), POLICY) is None


def test_what_somebody_else_should_have_is_not_guessed_between_two():
    assert infer(["The landlord, no: my landlord, and a pothole."], (), POLICY) is None


DANGEROUS = [cue.code for cue in POLICY.cues if cue.grade]


@given(
    st.lists(st.sampled_from([*SAID.values(), "He has gone.", ""]), max_size=4),
    st.lists(st.sampled_from([cue.code for cue in POLICY.cues]), max_size=3),
)
def test_it_never_offers_a_reason_where_danger_was_heard_and_shows_only_words_that_were_written(texts, cues):
    found = infer(texts, cues, POLICY)
    if set(cues) & set(DANGEROUS):
        assert found is None
    if found:
        assert found.reason in {one.code for one in POLICY.reasons}
        assert all(any(word.lower() in text.lower() for text in texts) for word in found.words)
        assert not POLICY.reason(found.reason).needs_agency or found.agency
