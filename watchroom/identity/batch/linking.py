"""Which pairs does Splink find? Run by file in the environment of `make splink`, where there is no Watchroom and no database.

    .splink/bin/python -I linking.py FOLDER

FOLDER is one that only its owner may enter. It holds `job.json` (`Job` of `night.py`), `people.csv` (deleted as soon as it is read)
and `frequency.csv`. Written there: `progress` (“done of”), and `pairs.csv` (one, other, probability; the likeliest first); where it
fails, `failed` says how, in a word that is nobody's name.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

GIVES_WAY = 10  # calls are answered on the same machine
FIELDS = ("given", "family", "born", "postcode", "house", "street", "town", "number", "email", "sound")


def main(folder: Path) -> None:
    os.umask(0o077)
    os.nice(GIVES_WAY)
    try:
        link(folder)
    except BaseException as error:  # a message may hold somebody's words: only its kind leaves this process
        folder.joinpath("failed").write_text(type(error).__name__)
        sys.exit(1)


def link(folder: Path) -> None:
    from splink import DuckDBAPI, Linker, __version__

    folder.joinpath("version").write_text(__version__)
    job = json.loads(folder.joinpath("job.json").read_text("utf-8"))
    interface = DuckDBAPI(str(folder / "work.duckdb"))
    database = interface.duckdb_con
    database.execute(
        f"set memory_limit = '{job['memory']}'; set threads = {int(job['threads'])}; set preserve_insertion_order = false"
    )
    database.execute("set temp_directory = ?", [str(folder / "spilt")])
    number = _read(database, folder, int(job["cap"]))
    linker = Linker(interface.register("described"), job["settings"], log_level="ERROR")
    for field in ("given", "family"):
        frequency = interface.register(f"frequency_{field}")
        linker.table_management.register_term_frequency_lookup(frequency, field)
    database.execute("create table pairs (one bigint, other bigint, probability double)")
    for done, found in _found(linker, number, int(job["chunk"]), float(job["least"])):
        database.execute(
            f"insert into pairs select unique_id_l, unique_id_r, match_probability from {found} where person_l <> person_r"
        )
        _say(folder, done, number)
    database.execute("create table best as select one, other, probability from (select *, row_number() over (partition by a, b order by"
        " probability desc, one, other) n from (select p.*, least(l.person, r.person) a, greatest(l.person, r.person) b from pairs p"
        " join described l on l.unique_id = p.one join described r on r.unique_id = p.other)) where n = 1")  # fmt: skip
    _copy(database, "select * from best order by probability desc, one, other", folder / "pairs.csv")


def _read(database: Any, folder: Path, cap: int) -> int:
    """The table `described`, as Splink compares it, and how frequent names are. Returns how many descriptions."""
    people = folder / "people.csv"
    database.execute(f"""
        create table read as select unique_id::bigint unique_id, person::bigint person, {", ".join(FIELDS)},
          string_split(roots, '|') roots, string_split(keys, ' ')::bigint[] keys
        from read_csv({_quoted(people)}, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"', nullstr = '')
    """)
    people.unlink()
    # A key that nobody shares leads nowhere, and one that too many share says too little, as in a lookup.
    database.execute(f"""
        create table shared as with each as (select unique_id, unnest(keys) key from read)
          select unique_id, list(key) keys from each
          where key in (select key from each group by key having count(*) between 2 and {cap}) group by unique_id;
        create table described as select read.* exclude (keys), coalesce(shared.keys, []) keys from read left join shared using (unique_id);
        drop table read; drop table shared;
    """)
    for field in ("given", "family"):
        database.execute(f"""
            create table frequency_{field} as select word as {field}, share::double as tf_{field}
            from read_csv({_quoted(folder / "frequency.csv")}, all_varchar = true, header = true) where field = '{field}'
        """)
    ((number,),) = database.execute("select count(*) from described").fetchall()
    return int(number)


def _found(linker: Any, number: int, size: int, least: float) -> Iterator[tuple[int, str]]:
    """(how many descriptions are done, the table of pairs that they are one of)."""
    chunks = max(1, -(-number // size))
    for chunk in range(1, chunks + 1):
        found = linker.inference.predict_chunk(
            left_chunk=(chunk, chunks), right_chunk=(1, 1), threshold_match_probability=least, warning_mode="never"
        )
        yield number * chunk // chunks, found.physical_name
        found.drop_table_from_database_and_remove_from_cache()


def _copy(database: Any, select: str, file: Path) -> None:
    database.execute(f"copy ({select}) to {_quoted(file)} (format csv, header true)")


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


def _say(folder: Path, done: int, number: int) -> None:
    told = folder / "progress.new"
    told.write_text(f"{done} {number}")
    told.rename(folder / "progress")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
