"""How much does each likeness weigh? A Splink model's settings, read from JSON and used as Splink uses them."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import resources
from itertools import compress
from math import log2
from operator import getitem
from typing import Any, NamedTuple

from watchroom.identity.likeness.conditions import ANOTHER_BIRTH, AS_SAID, COMPARISONS, FREQUENCY, Asked
from watchroom.identity.likeness.words import ADDRESS, Columns, Said

Frequency = Callable[[str, str], float | None]  # (field, value) -> its share among those on record; None when not known


class UnknownLevel(ValueError):
    """The model asks what this program cannot answer; the message names the condition."""


class Level(NamedTuple):
    """One level of a comparison. Bits are log2(m / u)."""

    field: str
    label: str
    bits: float
    household_bits: float  # the same for somebody else of the household
    u: float
    frequency: str = ""  # the field whose frequency corrects the bits, or empty
    floor: float = 0.0  # no word is taken to be rarer
    strength: float = 1.0  # how much of the correction is applied


class Part(NamedTuple):
    """What one field says: on which level, and how much for the same person and for another of the household, in bits."""

    field: str
    level: str
    bits: float
    household_bits: float


SHARED = (("number", "the same"), ("home", "the same address"), ("home", "nearly the same address"))
# The levels on which a name is nearly theirs; and of those who are heard a little wrong, how many are heard as any one word. Own judgement:
# within a factor of five it makes no difference to who is found.
LEAST_ALIKE = 0.25  # not all names that are alike are found: so much of their usual share is supposed
LIKE = {"given": {4: 0.01, 5: 0.0005}, "family": {2: 0.01, 3: 0.001}}
IN_TOWN = 5  # the level of `home`: the same town, no address to compare; the next is another address in it
SMALLEST_TOWN = 1e-3  # what is written seldom may be misspelt
LIVES = 75  # years of birth over which people on record are spread, roughly
GUESSED = 0.9  # of ages that are said or guessed hold within what was said; own judgement, like LIVES

Shares = Sequence[Sequence[float]]  # of each comparison, how often each level is seen
Place = tuple[int, int]  # which comparison, and which of its levels
Scale = tuple[Asked, list[float], list[float]]  # which level, its bits, its bits for the household
Ladder = tuple[Asked, tuple[Level, ...], tuple[Part, ...]]


class Weighed(NamedTuple):
    """What speaks for one record and against it."""

    levels: tuple[int, ...]  # of each comparison
    same: float  # all bits for the same person
    kin: float  # and for somebody else of the household
    is_changed_about: bool = False  # the names fit when given and family name are changed about


@dataclass(frozen=True, eq=False)
class Model:
    ladders: tuple[Ladder, ...]
    prior: float  # probability that two records taken at random are one person

    @cached_property
    def plain(self) -> list[Scale]:
        """The scales as they hold whatever was said."""
        return [_scale(asked, parts) for asked, _, parts in self.ladders]

    def scales(self, said: Said, frequency: Frequency) -> list[Scale]:
        """The ladders with the weights that hold for this question."""
        heard = zip(self.plain, self.ladders, self.heard(said, frequency), strict=True)
        return [plain if parts is fixed else _scale(asked, parts) for plain, (asked, _, fixed), parts in heard]

    @lru_cache(maxsize=8)  # noqa: B019 -- a model lives as long as its process; one call asks up to three times: two looks, and the words
    def heard(self, said: Said, frequency: Frequency) -> Sequence[Sequence[Part]]:
        """The levels of each comparison in words and weights, as they hold for what was said.

        Splink's, and two things more: how roughly an age was said, and how many live in the town.
        """
        found = self.weights(said, frequency)
        for number, (_, levels, _) in enumerate(self.ladders):
            field, parts = levels[0].field, found[number]
            if field == "born" and said.years:
                found[number] = _of_an_age(parts, len(said.years))
            elif field == "home" and said.town and (share := frequency("town", said.town)) is not None:
                found[number] = _of_a_town(parts, levels, share)
        return found

    @cached_property
    def fields(self) -> tuple[tuple[str, ...], ...]:
        """Of each comparison, which fields of a description it reads."""
        return tuple(ADDRESS if levels[0].field == "home" else (levels[0].field,) for _, levels, _ in self.ladders)

    @cached_property
    def shares(self) -> tuple[Shares, Shares]:
        """How often each level is seen between two descriptions of one person, and within a household; 0 where that is not known."""
        same = [[level.u * 2.0**level.bits if at else 0.0 for at, level in enumerate(levels)] for _, levels, _ in self.ladders]
        kin = [
            [level.u * 2.0**level.household_bits if level.household_bits else 0.0 for level in levels]
            for _, levels, _ in self.ladders
        ]
        return same, kin

    def heard_so(self, same: Shares, kin: Shares) -> "Model":
        """The same model where levels are seen so often; 0 leaves a level as it is."""
        ladders = []
        for (asked, levels, _), shares, kin_shares in zip(self.ladders, same, kin, strict=True):
            made = tuple(
                level._replace(
                    bits=log2(share / level.u) if share else level.bits,
                    household_bits=log2(kin_share / level.u) if kin_share else level.household_bits,
                )
                for level, share, kin_share in zip(levels, shares, kin_shares, strict=True)
            )
            ladders.append((asked, made, _parts(made)))
        return Model(tuple(ladders), self.prior)

    def weights(self, said: Said, frequency: Frequency) -> list[Sequence[Part]]:
        """The same as Splink has it: by how frequent a name is."""
        found = list[Sequence[Part]]()
        for _, levels, fixed in self.ladders:
            field, parts = levels[0].field, fixed
            if field in self.corrected and (share := frequency(field, getattr(said, field))) is not None:
                parts = tuple(
                    _corrected(part, level, share) if level.frequency else part for part, level in zip(fixed, levels, strict=True)
                )
            found.append(parts)
        return found

    def levels(self, said: Said, found: Columns) -> list[list[int]]:
        """Of each comparison, on which level each is who was found: asked field by field."""
        return [asked.of_each(said, found) for asked, _, _ in self.ladders]

    def weigh(
        self, said: Said, found: Columns, frequency: Frequency, levels: Sequence[Sequence[int]] | None = None
    ) -> list[Weighed]:
        """What speaks for and against each who was found, without words. `levels`: theirs, where they were asked for already."""
        scales = self.scales(said, frequency)
        levels = levels or self.levels(said, found)
        for number, (_, ladder, _) in enumerate(self.ladders):
            field, on = ladder[0].field, levels[number]
            if field in LIKE and not LIKE[field].keys().isdisjoint(on) and frequency(field, "") is not None:
                scales[number] = _of_a_like_name(scales[number], ladder, said, found, on, frequency)
        return _summed(scales, levels)

    def weigh_as_splink(self, said: Said, found: Columns, frequency: Frequency) -> list[Weighed]:
        """The same by Splink's weights alone."""
        weights = self.weights(said, frequency)
        scales = [_scale(asked, parts) for (asked, _, _), parts in zip(self.ladders, weights, strict=True)]
        return _summed(scales, self.levels(said, found))

    def match_weight(self, said: Said, record: Said, frequency: Frequency) -> float:
        """As Splink's `match_weight`: the prior's log odds and all parts, in bits."""
        (one,) = self.weigh_as_splink(said, Columns.of([record]), frequency)
        return log2(self.prior / (1 - self.prior)) + one.same

    @cached_property
    def corrected(self) -> frozenset[str]:
        """The fields whose weight depends on how frequent what was said is."""
        return frozenset(level.frequency for _, levels, _ in self.ladders for level in levels if level.frequency)

    @cached_property
    def shared(self) -> tuple[Place, ...]:
        """The levels on which a number or an address is shared."""
        return tuple(
            (number, at)
            for number, (_, levels, _) in enumerate(self.ladders)
            for at, level in enumerate(levels)
            if (level.field, level.label) in SHARED
        )

    @cached_property
    def named(self) -> tuple[Place, Place]:
        """The levels on which both names are the same."""
        given, family = (
            next((number, 1) for number, (_, levels, _) in enumerate(self.ladders) if levels[1].field == field)
            for field in ("given", "family")
        )
        return given, family

    def u(self, place: Place) -> float:
        """How often two records taken at random are on this level."""
        return self.ladders[place[0]][1][place[1]].u


