"""Who gets in touch, when, and what do they say? The demo's callers, from `data/calls.toml`, and the order in which they come.

`arrivals` is deterministic: the same town, people, seed, `at`, hours and rate give the same contacts to the second. It begins
with the design's night (a knife at a bathroom door within the first minute, the others of its board within a quarter of an
hour) and goes on as a large force's day does, by the hour.
"""

from __future__ import annotations

import functools
import heapq
import math
import random
import re
import tomllib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from watchroom.demo.city import Address, City, Junction
from watchroom.demo.people import People, Person
from watchroom.demo.story import near_number

ELEMENTS = ("threat", "harm", "risk", "investigation", "vulnerability", "engagement")
EVENTS = ("silence", "pressed_55", "cut_off", "hangs_up", "gives_up")
WRITTEN = ("online", "email")
HOME = "northmoor"


@dataclass(frozen=True, slots=True)
class Moment:
    """Something on the line: `kind` is says, sound, or one of EVENTS. `at` counts seconds after the answer (gives_up: after the
    first ring)."""

    at: float
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """An element of the risk as it truly is: level 0 to 3, and why."""

    level: int
    why: str


@dataclass(frozen=True, slots=True)
class Safe:
    """What a written report says about reaching them safely."""

    contact: str = "unknown"  # any, some, no, unknown
    ways: tuple[str, ...] = ()
    times: str = ""
    message: bool = False


