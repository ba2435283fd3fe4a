"""A message of ours to somebody outside: may it go to them, how far is it, and what is done when a try breaks off?

The rules are pure; the transitions change a locked row (`models.Sending`) and say whether anything changed. A link tells its own facts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from watchroom.contacts.models import Sending
from watchroom.foundation.errors import Invalid

TRIES = 6


class Tried(NamedTuple):
    """How a try ended. `is_known`: whether the other side said if it took the message; `is_final`: another try is of no use."""

    problem: str = ""
    is_final: bool = False
    is_known: bool = True


def may_write(safe_contact: str, safe_ways: Sequence[str], way: str, label: str) -> str:
    """Why nobody may write to them this way, in a sentence; empty when it is safe. Not asked is not safe: somebody else may read it."""
    if safe_contact == "any" or (safe_contact == "some" and way in safe_ways):
        return ""
    if safe_contact == "some":
        return f"They named safe ways, and {label} is none of them."
    if safe_contact == "no":
        return "They must not be contacted."
    return (
        "Nobody has asked yet whether it is safe to write to them. That they wrote to us does not make it so: say it under “Safe way"
        " to reach them” once you know."
    )


def looked(said: str) -> bool:
    """Whether somebody who looked found that it went out: `yes` or `no`. Raises Invalid."""
    if said not in ("yes", "no"):
        raise Invalid(was_sent="Say whether it was sent.")
    return said == "yes"


def wait_s(tries: int) -> int:
    """Seconds until the next try."""
    return int(min(3600, 20 * 3**tries))


Step = Literal["nothing", "send", "wait", "look"]


def next_step(
    *, sent_at: datetime | None, doubted_at: datetime | None, sending_at: datetime | None, now: datetime, look_after: timedelta
) -> Step:
    """What a job does about a message now. A try that has begun and of which nobody knows how it ended is never followed by another.

    Until `look_after` has passed the first may still be under way. Then the other side is asked whether it has it, and a person.
    """
    if sent_at or doubted_at:
        return "nothing"
    if sending_at is None:
        return "send"
    return "wait" if now - sending_at < look_after else "look"


def begin(row: Sending, *, at: datetime, look_after_s: int) -> Step:
    """What is to be done about it now. To be sent: it is noted, before anything goes out, that a try has begun."""
    step = next_step(
        sent_at=row.sent_at,
        doubted_at=row.doubted_at,
        sending_at=row.sending_at,
        now=at,
        look_after=timedelta(seconds=look_after_s),
    )
    if step == "send":
        row.sending_at = at
        row.save(update_fields=["sending_at"])
    return step


def sent(row: Sending, *, at: datetime) -> bool:
    """It went out. False when that was known."""
    if row.sent_at:
        return False
    row.sent_at, row.problem, row.doubted_at = at, "", None
    row.save(update_fields=["sent_at", "problem", "doubted_at"])
    return True


def doubt(row: Sending, *, at: datetime) -> bool:
    """A try broke off, and nobody knows whether it went out: a person has to look. False when one has to, or need not."""
    if row.sent_at or row.doubted_at:
        return False
    row.doubted_at = at
    row.save(update_fields=["doubted_at"])
    return True


def failed(row: Sending, *, problem: str, is_final: bool) -> bool:
    """This try failed, and it is known that nothing went out. Returns whether it was the last."""
    row.tries, row.problem, row.sending_at = row.tries + 1, problem[:200], None
    row.save(update_fields=["tries", "problem", "sending_at"])
    return is_final or row.tries >= TRIES


def anew(row: Sending) -> None:
    """A person has looked, and it did not go out: it is sent as if nothing had been tried."""
    row.sending_at = row.doubted_at = None
    row.tries = 0
    row.save(update_fields=["sending_at", "doubted_at", "tries"])
