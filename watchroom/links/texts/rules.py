"""May this go to a telephone by text, and how far is it? Pure.

A text stays on the telephone, and lights up on it: whoever holds it reads it. So it goes only to the mobile from which the network says
that they rang us, and only where somebody has said that it is safe.
"""

import re
from collections.abc import Callable
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
    "lost": "the gateway took it and said no more: nobody knows whether it was sent",
}
FOLLOWS = {
    "waiting": ("taken", "dropped"),
    "taken": ("sent", "delivered", "failed", "lost"),
    "sent": ("delivered", "failed"),
    "lost": ("sent", "delivered", "failed"),
}
NOT_THERE = ("failed", "dropped", "lost")  # what was promised to the caller has not reached them, as far as anybody knows


def why_not(
    *,
    channel: str,
    number: str,
    unsafe: str,
    at: datetime,
    seen_at: Callable[[], datetime | None],
    refused: Callable[[], bool],
    is_watched: Callable[[], bool],
) -> str:
    """Why nothing may be sent to their telephone, in a sentence; empty when it may.

    `unsafe`: why nobody may write to them this way, as they or a person said (`contacts.sending.may_write`). What costs more is asked
    for only where nothing before it stands against it: `seen_at`, when a gateway last asked; `refused`, whether somebody said on
    another call from this number that they must not be contacted; `is_watched`, whether a victim's or a restricted flag is on this
    number, place or person, so that somebody else may hold the telephone.
    """
    if channel not in RANG:
        return "They did not ring from a telephone."
    if not number:
        return "Their number is withheld."
    if not MOBILE.fullmatch(number):
        return "They did not ring from a mobile."
    if unsafe:
        return unsafe
    seen = seen_at()
    if seen is None or at - seen > HERE:
        return "No gateway for texts is connected, or it is down."
    if refused():
        return "From this number somebody said on another call that they must not be contacted."
    if is_watched():
        return "A victim’s flag, or a restricted one, stands here: somebody else may read their telephone."
    return ""


def told(state: str, said: str) -> str:
    """The state after the gateway said this; the same when it says nothing new."""
    return said if said in FOLLOWS.get(state, ()) else state


def is_late(at: datetime, now: datetime) -> bool:
    return now - at > LASTS
