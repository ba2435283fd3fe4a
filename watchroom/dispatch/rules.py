"""Who could go, how soon are they there, and what speaks for and against each?

Reads what is there and proposes; the despatcher decides. Only units that may be sent are proposed, and one that is nearest
but falls short of what the job asks is still shown, with the reason: "Nearest, but alone."
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, hypot

from watchroom.force.policy import Need, Policy, marked


@dataclass(frozen=True)
class Point:
    """A place on the force's grid, metres east and north."""

    x: float
    y: float
    is_rural: bool = False


@dataclass(frozen=True)
class Unit:
    """A crew as the board knows it. `status` is the radio status 0 to 16; `crew` how many officers."""

    callsign: str
    status: int
    crew: int
    skills: tuple[str, ...]
    x: float
    y: float
    located_at: datetime
    beat: str = ""


@dataclass(frozen=True)
class Candidate:
    """A unit that may be sent: whole minutes to arrival (rounded up), sentences, and whether it lacks nothing that is asked."""

    unit: Unit
    minutes: int
    because: tuple[str, ...]
    against: tuple[str, ...]
    meets_needs: bool


def may_move(status: int, to: int, policy: Policy) -> list[str]:
    """Why a unit cannot go from one radio status to another; empty when it can. An emergency (0) is always taken."""
    known = {one.number: one for one in policy.dispatch.statuses}
    for number in (status, to):
        if number not in known:
            return [f"There is no status {number}."]
    here, there = known[status], known[to]
    if to == status or there.freedom == "emergency":
        return []
    if "message" in (here.freedom, there.freedom) and "off" not in (here.freedom, there.freedom):
        return []  # a message says nothing about what the crew is doing
    if to not in here.next:
        return [f"From status {status}, {_lower(here.label)}, a unit does not go to {to}, {_lower(there.label)}."]
    return []


def needs_of(cues: Iterable[str], markers: Iterable[tuple[str, int]], policy: Policy) -> tuple[Need, ...]:
    """What the cues and markers of a job ask of who is sent."""
    present, on_record = frozenset(cues), tuple(markers)
    return tuple(need for need in policy.dispatch.needs if present & set(need.cues) or marked(need.markers, on_record))


def recommend(units: Iterable[Unit], place: Point, needs: Sequence[Need], now: datetime, policy: Policy) -> list[Candidate]:
    """Who could go: first those that lack nothing, the soonest first. Never a unit that may not be sent (R106).

    A crew that is too few where officers would be in danger stands last, however near.
    """
    assignable = {one.number: one for one in policy.dispatch.statuses if one.is_assignable}
    free = [unit for unit in units if unit.status in assignable]
    nearest = min((seconds_to(unit, place, policy) for unit in free), default=0.0)
    found = []
    for unit in free:
        seconds = seconds_to(unit, place, policy)
        too_few = [need for need in needs if unit.crew < need.officers]
        lacking = [need for need in needs if set(need.skills) - set(unit.skills)]
        words_needed = _words_needed(unit, needs, policy)
        against = [
            *_too_few(unit, too_few, seconds == nearest),
            *_lacking(unit, lacking, too_few, policy),
            *words_needed,
            *_doubts(unit, assignable[unit.status].caution, now, policy),
        ]
        candidate = Candidate(
            unit=unit,
            minutes=ceil(seconds / 60),
            because=_because(unit, needs, too_few, lacking, assignable[unit.status].label),
            against=tuple(against),
            meets_needs=not (too_few or lacking),
        )
        found.append(((bool(too_few), bool(words_needed), len(lacking), seconds, unit.callsign), candidate))
    return [candidate for _, candidate in sorted(found, key=lambda pair: pair[0])]


def seconds_to(unit: Unit, place: Point, policy: Policy) -> float:
    """Turning out, and the way by road at the policy's speed: an estimate, for comparing units, not a promise."""
    ways = policy.dispatch
    metres = hypot(unit.x - place.x, unit.y - place.y) * ways.winding_percent / 100
    kmh = ways.rural_kmh if place.is_rural else ways.urban_kmh
    return ways.turn_out_s + metres / (kmh / 3.6)


def _because(unit: Unit, needs: Sequence[Need], too_few: list[Need], lacking: list[Need], status: str) -> tuple[str, ...]:
    met = [need.because for need in needs if need not in too_few and need not in lacking]
    who = {1: "One officer", 2: "Two officers"}.get(unit.crew, f"{unit.crew} officers")
    says = [f"{who}. {reason}." for reason in met[:1]] or [f"{who}."]
    where = f"{status}, {unit.beat}." if unit.beat else f"{status}."
    return (*says, where)


def _too_few(unit: Unit, needs: list[Need], is_nearest: bool) -> list[str]:
    if not needs:
        return []
    short = "alone" if unit.crew == 1 else f"only {unit.crew}"
    opening = f"Nearest, but {short}." if is_nearest else f"{short.capitalize()}."
    return [f"{opening} {needs[0].because}."]


def _lacking(unit: Unit, needs: list[Need], said: list[Need], policy: Policy) -> list[str]:
    labels = {skill.code: skill.label for skill in policy.dispatch.skills}
    wanted: dict[str, Need] = {}
    for need in needs:
        for code in need.skills:
            if code not in unit.skills:
                wanted.setdefault(code, need)
    return [
        f"No {_lower(labels[code]) if code != 'taser' else labels[code]}." + ("" if need in said else f" {need.because}.")
        for code, need in wanted.items()
    ]


def _words_needed(unit: Unit, needs: Sequence[Need], policy: Policy) -> list[str]:
    return [
        f"{skill.label}: needs the word of {skill.needs_word_of}."
        for skill in policy.dispatch.skills
        if skill.needs_word_of and skill.code in unit.skills
    ]


def _doubts(unit: Unit, caution: str, now: datetime, policy: Policy) -> list[str]:
    age = (now - unit.located_at).total_seconds()
    doubts = [caution] if caution else []
    if age > policy.dispatch.stale_after_s:
        doubts.append(f"Last seen {age / 60:.0f} min ago: the time is a guess.")
    return doubts


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
