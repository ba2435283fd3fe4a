from dataclasses import dataclass
from datetime import datetime

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ResolvedWithoutDeployment(Fact):
    about = "incident"
    incident: int
    outcome: str
    agency: str
    promised_for: datetime | None
    digest: str


@dataclass(frozen=True, kw_only=True)
class SolvabilityAsked(Fact):
    """The questions were answered (R91): codes of those that were a yes."""

    about = "incident"
    incident: int
    yes: list[str]
    no: list[str]
    policy: int


@dataclass(frozen=True, kw_only=True)
class SentAfterAll(Fact):
    """A case for the resolution desk became one for despatch: by which answers; the reason stands in the grade's decision."""

    about = "incident"
    incident: int
    grade: str
    yes: list[str]


@dataclass(frozen=True, kw_only=True)
class ResolutionOvertaken(Fact):
    """It was resolved without deployment, and did not hold: graded anew or taken up again. It counts no longer as resolved so."""

    about = "incident"
    incident: int
    outcome: str
    grade: str


@dataclass(frozen=True, kw_only=True)
class PromiseMade(Fact):
    about = "incident"
    incident: int
    promise: int
    what: str
    due_at: datetime
    digest: str


@dataclass(frozen=True, kw_only=True)
class PromiseTried(Fact):
    """They were tried and not reached; `next_at` is when they are tried again."""

    about = "incident"
    incident: int
    promise: int
    step: int
    how: str
    next_at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseMoved(Fact):
    about = "incident"
    incident: int
    promise: int
    step: int
    before: datetime
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class PromiseMissed(Fact):
    """Its time passed unkept, or they could not be reached so often: the supervisor has it."""

    about = "incident"
    incident: int
    promise: int
    why: str  # late, tries


@dataclass(frozen=True, kw_only=True)
class PromiseKept(Fact):
    """They were called back, seen, or written to."""

    about = "incident"
    incident: int
    in_time: bool
    what: str = "call_back"


@dataclass(frozen=True, kw_only=True)
class InvestigationBegun(Fact):
    about = "incident"
    incident: int
    investigation: int
    owner: str
    review_by: datetime


@dataclass(frozen=True, kw_only=True)
class EnquiryOpened(Fact):
    about = "incident"
    incident: int
    enquiry: int
    owner: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class DiaryWritten(Fact):
    about = "incident"
    incident: int
    entry: int
    enquiry: int  # 0: about the whole
    is_done: bool
    digest: str


@dataclass(frozen=True, kw_only=True)
class InvestigationReviewed(Fact):
    about = "incident"
    incident: int
    investigation: int
    owner: str
    review_by: datetime


@dataclass(frozen=True, kw_only=True)
class InvestigationFinished(Fact):
    about = "incident"
    incident: int
    investigation: int
    result: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class FollowedUp(Fact):
    """Somebody asked whether they would need us again, or says why they were not asked."""

    about = "incident"
    incident: int
    follow_up: int
    answer: str


@dataclass(frozen=True, kw_only=True)
class RepeatAfterResolution(Fact):
    """In touch again soon after a resolution without deployment, by the same number, person or place (R92)."""

    about = "contact"
    contact: int
    incident: int
    same: str
    days: int


@dataclass(frozen=True, kw_only=True)
class CaseDrawn(Fact):
    """A resolved case is to be assessed for its quality (R87); `draw` names the draw."""

    about = "incident"
    incident: int
    check: int
    draw: str


@dataclass(frozen=True, kw_only=True)
class CaseAssessed(Fact):
    """The criteria that were met in part or not; the digest is of the words."""

    about = "incident"
    incident: int
    check: int
    partly: list[str]
    not_met: list[str]
    digest: str


@dataclass(frozen=True, kw_only=True)
class CasePutRight(Fact):
    """What the case still owed somebody was seen to."""

    about = "incident"
    incident: int
    check: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class CheckRead(Fact):
    """Whoever resolved it has read what was found."""

    about = "incident"
    incident: int
    check: int
    digest: str
