"""Who lives in the demo's town, and what has happened to them before they ring?

About 1,500 invented people in households. Numbers come only from the ranges Ofcom keeps for drama (07700 900000–900999
and 01632 960000–960999), so that no call from a demonstration reaches anybody. Times are offsets before the `at` that
`build` is given: the same seed and the same `at` give the same people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may ring, be rung for, or be named. `code` is stable: story people have words, others numbers."""

    code: str  # "leanne-whitcombe", "p0412"
    given: str
    family: str
    known_as: str  # "" or what people call them
    born: date
    gender: str  # woman, man, other
    language: str  # "" when English does; else what an interpreter is needed for
    household: str
    numbers: tuple[str, ...]  # own first
    email: str  # at example.org, or ""

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    def age(self, on: date) -> int:
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True)
class Household:
    code: str
    uprn: str
    people: tuple[str, ...]  # codes, oldest first
    landline: str  # "" when there is none


@dataclass(frozen=True, slots=True)
class Earlier:
    """A contact before the demo begins."""

    code: str
    person: str  # code, or "" when nobody knew who rang
    number: str  # "" when withheld or not a call
    uprn: str  # the place it was about, or ""
    channel: str  # 999, 101, online, chat, email, answerphone, counter
    at: datetime
    incident_type: str
    outcome: str  # closed, rwd, abandoned, silent, update, crime
    summary: str  # one line
    crime: str  # "26/118204" or ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A warning somebody recorded about a person, a place or a number: with source, date, and when to look again."""

    code: str
    kind: str  # domestic_abuse, blades, mental_health, child, stalking, repeat_caller, hearing, bail, hate, safe_contact
    level: str  # high, medium, info
    on: str  # person, place, number
    subject: str  # person's code, UPRN, or number
    title: str  # "Domestic abuse, high risk"
    text: str  # "MARAC 14 Oct. Strangled 28 Sep."
    source: str  # who recorded it
    set_on: date
    review_by: date


@dataclass(frozen=True)
class People:
    people: tuple[Person, ...]
    households: tuple[Household, ...]
    earlier: tuple[Earlier, ...]  # oldest first
    markers: tuple[Marker, ...]

    @cached_property
    def person(self) -> dict[str, Person]:
        return {person.code: person for person in self.people}

    @cached_property
    def household(self) -> dict[str, Household]:
        return {household.code: household for household in self.households}
