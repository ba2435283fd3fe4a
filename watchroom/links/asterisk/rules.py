"""What do an exchange's events say about a call, and what has the exchange to do next? Pure: no network, no clock, no database.

Events come twice, late, in any order, or not at all. So what is known of a channel only ever grows: each event is merged in,
the earliest time of anything wins, and whoever is gone stays gone. After a lost connection a list of the channels that are
there now (`resync`) stands for all that was missed. What to do is not derived from events but from what is wanted and what is
there (`plan`); to ask it twice changes nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

LONGEST_KEY = 64  # characters of a contact's call key
TRIES = 3  # how often a telephone is rung that does not answer
# Q.850 causes with which somebody hung up, cancelled, was busy or did not answer; every other one, the line was cut
NORMAL = {16, 17, 18, 19, 21, 26, 31}
ONE_PRESS = timedelta(seconds=0.1)  # of the same key, from one event to the next; nobody presses twice as fast
MARK = "wr"  # begins the ids of channels, bridges and recordings that are ours


class Key(NamedTuple):
    """A call: the exchange's id of its first channel, and when that was made. The same id later is another call."""

    id: str
    created: str  # as the exchange writes it

    @property
    def call(self) -> str:
        """As it stands at the contact."""
        whole = f"asterisk:{self.id}:{moment(self.created).timestamp():.3f}"
        return whole if len(whole) <= LONGEST_KEY else f"asterisk:{hashlib.sha256(whole.encode()).hexdigest()[:40]}"


class Part(NamedTuple):
    """Which part of which contact a channel of ours is: `wr.17.handler.bryn.2`."""

    contact: int
    role: str  # handler, partner, caller (of a ring back)
    who: str
    number: int

    @property
    def id(self) -> str:
        return f"{MARK}.{self.contact}.{self.role}.{self.who}.{self.number}"


def part(channel_id: str) -> Part | None:
    """None for a channel that we did not make."""
    pieces = channel_id.split(".")
    if len(pieces) != 5 or pieces[0] != MARK or not pieces[1].isdecimal() or not pieces[4].isdecimal():
        return None
    return Part(int(pieces[1]), pieces[2], pieces[3], int(pieces[4]))


def bridge(contact: int) -> str:
    return f"{MARK}.{contact}"


def contact_of(name: str) -> int | None:
    """Of a bridge or a recording of ours: `wr.17`, `wr.17.1`."""
    pieces = name.split(".")
    return int(pieces[1]) if pieces[0] == MARK and len(pieces) in (2, 3) and pieces[1].isdecimal() else None


