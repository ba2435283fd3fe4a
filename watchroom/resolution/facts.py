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
class PromiseKept(Fact):
    """The call back was made."""

    about = "incident"
    incident: int
    in_time: bool
