"""What does each comparison ask? In SQL, as Splink trains it, and as a function that finds the same level, as it is used at a call.

A model's JSON holds the SQL; `model.load` finds the function to it here, and refuses a model that asks what nobody here can answer.
That both find the same level for the same people is a test (`tests/test_parity.py`).

Each asks of what was said beside all who were found, which leaves the likeness of words to one call of rapidfuzz.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import extract

from watchroom.identity.likeness.words import Said, root_set, sound

# As DuckDB computes it (both are rapidfuzz's). A cutoff saves time and is set a little lower than what is asked: at the very
# value it answers 0, where DuckDB answers the value.
jaro_winkler = JaroWinkler.similarity


class Asked(NamedTuple):
    """One comparison: its levels as (name, SQL), the first is not known, the last everything else; and which level two people are on."""

    levels: tuple[tuple[str, str], ...]
    of_each: Callable[[Said, Sequence[Said]], list[int]]

    def level(self, a: Said, b: Said) -> int:
        return self.of_each(a, [b])[0]


def _near(a: str, b: str) -> bool:
    return OSA.distance(a, b, score_cutoff=1) <= 1


def one_by_one(level: Callable[[Said, Said], int]) -> Callable[[Said, Sequence[Said]], list[int]]:
    """For what is compared quickly, or is seldom said."""
    return lambda a, found: [level(a, b) for b in found]


def like_each(one: str, others: Sequence[str], least: float) -> dict[int, float]:
    """How like it each of these words is, by its place; of those that are at least so like it."""
    return {at: likeness for _, likeness, at in extract(one, others, scorer=jaro_winkler, score_cutoff=least, limit=None)}


def near_each(one: str, others: Sequence[str]) -> set[int]:
    """The places of those that are one figure other at most."""
    return {at for _, _, at in extract(one, others, scorer=OSA.distance, score_cutoff=1, limit=None)}


def given(a: Said, found: Sequence[Said]) -> list[int]:
    one = a.given
    if not one:
        return [0] * len(found)
    others, roots = [b.given for b in found], a.roots
    like = like_each(one, others, 0.79) if len(one) > 1 else {}
    levels = []
    for at, other in enumerate(others):
        if not other:
            levels.append(0)
        elif one == other:
            levels.append(1)
        elif not roots.isdisjoint(root_set(other)):
            levels.append(2)
        elif len(one) == 1 or len(other) == 1:
            levels.append(3 if one[0] == other[0] else 6)
        else:
            likeness = like.get(at, 0.0)
            levels.append(4 if likeness >= 0.9 else 5 if likeness >= 0.8 else 6)
    return levels


def family(a: Said, found: Sequence[Said]) -> list[int]:
    one = a.family
    if not one:
        return [0] * len(found)
    others, own = [b.family for b in found], a.sound
    like = like_each(one, others, 0.85)
    levels = []
    for at, other in enumerate(others):
        if not other:
            levels.append(0)
        elif one == other:
            levels.append(1)
        elif (likeness := like.get(at, 0.0)) >= 0.86:
            levels.append(2 if likeness >= 0.93 else 3)
        else:
            levels.append(4 if own == sound(other) else 5)
    return levels


def born(a: Said, b: Said) -> int:
    one, other = a.born, b.born
    if not one or not other:
        return 0
    if "~" in one or "~" in other:
        return _aged(a, b)
    if one == other:
        return 1
    if len(one) != len(other):
        if one.startswith(other) or other.startswith(one):
            return 3
        return 6 if one[:4] == other[:4] else 7
    if len(one) == 10 and one[:4] + one[7:] + one[4:7] == other:
        return 2
    if _near(one, other):
        return 4
    if len(one) == 10:
        same = (one[:4] == other[:4]) + (one[5:7] == other[5:7]) + (one[8:] == other[8:])
        if same == 2:
            return 5
    return 6 if one[:4] == other[:4] else 7


BESIDE = 2  # years beside what was said of an age that speak neither for nor against
AS_SAID, ANOTHER_BIRTH = 3, 7


def _aged(a: Said, b: Said) -> int:
    """`a` is what was said now. An age on record is only good enough to tell two people of other generations apart."""
    said, known = a.years, b.years or range(int(b.born[:4]), int(b.born[:4]) + 1)
    if said and not b.years and known[0] in said:
        return AS_SAID
    said = said or range(int(a.born[:4]), int(a.born[:4]) + 1)
    is_apart = known[0] > said[-1] + BESIDE or known[-1] < said[0] - BESIDE
    return ANOTHER_BIRTH if is_apart else 0


def home(a: Said, b: Said) -> int:
    same_code = bool(a.postcode) and a.postcode == b.postcode
    same_town = bool(a.town) and a.town == b.town
    same_street = same_town and bool(a.street) and a.street == b.street
    if a.house and a.house == b.house:
        if same_code or same_street:
            return 1
        if same_town and a.street and b.street and jaro_winkler(a.street, b.street, score_cutoff=0.89) >= 0.9:
            return 2
    if same_code:
        return 3
    if same_street:
        return 4
    if same_town:
        return 5
    is_known = (a.postcode and b.postcode) or (a.street and b.street) or (a.town and b.town)
    return 6 if is_known else 0


def number(a: Said, found: Sequence[Said]) -> list[int]:
    one = a.number
    if not one:
        return [0] * len(found)
    others = [b.number for b in found]
    near = near_each(one, others)
    return [0 if not other else 1 if one == other else 2 if at in near else 3 for at, other in enumerate(others)]


def email(a: Said, b: Said) -> int:
    if not a.email or not b.email:
        return 0
    if a.email == b.email:
        return 1
    return 2 if jaro_winkler(a.email, b.email, score_cutoff=0.91) >= 0.92 else 3


_DATES = 'length("born_l") = 10 AND length("born_r") = 10 AND '
_YEARS, _MONTHS, _DAYS = (f'substr("born_l", {at}, {n}) = substr("born_r", {at}, {n})' for at, n in ((1, 4), (6, 2), (9, 2)))
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
        given,
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
        family,
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
        one_by_one(born),
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
            ("the same town", '"town_l" = "town_r"'),
            ("another", "ELSE"),
        ),
        one_by_one(home),
    ),
    "number": Asked(
        (
            ("not known", '"number_l" IS NULL OR "number_r" IS NULL'),
            ("the same", '"number_l" = "number_r"'),
            ("one figure other", 'damerau_levenshtein("number_l", "number_r") <= 1'),
            ("another", "ELSE"),
        ),
        number,
    ),
    "email": Asked(
        (
            ("not known", '"email_l" IS NULL OR "email_r" IS NULL'),
            ("the same", '"email_l" = "email_r"'),
            ("very like it", 'jaro_winkler_similarity("email_l", "email_r") >= 0.92'),
            ("another", "ELSE"),
        ),
        one_by_one(email),
    ),
}
FREQUENCY = {("given", "the same"): "given", ("family", "the same"): "family"}  # levels that weigh less for a common word
