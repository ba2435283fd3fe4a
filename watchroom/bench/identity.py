"""How well and how fast is a caller found? People and later calls from files, through the real tables and the real code.

    watchroom bench identity --people P.parquet --queries Q.parquet --results R.parquet --json

The files are Parquet or CSV with the columns `unique_id, first_name, surname, dob, postcode, town, street, phone, email`; any may
be missing or empty. Who stands on several rows, with one `unique_id`, is one person described in as many ways. Queries may have
`truth`, the unique_id of who really calls, empty or -1 for somebody who is not on record; figures that need it are null without it.
"""

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

from watchroom.bench import everyone, ground
from watchroom.bench.figures import FIGURES, calibration_error, figures, percentiles
from watchroom.identity.likeness import words
from watchroom.identity.likeness.words import Said

FORCE = "bench-identity"
COLUMNS = {
    "given": ("first_name", "given_name", "forename"),
    "family": ("surname", "last_name", "family_name"),
    "born_on": ("dob", "date_of_birth", "born"),
    "postcode_of": ("postcode", "postcode_fake", "zip"),
    "town": ("town", "city", "birth_place", "suburb"),
    "street": ("street", "address", "address_1"),
    "number": ("phone", "telephone", "phone_number"),
    "email": ("email",),
}
SHOWN = 5  # candidates of a query in the results
INSERTS = 500
YESTERDAY = 1000  # calls from which it is learnt how often callers are on record


class Unreadable(RuntimeError):
    """The file is not one that can be measured; the message says why."""


