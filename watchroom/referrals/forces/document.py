"""What crosses to another force: a copy of what is needed, and no more. Each limit is here, for both ends.

It holds nothing by which a row could be found: no id but our reference, as a caller would say it. Of a flag that others must not
learn of only that it is there crosses; of a victim's flag its kind, that it must not be spoken of, and no word that was written.
"""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from watchroom.foundation.wire import Number, Time

VERSION: Literal["watchroom-handover/1"] = "watchroom-handover/1"
MOST_SAID = 200  # lines; the newest cross
MOST_WORDS = 40_000  # characters of all lines: whatever their script, it fits through the door of `api`
MOST_SINCE = 100  # lines of what came after it, in one message; the newest cross
MOST_SINCE_BYTES = 64_000  # of them as JSON in UTF-8: one line of the longest fits
MOST_BYTES = 256 * 1024  # of a message: the door of `api` takes no more
MOST_KEPT = 500  # lines of what came after it, in all, at the receiving end


def plain(text: str) -> str:
    """What people write, in any script, with new lines and tabs. Whatever is no character of it is left out: a bullet pasted from a
    letter, or a control character, keeps nobody’s handover, and nobody’s answer, from crossing.

    Raises ValueError for what cannot be kept.
    """
    if "\0" in text:
        raise ValueError("a character that cannot be kept")
    return "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cs", "Co", "Cn") or one in "\n\t\r")


def _line(text: str) -> str:
    return " ".join(plain(text).split())


Line = Annotated[str, Field(max_length=200), AfterValidator(_line)]
Short = Annotated[str, Field(max_length=60), AfterValidator(_line)]
Brief = Annotated[str, Field(max_length=1000), AfterValidator(plain)]
Words = Annotated[str, Field(max_length=4000), AfterValidator(plain)]
Long = Annotated[str, Field(max_length=20_000), AfterValidator(plain)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Caller(_Part):
    name: Annotated[Line, Field(max_length=120)] = ""
    born: Annotated[Line, Field(max_length=10)] = ""
    number: Annotated[Line, Field(max_length=24)] = ""
    email: Line = ""
    safe_contact: Literal["any", "some", "no", "unknown"] = "unknown"
    safe_times: Line = ""
    may_leave_message: StrictBool = False
    way: Short = ""  # in words: the other force's policy has codes of its own
    language: Short = ""


class Where(_Part):
    said: Line = ""
    label: Line = ""
    locality: Line = ""
    postcode: Annotated[Line, Field(max_length=10)] = ""
    latitude: Annotated[Number, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Number, Field(ge=-180, le=180)] | None = None


class Position(_Part):
    """Where the network or the handset says that the caller is."""

    latitude: Annotated[Number, Field(ge=-90, le=90)]
    longitude: Annotated[Number, Field(ge=-180, le=180)]
    radius: Annotated[Number, Field(gt=0, le=100_000)] | None = None  # metres
    method: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,16}$")] = ""
    taken_at: Time


class Judged(_Part):
    """One element of the sender's risk record. Theirs: it is read, and nothing here is filled in by it."""

    element: Short
    level: Line
    rationale: Brief


class Caution(_Part):
    title: Line
    text: Brief = ""
    level: Annotated[StrictInt, Field(ge=1, le=3)]
    do_not_disclose: StrictBool = False


class Said(_Part):
    at: Time
    text: Long
    origin: Literal["caller", "handler"]


class Document(_Part):
    protocol: Literal["watchroom-handover/1"] = VERSION
    sender: Short  # what the force calls itself
    sent_by: Annotated[Line, Field(max_length=120)]  # the person there
    sent_at: Time
    reference: Annotated[Line, Field(max_length=20)]
    channel: Short  # in words
    received_at: Time
    is_live: StrictBool  # the caller is on the line there
    because: Words
    risk: Words
    grade: Literal["", "immediate", "priority", "scheduled", "appointment", "rwd"] = ""  # theirs
    grade_label: Short = ""
    kind: Line = ""
    caller: Caller
    where: Where
    position: Position | None = None
    judged: Annotated[tuple[Judged, ...], Field(max_length=60)] = ()
    cautions: Annotated[tuple[Caution, ...], Field(max_length=40)] = ()
    said: Annotated[tuple[Said, ...], Field(max_length=MOST_SAID)] = ()
    left_out: Annotated[StrictInt, Field(ge=0)] = 0  # earlier lines that did not fit


