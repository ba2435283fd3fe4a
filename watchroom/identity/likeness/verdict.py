"""Is it this person, somebody of their household, or nobody we know? One sum over all answers, and a probability that holds.

A caller is one of: a person on record (each candidate is one such answer), somebody new of a candidate's household, or somebody new
altogether. Each answer's weight is how often it happens times how well it explains what was said; the probability of an answer is
its share of all. So an address and a telephone that a family shares speak for the family once, and three people of one name share
what speaks for the name.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from math import exp, log, log2
from typing import Literal, NamedTuple

from watchroom.identity.likeness.conditions import like_each
from watchroom.identity.likeness.model import Frequency, Model, Part, weigh, weigh_each
from watchroom.identity.likeness.words import Said

Relation = Literal["same_person", "same_household"]
CHANGED_ABOUT = 6.0  # bits against it: given and family name are changed about in one of sixty-four
SHARED = (("number", "the same"), ("home", "the same address"), ("home", "nearly the same address"))


class Found(NamedTuple):
    """A record that may be of the caller."""

    record: int  # of whom; several may be of one person
    said: Said


class Verdict(NamedTuple):
    """What is thought of one record: which relation is likelier, how probable it is that it is this very person, and why."""

    record: int
    relation: Relation
    probability: float  # that the caller is this person; calibrated
    household: float  # that the caller is somebody else of this household
    bits: float  # for the same person
    levels: tuple[int, ...]  # of each comparison of the model
    is_changed_about: bool  # the names fit when given and family name are changed about


Weighed = tuple[tuple[int, ...], float, float, bool]  # levels, bits for the same person, for the household, names changed about


@dataclass(frozen=True)
class Belief:
    """How often callers are known, or new in a known household; and the correction that makes the shares probabilities."""

    known: float
    new_in_household: float
    slope: float
    offset: float
    likely: float = 0.9  # from this probability somebody is called likely
    possible: float = 0.15  # and from this one possible

    def calibrated(self, share: float) -> float:
        share = min(max(share, 1e-9), 1 - 1e-9)
        if self.slope == 1.0 and not self.offset:
            return share
        return 1 / (1 + exp(-(self.offset + self.slope * log(share / (1 - share)))))


@cache
def shipped() -> Belief:
    return Belief(**json.loads(resources.files("watchroom.identity").joinpath("data/belief.json").read_text("utf-8")))


def judge(said: Said, found: Sequence[Found], *, model: Model, frequency: Frequency, size: int, belief: Belief) -> list[Verdict]:
    return judged(found, weighed(said, found, model=model, frequency=frequency), model=model, size=size, belief=belief)


class Masses(NamedTuple):
    """How well each answer explains what was said, beside “somebody new”, which is 1; before it is asked how often each happens."""

    people: dict[int, float]  # by person; several descriptions of one person do not compete
    families: dict[int, float]
    each: list[
        tuple[float, float, float, bool]
    ]  # of each description: person, family, bits, whether an address or number is shared

    def explained(self, belief: Belief) -> tuple[float, float, float]:
        """(that it is somebody known, somebody new of a known household, somebody new), not yet divided by their sum."""
        known, stranger = belief.known * sum(self.people.values()), 1 - belief.known
        kin = stranger * belief.new_in_household * sum(self.families.values())
        return known, kin, stranger * (1 - belief.new_in_household)


def masses(found: Sequence[Found], weighed: Sequence[Weighed], *, model: Model, size: int) -> Masses:
    """`size`: how many descriptions there are in all."""
    size = max(size, 1)
    rarer = _rarer(model, found, weighed, size)
    made = Masses({}, {}, [])
    for (record, _), (levels, same, kin, _) in zip(found, weighed, strict=True):
        shared = 0.0
        for number, at, bits in rarer:
            if levels[number] == at:
                shared += bits
        person, family = 2.0 ** min(same + shared, 200.0) / size, 2.0 ** min(kin + shared, 200.0) / size
        made.people[record] = made.people.get(record, 0.0) + person
        made.families[record] = max(family, made.families.get(record, 0.0))
        made.each.append((person, family, same + shared, shared > 0))
    return made


def judged(found: Sequence[Found], weighed: Sequence[Weighed], *, model: Model, size: int, belief: Belief) -> list[Verdict]:
    """The verdict on each description that was found, the likeliest first. `size`: how many there are in all.

    The probability is that of the person: two descriptions of one person add up, and namesakes share.
    """
    made = masses(found, weighed, model=model, size=size)
    total = sum(made.explained(belief))
    known, kin = belief.known / total, (1 - belief.known) * belief.new_in_household / total
    verdicts = [
        Verdict(
            record,
            "same_household" if shares and family * kin > person * known else "same_person",
            belief.calibrated(made.people[record] * known),
            made.families[record] * kin,
            bits,
            levels,
            is_changed,
        )
        for (record, _), (levels, _, _, is_changed), (person, family, bits, shares) in zip(found, weighed, made.each, strict=True)
    ]
    return sorted(verdicts, key=lambda v: (v.relation != "same_person", -v.probability, -v.bits))


ROUNDS = 50
SUPPOSED = 20  # calls that are supposed beside those that were counted, as the shipped belief has them


def learnt(calls: Sequence[Masses], belief: Belief) -> Belief:
    """How often callers here are known, or new in a known household, as their own calls suggest; nobody has to say who they were.

    Expectation and maximisation: how often, from how each call is explained, from how often. What was shipped counts as some calls.
    """
    known_supposed = SUPPOSED * belief.known
    kin_supposed = (SUPPOSED - known_supposed) * belief.new_in_household
    for _ in range(ROUNDS):
        known, kin, new = known_supposed, kin_supposed, SUPPOSED - known_supposed - kin_supposed
        for call in calls:
            parts = call.explained(belief)
            total = sum(parts)
            known, kin, new = known + parts[0] / total, kin + parts[1] / total, new + parts[2] / total
        belief = replace(belief, known=known / (SUPPOSED + len(calls)), new_in_household=kin / (kin + new))
    return belief


def weighed(said: Said, found: Sequence[Found], *, model: Model, frequency: Frequency) -> list[Weighed]:
    """What speaks for and against each who was found; does not depend on who else was."""
    records = [record for _, record in found]
    each = [(*one, False) for one in weigh_each(model.scales(said, frequency), said, records)]
    if not (said.given or said.family):
        return each
    about = said.changed_about()
    scales = model.scales(about, frequency)
    for at in _fitting(about, records):
        if records[at].family == said.family:
            continue
        levels, same, kin = weigh(scales, about, records[at])
        if same - CHANGED_ABOUT > each[at][1]:
            each[at] = (levels, same - CHANGED_ABOUT, kin - CHANGED_ABOUT, True)
    return each


def _fitting(about: Said, records: Sequence[Said]) -> set[int]:
    """The places of those whom the names fit when they are changed about."""
    by_family = like_each(about.family, [one.family for one in records], 0.85) if about.family else {}
    by_given = like_each(about.given, [one.given for one in records], 0.85) if about.given else {}
    return by_family.keys() | by_given.keys()


def _rarer(model: Model, found: Sequence[Found], weighed: Sequence[Weighed], size: int) -> list[tuple[int, int, float]]:
    """What a shared number or address weighs among so many: its u was fitted in a small town, and here it is (how many share it) of all.

    (comparison, level, bits more)
    """
    more = []
    for field, label in SHARED:
        number, at = model.places[field, label]
        if sharing := {record for (record, _), (levels, _, _, _) in zip(found, weighed, strict=True) if levels[number] == at}:
            u = model.ladders[number][1][at].u
            more.append((number, at, max(0.0, log2(u * size / len(sharing)))))
    return more


def teller(said: Said, *, model: Model, frequency: Frequency) -> Callable[[Verdict], list[Part]]:
    """A function that says of a verdict what each field says, in bits; for those who are shown."""
    weights = model.weights(said, frequency)

    def tell(one: Verdict) -> list[Part]:
        if not one.is_changed_about:
            return [parts[at] for parts, at in zip(weights, one.levels, strict=True)]
        about = model.weights(said.changed_about(), frequency)
        told = [parts[at] for parts, at in zip(about, one.levels, strict=True)]
        return [*told, Part("given", "changed about", -CHANGED_ABOUT, -CHANGED_ABOUT)]

    return tell
