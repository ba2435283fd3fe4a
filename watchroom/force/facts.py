from dataclasses import dataclass
from datetime import datetime

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PolicyAdopted(Fact):
    """A version of the policy pack came into force."""

    about = "policy"
    policy: int
    number: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class GroupingDeclared(Fact):
    """Callers from one place let others go between them, until it is looked at again; nothing of the risk changes."""

    about = "grouping"
    grouping: int
    review_by: datetime


@dataclass(frozen=True, kw_only=True)
class GroupingEnded(Fact):
    """Before its time, by a named person. At its time it ends without a fact."""

    about = "grouping"
    grouping: int


@dataclass(frozen=True, kw_only=True)
class SurgeDeclared(Fact):
    """High demand, declared: it changes who does what until its end, and nothing of the risk."""

    about = "surge"
    surge: int
    measures: str  # codes, with commas
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class SurgeEnded(Fact):
    """Before its time, by a named person. At its time it ends without a fact."""

    about = "surge"
    surge: int
