"""Is it this person, somebody of their household, or nobody we know? One sum over all answers, and a probability that holds.

A caller is one of: a person on record (each candidate is one such answer), somebody new of a candidate's household, or somebody new
altogether. Each answer's weight is how often it happens times how well it explains what was said; the probability of an answer is
its share of all. So an address and a telephone that a family shares speak for the family once, and three people of one name share
what speaks for the name.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import log2
from typing import Literal, NamedTuple

from watchroom.identity.likeness import calibration
from watchroom.identity.likeness.calibration import Correction
from watchroom.identity.likeness.conditions import like_each
from watchroom.identity.likeness.model import Frequency, Model, Part, Place, Weighed
from watchroom.identity.likeness.words import Columns, Said

Relation = Literal["same_person", "same_household"]
SUPPOSED_NAMESAKES = 3  # with so many namesakes as each name alone would have it, both together are believed to be as rare
CHANGED_ABOUT = 6.0  # bits against it: given and family name are changed about in one of sixty-four


class Found(NamedTuple):
    """The records that may be of the caller."""

    records: list[int]  # of whom each is; several may be of one person
    words: Columns  # what each says

    @classmethod
    def of(cls, each: Iterable[tuple[int, Said]]) -> "Found":
        pairs = list(each)
        return cls([record for record, _ in pairs], Columns.of([said for _, said in pairs]))


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
    likely: float = 0.9  # from this probability somebody is called likely
    possible: float = 0.15  # and from this one possible
    correction: Correction = calibration.NONE


@cache
def shipped() -> Belief:
    return Belief(**json.loads(resources.files("watchroom.identity").joinpath("data/belief.json").read_text("utf-8")))


def judge(said: Said, found: Found, *, model: Model, frequency: Frequency, size: int, belief: Belief) -> list[Verdict]:
    records, each = weighed_together(said, found, model=model, frequency=frequency)
    return list(judged(records, each, masses(records, each, model=model, size=size), belief))


class Mass(NamedTuple):
    """How well one description explains what was said, beside “somebody new”, which is 1; before it is asked how often each happens."""

    person: float  # that it is this person
    family: float  # that it is somebody else of their household
    bits: float
    is_shared: bool  # an address or a number is shared


class Masses(NamedTuple):
    """The same for all who were found."""

    people: dict[int, float]  # by person; several descriptions of one person do not compete
    families: dict[int, float]
    each: list[Mass]

    def explained(self, belief: Belief) -> tuple[float, float, float]:
        """(that it is somebody known, somebody new of a known household, somebody new), not yet divided by their sum."""
        known, stranger = belief.known * sum(self.people.values()), 1 - belief.known
        kin = stranger * belief.new_in_household * sum(self.families.values())
        return known, kin, stranger * (1 - belief.new_in_household)

    def likeliest(self, belief: Belief) -> tuple[float, float]:
        """How probable whoever is likeliest is, and all others together, before any correction."""
        known, total = belief.known * sum(self.people.values()), sum(self.explained(belief))
        likeliest = max(self.people.values(), default=0.0) * belief.known
        return likeliest / total, (known - likeliest) / total


def masses(records: Sequence[int], weighed: Sequence[Weighed], *, model: Model, size: int) -> Masses:
    """`size`: how many descriptions there are in all."""
    size = max(size, 1)
    kinds = {id(one): one for one in weighed}  # who is on the same levels has the very same answer
    shared = {
        kind: places
        for kind, one in kinds.items()
        if (places := [at for at in model.shared if one.levels[at[0]] == at[1]])
    }  # fmt: skip
    rarer = _rarer(model, records, weighed, shared, size) if shared else {}
    explains = {}
    for kind, (_, same, kin, _) in kinds.items():
        more = sum(rarer[place] for place in shared[kind]) if kind in shared else 0.0
        explains[kind] = Mass(2.0 ** min(same + more, 200.0) / size, 2.0 ** min(kin + more, 200.0) / size, same + more, more > 0)
    each = [explains[id(one)] for one in weighed]
    people, families = dict[int, float](), dict[int, float]()
    for record, (person, family, _, _) in zip(records, each, strict=True):
        if record in people:
            people[record] += person
            families[record] = max(family, families[record])
        else:
            people[record], families[record] = person, family
    return Masses(people, families, each)


def judged(records: Sequence[int], weighed: Sequence[Weighed], made: Masses, belief: Belief) -> Iterator[Verdict]:
    """The verdict on each description that was found, the likeliest first; made as they are asked for, since few of them are read.

    The probability is that of the person: two descriptions of one person add up, and namesakes share. A correction makes all of them
    more or less probable in proportion, so that it changes no order, and together they are never more than certain.
    """
    total = sum(made.explained(belief))
    known, kin = belief.known / total, (1 - belief.known) * belief.new_in_household / total
    as_said, (likeliest, others) = known, made.likeliest(belief)
    if likeliest and belief.correction != calibration.NONE:
        known *= min(belief.correction.of(likeliest) / likeliest, 1 / (likeliest + others))
    ranked = sorted(
        (is_shared and family * kin > person * as_said, -made.people[record], -bits, n)
        for n, (record, (person, family, bits, is_shared)) in enumerate(zip(records, made.each, strict=True))
    )
    for is_kin, less, bits, n in ranked:
        yield Verdict(
            records[n],
            "same_household" if is_kin else "same_person",
            min(max(-less * known, 1e-9), 1 - 1e-9),
            made.families[records[n]] * kin,
            -bits,
            weighed[n].levels,
            weighed[n].is_changed_about,
        )


def both_names(said: Said, frequency: Frequency, size: int, namesakes: int) -> float:
    """How many bits rarer both names are together than each alone would have it; below nought where they are commoner.

    Names keep company: a Nowak is called Agnieszka sooner than a Smith is, so that among the Nowaks the name says less than in the whole
    force. `namesakes`: how many of the `size` on record bear both; the one who is looked for is among them.
    """
    given, family = frequency("given", said.given), frequency("family", said.family)
    if not (said.given and said.family and given and family):
        return 0.0
    expected = given * family * size
    return log2((expected + SUPPOSED_NAMESAKES) / (max(namesakes - 1, 0) + SUPPOSED_NAMESAKES))


def weighed(
    said: Said,
    found: Columns,
    *,
    model: Model,
    frequency: Frequency,
    rarer: float = 0.0,
    levels: Sequence[Sequence[int]] | None = None,
) -> list[Weighed]:
    """What speaks for and against each who was found; who else was counts where names are nearly what was said.

    `rarer`: of both names. `levels`: of each comparison those of all who were found, where they were asked for already.
    """
    each = model.weigh(said, found, frequency, levels)
    if rarer:
        (given, at), (family, too) = model.named
        more = {
            id(one): one._replace(same=one.same + rarer) for one in each if one.levels[given] == at and one.levels[family] == too
        }
        each = [more.get(id(one), one) for one in each]
    about = said.changed_about()
    if places := _fitting(about, found):
        for at, (on, same, kin, _) in zip(places, model.weigh(about, found.at(places), frequency), strict=True):
            if same - CHANGED_ABOUT > each[at].same:
                each[at] = Weighed(on, same - CHANGED_ABOUT, kin - CHANGED_ABOUT, True)
    return each


def together(
    found: Found, levels: Sequence[Sequence[int]], *, model: Model
) -> tuple[Found, Sequence[Sequence[int]], list[float]]:
    """She gave her date of birth in one call and her new address in another: together they are one more description of her.

    Of each comparison it takes, among what says anything, what is most like what was said. Returns who was found and their levels with
    those descriptions at the end, and of each of those how many bits the choice is worth: who is described in four ways is four times
    as often like somebody else.
    """
    if len({*found.records}) == len(found.records):
        return found, levels, []
    places: dict[int, list[int]] = {}
    for at, record in enumerate(found.records):
        places.setdefault(record, []).append(at)
    each, made = list(zip(*levels, strict=True)), list[tuple[int, list[int], tuple[int, ...]]]()
    for record, own in places.items():
        if len(own) > 1:
            chosen = [
                max((on[at] > 0, bits[on[at]], -at) for at in own) for on, (_, bits, _) in zip(levels, model.plain, strict=True)
            ]
            whence = [-at for _, _, at in chosen]
            on = tuple(column[at] for column, at in zip(levels, whence, strict=True))
            if on not in {each[at] for at in own}:
                made.append((record, whence, on))
    worth = []
    for record, _, on in made:
        ways = 1
        for at, fields, (_, bits, _) in zip(on, model.fields, model.plain, strict=True):
            if bits[at] > 0:
                ways *= len({tuple(getattr(found.words, field)[place] for field in fields) for place in places[record]})
        worth.append(log2(ways))
    comparison = {field: number for number, fields in enumerate(model.fields) for field in fields}
    words = [
        (*column, *(column[whence[comparison[field]]] for _, whence, _ in made))
        for field, column in zip(Columns._fields, found.words, strict=True)
    ]
    records = [*found.records, *(record for record, _, _ in made)]
    more = [[*column, *(on[number] for _, _, on in made)] for number, column in enumerate(levels)]
    return Found(records, Columns._make(words)), more, worth


def weighed_together(
    said: Said,
    found: Found,
    *,
    model: Model,
    frequency: Frequency,
    rarer: float = 0.0,
    levels: Sequence[Sequence[int]] | None = None,
) -> tuple[list[int], list[Weighed]]:
    """Whose each description is, and what speaks for it and against it; of who is described in several ways also all together."""
    found, levels, worth = together(found, levels or model.levels(said, found.words), model=model)
    each = weighed(said, found.words, model=model, frequency=frequency, rarer=rarer, levels=levels)
    for at, less in enumerate(worth, start=len(each) - len(worth)):
        each[at] = each[at]._replace(same=each[at].same - less, kin=each[at].kin - less)
    return found.records, each


def _fitting(about: Said, found: Columns) -> list[int]:
    """The places of those whom the names fit better when they are changed about."""
    family = like_each(about.family, list({*found.family}), 0.85) if about.family else {}
    given = like_each(about.given, list({*found.given}), 0.85) if about.given else {}
    if not (family or given):
        return []
    as_said = about.given
    pairs = enumerate(zip(found.given, found.family, strict=True))
    return [at for at, (its_given, its_family) in pairs if (its_family in family or its_given in given) and its_family != as_said]


def _rarer(
    model: Model, records: Sequence[int], weighed: Sequence[Weighed], shared: Mapping[int, Sequence[Place]], size: int
) -> dict[Place, float]:
    """What a shared number or address weighs among so many: its u was fitted in a small town, and here it is (how many share it) of all.

    By comparison and level, how many bits more.
    """
    sharing: dict[Place, set[int]] = {}
    for record, one in zip(records, weighed, strict=True):
        for place in shared.get(id(one), ()):
            sharing.setdefault(place, set()).add(record)
    return {place: max(0.0, log2(model.u(place) * size / len(who))) for place, who in sharing.items()}


def teller(said: Said, *, model: Model, frequency: Frequency) -> Callable[[Verdict], list[Part]]:
    """A function that says of a verdict what each field says, in bits; for those who are shown.

    (What both names together say more or less is in no field, and would change no sentence.)
    """
    weights = model.heard(said, frequency)

    def tell(one: Verdict) -> list[Part]:
        if not one.is_changed_about:
            return [parts[at] for parts, at in zip(weights, one.levels, strict=True)]
        about = model.heard(said.changed_about(), frequency)
        told = [parts[at] for parts, at in zip(about, one.levels, strict=True)]
        return [*told, Part("given", "changed about", -CHANGED_ABOUT, -CHANGED_ABOUT)]

    return tell
