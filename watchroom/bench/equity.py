"""Is everybody found equally well? Recall and wrong names by origin of the name, sex and age, on people who never were.

    watchroom bench equity [--people 40000] [--calls 6000]

Named means: first on the list as the same person, at a probability from which the screen says “likely”. A group of callers is named
less often than another (`recall`) or more often taken for somebody else (`wrong`): a gap above three points is a defect to explain or
mend. Nobody real is in it: what origin, sex or age somebody has is known only of people who were made up.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchroom.resolution.quality.rules import interval

AGES = ((25, "under 25"), (40, "25 to 39"), (65, "40 to 64"), (200, "65 and over"))
TODAY = 2026  # of the made-up people: whose age is counted does not change with the day of the run


@dataclass(frozen=True)
class Call:
    """One call: who it is of, and whom the lookup named; `named` and `truth` are None for nobody."""

    groups: tuple[tuple[str, str], ...]  # ("origin", "south asian"), ("sex", "f"), ("age", "25 to 39")
    truth: int | None
    named: int | None


def rates(calls: Iterable[Call]) -> dict[str, dict[str, dict[str, Any]]]:
    """By kind of group and group: of those on record how many are named rightly, of all how many are named wrongly, in per cent.

    Each with its 95 % interval, and over each kind the gap between its best and its worst group.
    """
    counted: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0]))
    for call in calls:
        for kind, group in call.groups:
            found = counted[kind][group]
            found[0] += call.truth is not None
            found[1] += call.truth is not None and call.named == call.truth
            found[2] += 1
            found[3] += call.named is not None and call.named != call.truth
    answer: dict[str, dict[str, dict[str, Any]]] = {}
    for kind, groups in counted.items():
        answer[kind] = {
            group: {"on_record": known, "recall": _share(right, known), "calls": all_of, "wrong": _share(wrong, all_of)}
            for group, (known, right, all_of, wrong) in sorted(groups.items())
        }
        answer[kind]["gap"] = {what: _gap([row[what]["share"] for row in answer[kind].values()]) for what in ("recall", "wrong")}
    return answer


def _gap(shares: list[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return round(max(known) - min(known), 2) if known else None


def _share(part: int, whole: int) -> dict[str, Any]:
    between = interval(part, whole)
    return {
        "share": round(100 * part / whole, 2) if whole else None,
        "between": [round(end, 2) for end in between] if between else None,
    }


def run(arguments: Sequence[str]) -> int:
    """Makes the people, asks for them through `watchroom bench identity`, and prints one JSON object. Exit status that of the bench."""
    parser = argparse.ArgumentParser("watchroom bench equity", description=__doc__)
    parser.add_argument("--people", type=int, default=40_000)
    parser.add_argument("--calls", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=23)
    asked = parser.parse_args(list(arguments))

    import duckdb

    from watchroom.bench import peers
    from watchroom.identity.likeness import verdict
    from watchroom.identity.training.people import PROFILES, Town

    town = Town(asked.people, seed=asked.seed, profile=PROFILES[0])
    rows = list(town.calls(asked.calls))
    with tempfile.TemporaryDirectory() as folder:
        people, calls, results = (Path(folder) / name for name in ("people.csv", "calls.csv", "results.parquet"))
        peers.write(people, town.records, peers.COLUMNS)
        peers.write(calls, rows, (*peers.COLUMNS, "truth"))
        command = [sys.executable, "-m", "watchroom.cli", "bench", "identity", "--people", people, "--queries", calls]
        done = subprocess.run(
            [*map(str, command), "--results", str(results), "--json"], stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            return done.returncode
        likely = verdict.shipped().likely
        told = (
            duckdb.connect()
            .execute(
                f"select query_id, person_id from read_parquet('{results}')"
                f" where rank = 1 and relation = 'same_person' and probability >= {likely}"
            )
            .fetchall()
        )
    named = {int(query): int(person) for query, person in told}
    found = rates(
        Call(
            _groups(row, town.whole[row.truth].dob if row.truth != -1 else row.dob),
            row.truth if row.truth != -1 else None,
            named.get(row.unique_id),
        )
        for row in rows
    )
    print(json.dumps({"people": asked.people, "calls": len(rows), "named_from": likely, **found}))
    return 0


def _groups(row: Any, born: str | None) -> tuple[tuple[str, str], ...]:
    """`born` is the person's own date of birth, which they may not have said."""
    groups = [("origin", row.origin), ("sex", row.sex)]
    if born:
        age = TODAY - int(born[:4])
        groups.append(("age", next(name for below, name in AGES if age < below)))
    return tuple(pair for pair in groups if pair[1])
