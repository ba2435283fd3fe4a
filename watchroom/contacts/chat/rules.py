"""Is the chat open, is somebody still there, have they gone quiet, and may this person take one more?

Pure: times are passed in; `local` is in the force's own zone, because the hours of opening go by its clock.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from watchroom.force.policy import Policy

CHANNEL = "chat"
TEXTS = "emergency_sms"
TALKS = (CHANNEL, TEXTS)  # written to and fro; only of a chat is there a page that asks for news
SPOKEN = ("caller", "to_caller")  # origins of the lines that both sides see; every other line is the room's own
KEEPS_FOR = timedelta(hours=1)  # their page shows what was said so long after the end
WRITING_FOR = timedelta(seconds=8)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Talk(Protocol):
    """A chat, as far as the clocks look at it."""

    seen_at: datetime
    caller_at: datetime


def is_open(local: datetime, policy: Policy) -> bool:
    """Whether the public page offers a chat now. Whoever is in one already goes on after hours."""
    return policy.chat.is_on and any(
        local.weekday() in one.days and one.from_hour <= local.hour < one.to_hour for one in policy.chat.hours
    )


def hours_said(policy: Policy) -> list[str]:
    """The hours as the closed page says them: `Monday to Friday, 08:00 to 22:00`. None when there is no chat."""
    return [f"{_days(one.days)}, {one.from_hour:02}:00 to {one.to_hour:02}:00" for one in policy.chat.hours if policy.chat.is_on]


def _days(days: tuple[int, ...]) -> str:
    found = sorted(set(days))
    if len(found) == 7:
        return "Every day"
    if len(found) > 2 and found == list(range(found[0], found[-1] + 1)):
        return f"{DAYS[found[0]]} to {DAYS[found[-1]]}"
    return ", ".join(DAYS[day] for day in found)


def is_gone(talk: Talk, now: datetime, policy: Policy) -> bool:
    """Whether their page is closed, or its device asleep: it has not asked for news for so long."""
    return now - talk.seen_at >= timedelta(seconds=policy.chat.gone_s)


def silent_s(talk: Talk, answered_at: datetime, now: datetime) -> float:
    """Seconds without a word from them, since the answer or their last message, whichever is later."""
    return max(0.0, (now - max(answered_at, talk.caller_at)).total_seconds())


def went_quiet(talk: Talk, answered_at: datetime | None, now: datetime, policy: Policy) -> bool:
    """Silent abandonment: answered, no word for `quiet_s`, and gone for `gone_s`. Somebody who only thinks has their page open.

    It closes nothing: who falls silent may have been found out, and somebody has to look.
    """
    if answered_at is None or not is_gone(talk, now, policy):
        return False
    return silent_s(talk, answered_at, now) >= policy.chat.quiet_s


def is_writing(writing_at: datetime | None, now: datetime) -> bool:
    """Whether somebody in the room writes to them at this moment. A hint that is not renewed within seconds has ended."""
    return writing_at is not None and now - writing_at < WRITING_FOR


def may_write(state: str) -> bool:
    """Whether the caller may still write. Who gave up waiting and writes again is back in their old place."""
    return state in ("waiting", "answered", "abandoned")


def refuses_one_more(held: int, policy: Policy) -> str:
    """Why this person may take no further chat, in a sentence; empty when they may."""
    most = policy.routing.chats_at_once
    if held < most:
        return ""
    one = "one chat" if most == 1 else f"{most} chats"
    return f"You have {one} open, as many as one person can follow. End one or pass it on first."


def seen_as(origin: str) -> str:
    """How their own page calls who wrote a line."""
    return {"caller": "You", "to_caller": "Control room"}[origin]


def by_code(policy: Policy) -> Mapping[str, str]:
    """The canned answers: code and text."""
    return {one.code: one.text for one in policy.chat.answers}
