from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class TextWritten(Fact):
    """A text is to go to the telephone from which they rang; `digest` is keyed, over number and words."""

    about = "contact"
    contact: int
    sending: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class TextWent(Fact):
    """What became of it, as the gateway says: taken, sent, delivered, failed; or dropped, because it was never taken."""

    about = "contact"
    contact: int
    sending: int
    state: str
