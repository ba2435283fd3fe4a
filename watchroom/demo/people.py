"""Who lives in the demo's town, and what has happened to them before they ring?

About 1,500 invented people in households. Numbers come only from the ranges Ofcom keeps for drama (07700 900000–900999
and 01632 960000–960999), so that no call from a demonstration reaches anybody. Times are offsets before the `at` that
`build` is given: the same town, seed and `at` give the same people. Those with a story stand in `story.py`.
"""

from __future__ import annotations

import functools
import itertools
import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from watchroom.demo import names
from watchroom.demo.city import Address, City, slug


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may ring, be rung for, or be named. `code` is stable: story people have words, others numbers."""

    code: str  # "leanne-whitcombe", "p0412"
    given: str
    family: str
    born: date
    gender: str  # woman, man, other
    household: str  # "" when no home is on record
    numbers: tuple[str, ...] = ()  # as +447700900417, own first
    email: str = ""  # at example.org
    language: str = ""  # "" when English does; else what an interpreter is needed for
    also_at: tuple[str, ...] = ()  # UPRNs of other places on record: an earlier home, an ex-partner's

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
    landline: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A contact before the demo begins."""

    person: str  # code, or "" when nobody knew who rang
    number: str  # "" when withheld or not a call
    uprn: str  # the place it was about, or ""
    channel: str  # 999, 101, online, chat, email, answerphone, counter
    at: datetime
    kind: str  # incident type of the policy pack
    outcome: str  # closed, crime, advice, abandoned, silent, update, referred
    headline: str  # at most 80 letters: "Rang 101, gave up after 6:40."
    text: str  # at most 300
    is_serious: bool = False
    crime: str = ""  # "26/118204"


@dataclass(frozen=True, slots=True)
class Marker:
    """A warning somebody recorded about a person, a place, a number, or several: with source, date, and when to look again."""

    kind: str  # domestic_abuse, blades, mental_health, child, stalking, repeat_caller, hearing, bail, hate, missing, …
    level: int  # 1 may kill someone, 2 serious, 3 to know
    title: str  # "Domestic abuse, high risk"
    text: str
    icon: str  # of the design's sprite
    source: str  # who recorded it
    since: date
    review_by: date
    person: str = ""  # code
    uprn: str = ""
    number: str = ""


@dataclass(frozen=True)
class People:
    people: tuple[Person, ...]
    households: tuple[Household, ...]
    earlier: tuple[Earlier, ...]  # oldest first
    markers: tuple[Marker, ...]
    strangers: tuple[str, ...]  # numbers that nobody on record has, for callers we have not met

    @cached_property
    def person(self) -> dict[str, Person]:
        return {person.code: person for person in self.people}

    @cached_property
    def household(self) -> dict[str, Household]:
        return {household.code: household for household in self.households}

    def home(self, person: Person) -> str:
        """The UPRN where somebody lives; "" when no home is on record."""
        return self.household[person.household].uprn if person.household else ""

    @cached_property
    def living_at(self) -> dict[str, tuple[Person, ...]]:
        """Who lives at a UPRN."""
        return {h.uprn: tuple(self.person[code] for code in h.people) for h in self.households}


MOBILES = tuple(f"+447700900{n:03d}" for n in range(1000))
LANDLINES = tuple(f"+441632960{n:03d}" for n in range(990))  # the last ten are business lines, see scripts
_STRANGERS = 90  # mobiles kept for callers nobody knows
_HOUSEHOLDS = 650


