"""Where did each chain stand a minute ago? Kept outside the database: only an anchor shows a cut tail or a rewritten chain."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from watchroom.foundation import clock, scope


def folder() -> Path:
    path = Path(settings.WATCHROOM_DATA) / "anchors"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def heads() -> dict[str, tuple[int, str]]:
    """Each force's last number and hash."""
    found = {}
    for force in scope.forces():
        with scope.use(force), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select seq, encode(hash, 'hex') from foundation_head where force = %s", [force])
            if row := cursor.fetchone():
                found[force] = row
    return found


def write_all() -> int:
    """Append the heads that moved since their last anchor; returns how many. Each line is on disk before it counts."""
    written = 0
    for force, (seq, digest) in heads().items():
        before = last(force)
        if before and before[0] >= seq:
            continue
        with (folder() / f"{force}.jsonl").open("a") as file:
            file.write(json.dumps({"at": clock.now().isoformat(), "seq": seq, "hash": digest}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        written += 1
    return written


def last(force: str) -> tuple[int, datetime] | None:
    """The number of the last fact that was anchored, and when; None when none was."""
    path = folder() / f"{force}.jsonl"
    for line in reversed(path.read_text().splitlines() if path.exists() else []):
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # the last line of a machine that lost power
        return entry["seq"], datetime.fromisoformat(entry["at"])
    return None


def read(force: str) -> Iterator[tuple[int, str]]:
    path = folder() / f"{force}.jsonl"
    if path.exists():
        for line in path.read_text().splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                continue  # the last line of a machine that lost power
            yield entry["seq"], entry["hash"]
