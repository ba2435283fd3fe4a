"""Is it this person, somebody of their household, or nobody we know? One sum over all answers, and a probability that holds.

A caller is one of: a person on record (each candidate is one such answer), somebody new of a candidate's household, or somebody new
altogether. Each answer's weight is how often it happens times how well it explains what was said; the probability of an answer is
its share of all. So an address and a telephone that a family shares speak for the family once, and three people of one name share
what speaks for the name.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp, log, log2
from typing import Literal, NamedTuple

from watchroom.identity.likeness.conditions import jaro_winkler
from watchroom.identity.likeness.model import Frequency, Model, Part, weigh
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
        return 1 / (1 + exp(-(self.offset + self.slope * log(share / (1 - share)))))


@cache
def shipped() -> Belief:
    return Belief(**json.loads(resources.files("watchroom.identity").joinpath("data/belief.json").read_text("utf-8")))


def judge(said: Said, found: Sequence[Found], *, model: Model, frequency: Frequency, size: int, belief: Belief) -> list[Verdict]:
    """The verdict on each description that was found, the likeliest first. `size`: how many there are in all.

    The probability is that of the person: two descriptions of one person add up, and namesakes share.
    """
    weighed = _weigh(said, found, model, frequency)
    rarer = _rarer(model, found, weighed, max(size, 1))
    each = 1 / max(size, 1)
    nobody = (1 - belief.known) * (1 - belief.new_in_household)
    masses, people, families = [], dict[int, float](), dict[int, float]()
    for (record, _), (levels, same, kin, _) in zip(found, weighed, strict=True):
        shared = 0.0
        for number, at, bits in rarer:
            if levels[number] == at:
                shared += bits
        person = belief.known * each * 2.0 ** min(same + shared, 200.0)
        family = (1 - belief.known) * belief.new_in_household * each * 2.0 ** min(kin + shared, 200.0)
        people[record] = people.get(record, 0.0) + person  # several descriptions of one person do not compete
        families[record] = max(family, families.get(record, 0.0))
        masses.append((person, family, same + shared, shared > 0))
    total = nobody + sum(people.values()) + sum(families.values())
    verdicts = [
        Verdict(
            one.record,
            "same_household" if shares and family > person else "same_person",
            belief.calibrated(people[one.record] / total),
            families[one.record] / total,
            bits,
            levels,
            is_changed,
        )
        for one, (levels, _, _, is_changed), (person, family, bits, shares) in zip(found, weighed, masses, strict=True)
    ]
    return sorted(verdicts, key=lambda v: (v.relation != "same_person", -v.probability, -v.bits))


Weighed = tuple[tuple[int, ...], float, float, bool]  # levels, bits for the same person, for the household, names changed about


def _weigh(said: Said, found: Sequence[Found], model: Model, frequency: Frequency) -> list[Weighed]:
    scales = model.scales(said, frequency)
    about = said.changed_about() if said.given or said.family else None
    scales_about = model.scales(about, frequency) if about else scales
    weighed = []
    for _, record in found:
        levels, same, kin = weigh(scales, said, record)
        is_changed = False
        if about and record.family != said.family and _fit(about, record):
            others, same_about, kin_about = weigh(scales_about, about, record)
            if same_about - CHANGED_ABOUT > same:
                levels, same, kin, is_changed = others, same_about - CHANGED_ABOUT, kin_about - CHANGED_ABOUT, True
        weighed.append((levels, same, kin, is_changed))
    return weighed


def _fit(about: Said, record: Said) -> bool:
    return (
        bool(record.family) and bool(about.family) and jaro_winkler(about.family, record.family, score_cutoff=0.85) >= 0.85
    ) or (bool(record.given) and bool(about.given) and jaro_winkler(about.given, record.given, score_cutoff=0.85) >= 0.85)


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
