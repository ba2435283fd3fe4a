"""What may happen to a contact next, who is answered first, and what number is that?"""

import itertools
import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol, TypeVar

from watchroom.force.policy import EMERGENCIES, LATER, FileKind, Policy

CHANNELS = ("999", "101", "online", "chat", "email", "answerphone", "counter", "emergency_sms", "social", "force")
CALLS = ("999", "101")
TRAYS = ("chat", "email", "online", "answerphone", "social")  # what lies in the digital trays (R34): written, or left to be heard
FORCE = "force"  # another force hands somebody over; theirs until one of us accepts
LIVE = ("999", "101", "chat", "counter", "emergency_sms")  # somebody is waiting at the other end, and may give up

TRIED_101 = {  # asked of 999 callers (R14): did they try 101 first, and what made them change?
    "no": "Did not try 101",
    "gave_up": "Tried 101, gave up waiting",
    "no_help": "Tried 101, was not helped",
    "bad_before": "Did not try 101, after a bad experience",
    "cannot_say": "Could not say",
}

# Stages of a contact in the order in which they usually come (R17); the five first and last have columns and facts of their own.
STAGES = {
    "transferred": "Transferred by the operator",
    "arrived": "Arrived",
    "menu": "In the menu",
    "announced": "Announcement",
    "queued": "In the queue",
    "offered": "Offered",
    "returned": "Not taken, back in the queue",
    "callback": "Callback agreed",
    "answered": "Answered",
    "quiet": "Gone quiet",
    "held": "On hold",
    "resumed": "Off hold",
    "joined": "Somebody joined",
    "left": "Somebody left",
    "interp_asked": "Interpreter asked",
    "interp_joined": "Interpreter there",
    "interp_ended": "Interpreter gone",
    "passed": "Passed on",
    "rung_back": "Rung back",
    "ended": "Ended",
    "wrapped": "Written up",
}

SAFE_CONTACT = {  # is it safe to ring or write to them? (never otherwise)
    "any": "Safe to call back",
    "some": "Safe at some times only",
    "no": "Not safe: do not call back",
    "unknown": "Not asked: take it as not safe",
}

State = Literal["waiting", "answered", "ended", "wrapped", "abandoned"]
Verb = Literal["answer", "abandon", "end", "wrap", "ring_back"]

_STEPS: dict[tuple[str, str], State] = {
    ("waiting", "answer"): "answered",
    ("waiting", "abandon"): "abandoned",
    ("answered", "end"): "ended",
    ("ended", "wrap"): "wrapped",
    ("abandoned", "wrap"): "wrapped",
    ("abandoned", "ring_back"): "answered",
}
_ONLY_LIVE = {"abandon", "ring_back"}


class Queued(Protocol):
    """A contact, as far as the queue looks at it."""

    @property
    def id(self) -> int: ...
    @property
    def channel(self) -> str: ...
    @property
    def attention(self) -> int: ...
    @property
    def in_line_since(self) -> datetime: ...


class Lying(Queued, Protocol):
    """The same, with what tells two of the same moment apart."""

    @property
    def pk(self) -> int: ...


class Waiting(Protocol):
    """A contact, as far as the clocks look at it."""

    transferred_at: datetime
    answered_at: datetime | None


Q = TypeVar("Q", bound=Queued)
T = TypeVar("T", bound=Lying)


def next_state(state: str, verb: str, channel: str) -> State | None:
    """The state after this, or None where it may not happen.

    What was written cannot give up waiting; and since nobody is on the line, it may be wrapped up without being ended first.
    """
    if channel not in LIVE:
        if verb in _ONLY_LIVE:
            return None
        if (state, verb) == ("answered", "wrap"):
            return "wrapped"
    return _STEPS.get((state, verb))


def may(state: str, verb: str, channel: str = "999") -> bool:
    """Whether this may happen to a contact in this state."""
    return next_state(state, verb, channel) is not None


# --- clocks ---------------------------------------------------------------------------------------------------------


def due(kind: str, channel: str, at: datetime, policy: Policy) -> datetime:
    """By when this is owed, in UTC: an answer from `at` the transfer, the others from `at` the answer or the giving up."""
    seconds = {
        "answer": policy.channel(channel).answer_s,
        "risk": policy.contacts.risk_s,
        "wrap_up": policy.contacts.wrap_up_s,
        "abandoned": policy.contacts.abandoned_s,
    }[kind]
    return at.astimezone(UTC) + timedelta(seconds=seconds)