def moment(text: str) -> datetime:
    """`2026-11-22T03:12:00.123+0000` in UTC. Raises ValueError for what is no time."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z" if "." in text else "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)


# --- What is known of a channel -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Channel:
    """What was heard of it so far. `trunk` is 999, 101 or empty: the number that was called, on a trunk."""

    key: Key
    trunk: str = ""
    number: str = ""  # the caller's, as the network gave it
    is_in: bool = False  # it is in our hands: before that the exchange lets us do nothing with it
    is_up: bool = False
    gone_at: datetime | None = None
    cause: int = 0  # Q.850

    @property
    def is_here(self) -> bool:
        return self.gone_at is None

    @property
    def how(self) -> str:
        """How it went: the caller hung up, or the line was cut. Not known is cut: then somebody looks."""
        return "caller" if self.cause in NORMAL else "cut_off"

    def merged(self, other: "Channel") -> "Channel":
        """Both together; in any order, and as often as one likes, the same."""
        gone = [each.gone_at for each in (self, other) if each.gone_at]
        return Channel(
            key=self.key,
            trunk=max(self.trunk, other.trunk),
            number=max(self.number, other.number),
            is_in=self.is_in or other.is_in,
            is_up=self.is_up or other.is_up,
            gone_at=min(gone, default=None),
            cause=max(self.cause, other.cause),
        )


Book = dict[Key, Channel]


def heard(event: Mapping[str, Any], trunks: Mapping[str, str]) -> Channel | None:
    """What one event says about its channel; None for an event about something else, or one that makes no sense.

    `trunks`: number called → 999 or 101; `StasisStart` brings it as its first argument.
    """
    channel = event.get("channel")
    if not isinstance(channel, Mapping):
        return None
    try:
        said = _described(channel, trunks)
        if event["type"] == "StasisStart":
            args = event.get("args") or []
            trunk = trunks.get(str(args[0]), "") if args and not part(said.key.id) else ""
            said = replace(said, is_in=True, trunk=said.trunk or trunk)
        if event["type"] == "ChannelDestroyed":  # what asks for it before (ChannelHangupRequest) does not know who hung up
            said = replace(said, gone_at=moment(event["timestamp"]), cause=int(event.get("cause") or 0))
        return said
    except (KeyError, ValueError, TypeError):
        return None


def _described(channel: Mapping[str, Any], trunks: Mapping[str, str]) -> Channel:
    key = Key(str(channel["id"]), str(channel["creationtime"]))
    moment(key.created)
    ours = part(key.id)
    called = str((channel.get("dialplan") or {}).get("exten", ""))
    return Channel(
        key=key,
        trunk="" if ours else trunks.get(called, ""),
        number="" if ours else str((channel.get("caller") or {}).get("number", "")),
        is_up=channel.get("state") == "Up",
    )


def learn(book: Book, event: Mapping[str, Any], trunks: Mapping[str, str]) -> Channel | None:
    """Merge an event into the book; returns what is now known of its channel, None when it says nothing new."""
    said = heard(event, trunks)
    if said is None:
        return None
    before = book.get(said.key)
    now = before.merged(said) if before else said
    book[said.key] = now
    return now if now != before else None


class Press(NamedTuple):
    key: Key  # the call's
    digit: str
    at: datetime

    def is_new(self, before: "Press | None") -> bool:
        """Whether it is another press than the last one of this call: not the same event again, nor a late one, nor of the same press.

        Of one press a real exchange told every 45 ms while it lasted, where the sender's telephone-events were not to its liking.
        """
        if before is None:
            return True
        return self.at > before.at and (self.digit != before.digit or self.at - before.at > ONE_PRESS)


def pressed(event: Mapping[str, Any]) -> Press | None:
    """A key that a caller pressed; None for every other event, and for what makes no sense."""
    if event.get("type") != "ChannelDtmfReceived":
        return None
    try:
        channel, digit = event["channel"], str(event["digit"])
        key = Key(str(channel["id"]), str(channel["creationtime"]))
        return Press(key, digit, moment(event["timestamp"])) if digit in tuple("0123456789*#") else None
    except (KeyError, ValueError, TypeError):
        return None


def unheard(event: Mapping[str, Any]) -> str:
    """The id of what was to be said and could not be, because the exchange has no such recording; empty for every other event."""
    playback = event.get("playback")
    if event.get("type") != "PlaybackFinished" or not isinstance(playback, Mapping) or playback.get("state") != "failed":
        return ""
    return str(playback.get("id", ""))


def resync(
    book: Book, channels: Iterable[Mapping[str, Any]], known: Iterable[Key], trunks: Mapping[str, str], at: datetime
) -> list[Channel]:
    """What is there now stands for what was missed: whoever was `known` before we asked and is not there any more, is gone.

    `channels` as the exchange lists them. Returns the channels of which something new is known.
    """
    there = set()
    news = []
    for one in channels:
        try:
            said = replace(_described(one, trunks), is_in=True)
        except (KeyError, ValueError, TypeError):
            continue
        there.add(said.key)
        before = book.get(said.key)
        book[said.key] = before.merged(said) if before else said
        if book[said.key] != before:
            news.append(book[said.key])
    for key in known:
        if key not in there and key in book and book[key].is_here:
            book[key] = replace(book[key], gone_at=at)
            news.append(book[key])
    return news


def outcome(channel: Channel, answered: bool) -> str:
    """The state in which a trunk call's contact must be, whatever the order of events: waiting, answered, ended, abandoned."""
    if channel.is_here:
        return "answered" if answered else "waiting"
    return "ended" if answered else "abandoned"


