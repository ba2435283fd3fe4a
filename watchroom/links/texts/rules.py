"""May this go to a telephone by text, and how far is it? Pure.

A text stays on the telephone, and lights up on it: whoever holds it reads it. So it goes only to the mobile from which the network says
that they rang us, and only where somebody has said that it is safe.
"""

import re
from datetime import datetime, timedelta

WAY = "text"
MOBILE = re.compile(r"\+447[1-57-9]\d{8}")  # of the United Kingdom; +4470 are personal numbers, +4476 pagers
RANG = ("999", "101")  # of these the network says the number; anywhere else somebody typed it
LASTS = timedelta(minutes=5)  # what no gateway has taken by then is not sent any more: it may not be safe later
HERE = timedelta(minutes=1)  # a gateway that has not asked for so long is not there
MOST = 480  # characters: three parts of a text

#: From what is known to what may follow. Whatever has ended stays as it ended: a report that comes twice, or late, changes nothing.
STATES = {
    "waiting": "waits for the gateway",
    "taken": "the gateway has it",
    "sent": "handed to the network; whether it reached the telephone is not known yet",
    "delivered": "it reached the telephone",
    "failed": "it was not delivered",
    "dropped": "it was not sent: no gateway took it in time, or it was not safe any more",
}
FOLLOWS = {"waiting": ("taken", "dropped"), "taken": ("sent", "delivered", "failed"), "sent": ("delivered", "failed")}


def why_not(*, channel: str, number: str, unsafe: str, is_watched: bool, seen_at: datetime | None, at: datetime) -> str:
    """Why nothing may be sent to their telephone, in a sentence; empty when it may.

    `unsafe`: why nobody may write to them this way, as they or a person said (`contacts.sending.may_write`). `is_watched`: a victim's or
    a restricted flag is on this number, place or person, so that somebody else may hold the telephone. `seen_at`: when a gateway last
    asked.
    """
    if channel not in RANG:
        return "They did not ring from a telephone."
    if not number:
        return "Their number is withheld."
    if not MOBILE.fullmatch(number):
        return "They did not ring from a mobile."
    if is_watched:
        return "A victim’s flag, or a restricted one, stands here: somebody else may read their telephone."
    if unsafe:
        return unsafe
    if seen_at is None or at - seen_at > HERE:
        return "No gateway for texts is connected, or it is down."
    return ""


def told(state: str, said: str) -> str:
    """The state after the gateway said this; the same when it says nothing new."""
    return said if said in FOLLOWS.get(state, ()) else state


def is_late(at: datetime, now: datetime) -> bool:
    return now - at > LASTS