@dataclass(frozen=True)
class Script:
    """One kind of contact: what is said, what is true, what is found. See the head of `data/calls.toml`."""

    code: str
    title: str
    channel: str
    weight: float
    kind: str  # incident type of the policy pack
    caller: str
    place: str
    said: str
    line: str
    aml: float | None
    moves: float  # metres a second at which the caller goes while they speak
    marks: tuple[str, ...]  # how they speak, as the operator says it: a way or a language of the policy
    hours: tuple[int, int]
    age: tuple[int, int]
    gender: str  # of the caller, where the words tell it
    is_foreign: bool  # the caller needs an interpreter
    history: str  # the caller has an earlier contact of this kind
    moments: tuple[Moment, ...]
    text: str
    safe: Safe
    follow: tuple[tuple[str, float], ...]  # others who ring about the same: code, seconds later
    grade: str  # "" when there is nothing to assess
    outcome: str  # how it is resolved without deployment, or ""
    agency: str
    reason: str  # why they got in touch, when it leads to no incident
    heard_by: str  # the force whose lines it reaches
    belongs: str  # the force whose it is
    because: str  # why it is theirs, where that is another than who hears it
    nothing: str  # why nothing was heard
    despite: str  # why the right grade is below the policy's suggestion
    risk: dict[str, Judged]
    cues: tuple[str, ...]  # heard, though not in words the policy knows
    finds: str
    closing: str
    qualifiers: tuple[str, ...]
    on_scene: int  # minutes

    @property
    def is_written(self) -> bool:
        return self.channel in WRITTEN

    @property
    def is_to_hand_over(self) -> bool:
        return self.belongs != self.heard_by

    @property
    def danger(self) -> str:
        """What has been heard of danger, as it is said to another force."""
        return " ".join(self.risk[element].why for element in ("threat", "risk", "vulnerability"))

    @property
    def ends(self) -> Moment | None:
        """How it ends if the caller ends it; None when they stay until the handler does."""
        return next((m for m in self.moments if m.kind in ("cut_off", "hangs_up", "gives_up")), None)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it truly is."""

    kind: str  # address, landmark, junction, marker, none
    reference: str  # UPRN, or the code of the landmark, junction or marker
    label: str  # as read out
    street: str  # name of the street, or ""
    number: str
    x: float
    y: float
    beat: str


NOWHERE = Spot("none", "", "", "", "", 0.0, 0.0, "")


@dataclass(frozen=True)
class Arrival:
    """One contact as it reaches the room. `moments` and `text` are filled in with names and places."""

    time: datetime
    script: Script
    person: Person | None  # who it truly is; None when nobody knows them
    place: Spot
    key: str  # unique and stable: the idempotency key
    number: str  # as the network gives it; "" when withheld or not a call
    name: str  # as given on a form or e-mail; "" on the telephone
    email: str
    said: str  # how the place is named
    located: tuple[float, float, float, str] | None  # x, y, radius in metres, method (aml, eisec)
    moments: tuple[Moment, ...] = field(default=())
    text: str = ""  # what is written, or left on the answerphone


# ── Reading the data ────────────────────────────────────────────────────────────────────────────────────────────────


@functools.cache
def load() -> dict[str, Script]:
    """Every script by its code. Raises ValueError naming the script and what is wrong with it."""
    with (Path(__file__).parent / "data" / "calls.toml").open("rb") as file:
        rows = tomllib.load(file)["call"]
    scripts: dict[str, Script] = {}
    for row in rows:
        script = _script(row)
        if script.code in scripts:
            raise ValueError(f"{script.code}: there are two of them")
        scripts[script.code] = script
    for script in scripts.values():
        for code, _ in script.follow:
            if code not in scripts:
                raise ValueError(f"{script.code}: is followed by {code}, which there is not")
    return scripts


def _script(row: dict[str, Any]) -> Script:
    code = row.get("code", "a script without a code")
    known = {f for f in Script.__dataclass_fields__ if f != "moments"} | {"script"}
    if unknown := set(row) - known:
        raise ValueError(f"{code}: does not know {', '.join(sorted(unknown))}")
    risk = {}
    for element, text in row.get("risk", {}).items():
        match = re.fullmatch(r"([0-3]) (.+)", text)
        if element not in ELEMENTS or not match:
            raise ValueError(f"{code}: risk.{element} is not an element with a level from 0 to 3 and a reason")
        risk[element] = Judged(int(match[1]), match[2])
    if bool(risk) == bool(row.get("nothing")) or (risk and set(risk) != set(ELEMENTS)):
        raise ValueError(f"{code}: has neither all six elements nor the one sentence that nothing was heard")
    start, end = (int(hour) for hour in row.get("hours", "0-24").split("-"))
    safe = row.get("safe", {})
    return Script(
        code=code,
        title=row["title"],
        channel=row["channel"],
        weight=row["weight"],
        kind=row["kind"],
        caller=row["caller"],
        place=row["place"],
        said=row.get("said", "{place}"),
        line=row.get("line", "own"),
        aml=float(row["aml"]) if "aml" in row else None,
        moves=float(row.get("moves", 0)),
        marks=tuple(row.get("marks", ())),
        hours=(start, end),
        age=tuple(row.get("age", (16, 84))),
        gender=row.get("gender", ""),
        is_foreign=row.get("is_foreign", False),
        history=row.get("history", ""),
        moments=_moments(code, row.get("script", "")),
        text=" ".join(row.get("text", "").split()),
        safe=Safe(safe.get("contact", "unknown"), tuple(safe.get("ways", ())), safe.get("times", ""), safe.get("message", False)),
        follow=tuple(row.get("follow", {}).items()),
        grade=row.get("grade", ""),
        outcome=row.get("outcome", ""),
        agency=row.get("agency", ""),
        reason=row.get("reason", ""),
        heard_by=row.get("heard_by", HOME),
        belongs=row.get("belongs", HOME),
        because=row.get("because", ""),
        nothing=row.get("nothing", ""),
        despite=row.get("despite", ""),
        risk=risk,
        cues=tuple(row.get("cues", ())),
        finds=row.get("finds", ""),
        closing=row.get("closing", ""),
        qualifiers=tuple(row.get("qualifiers", ())),
        on_scene=row.get("on_scene", 0),
    )


def _moments(code: str, text: str) -> tuple[Moment, ...]:
    out = []
    for line in text.strip().splitlines():
        match = re.fullmatch(r"(\d+) ([*!] )?(.+)", line.strip())
        if not match:
            raise ValueError(f"{code}: “{line}” does not begin with seconds")
        if match[2] == "! " and match[3] not in EVENTS:
            raise ValueError(f"{code}: “{match[3]}” is none of {', '.join(EVENTS)}")
        kind = {"* ": "sound", "! ": match[3]}.get(match[2] or "", "says")
        out.append(Moment(float(match[1]), kind, "" if match[2] == "! " else match[3]))
    if out != sorted(out, key=lambda m: m.at):
        raise ValueError(f"{code}: its lines are not in order")
    return tuple(out)


# ── Where it is, and how it is said ─────────────────────────────────────────────────────────────────────────────────


def resolve(city: City, people: People, place: str, person: Person | None, rng: random.Random) -> Spot:
    """The spot that a script's `place` means, for this caller. Raises LookupError if the town has no such place."""
    words = place.split()
    match words:
        case ["none"]:
            return NOWHERE
        case ["home"]:
            uprn = people.home(person) if person else ""
            return _address(city.address[uprn]) if uprn else NOWHERE
        case ["home", "of", code]:
            return _address(city.address[people.home(people.person[code])])
        case ["home", "in", beat]:
            while (home := rng.choice(city.addresses)).kind not in ("house", "flat") or beat not in (home.beat, "any"):
                pass
            return _address(home)
        case ["near", street, number, *flat]:
            return _address(near_number(city, street, int(number), " ".join(flat)))
        case ["landmark", code]:
            mark = city.landmark[code]
            return Spot("landmark", mark.code, mark.name, city.street[mark.street].name, "", mark.x, mark.y, mark.beat)
        case ["junction", "in", beat]:
            while beat not in ((junction := rng.choice(city.junctions)).beat, "any") or "m98" in junction.streets:
                pass
            return _junction(city, junction)
        case ["junction", one, other]:
            return _junction(city, city.crossing(one, other))
        case ["marker"]:
            post = rng.choice(city.markers)
            return Spot("marker", post.code, post.name, post.road, "", post.x, post.y, post.beat)
    raise LookupError(f"“{place}” is no place this town knows how to find")


