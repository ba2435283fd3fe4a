"""What do others do with the same people and the same calls? Splink, PostgreSQL's trigrams and a text engine, beside our own lookup.

    make bench-identity [PEOPLE=100000] [CALLS=400]

Our own figures come from `watchroom bench identity` on the very same files. Each peer gets what suits it: Splink our model, in its
own format, and its own blocking; the trigrams one line of text a person under a GIN index; the text engine (tantivy) a field each, with
fuzzy terms. A peer answers fewer calls where each takes long; `n` says how many. Splink and tantivy stand in an environment of their
own (`.peers`), which serving does not need.
"""

import argparse
import csv
import json
import math
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from watchroom.bench.figures import figures, percentiles

REPOSITORY = Path(__file__).resolve().parent.parent.parent
PYTHON = REPOSITORY / ".peers" / "bin" / "python"
PACKAGES = ("splink==5.0.0", "tantivy==0.27.0", "jellyfish", "rapidfuzz", "duckdb", "pandas")
COLUMNS = ("unique_id", "first_name", "surname", "dob", "postcode", "town", "street", "phone")
SPLINK_CALLS = 40  # each takes about a second
SHOWN = 5
NEW = "-1"  # the id of who calls, for Splink: nobody on record has it

Ask = Callable[[dict[str, str]], list[tuple[str, float]]]  # (who, score), the best first


def run(arguments: Sequence[str]) -> int:
    """Everything, one after another, never at the same time. Exit status 0; 2 where a peer could not be installed."""
    parser = argparse.ArgumentParser("watchroom bench peers", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args(list(arguments))
    where = REPOSITORY / ".watchroom" / "bench"
    where.mkdir(parents=True, exist_ok=True)
    people, calls = where / f"people-{asked.people}.csv", where / f"calls-{asked.calls}.csv"
    print(f"Making {asked.people:,} people who never were, and {asked.calls:,} later calls", file=sys.stderr, flush=True)
    with multiprocessing.get_context("spawn").Pool(1) as pool:  # ten million of them take memory that the peers need afterwards
        pool.apply(make, (people, calls, asked.people, asked.calls, asked.seed))
    answer: dict[str, Any] = {"people": asked.people, "calls": asked.calls, "cpus": os.cpu_count()}
    ours = [
        sys.executable,
        "-m",
        "watchroom.cli",
        "bench",
        "identity",
        "--people",
        str(people),
        "--queries",
        str(calls),
        "--json",
    ]
    answer["watchroom"] = _said(ours)
    from watchroom.bench import ground

    with ground.throw_away_database() as environment:
        answer["pg_trgm"] = _said([sys.executable, "-m", "watchroom.bench.peers", "pg_trgm", people, calls], environment)
    if not PYTHON.exists() and not _install():
        return 2
    for peer in ("tantivy", "splink"):
        answer[peer] = _said(
            [PYTHON, "-m", "watchroom.bench.peers", peer, people, calls], {**os.environ, "PYTHONPATH": str(REPOSITORY)}
        )
    print(json.dumps(answer))
    _table(answer)
    return 0


def _install() -> bool:
    print(f"Installing {', '.join(PACKAGES)} into .peers", file=sys.stderr, flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parent.parent)], check=False).returncode == 0
    if made and subprocess.run([PYTHON, "-m", "pip", "install", "-q", *PACKAGES], check=False).returncode == 0:
        return True
    print(
        "watchroom bench peers: the peers could not be installed (see above); our own figures need none of them.", file=sys.stderr
    )
    return False


def _said(command: Sequence[object], environment: dict[str, str] | None = None) -> dict[str, Any]:
    """What a child printed last, as JSON; or that it failed. The load is said with it."""
    load = round(os.getloadavg()[0], 1)
    done = subprocess.run([str(part) for part in command], env=environment, stdout=subprocess.PIPE, text=True, check=False)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.returncode}
    return {**told, "load": load}


