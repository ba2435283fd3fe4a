"""People of another system come in: records management, housing, health by agreement. From a file, with where it comes from.

A mapping says which column is what. Each person keeps the number the other system knows them by, so that the same file a
second time brings nothing, a changed row adds what is new of the same person, and an import that was cut off goes on. A row
that cannot be used is named by its line and why, and does not stop the others. Nobody is joined to anybody: who is the same
person in two systems is proposed by likeness and said by a person.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
from django.db import transaction

from watchroom.contacts.rules import normal_number
from watchroom.foundation import access, facts, locks
from watchroom.foundation.errors import Invalid
from watchroom.identity import actions, finding
from watchroom.identity import facts as tells
from watchroom.identity.likeness import words
from watchroom.identity.likeness.words import Said
from watchroom.identity.models import Import, Person, Record

BATCH = 1000
# A quotation mark is always one: left to guess, DuckDB takes a file in which one is broken to have none, and splits at every comma.
CSV = """read_csv(?, header=true, all_varchar=true, null_padding=true, quote='"', escape='"')"""
BEYOND = "beyond"  # what stands in a row behind the last column of the head
COMMA = "Is there a comma in it that is not in quotation marks?"
FIELDS = ("id", "given_name", "family_name", "born", "street", "town", "postcode", "number", "email")
NEEDED = ("id", "family_name")
LONGEST = {"id": 120, "given_name": 60, "family_name": 60, "street": 120, "town": 80, "postcode": 10, "number": 40, "email": 200}
BAD_SHOWN = 1000  # of a file in which everything is wrong, so many lines say enough


@dataclass(frozen=True)
class Bad:
    line: int
    why: str


@dataclass(frozen=True)
class Row:
    line: int
    external: str
    given: str
    family: str
    born: str  # 1984-03-12, or empty
    said: Said
    number: str
    digest: str


@dataclass(frozen=True)
class Done:
    """What came of it. `skipped`: rows that an earlier run had brought in already."""

    rows: int
    brought: int
    changed: int
    same: int
    skipped: int
    bad: tuple[Bad, ...]
    bad_total: int


def mapping(path: Path | None) -> dict[str, str]:
    """Field → column, of a TOML file (`family_name = "SURNAME"`); without one the columns bear the fields' names. Raises Invalid."""
    if path is None:
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(mapping=f"{path.name} cannot be read as a mapping: {error}") from None
    for field, column in table.items():
        if field not in FIELDS:
            raise Invalid(mapping=f"{path.name}: there is no field “{field}”; known are {', '.join(FIELDS)}.")
        if not isinstance(column, str) or not column.strip():
            raise Invalid(mapping=f"{path.name}, {field}: give the name of a column.")
    return table


def read(path: Path, columns: dict[str, str]) -> tuple[int, Iterator[tuple[int, dict[str, str]]]]:
    """(how many rows, each with its line): CSV (plain or .gz) or Parquet, every value as text. Raises Invalid."""
    if not path.is_file():
        raise Invalid(file=f"There is no file {path}.")
    if not path.stat().st_size:
        raise Invalid(file=f"{path.name} is empty.")
    table, reader = duckdb.connect(), "read_parquet(?)" if path.suffix == ".parquet" else CSV
    try:
        names = [str(name) for name, *_ in table.execute(f"describe select * from {reader}", [str(path)]).fetchall()]
        ((size,),) = table.execute(f"select count(*) from {reader}", [str(path)]).fetchall()
    except (duckdb.Error, OSError) as error:
        raise Invalid(file=f"{path.name} cannot be read: {why(error)}") from None
    if len(names) == 1 and re.search("[,;|\t]", names[0]):
        raise Invalid(file=f"The columns of {path.name} cannot be told apart. Is a quotation mark opened in it and not closed?")
    chosen = {field: columns.get(field, field) for field in FIELDS}
    missing = [f"{field} (column {chosen[field]})" for field in NEEDED if chosen[field] not in names]
    wrong = [columns[field] for field in columns if field not in NEEDED and columns[field] not in names]
    if missing or wrong:
        what = ", ".join([*missing, *(f"column {name}" for name in wrong)])
        raise Invalid(file=f"{path.name} has not what is needed: {what}. It has {', '.join(names)[:400]}.")
    has = {field: column for field, column in chosen.items() if column in names}
    beyond = [name for at, name in enumerate(names) if name == f"column{at}" and name not in has.values()]  # the head has none
    quoted = ", ".join('"' + column.replace('"', '""') + '"::varchar' for column in [*has.values(), *beyond])
    rows = table.execute(f"select {quoted} from {reader}", [str(path)])

    def each() -> Iterator[tuple[int, dict[str, str]]]:
        line = 1  # the head of a CSV; a row of Parquet is counted the same way
        while some := _some(rows, path, line):
            for values in some:
                line += 1
                given = {field: (value or "").strip() for field, value in zip(has, values, strict=False)}
                yield line, given | {BEYOND: "".join(value or "" for value in values[len(has) :])}

    return int(size), each()


