from dataclasses import dataclass
from datetime import datetime

from watchroom.foundation.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ContactArrived(Fact):
    """Somebody got in touch. `transferred_at` starts the clock."""

    about = "contact"
    contact: int
    channel: str
    transferred_at: datetime


@dataclass(frozen=True, kw_only=True)
class StageReached(Fact):
    """A stage without a fact of its own: a menu, a queue, an offer, a hold, a transfer inside the room."""

    about = "contact"
    contact: int
    stage: str
    member: int  # offered or passed on to; 0 for nobody


@dataclass(frozen=True, kw_only=True)
class ContactAnswered(Fact):
    about = "contact"
    contact: int
    waited: float  # seconds since the transfer


@dataclass(frozen=True, kw_only=True)
class ContactAbandoned(Fact):
    """The caller gave up before anybody answered."""

    about = "contact"
    contact: int
    waited: float


@dataclass(frozen=True, kw_only=True)
class CallbackAgreed(Fact):
    """A 101 caller hung up, keeps the place in the queue, and is rung by then (R19)."""

    about = "contact"
    contact: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class CallbackOffered(Fact):
    """A callback rings at a desk, before anybody rings the caller. The offer itself is a stage."""

    about = "contact"
    contact: int


@dataclass(frozen=True, kw_only=True)
class CallbackClosed(Fact):
    """Nobody is owed this call any more. Who was spoken with is told as ContactReached, too."""

    about = "contact"
    contact: int
    how: str  # reached, taken_up, unreached
    taken_up_by: int  # the contact as which they rang again; 0 for none


@dataclass(frozen=True, kw_only=True)
class LineWritten(Fact):
    """A line was written; the words stand in the room's own table, here is their keyed digest."""

    about = "contact"
    contact: int
    line: int
    origin: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class FileAttached(Fact):
    """A file was added; `digest` is keyed, over its SHA-256, its name and the words about it, which stand in the room's table."""

    about = "contact"
    contact: int
    attachment: int
    kind: str
    size: int  # bytes
    digest: str


@dataclass(frozen=True, kw_only=True)
class FileRemoved(Fact):
    """A file no longer stands in the log; its bytes are not erased by that. `digest` is of the reason."""

    about = "contact"
    contact: int
    attachment: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class PlacePicked(Fact):
    about = "contact"
    contact: int
    place: int


@dataclass(frozen=True, kw_only=True)
class ContactEnded(Fact):
    """The line is down or the message is read."""

    about = "contact"
    contact: int
    how: str  # caller, handler, cut_off


@dataclass(frozen=True, kw_only=True)
class ContactWrapped(Fact):
    about = "contact"
    contact: int
    reason: str
    agency: str
    offered: str = ""  # the reason that was inferred and shown; a person pressed `reason`, the same or another


@dataclass(frozen=True, kw_only=True)
class ContactLocated(Fact):
    """The handset or the line said where it is; where, stands in the room's table, and here is its keyed digest."""

    about = "contact"
    contact: int
    method: str
    fix: int = 0
    source: str = ""
    is_best: bool = True  # it is what the contact's page shows first
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked101(Fact):
    """A 999 caller was asked whether they tried 101 first (R14)."""

    about = "contact"
    contact: int
    answer: str


@dataclass(frozen=True, kw_only=True)
class ContactGivenBack(Fact):
    """What another force handed over stays theirs: declined here, or taken back before anybody accepted it."""

    about = "contact"
    contact: int


@dataclass(frozen=True, kw_only=True)
class AttentionRaised(Fact):
    about = "contact"
    contact: int
    level: int


@dataclass(frozen=True, kw_only=True)
class PlaceSaid(Fact):
    """Where it is, in the caller's words: no entry of the gazetteer fits. The words stand in the contact's row."""

    about = "contact"
    contact: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class CallerNamed(Fact):
    """What the caller is called, and when they were born, as far as they said it. The words stand in the contact's row."""

    about = "contact"
    contact: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class SafeContactSaid(Fact):
    """Whether, and in which ways, this person may safely be rung or written to; times and words stand in the contact's row."""

    about = "contact"
    contact: int
    safe: str  # any, some, no, unknown
    may_leave_message: bool


@dataclass(frozen=True, kw_only=True)
class MessageLeft(Fact):
    """A recording was left in a box of the answerphone; its bytes are told as FileAttached (R21)."""

    about = "contact"
    contact: int
    box: str
    due_at: datetime  # by when somebody listens
    was_covered: bool
    has_transcript: bool


@dataclass(frozen=True, kw_only=True)
class MessageListened(Fact):
    about = "contact"
    contact: int
    waited: float  # seconds since it was left


@dataclass(frozen=True, kw_only=True)
class ContactReached(Fact):
    """Somebody who had given up, or was owed a callback, was rung and spoken with."""

    about = "contact"
    contact: int
    after: float  # seconds since they gave up, or agreed


@dataclass(frozen=True, kw_only=True)
class SoundHeard(Fact):
    """Nobody spoke, and this was heard on the line, or 55 detected by the operator; more words stand in the line."""

    about = "contact"
    contact: int
    sound: str  # of the policy
    line: int


@dataclass(frozen=True, kw_only=True)
class ChatWentQuiet(Fact):
    """Somebody who was answered wrote nothing more and is gone: silently, or by the exit of their page. Perhaps they were found out."""

    about = "contact"
    contact: int
    how: str  # silent, exit
    silent_s: float  # seconds since the answer or their last message


@dataclass(frozen=True, kw_only=True)
class ChatCameBack(Fact):
    """They wrote again, after they had gone quiet or had given up before an answer."""

    about = "contact"
    contact: int
    after: str  # quiet, abandoned


@dataclass(frozen=True, kw_only=True)
class ChatLookedAt(Fact):
    """Somebody looked what may have happened to who went quiet. What was found is a line of the log."""

    about = "contact"
    contact: int


@dataclass(frozen=True, kw_only=True)
class ChatPassedOn(Fact):
    """A colleague has it now, with a note, which is a line of the log."""

    about = "contact"
    contact: int
    to: int


@dataclass(frozen=True, kw_only=True)
class WayMarked(Fact):
    """Something stands between the caller and us, such as a text relay; empty when it does not after all."""

    about = "contact"
    contact: int
    way: str  # of the policy


@dataclass(frozen=True, kw_only=True)
class LanguageSaid(Fact):
    """What the caller speaks; empty when it is English after all."""

    about = "contact"
    contact: int
    language: str  # of the policy


@dataclass(frozen=True, kw_only=True)
class DetailsGiven(Fact):
    """How another agency is reached was given to the caller. The words stand in the line."""

    about = "contact"
    contact: int
    agency: str
    way: str  # read_out, or written to them: chat, or the channel by which they wrote
    line: int


@dataclass(frozen=True, kw_only=True)
class PartnerAsked(Fact):
    """Another agency is to join the call; when it has, and when it leaves, are stages."""

    about = "contact"
    contact: int
    agency: str


@dataclass(frozen=True, kw_only=True)
class PartnerLetGo(Fact):
    """The other agency is to leave the call, or never came into it."""

    about = "contact"
    contact: int
    agency: str
