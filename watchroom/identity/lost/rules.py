"""May this number be rung now, and how; who is rung first; and does what a 999 caller says of 101 agree with what is found?

An abandoned call says nothing of who will pick up. Of doubt and doubt, the number of somebody who lives with the person they fear
is not rung without the word that only they know; no message is left that they did not ask for; and a person decides what is done
instead. Whatever is added (a flag, a no, a try) never makes ringing easier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from watchroom.contacts.rules import CALLS
from watchroom.force.policy import Policy, marked

WAYS = {"number": "the same number", "person": "the same person", "place": "the same address"}
OUTCOMES = {
    "spoke": "Spoke with them",
    "no_answer": "No answer",
    "not_safe": "Not safe to speak",
    "wrong_person": "Somebody else answered",
    "message": "Left a message",
}
KEYS = {"spoke": "s", "no_answer": "n", "not_safe": "x", "wrong_person": "w", "message": "m"}
SAID_GAVE_UP = "gave_up"  # of the answers to “did you try 101 first?”, the one that the telephone system can confirm

Verdict = Literal["ring", "codeword", "no"]
VERDICTS: tuple[Verdict, ...] = ("ring", "codeword", "no")  # from the easiest to the strictest


@dataclass(frozen=True)
class Said:
    """What was said of how they may be reached, of this number or on this contact; `unknown` where nobody asked."""

    safe: str = "unknown"
    times: str = ""
    may_leave_message: bool = False


@dataclass(frozen=True)
class Flagged:
    """A flag, as far as ringing looks at it."""

    kind: str
    level: int
    title: str  # as whoever rings may read it
    holds_code: bool = False  # a codeword is sealed with it


@dataclass(frozen=True)
class Ringing:
    """Whether to ring: freely, only with the codeword, or not. `because` speaks against it, `mind` says how it is done."""

    verdict: Verdict
    because: tuple[str, ...]
    mind: tuple[str, ...]
    may_leave_message: bool
    was_asked: bool  # they said that it is safe, always or at some times; else nobody knows

    @property
    def may_ring(self) -> bool:
        return self.verdict != "no"


def safe_to_ring(
    *, has_number: bool, said: Iterable[Said], flags: Iterable[Flagged], silence: str, tries: int, channel: str, policy: Policy
) -> Ringing:
    """What may be done with this number. `silence`: why what is on record must not be spoken of (`flags.disclosing`)."""
    said, flags = tuple(said), tuple(flags)
    rule = policy.lost_callers
    guarded = [flag for flag in flags if marked(rule.not_without_codeword, [(flag.kind, flag.level)])]
    has_codeword = any(flag.holds_code for flag in flags)
    refuses = any(one.safe == "no" for one in said)
    stops, doubts = [], []
    if not has_number:
        stops.append("The number was withheld." if channel in CALLS else "They left no number.")
    if tries >= most_tries(channel, policy):
        stops.append(f"Rung {tries} times: a supervisor decides what is done.")
    if refuses:
        doubts.append("They said that it is not safe to ring them.")
    doubts += [f"{flag.title}: somebody else may pick up." for flag in guarded]
    if doubts and not has_codeword:
        stops.append("No codeword is on record.")
    verdict: Verdict = "no" if stops else "codeword" if doubts else "ring"
    times = [one.times for one in said if one.safe == "some" and one.times]
    mind = [f"Only at these times: {text}" for text in dict.fromkeys(times)]
    if any(one.safe == "some" for one in said) and not times:
        mind.append("Safe at some times only: nobody noted which.")
    was_asked = any(one.safe in ("any", "some") for one in said)
    if not was_asked:
        mind.append("Nobody has asked whether it is safe: say nothing of the police until you know who it is.")
    if silence:
        mind.append(f"Do not disclose. {silence}")
    may_leave = not (doubts or guarded or silence) and _may_leave(said)
    if not may_leave:
        mind.append("Leave no message.")
    return Ringing(verdict, (*stops, *doubts), tuple(mind), may_leave, was_asked)


def _may_leave(said: tuple[Said, ...]) -> bool:
    """Only where somebody said so, and nobody otherwise: whoever was not asked has not agreed."""
    asked = [one for one in said if one.safe != "unknown"]
    return bool(asked) and all(one.may_leave_message and one.safe in ("any", "some") for one in asked)


def most_tries(channel: str, policy: Policy) -> int:
    """How often somebody who gave up is rung back; of 999 the rule for silent calls says it."""
    return policy.silent_call.ring_back_attempts if channel == "999" else policy.lost_callers.tries


def outcomes(ringing: Ringing) -> dict[str, str]:
    """What may be said of a try: a message only where one may be left."""
    return {code: words for code, words in OUTCOMES.items() if code != "message" or ringing.may_leave_message}


def is_for_supervisor(outcome: str, tries: int, channel: str, policy: Policy) -> bool:
    """Whether a supervisor decides now: it was not safe, somebody else has the phone, or it was tried often enough."""
    return outcome in ("not_safe", "wrong_person") or tries >= most_tries(channel, policy)


class Lost(Protocol):
    """Somebody who gave up."""

    attention: int
    ended_at: datetime | None
    pk: int


L = TypeVar("L", bound=Lost)


def in_order(lost: Iterable[L], now: datetime) -> list[L]:
    """Who is rung first: the gravest attention, then who gave up first."""
    return sorted(lost, key=lambda one: (-one.attention, one.ended_at or now, one.pk))


# --- 101, then 999 ----------------------------------------------------------------------------------------------------


def window_of(seconds: float, windows: Sequence[int]) -> int | None:
    """The shortest of the policy's windows in which a 999 call so long after the giving up lies; None outside all (R15)."""
    return min((window for window in windows if 0 <= seconds <= window), default=None)


def compared(said: str, is_found: bool) -> str | None:
    """What a 999 caller says of 101 beside what is found: both, said, found, neither; None where they were not asked or cannot say."""
    if said in ("", "cannot_say"):
        return None
    if said == SAID_GAVE_UP:
        return "both" if is_found else "said"
    return "found" if is_found else "neither"