# --- What is wanted, and what is to be done for it ------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What the people want of a contact's call, as its rows say."""

    contact: int
    state: str
    owner: str = ""  # the name of whoever holds it
    held: bool = False
    partner: str = ""  # the agency that is to be in the call
    ring_back: str = ""  # the number that is to be rung, while somebody is to be rung back
    attended: bool = False  # while they wait a machine speaks with them (`contacts.attendant`), or music plays
    says: str = ""  # what it says now, as the exchange calls it
    saying: int = 0  # which saying that is: the same words again are another one


@dataclass(frozen=True)
class Leg:
    part: Part
    channel: Channel


@dataclass
class Here:
    """What we have had the exchange do for a contact. Asked of the exchange anew after a lost connection."""

    caller: Key | None = None  # the trunk's channel
    rings: bool = False
    bridge: bool = False
    inside: set[str] = field(default_factory=set)  # ids of the channels in the bridge
    music: bool = False
    said: int = 0  # the last saying that was begun
    playback: str = ""  # its id, until it is over
    records: bool = False
    made: set[str] = field(default_factory=set)  # ids of the legs that were asked for
    hung: set[str] = field(default_factory=set)  # ids of what we hung up ourselves: its end says nothing
    is_told: bool = False  # that a telephone does not answer


Verb = Literal[
    "ring", "answer", "bridge", "record", "call", "add", "remove", "music", "silence", "hush", "say", "hang_up", "destroy"
]


class Command(NamedTuple):
    verb: Verb
    channel: str = ""  # the channel's id
    role: str = ""
    who: str = ""


ORDER: tuple[Verb, ...] = (  # a telephone takes longest to answer, so it is rung first; a recording that fails keeps nobody apart
    "ring", "call", "answer", "bridge", "remove", "hush", "silence", "say", "music", "add", "record", "hang_up", "destroy",
)  # fmt: skip


def caller(here: Here, book: Mapping[Key, Channel], legs: Iterable[Leg]) -> Channel | None:
    """The channel on which the caller is: the trunk's, or the last one on which they are rung back; None when they are gone."""
    first = book.get(here.caller) if here.caller else None
    if first and first.is_here:
        return first
    back = [leg for leg in legs if leg.part.role == "caller" and leg.channel.is_here]
    return max(back, key=lambda leg: leg.part.number).channel if back else None


def plan(wanted: Wanted, here: Here, book: Mapping[Key, Channel], legs: list[Leg]) -> list[Command]:
    """What the exchange has to do now; nothing once it is as wanted. Whoever speaks with the caller stays until the next one is there."""
    line = caller(here, book, legs)
    if wanted.state == "waiting" and wanted.attended:
        return _attended(wanted, here, line)
    if wanted.state == "waiting":
        return [Command("ring", line.key.id)] if line and line.is_in and not here.rings else []
    if wanted.ring_back and has_hung_up(wanted, here, legs):
        todo = _over(here, line, legs)
    elif line and (wanted.state == "answered" or (wanted.ring_back and line.is_up)):
        todo = _talking(wanted, here, line, legs)
    elif wanted.ring_back:
        todo = _ringing_back(wanted, here, legs)
    else:
        todo = _over(here, line, legs)
    return sorted(todo, key=lambda one: ORDER.index(one.verb))


def _attended(wanted: Wanted, here: Here, line: Channel | None) -> list[Command]:
    """They hear what the attendant says, and music in between. A key ends what is said, and so does a person."""
    if line is None or not line.is_in:
        return []
    todo = [] if line.is_up or here.said else [Command("answer", line.key.id)]  # asked once: nothing is said before it
    if wanted.says:
        if here.said == wanted.saying:
            return todo
        todo += [Command("hush")] if here.playback else []
        todo += [Command("silence", line.key.id)] if here.music else []
        return [*todo, Command("say", line.key.id)]
    todo += [Command("hush")] if here.playback else []
    return todo if here.music else [*todo, Command("music", line.key.id)]


