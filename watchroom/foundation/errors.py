"""What a domain action says when it may not be done."""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied


class Refused(Exception):
    """The act is not possible as things stand. `problems` are sentences for the person who tried (status 409)."""

    def __init__(self, *problems: str) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class Invalid(Refused):
    """What was given is not usable. `fields` names the field of each problem (status 422)."""

    def __init__(self, **fields: str) -> None:
        super().__init__(*fields.values())
        self.fields = fields


@dataclass(frozen=True)
class Cover:
    """A call whose risk is not on record: until it is, who holds it sees neither how many wait nor who is free (R47)."""

    contact: int
    number: int  # of the day, as it is read out
    url: str  # where its risk is written

    @property
    def says(self) -> str:
        return f"Covered while contact {self.number} waits for its risk; it opens by itself when the risk is saved."


class Covered(PermissionDenied):
    """Their role allows it, and not while this call waits for its risk."""

    def __init__(self, cover: Cover) -> None:
        super().__init__(cover.says)
        self.cover = cover


@dataclass(frozen=True)
class Reasoned:
    """A record that has to do with somebody of their own: opened only with a reason, which professional standards read."""

    subject: tuple[str, int]
    says: str


class ReasonOwed(PermissionDenied):
    """Their role allows it, and not without a reason. `note` puts on record that they tried, after the request was refused."""

    def __init__(self, reasoned: Reasoned, note: Callable[[], object]) -> None:
        super().__init__(reasoned.says)
        self.reasoned = reasoned
        self.note = note
