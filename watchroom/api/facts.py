from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class TokenMade(Fact):
    """A machine may speak with this force from now on."""

    about = "token"
    token: int
    permissions: list[str]


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Fact):
    about = "token"
    token: int