def _address(a: Address) -> Spot:
    return Spot("address", a.uprn, a.line, a.street_name, a.number, a.x, a.y, a.beat)


def _junction(city: City, junction: Junction) -> Spot:
    name = city.street[junction.streets[0]].name
    return Spot("junction", junction.code, junction.name, name, "", junction.x, junction.y, junction.beat)


_SLIPS = (
    ("’s", "s"), ("Quay", "Key"), ("Tanner", "Taner"), ("Street", "St"), ("Terrace", "Terace"), ("Crescent", "Cresent"),
    ("Cobden", "Cobdon"), ("Avenue", "Ave"), ("Road", "Rd"), ("ey", "y"), ("ll", "l"), ("tt", "t"), ("rr", "r"), ("ie", "ei"),
    ("ck", "k"), ("ea", "ee"),
)  # fmt: skip


def misspelt(name: str) -> str:
    """A street as somebody writes it who has only heard it, or is in a hurry: lower case, two slips at most."""
    slips = 0
    for right, wrong in _SLIPS:
        if right in name and slips < 2:
            name = name.replace(right, wrong, 1)
            slips += 1
    return name.lower()


# ── When they come ──────────────────────────────────────────────────────────────────────────────────────────────────

# Contacts by the hour, as a share of the day's mean: fewest before dawn, most in the late afternoon. Own judgement on the shape
# that forces publish; the mean is one contact in 30 s, a little more than the 2,348 calls a day of a force of 1.6 million.
BY_HOUR = (
    0.72,
    0.66,
    0.60,
    0.55,
    0.52,
    0.54,
    0.62,
    0.78,
    0.98,
    1.14,
    1.20,
    1.22,
    1.22,
    1.20,
    1.22,
    1.30,
    1.38,
    1.40,
    1.34,
    1.26,
    1.18,
    1.08,
    0.98,
    0.86,
)
MEAN_GAP = 30.0  # seconds

# The design's night: how long after the start each of its stories begins. "" is whatever the hour brings.
STORY = (
    ("", 1),
    ("", 6),
    ("knife-at-the-door", 20),
    ("email-after-the-burglary", 50),
    ("man-on-ferry-bridge", 95),
    ("welsh-boat-shed", 140),
    ("intruder-mill-lane", 190),
    ("text-from-the-loft", 245),
    ("ex-outside-again", 300),
    ("chat-cannot-speak", 345),
    ("social-friend-says-goodbye", 390),
    ("girl-not-home", 420),
    ("relay-fumes", 455),
    ("neighbour-daughter-in-harrowby", 480),
    ("fight-at-the-lantern", 505),
    ("paint-on-her-door", 620),
    ("southmere-pier-row", 665),
    ("not-seen-since-friday", 720),
    ("voicemail-new-address", 800),
    ("shed-forced-orchard-way", 880),
)


