"""When a chat is open, when somebody is held to have gone quiet, and how many one person follows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from watchroom.contacts.chat import rules
from watchroom.force import packs
from watchroom.force.policy import Chat, Opening

NATIONAL = packs.national()
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def with_chat(**more):
    return NATIONAL.model_copy(update={"chat": NATIONAL.chat.model_copy(update=more)})


OFFICE = (Opening(days=(0, 1, 2, 3, 4), from_hour=8, to_hour=18),)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (MONDAY_NOON, True),
        (MONDAY_NOON.replace(hour=8), True),
        (MONDAY_NOON.replace(hour=7, minute=59), False),
        (MONDAY_NOON.replace(hour=18), False),
        (MONDAY_NOON + timedelta(days=5), False),
    ],
)
def test_it_is_open_in_the_hours_of_the_policy_only(moment, is_open):
    assert rules.is_open(moment, with_chat(is_on=True, hours=OFFICE)) is is_open
    assert not rules.is_open(moment, with_chat(is_on=False, hours=OFFICE))


def test_an_older_policy_that_knows_no_chat_has_none():
    assert not rules.is_open(MONDAY_NOON, NATIONAL.model_copy(update={"chat": Chat()}))


def test_the_hours_are_said_as_people_say_them():
    several = (*OFFICE, Opening(days=(5, 6), from_hour=10, to_hour=16))
    assert rules.hours_said(with_chat(hours=several)) == ["Monday to Friday, 08:00 to 18:00", "Saturday, Sunday, 10:00 to 16:00"]
    assert rules.hours_said(with_chat(hours=(Opening(from_hour=0, to_hour=24),))) == ["Every day, 00:00 to 24:00"]
    assert rules.hours_said(with_chat(is_on=False)) == []


@dataclass
class Talk:
    seen_at: datetime
    caller_at: datetime


def ago(seconds: float) -> datetime:
    return MONDAY_NOON - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seen", "wrote", "answered", "is_quiet"),
    [
        (90, 600, 180, True),  # gone for long enough, silent since the answer for long enough
        (89, 600, 600, False),  # the page still asks: they only think
        (600, 179, 600, False),  # they wrote a moment ago
        (600, 600, 179, False),  # answered a moment ago: before it, they waited, and said nothing because nobody asked
        (600, 180, 600, True),  # they wrote last, and are gone: whether it was our turn does not matter
        (600, 600, None, False),  # nobody has answered: they have given up, which is another thing
    ],
)
def test_silent_abandonment_has_a_definition_of_its_own(seen, wrote, answered, is_quiet):
    talk = Talk(seen_at=ago(seen), caller_at=ago(wrote))
    answered_at = None if answered is None else ago(answered)
    assert rules.went_quiet(talk, answered_at, MONDAY_NOON, NATIONAL) is is_quiet


def test_a_fifth_is_refused_in_a_sentence():
    assert rules.refuses_one_more(3, NATIONAL) == ""
    assert rules.refuses_one_more(4, NATIONAL).startswith("You have 4 chats open, as many as one person can follow.")


def test_only_lines_that_both_sides_see_are_spoken():
    assert set(rules.SPOKEN) == {"caller", "to_caller"}
    with pytest.raises(KeyError):
        rules.seen_as("handler")
