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
class StateChanged(Fact):
    """A member of staff is now available, on a call, writing up, on a break or away."""

    about = "member"
    member: int
    state: str