def waited(contact: Waiting, now: datetime) -> float:
    """Seconds from the transfer to the answer, or until now."""
    return max(0.0, ((contact.answered_at or now) - contact.transferred_at).total_seconds())


def answered_within(contact: Waiting, seconds: float) -> bool:
    """Whether it was answered at most so many seconds after the transfer (R11). Not answered is not within."""
    return contact.answered_at is not None and waited(contact, contact.answered_at) <= seconds


def answer_band(seconds: float, policy: Policy) -> int:
    """The published band of an answer time, counted from 0: under 10 s, 10 to under 60, 60 and over.

    The bands and the standard disagree about the edge: an answer at 10.0 s is within 10 seconds, and in the second band.
    """
    return sum(seconds >= edge for edge in policy.response.publication_bands_s)


def band_labels(policy: Policy) -> tuple[str, ...]:
    """The published bands in words, in order."""
    edges = policy.response.publication_bands_s
    between = [f"{low} to under {high} s" for low, high in itertools.pairwise(edges)]
    return (f"under {edges[0]} s", *between, f"{edges[-1]} s and over")


def queue_order(contacts: Iterable[Q], policy: Policy, back: Collection[int] = ()) -> list[Q]:
    """Who is answered first: by the rank of the channel (999 before all else), then whose answer is due first.

    Attention (a marker, a repeat) lifts a caller as if they had waited longer; it lifts by so much and no more, so that whoever waits
    long enough is answered, however many come with a marker. Which of two that are due at once: the live one, then the older.
    Whose id is in `back` stands as if they had rung a little later (`grouping`).
    """
    channels = {channel.code: channel for channel in (*LATER, *policy.channels)}
    last = max((channel.rank for channel in policy.channels), default=0) + 1

    def place(one: Q) -> tuple[int, float, datetime]:
        known = channels.get(one.channel)
        due_in = (known.answer_s if known else 0) - one.attention * policy.routing.attention_lifts_s
        if back and one.id in back:
            due_in += policy.routing.grouping.stands_back_s
        return (known.rank if known else last, one.in_line_since.timestamp() + due_in, one.in_line_since)

    return sorted(contacts, key=place)


def tray_order(contacts: Iterable[T]) -> list[T]:
    """What is taken first of the digital trays: the gravest attention, then the oldest, whatever its channel."""
    return sorted(contacts, key=lambda one: (-one.attention, one.in_line_since, one.pk))


def repeat_window(now: datetime, policy: Policy) -> datetime:
    """Earlier contacts since this moment make a caller a repeat caller (R64)."""
    return now.astimezone(UTC) - timedelta(days=policy.contacts.repeat_window_days)


# --- how they speak -------------------------------------------------------------------------------------------------


def wanted(way: str, language: str, policy: Policy) -> dict[str, int]:
    """The skills that somebody should have for this way and this language, each at level 1; none for the rest."""
    found = (policy.speaking.way(way), policy.speaking.language(language))
    return {one.skill: 1 for one in found if one and one.skill}


def wanted_until(channel: str, transferred_at: datetime, policy: Policy) -> datetime:
    """Until when a contact is kept for somebody who has them; after it, it is anybody's."""
    speaking = policy.speaking
    return transferred_at + timedelta(seconds=speaking.within_999_s if channel in EMERGENCIES else speaking.within_s)


# --- names ----------------------------------------------------------------------------------------------------------

_DATE_SAID = re.compile(r"\b(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})\b|\b((?:19|20)\d{2})(?:-(\d{1,2}))?(?:-(\d{1,2}))?\b")
_SHORT_DATE = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](?!19|20)(\d{2})\b(?![/.\d])")


_DECADES = {"teens": 16, "twenties": 25, "thirties": 35, "forties": 45, "fifties": 55, "sixties": 65, "seventies": 75, "eighties": 85,
            "nineties": 95}  # fmt: skip
