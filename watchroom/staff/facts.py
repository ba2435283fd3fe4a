from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class MemberJoined(Fact):
    about = "member"
    member: int
    roles: list[str]


@dataclass(frozen=True, kw_only=True)
class LoggedIn(Fact):
    about = "member"
    member: int


@dataclass(frozen=True, kw_only=True)
class LoggedOut(Fact):
    about = "member"
    member: int


@dataclass(frozen=True, kw_only=True)
class SkillsSet(Fact):
    """What a member of staff can do now, and at which level, as a supervisor said; all of it, not only what changed."""

    about = "member"
    member: int
    skills: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class StateChanged(Fact):
    """A member of staff is now available, on a call, writing up, on a break or away."""

    about = "member"
    member: int
    state: str
