"""Who stands twice in the whole record? Splink finds the pairs, by our model and our keys; they are proposed as all others are.

    watchroom identity batch --force northmoor [--min 0.9]

What the force's descriptions say leaves the database through the force's own scope, into a folder that only its owner may enter,
for a process that knows no database (`linking.py`). The folder is gone afterwards, whatever happens; what a killed run left is
removed by the next one, and by the worker within the hour. Splink compares words; our own verdict on each pair that it finds keeps
a household from being taken for one person, and gives the reasons. Another run finds the same and proposes nothing twice.
"""

import contextlib
import csv
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from watchroom.foundation import embedded, locks, supervise
from watchroom.identity import finding, twins
from watchroom.identity.batch import linking
from watchroom.identity.finding import Named
from watchroom.identity.likeness import keys, model, verdict
from watchroom.identity.likeness.verdict import Found
from watchroom.identity.models import Description, Sweep, Twins

PLACE = "WATCHROOM_SPLINK"  # the Python of an environment that has Splink
OWN = Path(__file__).resolve().parents[3] / ".splink" / "bin" / "python"  # what `make splink` makes
MEMORY = "2GB"  # of DuckDB; what does not fit is spilt into the same folder
CHUNK = 50_000  # descriptions on one side at a time: bounds the memory, and says how far it is
LOOKS_EVERY = 0.2  # seconds, how far it is
Told = Callable[[str, int, int], None]  # what is done now, how many are done, of how many


class CannotLink(RuntimeError):
    """Splink could not look; the message says why, and what to do."""


@dataclass(frozen=True)
class Linked:
    """What came of it: descriptions compared, pairs of Splink gone through, proposed anew, and whether all of them were gone through."""

    looked: int
    gone: int
    proposed: int
    is_done: bool


def python() -> str:
    """The interpreter that has Splink. Raises CannotLink."""
    named = os.environ.get(PLACE, "")
    if named or OWN.exists():
        return named or str(OWN)
    if importlib.util.find_spec("splink"):
        return sys.executable
    raise CannotLink(
        "Splink is not installed here. Run `make splink`, or name the Python of an environment that has it in"
        f" {PLACE}. Without it `watchroom identity twins` looks by our own means."
    )


def run(*, at: datetime, least: float | None = None, told: Told = lambda what, done, total: None) -> Linked:
    """Look through the whole record of the force in scope. `least`: how probable a pair has to be; as “likely” without it.

    Raises CannotLink; what was proposed before that stays.
    """
    interpreter, least = python(), verdict.shipped().likely if least is None else least
    with _private_folder() as folder:
        looked = _export(folder, told)
        with transaction.atomic():
            sweep = Sweep.objects.create(way=Sweep.Way.SPLINK, begun_at=at, looked=looked, total=looked)
            _order(folder, size=finding.counts().size, least=least)
        _link(interpreter, folder, told)
        name = f"Splink {folder.joinpath('version').read_text()}, model {_model_digest()[:12]}"
        with folder.joinpath("pairs.csv").open(newline="", encoding="utf-8") as file:
            total = sum(1 for _ in file) - 1
            file.seek(0)
            gone, proposed, is_done = _propose(csv.DictReader(file), total, name, least, at, told)
    with transaction.atomic():
        sweep.model, sweep.proposed, sweep.ended_at = name, proposed, at if is_done else None
        sweep.save(update_fields=["model", "proposed", "ended_at"])
    return Linked(looked, gone, proposed, is_done)


# --- The folder


def _base() -> Path:
    base = Path(settings.WATCHROOM_DATA) / "batch"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    return base


