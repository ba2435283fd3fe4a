"""Reads the file, makes a force of its own ready, shares the rows among workers, shows progress, and counts."""

import gzip
import json as jsonlib
import multiprocessing
import os
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from watchroom.replay import rules, worker

UNITS_A_WORKER = 8
BATCH = 20  # rows; small, so that progress shows and workers end together


class Unreadable(RuntimeError):
    """The file is not one that can be replayed; the message says why."""


def run(*, file: Path, force: str = "replay", speed: str = "max", limit: int | None = None, json: bool = False) -> int:
    """Replay `file` into `force`. Returns the exit status: 0 when every row went through or was reported as none, and none was lost."""
    console = Console(stderr=True)
    try:
        pace = None if speed == "max" else _pace(speed)
        rows, skipped, total = read(file, limit)
        begun = time.monotonic()
        workers = 1 if pace else max(2, (os.cpu_count() or 2) + 1)
        _make_ready(force, rows, workers, console)
        outcome = _replay(force, rows, workers, pace, console)
    except Unreadable as error:
        print(f"watchroom: {error}", file=sys.stderr)
        return 2
    seconds = time.monotonic() - begun
    lost, duplicates = check(force, outcome.acknowledged)
    from watchroom.foundation import anchors

    anchors.write_all()
    answer = {
        "rows": total,
        "received": outcome.received,
        "repeated": outcome.repeated,
        "skipped": sorted(skipped + outcome.skipped, key=lambda entry: entry["line"]),
        "unfinished": sorted(outcome.unfinished, key=lambda entry: entry["line"]),
        "duplicates": duplicates,
        "assessed": outcome.assessed,
        "graded": outcome.graded,
        "deployed": outcome.deployed,
        "resolved": outcome.resolved,
        "closed": outcome.closed,
        "lost": lost,
        "seconds": round(seconds, 1),
        "rows_per_second": round(total / seconds, 1) if seconds else 0,
        "load": [round(x, 1) for x in os.getloadavg()],
        "latency_ms": {
            step: {f"p{p}": round(rules.percentile(values, p), 1) for p in (50, 95, 99)}
            for step, values in outcome.latency.items()
        },
    }
    if json:
        print(jsonlib.dumps(answer))
    else:
        _show(answer, console)
    return 1 if lost or duplicates or outcome.unfinished else 0


