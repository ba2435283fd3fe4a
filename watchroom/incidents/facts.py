from dataclasses import dataclass
from datetime import datetime

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class IncidentOpened(Fact):
    """Place and type are known: the log is open, and despatch sees it while the caller is still talking."""

    about = "incident"
    incident: int
    contact: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class ContactInvolved(Fact):
    """Another contact is about the same incident."""

    about = "incident"
    incident: int
    contact: int


@dataclass(frozen=True, kw_only=True)
class IncidentRetyped(Fact):
    about = "incident"
    incident: int
    kind: str
    before: str


@dataclass(frozen=True, kw_only=True)
class HeadlinePinned(Fact):
    about = "incident"
    incident: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class IncidentMoved(Fact):
    """The place became known better."""

    about = "incident"
    incident: int
    place: int


@dataclass(frozen=True, kw_only=True)
class GradeDecided(Fact):
    """A named person decided how urgent it is; `before` is empty for the first grade."""

    about = "incident"
    incident: int
    decision: int
    grade: str
    before: str
    suggested: str
    policy: int
    risk_saved: bool
    attend_by: datetime | None


@dataclass(frozen=True, kw_only=True)
class EntryWritten(Fact):
    about = "incident"
    incident: int
    entry: int
    origin: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class IncidentAttended(Fact):
    """The first unit is at scene; `in_time` is against the promise of the grade."""

    about = "incident"
    incident: int
    in_time: bool | None


@dataclass(frozen=True, kw_only=True)
class IncidentClosed(Fact):
    about = "incident"
    incident: int
    category: str
