"""Find anybody by anything, misspelt: a name, a date of birth, a number, a street, a postcode, in one line.

The same likeness as while it rings: what is typed becomes a description, and the same model says who is like it and why. What
stands in the line is told apart by its form alone; a word that could be a name or a street is tried as both.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from watchroom.contacts import rules as contacts
from watchroom.foundation import scope
from watchroom.gazetteer import queries as gazetteer
from watchroom.identity import finding, queries
from watchroom.identity.likeness import keys, verdict, words
from watchroom.identity.likeness.words import Said

POSTCODE = re.compile(r"\b([a-z]{1,2}\d[a-z\d]?)\s*(\d[a-z]{2})\b", re.IGNORECASE)
DATE = re.compile(r"\b(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})\b|\b(\d{4})-(\d{2})-(\d{2})\b|\b((?:19|20)\d{2})\b")
NUMBER = re.compile(r"(?:\+|\b)[\d(][\d\s()-]{8,}\d\b")
EMAIL = re.compile(r"\S+@\S+\.\S+")
HOUSE = re.compile(r"\b(?:" + words.FLAT + r"\s+\d+[a-z]?,?\s+(?:\d{1,4}[a-z]?\s+)?|\d{1,4}[a-z]?\s+)(?=[a-z’'])", re.IGNORECASE)
STREET = {
    "street",
    "st",
    "road",
    "rd",
    "row",
    "lane",
    "ln",
    "close",
    "avenue",
    "ave",
    "drive",
    "way",
    "terrace",
    "court",
    "place",
    "gardens",
    "square",
    "hill",
    "steps",
    "quay",
    "crescent",
}
SHORTEST = 2
LONGEST = 200
SHOWN = 12
ALIKE, STREETS = 8, 3  # so many addresses of the gazetteer are looked at for a street that was typed, and of so many streets
LEAST = 0.0  # bits: who is less like it than anybody is is not shown


@dataclass(frozen=True)
class Asked:
    """What was typed, as it was understood; read back to whoever typed it."""

    name: str = ""
    born: str = ""
    number: str = ""
    email: str = ""
    street: str = ""
    postcode: str = ""
    no_day: str = ""  # it looks like a date, and there was no such day

    def understood(self) -> tuple[str, ...]:
        number = contacts.shown_number(self.number) if self.number else ""
        told = (("name", self.name), ("born", contacts.as_written(self.born)), ("number", number), ("e-mail", self.email))
        where = (("address", self.street), ("postcode", self.postcode))
        none = (("no such day:", self.no_day),)
        return tuple(f"{label} {value}" for label, value in (*told, *where, *none) if value)


def understand(line: str, on: date) -> Asked:
    """What each part of the line is, by its form: 18 tanner’s row is an address, 07700 900417 a number, the rest a name.

    An age (`34y`, `about 40`, `forties`) counts from the day `on`.
    """
    rest = f" {line[:LONGEST].strip()} "

    def take(pattern: re.Pattern[str]) -> re.Match[str] | None:
        nonlocal rest
        found = pattern.search(rest)
        if found:
            rest = f"{rest[: found.start()]} {rest[found.end() :]}"
        return found

    email = take(EMAIL)
    postcode = take(POSTCODE)
    born = take(DATE)
    number = take(NUMBER)
    rest, age = (rest, "") if born else contacts.name_and_birth(rest, on)
    rest = f" {rest} "
    said = _born(born, on)
    is_day = contacts.is_date_as_said(said)
    house = HOUSE.search(rest)
    street = ""
    if house:
        street, rest = rest[house.start() :].strip(), rest[: house.start()]
    else:
        parts = rest.split()
        ends = [n for n, word in enumerate(parts) if word.lower().strip(".,") in STREET and n]
        if ends:  # the word before a “road” belongs to it, and what stands before that is the name
            first = max(0, ends[0] - 1)
            street, rest = " ".join(parts[first : ends[0] + 1]), " ".join(parts[:first] + parts[ends[0] + 1 :])
    return Asked(
        name=" ".join(rest.replace(",", " ").split()),
        born=(said if is_day else "") or age,
        number=contacts.normal_number(number[0]) if number else "",
        email=email[0] if email else "",
        street=street.strip(" ,"),
        postcode=f"{postcode[1]} {postcode[2]}".upper() if postcode else "",
        no_day=born[0] if born and not is_day else "",
    )


def _born(found: re.Match[str] | None, on: date) -> str:
    """Day before month, as it is said here; a year of two digits is of the hundred years before the day `on`."""
    if found is None:
        return ""
    if found[7]:
        return found[7]
    year, month, day = (found[4], found[5], found[6]) if found[4] else (found[3], found[2], found[1])
    year = contacts.whole_year(year, on) if len(year) == 2 else year
    return f"{year}-{int(month):02d}-{int(day):02d}"


def asked_as(asked: Asked) -> list[Said]:
    """The descriptions to look for: the name as given and family name, and, of one word, as either."""
    parts = asked.name.split()
    names = [(parts[0], parts[-1])] if len(parts) > 1 else [(parts[0], ""), ("", parts[0])] if parts else [("", "")]
    return [
        words.said(
            given=given, family=family, born_on=asked.born, number=asked.number, email=asked.email,
            street=asked.street, postcode_of=asked.postcode,
        )
        for given, family in names
    ]  # fmt: skip


def _in_a_town(said: Said, street: str) -> list[Said]:
    """A street that was typed without a postcode, as the gazetteer has those that are like it: that alone says in which town it is.

    (Two addresses are compared within a town; a street of no town is like none.)
    """
    if not said.street or said.postcode:
        return [said]
    alike = [words.said(**queries.of_place(place)) for place in gazetteer.find(street, limit=ALIKE)]
    streets = dict.fromkeys((one.street, one.town) for one in alike)
    return [said._replace(street=name, town=town) for name, town in streets][:STREETS] or [said]


def search(line: str) -> tuple[Asked, list[finding.Named], bool]:
    """Who is like it, the likest first, each person once, with the reasons; and whether a word is borne by so many that more is needed."""
    asked = understand(line, timezone.localdate())
    best: dict[int, tuple[float, finding.Named]] = {}
    too_many = False
    for said in [placed for way in asked_as(asked) for placed in _in_a_town(way, asked.street)]:
        if said.is_empty:
            continue
        known = finding.counts()
        wanted = keys.of_search(said, scope.require())
        chosen = keys.light(wanted, known.shared) + keys.heavy(wanted, known.shared)
        too_many = too_many or not chosen
        found = finding.find(chosen)
        judged = verdict.judge(
            said, found, model=known.model, frequency=known.frequency, size=known.size, belief=verdict.shipped()
        )
        likest = sorted((one for one in judged if one.bits > LEAST), key=lambda one: -one.bits)[:SHOWN]
        told = {one.person: one for one in finding.explain(said, likest, least=0.0)}
        for one in likest:
            if one.record not in best or one.bits > best[one.record][0]:
                best[one.record] = (one.bits, told[one.record])
    ranked = sorted(best.values(), key=lambda pair: -pair[0])
    return asked, [one for _, one in ranked[:SHOWN]], too_many