def _summed(scales: Sequence[Scale], levels: Sequence[Sequence[int]]) -> list[Weighed]:
    """`levels`: of each comparison those of all who were found. Summed once for all on the same levels."""
    same, kin = [bits for _, bits, _ in scales], [bits for _, _, bits in scales]
    each = list(zip(*levels, strict=True))
    summed = {on: Weighed(on, sum(map(getitem, same, on)), sum(map(getitem, kin, on))) for on in set(each)}
    return [summed[on] for on in each]


def _scale(asked: Asked, parts: Sequence[Part]) -> Scale:
    return asked, [part.bits for part in parts], [part.household_bits for part in parts]


def _corrected(part: Part, level: Level, share: float) -> Part:
    more = level.strength * log2(level.u / max(share, level.floor))
    return _heavier(part, more)


def _heavier(part: Part, more: float) -> Part:
    return part._replace(bits=part.bits + more, household_bits=part.household_bits + more)


def _of_a_like_name(
    scale: Scale, levels: Sequence[Level], said: Said, found: Columns, on: Sequence[int], frequency: Frequency
) -> Scale:
    """A word that nobody bears is a name misheard; one that many bear is rather a name of its own: Joan, who is not Jean.

    Somebody new says it because it is their name, or because theirs is one of those that are nearly it and was misheard as well: so a
    Smith misheard says no more than a Smith. `on`: the level that each who was found is on.
    """
    asked, bits, kin = scale
    field = levels[0].field
    heard = {at: 2.0 ** levels[at].bits * levels[at].u * so for at, so in LIKE[field].items()}
    by_chance = _borne(field, getattr(said, field), frequency)
    for at, so in heard.items():
        names = {*compress(getattr(found, field), map(at.__eq__, on))}
        by_chance += so * max(sum(_borne(field, name, frequency) for name in names), levels[at].u * LEAST_ALIKE)
    bits, kin = [*bits], [*kin]
    for at, so in heard.items():
        more = log2(so / by_chance) - levels[at].bits
        bits[at], kin[at] = bits[at] + more, kin[at] + more
    return asked, bits, kin


