"""Under which keys is a person found again? Recipes are data (data/keys.toml); a key is 64 bits of a hash."""

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import blake2b
from importlib import resources
from itertools import product
from typing import NamedTuple

from watchroom.identity.likeness import words
from watchroom.identity.likeness.words import Said

Parts = Callable[[Said], tuple[str, ...]]


def _one(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


MOST_YEARS = 3  # who says how old they are is looked for under each year of birth that it allows; a rougher age is no key


def _years(said: Said) -> tuple[str, ...]:
    return tuple(map(str, said.years)) if len(said.years) <= MOST_YEARS else ()


PARTS: dict[str, Parts] = {
    "number": lambda s: _one(s.number),
    "email": lambda s: _one(s.email),
    "email_local": lambda s: _one(s.email.partition("@")[0]) if "@" in s.email else (),
    "born": lambda s: _one(s.born) if len(s.born) == 10 else (),
    "year": lambda s: _years(s) if "~" in s.born else _one(s.born[:4]),
    "month_day": lambda s: _one(s.born[5:]) if len(s.born) == 10 else (),
    "root": lambda s: words.roots(s.given) if len(s.given) > 1 else (),
    "initial": lambda s: _one(words.roots(s.given)[0][:1]) if s.given else (),
    "family": lambda s: _one(s.family),
    "family_initial": lambda s: _one(s.family[:1]),
    "family_tail": lambda s: _one(s.family[-4:]),
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


@cache
def recipes() -> Recipes:
    """Raises KeyError for a part that nobody knows how to make."""
    data = tomllib.loads(resources.files("watchroom.identity").joinpath("data/keys.toml").read_text("utf-8"))
    first, then, search = (tuple(tuple(line.split("+")) for line in data[name]) for name in ("first", "then", "search"))
    unknown = {part for recipe in first + then + search for part in recipe} - PARTS.keys()
    if unknown:
        raise KeyError(f"data/keys.toml names parts that do not exist: {', '.join(sorted(unknown))}")
    return Recipes(first, then, search, int(data["cap"]))


def cap() -> int:
    return recipes().cap


def of_record(said: Said, force: str) -> list[int]:
    """The keys under which a record is stored."""
    return sorted(set(_made(said, force, recipes().first + recipes().then + recipes().search)))


def of_query(said: Said, force: str) -> list[int]:
    """The keys to look under first."""
    return list(dict.fromkeys(_made(said, force, recipes().first)))


def of_second_look(said: Said, force: str) -> list[int]:
    """The keys to look under as well where the first found nobody who is surely meant."""
    made = _made(said, force, recipes().then)
    for other, mixed_up in variants(said):
        made += _made(other, force, _that_need(mixed_up))
    return list(dict.fromkeys(made))


def of_search(said: Said, force: str) -> list[int]:
    """All keys, for whoever searches by hand and may have one word only."""
    made = list(_made(said, force, recipes().first + recipes().then + recipes().search))
    return list(dict.fromkeys([*made, *of_second_look(said, force)]))


OF_NAMES = frozenset(("root", "initial", "family", "family_initial", "family_tail", "sound"))
OF_A_DAY = frozenset(("born", "month_day"))


def variants(said: Said) -> Iterator[tuple[Said, frozenset[str]]]:
    """The same with what people mix up (given and family name, day and month of birth), and the parts that are others then."""
    if said.given or said.family:
        yield Said(given=said.family, family=said.given, born=said.born, town=said.town), OF_NAMES
    if len(said.born) == 10 and said.born[8:] <= "12" and said.born[8:] != said.born[5:7]:
        yield Said(given=said.given, family=said.family, born=f"{said.born[:5]}{said.born[8:]}-{said.born[5:7]}"), OF_A_DAY


@cache
def _that_need(parts: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """The recipes that make another key when these parts are others."""
    return tuple(recipe for recipe in recipes().first + recipes().then if not parts.isdisjoint(recipe))


class _Parts(dict[str, tuple[str, ...]]):
    """The parts of keys, each made when it is first asked for."""

    def __init__(self, said: Said) -> None:
        super().__init__()
        self.said = said

    def __missing__(self, part: str) -> tuple[str, ...]:
        found = self[part] = PARTS[part](self.said)
        return found


def _made(said: Said, force: str, wanted: tuple[tuple[str, ...], ...]) -> list[int]:
    parts, made = _Parts(said), []
    for recipe in wanted:
        values = [parts[part] for part in recipe]
        if all(values):
            begun = _begun(force, recipe)
            made += [_hash(begun + "\x1f".join(combination)) for combination in product(*values)]
    return made


@cache
def _begun(force: str, recipe: tuple[str, ...]) -> str:
    return "\x1f".join((force, *recipe, ""))


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