def _talking(wanted: Wanted, here: Here, line: Channel, legs: list[Leg]) -> list[Command]:
    todo = []
    if not line.is_up:
        todo.append(Command("answer", line.key.id))
    if here.playback:
        todo.append(Command("hush"))
    if not here.bridge:
        todo.append(Command("bridge"))
    todo += _held(here, line.key.id) if wanted.held else _heard(here, line.key.id)
    if not here.records:
        todo.append(Command("record"))
    todo += _seat(here, legs, "handler", wanted.owner)
    todo += _seat(here, legs, "partner", wanted.partner)
    return todo


def _held(here: Here, line: str) -> list[Command]:
    todo = [Command("remove", line)] if line in here.inside else []
    return todo if here.music else [*todo, Command("music", line)]


def _heard(here: Here, line: str) -> list[Command]:
    todo = [Command("silence", line)] if here.music else []
    return todo if line in here.inside else [*todo, Command("add", line)]


def _seat(here: Here, legs: list[Leg], role: str, who: str) -> list[Command]:
    """`who` is to be in the call in this role, and nobody else once they are there."""
    mine = [leg for leg in legs if leg.part.role == role]
    theirs = [leg for leg in mine if leg.part.who == who and leg.channel.is_here and leg.channel.key.id not in here.hung]
    todo = []
    if who and not theirs and not _is_coming(here, mine, role, who) and tries(here, role, who) < TRIES:
        todo.append(Command("call", role=role, who=who))
    there = [leg.channel.key.id for leg in theirs if leg.channel.is_up and leg.channel.is_in]
    todo += [Command("add", one) for one in there if one not in here.inside]
    if not who or there:
        todo += _hang_up(here, (leg for leg in mine if leg.part.who != who))
    return todo


def _is_coming(here: Here, legs: list[Leg], role: str, who: str) -> bool:
    """It was asked for, and nothing was heard of it yet."""
    known = {leg.channel.key.id for leg in legs}
    return any(one not in known and (found := part(one)) and (found.role, found.who) == (role, who) for one in here.made)


def tries(here: Here, role: str, who: str) -> int:
    return sum(1 for one in here.made if (found := part(one)) and (found.role, found.who) == (role, who))


def _hang_up(here: Here, legs: Iterable[Leg]) -> list[Command]:
    ids = [leg.channel.key.id for leg in legs if leg.channel.is_here]
    return [Command("hang_up", one) for one in ids if one not in here.hung]


def _ringing_back(wanted: Wanted, here: Here, legs: list[Leg]) -> list[Command]:
    """First the desk's own telephone, so that whoever answers meets somebody; then the caller's, once. What came of it a person says."""
    todo = [] if here.bridge else [Command("bridge")]
    todo += _seat(here, legs, "handler", wanted.owner)
    is_there = any(
        leg.part.role == "handler" and leg.part.who == wanted.owner and leg.channel.is_up and leg.channel.is_here for leg in legs
    )
    if is_there and not tries(here, "caller", "back"):
        todo.append(Command("call", role="caller", who="back"))
    return todo


def _over(here: Here, line: Channel | None, legs: list[Leg]) -> list[Command]:
    todo = [Command("hang_up", line.key.id)] if line and line.key.id not in here.hung else []
    done = {one.channel for one in todo}
    todo += [one for one in _hang_up(here, legs) if one.channel not in done]
    return [*todo, Command("destroy")] if here.bridge else todo


def has_hung_up(wanted: Wanted, here: Here, legs: Iterable[Leg]) -> bool:
    """Whoever holds the call put the receiver down: their last leg was up, is gone, and we did not end it."""
    mine = [leg for leg in legs if leg.part.role == "handler" and leg.part.who == wanted.owner]
    if not mine:
        return False
    last = max(mine, key=lambda leg: leg.part.number)
    return last.channel.is_up and not last.channel.is_here and last.channel.key.id not in here.hung
