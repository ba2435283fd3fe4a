"""Is this installation well? `GET /healthz`, answered beside Django, so that it still answers when Django's threads are busy.

200: calls can be taken. 503: they cannot (no database, or its tables are not those of this version). A worker that is silent
makes the state `degraded`, not 503: whoever balances load by this page must not turn callers away because a report is late.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from watchroom.foundation import embedded

SILENT_AFTER = 15.0  # seconds without a heartbeat
LOOK_AT_MOST_EVERY = 0.5  # seconds: this page is public, and must not become a way to tire the database


@dataclass(frozen=True)
class Health:
    state: str  # ok, degraded, down
    version: str
    database: bool
    migrated: bool
    worker_age_s: float | None  # since the worker of jobs last said that it lives
    sweeper_age_s: float | None  # since the duties were last swept

    @property
    def status(self) -> int:
        return 503 if self.state == "down" else 200


def heartbeat_file() -> Path:
    return embedded.data_folder() / "sweeper.heartbeat"


def look() -> Health:
    """Ask the database, as the application, over a connection of its own. Never raises."""
    database = migrated = False
    worker_age: float | None = None
    try:
        with psycopg.connect(os.environ["WATCHROOM_APP_URL"], connect_timeout=2, autocommit=True) as connection:
            database = True
            connection.execute("set statement_timeout = '2s'")
            applied = set(connection.execute("select app, name from django_migrations").fetchall())
            migrated = expected_migrations() <= applied
            row = connection.execute(
                "select extract(epoch from now() - max(last_heartbeat))::float from procrastinate_workers"
            ).fetchone()
            worker_age = row[0] if row else None
    except psycopg.Error:
        pass
    try:
        sweeper_age: float | None = time.time() - heartbeat_file().stat().st_mtime
    except FileNotFoundError:
        sweeper_age = None
    if not (database and migrated):
        state = "down"
    elif all(age is not None and age < SILENT_AFTER for age in (worker_age, sweeper_age)):
        state = "ok"
    else:
        state = "degraded"
    return Health(
        state=state,
        version=version("watchroom"),
        database=database,
        migrated=migrated,
        worker_age_s=_short(worker_age),
        sweeper_age_s=_short(sweeper_age),
    )


def _short(age: float | None) -> float | None:
    return None if age is None else round(max(0.0, age), 1)


@cache
def expected_migrations() -> frozenset[tuple[str, str]]:
    """Those that this version of the code brings along. Needs Django to be set up."""
    from django.db.migrations.loader import MigrationLoader

    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ())


_last: tuple[float, Health] | None = None


async def answer(scope: dict[str, Any], receive: Any, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """The ASGI side."""
    global _last
    if _last is None or time.monotonic() - _last[0] > LOOK_AT_MOST_EVERY:
        _last = (time.monotonic(), await asyncio.to_thread(look))
    health = _last[1]
    body = json.dumps(asdict(health)).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": health.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