def _some(rows: Any, path: Path, line: int) -> list[tuple[str | None, ...]]:
    try:
        found: list[tuple[str | None, ...]] = rows.fetchmany(BATCH)
    except duckdb.Error as error:
        raise Invalid(file=f"{path.name} cannot be read on after row {line}: {why(error)} What came before is kept.") from None
    return found


def why(error: Exception) -> str:
    """What is wrong with a file, by what DuckDB says of it; never the line that it says it of, which is somebody's."""
    said = str(error)
    found = re.search(r"Error on Line: (\d+)", said)
    where = f"on line {found[1]}" if found else "somewhere in it"
    if "not utf-8" in said:
        return "it is not in UTF-8. Save it as CSV in UTF-8, and run this again."
    if "unterminated quote" in said or "quote should be followed" in said:
        return f"a quotation mark {where} is opened and not closed, or stands alone. Put it right, and run this again."
    if "Expected Number of Columns" in said:
        return f"{where} there are more columns than in the head. {COMMA}"
    return said.splitlines()[0]


def row_of(line: int, given: dict[str, str]) -> Row | Bad:
    """A row in normal form, or why it cannot be used."""
    for field, most in LONGEST.items():
        if len(given.get(field, "")) > most:
            return Bad(line, f"{field} is longer than {most} characters")
    if "\0" in "".join(given.values()):
        return Bad(line, "it holds a character that is none (NUL)")
    if given.get(BEYOND):
        return Bad(line, f"it has more columns than the head. {COMMA}")
    external, family = given.get("id", ""), given.get("family_name", "")
    if not external:
        return Bad(line, "it has no id")
    if not family and not given.get("given_name"):
        return Bad(line, "it has no name")
    born = words.born(given["born"]) if given.get("born") else ""
    if given.get("born") and not born:
        return Bad(line, "its date of birth cannot be read: write 1984-03-12 or 12/03/1984")
    if len(born) == 10:
        try:
            date.fromisoformat(born)
        except ValueError:
            return Bad(line, "there is no such day of birth")
    number = normal_number(given.get("number", ""))
    said = words.said(
        given=given.get("given_name", "").split(" ")[0],
        family=family,
        born_on=born,
        street=given.get("street"),
        town=given.get("town"),
        postcode_of=given.get("postcode"),
        number=number,
        email=given.get("email"),
    )
    if said.is_empty:
        return Bad(line, "nothing in it describes a person")
    whole = json.dumps([given.get(field, "") for field in FIELDS], ensure_ascii=False)
    return Row(
        line=line,
        external=external,
        given=given.get("given_name", ""),
        family=family,
        born=born if len(born) == 10 else "",
        said=said,
        number=number,
        digest=hashlib.sha256(whole.encode()).hexdigest(),
    )


