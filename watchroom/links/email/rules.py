"""May somebody be written to, and what does a message of ours say above its words?"""

import re
from collections.abc import Sequence

from watchroom.contacts import sending

LONGEST_REPLY = 20_000


def may_reply(safe_contact: str, safe_ways: Sequence[str], address: str) -> str:
    """Why nobody may write to them, in a sentence; empty when it is safe. Not asked is not safe: somebody else may read the mailbox."""
    if not address:
        return "No address is known."
    return sending.may_write(safe_contact, safe_ways, "email", "e-mail")


def is_address(text: str) -> bool:
    """One plain address; nothing that a mail server would take for a second one, or for a header."""
    return (
        bool(re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,180}[A-Za-z0-9])?", text))
        and text.isascii()
    )


def reply_subject(force_name: str, reference: str) -> str:
    """Never what it is about: a subject is read on a locked telephone, over a shoulder."""
    return f"{force_name}: your message {reference}"