def build(city: City, *, at: datetime, seed: int = 1) -> People:
    """The people of the town as they are known at `at`."""
    from watchroom.demo import story

    rng = random.Random(f"{seed}:people")
    told = story.tell(city, at)
    taken = {h.uprn for h in told.households} | {uprn for p in told.people for uprn in p.also_at}
    used = {number for p in told.people for number in p.numbers} | {h.landline for h in told.households}
    used |= {e.number for e in told.earlier} | {m.number for m in told.markers}
    mobiles = [n for n in MOBILES if n not in used]
    landlines = [n for n in LANDLINES if n not in used]
    rng.shuffle(mobiles)
    rng.shuffle(landlines)
    strangers, mobiles = tuple(mobiles[:_STRANGERS]), mobiles[_STRANGERS:]

    homes = [a for a in city.addresses if a.kind in ("house", "flat", "farm") and a.uprn not in taken]
    rng.shuffle(homes)
    people, households = list(told.people), list(told.households)
    emails = Counter(p.email for p in people)
    for n in range(_HOUSEHOLDS):
        members = _family(rng, homes[n], at.date())
        code = f"h{n:03d}"
        landline = landlines.pop() if landlines and max(p.age(at.date()) for p in members) > rng.randint(25, 85) else ""
        kept: list[Person] = []
        for member in members:
            age = member.age(at.date())
            number = (
                (mobiles.pop(),)
                if mobiles and age >= 12 and rng.random() < (0.55 if age < 16 else 0.97 if age < 75 else 0.6)
                else ()
            )
            email = ""
            if age >= 16 and rng.random() < (0.6 if age < 70 else 0.3):
                local = f"{slug(member.given)}.{slug(member.family)}"
                emails[local] += 1
                email = f"{local}{emails[local] if emails[local] > 1 else ''}@example.org"
            numbers = number + ((landline,) if landline and age >= 16 else ())
            kept.append(replace(member, code=f"p{len(people) + len(kept):04d}", household=code, numbers=numbers, email=email))
        people += kept
        households.append(Household(code, homes[n].uprn, tuple(p.code for p in kept), landline))
    world = People(tuple(people), tuple(households), (), (), strangers)
    earlier, markers = _past(world, told, at, seed)
    return replace(world, earlier=tuple(sorted([*told.earlier, *earlier], key=lambda e: e.at)), markers=(*told.markers, *markers))


# ── Households ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _family(rng: random.Random, home: Address, today: date) -> list[Person]:
    """A household fit for the home, oldest first: alone, a couple, with children, three generations, or sharing."""
    origins = list(names.PEOPLE)
    origin = rng.choices(origins, [names.PEOPLE[o][0] for o in origins])[0]
    _, women, men, families, languages = names.PEOPLE[origin]
    family = rng.choice(families)
    shape = rng.choices(
        ("alone", "couple", "children", "one_parent", "three", "shared", "old"),
        (20, 23, 20, 9, 4, 7 if home.kind == "flat" else 2, 16),
    )[0]

    def born(low: int, high: int) -> date:
        age = rng.randint(low, high)
        return today - timedelta(days=round(age * 365.2425) + rng.randint(1, 360))

    used: set[str] = set()

    def one(low: int, high: int, gender: str = "", surname: str = family) -> Person:
        gender = gender or rng.choices(("woman", "man", "other"), (50, 49, 1))[0]
        day = born(low, high)
        pool = women if gender == "woman" else men if gender == "man" else rng.choice((women, men))
        if len(pool) > 20:  # a long list is in the order of fashion
            young = 1 - min(88, (today - day).days / 365) / 88
            pool = pool[max(0, round(young * len(pool)) - 6) : max(12, round(young * len(pool)) + 6)]
        given = rng.choice([g for g in pool if g not in used] or pool)
        used.add(given)
        needs = rng.choice(languages) if languages and rng.random() < (0.08 if low < 40 else 0.2) and low >= 18 else ""
        return Person("", given, surname, day, gender, "", language=needs)

    def partner_name() -> str:
        return family if rng.random() < 0.7 else rng.choice(families)

    if shape == "alone":
        members = [one(19, 66)]
    elif shape == "old":
        low = rng.choice((66, 70, 75, 80))
        members = [one(low, low + 9)]
        if rng.random() < 0.55:
            members.append(one(low - 4, low + 6, "woman" if members[0].gender == "man" else "man"))
    elif shape == "couple":
        low = rng.choice((20, 26, 32, 45, 52))
        first = rng.choices(("woman", "man"), (50, 50))[0]
        other = first if rng.random() < 0.06 else ("man" if first == "woman" else "woman")
        members = [one(low, low + 10, first), one(low, low + 10, other, partner_name())]
    elif shape == "shared":
        members = []
        for _ in range(rng.randint(2, 4)):
            origin = rng.choice(origins)
            _, women, men, families, languages = names.PEOPLE[origin]
            members.append(one(18, 34, surname=rng.choice(families)))
    else:
        low = rng.choice((25, 30, 35, 40, 45))
        members = [one(low, low + 6, "woman")]
        if shape != "one_parent":
            members.append(one(low, low + 9, "man", partner_name()))
        elif rng.random() < 0.16:
            members = [one(low, low + 6, "man")]
        if shape == "three":
            members.append(one(low + 25, low + 38))
        members += [one(0, min(17, low - 18)) for _ in range(rng.choices((1, 2, 3, 4), (40, 40, 15, 5))[0])]
    return sorted(members, key=lambda p: p.born)