_AGE_SAID = re.compile(
    rf"\b(?:in (?:his|her|their) )?(?:early |mid |late )?({'|'.join(_DECADES)})\b"
    r"|\b(?:in (?:his|her|their) )?(?:early |mid |late )?([2-9]0)s\b"
    r"|(?:\b(?:about|around|roughly|circa)\s+|~\s*)(?P<rough>\d{1,3})\b(?:\s*(?:y|yo|yrs?|years?(?: old)?)\b)?"
    r"|\b(?P<ish>\d{1,3})\s*-?ish\b"
    r"|\baged?\s+(?P<aged>\d{1,3})\b|\b(?P<years>\d{1,3})\s*(?:y|yo|yrs?|years?(?: old)?)\b",
    re.IGNORECASE,
)
_YEARS_SAID = re.compile(r"\b((?:19|20)\d{2})\s?[±~]\s?(\d{1,2})\b")
SURELY, ROUGHLY = 1, 5  # years more or less: of an age that somebody says of themselves, and of one that is guessed


def name_and_birth(text: str, on: date | None = None) -> tuple[str, str]:
    """(name, date of birth as far as it was said) from one line: `Leanne Whitcombe 12/3/1984` is (`Leanne Whitcombe`, `1984-03-12`).

    An age becomes years of birth as of the day `on`: `34y` in 2026 is `1992~1`, `about 40` and `forties` are five years more or less.
    A year of two digits (`12/3/84`) is of the hundred years before it, but for 19 and 20: there a whole year may be still being typed.
    """
    if years := _YEARS_SAID.search(text):
        return _without(text, years), f"{years[1]}~{int(years[2])}"
    found = _DATE_SAID.search(text)
    short = _SHORT_DATE.search(text) if on and not found else None
    if on and short:
        return _without(text, short), f"{whole_year(short[3], on)}-{int(short[2]):02d}-{int(short[1]):02d}"
    if not found:
        aged = _AGE_SAID.search(text) if on else None
        if aged and on and (born := _born_at(aged, on)):
            return _without(text, aged), born
        return " ".join(text.split()), ""
    day, month, year, alone, its_month, its_day = found.groups()
    parts = (year, month, day) if year else (alone, its_month, its_day)
    born = "-".join(part if len(part) == 4 else f"{int(part):02d}" for part in parts if part)
    return _without(text, found), born


def whole_year(two: str, on: date) -> str:
    """A year that was said in two digits: the last that was so before the day `on`."""
    return f"{on.year // 100 - (int(two) > on.year % 100)}{two}"


def as_written(born: str) -> str:
    """As it is said here and can be typed again: `1984-03-12` is `12/3/1984`, `1986~5` is `1986 ±5`."""
    if "~" in born:
        return born.replace("~", " ±")
    return "/".join(str(int(part)) for part in reversed(born.split("-"))) if len(born) == 10 else born


def _without(text: str, found: re.Match[str]) -> str:
    return " ".join((text[: found.start()] + " " + text[found.end() :]).replace(",", " ").split())


def _born_at(said: re.Match[str], on: date) -> str:
    """Years of birth from an age; empty for what is no age."""
    if decade := said[1] or said[2]:
        age, more = _DECADES.get(decade.lower()) or int(decade) + 5, ROUGHLY
    elif rough := said["rough"] or said["ish"]:
        age, more = int(rough), ROUGHLY
    else:
        age, more = int(said["aged"] or said["years"]), SURELY
    return f"{on.year - age}~{more}" if 0 < age <= 110 else ""  # a year more or less holds whether they have had their birthday


def is_date_as_said(text: str) -> bool:
    """Whether this is a date of birth in full or in part, or an age as years: `1984-03-12`, `1984-03`, `1984`, `1986~5` or nothing."""
    if not text or re.fullmatch(r"(19|20)\d{2}~\d{1,2}", text):
        return True
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", text):
        return False
    year, month, day = (*map(int, text.split("-")), 1, 1)[:3]
    try:
        datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return False
    return True


# --- numbers --------------------------------------------------------------------------------------------------------

_WITHHELD = {
    "anonymous", "blocked", "na", "none", "nocli", "nonumber", "notavailable", "null", "numberwithheld",
    "private", "privatenumber", "restricted", "unavailable", "unknown", "withheld", "withheldnumber",
}  # fmt: skip
_EXTENSION = re.compile(r"(?:\s*(?:ext\.?|extension|x|#)\s*\d+)$", re.IGNORECASE)


