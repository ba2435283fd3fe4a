"""What does each comparison ask? In SQL, as Splink trains it, and as a function that finds the same level, as it is used at a call.

A model's JSON holds the SQL; `model.load` finds the function to it here, and refuses a model that asks what nobody here can answer.
That both find the same level for the same people is a test (`tests/test_parity.py`).

Each asks of what was said beside all who were found, which leaves the likeness of words to one call of rapidfuzz.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import extract

from watchroom.identity.likeness.words import Columns, Said, root_set, sound, years

# As DuckDB computes it (both are rapidfuzz's). A cutoff saves time and is set a little lower than what is asked: at the very
# value it answers 0, where DuckDB answers the value.
jaro_winkler = JaroWinkler.similarity


class Asked(NamedTuple):
    """One comparison: its levels as (name, SQL), the first is not known, the last everything else; and which level two people are on."""

    levels: tuple[tuple[str, str], ...]
    of_each: Callable[[Said, Columns], list[int]]

    def level(self, a: Said, b: Said) -> int:
        return self.of_each(a, Columns.of([b]))[0]


def of_one_field(field: str, levels: Callable[[str, list[str]], Iterator[int]]) -> Callable[[Said, Columns], list[int]]:
    """A comparison of one field is asked once of each word, however many of those who were found bear it.

    `levels` gets what was said, and words on record, none of them empty.
    """
    place = Said._fields.index(field)

    def of_each(a: Said, found: Columns) -> list[int]:
        one, column = a[place], found[place]
        if not one:
            return [0] * len(column)
        others = list({*column} - {""})
        level = dict(zip(others, levels(one, others), strict=True))
        level[""] = 0
        return [level[other] for other in column]

    return of_each


def like_each(one: str, others: Sequence[str], least: float) -> dict[str, float]:
    """How like it each of these words is; of those that are at least so like it."""
    return {other: likeness for other, likeness, _ in extract(one, others, scorer=jaro_winkler, score_cutoff=least, limit=None)}


def near_each(one: str, others: Sequence[str]) -> set[str]:
    """Those of them that are one figure other at most."""
    return {other for other, _, _ in extract(one, others, scorer=OSA.distance, score_cutoff=1, limit=None)}


def given(one: str, others: list[str]) -> Iterator[int]:
    roots = root_set(one)
    like = like_each(one, others, 0.79) if len(one) > 1 else {}
    for other in others:
        if one == other:
            yield 1
        elif not roots.isdisjoint(root_set(other)):
            yield 2
        elif len(one) == 1 or len(other) == 1:
            yield 3 if one[0] == other[0] else 6
        else:
            likeness = like.get(other, 0.0)
            yield 4 if likeness >= 0.9 else 5 if likeness >= 0.8 else 6


def family(one: str, others: list[str]) -> Iterator[int]:
    own, like = sound(one), like_each(one, others, 0.85)
    for other in others:
        if one == other:
            yield 1
        elif (likeness := like.get(other, 0.0)) >= 0.86:
            yield 2 if likeness >= 0.93 else 3
        else:
            yield 4 if own == sound(other) else 5


def born(one: str, others: list[str]) -> Iterator[int]:
    is_age, year, is_day = "~" in one, one[:4], len(one) == 10
    changed_about = one[:4] + one[7:] + one[4:7]
    near = near_each(one, others)
    for other in others:
        if is_age or "~" in other:
            yield _aged(one, other)
        elif one == other:
            yield 1
        elif len(one) != len(other):
            if one.startswith(other) or other.startswith(one):
                yield 3
            else:
                yield 6 if year == other[:4] else 7
        elif is_day and changed_about == other:
            yield 2
        elif other in near:
            yield 4
        elif is_day and (year == other[:4]) + (one[5:7] == other[5:7]) + (one[8:] == other[8:]) == 2:
            yield 5
        else:
            yield 6 if year == other[:4] else 7


BESIDE = 2  # years beside what was said of an age that speak neither for nor against
AS_SAID, ANOTHER_BIRTH = 3, 7


def _aged(one: str, other: str) -> int:
    """`one` is what was said now. An age on record is only good enough to tell two people of other generations apart."""
    said, known = years(one), years(other) or range(int(other[:4]), int(other[:4]) + 1)
    if said and "~" not in other and known[0] in said:
        return AS_SAID
    said = said or range(int(one[:4]), int(one[:4]) + 1)
    is_apart = known[0] > said[-1] + BESIDE or known[-1] < said[0] - BESIDE
    return ANOTHER_BIRTH if is_apart else 0


def home(a: Said, found: Columns) -> list[int]:
    code, house, street, town = a.postcode, a.house, a.street, a.town
    if not (code or street or town):  # a house alone is known, and says nothing
        return [0] * len(found.house)
    levels = []
    for its_code, its_house, its_street, its_town in zip(found.postcode, found.house, found.street, found.town, strict=True):
        same_code = code == its_code != ""
        same_town = town == its_town != ""
        same_street = same_town and street == its_street != ""
        if house == its_house != "":
            if same_code or same_street:
                levels.append(1)
                continue
            if same_town and street and its_street and jaro_winkler(street, its_street, score_cutoff=0.89) >= 0.9:
                levels.append(2)
                continue
        if same_code:
            levels.append(3)
        elif same_street:
            levels.append(4)
        elif (code and its_code) or (street and its_street):
            levels.append(6 if same_town else 8)
        elif same_town:
            levels.append(5)
        else:
            levels.append(7 if town and its_town else 0)
    return levels


def number(one: str, others: list[str]) -> Iterator[int]:
    near = near_each(one, others)
    for other in others:
        yield 1 if one == other else 2 if other in near else 3


def email(one: str, others: list[str]) -> Iterator[int]:
    like = like_each(one, others, 0.91)
    for other in others:
        yield 1 if one == other else 2 if like.get(other, 0.0) >= 0.92 else 3


_DATES = 'length("born_l") = 10 AND length("born_r") = 10 AND '
_YEARS, _MONTHS, _DAYS = (f'substr("born_l", {at}, {n}) = substr("born_r", {at}, {n})' for at, n in ((1, 4), (6, 2), (9, 2)))
_NO_ADDRESS = '("postcode_l" IS NULL OR "postcode_r" IS NULL) AND ("street_l" IS NULL OR "street_r" IS NULL)'
COMPARISONS: dict[str, Asked] = {
    "given": Asked(
        (
            ("not known", '"given_l" IS NULL OR "given_r" IS NULL'),
            ("the same", '"given_l" = "given_r"'),
            ("a form of it", 'list_has_any("roots_l", "roots_r")'),
            ("the same initial", '(length("given_l") = 1 OR length("given_r") = 1) AND left("given_l", 1) = left("given_r", 1)'),
            (
                "very like it",
                'length("given_l") > 1 AND length("given_r") > 1 AND jaro_winkler_similarity("given_l", "given_r") >= 0.9',
            ),
            (
                "like it",
                'length("given_l") > 1 AND length("given_r") > 1 AND jaro_winkler_similarity("given_l", "given_r") >= 0.8',
            ),
            ("another", "ELSE"),
        ),
        of_one_field("given", given),
    ),
    "family": Asked(
        (
            ("not known", '"family_l" IS NULL OR "family_r" IS NULL'),
            ("the same", '"family_l" = "family_r"'),
            ("very like it", 'jaro_winkler_similarity("family_l", "family_r") >= 0.93'),
            ("like it", 'jaro_winkler_similarity("family_l", "family_r") >= 0.86'),
            ("sounds like it", '"sound_l" = "sound_r"'),
            ("another", "ELSE"),
        ),
        of_one_field("family", family),
    ),
    "born": Asked(
        (
            ("not known", '"born_l" IS NULL OR "born_r" IS NULL'),
            ("the same", '"born_l" = "born_r"'),
            (
                "day and month changed about",
                _DATES + 'substr("born_l", 1, 4) || substr("born_l", 8, 3) || substr("born_l", 5, 3) = "born_r"',
            ),
            (
                "as far as it was said",
                'length("born_l") <> length("born_r") AND (starts_with("born_l", "born_r") OR starts_with("born_r", "born_l"))',
            ),
            ("one figure other", 'length("born_l") = length("born_r") AND damerau_levenshtein("born_l", "born_r") <= 1'),
            (
                "two of day, month and year",
                f"{_DATES}(({_YEARS} AND {_MONTHS}) OR ({_YEARS} AND {_DAYS}) OR ({_MONTHS} AND {_DAYS}))",
            ),
            ("the same year", _YEARS),
            ("another", "ELSE"),
        ),
        of_one_field("born", born),
    ),
    "home": Asked(
        (
            (
                "not known",
                '("postcode_l" IS NULL OR "postcode_r" IS NULL) AND ("street_l" IS NULL OR "street_r" IS NULL) AND '
                '("town_l" IS NULL OR "town_r" IS NULL)',
            ),
            (
                "the same address",
                '"house_l" = "house_r" AND ("postcode_l" = "postcode_r" OR ("street_l" = "street_r" AND "town_l" = "town_r"))',
            ),
            (
                "nearly the same address",
                '"house_l" = "house_r" AND "town_l" = "town_r" AND jaro_winkler_similarity("street_l", "street_r") >= 0.9',
            ),
            ("the same postcode", '"postcode_l" = "postcode_r"'),
            ("the same street", '"street_l" = "street_r" AND "town_l" = "town_r"'),
            ("the same town", f'"town_l" = "town_r" AND {_NO_ADDRESS}'),
            ("another address in the town", '"town_l" = "town_r"'),
            ("another town", _NO_ADDRESS),
            ("another", "ELSE"),
        ),
        home,
    ),
    "number": Asked(
        (
            ("not known", '"number_l" IS NULL OR "number_r" IS NULL'),
            ("the same", '"number_l" = "number_r"'),
            ("one figure other", 'damerau_levenshtein("number_l", "number_r") <= 1'),
            ("another", "ELSE"),
        ),
        of_one_field("number", number),
    ),
    "email": Asked(
        (
            ("not known", '"email_l" IS NULL OR "email_r" IS NULL'),
            ("the same", '"email_l" = "email_r"'),
            ("very like it", 'jaro_winkler_similarity("email_l", "email_r") >= 0.92'),
            ("another", "ELSE"),
        ),
        of_one_field("email", email),
    ),
}
FREQUENCY = {("given", "the same"): "given", ("family", "the same"): "family"}  # levels that weigh less for a common word
