"""May somebody be written to, and what does a message of ours say above its words?"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

TRIES = 6
LONGEST_REPLY = 20_000


def may_reply(safe_contact: str, safe_ways: Sequence[str], address: str) -> str:
    """Why nobody may write to them, in a sentence; empty when it is safe. Not asked is not safe: somebody else may read the mailbox."""
    if not address:
        return "No address is known."
    if safe_contact == "any" or (safe_contact == "some" and "email" in safe_ways):
        return ""
    if safe_contact == "some":
        return "They named safe ways, and e-mail is none of them."
    if safe_contact == "no":
        return "They must not be contacted."
    return (
        "Nobody has asked yet whether it is safe to write to them. That they wrote to us does not make it so: say it under “Safe way"
        " to reach them” once you know."
    )


def is_address(text: str) -> bool:
    """One plain address; nothing that a mail server would take for a second one, or for a header."""
    return (
        bool(re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?", text))
        and text.isascii()
    )


def reply_subject(force_name: str, reference: str) -> str:
    """Never what it is about: a subject is read on a locked telephone, over a shoulder."""
    return f"{force_name}: your message {reference}"


def wait_s(tries: int) -> int:
    """Seconds until the next try."""
    return int(min(3600, 20 * 3**tries))


Step = Literal["nothing", "send", "wait", "look"]


def next_step(
    *, sent_at: datetime | None, doubted_at: datetime | None, sending_at: datetime | None, now: datetime, look_after: timedelta
) -> Step:
    """What a job does about a message now. A try that has begun and of which nobody knows how it ended is never followed by another.

    Until `look_after` has passed the first may still be under way. Then the Sent folder is looked into, and a person asked.
    """
    if sent_at or doubted_at:
        return "nothing"
    if sending_at is None:
        return "send"
    return "wait" if now - sending_at < look_after else "look"
