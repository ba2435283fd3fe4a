"""Under which keys is a person found again? Recipes are data (data/keys.toml); a key is 64 bits of a hash.

What people mix up (given and family name, day and month, the order of two letters) is made the same on both sides, rather than asked
for twice.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from hashlib import blake2b
from importlib import resources
from typing import NamedTuple

from watchroom.identity.likeness import words
from watchroom.identity.likeness.words import Said

Parts = Callable[[Said], tuple[str, ...]]


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


MOST_PARTS = 3
MOST_YEARS = 3  # who says how old they are is looked for under each year of birth that it allows; a rougher age is no key


def _years(said: Said) -> tuple[str, ...]:
    return tuple(map(str, said.years)) if len(said.years) <= MOST_YEARS else ()


def _letters(said: Said) -> tuple[str, ...]:
    """The letters of both names: the same when two are changed about or one is doubled, and whichever name was said first."""
    if len(said.given) < 3 or len(said.family) < 2:
        return ()
    return ("/".join(sorted((_letters_of(said.given), _letters_of(said.family)))),)


@lru_cache(maxsize=65536)
def _letters_of(name: str) -> str:
    return "".join(sorted({*name}))


def _initials(said: Said) -> tuple[str, ...]:
    given = words.roots(said.given)[0][:1] if said.given else ""
    return tuple({given, said.family[:1]} - {""})


def _month_day(said: Said) -> str:
    """Which is the day and which the month is often changed about, so it is the same either way."""
    return "".join(sorted((said.born[5:7], said.born[8:])))


def _begin(name: str, letters: int) -> tuple[str, ...]:
    return (name[:letters],) if len(name) > letters else ()


def _end(name: str, letters: int) -> tuple[str, ...]:
    return (name[-letters:],) if len(name) > letters else ()


PARTS: dict[str, Parts] = {
    "number": lambda s: _one(s.number),
    "email": lambda s: _one(s.email),
    "email_local": lambda s: _one(s.email.partition("@")[0]) if "@" in s.email else (),
    "born": lambda s: _one(s.born[:4] + _month_day(s)) if len(s.born) == 10 else (),
    "year": lambda s: _years(s) if "~" in s.born else _one(s.born[:4]),
    "month_day": lambda s: _one(_month_day(s)) if len(s.born) == 10 else (),
    "root": lambda s: words.roots(s.given) if len(s.given) > 1 else (),
    "initial": lambda s: _one(words.roots(s.given)[0][:1]) if s.given else (),
    "initials": _initials,
    "letters": _letters,
    "given_begin": lambda s: _begin(s.given, 3),
    "given_end": lambda s: _end(s.given, 3),
    "family": lambda s: _one(s.family),
    "family_begin": lambda s: _begin(s.family, 4),
    "family_end": lambda s: _end(s.family, 3),
    "sound": lambda s: _one(s.sound),
    "postcode": lambda s: _one(s.postcode),
    "house": lambda s: _one(s.house),
    "skeleton": lambda s: _one(words.skeleton(s.street)),
    "town": lambda s: _one(s.town),
}


class Recipes(NamedTuple):
    first: tuple[tuple[str, ...], ...]
    then: tuple[tuple[str, ...], ...]
    search: tuple[tuple[str, ...], ...]
    cap: int
    heavy: int

    @property
    def all(self) -> tuple[tuple[str, ...], ...]:
        return self.first + self.then + self.search


@cache
def recipes() -> Recipes:
    """Raises KeyError for a part that nobody knows how to make, ValueError for a key of more than three."""
    data = tomllib.loads(resources.files("watchroom.identity").joinpath("data/keys.toml").read_text("utf-8"))
    first, then, search = (tuple(tuple(line.split("+")) for line in data[name]) for name in ("first", "then", "search"))
    unknown = {part for recipe in first + then + search for part in recipe} - PARTS.keys()
    if unknown:
        raise KeyError(f"data/keys.toml names parts that do not exist: {', '.join(sorted(unknown))}")
    if any(len(recipe) > MOST_PARTS for recipe in first + then + search):
        raise ValueError(f"data/keys.toml joins more than {MOST_PARTS} parts in one key.")
    return Recipes(first, then, search, int(data["cap"]), int(data["heavy"]))


def cap() -> int:
    return recipes().cap


def light(made: Iterable[int], shared: Mapping[int, int]) -> list[int]:
    """The keys that few share. `shared`: how many share a key, of those that more than `cap` do."""
    return [key for key in made if key not in shared]


def heavy(made: Iterable[int], shared: Mapping[int, int]) -> list[int]:
    """Of the others those that the fewest share, as long as all of them together lead to no more than `heavy` people."""
    room, chosen = recipes().heavy, []
    for count, key in sorted((shared[key], key) for key in {*made} if key in shared):
        room -= count
        if room < 0:
            break
        chosen.append(key)
    return chosen


def of_record(said: Said, force: str) -> list[int]:
    """The keys under which a record is stored."""
    return sorted(set(_made(said, force, recipes().all)))


def of_query(said: Said, force: str) -> list[int]:
    """The keys to look under first."""
    return list(dict.fromkeys(_made(said, force, recipes().first)))


def of_second_look(said: Said, force: str) -> list[int]:
    """The keys to look under as well where the first found nobody who is surely meant; of whoever said one name only, as either."""
    made = _made(said, force, recipes().then)
    if not (said.given and said.family):
        made += _made(said, force, recipes().search) + _made(said.changed_about(), force, recipes().search)
    return list(dict.fromkeys(made))


def of_both_names(said: Said, force: str) -> list[int]:
    """The key that those share who bear these two names."""
    return _made(said, force, (("letters",),))


def of_search(said: Said, force: str) -> list[int]:
    """All keys, for whoever searches by hand: they may have one word only, and names changed about and misspelt as well."""
    return list(dict.fromkeys(_made(said, force, recipes().all) + _made(said.changed_about(), force, recipes().all)))


def _made(said: Said, force: str, wanted: tuple[tuple[str, ...], ...]) -> list[int]:
    needed, recipes_begun = _begun(force, wanted)
    parts, texts = {part: make(said) for part, make in needed}, list[str]()
    # plain loops: `product` takes twice as long, and this is done for every row of a record
    for begun, (first, *others) in recipes_begun:
        for one in parts[first]:
            if not others:
                texts.append(begun + one)
                continue
            for other in parts[others[0]]:
                if len(others) == 1:
                    texts.append(f"{begun}{one}\x1f{other}")
                else:
                    texts += [f"{begun}{one}\x1f{other}\x1f{third}" for third in parts[others[1]]]
    return [int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True) for text in texts]


@cache
def _begun(
    force: str, wanted: tuple[tuple[str, ...], ...]
) -> tuple[tuple[tuple[str, Parts], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """(the parts that are needed, each recipe with the words that its keys begin with)."""
    needed = tuple((part, PARTS[part]) for part in dict.fromkeys(part for recipe in wanted for part in recipe))
    return needed, tuple(("\x1f".join((force, *recipe, "")), recipe) for recipe in wanted)
