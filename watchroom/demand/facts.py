from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class DriftSeen(Fact):
    """Judgements went with load: somebody has to look why (R47)."""

    about = "alarm"
    alarm: int
    measure: str


@dataclass(frozen=True, kw_only=True)
class DriftAnswered(Fact):
    """Somebody looked, and wrote what was found and what is done; the digest is of those words."""

    about = "alarm"
    alarm: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class PolicyTried(Fact):
    """A changed pack was tried on the past. Nothing was adopted."""

    about = "trial"
    trial: int
    version: str
    days: int


@dataclass(frozen=True, kw_only=True)
class FiguresTaken(Fact):
    """Another force's figures came in, or were left out of comparisons: numbers about no person."""

    about = "published"
    published: int  # the first of them
    of_force: str
    number: int
    is_left_out: bool
