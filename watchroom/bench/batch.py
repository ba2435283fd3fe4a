"""Who stands twice in the whole record: Splink's look beside our own, on the same made-up people.

    watchroom bench batch [--people 100000] [--own] [--json]

Every twentieth person stands there a second time, as they would be heard later. `--own` lets our own look go through the same people
as well, which takes as long as it takes. The descriptions are loaded before the clock runs.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from typing import Any

from watchroom.bench import everyone, ground

FORCE = "bench-batch"
EVERY = 20
SURE = 0.99


def run(arguments: Sequence[str]) -> int:
    """The exit status: 0, or 2 where Splink is not installed."""
    parser = argparse.ArgumentParser("watchroom bench batch", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--own", action="store_true", help="our own look, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    asked = parser.parse_args(list(arguments))
    from watchroom.identity.batch import run as batch

    try:
        batch.python()
    except batch.CannotLink as error:
        print(f"watchroom bench batch: {error}", file=sys.stderr)
        return 2
    arguments = (str(asked.people), str(asked.seed), str(int(asked.own)))
    return ground.measured("watchroom.bench.batch", *arguments, as_json=asked.json)


def measure(people: int, seed: int, *, own: bool) -> dict[str, Any]:
    from django.db import transaction

    from watchroom.foundation import clock, scope
    from watchroom.identity import finding, twins
    from watchroom.identity.batch import run as batch

    ground.found(FORCE)
    twins.MOST_OPEN = 10**9  # all that is found is proposed, so that it can be counted
    with scope.use(FORCE):
        truth = _load(people, seed)
        with transaction.atomic():
            finding.count(at=clock.now())
        answer: dict[str, Any] = {
            "people": people,
            "descriptions": people + len(truth),
            "twice": len(truth),
            "cpus": os.cpu_count(),
        }
        phases = _Phases()
        answer["load_before"] = ground.load_of_machine()
        done = batch.run(at=clock.now(), told=phases.told)
        theirs = _proposed()
        answer["splink"] = {
            **phases.seconds(),
            "gone": done.gone,
            **_figures(theirs, truth),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
            "own_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "load_after": ground.load_of_machine(),
        }
        if own:
            begun = time.perf_counter()
            twins.sweep(at=clock.now(), told=_shown)
            took, ours = round(time.perf_counter() - begun, 1), _proposed()
            answer["own"] = {"s": took, **_figures(ours, truth), "load_after": ground.load_of_machine()}
            answer["sure_of_both"] = len(_sure(ours) & _sure(theirs))
    return answer


class _Phases:
    """How long each part took: reading, comparing, going through what was found."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.ended: dict[str, float] = {}

    def told(self, what: str, done: int, total: int) -> None:
        self.ended[what] = time.perf_counter()
        print(f"  {what}: {done:,}", file=sys.stderr, flush=True)

    def seconds(self) -> dict[str, float]:
        before, told = self.begun, {}
        for what, at in self.ended.items():
            told[what] = round(at - before, 1)
            before = at
        return {**told, "s": round(time.perf_counter() - self.begun, 1)}


def _shown(done: int, total: int) -> None:
    if done % 20_000 < 200:
        print(f"  our own look: {done:,} of {total:,}", file=sys.stderr, flush=True)


def _load(people: int, seed: int) -> set[tuple[int, int]]:
    """Load them; which two records are of one person."""
    from django.db import transaction

    from watchroom.identity.models import Person
    from watchroom.identity.training.fit import said_of
    from watchroom.identity.training.people import PROFILES, Row, Town

    town = Town(people, seed=seed, profile=PROFILES[0])
    again = town.chance.sample(town.whole, people // EVERY)
    rows: list[Row] = [*town.records, *(town._on_record(town._later(row)) for row in again)]
    everyone.load(enumerate(map(said_of, rows)))
    with transaction.atomic():
        ids = list(Person.objects.order_by("pk").values_list("pk", flat=True))
    return {(ids[row.unique_id], ids[people + n]) for n, row in enumerate(again)}


Pairs = dict[tuple[int, int], float]


def _proposed() -> Pairs:
    """What was proposed, and how probable it was; removed, so that another look begins with nothing."""
    from django.db import transaction

    from watchroom.identity.models import Twins

    with transaction.atomic():
        found = {(pair.one_id, pair.other_id): pair.probability or 0.0 for pair in Twins.objects.all()}
        Twins.objects.all().delete()
    return found


def _sure(found: Pairs) -> set[tuple[int, int]]:
    return {pair for pair, probability in found.items() if probability >= SURE}


def _figures(found: Pairs, truth: set[tuple[int, int]]) -> dict[str, Any]:
    right = len(found.keys() & truth)
    return {
        "proposed": len(found),
        "right": round(right / max(1, len(found)), 4),
        "of_all_twice": round(right / max(1, len(truth)), 4),
        "sure": len(_sure(found)),
        "sure_right": round(len(_sure(found) & truth) / max(1, len(_sure(found))), 4),
    }


if __name__ == "__main__":
    ground.ready()
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), own=sys.argv[3] == "1")), flush=True)
