"""To which call does a position belong, and is its time one that can be?"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from watchroom.contacts.rules import CALLS
from watchroom.force.policy import Locations


class Unreadable(ValueError):
    """What was sent is no position. `fields` says of each field, by the name that the sender gave it, what is wrong."""

    def __init__(self, **fields: str) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class Call(Protocol):
    """A contact, as far as matching looks at it."""

    pk: int
    channel: str
    caller_number: str
    received_at: datetime
    ended_at: datetime | None


def calls_of(number: str, calls: Iterable[Call], *, taken_at: datetime, heard_at: datetime, policy: Locations) -> list[int]:
    """The calls, by their ids, that a position of this number is about: 999 or 101, the same number, and close enough in time.

    It is on the line, or the line went down not longer than `after_s` ago; and the position was found not longer than
    `before_s` before the call came. Several are marked by whoever calls this: the number cannot tell them apart.
    """
    return [
        call.pk
        for call in calls
        if number
        and call.channel in CALLS
        and call.caller_number == number
        and taken_at >= call.received_at - timedelta(seconds=policy.before_s)
        and (call.ended_at is None or heard_at <= call.ended_at + timedelta(seconds=policy.after_s))
    ]


def is_kept(heard_at: datetime, now: datetime, policy: Locations) -> bool:
    """Whether a position that met no call still waits for one."""
    return now <= heard_at + timedelta(seconds=policy.before_s)


def problem_of_time(taken_at: datetime, now: datetime, policy: Locations) -> str:
    """Why a position found at this time is not taken, in a sentence; empty when it is."""
    age = (now - taken_at).total_seconds()
    if age < -policy.ahead_s:
        return "This time has not come yet. Times are UTC."
    if age > policy.oldest_s:
        return f"This was found more than {policy.oldest_s // 60} minutes ago. Times are UTC."
    return ""
