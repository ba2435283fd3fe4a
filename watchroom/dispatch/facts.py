from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class UnitAssigned(Fact):
    about = "incident"
    incident: int
    unit: int
    deployment: int


@dataclass(frozen=True, kw_only=True)
class UnitEnRoute(Fact):
    about = "incident"
    incident: int
    unit: int


@dataclass(frozen=True, kw_only=True)
class UnitArrived(Fact):
    about = "incident"
    incident: int
    unit: int


@dataclass(frozen=True, kw_only=True)
class UnitCleared(Fact):
    """The unit has finished here, or was called off before it arrived."""

    about = "incident"
    incident: int
    unit: int


@dataclass(frozen=True, kw_only=True)
class UnitStatusChanged(Fact):
    about = "unit"
    unit: int
    status: int
    before: int
