"""References, statuses, and what sounds like danger now."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.force import packs
from watchroom.portal import rules

NATIONAL = packs.national()


@given(st.text(max_size=40))
def test_a_code_is_read_back_as_it_was_shown_whatever_the_force_is_called(name: str) -> None:
    code = rules.new_code(name, secrets.choice)
    assert rules.read_code(rules.shown_code(code)) == code
    assert rules.read_code(f" {rules.shown_code(code).lower().replace('-', ' . ')} ") == code


@given(st.text(max_size=60))
def test_anything_else_is_no_code_and_no_error(typed: str) -> None:
    code = rules.read_code(typed)
    assert code == "" or len(code) == 10


DANGER = [
    "he is outside with a knife",
    "He’s outside",
    "I want to die",
    "my husband is beating me",
    "someone is trying to get in",
    "he strangled me",
]


@pytest.mark.parametrize("text", DANGER)
def test_danger_is_heard(text: str) -> None:
    assert rules.urgent_cues({"text": text}, NATIONAL)


@pytest.mark.parametrize("text", ["Someone took my bicycle.", "My neighbours are loud every week", "There was no knife", ""])
def test_what_is_no_danger_now_is_not_interrupted(text: str) -> None:
    assert rules.urgent_cues({"text": text}, NATIONAL) == ()


def test_saying_now_is_danger_enough() -> None:
    assert rules.urgent_cues({"text": "Noise", "when": "now"}, NATIONAL) == ("now",)


@pytest.mark.parametrize(
    "said", [{}, {"safe": ""}, {"safe": "no"}, {"safe": "some"}, {"safe": "some", "ways": []}, {"safe": "maybe"}]
)
def test_whatever_is_not_a_clear_yes_is_no(said: dict) -> None:
    assert rules.safe_contact(said) == "no"


@pytest.mark.parametrize(
    ("contact", "incident", "status"),
    [
        ("waiting", None, "received"),
        ("abandoned", None, "received"),
        ("answered", "open", "reading"),
        ("wrapped", "open", "answered"),
        ("wrapped", "closed", "closed"),
        ("wrapped", None, "closed"),
    ],
)
def test_how_far_it_is(contact: str, incident: str | None, status: str) -> None:
    assert rules.status(contact, incident) == status