def read(file: Path, limit: int | None = None) -> tuple[list[rules.Row], list[dict], int]:
    """(rows, skipped, how many rows there were). Each row is parsed or reported by its line; an identical one is reported as such."""
    rows: list[rules.Row] = []
    skipped: list[dict] = []
    seen: dict[str, int] = {}
    total = 0
    for line, raw in _lines(file):
        if limit is not None and total >= limit:
            break
        total += 1
        try:
            row = rules.parse(line, raw)
        except rules.BadRow as bad:
            skipped.append({"line": line, "why": str(bad)})
            continue
        if row.key in seen:
            skipped.append({"line": line, "why": f"is the same, byte for byte, as line {seen[row.key]}"})
            continue
        seen[row.key] = line
        rows.append(row)
    return rows, skipped, total


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The data rows with their line numbers, without the header and blank lines."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as lines:
            header = next(lines, b"").decode("utf-8-sig", "replace").strip().split(",")
            if header != rules.HEADER:
                raise Unreadable(f"{file} does not begin with the line {','.join(rules.HEADER)}.")
            for number, raw in enumerate(lines, start=2):
                if raw.strip():
                    yield number, raw.rstrip(b"\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _pace(speed: str) -> float:
    try:
        pace = float(speed)
    except ValueError:
        pace = 0
    if not 0 < pace < 1e7:
        raise Unreadable(f"--speed is a number above 0, or max; not “{speed}”.")
    return pace


def _make_ready(force: str, rows: list[rules.Row], workers: int, console: Console) -> None:
    """The force, its policy, people, units and places; what is there already stays."""
    from django.db import transaction

    from watchroom.dispatch import actions as dispatch
    from watchroom.dispatch.models import Deployment, Unit
    from watchroom.force import actions as forces
    from watchroom.force import packs
    from watchroom.foundation import clock, scope
    from watchroom.gazetteer import actions as gazetteer
    from watchroom.staff import actions as staff
    from watchroom.staff.models import Member

    if not force.replace("-", "").isalnum() or not force.islower():
        raise Unreadable(f"“{force}” is not a code for a force: use lower-case letters, digits and hyphens.")
    console.print(f"Making the force “{force}” ready: {len(rows):,} rows", highlight=False)
    at = min((row.at for row in rows), default=clock.now())
    forces.found(code=force, name=f"Replay ({force})", timezone=str(rules.ZONE))
    with scope.use(force), transaction.atomic():
        from watchroom.force.models import PolicyVersion

        oldest = PolicyVersion.objects.order_by("effective_from").first()
        if oldest is None or oldest.effective_from > at:
            # a real day is judged by today's policy, which is taken to have been in force then
            forces.adopt(policy=packs.national(), by="system:replay", at=at)
        places = {row.place_reference: row for row in rows}
        gazetteer.load(
            beats=sorted({(row.beat, row.township.title() or "Unknown", False) for row in rows}),
            places=[
                gazetteer.Entry(
                    reference=reference,
                    kind="junction" if "&" in row.address else "address",
                    label=row.address.title(),
                    locality=f"{row.township.title()} {row.zip}".strip(),
                    beat=row.beat,
                    x=row.grid[0],
                    y=row.grid[1],
                    latitude=row.latitude,
                    longitude=row.longitude,
                )
                for reference, row in places.items()
            ],
            shapes=[],
        )
        for number in range(workers):
            if not Member.objects.filter(name=f"handler{number}").exists():
                staff.join(
                    name=f"handler{number}",
                    full_name=f"Replay handler {number + 1}",
                    roles=["handler", "despatcher"],
                    password="",
                    by="system:replay",
                    at=at,
                )
            for one in range(UNITS_A_WORKER):
                if not Unit.objects.filter(callsign=f"W{number}-{one}").exists():
                    dispatch.add(callsign=f"W{number}-{one}", crew=2, skills=[], beat=None, status=2, x=0, y=0, at=at)
        # where an earlier replay was cut off, its units are still on the way: each is sent anew with its row
        for left in Deployment.objects.filter(unit__callsign__regex=r"^W\d+-\d$", cleared_at=None):
            dispatch.clear(incident=left.incident_id, unit=left.unit_id, by="system:replay", at=left.assigned_at)


def _replay(force: str, rows: list[rules.Row], workers: int, pace: float | None, console: Console) -> worker.Outcome:
    """All rows through all stages; with a pace in the order and rhythm of the rows' own times."""
    outcome = worker.Outcome()
    columns = (
        TextColumn("Replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(rows), rate="")
        begun = time.monotonic()

        def done(part: worker.Outcome, count: int) -> None:
            outcome.add(part)
            progress.advance(task, count)
            progress.update(task, rate=f"{progress.tasks[0].completed / max(0.1, time.monotonic() - begun):.0f} rows/s")

        if pace is not None:
            one = worker.Replayer(force, 0)
            for row in sorted(rows, key=lambda r: r.at):
                due = begun + (row.at - rows[0].at).total_seconds() / pace
                time.sleep(max(0.0, due - time.monotonic()))
                done(one.run([row]), 1)
            return outcome
        from django.db import connections

        for connection in connections.all(initialized_only=True):
            connection.close()
        context = multiprocessing.get_context("spawn")
        numbers = context.Queue()
        for number in range(workers):
            numbers.put(number)
        batches = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
        with context.Pool(workers, worker.begin, (force, numbers)) as pool:
            for part in pool.imap_unordered(worker.work, batches):
                done(part, part.received + len(part.skipped))
    return outcome


def check(force: str, acknowledged: list[tuple[str, int]]) -> tuple[int, int]:
    """(lost, duplicates), by a look at the tables that knows nothing of the actions: every acknowledged key is one contact, once."""
    from django.db import connection, transaction

    from watchroom.foundation import scope

    with scope.use(force), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select id from contacts_contact")
        contacts = {pk for (pk,) in cursor.fetchall()}
        cursor.execute("select key, answer from foundation_command where name = 'contacts.receive'")
        keys = {key: int(answer) for key, answer in cursor.fetchall()}
    lost = sum(1 for key, contact in acknowledged if keys.get(key) != contact or contact not in contacts)
    duplicates = sum(count - 1 for count in Counter(contact for _, contact in acknowledged).values())
    return lost, duplicates


def _show(answer: dict, console: Console) -> None:
    for entry in answer["skipped"][:20]:
        print(f"line {entry['line']}: {entry['why']}; skipped")
    if len(answer["skipped"]) > 20:
        print(f"… and {len(answer['skipped']) - 20} more")
    for entry in answer["unfinished"][:20]:
        print(f"line {entry['line']}: not finished: {entry['why']}")
    for name in ("rows", "received", "repeated", "assessed", "graded", "deployed", "resolved", "closed", "lost", "duplicates"):
        print(f"{name:>12} {answer[name]:>9,}")
    print(f"{'seconds':>12} {answer['seconds']:>9,} ({answer['rows_per_second']} rows/s)")
    for step, figures in answer["latency_ms"].items():
        print(f"{step:>12} " + "  ".join(f"{name} {value:>7} ms" for name, value in figures.items()))
