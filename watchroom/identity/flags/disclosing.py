"""May a victim's flag be spoken of to whoever holds the phone?

The sister, the ex-partner or the child may hold it. Until a person has confirmed who is calling, doubt means silence: a word
about an earlier call, said to the wrong one, can cost a life. Saying nothing costs one safe question.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from watchroom.identity.flags.rules import Flag


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is known of who may hold the phone.

    `tiers`: how surely each person is the caller, by person. `sharing`: who uses this number or lives at this place.
    `confirmed`: whom a handler confirmed as the caller of this contact.
    """

    tiers: Mapping[int, str]
    sharing: frozenset[int] = frozenset()
    confirmed: int | None = None
    number_is_typed: bool = False


def silence(victim: int | None, line: Line) -> str:
    """Why a flag of this victim must not be spoken of on this line; empty when it may be.

    Only one thing outweighs doubt: that a handler confirmed the caller as the victim. `victim` is None where the record does
    not say whose flag it is; it may then be spoken of to a confirmed caller who shares number and place with nobody.
    """
    if victim is None:
        if line.confirmed is not None and not line.sharing - {line.confirmed}:
            return ""
        return "The record does not say whose flag this is."
    if line.confirmed == victim:
        return ""
    if line.confirmed is not None:
        return "The caller is confirmed as somebody else."
    tier = line.tiers.get(victim)
    if tier is None:
        return "Who is calling is not known; it may be the other person."
    if line.number_is_typed:
        return "Anybody can type a number: it may be the other person."
    if tier == "household":
        return "Somebody else of the household may be calling."
    if others := len(line.sharing - {victim}):
        people = "1 other person uses" if others == 1 else f"{others} other people use"
        return f"{people} this number or address: it may be the other person."
    if tier not in ("known", "likely"):
        return "That it is them is only possible: it may be the other person."
    return ""


def silenced(flags: Iterable[Flag], line: Line) -> list[Flag]:
    """The same flags, each victim's with the reason why it must not be spoken of, if there is one."""
    return [replace(flag, silence=silence(flag.person, line)) if flag.is_of_victim else flag for flag in flags]


def of_all(flags: Iterable[Flag]) -> str:
    """The one reason that is shown, of the gravest flag; empty when all may be spoken of."""
    return next((flag.silence for flag in flags if flag.silence), "")
