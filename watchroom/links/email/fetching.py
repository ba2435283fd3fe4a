"""Fetching what is new in the mailbox of the force in scope. No network call stands inside a transaction.

For each message: its bytes, then the contact in a transaction of its own, and only after that commit the mark that it was seen.
Killed in between, it is fetched again and found to be known. What the mailbox holds is never deleted, and what somebody has
opened in a mail program is fetched all the same: what counts is our own list of numbers.
"""

import imaplib
import re
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction
from django.db.models import Max

from watchroom.links.email import actions, reading, servers
from watchroom.links.email.models import Letter

log = structlog.get_logger()
AT_ONCE = 50  # messages of one turn; the rest at the next


def fetch_new(*, at: datetime) -> int:
    """Returns how many new contacts or answers came. Raises OSError, imaplib.IMAP4.error while the server is away."""
    server = servers.mailbox()
    if server is None:
        return 0
    box = servers.open_mailbox(server)
    found = 0
    try:
        validity = int((box.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
        with transaction.atomic():
            last = Letter.objects.filter(mailbox=server.folder[:120], validity=validity).aggregate(last=Max("uid"))["last"] or 0
        _, answer = box.uid("SEARCH", f"UID {last + 1}:*")
        uids = sorted(int(uid) for uid in (answer[0] or b"").split() if int(uid) > last)  # `n:*` always names the last one
        for uid in uids[:AT_ONCE]:
            found += _fetch(box, server.folder, validity, uid, at)
    finally:
        _leave(box)
    return found


def _fetch(box: imaplib.IMAP4, folder: str, validity: int, uid: int, at: datetime) -> int:
    size = _size(box, uid)
    is_cut = size > reading.LONGEST
    wanted = f"(BODY.PEEK[]<0.{reading.BEGINNING}>)" if is_cut else "(BODY.PEEK[])"
    _, answer = box.uid("FETCH", str(uid), wanted)
    raw = next((part[1] for part in answer if isinstance(part, tuple)), None)
    if raw is None:
        return 0  # deleted meanwhile
    mail = reading.read(raw, is_cut=is_cut)
    place: dict[str, Any] = {"mailbox": folder, "validity": validity, "uid": uid}
    try:
        with transaction.atomic():
            _, repeated = actions.receive(mail=mail, at=at, **place)
    except OperationalError:
        raise  # the database is away: all of it at the next turn
    except Exception as error:  # one message that we cannot take must not keep the others waiting, and must not be lost either
        log.error("message_failed", uid=uid, error=type(error).__name__)
        remark = f"This message could not be taken as it is: look at it in the mailbox, “{folder}”, number {uid}."
        bare = reading.Mail(message_id=mail.message_id, address=mail.address, remarks=(remark,))
        with transaction.atomic():
            _, repeated = actions.receive(mail=bare, at=at, **place)
    box.uid("STORE", str(uid), "+FLAGS", r"(\Seen)")  # after the commit, never before
    return not repeated


def is_in_sent(message_id: str) -> bool:
    """Whether a message of ours lies in the Sent folder, by its Message-ID. False where no such folder is set. Raises as `fetch_new`."""
    server = servers.sent_folder()
    if server is None:
        return False
    box = servers.open_mailbox(server, only_read=True)
    try:
        _, answer = box.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
        return bool((answer[0] or b"").split())
    finally:
        _leave(box)


def _size(box: imaplib.IMAP4, uid: int) -> int:
    _, answer = box.uid("FETCH", str(uid), "(RFC822.SIZE)")
    said = b" ".join(part if isinstance(part, bytes) else part[0] for part in answer if part)
    found = re.search(rb"RFC822\.SIZE (\d+)", said)
    return int(found[1]) if found else 0


def _leave(box: imaplib.IMAP4) -> None:
    try:
        box.logout()
    except (OSError, imaplib.IMAP4.error):
        box.shutdown()
