from dataclasses import dataclass
from datetime import datetime

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SeriesSeen(Fact):
    """Incidents that were each graded low look like a series; the vulnerability desk owes a look."""

    about = "series_alert"
    series_alert: int
    series: str
    same: str
    incidents: int


@dataclass(frozen=True, kw_only=True)
class SeriesGrew(Fact):
    """One or more incidents came to a series that somebody looks at already."""

    about = "series_alert"
    series_alert: int
    incidents: int


@dataclass(frozen=True, kw_only=True)
class SeriesTaken(Fact):
    about = "series_alert"
    series_alert: int
    member: int


@dataclass(frozen=True, kw_only=True)
class SeriesWorked(Fact):
    """Contact was made, something advised or referred; the words stand in the step."""

    about = "series_alert"
    series_alert: int
    step: int
    what: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class SeriesSettled(Fact):
    """What the desk contributed, in a code (R93); `no_series` is a false alarm, and counted."""

    about = "series_alert"
    series_alert: int
    contribution: str
    digest: str


# --- A contact on its way to another force, in the chain of each force of its own side. No name and no words are in it ---------------


@dataclass(frozen=True, kw_only=True)
class HandedToForce(Fact):
    """A copy goes to another force; the risk is ours until it is accepted. `digest` is over all that crosses."""

    about = "contact"
    contact: int
    handover: int
    to: str
    is_urgent: bool
    due_at: datetime
    digest: str


@dataclass(frozen=True, kw_only=True)
class ForceReached(Fact):
    """It is there, and waits in their queue."""

    about = "contact"
    contact: int
    handover: int
    to: str


@dataclass(frozen=True, kw_only=True)
class ForceNotReached(Fact):
    """It is not there yet, for the first time for this reason; it is tried again."""

    about = "contact"
    contact: int
    handover: int
    to: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class MoreCrossed(Fact):
    """They have what was written here after it was handed over, so far. `digest` is over the words that crossed."""

    about = "contact"
    contact: int
    handover: int
    to: str
    lines: int
    files: int
    is_gone: bool
    digest: str


@dataclass(frozen=True, kw_only=True)
class HandoverRecalled(Fact):
    """A person here wants it back; whether it is not accepted already, the other force says."""

    about = "contact"
    contact: int
    handover: int
    to: str


@dataclass(frozen=True, kw_only=True)
class ForceAnswered(Fact):
    """Accepted: the risk is theirs from now on. Declined or withdrawn: it is ours, and was all the time."""

    about = "contact"
    contact: int
    handover: int
    to: str
    state: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class HandoverKept(Fact):
    """Declined there, and taken up again here by a person."""

    about = "contact"
    contact: int
    handover: int


@dataclass(frozen=True, kw_only=True)
class HandoverCame(Fact):
    """Another force handed over; `digest` is over all that came."""

    about = "contact"
    contact: int
    handover: int
    sender: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class HandoverAnswered(Fact):
    """One of us accepted it, and the risk is ours; or declined it, and it stays theirs."""

    about = "contact"
    contact: int
    handover: int
    sender: str
    state: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class HandoverWithdrawn(Fact):
    """They took it back before anybody here had accepted it."""

    about = "contact"
    contact: int
    handover: int
    sender: str


@dataclass(frozen=True, kw_only=True)
class MoreCame(Fact):
    """They wrote more of it, or the caller is not on the line with them any more. `digest` is over all of it that is new."""

    about = "contact"
    contact: int
    handover: int
    sender: str
    lines: int
    files: int
    is_gone: bool
    digest: str