def arrivals(
    city: City, people: People, *, at: datetime, hours: float = 8, seed: int = 1, rate_scale: float = 1.0
) -> Iterator[Arrival]:
    """The contacts from `at` for so many hours, in order of time. `rate_scale` 2 means twice as many of the ordinary ones.

    `at` is aware and in local time: the hour of day is read from it.
    """
    if rate_scale <= 0:
        raise ValueError("rate_scale is a number above 0")
    rng = random.Random(f"{seed}:arrivals")
    scripts = load()
    cast = _Cast(city, people, at, rng)
    end = at + timedelta(hours=hours)
    # time, order, script, and for those who follow another: its place and caller
    due: list[tuple[datetime, int, Script, Arrival | None]] = []
    order = 0
    drawn = _Draw(scripts, rng)
    for code, after in STORY:
        time = at + timedelta(seconds=after)
        due.append((time, order, scripts[code] if code else drawn.at(time), None))
        order += 1
    heapq.heapify(due)
    later = at + timedelta(seconds=40)
    while True:
        while later < end and (not due or later <= due[0][0]):
            heapq.heappush(due, (later, order, drawn.at(later), None))
            order += 1
            later += timedelta(seconds=_gap(later, rng, rate_scale))
        if not due or due[0][0] >= end:
            return
        time, number, script, first = heapq.heappop(due)
        arrival = cast.play(script, time, f"demo-{seed}-{at:%Y%m%d%H%M%S}-{number}", first)
        for code, wait in script.follow:
            heapq.heappush(due, (time + timedelta(seconds=wait), order, scripts[code], arrival))
            order += 1
        yield arrival


def _gap(when: datetime, rng: random.Random, rate_scale: float) -> float:
    """Seconds until the next, never quite regular: an exponential gap, kept between 2 s and four times the mean."""
    hour = when.hour + when.minute / 60
    here, there = BY_HOUR[int(hour)], BY_HOUR[(int(hour) + 1) % 24]
    mean = MEAN_GAP / (here + (there - here) * (hour % 1)) / rate_scale
    return min(max(rng.expovariate(1 / mean), 2.0 / rate_scale), 4 * mean)


class _Draw:
    """What comes next, by weight and hour; not what came just now, and of one person's own story not twice in six hours."""

    def __init__(self, scripts: dict[str, Script], rng: random.Random) -> None:
        self.scripts, self.rng = [s for s in scripts.values() if s.weight], rng
        self.last: dict[str, datetime] = {}
        self.recent: deque[str] = deque(maxlen=6)

    def at(self, when: datetime) -> Script:
        now = [
            s for s in self.scripts if _is_open(s.hours, when.hour) and s.code not in self.recent and not self._is_told(s, when)
        ]
        script = self.rng.choices(now, [s.weight for s in now])[0]
        self.recent.append(script.code)
        self.last[script.code] = when
        return script

    def _is_told(self, script: Script, when: datetime) -> bool:
        is_own = script.caller not in ("anyone", "resident", "unknown", "same")
        return is_own and script.code in self.last and when - self.last[script.code] < timedelta(hours=6)


def _is_open(hours: tuple[int, int], hour: int) -> bool:
    start, end = hours
    return start <= hour < end if start < end else hour >= start or hour < end