@contextlib.contextmanager
def _private_folder() -> Iterator[Path]:
    """One run at a time on a machine, so that whatever else is in there was left by one that was killed."""
    lock = embedded.locked(_base() / "lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        raise CannotLink("Splink is looking through a record on this machine already. Try again when it is done.")
    try:
        _clear()
        yield Path(tempfile.mkdtemp(dir=_base()))  # 0700
    finally:
        _clear()
        os.close(lock)


def _clear() -> None:
    for left in _base().iterdir():
        if left.is_dir():
            shutil.rmtree(left)


def forget_leftovers() -> None:
    """Remove what a run left that was killed. Does nothing while one is under way."""
    lock = embedded.locked(_base() / "lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is not None:
        try:
            _clear()
        finally:
            os.close(lock)


def _file(path: Path) -> TextIO:
    """A new one that only its owner may read."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", newline="", encoding="utf-8")


@contextlib.contextmanager
def _table(path: Path, *columns: str) -> Iterator[Any]:
    """The same as CSV."""
    with _file(path) as opened:
        lines = csv.writer(opened)
        lines.writerow(columns)
        yield lines


def _export(folder: Path, told: Told) -> int:
    """All descriptions by which somebody is found, one by one, and how frequent their names are. Returns how many."""
    names: dict[str, set[str]] = {"given": set(), "family": set()}
    number = 0
    with transaction.atomic():
        known, rows = finding.counts(), Description.objects.exclude(keys=[]).order_by()
        total = rows.count()
        with _table(folder / "people.csv", "unique_id", "person", *linking.FIELDS, "roots", "keys") as lines:
            for number, row in enumerate(rows.iterator(chunk_size=5000), start=1):
                said = finding.said_of(row)
                if "~" in said.born:  # an age is no date: Splink's comparison would take it for one
                    said = said._replace(born="")
                fields = [getattr(said, field) for field in linking.FIELDS]
                lines.writerow([row.pk, row.person_id, *fields, "|".join(sorted(said.roots)), " ".join(map(str, row.keys))])
                for field, seen in names.items():
                    seen.add(getattr(said, field))
                if number % 10_000 == 0 or number == total:
                    told("descriptions read", number, total)
        with _table(folder / "frequency.csv", "field", "word", "share") as lines:
            for field, seen in names.items():
                shares = ((word, known.frequency(field, word)) for word in sorted(seen - {""}))
                lines.writerows((field, word, share) for word, share in shares if share is not None)
    return number


def _order(folder: Path, *, size: int, least: float) -> None:
    job = {
        "settings": as_splink(_model_settings(), size=size),
        "least": least,
        "cap": keys.cap(),
        "chunk": CHUNK,
        "memory": MEMORY,
        "threads": max(1, (os.cpu_count() or 2) - 1),  # one is left for those who answer calls
    }
    with _file(folder / "job.json") as opened:
        json.dump(job, opened)


def _model_file() -> bytes:
    return resources.files("watchroom.identity").joinpath("data/model.json").read_bytes()


def _model_settings() -> dict[str, Any]:
    settings_: dict[str, Any] = json.loads(_model_file())
    return settings_


def _model_digest() -> str:
    return hashlib.sha256(_model_file()).hexdigest()


def as_splink(trained: dict[str, Any], *, size: int) -> dict[str, Any]:
    """The trained model as it holds among `size` descriptions, and our keys as the rule by which pairs are found.

    As in `verdict.masses`: of so many, one in `size` shares a number or an address by chance, where that is rarer than in training.
    """
    odds = finding.TWICE / (1 - finding.TWICE) / max(size, 1)
    comparisons = [
        one
        | {
            "comparison_levels": [
                level | {"u_probability": min(level["u_probability"], 1 / size)}
                if (one["output_column_name"], level["label_for_charts"]) in model.SHARED
                else level
                for level in one["comparison_levels"]
            ]
        }
        for one in trained["comparisons"]
    ]
    by_keys = {"blocking_rule": 'l."keys" = r."keys"', "sql_dialect": "duckdb", "arrays_to_explode": ["keys"]}
    return trained | {
        "comparisons": comparisons,
        "probability_two_random_records_match": odds / (1 + odds),
        "blocking_rules_to_generate_predictions": [by_keys],
        "additional_columns_to_retain": ["person"],
        "retain_intermediate_calculation_columns": False,
    }


# --- Splink's process


def _link(interpreter: str, folder: Path, told: Told) -> None:
    """Until it is done. It gets no password and no address of a database: nothing of our environment but where programs are."""
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder)}
    process = _start([interpreter, "-I", linking.__file__, str(folder)], environment, folder)
    shown = ""
    try:
        while process.poll() is None:
            time.sleep(LOOKS_EVERY)
            shown = _show(folder, shown, told)
        _show(folder, shown, told)
    finally:
        supervise.end(process)
    if process.returncode:
        failed = folder / "failed"
        why = failed.read_text() if failed.exists() else f"status {process.returncode}"
        raise CannotLink(
            f"Splink did not get to the end ({why}). Nothing was proposed, and nothing of the record is left behind."
        )


def _start(argv: list[str], environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    _file(folder / "said").close()
    try:
        return supervise.start(argv, env=environment, cwd=str(folder), log=folder / "said")
    except OSError:
        raise CannotLink(f"{argv[0]} cannot be started. Run `make splink`, or set {PLACE}.") from None


def _show(folder: Path, shown: str, told: Told) -> str:
    with contextlib.suppress(FileNotFoundError):
        if (said := folder.joinpath("progress").read_text()) != shown:
            done, total = map(int, said.split())
            told("descriptions compared", done, total)
            return said
    return shown


# --- What was found


def _propose(
    pairs: Iterable[dict[str, str]], total: int, name: str, least: float, at: datetime, told: Told
) -> tuple[int, int, bool]:
    """(pairs gone through, proposed anew, whether all were gone through). The likeliest come first."""
    gone = proposed = 0
    rest = iter(pairs)
    while batch := list(islice(rest, twins.CHUNK)):
        with transaction.atomic():
            locks.hold(twins.LOCK)
            if Twins.objects.filter(judged="", undone_at=None).count() >= twins.MOST_OPEN:
                return gone, proposed, False
            for one, other in _not_yet(batch):
                found = judged(one, other.person_id, least=least)
                if found and twins.propose(one.person_id, found, source="splink", model=name, at=at):
                    proposed += 1
        gone += len(batch)
        told("pairs gone through", gone, total)
    return gone, proposed, True


def _not_yet(batch: Iterable[dict[str, str]]) -> list[tuple[Description, Description]]:
    """Those of whom nobody has proposed or judged anything, and who are two still."""
    wanted = [(int(row["one"]), int(row["other"])) for row in batch]
    rows = Description.objects.exclude(keys=[]).in_bulk([pk for pair in wanted for pk in pair])
    pairs = [(rows[one], rows[other]) for one, other in wanted if one in rows and other in rows]
    people = {row.person_id for pair in pairs for row in pair}
    there = Twins.objects.filter(Q(one_id__in=people, other_id__in=people), undone_at=None).values_list("one_id", "other_id")
    known = {frozenset(pair) for pair in there}
    return [
        (one, other)
        for one, other in pairs
        if one.person_id != other.person_id and frozenset((one.person_id, other.person_id)) not in known
    ]


def judged(row: Description, other: int, *, least: float) -> Named | None:
    """As the nightly look judges: this very person and not somebody of their household, by all descriptions of the other."""
    said, known = finding.said_of(row), finding.counts()
    theirs = Description.objects.filter(person_id=other).exclude(keys=[])
    belief = replace(verdict.shipped(), known=finding.TWICE)
    found = Found.of((other, finding.said_of(one)) for one in theirs)
    best = verdict.judge(said, found, model=model.shipped(), frequency=known.frequency, size=known.size, belief=belief)[0]
    if best.probability < max(least, best.household):  # somebody else of their household is likelier
        return None
    return finding.explain(said, [best], least=0.0)[0]