def _table(answer: dict[str, Any]) -> None:
    print(f"\n{'':>10} {'p50 ms':>9} {'p95 ms':>9} {'first':>7} {'best F1':>8} {'n':>6}", file=sys.stderr)
    for name in ("watchroom", "tantivy", "pg_trgm", "splink"):
        told = answer[name]
        if "failed" in told:
            print(f"{name:>10} failed", file=sys.stderr)
            continue
        times = told["lookup_ms"]
        row = (times["p50"], times["p95"], told["recall_at_1"], told["best_f1"], told["queries"])
        print(f"{name:>10} {row[0]:>9} {row[1]:>9} {row[2]:>7} {row[3]:>8} {row[4]:>6}", file=sys.stderr)


# --- The same files for all


def make(people: Path, calls: Path, size: int, number: int, seed: int) -> None:
    from watchroom.identity.training.people import PROFILES, Town

    town = Town(size, seed=seed, profile=PROFILES[0])
    for file, rows, columns in ((people, town.records, COLUMNS), (calls, town.calls(number), (*COLUMNS, "truth"))):
        write(file, rows, columns)


def write(file: Path, rows: Iterable[Any], columns: Sequence[str]) -> None:
    """As CSV; what is not known is empty."""
    with file.open("w", newline="", encoding="utf-8") as opened:
        lines = csv.writer(opened)
        lines.writerow(columns)
        lines.writerows(["" if getattr(row, name) is None else getattr(row, name) for name in columns] for row in rows)


def rows(file: str) -> Iterator[dict[str, str]]:
    with open(file, newline="", encoding="utf-8") as opened:
        yield from csv.DictReader(opened)


def ask_all(ask: Ask, calls: list[dict[str, str]], build_s: float) -> dict[str, Any]:
    """How long each took, and whether the right one came first; the figures are those of our own bench."""
    for call in calls[:5]:
        ask(call)  # what is only slow the first time is not measured
    outcome, took = [], []
    for call in calls:
        begun = time.perf_counter()
        found = ask(call)
        took.append((time.perf_counter() - begun) * 1000)
        truth = call["truth"] if call["truth"] not in ("", "-1") else None
        outcome.append({"truth": truth, "found": [(who, score, "") for who, score in found]})
    told = figures(outcome)
    return {
        "queries": len(calls),
        "build_s": round(build_s, 1),
        "lookup_ms": percentiles(took),
        **{name: told[name] for name in ("candidate_recall", "recall_at_1", "best_f1", "recall_at_precision_99")},
    }


# --- The peers


def pg_trgm(people: str, calls: list[dict[str, str]]) -> dict[str, Any]:
    """One line of text a person, and how like it is: `word_similarity` does not know fields, `similarity` orders."""
    from watchroom.foundation import roles

    with roles.connect(os.environ["WATCHROOM_OWNER_URL"]) as database:
        begun = time.perf_counter()
        database.execute("create extension if not exists pg_trgm")
        database.execute("create table peer (id text, line text)")
        with database.cursor() as cursor, cursor.copy("copy peer from stdin") as copy:
            for row in rows(people):
                copy.write_row((row["unique_id"], _line(row)))
        database.execute("create index on peer using gin (line gin_trgm_ops)")
        database.execute("vacuum analyze peer")
        built = time.perf_counter() - begun

        def ask(call: dict[str, str]) -> list[tuple[str, float]]:
            query = "select id, similarity(line, %(line)s) s from peer where line %% %(line)s order by s desc limit %(limit)s"
            return database.execute(query, {"line": _line(call), "limit": SHOWN}).fetchall()

        return ask_all(ask, calls, built)


def _line(row: dict[str, str]) -> str:
    return " ".join(row[name].lower() for name in COLUMNS[1:] if row[name])


