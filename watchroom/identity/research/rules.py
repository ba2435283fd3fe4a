"""Which systems may be asked, what may they be told, and what does the log say of it? Pure: policy and time are arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from watchroom.force.policy import System
from watchroom.identity.likeness import words
from watchroom.identity.likeness.words import Said

FIELDS: dict[str, str] = {"name": "name", "born": "date of birth", "number": "number", "address": "address"}
LONGEST_SENT = {"name": 120, "born": 10, "number": 24, "address": 200}

#: Why nothing came of it, as whoever asked reads it. The code stands in the fact.
PROBLEMS = {
    "unreachable": "it could not be reached",
    "timeout": "it did not answer in time",
    "busy": "it is too busy, or has a fault of its own",
    "refused": "it refused us",
    "nonsense": "its answer could not be read",
    "lapsed": "it could not be asked in time",
    "unconnected": "it is not connected here",
    "expired": "the agreement with it has ended",
}

Problem = Literal["unreachable", "timeout", "busy", "refused", "nonsense", "lapsed", "unconnected", "expired"]


@dataclass(frozen=True, kw_only=True)
class Came:
    """One record as another system sent it, already checked by the link: plain words, of lengths that fit."""

    external: str
    given_name: str = ""
    family_name: str = ""
    born: str = ""  # 1984-03-12, 1984-03, 1984
    numbers: tuple[str, ...] = ()
    addresses: tuple[Mapping[str, str], ...] = ()  # street, town, postcode
    flags: tuple[str, ...] = ()
    as_of: date | None = None


def closed(system: System, on: date) -> str:
    """Why this system may not be asked on this day; empty when it may."""
    if system.holds_on(on):
        return ""
    return f"Not asked: the agreement was to be reviewed by {system.review_by:%-d %B %Y}, and has not been."


def may_send(known: Mapping[str, str], system: System) -> dict[str, str]:
    """Of what is known of who is in touch, what this system may be told. Empty when that is too little to ask for anybody.

    A single name alone finds everybody who is called so, a date of birth alone everybody born then: that is no question about
    one person. An age is no date, and is not sent.
    """
    sent: dict[str, str] = {
        field: value
        for field in FIELDS
        if field in system.asks and (value := " ".join(known.get(field, "").split())[: LONGEST_SENT[field]])
    }
    if "~" in sent.get("born", ""):
        del sent["born"]
    says_who = len(sent.get("name", "").split()) > 1 or "number" in sent or "address" in sent
    return sent if says_who else {}


def needs(system: System) -> str:
    """What has to be known before this system can be asked, in words."""
    enough = [
        words
        for field, words in (("name", "a full name"), ("number", "a number"), ("address", "an address"))
        if field in system.asks
    ]
    return _or(enough)


def _or(parts: Sequence[str]) -> str:
    return parts[-1] if len(parts) < 2 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def ways(record: Came) -> list[Said]:
    """The record in normal form, once for each of its addresses and numbers, side by side."""
    addresses: Sequence[Mapping[str, str]] = record.addresses or ({},)
    numbers: Sequence[str] = record.numbers or ("",)
    return [
        words.said(
            given=record.given_name.split(" ")[0],
            family=record.family_name,
            born_on=record.born,
            street=addresses[min(place, len(addresses) - 1)].get("street"),
            town=addresses[min(place, len(addresses) - 1)].get("town"),
            postcode_of=addresses[min(place, len(addresses) - 1)].get("postcode"),
            number=numbers[min(place, len(numbers) - 1)],
        )
        for place in range(max(len(addresses), len(numbers)))
    ]


def came_to(state: str, found: int | None, is_cut: bool, problem: str) -> str:
    """What came of it, as the log and the screens say it."""
    if state == "asked":
        return "no answer yet"
    if state == "failed":
        return f"not done, {PROBLEMS.get(problem, problem)}"
    return f"{found or 'nothing'} found{', and more than are taken' if is_cut else ''}"


def line(*, label: str, who: str, at: datetime, state: str, found: int | None, is_cut: bool, problem: str, because: str) -> str:
    """`Housing asked by Bryn Maddox at 03:14: 2 found.` `at` is on the force's own clock."""
    if state == "not_needed":
        return f"not needed, says {who}. “{because}”"
    return f"{label} asked by {who} at {at:%H:%M}: {came_to(state, found, is_cut, problem)}."


def is_late(asked_at: datetime, at: datetime, lapses_after_s: int) -> bool:
    """Whether what was asked then is not to be sent any more."""
    return (at - asked_at).total_seconds() > lapses_after_s