def is_withheld(raw: str) -> bool:
    """Whether the network or the caller gave no number, in any of the ways exchanges say so."""
    letters = re.sub(r"[^a-z]", "", raw.lower())
    return letters in _WITHHELD or not any(character.isalnum() for character in raw)


def normal_number(raw: str) -> str:
    """As a number is stored and compared: `07700 900417`, `0044 7700-900417` and `sip:+447700900417@host` are `+447700900417`.

    Empty when withheld. What cannot be a full number (an extension, a short code) keeps its digits: nothing heard is lost.
    """
    text = re.sub(r"^(?:sips?|tel):", "", raw.strip(), flags=re.IGNORECASE).split("@")[0].split(";")[0]
    if is_withheld(text):
        return ""
    text = _EXTENSION.sub("", text).replace("(0)", "")
    digits = "".join(str(int(character)) for character in text if character.isdecimal())
    if text.lstrip(" (").startswith("+") or digits.startswith("00"):
        digits = digits.lstrip("0")
        return _british(digits[2:].removeprefix("0")) if digits.startswith("44") else _abroad(digits)
    if digits.startswith("0"):
        return _british(digits[1:])
    if digits.startswith("44") and len(digits) in (11, 12):
        return _british(digits[2:])
    if digits.startswith("7") and len(digits) == 10:  # a spreadsheet took the nought
        return _british(digits)
    return digits[:15]


def shown_number(number: str) -> str:
    """As it is read out: `+447700900417` is `07700 900417`. What is not British stays as it is."""
    if not re.fullmatch(r"\+44\d{9,10}", number):
        return number
    home = f"0{number[3:]}"
    if home.startswith("02"):
        return f"{home[:3]} {home[3:7]} {home[7:]}"
    if re.match(r"0[389]|011|01\d1", home):
        return f"{home[:4]} {home[4:7]} {home[7:]}"
    return f"{home[:5]} {home[5:]}"


def _british(significant: str) -> str:
    """+44 and 9 or 10 digits (7 for a few helplines); anything else is no full number."""
    return f"+44{significant}" if len(significant) in (7, 9, 10) and significant[0] != "0" else f"0{significant.lstrip('0')}"[:15]


def _abroad(digits: str) -> str:
    return f"+{digits}" if 7 <= len(digits) <= 15 else digits[:15]


# --- files that are handed in ---------------------------------------------------------------------------------------

LONGEST_NAME = 100


def kind_of(head: bytes, policy: Policy) -> FileKind | None:
    """What a file is by its first bytes, whatever it is called; None for what the policy does not list."""
    return next((kind for kind in policy.files.kinds if any(_is_signed(head, sign) for sign in kind.signs)), None)


def _is_signed(head: bytes, sign: str) -> bool:
    parts = ((int(offset), bytes.fromhex(signs)) for offset, signs in (part.split(":") for part in sign.split()))
    return all(head[offset : offset + len(signs)] == signs for offset, signs in parts)


def file_name(given: str, kind: FileKind) -> str:
    """A name for people to read, with the ending of what the file is; nothing of it can lead into another folder."""
    last = re.split(r"[/\\]", given)[-1]
    plain = "".join(character for character in last if character.isprintable() and character not in '<>:"|?*')
    stem = plain.rsplit(".", 1)[0].strip(" .")[:LONGEST_NAME] or "file"
    return f"{stem}.{kind.ending}"


def shown_size(count: int) -> str:
    """As it is read out: 840 kB, 12.4 MB."""
    return f"{max(1, round(count / 1000))} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def refuses_file(size: int, head: bytes, policy: Policy, most: int | None = None) -> str:
    """Why this file is not taken, in a sentence; empty when it is (R57). More than the limit is never read."""
    if not policy.files.kinds:
        return "The policy of this force takes no files into a log yet."
    if not size:
        return "The file is empty."
    most = policy.files.most_bytes if most is None else most
    if size > most:
        return f"The file is larger than {shown_size(most)}. Take a part of it, or say in the log where it is kept."
    if kind_of(head, policy) is None:
        kinds = ", ".join(kind.label for kind in policy.files.kinds)
        return f"By its content it is none of what a log takes: {kinds}. Its name does not count."
    return ""
