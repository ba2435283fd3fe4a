from dataclasses import dataclass
from datetime import datetime

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class DutyOpened(Fact):
    about = "duty"
    duty: int
    kind: str
    subject_kind: str
    subject_id: int
    owner: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class DutyBroughtForward(Fact):
    """What was owed already has to be done earlier than was said."""

    about = "duty"
    duty: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class DutySettled(Fact):
    about = "duty"
    duty: int
    kind: str
    subject_kind: str
    subject_id: int


@dataclass(frozen=True, kw_only=True)
class DutyHandedOver(Fact):
    about = "duty"
    duty: int
    owner: str


@dataclass(frozen=True, kw_only=True)
class DutyOverdue(Fact):
    """A duty passed its time unsettled; it now stands on the supervisor's screen."""

    about = "duty"
    duty: int
    kind: str
    subject_kind: str
    subject_id: int
    owner: str


@dataclass(frozen=True, kw_only=True)
class ShiftHandedOver(Fact):
    """A note to the next shift was written; its words stand in the room's own table."""

    about = "handover"
    handover: int
    is_corrected: bool
