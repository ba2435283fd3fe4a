"""People of another system come in once, however often the file does; what is wrong is named by its row; nobody is joined by itself."""

import gzip
import json

import duckdb
import pytest

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
        (6, "the date of birth is none"),
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
    with pytest.raises(Invalid, match="cannot be read"):
        bring_in(file.with_name("gone.csv"))
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