class _Cast:
    """Finds somebody for each part, and fills in names and places."""

    def __init__(self, city: City, people: People, at: datetime, rng: random.Random) -> None:
        self.city, self.people, self.rng = city, people, rng
        self.today = at.date()
        lead = {s.caller for s in load().values()}
        self.adults = [p for p in people.people if p.numbers and p.household and p.code not in lead and p.age(self.today) >= 16]
        free = {p.code for p in self.adults}
        self.with_history: dict[str, list[Person]] = {}
        for earlier in people.earlier:
            if earlier.person in free:
                self.with_history.setdefault(earlier.kind, []).append(people.person[earlier.person])

    def play(self, script: Script, time: datetime, key: str, first: Arrival | None) -> Arrival:
        person = self._person(script, first)
        if script.place == "same" and first:
            place = first.place
        elif script.caller == "resident" and script.place.startswith("home in"):
            place = resolve(self.city, self.people, "home", person, self.rng)  # they are at home, and on record
        else:
            place = resolve(self.city, self.people, script.place, person, self.rng)
        if script.caller == "resident" and script.place.startswith("near"):
            person = next(iter(self.people.living_at.get(place.reference, ())), person)
        words = {
            "place": place.label or "no place is named",
            "street": place.street,
            "misspelt": misspelt(place.street),
            "number": place.number,
            "name": person.name if person else "a caller",
            "given": person.given if person else "",
        }
        moments = tuple(Moment(m.at, m.kind, m.text.format(**words)) for m in script.moments)
        number, located = self._line(script, person, place)
        is_named = script.channel in ("online", "email", "counter", "social")
        return Arrival(
            time=time,
            script=script,
            person=person,
            place=place,
            key=key,
            number=number,
            name=person.name if person and is_named else "",
            email=person.email if person and script.is_written else "",
            said=script.said.format(**words) if place is not NOWHERE or script.said != "{place}" else "",
            located=located,
            moments=moments,
            text=self._written(script, moments).format(**words),
        )

    @staticmethod
    def _written(script: Script, moments: tuple[Moment, ...]) -> str:
        """What there is to read; of an answerphone message, the words as somebody who listens would write them down."""
        said = " ".join(m.text for m in moments if m.kind == "says")
        return said if script.channel == "answerphone" else script.text

    def _person(self, script: Script, first: Arrival | None) -> Person | None:
        if script.caller == "unknown":
            return None
        if script.caller == "same" and first:
            return first.person
        if script.caller in self.people.person:
            return self.people.person[script.caller]
        pool = self.with_history.get(script.history, self.adults) if script.history else self.adults
        for _ in range(400):  # most parts are filled at once; the rare one (a woman who needs an interpreter) takes a while
            person = self.rng.choice(pool)
            if self._fits(script, person):
                return person
        return next((p for p in self.adults if self._fits(script, p)), self.adults[0])

    def _fits(self, script: Script, person: Person) -> bool:
        is_out = script.channel == "999" and not script.place.startswith("home") and script.line == "own"
        return (
            script.age[0] <= person.age(self.today) <= script.age[1]
            and script.gender in ("", person.gender)
            and (bool(person.language) == script.is_foreign)
            and (not script.is_written or person.email != "")
            and (not (is_out or script.channel == "emergency_sms") or person.numbers[0].startswith("+447"))
        )

    def _line(self, script: Script, person: Person | None, place: Spot) -> tuple[str, tuple[float, float, float, str] | None]:
        """The number the network gives, and where it says the caller is: AML for a mobile on 999, the address of a fixed line."""
        if script.channel not in ("999", "101", "answerphone", "emergency_sms"):
            return "", None
        stranger = self.rng.choice(self.people.strangers)
        spread, turn = self.rng.random(), self.rng.uniform(0, 2 * math.pi)
        chance, radius = self.rng.random(), self.rng.choice((6, 9, 12, 14, 18, 25, 40, 75, 180))
        numbers = person.numbers if person else ()
        fixed = [n for n in numbers if n.startswith("+441632")]
        if script.line == "withheld":
            number = ""
        elif script.line == "other" or not numbers:
            number = stranger
        elif script.line == "landline" and fixed:
            number = fixed[0]
        else:
            number = numbers[0]
        if script.line == "landline" and not fixed:
            number = f"+441632960{990 + self.rng.randrange(10)}"  # a business line
        if script.channel != "999" or place is NOWHERE:
            return number, None
        if number.startswith("+441632"):  # a fixed line is where it is, wherever the help is needed
            home = self.city.address.get(self.people.home(person)) if person else None
            return number, (home.x, home.y, 0.0, "eisec") if home else (place.x, place.y, 0.0, "eisec")
        reach = float(radius) if script.aml is None else script.aml
        if not reach or (script.aml is None and chance > 0.82):
            return number, None
        off = reach * 0.7 * math.sqrt(spread)
        return number, (round(place.x + off * math.cos(turn), 1), round(place.y + off * math.sin(turn), 1), reach, "aml")
