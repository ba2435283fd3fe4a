"""`watchroom identity import`, `twins` and `batch`: how far it is on stderr, what came of it on stdout, bad rows by line."""

import json as jsonlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.db import ProgrammingError

from watchroom.foundation import clock, scope, supervise
from watchroom.foundation.errors import Refused
from watchroom.identity import importing, twins
from watchroom.identity.batch import run as batch


def bring_in(*, file: Path, source: str, mapping: Path | None, force: str, json: bool) -> int:
    """Exit status 0; 1 where a row could not be used; 2 where nothing could."""
    if not _is_known(force):
        return 2
    try:
        with scope.use(force):
            done = importing.bring_in(
                file,
                source=source,
                columns=importing.mapping(mapping),
                by="system:import",
                at=clock.now(),
                told=_progress("rows"),
            )
    except Refused as error:
        print(f"watchroom: {error}", file=sys.stderr)
        return 2
    if json:
        print(jsonlib.dumps(importing.as_json(done), ensure_ascii=False))
    else:
        print(
            f"{done.rows:,} rows of {source}: {done.brought:,} people brought in, {done.changed:,} with something new,"
            f" {done.same:,} as they were, {done.skipped:,} done before, {done.bad_total:,} not usable."
        )
        for one in done.bad[:50]:
            print(f"  row {one.line}: {one.why}")
        if done.bad:
            print(
                "  Rows are counted with the head, without empty lines. Put them right, and run this again: what came in stays."
            )
        if done.bad_total > 50:
            print(f"  … and {done.bad_total - 50:,} more; --json has up to {importing.BAD_SHOWN:,} of them.")
    return 1 if done.bad_total else 0


def look_for_twins(*, force: str) -> int:
    """Exit status 0; 2 where there is no such force."""
    if not _is_known(force):
        return 2
    with scope.use(force):
        done = twins.sweep(at=clock.now(), told=_progress("descriptions"))
    _after_progress(done.is_done)
    print(
        f"{done.looked:,} descriptions looked at, {done.proposed:,} {'pair' if done.proposed == 1 else 'pairs'} proposed: /identity/pairs/"
    )
    if not done.is_done:
        print(f"{twins.MOST_OPEN} pairs wait to be judged. It goes on from here when some are.")
    return 0


def look_by_splink(*, force: str, least: float | None) -> int:
    """Exit status 0; 1 where Splink could not look; 2 where there is no such force."""
    if not _is_known(force):
        return 2
    shown: dict[str, Callable[[int, int], None]] = {}

    def told(what: str, done: int, total: int) -> None:
        shown.setdefault(what, _progress(what))(done, total)

    try:
        with supervise.stopping_on_signals(), scope.use(force):
            done = batch.run(at=clock.now(), least=least, told=told)
    except batch.CannotLink as error:
        print(f"watchroom: {error}", file=sys.stderr)
        return 1
    except supervise.Stop:
        print("watchroom: stopped. What was proposed stays; nothing of the record is left behind.", file=sys.stderr)
        return 130
    print(
        f"{done.looked:,} descriptions compared, {done.gone:,} pairs gone through, {done.proposed:,} proposed: /identity/pairs/"
    )
    if not done.is_done:
        print(f"{twins.MOST_OPEN} pairs wait to be judged. Another run goes on when some are.")
    return 0


def _is_known(force: str) -> bool:
    try:
        known = scope.forces()
    except ProgrammingError:  # the tables are not there
        says = "the database is not set up yet: `watchroom migrate` does it. WATCHROOM_DATA says where the state lies."
        print(f"watchroom: {says}", file=sys.stderr)
        return False
    if force in known:
        return True
    print(f"watchroom: there is no force “{force}” here. Known: {', '.join(known) or 'none'}.", file=sys.stderr)
    return False


def _progress(what: str) -> Callable[[int, int], None]:
    """How far it is: on a terminal twice a second, elsewhere (a log) once a minute."""
    shown = time.monotonic() if not sys.stderr.isatty() else 0.0

    def told(done: int, total: int) -> None:
        nonlocal shown
        is_live, is_over = sys.stderr.isatty(), done >= total
        if (now := time.monotonic()) - shown > (0.5 if is_live else 60) or (is_live and is_over):
            shown = now
            says = f"{done:,} of {total:,} {what}"
            print(f"\r{says}" if is_live else says, end="" if is_live and not is_over else "\n", file=sys.stderr, flush=True)

    return told


def _after_progress(is_done: bool) -> None:
    """What did not get to the end has left its line open."""
    if not is_done and sys.stderr.isatty():
        print(file=sys.stderr)
