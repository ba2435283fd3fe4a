"""Who lives in the demo's town, and what has happened to them before they ring?

About 1,500 invented people in households. Numbers come only from the ranges Ofcom keeps for drama (07700 900000–900999
and 01632 960000–960999), so that no call from a demonstration reaches anybody. Times are offsets before the `at` that
`build` is given: the same town, seed and `at` give the same people. Those with a story stand in `story.py`.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

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
    """A warning somebody recorded about a person, a place, a number, or several of them: with source, date, and when to look again."""

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
        kept = []
        for member in members:
            age = member.age(at.date())
            number = (mobiles.pop(),) if mobiles and age >= 12 and rng.random() < (0.55 if age < 16 else 0.97 if age < 75 else 0.6) else ()
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

# kind, channels, outcome, headline, text, is it serious, does it get a crime number
_PAST: tuple[tuple[str, tuple[str, ...], str, str, str, bool, bool], ...] = (
    ("nuisance", ("101", "online"), "advice", "Loud music from next door.", "Third weekend. Diary sheets sent, council noise team told.", False, False),
    ("nuisance", ("101",), "closed", "Young people on the garage roofs.", "Gone when the unit passed. Beat team to look in after school.", False, False),
    ("burglary", ("101", "999"), "crime", "Shed forced overnight.", "Two bicycles and a strimmer gone. No marks found.", False, True),
    ("burglary", ("999",), "crime", "Back door forced while they were out.", "Jewellery gone. Scenes officer attended, one shoe mark.", False, True),
    ("theft", ("online", "101"), "crime", "Parcel taken from the step.", "Doorbell video sent by link. Not recognised.", False, True),
    ("vehicle_crime", ("online", "101"), "crime", "Number plates stolen.", "DVLA told. Plates seen once, at a filling station in Eastfield.", False, True),
    ("vehicle_crime", ("101",), "crime", "Catalytic converter cut out in the night.", "Neighbour’s camera shows a grey van.", False, True),
    ("damage", ("101", "online"), "crime", "Car scratched along one side.", "Parking quarrel suspected. Both spoken to.", False, True),
    ("damage", ("online",), "crime", "Window broken by a stone.", "No witness. Board-up arranged by the housing office.", False, True),
    ("fraud", ("online", "101"), "referred", "Paid for a holiday let that does not exist.", "£640 by transfer. Bank told within the hour; national fraud reporting given.", False, False),
    ("fraud", ("101",), "crime", "Caller said he was from the bank.", "£2,100 withdrawn, handed to a courier. Aged; family told with consent.", True, True),
    ("lost_found", ("counter", "101"), "closed", "Lost purse on the number 6 bus.", "Not handed in. Bus company’s lost property given.", False, False),
    ("lost_found", ("counter",), "closed", "Handed in a phone found in the park.", "Owner traced the same day.", False, False),
    ("concern", ("101", "999"), "closed", "Worried about a neighbour not seen for days.", "In hospital, as it turned out. Neighbour rung back.", False, False),
    ("rtc_damage", ("101",), "closed", "Car clipped while parked.", "Details exchanged later. No offences.", False, False),
    ("rtc_injury", ("999",), "closed", "Came off a bicycle at the ring road.", "Taken to the General. Driver stayed and gave details.", True, False),
    ("fight", ("999",), "crime", "Punched outside a take-away.", "Did not want to go on after a week. Crime filed.", True, True),
    ("suspicious", ("101", "999"), "closed", "Man trying car door handles.", "Area searched, no trace. Two other calls the same night.", False, False),
    ("civil_dispute", ("101",), "advice", "Landlord wants them out by Friday.", "Not a police matter as told; housing advice line given.", False, False),
    ("animals", ("101",), "referred", "Loose dog on the green.", "Dog warden took it.", False, False),
    ("domestic", ("999",), "closed", "Shouting heard through the wall.", "Verbal only, both adults seen alone. Risk form: standard.", False, False),
    ("other", ("101",), "update", "Asked how their case stands.", "Officer on leave; message left, call back promised.", False, False),
    ("other", ("email", "online"), "update", "Wrote to ask whether CCTV was collected.", "Answered after nine days.", False, False),
    ("other", ("101",), "abandoned", "Rang 101, gave up after 11:20.", "Waiting after transfer. Not rung back.", False, False),
    ("abandoned_call", ("999",), "silent", "999, nobody spoke.", "Rung back: a child had the phone. Adult spoken to, all well.", False, False),
    ("medical", ("999",), "closed", "Found husband collapsed.", "Ambulance there before us. He recovered.", True, False),
    ("hate", ("online", "101"), "crime", "Shouted at on the bus for her headscarf.", "Bus video requested. Support offered and taken.", True, True),
    ("environment", ("online",), "referred", "Rubbish dumped in the back lane.", "Council told.", False, False),
)  # fmt: skip

# kind, level, title, text, icon, source, share of people in 10,000, lowest and highest age; on: p person, h home, n number
_MARKS: tuple[tuple[str, int, str, str, str, str, int, int, int, str], ...] = (
    ("domestic_abuse", 1, "Domestic abuse, high risk", "MARAC {since}. Ring only on this number; use the codeword.", "heart", "Safeguarding desk", 40, 18, 65, "phn"),
    ("domestic_abuse", 2, "Domestic abuse, medium risk", "Two incidents in twelve months. Ex-partner knows the address.", "heart", "Safeguarding desk", 60, 18, 70, "ph"),
    ("blades", 1, "Officer safety: blades", "Carried a lock knife when stopped, {since}.", "knife", "Custody record", 26, 16, 50, "p"),
    ("violence", 2, "Officer safety: violence", "Pushed and spat at officers when drunk, {since}.", "shield", "Custody record", 34, 18, 60, "p"),
    ("mental_health", 2, "Mental-health plan held", "Crisis plan with the community team. Speak slowly, offer to ring the named nurse.", "mind", "Mental-health liaison nurse", 70, 16, 75, "p"),
    ("child", 2, "Children at this address", "Child protection plan, reviewed {since}. Tell the safeguarding desk of any visit.", "child", "Children’s services", 60, 0, 15, "h"),
    ("stalking", 2, "Stalking", "Protective order in force. Any contact by him is a breach: arrest.", "eye", "Investigator", 20, 18, 60, "pn"),
    ("repeat_victim", 2, "Repeat victim", "Three reports in three months. See them together, not one by one.", "repeat", "Crime assessment", 40, 16, 90, "p"),
    ("repeat_caller", 3, "Repeat caller with a plan", "Lonely rather than in danger, mostly. Ask the two questions of the plan every time.", "repeat", "Neighbourhood team", 14, 40, 90, "pn"),
    ("hearing", 3, "Hard of hearing", "Speak clearly and wait. Text works best.", "ear", "Asked for by the person", 70, 55, 96, "pn"),
    ("bail", 2, "Bail: no contact", "Must not contact the victim or enter her street before {review}.", "lock", "Custody record", 18, 18, 55, "p"),
    ("missing", 2, "Missing before", "Four times since spring. Return interviews speak of older friends with cars.", "child", "Missing persons team", 26, 11, 17, "p"),
    ("violence", 2, "Dog at this address", "Large dog, not restrained. Ring before you knock.", "dog", "Response officer", 30, 18, 70, "h"),
    ("firearms", 2, "Firearms certificate holder", "Two shotguns, in a cabinet. All in order at the last inspection.", "shield", "Firearms licensing", 14, 30, 80, "h"),
)  # fmt: skip


def _past(world: People, told: People, at: datetime, seed: int) -> tuple[list[Earlier], list[Marker]]:
    """Earlier contacts and markers of everybody who has no story of their own. Most people have neither."""
    rng = random.Random(f"{seed}:past")
    known = {p.code for p in told.people}
    crimes = iter(range(100_412, 118_000, 61))
    earlier: list[Earlier] = []
    markers: list[Marker] = []
    marked: set[tuple[str, str]] = set()
    for person in world.people:
        age = person.age(at.date())
        if person.code in known:
            continue
        if age >= 16 and rng.random() < 0.28:
            for _ in range(rng.choices((1, 2, 3, 5), (68, 20, 9, 3))[0]):
                kind, channels, outcome, headline, text, serious, is_crime = rng.choice(_PAST)
                channel = rng.choice(channels)
                when = at - timedelta(days=rng.expovariate(1 / 55) % 182, minutes=rng.randint(1, 1400))
                number = person.numbers[0] if person.numbers and channel in ("999", "101") else ""
                crime = f"26/{next(crimes, 118_000)}" if is_crime else ""
                text = f"{text} Crime {crime}." if crime else text
                earlier.append(Earlier(person.code, number, world.home(person), channel, when, kind, outcome, headline, text, serious, crime))
        for kind, level, title, text, icon, source, share, youngest, oldest, on in _MARKS:
            if youngest <= age <= oldest and rng.random() < share / 10_000 * 1.6:
                since = at.date() - timedelta(days=rng.randint(12, 340))
                review = at.date() + timedelta(days=rng.randint(9, 300))
                home = world.home(person)
                if (kind, home) in marked:
                    continue
                marked.add((kind, home))
                said = text.format(since=f"{since:%-d %b %Y}", review=f"{review:%-d %b}")
                markers.append(
                    Marker(
                        kind, level, title, said, icon, source, since, review,
                        person=person.code if "p" in on else "",
                        uprn=home if "h" in on else "",
                        number=person.numbers[0] if "n" in on and person.numbers else "",
                    )
                )  # fmt: skip
    return earlier, markers
