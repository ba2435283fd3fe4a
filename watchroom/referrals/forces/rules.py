"""Whose is it now? A contact on its way to another force, seen from both ends. Pure.

Whoever receives it decides, once; the sender only learns. What the sender says (“take it”, “give it back”) and what it hears are
states and no steps, so that each message may come twice, late, or in another order, and nothing is ever in nobody's hands.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from watchroom.force.policy import Policy

Sent = Literal["sent", "delivered", "recalled", "accepted", "declined", "withdrawn"]
Came = Literal["waiting", "accepted", "declined", "withdrawn"]
SENT = {
    "sent": "On its way",
    "delivered": "They have it, and nobody there has accepted it yet",
    "recalled": "Being taken back",
    "accepted": "Accepted",
    "declined": "Declined",
    "withdrawn": "Taken back",
}
CAME = {"waiting": "To be accepted", "accepted": "Accepted", "declined": "Declined", "withdrawn": "Taken back by them"}
OPEN = ("sent", "delivered", "recalled")

PROBLEMS = {  # why it is not there yet
    "unconnected": "they are not connected here",
    "unreachable": "they could not be reached",
    "refused": "their system refused it",
    "nonsense": "their system answered something that is no answer",
}


def is_ours(state: str) -> bool:
    """Whether the sender still has the risk: always, but for one state."""
    return state != "accepted"


def learned(state: Sent, heard: Came) -> Sent:
    """What the sender's state is after it heard this from the other end. What has ended stays as it ended."""
    if state not in OPEN:
        return state
    if heard == "waiting":
        return "delivered" if state == "sent" else state
    return heard


def told(state: Came | None, *, is_recalled: bool) -> Came:
    """What the receiver's state is after the sender told it; None before anything came. A recall that comes first keeps what
    comes after it out; one that comes too late changes nothing."""
    if state is None or state == "waiting":
        return "withdrawn" if is_recalled else "waiting"
    return state


def answered(state: Came, answer: Literal["accepted", "declined"]) -> Came | None:
    """The receiver's state after one of them answered, or None where that may not be."""
    return answer if state in ("waiting", answer) else None


def takes_more(state: Came) -> bool:
    """Whether what comes after the handing over is taken in: while it waits; and once it is accepted, for information, what was
    written before the sender knew so. Of what stays with the sender nothing more is kept."""
    return state in ("waiting", "accepted")


def accept_by(at: datetime, *, is_urgent: bool, policy: Policy) -> datetime:
    """Until when the other force has accepted it, or it climbs with us."""
    rule = policy.handing_over
    return at + timedelta(seconds=rule.accept_urgent_s if is_urgent else rule.accept_s)


def is_urgent(*, is_live: bool, canonical: str) -> bool:
    return is_live or canonical == "immediate"


def attention(*, is_live: bool, canonical: str) -> int:
    """How far it is lifted in the receiver's queue: by danger and by who waits, as the sender says; nothing lowers it."""
    by_grade: Mapping[str, int] = {"immediate": 2, "priority": 1}
    return max(by_grade.get(canonical, 0), 2 if is_live else 0)
