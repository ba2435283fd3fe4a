from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class Observed(Fact):
    """A number, place or name was seen in a contact; the value stands in the room's own table."""

    about = "contact"
    contact: int
    observation: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class PersonConfirmed(Fact):
    """A handler said: this contact is from this person. A combination in the sense of DPA 2018 s.62."""

    about = "contact"
    contact: int
    person: int


@dataclass(frozen=True, kw_only=True)
class PersonRejected(Fact):
    """A link was undone: this is not that person."""

    about = "contact"
    contact: int
    person: int
