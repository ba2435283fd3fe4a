"""The text that a handset sends with an emergency call (AML, ETSI TS 103 625), read and written.

    A"ML=1;lt=+54.76397;lg=-0.18305;rd=50;top=20130717141935;lc=90;pm=W;si=…;ei=…;mcc=234;mnc=30;ml=128

Read generously where handsets and gateways differ: the quote may be missing or another one, the sign too, keys come in any order
and case, blanks anywhere, unknown keys are passed over. Read strictly where it matters: what is no position, radius, confidence
or time is refused by the name of its key. `si` and `ei` (the SIM and the handset) are read past and not kept: nothing here needs them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from watchroom.contacts.whereabouts import Report, is_plausible
from watchroom.links.eisec_aml.rules import Unreadable

LONGEST = 480  # characters: three texts in one
WIDEST_M = 100_000
SLACK = 4  # characters by which `ml` and the length may differ: a quote, the letter before it and two signs go missing on the way
METHODS = {"G": "gnss", "W": "wifi", "C": "handset_cell", "N": "none"}
_HEAD = re.compile(r"^(?:A\s*[\"“”„'’`´]?\s*)?ML\s*=\s*(\d{1,2})$", re.IGNORECASE)
_DEGREES = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,10})?")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?")


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a handset said. Without a point it found none (`pm=N`)."""

    at: datetime  # when it was found, UTC, to the second
    method: str  # G satellite, W Wi-Fi, C cell, N none; empty when it does not say
    latitude: float | None = None
    longitude: float | None = None
    radius: float | None = None  # metres
    confidence: int | None = None  # per cent
    mcc: str = ""
    mnc: str = ""
    version: int = 1


def parse(text: str) -> Message:
    """The message. Raises Unreadable, and nothing else, whatever the text."""
    if len(text) > LONGEST:
        raise Unreadable(sms=f"This is {len(text)} characters; no handset sends more than {LONGEST}.")
    stripped = text.strip().rstrip("\x00").strip()
    head, *parts = [part.strip() for part in stripped.split(";")]
    found = _HEAD.match(head)
    if not found:
        raise Unreadable(sms='This does not begin as a handset’s text does: A"ML=1;')
    if found[1] != "1":
        raise Unreadable(ML=f"Version {found[1]} of the text is not known here.")
    values = _values(parts)
    _check_length(values.get("ml", ""), text, stripped)
    method = values.get("pm", "").upper()
    if method and method not in METHODS:
        raise Unreadable(pm="The method is G (satellite), W (Wi-Fi), C (cell) or N (none).")
    confidence = _number(values, "lc", 100)
    said: dict[str, Any] = {
        "at": _time(values.get("top", "")),
        "method": method,
        "confidence": round(confidence) if confidence is not None else None,
        "mcc": _code(values, "mcc"),
        "mnc": _code(values, "mnc"),
    }
    if method == "N":
        return Message(**said)
    latitude, longitude = _degrees(values, "lt", 90), _degrees(values, "lg", 180)
    if not is_plausible(latitude, longitude):
        raise Unreadable(lt="0, 0 is what a handset sends that found nothing.")
    radius = _number(values, "rd", WIDEST_M)
    if radius is None:
        raise Unreadable(rd="There is no radius. A point without one cannot be used.")
    return Message(latitude=latitude, longitude=longitude, radius=radius, **said)


def write(message: Message, *, sim: str = "", handset: str = "") -> str:
    """The text of a message, with its own length at the end."""
    point = ["lt=+00.00000", "lg=+000.00000", "rd=N"]
    if message.latitude is not None and message.longitude is not None:
        point = [f"lt={message.latitude:+.6f}", f"lg={message.longitude:+.6f}", f"rd={message.radius:g}"]
    parts = ['A"ML=1', *point, f"top={message.at:%Y%m%d%H%M%S}"]
    if message.confidence is not None:
        parts.append(f"lc={message.confidence}")
    if message.method:
        parts.append(f"pm={message.method}")
    parts += [
        f"{key}={value}" for key, value in (("si", sim), ("ei", handset), ("mcc", message.mcc), ("mnc", message.mnc)) if value
    ]
    body = ";".join(parts) + ";ml="
    length = len(body) + 2
    return body + str(length if length < 100 else len(body) + 3)


def report(message: Message) -> Report:
    """The same as every room reads it."""
    network = f"{message.mcc}-{message.mnc}" if message.mcc and message.mnc else message.mcc
    return Report(
        source="aml",
        method=METHODS.get(message.method, "aml"),
        taken_at=message.at,
        latitude=message.latitude,
        longitude=message.longitude,
        radius=message.radius,
        confidence=message.confidence,
        is_mobile=True,
        network=network,
    )


def _values(parts: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for part in parts:
        if not part:
            continue
        key, sign, value = part.partition("=")
        key, value = key.strip().lower(), value.strip()
        if not sign:
            raise Unreadable(sms="A part of it is no key and value.")
        if values.get(key, value) != value and key in ("lt", "lg", "rd", "top", "lc", "pm", "ml"):
            raise Unreadable(**{key: f"{key} stands twice, with two values."})
        values[key] = value
    return values


def _check_length(said: str, *texts: str) -> None:
    """`ml` counts the whole text. Gateways lose or add a character or two; a text that lost more has lost a part."""
    if not said:
        return
    if not re.fullmatch(r"[0-9]{1,4}", said):
        raise Unreadable(ml="The length is a number of characters.")
    lengths = [len(text) for text in texts] + [len(re.sub(r"\s", "", text)) for text in texts]
    if min(abs(int(said) - length) for length in lengths) > SLACK:
        raise Unreadable(ml=f"The text says that it has {said} characters, and {lengths[-1]} came: a part is missing or added.")


def _degrees(values: dict[str, str], key: str, most: int) -> float:
    text = values.get(key, "")
    if not text:
        raise Unreadable(**{key: f"There is no {key}."})
    if not _DEGREES.fullmatch(text) or not text.isascii():
        raise Unreadable(**{key: f"{key} is degrees with a decimal point: +54.76397."})
    if abs(float(text)) > most:
        raise Unreadable(**{key: f"{key} is from -{most} to +{most} degrees."})
    return float(text)


def _number(values: dict[str, str], key: str, most: int) -> float | None:
    text = values.get(key, "").removeprefix("+")
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not text.isascii():
        raise Unreadable(**{key: f"{key} is a number from 0 to {most}."})
    if float(text) > most:
        raise Unreadable(**{key: f"{key} is at most {most}."})
    return float(text)


def _time(text: str) -> datetime:
    if not re.fullmatch(r"[0-9]{14}", text):
        raise Unreadable(top="The time is 14 digits in UTC: 20130717141935.")
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise Unreadable(top="There is no such day or time.") from None


def _code(values: dict[str, str], key: str) -> str:
    text = values.get(key, "")
    return text if re.fullmatch(r"[0-9]{2,3}", text) else ""