class Later(Said):
    """A line that was written after the handing over. `key` names it at both ends, and no row."""

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    instead_of: Time | None = None  # when the line was written that it corrects


class Gone(_Part):
    """They are not on the line any more."""

    at: Time
    how: Literal["caller", "handler", "cut_off"]


class Since(_Part):
    """What came after the document was drawn up, whole each time. Each part only grows: two of these, in either order, make the same."""

    lines: Annotated[tuple[Later, ...], Field(max_length=MOST_SINCE)] = ()
    total: Annotated[StrictInt, Field(ge=0, le=100_000)] = 0  # of the lines, with those that did not fit
    gone: Gone | None = None
    is_unsafe: StrictBool = False  # said since: do not ring or write back
    files: Annotated[StrictInt, Field(ge=0, le=10_000)] = 0  # so many belong to it at the sender's; none of them crosses


class Kept(Since):
    """All that came of it, at the receiving end."""

    lines: Annotated[tuple[Later, ...], Field(max_length=MOST_KEPT)] = ()

    @property
    def missing(self) -> int:
        """Lines that did not come. What came and was corrected since stands no more, and makes up for none of them."""
        corrected = {one.instead_of for one in self.lines}
        return max(0, self.total - sum(one.at not in corrected for one in self.lines))


class Answer(_Part):
    """What the receiver says each time it is asked, in full."""

    state: Literal["waiting", "accepted", "declined", "withdrawn"]
    reference: Annotated[Line, Field(max_length=20)] = ""
    name: Annotated[Line, Field(max_length=120)] = ""
    answer: Words = ""
    at: Time | None = None

    @model_validator(mode="after")
    def _says_who(self) -> "Answer":
        """Nobody lets go of a risk to nobody: accepted and declined have a name and a time, and declined a reason."""
        if self.state in ("accepted", "declined") and not (self.name.strip() and self.at):
            raise ValueError("who, and when")
        if self.state == "declined" and not self.answer.strip():
            raise ValueError("why not")
        return self


class Message(_Part):
    """What the sender says each time: the whole of it, or that it is taken back."""

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    is_recalled: StrictBool
    document: Document | None
    since: Since | None = None


def fitting(lines: list[tuple[datetime, str, str]]) -> tuple[tuple[Said, ...], int]:
    """(the newest lines that fit, oldest first; how many were left out), of (when, words, caller or handler), oldest first."""
    kept: list[Said] = []
    room = MOST_WORDS
    for at, text, origin in reversed(lines):
        words = plain(text)
        if len(kept) == MOST_SAID or len(words) > room:
            break
        room -= len(words)
        kept.append(Said(at=at, text=words, origin="caller" if origin == "caller" else "handler"))
    return tuple(reversed(kept)), len(lines) - len(kept)


def room_beside(document: Mapping[str, Any]) -> int:
    """How many bytes of a message are left beside the document for what came after it."""
    return min(MOST_SINCE_BYTES, MOST_BYTES - 1000 - len(json.dumps(document, ensure_ascii=False).encode()))


def fitting_since(lines: list[Later], room: int = MOST_SINCE_BYTES) -> tuple[Later, ...]:
    """The newest lines that fit, oldest first; what is longer than the room that is left makes room for none."""
    kept: list[Later] = []
    for line in reversed(lines):
        size = len(line.model_dump_json().encode()) + 1
        if len(kept) < MOST_SINCE and size <= room:
            room -= size
            kept.append(line)
    return tuple(reversed(kept))


def merged(kept: Kept, came: Since) -> Kept:
    """What is known after `came`. The same again changes nothing, and neither does what was said earlier and comes later.

    A line is known by its key: the first that comes under a key stays. Beyond MOST_KEPT they are only counted.
    """
    known = {line.key for line in kept.lines}
    added = [line for key, line in {one.key: one for one in came.lines}.items() if key not in known]
    lines = sorted((*kept.lines, *added[: MOST_KEPT - len(kept.lines)]), key=lambda one: (one.at, one.key))
    return Kept(
        lines=tuple(lines),
        total=max(kept.total, came.total),
        gone=min(filter(None, (kept.gone, came.gone)), key=lambda one: (one.at, one.how), default=None),
        is_unsafe=kept.is_unsafe or came.is_unsafe,
        files=max(kept.files, came.files),
    )