def _borne(field: str, name: str, frequency: Frequency) -> float:
    """The share who bear it, less what is supposed of every name."""
    return (frequency(field, name) or 0.0) - (frequency(field, "") or 0.0)


def _of_an_age(parts: Sequence[Part], years: int) -> tuple[Part, ...]:
    """An age says as much as the years that it allows: “thirties” fits one in seven, “34” one in twenty-five."""
    by_chance = min(years / LIVES, 0.99)
    bits = {AS_SAID: log2(GUESSED / by_chance), ANOTHER_BIRTH: log2((1 - GUESSED) / (1 - by_chance))}
    return tuple(
        part._replace(bits=bits[level], household_bits=0.0) if level in bits else part for level, part in enumerate(parts)
    )


def _of_a_town(parts: Sequence[Part], levels: Sequence[Level], share: float) -> tuple[Part, ...]:
    """That the town is the same says little where most live in it. (Another address in it is as likely by chance as by moving.)"""
    by_chance = levels[IN_TOWN].u + levels[IN_TOWN + 1].u
    in_town = _heavier(parts[IN_TOWN], log2(by_chance / max(share, SMALLEST_TOWN)))
    return (*parts[:IN_TOWN], in_town, *parts[IN_TOWN + 1 :])


def load(settings: Mapping[str, Any], household: Mapping[str, Mapping[str, float]] | None = None) -> Model:
    """A Splink model from its settings; `household`: for each comparison and level, how often it is seen within a household.

    Raises UnknownLevel for a comparison whose conditions are not those of `conditions.py`.
    """
    ladders = [_ladder(one, (household or {}).get(one["output_column_name"], {})) for one in settings["comparisons"]]
    return Model(tuple(ladders), settings["probability_two_random_records_match"])


def _ladder(one: Mapping[str, Any], household: Mapping[str, float]) -> Ladder:
    field = one["output_column_name"]
    asked = COMPARISONS.get(field)
    conditions = tuple(level["sql_condition"] for level in one["comparison_levels"])
    if asked is None or conditions != tuple(sql for _, sql in asked.levels):
        strange = set(conditions) - {sql for _, sql in (asked.levels if asked else ())}
        raise UnknownLevel(
            f"No function answers what the model asks of {field}: {'; '.join(sorted(strange)) or 'another order'}."
        )
    levels = []
    for (label, _), level in zip(asked.levels, one["comparison_levels"], strict=True):
        m, u = level.get("m_probability") or 0.0, level.get("u_probability") or 0.0
        is_null = bool(level.get("is_null_level"))
        levels.append(
            Level(
                field,
                label,
                0.0 if is_null else log2(m / u),
                0.0 if is_null or label not in household else log2(household[label] / u),
                u,
                level.get("tf_adjustment_column") or "",
                level.get("tf_minimum_u_value") or 0.0,
                level.get("tf_adjustment_weight", 1.0),
            )
        )
    return asked, tuple(levels), _parts(levels)


def _parts(levels: Iterable[Level]) -> tuple[Part, ...]:
    return tuple(Part(level.field, level.label, level.bits, level.household_bits) for level in levels)


def wanted() -> dict[str, Any]:
    """Our comparisons in the form that Splink reads, without weights."""
    comparisons = []
    for field, asked in COMPARISONS.items():
        made = []
        for label, sql in asked.levels:
            level: dict[str, Any] = {"sql_condition": sql, "label_for_charts": label}
            if label == "not known":
                level["is_null_level"] = True
            if column := FREQUENCY.get((field, label)):
                level |= {"tf_adjustment_column": column, "tf_adjustment_weight": 1.0, "tf_minimum_u_value": 1e-6}
            made.append(level)
        comparisons.append({"output_column_name": field, "comparison_levels": made})
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "sql_dialect": "duckdb",
        "probability_two_random_records_match": 1e-6,
        "blocking_rules_to_generate_predictions": ['l."number" = r."number"', 'l."born" = r."born"', 'l."family" = r."family"'],
        "comparisons": comparisons,
        "retain_intermediate_calculation_columns": True,
        "retain_matching_columns": False,
    }


@cache
def shipped() -> Model:
    """The model that comes with the project, trained on people who never were (`watchroom identity train`)."""
    data = resources.files("watchroom.identity").joinpath("data")
    return load(
        json.loads(data.joinpath("model.json").read_text("utf-8")), json.loads(data.joinpath("household.json").read_text("utf-8"))
    )
