"""Where is each system of each force, and what lets us in? From the environment or the state folder, never the repository.

`WATCHROOM_RECORDS_<FORCE>_<SYSTEM>_URL` and `…_TOKEN`, or `records.json` in the state folder, readable by its owner only:
`{"northmoor": {"housing": {"url": "https://…", "token": "…"}}}`. The environment goes first. Both are read anew at each asking.
"""

import json
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from watchroom.foundation import scope

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, repr=False)  # a token is not printed by accident
class Connection:
    url: str
    token: str

    @property
    def is_here(self) -> bool:
        """On this very machine, as a stand-in or a gateway is: no proxy stands between."""
        return urlsplit(self.url).hostname in LOOPBACK


def why_not(system: str, kind: str = "records") -> str:
    """Why this system cannot be asked for the force in scope, as a sentence; empty when it can.

    `kind` names the file and the variables: `links.forces` finds other forces by the same ways.
    """
    return problem_of(*_kept(scope.require(), system, kind))


def problem_of(url: str, token: str) -> str:
    """Why nothing can be called there, as a sentence; empty when it can."""
    if not url and not token:
        return "Not connected here."
    try:
        where = urlsplit(url)
        is_usable = bool(where.hostname) and where.port != 0
    except ValueError:
        return "Not connected here: its address cannot be used."
    if where.username or where.password or not is_usable or where.scheme not in ("https", "http"):
        return "Not connected here: its address cannot be used."
    if where.scheme != "https" and where.hostname not in LOOPBACK:
        return "Not connected here: its address does not begin with https."
    if not token or not token.isascii() or not token.isprintable():
        return "Not connected here: its token is missing."
    return ""


def of(system: str, kind: str = "records") -> Connection | None:
    """How this system is reached for the force in scope; None where it is not connected."""
    return None if why_not(system, kind) else Connection(*_kept(scope.require(), system, kind))


def _kept(force: str, system: str, kind: str) -> tuple[str, str]:
    prefix = f"WATCHROOM_{kind.upper()}_{_as_variable(force)}_{_as_variable(system)}"
    kept: list[Any] = [os.environ.get(f"{prefix}_URL"), os.environ.get(f"{prefix}_TOKEN")]
    if not any(kept):
        entry = _file(kind).get(force)
        entry = entry.get(system) if isinstance(entry, dict) else None
        kept = [entry.get("url"), entry.get("token")] if isinstance(entry, dict) else []
    url, token = (part.strip() if isinstance(part, str) else "" for part in (*kept, "", "")[:2])
    return url, token


def _as_variable(code: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", code.upper())


def _file(kind: str) -> dict[str, Any]:
    """The state folder's file; empty when there is none or it cannot be read: then nothing is connected, and the screen says so."""
    try:
        found = json.loads((settings.WATCHROOM_DATA / f"{kind}.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
