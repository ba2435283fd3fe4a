from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ReplyWritten(Fact):
    """A message to somebody was handed to the mail server's queue; `digest` is keyed, over whom it goes to and its words."""

    about = "contact"
    contact: int
    reply: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class ReplySent(Fact):
    """The mail server took it. Whether anybody read it, nobody knows."""

    about = "contact"
    contact: int
    reply: int


@dataclass(frozen=True, kw_only=True)
class ReplyFailed(Fact):
    """The mail server refused it for good, or did not answer for as long as we try."""

    about = "contact"
    contact: int
    reply: int


@dataclass(frozen=True, kw_only=True)
class ReplyDoubted(Fact):
    """It was handed over when something broke off: it may have been sent, and a person has to look."""

    about = "contact"
    contact: int
    reply: int


@dataclass(frozen=True, kw_only=True)
class ReplySettled(Fact):
    """A person looked whether it was sent; if it was not, it goes out again."""

    about = "contact"
    contact: int
    reply: int
    was_sent: bool