def run(arguments: Sequence[str]) -> int:
    """The exit status: 0, or 2 with a sentence where a file cannot be read."""
    parser = argparse.ArgumentParser(
        "watchroom bench identity", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--people", type=Path, required=True, help="who is on record")
    parser.add_argument("--queries", type=Path, required=True, help="who calls later")
    parser.add_argument("--results", type=Path, help="where to write whom each query found (Parquet)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    asked = parser.parse_args(list(arguments))
    try:
        for file in (asked.people, asked.queries):
            if not file.exists():
                raise Unreadable(f"There is no file {file}.")
            columns(file)
    except Unreadable as error:
        print(f"watchroom bench identity: {error}", file=sys.stderr)
        return 2
    files = (str(asked.people), str(asked.queries), str(asked.results or ""))
    return ground.measured("watchroom.bench.identity", *files, as_json=asked.json)


# --- Files


def _reader(file: Path) -> str:
    quoted = str(file).replace("'", "''")
    return f"read_csv('{quoted}', all_varchar=true)" if ".csv" in file.name else f"read_parquet('{quoted}')"


def columns(file: Path) -> list[str]:
    """The names of a file's columns. Raises Unreadable with what is wrong."""
    import duckdb

    try:
        described = duckdb.connect().execute(f"describe select * from {_reader(file)}").fetchall()
    except duckdb.Error as error:
        raise Unreadable(f"{file} cannot be read: {str(error).splitlines()[0]}") from None
    names = [str(name) for name, *_ in described]
    if "unique_id" not in names:
        raise Unreadable(f"{file} has no column unique_id; its columns are {', '.join(names)}.")
    return names


def rows(file: Path, *extra: str) -> Iterator[tuple]:
    """(unique_id, the fields of COLUMNS in order, and the extra columns): None for what a row or the file does not have."""
    import duckdb

    there = columns(file)
    wanted = ["unique_id"]
    for names in COLUMNS.values():
        found = next((name for name in names if name in there), None)
        wanted.append(f"nullif(trim(\"{found}\"::varchar), '')" if found else "null")
    wanted += [f'"{name}"' if name in there else "null" for name in extra]
    connection = duckdb.connect()
    reading = connection.execute(f"select {', '.join(wanted)} from {_reader(file)}")
    while batch := reading.fetchmany(10_000):
        yield from batch


def id_type(file: Path) -> str:
    import duckdb

    return str(duckdb.connect().execute(f"describe select unique_id from {_reader(file)}").fetchall()[0][1])


# --- Measuring, in a process of its own on a database that is thrown away


def measure(people: Path, queries: Path, results: Path | None) -> dict[str, Any]:
    from django.db import connection, transaction

    from watchroom.foundation import clock, scope
    from watchroom.identity import finding

    ground.found(FORCE)
    load = ground.load_of_machine()
    with scope.use(FORCE):
        begun = time.perf_counter()
        ids = everyone.load(_people(people), told=_progress)
        counted = time.perf_counter()
        with transaction.atomic():
            finding.count(at=clock.now())
            with connection.cursor() as cursor:
                cursor.execute("select min(person_id) from identity_description")
                first = cursor.fetchone()[0] or 0
        build = time.perf_counter() - begun
        _vacuum()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_total_relation_size('identity_person') + pg_total_relation_size('identity_description')")
            size = cursor.fetchone()[0]
        outcome = [_ask(row, ids, first) for row in _warm(list(rows(queries, "truth")))]
        inserts = _inserts(people)
    has_truth = "truth" in columns(queries)
    answer = {
        "people": len(ids),
        "queries": len(outcome),
        "build_s": round(build, 1),
        "load_s": round(counted - begun, 1),
        "bytes_per_person": round(size / len(ids)) if ids else None,
        "lookup_ms": percentiles([one["ms"] for one in outcome]),
        "insert_ms": percentiles(inserts),
        **(figures(outcome) if has_truth else dict.fromkeys(FIGURES)),
        "ece_confirmed": confirmed_error(outcome) if has_truth else None,
        "candidates_mean": round(sum(one["candidates"] for one in outcome) / max(1, len(outcome)), 1),
        "cpus": os.cpu_count(),
        "load_before": load,
        "load_after": ground.load_of_machine(),
    }
    if results:
        write(results, outcome, id_type(people), id_type(queries))
    return answer


def _people(file: Path) -> Iterator[tuple[Any, Said]]:
    for identifier, *fields in rows(file):
        yield identifier, words.said(**dict(zip(COLUMNS, fields, strict=True)))


def _warm(asked: list[tuple]) -> list[tuple]:
    """What is only slow the first time (counts, plans, pages) is not measured: some queries go through before."""
    for row in asked[:200]:
        _ask(row, [], 0)
    _learn(asked[:YESTERDAY])
    gc.collect()
    gc.freeze()  # the ids of all people lie in this process's memory for the results only; a web process has no such thing to walk through
    return asked


def _learn(rows: list[tuple]) -> None:
    """What the nightly task does with yesterday's calls: how often callers here are on record. Their truth is not looked at."""
    from watchroom.foundation import clock
    from watchroom.identity import finding

    said = [words.said(**dict(zip(COLUMNS, row[1:-1], strict=True))) for row in rows]
    learnt = finding.learn(said, at=clock.now())
    print(f"  of those who call, {learnt.known:.0%} seem to be on record", file=sys.stderr, flush=True)


def _ask(row: tuple, ids: list[Any], first: int) -> dict[str, Any]:
    from django.db import connection, transaction

    from watchroom.identity import finding

    identifier, *fields, truth = row
    truth = same(truth)
    given = dict(zip(COLUMNS, fields, strict=True))
    with transaction.atomic():
        connection.say()  # type: ignore[attr-defined]  # it is one of several things in a transaction
        begun = time.perf_counter()
        said = words.said(**given)
        explained = finding.explain(said, finding.verdicts(said, SHOWN))  # as a screen asks it
        took = (time.perf_counter() - begun) * 1000
        found = finding.verdicts(said)  # and all who were found, for the figures
    who = [ids[one.record - first] if ids else one.record for one in found]
    return {
        "query": identifier,
        "ms": took,
        "candidates": len(found),
        "truth": None if truth in ("", "-1") else truth,
        "found": [(same(who[n]), one.probability, one.relation) for n, one in enumerate(found)],
        "explained": len(explained),
    }


def confirmed_error(outcome: Sequence[dict[str, Any]]) -> float | None:
    """The calibration error of one half of the queries, after handlers confirmed whom they could in the other: who is on record and shown.

    The halves are drawn by a sum over the query's id: a file may well name known and new callers by turns.
    """
    from watchroom.identity.finding import SHOWN as LEAST
    from watchroom.identity.likeness import calibration

    confirmed, others_half = list[calibration.Call](), list[tuple[calibration.Call, bool]]()
    for one in outcome:
        if one["found"]:
            (who, likeliest, _), *others = one["found"]
            shown = [who] + [other for other, probability, _ in others[: SHOWN - 1] if probability >= LEAST]
            is_right = one["truth"] == who if one["truth"] in shown else None
            call = calibration.Call(likeliest, sum(probability for _, probability, _ in others), is_right)
            if crc32(str(one["query"]).encode()) % 2:
                confirmed.append(call)
            else:
                others_half.append((call, one["truth"] == who))
    correction = calibration.learnt(confirmed)
    after = [
        (call.likeliest * min(correction.of(call.likeliest) / call.likeliest, 1 / (call.likeliest + call.others)), is_right)
        for call, is_right in others_half
    ]
    return round(calibration_error(after), 4) if after else None


def same(identifier: Any) -> str:
    """An id as one text, whatever type its file gives it: 5, 5.0 and "5" are one person, and nothing is nobody."""
    if identifier is None or identifier != identifier:  # a number that is none
        return ""
    if isinstance(identifier, float) and identifier.is_integer():
        return str(int(identifier))
    return str(identifier).strip()


def _inserts(file: Path) -> list[float]:
    """How long until a new description is committed and findable."""
    from django.db import transaction

    from watchroom.foundation import clock
    from watchroom.identity import finding
    from watchroom.identity.models import Person

    took = []
    for number, (_, *fields) in enumerate(rows(file)):
        if number >= INSERTS:
            break
        said = words.said(**dict(zip(COLUMNS, fields, strict=True)))
        begun = time.perf_counter()
        with transaction.atomic():
            person = Person.objects.create(given_name=said.given[:60], family_name=said.family[:60])
            finding.describe(person=person.pk, said=said, source="bench", at=clock.now())
        took.append((time.perf_counter() - begun) * 1000)
    return took


def _vacuum() -> None:
    from watchroom.foundation import roles

    with roles.connect(os.environ["WATCHROOM_OWNER_URL"]) as owner:
        owner.execute("vacuum (analyze) identity_description")
        owner.execute("vacuum (analyze) identity_person")


def _progress(count: int) -> None:
    if count % 50_000 < everyone.BATCH:
        print(f"  {count:,} people are in", file=sys.stderr, flush=True)


def write(results: Path, outcome: Sequence[dict[str, Any]], people: str, queries: str) -> None:
    """Whom each query found, as Parquet: query_id, rank from 1, person_id, probability, relation; the ids in the type they came in."""
    import csv
    import tempfile

    import duckdb

    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(("query_id", "rank", "person_id", "probability", "relation"))
        for one in outcome:
            for rank, (who, probability, relation) in enumerate(one["found"], start=1):
                lines.writerow((one["query"], rank, who, f"{probability:.9f}", relation))
        file.flush()
        target = str(results).replace("'", "''")
        types = {"query_id": queries, "rank": "INTEGER", "person_id": people, "probability": "DOUBLE", "relation": "VARCHAR"}
        duckdb.sql(f"copy (select * from read_csv('{file.name}', header=true, columns={types})) to '{target}' (format parquet)")


def main(people: str, queries: str, results: str) -> None:
    ground.ready()
    print(json.dumps(measure(Path(people), Path(queries), Path(results) if results else None)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
