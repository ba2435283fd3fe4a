from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class BundleDisclosed(Fact):
    """A bundle for inspection was given out; to whom and why stands in the log of access. `digest` is the SHA-256 of the file."""

    about = "incident"
    incident: int
    digest: str
    seq: int  # the last number of the chain that it goes up to
