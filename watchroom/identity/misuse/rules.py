"""Has this record to do with somebody whom this member has reasons of their own to look up? Plain values in, plain values out.

Only what was declared counts: oneself, a partner, an ex, family, a neighbour. Everybody's own number and address are a
colleague's to everybody else. Nothing is guessed from names.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

#: The strongest first.
RELATIONS = {
    "self": "yourself",
    "ex": "an ex-partner",
    "partner": "a partner",
    "family": "somebody of your family",
    "neighbour": "a neighbour",
    "friend": "a friend or acquaintance",
    "other": "somebody you have declared",
    "colleague": "a colleague",
}
DECLARED = tuple(code for code in RELATIONS if code != "colleague")
MIN_REASON = 15  # letters and digits
LONGEST = 1000
FINDINGS = {"in_order": "In order", "further": "Looked into further"}


@dataclass(frozen=True)
class Touches:
    """What a record has to do with: numbers, places and people. `is_own_work`: it is theirs to answer, or an open job of their desk."""

    numbers: frozenset[str] = frozenset()
    places: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    workers: frozenset[str] = field(default_factory=frozenset)  # staff codes whose work it is
    is_open_job: bool = False

    def __or__(self, other: "Touches") -> "Touches":
        return Touches(
            self.numbers | other.numbers,
            self.places | other.places,
            self.people | other.people,
            self.workers | other.workers,
            self.is_open_job or other.is_open_job,
        )


@dataclass(frozen=True)
class Declared:
    """One declared conflict: whose, with whom, by which number, place, and the people known to use or live there."""

    member: int
    relation: str
    number: str = ""
    place: int | None = None
    people: frozenset[int] = frozenset()


def relations(member: int, declared: Iterable[Declared], record: Touches) -> tuple[str, ...]:
    """How this member stands to this record, the strongest first; empty where it is nobody's business but the work's."""
    found = set()
    for one in declared:
        relation = one.relation if one.member == member else "colleague" if one.relation == "self" else None
        if relation is None:
            continue
        is_met = (one.number and one.number in record.numbers) or one.place in record.places or one.people & record.people
        if is_met:
            found.add(relation)
    return tuple(code for code in RELATIONS if code in found)


def is_own_work(member: str, record: Touches, *, has_board: bool) -> bool:
    """Whether the look is part of what they are there for: it is never held up, and the reason is owed afterwards."""
    return member in record.workers or (record.is_open_job and has_board)
