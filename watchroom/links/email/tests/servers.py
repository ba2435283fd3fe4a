"""Small mail servers on loopback: fakes, written from the RFCs, that speak as much as the link uses.

Real sockets, real imaplib and smtplib.
"""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Box:
    """A mailbox: messages by UID, and which are marked as seen."""

    validity: int = 7
    messages: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    breaks_at_store: bool = False
    sent: list[bytes] = field(default_factory=list)  # its folder “Sent”

    def put(self, raw: bytes) -> int:
        uid = max(self.messages, default=0) + 1
        self.messages[uid] = raw
        return uid


class _Imap(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say("* OK ready")
        for raw in self.rfile:
            tag, _, rest = raw.decode().strip().partition(" ")
            word = rest.split(" ")[0].upper()
            if word == "UID":
                if not self.uid(tag, rest[4:]):
                    return
            elif word == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1", f"{tag} OK done")
            elif word == "LOGIN":
                self.say(f"{tag} OK done" if '"secret"' in rest or rest.endswith(" secret") else f"{tag} NO wrong")
            elif word in ("SELECT", "EXAMINE"):
                self.folder = rest.split(" ", 1)[1].strip('"')
                self.say(
                    f"* {len(self.box.messages)} EXISTS",
                    f"* OK [UIDVALIDITY {self.box.validity}] valid",
                    f"{tag} OK [READ-WRITE] done",
                )
            elif word == "LOGOUT":
                self.say("* BYE", f"{tag} OK done")
                return
            else:
                self.say(f"{tag} BAD unknown")

    @property
    def box(self) -> Box:
        return self.server.box  # type: ignore[attr-defined, no-any-return]

    def uid(self, tag: str, rest: str) -> bool:
        box = self.box
        if found := re.fullmatch(r"SEARCH UID (\d+):\*", rest):
            uids = [uid for uid in box.messages if uid >= int(found[1])] or [max(box.messages)] if box.messages else []
            self.say("* SEARCH " + " ".join(map(str, uids)), f"{tag} OK done")
        elif found := re.fullmatch(r'SEARCH HEADER Message-ID "(.+)"', rest):
            wanted = f"Message-ID: {found[1]}".encode()
            uids = [number for number, raw in enumerate(box.sent, 1) if wanted in raw] if self.folder == "Sent" else []
            self.say("* SEARCH " + " ".join(map(str, uids)), f"{tag} OK done")
        elif found := re.fullmatch(r"FETCH (\d+) \((.+)\)", rest):
            uid, what = int(found[1]), found[2]
            box.fetched.append(what)
            raw = box.messages[uid]
            if what == "RFC822.SIZE":
                self.say(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(raw)})", f"{tag} OK done")
            else:
                part = re.fullmatch(r"BODY\.PEEK\[\](?:<0\.(\d+)>)?", what)
                assert part, what
                raw = raw[: int(part[1])] if part[1] else raw
                self.wfile.write(f"* 1 FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
                self.say(f"{tag} OK done")
        elif found := re.fullmatch(r"STORE (\d+) \+FLAGS \(\\Seen\)", rest):
            if box.breaks_at_store:
                return False  # the line goes down before the mark is set
            box.seen.add(int(found[1]))
            self.say(f"{tag} OK done")
        return True

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@dataclass
class Post:
    """What a mail server took, and what it answers to a recipient."""

    taken: list[tuple[str, str]] = field(default_factory=list)  # (to, the message)
    answers: list[str] = field(default_factory=list)
    once_taken: Callable[[], None] = lambda: None  # between the acceptance and what is said of it


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        post: Post = self.server.box  # type: ignore[attr-defined]
        self.say("220 ready")
        to = ""
        while raw := self.rfile.readline():
            word = raw.decode().strip()
            if word.upper().startswith("RCPT TO:"):
                to = word[8:].split(">")[0].strip("<> ")
                self.say(post.answers.pop(0) if post.answers else "250 ok")
            elif word.upper() == "DATA":
                self.say("354 go on")
                body = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    body += line
                post.taken.append((to, body.decode()))
                try:
                    post.once_taken()
                except ConnectionError:
                    return  # the line goes down before the answer
                self.say("250 taken")
            elif word.upper() == "QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serving(box: Box | Post) -> Iterator[int]:
    """The port at which it is served."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), _Imap if isinstance(box, Box) else _Smtp) as server:
        server.box = box  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