def bring_in(
    path: Path,
    *,
    source: str,
    columns: dict[str, str],
    by: str,
    at: datetime,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Done:
    """A whole file, in batches that are each kept or not at all. Raises Invalid where file or mapping cannot be used."""
    if not source.strip() or len(source) > 60:
        raise Invalid(source="Say where it comes from, in up to 60 characters: records management, housing …")
    total, rows = read(path, columns)
    with path.open("rb") as opened:
        file = hashlib.file_digest(opened, "sha256").hexdigest()
    shape = hashlib.sha256(json.dumps(columns, sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        locks.hold("identity-import")
        run = Import.objects.filter(source=source, file=file, mapping=shape).first()
        if run is None:
            run = Import.objects.create(source=source, file=file, mapping=shape, begun_at=at, by=by)
            access.log("collection", subject=("import", run.pk), reason=f"people of {source}", by=by, at=at)
    skipped, bad, same = run.rows_done, [], 0
    for _ in islice(rows, skipped):
        pass
    begun = (run.brought, run.changed, run.bad)
    told(skipped, total)
    while some := list(islice(rows, BATCH)):
        judged = [row_of(line, given) for line, given in some]
        bad += [one for one in judged if isinstance(one, Bad)]
        good = {one.external: one for one in judged if isinstance(one, Row)}  # of one id twice in a batch the later counts
        bad += [
            Bad(one.line, f"row {good[one.external].line} has the same id, and counts")
            for one in judged
            if isinstance(one, Row) and one is not good[one.external]
        ]
        with transaction.atomic():
            locks.hold("identity-import")
            new, changed = _keep(list(good.values()), source=source, by=by, at=at)
            same += len(good) - new - changed
            run.rows_done += len(some)
            run.brought, run.changed = run.brought + new, run.changed + changed
            run.bad += len(some) - len(good)
            run.save(update_fields=["rows_done", "brought", "changed", "bad"])
        told(run.rows_done, total)
    if run.ended_at is None:
        with transaction.atomic():
            finding.count(at=at)
            run.ended_at = at
            run.save(update_fields=["ended_at"])
            told_of = tells.RecordsImported(run=run.pk, brought=run.brought, changed=run.changed, bad=run.bad)
            facts.tell(told_of, by=by, at=at)
    return Done(
        rows=total,
        brought=run.brought - begun[0],
        changed=run.changed - begun[1],
        same=same,
        skipped=skipped,
        bad=tuple(bad[:BAD_SHOWN]),
        bad_total=run.bad - begun[2],
    )


def _keep(rows: list[Row], *, source: str, by: str, at: datetime) -> tuple[int, int]:
    """(how many people are new, of how many a row has changed)."""
    known = {one.external: one for one in Record.objects.filter(source=source, external__in=[row.external for row in rows])}
    new = [row for row in rows if row.external not in known]
    changed = [row for row in rows if row.external in known and known[row.external].digest != row.digest]
    people = Person.objects.bulk_create(
        [Person(given_name=row.given, family_name=row.family, born_date=row.born or None) for row in new], batch_size=BATCH
    )
    owners = {row.external: person.pk for row, person in zip(new, people, strict=True)}
    owners |= {row.external: known[row.external].person_id for row in changed}
    Record.objects.bulk_create(
        [Record(source=source, external=row.external, person_id=owners[row.external], digest=row.digest, at=at) for row in new],
        batch_size=BATCH,
    )
    for row in changed:
        one = known[row.external]
        one.digest, one.at = row.digest, at
    Record.objects.bulk_update([known[row.external] for row in changed], ["digest", "at"], batch_size=BATCH)
    seen = []
    for row in [*new, *changed]:
        values = [("name", f"{row.given} {row.family}".strip()), *([("number", row.number)] if row.number else [])]
        seen += [(owners[row.external], kind, value) for kind, value in values]
    actions.hold(seen, source=source, by=by, at=at)
    heads = {person.pk: person.head for person in Person.objects.filter(pk__in=owners.values()).exclude(same_as=None)}
    described = [(heads.get(owners[row.external], owners[row.external]), row.said) for row in [*new, *changed]]
    finding.describe_all(described, source=source, at=at)
    return len(new), len(changed)


def as_json(done: Done) -> dict[str, Any]:
    """For a console: lines and reasons, nothing of anybody."""
    return {
        "rows": done.rows,
        "brought": done.brought,
        "changed": done.changed,
        "same": done.same,
        "skipped": done.skipped,
        "bad": [{"line": one.line, "why": one.why} for one in done.bad],
        "bad_total": done.bad_total,
    }
