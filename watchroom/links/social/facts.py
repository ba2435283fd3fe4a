from dataclasses import dataclass

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SocialReplyWritten(Fact):
    """A message to an account waits for the gateway; `digest` is keyed, over whom it goes to and its words."""

    about = "contact"
    contact: int
    reply: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class SocialReplySent(Fact):
    """The gateway took it. Whether anybody read it, nobody knows."""

    about = "contact"
    contact: int
    reply: int


@dataclass(frozen=True, kw_only=True)
class SocialReplyFailed(Fact):
    """The gateway refused it for good, or did not answer for as long as we try."""

    about = "contact"
    contact: int
    reply: int


@dataclass(frozen=True, kw_only=True)
class SocialReplyDoubted(Fact):
    """It was handed over when something broke off: it may have been sent, and a person has to look."""

    about = "contact"
    contact: int
    reply: int


@dataclass(frozen=True, kw_only=True)
class SocialReplySettled(Fact):
    """A person looked whether it was sent; if it was not, it goes out again."""

    about = "contact"
    contact: int
    reply: int
    was_sent: bool


@dataclass(frozen=True, kw_only=True)
class PostWritten(Fact):
    """A post to everybody was written, and a second person is asked; `digest` is keyed, over its words."""

    about = "post"
    post: int
    kind: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class PostApproved(Fact):
    """A second person let it go out. `warned`: what stood before them; `digest`: what they said to it."""

    about = "post"
    post: int
    warned: list[str]
    digest: str


@dataclass(frozen=True, kw_only=True)
class PostDeclined(Fact):
    """A second person did not let it go out."""

    about = "post"
    post: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class PostSent(Fact):
    """The gateway took it: everybody can read it."""

    about = "post"
    post: int


@dataclass(frozen=True, kw_only=True)
class PostFailed(Fact):
    """The gateway refused it for good, or did not answer for as long as we try."""

    about = "post"
    post: int


@dataclass(frozen=True, kw_only=True)
class PostDoubted(Fact):
    """It was handed over when something broke off: it may stand where everybody reads it, and a person has to look."""

    about = "post"
    post: int


@dataclass(frozen=True, kw_only=True)
class PostSettled(Fact):
    """A person looked whether it went out; if it did not, it goes out again."""

    about = "post"
    post: int
    was_sent: bool


@dataclass(frozen=True, kw_only=True)
class PostWithdrawn(Fact):
    """Somebody took it back. From now on it is not sent, and what was sent is taken down."""

    about = "post"
    post: int
    was_sent: bool
    digest: str


@dataclass(frozen=True, kw_only=True)
class PostTakenDown(Fact):
    """It stands nowhere any more: the gateway says so, or a person who looked."""

    about = "post"
    post: int
