"""Where is the mailbox, where the mail server? By the environment, for each force; without it, nothing is fetched and nothing sent.

`WATCHROOM_IMAP_URL` `imaps://user:password@host/INBOX`, `WATCHROOM_SMTP_URL` `smtps://user:password@host` or `smtp://…` (STARTTLS), and
`WATCHROOM_EMAIL_FROM`; `WATCHROOM_SENT_FOLDER` where the mail server itself keeps a copy of what it took; with `_NORTHMOOR` at the end
for one force of several. Without encryption only on this machine itself.
"""

import imaplib
import smtplib
import ssl
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from watchroom.foundation.environment import of_force

TIMEOUT_S = 20
HERE = ("127.0.0.1", "::1", "localhost")


class Unusable(ValueError):
    """A setting that cannot be used; the sentence says which and why, without a password."""


@dataclass(frozen=True)
class Server:
    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    def __repr__(self) -> str:
        return f"Server({self.scheme}, {self.host}:{self.port})"


def mailbox() -> Server | None:
    """Of the force in scope; None when it has none."""
    return _server("WATCHROOM_IMAP_URL", {"imaps": 993, "imap": 143})


def outgoing() -> Server | None:
    return _server("WATCHROOM_SMTP_URL", {"smtps": 465, "smtp": 587})


def sender() -> str:
    """From which address the force in scope writes; empty when it does not."""
    return of_force("WATCHROOM_EMAIL_FROM")


def sent_folder() -> Server | None:
    """The folder of the mailbox into which the mail server puts what it took from us; None where it does not, or is not said to."""
    folder, server = of_force("WATCHROOM_SENT_FOLDER"), mailbox()
    return replace(server, folder=folder) if folder and server else None


def open_mailbox(server: Server, *, only_read: bool = False) -> imaplib.IMAP4:
    """Logged in, its folder chosen. Raises OSError, imaplib.IMAP4.error."""
    if server.scheme == "imaps":
        found: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            server.host, server.port, ssl_context=ssl.create_default_context(), timeout=TIMEOUT_S
        )
    else:
        found = imaplib.IMAP4(server.host, server.port, timeout=TIMEOUT_S)
        if server.host not in HERE:
            found.starttls(ssl.create_default_context())
    try:
        found.login(server.user, server.password)
        answer, _ = found.select('"' + server.folder.replace("\\", "\\\\").replace('"', '\\"') + '"', only_read)
        if answer != "OK":
            raise imaplib.IMAP4.error("the folder cannot be opened")
    except BaseException:
        found.shutdown()
        raise
    return found


def open_outgoing(server: Server) -> smtplib.SMTP:
    """Logged in. Raises OSError, smtplib.SMTPException."""
    if server.scheme == "smtps":
        found: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    else:
        found = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        if server.host not in HERE:
            found.starttls(context=ssl.create_default_context())
    if server.user:
        found.login(server.user, server.password)
    return found


def _server(name: str, ports: dict[str, int]) -> Server | None:
    url = of_force(name)
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or ports[parts.scheme]
    except (ValueError, KeyError):
        raise Unusable(f"{name} is no address of a server: use {' or '.join(f'{scheme}://' for scheme in ports)}.") from None
    if not parts.hostname:
        raise Unusable(f"{name} names no host.")
    return Server(
        parts.scheme,
        parts.hostname,
        port,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        unquote(parts.path.lstrip("/")) or "INBOX",
    )
