"""People of another system come in once, however often the file does; what is wrong is named by its row; nobody is joined by itself."""

import gzip
import json

import duckdb
import pytest
from django.db import ProgrammingError

from tests import world
from watchroom.foundation.errors import Invalid
from watchroom.foundation.models import Fact
from watchroom.identity import command, importing, queries, searching
from watchroom.identity.models import Import, Link, Person, Record

HEAD = "ref,first,last,dob,addr,pc,tel\n"
ROWS = (
    "1,Leanne,Whitcombe,12/03/1984,18 Tanner's Row,HB4 2QT,07700 900417\n"
    "2,Craig,Dunmore,1981-07-30,,,\n"
    "3,,,,,,\n"
    "4,Ann,Lee,31/02/1990,,,\n"
    "5,Bo,Lee,yesterday,,,\n"
    ",Cy,Lee,,,,\n"
)
COLUMNS = {
    "id": "ref",
    "given_name": "first",
    "family_name": "last",
    "born": "dob",
    "street": "addr",
    "postcode": "pc",
    "number": "tel",
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(HEAD + ROWS)
    return path


def bring_in(path, **more):
    told = {"source": "housing", "columns": COLUMNS, "by": "system:import", "at": world.NIGHT}
    return importing.bring_in(path, **{**told, **more})


def test_they_come_in_with_where_they_come_from_and_bad_rows_are_named(northmoor, file):
    done = bring_in(file)
    assert (done.rows, done.brought, done.bad_total) == (6, 2, 4)
    assert [(one.line, one.why) for one in done.bad] == [
        (4, "it has no name"),
        (5, "there is no such day of birth"),
        (6, "its date of birth cannot be read: write 1984-03-12 or 12/03/1984"),
        (7, "it has no id"),
    ]
    assert {link.because for link in Link.objects.all()} == {"From housing."}
    (leanne,) = Person.objects.filter(given_name="Leanne")
    assert str(leanne.born_date) == "1984-03-12"
    assert "Leanne" not in str(list(Fact.objects.values_list("body", flat=True)))


def test_the_same_file_again_adds_nothing_and_a_changed_row_is_the_same_person(northmoor, file):
    bring_in(file)
    again = bring_in(file)
    assert (again.brought, again.changed, again.skipped) == (0, 0, 6)
    file.write_text(HEAD + ROWS.replace("18 Tanner's Row,HB4 2QT,07700 900417", "4 Mill Lane,HB1 1AA,07700 900998"))
    moved = bring_in(file)
    assert (moved.brought, moved.changed, moved.same) == (0, 1, 1)
    assert Person.objects.count() == 2
    call = world.a_call(number="07700 900998")
    assert [one.name for one in queries.candidates(call, on=call.day)] == ["Leanne Whitcombe"]


def test_what_was_cut_off_goes_on_where_it_was(northmoor, tmp_path, monkeypatch):
    path = tmp_path / "many.csv"
    path.write_text(HEAD + "".join(f"{n},Given{n},Family{n},1990-01-01,,,\n" for n in range(25)))
    monkeypatch.setattr(importing, "BATCH", 10)
    keep, calls = importing._keep, []

    def cut(rows, **more):
        calls.append(len(rows))
        if len(calls) == 2:
            raise RuntimeError("the lights went out")
        return keep(rows, **more)

    monkeypatch.setattr(importing, "_keep", cut)
    with pytest.raises(RuntimeError):
        bring_in(path)
    assert Import.objects.get().rows_done == 10
    done = bring_in(path)
    assert (done.skipped, done.brought) == (10, 15)
    assert Person.objects.count() == Record.objects.count() == 25


def test_parquet_and_gzip_are_read_as_well(northmoor, file, tmp_path):
    packed, columns = tmp_path / "people.csv.gz", tmp_path / "people.parquet"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    assert bring_in(packed).brought == 2
    table = duckdb.connect()
    table.execute(f"copy (select * from read_csv('{file}', all_varchar=true)) to '{columns}' (format parquet)")
    assert bring_in(columns, source="health").brought == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('family = "last"\n', "there is no field “family”"),
        ("family_name = 3\n", "give the name of a column"),
        ("family_name = \n", "cannot be read as a mapping"),
    ],
)
def test_a_mapping_that_is_none_is_said(tmp_path, text, says):
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(Invalid, match=says):
        importing.mapping(path)


