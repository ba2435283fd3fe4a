"""What does a message say, whatever is wrong with it? Pure: bytes in, a `Mail` out, and never an error.

A message may be hostile, cut off, or written by a program that follows no standard. What can be read is read, what cannot is said
in `remarks`: nobody who writes for help is lost because of their mail program.
"""

import hashlib
import html
import re
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr
from html.parser import HTMLParser
from typing import Any

LONGEST = 25_000_000  # bytes; of a larger message only the beginning is fetched
BEGINNING = 200_000  # bytes of it
PARTS = 200  # of one message; a tree that goes on for ever is not followed
PART_TEXT = 18_000  # characters of one line of a log; more becomes several lines, nothing is cut
MOST_TEXT = 400_000


@dataclass(frozen=True)
class File:
    name: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    message_id: str = ""
    name: str = ""
    address: str = ""
    subject: str = ""
    text: str = ""
    answers: tuple[str, ...] = ()  # Message-IDs that it says it answers, the nearest first
    files: tuple[File, ...] = ()
    remarks: tuple[str, ...] = ()
    is_automatic: bool = False  # a machine's answer: out of office, not delivered

    @property
    def lines(self) -> list[str]:
        """The text in parts that a log takes."""
        return split(self.text)


@dataclass
class _Found:
    plain: list[str] = field(default_factory=list)
    rich: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read(raw: bytes, *, is_cut: bool = False) -> Mail:
    """A message as it lay in the mailbox. `is_cut`: only its beginning was fetched."""
    remarks = [f"The message is larger than {LONGEST // 1_000_000} MB: only its beginning was read."] if is_cut else []
    try:
        message: Any = BytesParser(policy=policy.default).parsebytes(raw)
        head = _head(message)
        found = _body(message, is_cut)
    except Exception:
        return Mail(
            text=_clean(_decoded(raw[:BEGINNING], "")),
            remarks=(*remarks, "It could not be read as an e-mail: here is what came."),
        )
    text = "\n".join(part for part in found.plain if part.strip()) or "\n".join(found.rich)
    if not text.strip() and found.rich:
        text = "\n".join(found.rich)
    text = _clean(text)
    if len(text) > MOST_TEXT:
        remarks.append(f"It has {len(text):,} characters; the first {MOST_TEXT:,} are here.")
        text = text[:MOST_TEXT]
    if not text.strip():
        remarks.append("It has no text.")
    return Mail(**head, text=text.strip(), files=tuple(found.files), remarks=(*remarks, *found.remarks))


def split(text: str) -> list[str]:
    """Cut at line ends where there are any, so that each part fits into a log's line; together they are the whole."""
    parts = []
    while len(text) > PART_TEXT:
        at = text.rfind("\n", PART_TEXT // 2, PART_TEXT)
        at = at if at > 0 else PART_TEXT
        parts.append(text[:at])
        text = text[at:]
    return [part for part in (*parts, text) if part.strip()]


def short_id(message_id: str) -> str:
    """As it is kept and compared: itself, or the digest of one that no honest program makes."""
    plain = "".join(message_id.split())
    return plain if len(plain) <= 255 else "sha256:" + hashlib.sha256(plain.encode(errors="replace")).hexdigest()


def plain_of_html(text: str) -> str:
    """What a person would read; no link is followed, nothing is loaded, and what was hidden in tags is left out."""
    reader = _Reader()
    try:
        reader.feed(text)
        reader.close()
        found = "".join(reader.found)
    except Exception:
        found = html.unescape(re.sub(r"<[^>]*>", " ", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t\xa0]+", " ", found)).strip()


class _Reader(HTMLParser):
    SILENT = ("script", "style", "head", "title", "template")
    BREAKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "table", "hr")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in self.SILENT:
            self.silent.append(tag)
        elif tag in self.BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        elif tag in self.BREAKS:
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.append(re.sub(r"\s+", " ", data))


# --- parts ----------------------------------------------------------------------------------------------------------


def _head(message: EmailMessage) -> dict[str, Any]:
    name, address = parseaddr(_header(message, "From"))
    reply = [one for _, one in getaddresses([_header(message, "Reply-To")]) if one]
    answered = re.findall(r"<[^<>\s]{3,}>", f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}")
    automatic = _header(message, "Auto-Submitted").lower() not in ("", "no") or _header(message, "Return-Path").strip() == "<>"
    ids = re.findall(r"<[^<>]+>", _header(message, "Message-ID"))
    return {
        "message_id": short_id(ids[0]) if ids else "",
        "name": _one_line(name)[:120],
        "address": _one_line(address or (reply[0] if reply else ""))[:200],
        "subject": _one_line(_header(message, "Subject")),
        "answers": tuple(dict.fromkeys(short_id(one) for one in answered[:40])),
        "is_automatic": automatic,
    }


def _header(message: EmailMessage, name: str) -> str:
    """A header in words; of one that breaks the standard what can be read."""
    try:
        return str(message.get(name) or "")
    except Exception:
        found = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
        return str(found)


def _body(message: EmailMessage, is_cut: bool) -> _Found:
    found = _Found()
    for number, part in enumerate(message.walk()):
        if number >= PARTS:
            found.remarks.append(f"It has more than {PARTS} parts: the rest was not read.")
            break
        if part.is_multipart():
            continue
        try:
            _take(part, found, is_cut)
        except Exception:
            found.remarks.append(f"A part of it could not be read ({part.get_content_type()}).")
    return found


def _take(part: Any, found: _Found, is_cut: bool) -> None:
    kind = part.get_content_type()
    name = part.get_filename() or ""
    data = part.get_payload(decode=True) or b""
    is_file = part.get_content_disposition() == "attachment" or bool(name)
    if kind in ("text/plain", "text/html") and not is_file:
        words = _decoded(data, part.get_content_charset() or "")
        (found.plain if kind == "text/plain" else found.rich).append(words if kind == "text/plain" else plain_of_html(words))
    elif is_cut:
        found.remarks.append(f"Not taken, because only the beginning was read: “{_one_line(name)[:80] or kind}”.")
    elif data:
        found.files.append(File(_one_line(name)[:100] or "file", data))


def _decoded(data: bytes, charset: str) -> str:
    for name in (charset, "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return data.decode("cp1252", errors="replace")


def _clean(text: str) -> str:
    """Without what no log keeps: NUL and other controls, and signs that turn the direction of what follows."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or ((sign.isprintable() or sign == "\xa0") and sign not in _TURNS))
    return text.encode("utf-8", errors="replace").decode()


_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())
