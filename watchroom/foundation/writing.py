"""Who is writing at this moment, and on whose screens does it show? A hint that passes through and is stored nowhere.

A draft that is kept says "somebody is writing here": whose and about which record, never what, how much or how fast. The hint
goes with the transaction's NOTIFY to the live stream of each web process (`stream.py`), and from there to the screens that show
the same record and whose reader has opened it. A hint that gets lost is no loss: the next follows within seconds.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils.module_loading import import_string

from watchroom.foundation import scope

log = structlog.get_logger()
CHANNEL = "watchroom_writing"
AGAIN_S = 3  # a hint for each letter would say how fast somebody types, and cost a look-up each


@dataclass(frozen=True)
class Hint:
    """`by` is writing on these topics, or has stopped."""

    force: str
    by: str
    topics: tuple[str, ...]
    is_on: bool


def notice(*, key: str, member: Any, is_on: bool, at: datetime) -> None:
    """A draft under `key` was kept, or emptied and sent. Never fails: the draft counts, the hint does not."""
    place = import_string(settings.WATCHROOM_WRITING)
    try:
        known = f"writing:{scope.require()}:{member.code}:{key}"
        if is_on and not cache.add(known, True, AGAIN_S):
            return
        if not is_on:
            cache.delete(known)
        with transaction.atomic():
            say(place(key=key, member=member, at=at), by=member.code, is_on=is_on)
    except Exception as error:
        log.error("writing_failed", error=type(error).__name__)


def say(topics: Iterable[str], *, by: str, is_on: bool) -> None:
    """Tell the streams of all web processes, when the transaction is committed. Without a topic there is nobody to tell."""
    if shown := sorted(topics):
        body = json.dumps([scope.require(), by, shown[:40], is_on])  # PostgreSQL passes on 8,000 bytes
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, %s)", [CHANNEL, body])


def heard(payload: str) -> Hint:
    force, by, topics, is_on = json.loads(payload)
    return Hint(force, by, tuple(topics), is_on)
