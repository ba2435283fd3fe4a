from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class PolicyAdopted(Fact):
    """A version of the policy pack came into force."""

    about = "policy"
    policy: int
    number: int
    digest: str
