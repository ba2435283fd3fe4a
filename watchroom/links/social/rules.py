"""Is this really from the gateway, and is it from now? May a post go out, by whom, and what in it could give a victim away?

Pure: times and policy are passed in.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from watchroom.force.policy import SocialWords

SHORTEST_SECRET = 32  # characters
_HEADER = re.compile(r"t=([0-9]{1,12})((?:,v1=[0-9a-f]{64}){1,4})")

Verdict = Literal["", "missing", "malformed", "wrong", "expired"]
SAYS: dict[Verdict, str] = {
    "missing": "Sign the message: Watchroom-Signature: t=<seconds since 1970>,v1=<HMAC-SHA256 of t.body in hex>",
    "malformed": "The signature cannot be read: t=<seconds since 1970>,v1=<64 hex digits, small>",
    "wrong": "The signature does not belong to this body. Sign the very bytes that are sent, with this force’s secret.",
    "expired": "The signature is too old, or from a clock that runs ahead. Sign again and send within the window.",
}


def sign(secret: str, seconds: int | str, body: bytes) -> str:
    """HMAC-SHA256 in hex over `<seconds>.<body>`: the time is signed with the words, so that neither can be changed alone."""
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def header(secret: str, seconds: int, body: bytes) -> str:
    """The value of `Watchroom-Signature`."""
    return f"t={seconds},v1={sign(secret, seconds, body)}"


def check(given: str, body: bytes, secrets: Sequence[str], *, now: datetime, window: timedelta) -> Verdict:
    """Empty when one of these secrets signed this body within `window` of now. Without a secret nothing is right.

    Several secrets, and several signatures, are for the days in which a secret is changed. How long a comparison takes tells nothing.
    """
    if not given:
        return "missing"
    found = _HEADER.fullmatch(given)
    if found is None:
        return "malformed"
    signatures = found[2].removeprefix(",v1=").split(",v1=")
    wanted = [sign(secret, found[1], body) for secret in secrets]
    equal = [hmac.compare_digest(one, other) for one in wanted for other in signatures]  # each with each, always
    if not any(equal):
        return "wrong"
    return "expired" if abs(now.timestamp() - int(found[1])) > window.total_seconds() else ""


# --- what goes out to everybody ---------------------------------------------------------------------------------------

KINDS = {"appeal": "Appeal for help", "warning": "Warning", "information": "Information"}
LONGEST_POST = 5_000

WARNINGS = {
    "number": "A telephone number stands in it. Is it ours?",
    "email": "An e-mail address stands in it. Is it ours?",
    "account": "An account is named with @. Whose is it?",
    "postcode": "A postcode stands in it: a house can be told by it.",
    "address": "It names a house by its number and street.",
    "age": "It says how old somebody is.",
    "born": "A date stands in it. Is it somebody’s date of birth?",
    "known": "It names somebody who has been in touch with us, or has a part in what we deal with.",
    "victim": "It speaks of a victim, or of who belongs to them: could neighbours or family tell who that is?",
    "lifelong": "It speaks of an offence whose victim may never be identified, for life. Nothing in it may let anybody tell who it was.",
}
_PATTERNS = {
    "number": re.compile(r"(?<!\d)(?:\+|00)?\d[\d ()-]{8,}\d"),
    "email": re.compile(r"[\w.+-]+@[\w-]+\.\w"),
    "account": re.compile(r"(?<![\w.])@\w"),
    "postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE),
    "address": re.compile(
        r"\b\d{1,4}[a-z]?,? +(?:[\w’'.-]+ +){1,3}(?:street|st|road|rd|lane|avenue|ave|close|drive|row|terrace|way|court|place|crescent|"
        r"gardens|grove|hill|walk|square|mews)\b",
        re.IGNORECASE,
    ),
    "age": re.compile(r"\b\d{1,3}[- ]?(?:year|yr|month)s?[- ]?old\b|\baged? +\d{1,3}\b|\b\d{1,3}yo\b", re.IGNORECASE),
    "born": re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}\b"),
}


def names(people: Iterable[str], accounts: Iterable[str]) -> frozenset[str]:
    """What is looked for in a post, of the names of people and of accounts. A first name alone is anybody's and is none of it; of a
    longer name the first and the last word, in either order, are enough."""
    found, first = set(), set()
    for one in people:
        words = _plain(one).split()
        first.update(words[:1])
        if len(words) > 1:
            found |= {" ".join(words), f"{words[0]} {words[-1]}", f"{words[-1]} {words[0]}"}
    found |= {account for one in accounts if len(account := _plain(one)) > 4 and account not in first}
    return frozenset(found)


def warnings(text: str, known: frozenset[str], words: SocialWords) -> list[str]:
    """What in a post could give somebody away: codes of WARNINGS in their order, for a person to look at. Finding none proves nothing.

    `known` is what `names` makes of whom we know. More words never take a warning away.
    """
    said = f" {_plain(text)} "
    found = {code for code, pattern in _PATTERNS.items() if pattern.search(text)}
    if any(f" {name} " in said for name in known):
        found.add("known")
    if any(f" {_plain(word)} " in said for word in words.victim):
        found.add("victim")
    if any(f" {_plain(word)} " in said for word in words.lifelong):
        found.add("lifelong")
    return [code for code in WARNINGS if code in found]


def _plain(text: str) -> str:
    """Small letters and single spaces; whatever is no letter and no digit is a space."""
    return " ".join("".join(one if one.isalnum() else " " for one in text.casefold()).split())


def may_answer(*, written_by: str, by: str, is_open: bool) -> str:
    """Why this person may not approve or decline a post, in a sentence; empty when they may. Who wrote it is no second person."""
    if not is_open:
        return "This post is answered already."
    return "You wrote it: somebody else approves it." if written_by == by else ""