def test_a_file_without_the_columns_says_what_it_has(northmoor, file):
    with pytest.raises(Invalid, match="It has ref, first, last"):
        bring_in(file, columns={})
    with pytest.raises(Invalid, match="column nothere"):
        bring_in(file, columns={**COLUMNS, "email": "nothere"})
    with pytest.raises(Invalid, match="There is no file"):
        bring_in(file.with_name("gone.csv"))
    assert not Import.objects.exists()


def test_a_row_whose_columns_are_shifted_by_a_comma_is_nobody(northmoor, file):
    file.write_text(HEAD + "7,Leanne,Whitcombe,12/03/1984,18 Tanner’s Row, Harrowby,HB4 2QT,07700 900417\n8,Bo,Lee,,,,\n")
    done = bring_in(file)
    assert (done.brought, [one.line for one in done.bad]) == (1, [2])
    assert "more columns than the head" in done.bad[0].why
    assert not Person.objects.filter(given_name="Leanne").exists()


def test_of_one_id_twice_the_later_counts_and_the_other_is_named(northmoor, file):
    file.write_text(HEAD + "7,Leanne,Whitcombe,,,,\n7,Leanne,Dunmore,,,,\n")
    done = bring_in(file)
    assert (done.brought, done.bad_total, done.bad[0].line) == (1, 1, 2)
    assert "row 3 has the same id" in done.bad[0].why
    assert Person.objects.get().family_name == "Dunmore"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        ("ref,first,last\n1,Zo\u00eb,Lee\n".encode("latin-1"), "Save it as CSV in UTF-8"),
        (b'ref,first,last\n1,Leanne,"Whitcombe\n2,Bo,Lee\n', "quotation mark"),
        (b"ref,first,last\n" + b"1,Leanne,Lee\n" * 30_000 + b"2,Leanne,Lee,4,5\n", "on line 30002 there are more columns"),
    ],
)
def test_what_is_wrong_with_a_broken_file_is_said_and_nothing_of_anybody(northmoor, tmp_path, body, says):
    path = tmp_path / "broken.csv"
    path.write_bytes(body)
    with pytest.raises(Invalid, match=says) as error:
        bring_in(path, columns={"id": "ref", "given_name": "first", "family_name": "last"})
    assert "Leanne" not in str(error.value)
    assert not Import.objects.exists()


def test_at_the_console_it_is_counted_and_nothing_of_anybody_is_printed(northmoor, file, tmp_path, capsys):
    path = tmp_path / "map.toml"
    path.write_text("".join(f'{field} = "{column}"\n' for field, column in COLUMNS.items()))
    status = command.bring_in(file=file, source="housing", mapping=path, force="northmoor", json=True)
    said = capsys.readouterr().out
    assert (status, json.loads(said)["brought"]) == (1, 2)
    assert "Whitcombe" not in said
    assert command.bring_in(file=file, source="housing", mapping=path, force="nowhere", json=True) == 2


def test_who_came_in_is_found_by_hand_misspelt(northmoor, file):
    bring_in(file)
    _, found, _ = searching.search("Leane Witcome")
    assert found
    assert Person.objects.get(pk=found[0].person).given_name == "Leanne"


def test_a_database_that_is_not_set_up_is_said_in_a_sentence(monkeypatch, capsys):
    def gone():
        raise ProgrammingError('relation "force_force" does not exist')

    monkeypatch.setattr(command.scope, "forces", gone)
    assert command.look_for_twins(force="northmoor") == 2
    assert "`watchroom migrate` does it" in capsys.readouterr().err
