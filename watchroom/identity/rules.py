"""How likely is it that we have met? By exact number, place and confirmation (`tier`) and by likeness (`band`); the surer counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Tier = Literal["known", "likely", "possible", "household"]
TIERS: tuple[Tier, ...] = ("known", "likely", "household", "possible")


@dataclass(frozen=True)
class Evidence:
    """What speaks for a person being the caller: by their own number, at their own place, by the name that was said."""

    number: bool = False
    is_typed: bool = False  # the number is what somebody typed, not what the network said of the line
    place: bool = False
    name: bool = False
    others_on_number: int = 0  # how many other people use this number
    confirmed: bool = False


@dataclass(frozen=True)
class Candidate:
    person: int
    name: str
    age: int | None
    tier: Tier
    because: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    markers: tuple[int, ...] = field(default=())


def tier(seen: Evidence) -> Tier | None:
    """How sure we may be. Place alone is the household, never the person (the sister, the ex-partner or the child may hold the phone).

    A typed number says as much as whoever typed it: anybody can type anybody's. It counts for nothing beside other evidence,
    and alone makes somebody possible.
    """
    if seen.confirmed:
        return "known"
    if seen.number and seen.is_typed:
        return tier(replace(seen, number=False, others_on_number=0)) or "possible"
    if seen.number and not seen.others_on_number and (seen.place or seen.name):
        return "known"
    if seen.number and (seen.place or seen.name or not seen.others_on_number):
        return "likely"
    if seen.number:
        return "possible"
    if seen.place and seen.name:
        return "likely"
    if seen.place:
        return "household"
    return None


def heads(same: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Which record stands for which, from pairs that are held to be one person: of all that hang together the lowest id."""
    found: dict[int, int] = {}
    for one, other in same:
        a, b = found.get(one, one), found.get(other, other)
        head, away = min(a, b), max(a, b)
        found |= {pk: head for pk, its in found.items() if its == away}
        found |= {one: head, other: head}
    return found


def band(probability: float, relation: str, household: float, *, likely: float, possible: float) -> Tier | None:
    """The word for a calibrated probability. Likeness alone makes nobody known: a person, or their own number with more, does.

    `household`: the probability that it is somebody else of that household.
    """
    if relation == "same_person" and probability >= likely:
        return "likely"
    if household >= possible and household > probability:
        return "household"
    return "possible" if probability >= possible else None


def surest(tiers: Sequence[Tier | None]) -> Tier | None:
    """The surest of these, or None."""
    return min((tier for tier in tiers if tier), key=TIERS.index, default=None)


def reasons(seen: Evidence) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(what speaks for it, what speaks against it), in words."""
    pro, con = [], []
    if seen.confirmed:
        pro.append("Confirmed on this contact.")
    if seen.number:
        pro.append("Their number, typed." if seen.is_typed else "Their number.")
    if seen.place:
        pro.append("Their address.")
    if seen.name:
        pro.append("Said their name.")
    if seen.number and seen.is_typed:
        con.append("Anybody can type a number: ask before you take them for this person.")
    if seen.others_on_number:
        con.append(f"{seen.others_on_number} other {'person uses' if seen.others_on_number == 1 else 'people use'} this number.")
    if seen.place and not seen.number:
        con.append("Not their number: somebody else of the household may be calling.")
    return tuple(pro), tuple(con)