def tantivy(people: str, calls: list[dict[str, str]]) -> dict[str, Any]:
    """A field each; a name or a street may be two letters off, a number or a date may not."""
    import tantivy as engine

    begun = time.perf_counter()
    builder = engine.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    for name in COLUMNS[1:]:
        builder.add_text_field(name, stored=False, tokenizer_name="default")
    schema = builder.build()
    index = engine.Index(schema)
    writer = index.writer(256_000_000)
    for row in rows(people):
        document = engine.Document()
        document.add_text("id", row["unique_id"])
        for name in COLUMNS[1:]:
            if row[name]:
                document.add_text(name, row[name].lower())
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()
    built = time.perf_counter() - begun

    def ask(call: dict[str, str]) -> list[tuple[str, float]]:
        parts = []
        for name in COLUMNS[1:]:
            for word in call[name].lower().replace("-", " ").replace("/", " ").split() if call[name] else []:
                parts.append((engine.Occur.Should, engine.Query.term_query(schema, name, word)))
                if name in ("first_name", "surname", "street") and len(word) > 3:
                    parts.append((engine.Occur.Should, engine.Query.fuzzy_term_query(schema, name, word, distance=1)))
        if not parts:
            return []
        hits = searcher.search(engine.Query.boolean_query(parts), SHOWN).hits
        return [(searcher.doc(address)["id"][0], score) for score, address in hits]

    return ask_all(ask, calls, built)


def splink(people: str, calls: list[dict[str, str]]) -> dict[str, Any]:
    """Its own lookup of one new record, `predict_between`, with our weights in its format and the blocking that it was trained with."""
    import duckdb
    import pandas
    from splink import DuckDBAPI, Linker

    from watchroom.identity.likeness.model import wanted
    from watchroom.identity.training.fit import columns
    from watchroom.identity.training.parity import MODEL

    begun = time.perf_counter()
    settings = json.loads(MODEL.read_text("utf-8")) | {
        "blocking_rules_to_generate_predictions": wanted()["blocking_rules_to_generate_predictions"],
    }

    def frame(some: Sequence[dict[str, str]]) -> Any:
        return pandas.DataFrame([columns(int(row["unique_id"]), n, _normal(row)) for n, row in enumerate(some)])

    database, rest = duckdb.connect(), rows(people)
    database.execute(
        "create table people (unique_id bigint, person bigint, given varchar, family varchar, born varchar, postcode varchar,"
        " house varchar, street varchar, town varchar, number varchar, email varchar, roots varchar[], sound varchar)"
    )
    while some := list(islice(rest, 100_000)):  # DuckDB holds them in a tenth of the memory that Python takes
        database.from_df(frame(some)).insert_into("people")
    interface = DuckDBAPI(connection=database)
    known = interface.register("people", table_name="known")
    linker = Linker(known, settings)
    for name in ("given", "family"):
        linker.table_management.compute_tf_table(name)
    built = time.perf_counter() - begun

    def ask(call: dict[str, str]) -> list[tuple[str, float]]:
        new = interface.register(frame([call | {"unique_id": NEW}]))
        found = linker.inference.predict_between(known, new).as_pandas_dataframe()
        best = found.sort_values("match_weight", ascending=False).head(SHOWN)
        who = [str(max(pair)) for pair in zip(best.unique_id_l, best.unique_id_r, strict=True)]
        return [(one, 1 / (1 + math.pow(2, -weight))) for one, weight in zip(who, best.match_weight, strict=True)]

    return ask_all(ask, calls[:SPLINK_CALLS], built)


def _normal(row: dict[str, str]) -> Any:
    from watchroom.identity.likeness import words

    return words.said(
        given=row["first_name"], family=row["surname"], born_on=row["dob"], postcode_of=row["postcode"], street=row["street"],
        town=row["town"], number=row["phone"],
    )  # fmt: skip


PEERS = {"pg_trgm": pg_trgm, "tantivy": tantivy, "splink": splink}

if __name__ == "__main__":
    print(json.dumps(PEERS[sys.argv[1]](sys.argv[2], list(rows(sys.argv[3])))), flush=True)
