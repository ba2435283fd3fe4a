"""May a callback be promised to this caller, and when is it rung? Pure; who gets it at which turn is said by `contacts.routing`."""

from datetime import datetime, timedelta

from watchroom.contacts.attendant.rules import CHANNEL
from watchroom.force.policy import Policy

HOWS = {  # how one ended
    "reached": "Spoken with",
    "taken_up": "They rang again first",
    "unreached": "Not reached, and let go",
}


def refuses(*, channel: str, number: str, has_one: bool, owed: int, now: datetime, policy: Policy) -> str:
    """Why none is promised, in a sentence; empty when one is. `now` is in the force's own zone; `owed`: how many are, without this one.

    Nothing is promised that cannot be kept: not to a number that cannot be rung, and not so late that its time runs into the night.
    """
    if not policy.callbacks.is_on:
        return "This force promises no callbacks."
    if channel != CHANNEL:
        return f"Only who rings {CHANNEL} can be promised a callback."
    if not number.startswith("+"):
        return "The number was withheld, or cannot be rung."
    if has_one:
        return "This number is owed a callback already."
    if owed >= policy.callbacks.most:
        return "As many callbacks are owed as can be kept."
    if not is_open(now, policy):
        return "It could not be kept within the hours of callbacks."
    return ""


def is_hour(now: datetime, policy: Policy) -> bool:
    """Whether anybody is rung at this hour."""
    return policy.routing.callbacks_from_hour <= now.hour < policy.routing.callbacks_to_hour


def is_open(now: datetime, policy: Policy) -> bool:
    """Whether one that is promised now is rung today within its hours. Hours of the wall clock: of a night they change it is closed."""
    rule = policy.routing
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=rule.callbacks_to_hour)
    return is_hour(now, policy) and now + timedelta(seconds=policy.callbacks.within_s) <= end


def due_at(agreed_at: datetime, policy: Policy) -> datetime:
    """By when they are rung, or a supervisor has it."""
    return agreed_at + timedelta(seconds=policy.callbacks.within_s)