# ── What happened before, and what was recorded ─────────────────────────────────────────────────────────────────────


@functools.cache
def _data() -> dict[str, list[dict[str, Any]]]:
    with (Path(__file__).parent / "data" / "past.toml").open("rb") as file:
        return tomllib.load(file)


def _past(world: People, told: People, at: datetime, seed: int) -> tuple[list[Earlier], list[Marker]]:
    """Earlier contacts and markers of everybody who has no story of their own. Most people have neither."""
    rng = random.Random(f"{seed}:past")
    known = {p.code for p in told.people}
    crimes = itertools.count(100_412, 61)
    earlier: list[Earlier] = []
    markers: list[Marker] = []
    marked: set[tuple[str, str]] = set()
    for person in world.people:
        age = person.age(at.date())
        if person.code in known:
            continue
        if age >= 16 and rng.random() < 0.28:
            for _ in range(rng.choices((1, 2, 3, 5), (68, 20, 9, 3))[0]):
                row = rng.choice(_data()["earlier"])
                if row.get("youngest", 0) <= age <= row.get("oldest", 120):
                    earlier.append(_contact(row, person, world.home(person), at, rng, crimes))
        for row in _data()["marker"]:
            home = world.home(person)
            if (
                not row["youngest"] <= age <= row["oldest"]
                or rng.random() >= row["per_10000"] / 10_000
                or (row["kind"], home) in marked
            ):
                continue
            marked.add((row["kind"], home))
            markers.append(_marker(row, person, home, at, rng))
    return earlier, markers


def _contact(row: dict[str, Any], person: Person, home: str, at: datetime, rng: random.Random, crimes: Iterator[int]) -> Earlier:
    channel = rng.choice(row["channels"])
    when = at - timedelta(days=rng.expovariate(1 / 55) % 182, minutes=rng.randint(1, 1400))
    crime = f"{when:%y}/{next(crimes)}" if row.get("is_crime") else ""
    return Earlier(
        person=person.code,
        number=person.numbers[0] if person.numbers and channel in ("999", "101") else "",
        uprn=home,
        channel=channel,
        at=when,
        kind=row["kind"],
        outcome=row["outcome"],
        headline=row["headline"],
        text=f"{row['text']} Crime {crime}." if crime else row["text"],
        is_serious=row.get("is_serious", False),
        crime=crime,
    )


def _marker(row: dict[str, Any], person: Person, home: str, at: datetime, rng: random.Random) -> Marker:
    since = at.date() - timedelta(days=rng.randint(12, 340))
    review = at.date() + timedelta(days=rng.randint(9, 300))
    return Marker(
        kind=row["kind"],
        level=row["level"],
        title=row["title"],
        text=row["text"].format(since=f"{since:%-d %b %Y}", review=f"{review:%-d %b}"),
        icon=row["icon"],
        source=row["source"],
        since=since,
        review_by=review,
        person=person.code if "person" in row["on"] else "",
        uprn=home if "home" in row["on"] else "",
        number=person.numbers[0] if "number" in row["on"] and person.numbers else "",
    )
