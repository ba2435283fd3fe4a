"""`watchroom policy try`: whose suggested grade would a changed pack change? Read from the past; nothing is written."""

import json as jsonlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from django.db import connection, transaction

from watchroom.demand.actions import as_json
from watchroom.demand.queries import trial as past
from watchroom.demand.rules import trial
from watchroom.force import packs
from watchroom.force.policy import Policy
from watchroom.foundation import clock, scope


def try_pack(
    file: Annotated[Path, typer.Argument(help="The changed pack as TOML.")],
    force: Annotated[str, typer.Option(help="Whose incidents it is tried on.")],
    days: Annotated[int, typer.Option(min=1, max=3660, help="The decisions of so many days.")] = 31,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Whose suggested grade would this pack change? Tried on past decisions as they were assessed; nothing is written."""
    try:
        new = packs.load(file)
    except (packs.PackError, OSError) as error:
        print(f"watchroom: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    if force not in scope.forces():
        print(f"watchroom: there is no force “{force}” here. Known: {', '.join(scope.forces()) or 'none'}.", file=sys.stderr)
        raise typer.Exit(1)
    at = clock.now()
    with scope.use(force), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction read only")  # PostgreSQL itself refuses every write from here on
        decisions = past.decided(at - timedelta(days=days), at)
        policies = past.policies_of(decisions)
        found = trial.run(_watched(past.judged(decisions), len(decisions)), policies, new)
        labels = {entry.code: entry.label for entry in new.incident_types}
    print(
        jsonlib.dumps(as_json(found, force, days, new), ensure_ascii=False) if json else as_text(found, force, days, new, labels)
    )


def _watched(rows: Iterator[trial.Judged], total: int) -> Iterator[trial.Judged]:
    """The same rows; on a console, how far it is, twice a second at most, and on stderr so that the result stays clean."""
    shown = 0.0
    for number, row in enumerate(rows, start=1):
        yield row
        if sys.stderr.isatty() and ((now := time.monotonic()) - shown > 0.5 or number == total):
            shown = now
            print(f"\r{number:,} of {total:,} decisions", end="\n" if number == total else "", file=sys.stderr, flush=True)


def as_text(found: trial.Trial, force: str, days: int, new: Policy, labels: dict[str, str]) -> str:
    if not found.tried:
        return f"{force} decided no grade in the last {days} days: there is nothing to try this on."
    lines = [
        f"{found.tried:,} decisions of {force} in the last {days} days, each by the policy of its day and by {new.version}:",
        _counts("all", found.directions),
        "",
        "By vulnerability, as it was known at the decision:",
        *(
            _counts(name, found.by_vulnerability[key])
            for key, name in ((True, "vulnerable"), (False, "others"))
            if key in found.by_vulnerability
        ),
    ]
    moved = {kind: counts for kind, counts in found.by_type.items() if counts["same"] < counts.total()}
    if moved:
        lines += ["", "By type, where anything changes:"]
        lines += [_counts(labels.get(kind, kind), counts) for kind, counts in sorted(moved.items())]
    for direction, title in (("down", "Less urgent"), ("up", "More urgent"), ("unknown", "Not comparable")):
        group = [one for one in found.changes if one.direction == direction]
        if group:
            lines += ["", f"{title}:"]
            for one in sorted(group, key=lambda one: (not one.row.is_vulnerable, one.row.at)):
                vulnerable = ", vulnerable" if one.row.is_vulnerable else ""
                lines.append(
                    f"  log {one.row.log} of {one.row.day:%d %b %Y}, {labels.get(one.row.kind, one.row.kind)}{vulnerable}:"
                    f" {one.before or 'none'} → {one.after or 'none'}, decided {one.row.decided}. {' '.join(one.because)}"
                )
    if found.otherwise_stored:
        logs = ", ".join(f"{row.log} of {row.day:%d %b}" for row in found.otherwise_stored[:5])
        lines += [
            "",
            f"Of {len(found.otherwise_stored):,} the rules no longer suggest what was stored at the decision (log {logs}"
            f"{' …' if len(found.otherwise_stored) > 5 else ''}): read these with care.",
        ]
    return "\n".join([*lines, "", "Suggestions only: what a person decided stays as it is. Nothing was written."])


def _counts(name: str, counts: Counter[trial.Direction]) -> str:
    total = counts.total()
    changed = total - counts["same"]
    unknown = f", {counts['unknown']:,} not comparable" if counts["unknown"] else ""
    return (
        f"  {name}: {changed:,} of {total:,} change ({100 * changed / total:.1f} %),"
        f" {counts['up']:,} more urgent, {counts['down']:,} less urgent{unknown}"
    )
