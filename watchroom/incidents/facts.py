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
    digest: str = ""  # of the justification; empty where none was written (Immediate), and in facts told before it was kept


@dataclass(frozen=True, kw_only=True)
class EntryWritten(Fact):
    about = "incident"
    incident: int
    entry: int
    origin: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class EvidenceNoted(Fact):
    """Evidence that may be lost stands in the log (R57); the words stand in the room's table."""

    about = "contact"
    contact: int
    evidence: int
    source: str  # the answer that proposed it, or nothing
    perishable_until: datetime | None
    digest: str


@dataclass(frozen=True, kw_only=True)
class EvidenceSettled(Fact):
    """It is secured, or cannot be had; `digest` is of how, or why."""

    about = "contact"
    contact: int
    evidence: int
    state: str
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


@dataclass(frozen=True, kw_only=True)
class LessAsked(Fact):
    """A lower grade, a delay, a cancellation or a closing without attendance was asked for; the words stand in the proposal."""

    about = "incident"
    incident: int
    proposal: int
    kind: str
    grade: str
    to: str
    until: datetime | None
    assessment: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class LessAnswered(Fact):
    """By a second person: approved (and thereby carried out) or refused; by the asker: withdrawn; by nobody: lapsed."""

    about = "incident"
    incident: int
    proposal: int
    kind: str
    state: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class LessClimbed(Fact):
    """Nobody answered in time; it went one higher."""

    about = "incident"
    incident: int
    proposal: int
    owner: str


@dataclass(frozen=True, kw_only=True)
class AttendanceDelayed(Fact):
    about = "incident"
    incident: int
    proposal: int
    promised: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class RiskHandedOver(Fact):
    """Who holds the risk of this incident from now on: one person or desk."""

    about = "incident"
    incident: int
    holder: str
    before: str


@dataclass(frozen=True, kw_only=True)
class NewsCame(Fact):
    """Something came that asks to look at the risk again: a line, another caller, a cue, a cut line."""

    about = "incident"
    incident: int
    what: str


@dataclass(frozen=True, kw_only=True)
class RiskReviewed(Fact):
    """The risk of a waiting incident was looked at, with a record of its own (R82)."""

    about = "incident"
    incident: int
    assessment: int


@dataclass(frozen=True, kw_only=True)
class IncidentReopened(Fact):
    about = "incident"
    incident: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class IncidentsTied(Fact):
    about = "incident"
    incident: int
    other: int
    tie: int
    kind: str


@dataclass(frozen=True, kw_only=True)
class IncidentsUntied(Fact):
    about = "incident"
    incident: int
    other: int
    tie: int


@dataclass(frozen=True, kw_only=True)
class CrimeDecided(Fact):
    """A crime is recorded under its own reference, or a person said why none is; the digest is of the reference or the account."""

    about = "incident"
    incident: int
    crime: int
    is_recorded: bool
    reason: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class VictimTold(Fact):
    """Something that the Victims' Code owes was done, or the victim did not want it; the log says how."""

    about = "incident"
    incident: int
    what: str
    entry: int


@dataclass(frozen=True, kw_only=True)
class PartyNamed(Fact):
    """Somebody has a part in this incident; who it is stands in the room's own table."""

    about = "incident"
    incident: int
    party: int
    role: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class PartyEnded(Fact):
    """They have not that part after all."""

    about = "incident"
    incident: int
    party: int
