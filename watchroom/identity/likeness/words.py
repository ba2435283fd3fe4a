"""What was said of one person, in the normal form in which it is compared: no accents, no titles, one way to write a date."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import resources
from operator import add
from typing import NamedTuple

import jellyfish


class Said(NamedTuple):
    """What was said, or is on record, of one person. Every field may be empty: that is not known, never a difference."""

    given: str = ""  # "leanne"
    family: str = ""  # "whitcombe"
    born: str = ""  # "1984-03-12", "1984-03", "1984", or "1986~5": an age of about forty, five years more or less
    postcode: str = ""  # "HB4 2QT" as "hb42qt"
    house: str = ""  # "18", "2a"
    street: str = ""  # "tanners row"
    town: str = ""
    number: str = ""  # digits, or as contacts.rules.normal_number writes it
    email: str = ""

    @property
    def roots(self) -> frozenset[str]:
        return root_set(self.given)

    @property
    def sound(self) -> str:
        return sound(self.family) if self.family else ""

    @property
    def years(self) -> range:
        """The years of birth that an age allows, as far as it was said (`1986~5`); empty where a date or nothing was said."""
        return years(self.born)

    @property
    def is_empty(self) -> bool:
        return not (self.given or self.family or self.born or self.postcode or self.street or self.number or self.email)

    @property
    def is_whole(self) -> bool:
        """All but the e-mail address was said."""
        return all(self[:-1]) and len(self.born) == 10

    def changed_about(self) -> "Said":
        """Given and family name as if they had been changed about."""
        return self._replace(given=self.family, family=self.given)


ADDRESS = ("postcode", "house", "street", "town")  # the fields that are one address


class Columns(NamedTuple):
    """What is on record of many, field by field in the order of `Said`: to compare field by field takes half the time."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    born: tuple[str, ...]
    postcode: tuple[str, ...]
    house: tuple[str, ...]
    street: tuple[str, ...]
    town: tuple[str, ...]
    number: tuple[str, ...]
    email: tuple[str, ...]

    @classmethod
    def of(cls, records: Iterable[Iterable[str]]) -> "Columns":
        """From records whose fields are in the order of `Said`."""
        return cls._make(tuple(zip(*records, strict=True)) or [()] * len(cls._fields))

    def at(self, places: Sequence[int]) -> "Columns":
        return Columns._make(tuple(column[place] for place in places) for column in self)

    def and_also(self, more: "Columns") -> "Columns":
        return Columns._make(map(add, self, more))


_TITLES = {"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "lady", "lord", "rev", "prof"}
_LIGATURES = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})


_PLAIN = {n: " " if not chr(n).isalnum() else chr(n).lower() for n in range(128)} | {ord(c): None for c in "'`."}


def fold(text: str) -> str:
    """Lower case ASCII letters, digits and single blanks: `O’Brien-Łuka` is `obrien luka`. Scripts that cannot be folded stay."""
    if text.isascii():
        return " ".join(text.translate(_PLAIN).split())
    return _fold(text)


@lru_cache(maxsize=65536)
def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"[’'`´.]", "", text)
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


def name(text: str) -> str:
    """A name without its titles; of several given names the first stands for the person, hyphens join."""
    return " ".join(word for word in fold(text).split() if word not in _TITLES)


@cache
def _forms() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    text = resources.files("watchroom.identity").joinpath("data/given_names.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            root, *others = line.split()
            for form in (root, *others):
                found.setdefault(form, []).append(root)
    return {form: tuple(sorted(places, key=lambda root: root != form)) for form, places in found.items()}


def every_form() -> tuple[str, ...]:
    """All names that stand in the list of forms."""
    return tuple(_forms())


@lru_cache(maxsize=65536)
def roots(given: str) -> tuple[str, ...]:
    """The names this may be a form of: `rick` is `richard`; at most two, and a name that stands in no list is its own."""
    return _forms().get(given, (given,))[:2]


@lru_cache(maxsize=65536)
def root_set(given: str) -> frozenset[str]:
    return frozenset(roots(given)) if given else frozenset()


@lru_cache(maxsize=65536)
def sound(text: str) -> str:
    """How a family name sounds, roughly: soundex of the folded name without blanks."""
    letters = re.sub(r"[^a-z]", "", text)
    return jellyfish.soundex(letters) if letters else text


@lru_cache(maxsize=4096)
def years(born: str) -> range:
    year, roughly, more = born.partition("~")
    return range(int(year) - int(more), int(year) + int(more) + 1) if roughly else range(0)


_AGE = re.compile(r"^\d{4}~\d{1,2}$")
_DATE = re.compile(r"^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")
_BRITISH = re.compile(r"^(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})$")


def born(text: str) -> str:
    """A date of birth, whole or in part, or an age as years: `12/03/1984`, `1984-03-12`, `1984-03`, `1984`, `1986~5`; else empty."""
    text = text.strip()[:10]
    if _AGE.match(text):
        return text
    if found := _BRITISH.match(text):
        day, month, year = found.groups()
        return f"{year}-{int(month):02d}-{int(day):02d}"
    if found := _DATE.match(text):
        year, month, day = found.groups()
        return year + (f"-{int(month):02d}" if month else "") + (f"-{int(day):02d}" if month and day else "")
    return ""


def postcode(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())[:8]


FLAT = "(?:flat|apartment|apt|unit|room)"
_HOUSE = re.compile(rf"^(?:{FLAT}\s+\w+\s+)?(\d+[a-z]?)\s+(.*)$")
_KINDS = {"st": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "cl": "close", "dr": "drive", "ct": "court",
          "cres": "crescent", "gdns": "gardens", "pl": "place", "sq": "square", "ter": "terrace", "tce": "terrace"}  # fmt: skip


def address(text: str) -> tuple[str, str]:
    """(house, street): `Flat 2, 18 Tanner’s Row` is (`18`, `tanners row`)."""
    folded = fold(text)
    found = _HOUSE.match(folded)
    house, street = (found[1], found[2]) if found else ("", folded)
    words = street.split()
    if words and words[-1] in _KINDS:
        words[-1] = _KINDS[words[-1]]
    return house, " ".join(words)


def skeleton(street: str) -> str:
    """A street as it survives misspelling: its first letter and the consonants that follow, of its first word only."""
    first = street.split()[0] if street else ""
    return re.sub(r"(.)\1+", r"\1", first[:1] + re.sub(r"[aeiouhwy]", "", first[1:]))[:5]


def digits(text: str) -> str:
    """A telephone number as digits that can be compared, for those that come without the notation of contacts.rules."""
    found = re.sub(r"\D", "", text)
    return f"0{found[2:]}" if found.startswith("44") and len(found) in (11, 12) else found


def said(
    *,
    given: str | None = None,
    family: str | None = None,
    born_on: object = None,
    postcode_of: str | None = None,
    street: str | None = None,
    town: str | None = None,
    number: str | None = None,
    email: str | None = None,
) -> Said:
    """Words as they come, in normal form."""
    house, way = address(street) if street else ("", "")
    return Said(
        given=name(given or ""),
        family=name(family or ""),
        born=born(str(born_on)) if born_on else "",
        postcode=postcode(postcode_of or ""),
        house=house,
        street=way,
        town=fold(town or ""),
        number=digits(number or ""),
        email=(email or "").strip().lower(),
    )
