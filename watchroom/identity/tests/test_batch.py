"""The whole record by Splink: what leaves the database is private and gone afterwards, and what comes back is proposed as all else is."""

import errno
import json
import math
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction

from tests import world
from watchroom.force import queries as force
from watchroom.foundation import scope
from watchroom.identity import command, finding, tasks, twins
from watchroom.identity.batch import run as batch
from watchroom.identity.likeness import model, verdict, words
from watchroom.identity.models import Description, Person, Twins
from watchroom.identity.tests.test_twins import OTHER, OWN, known
from watchroom.identity.training.people import PROFILES, Town

# Stands in Splink's place: pairs everybody with everybody, and says beside the folder what it saw of it.
STAND_IN = """#!{python}
import csv, json, os, pathlib, sys
folder = pathlib.Path(sys.argv[-1])
rows = list(csv.DictReader(folder.joinpath("people.csv").open()))
modes = {{each.name: oct(each.stat().st_mode & 0o777) for each in folder.iterdir()}} | {{".": oct(folder.stat().st_mode & 0o777)}}
pathlib.Path({seen!r}).write_text(json.dumps({{"rows": rows, "modes": modes, "environment": dict(os.environ), "folder": str(folder)}}))
if {fails!r}:
    folder.joinpath("failed").write_text("OutOfMemoryException")
    print("Leanne Whitcombe did it", file=sys.stderr)
    sys.exit(1)
folder.joinpath("version").write_text("5.0.0")
folder.joinpath("progress").write_text(f"{{len(rows)}} {{len(rows)}}")
with folder.joinpath("pairs.csv").open("w") as file:
    print("one,other,probability", file=file)
    for n, a in enumerate(rows):
        for b in rows[n + 1:]:
            print(a["unique_id"], b["unique_id"], 0.99, sep=",", file=file)
"""


@pytest.fixture
def stand_in(tmp_path, settings, monkeypatch):
    """Returns a function that puts the stand-in in place; it answers the file in which the stand-in says what it saw."""
    settings.WATCHROOM_DATA = tmp_path / "data"

    def put(*, fails: bool = False) -> Path:
        script, seen = tmp_path / "python", tmp_path / "seen.json"
        script.write_text(STAND_IN.format(python=sys.executable, seen=str(seen), fails=fails))
        script.chmod(0o700)
        monkeypatch.setenv(batch.PLACE, str(script))
        return seen

    return put


def left(settings) -> list[str]:
    return [path.name for path in Path(settings.WATCHROOM_DATA).rglob("*") if path.name not in ("batch", "lock")]


@pytest.fixture
def two(northmoor):
    return known("records"), known("housing", number=OTHER)


def test_what_it_finds_is_proposed_once_with_who_found_it_and_nothing_is_held_to_be_one(two, stand_in):
    stand_in()
    assert batch.run(at=world.after(60)) == batch.Linked(looked=2, gone=1, proposed=1, is_done=True)
    pair = Twins.objects.get()
    assert (pair.source, pair.found_at) == ("splink", world.after(60))
    assert pair.model == f"Splink 5.0.0, model {batch._model_digest()[:12]}"
    assert "The same date of birth." in pair.because
    assert not Person.objects.exclude(same_as=None).exists()
    assert batch.run(at=world.after(90)).proposed == 0
    assert twins.sweep(at=world.after(120)).proposed == 0, "our own look finds the same and proposes nothing twice"


def test_who_was_judged_is_not_proposed_again_also_after_it_was_taken_back_and_judged_anew(two, stand_in):
    stand_in()
    batch.run(at=world.after(60))
    twins.hold_apart(twins=Twins.objects.get().pk, because="Sisters-in-law of one name.", by="staff:7", at=world.after(70))
    assert batch.run(at=world.after(80)).proposed == 0
    twins.take_back(twins=Twins.objects.get().pk, because="It was not so after all.", by="staff:7", at=world.after(90))
    again = Twins.objects.get(judged="")
    assert again.model.startswith("Splink 5.0.0"), "who found it stays with the pair"
    twins.hold_same(twins=again.pk, because="Same mother’s name.", by="staff:7", at=world.after(100))
    assert batch.run(at=world.after(110)).proposed == 0


def test_a_household_is_not_proposed_as_one_person_whatever_splink_says_of_their_words(northmoor, stand_in):
    stand_in()
    place = world.a_place("3 Mill Lane").pk
    known("records", born=None, place=place)
    known("housing", born=date(2009, 1, 5), place=place)  # of one number and one address
    Description.objects.filter(source="records").update(given="john")
    Description.objects.update(number="07700900417")
    assert batch.run(at=world.after(60), least=0.01).proposed == 0


def test_who_was_found_to_be_less_probable_than_was_asked_for_is_not_proposed(two, stand_in):
    stand_in()
    assert batch.run(at=world.after(60), least=1.0).proposed == 0


def test_only_its_owner_may_read_what_leaves_the_database_and_it_is_gone_afterwards(two, stand_in, settings):
    seen = json.loads(run_and_read(stand_in()))
    assert seen["modes"] == {
        ".": "0o700", "people.csv": "0o600", "frequency.csv": "0o600", "job.json": "0o600", "said": "0o600",
    }  # fmt: skip
    assert {row["family"] for row in seen["rows"]} == {"whitcombe"}
    assert left(settings) == []


def test_whoever_compares_knows_no_database(two, stand_in, monkeypatch):
    monkeypatch.setenv("WATCHROOM_APP_URL", "postgresql://app:secret@127.0.0.1/watchroom")
    environment = json.loads(run_and_read(stand_in()))["environment"]
    assert not [name for name in environment if "WATCHROOM" in name or "DATABASE" in name or "PG" in name]
    assert "secret" not in json.dumps(environment)


def run_and_read(seen: Path) -> str:
    batch.run(at=world.after(60))
    return seen.read_text()


def test_of_another_force_nothing_leaves_the_database(two, southmere, stand_in):
    known("records")
    seen = json.loads(run_and_read(stand_in()))
    assert len(seen["rows"]) == 1
    with scope.use("northmoor"):
        assert Twins.objects.count() == 0


def test_what_was_taken_back_does_not_leave_the_database(two, stand_in):
    Description.objects.filter(person=two[0]).update(keys=[])
    assert len(json.loads(run_and_read(stand_in()))["rows"]) == 1


def test_where_it_fails_it_says_so_without_a_name_and_leaves_nothing(two, stand_in, settings):
    stand_in(fails=True)
    with pytest.raises(batch.CannotLink) as caught:
        batch.run(at=world.after(60))
    assert "OutOfMemoryException" in str(caught.value)
    assert "hitcombe" not in str(caught.value)
    assert left(settings) == []
    assert Twins.objects.count() == 0


def test_where_the_export_fails_nothing_is_left(two, stand_in, settings, monkeypatch):
    stand_in()
    monkeypatch.setattr(batch, "_order", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        batch.run(at=world.after(60))
    assert left(settings) == []


def test_what_a_killed_run_left_is_removed_but_not_what_one_is_working_on(stand_in, settings):
    stand_in()
    code = (
        "import sys, time; from pathlib import Path; from types import SimpleNamespace\n"
        "from watchroom.identity.batch import run\n"
        f"run.settings = SimpleNamespace(WATCHROOM_DATA={str(settings.WATCHROOM_DATA)!r})\n"
        "with run._private_folder() as folder:\n"
        "    folder.joinpath('people.csv').write_text('Leanne'); print('there', flush=True); time.sleep(60)\n"
    )
    prelude = "import django; django.setup()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", prelude + code], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "watchroom.settings"},
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "there\n"
        batch.forget_leftovers()
        assert "people.csv" in left(settings), "a run is under way"
        with pytest.raises(batch.CannotLink, match="already"):
            with batch._private_folder():
                pass
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert "people.csv" in left(settings)
    batch.forget_leftovers()
    assert left(settings) == []


def test_asked_to_stop_it_leaves_nothing(two, stand_in, settings, monkeypatch, capsys):
    stand_in()

    def asked_to_stop(*args: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr(batch, "_link", asked_to_stop)
    assert command.look_by_splink(force="northmoor", least=None) == 130
    assert "nothing of the record is left behind" in capsys.readouterr().err
    assert left(settings) == []


def test_without_splink_the_command_says_what_to_do(northmoor, settings, tmp_path, monkeypatch, capsys):
    settings.WATCHROOM_DATA = tmp_path
    monkeypatch.delenv(batch.PLACE, raising=False)
    monkeypatch.setattr(batch, "OWN", tmp_path / "nowhere")
    assert command.look_by_splink(force="northmoor", least=None) == 1
    assert "make splink" in capsys.readouterr().err
    monkeypatch.setenv(batch.PLACE, str(tmp_path / "nowhere"))
    assert command.look_by_splink(force="northmoor", least=None) == 1
    assert "cannot be started" in capsys.readouterr().err
    assert command.look_by_splink(force="nowhere", least=None) == 2


def full(*args: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("by", "is_there", "source"),
    [
        ("watchroom", True, "night"),
        ("splink", True, "splink"),
        ("splink", False, "night"),
        ("splink", "and the disk full", "night"),
    ],
)
def test_policy_says_who_looks_at_night_and_where_splink_cannot_our_own_look_stands_in(
    clone, stand_in, monkeypatch, by, is_there, source
):
    stand_in(fails=not is_there)
    if is_there == "and the disk full":
        monkeypatch.setattr(batch, "_export", full)
    with scope.use("northmoor"), transaction.atomic():
        adopted = force.policy_at(world.after(0))
        policy = adopted.policy.model_copy(update={"twins": adopted.policy.twins.model_copy(update={"looked_through_by": by})})
        monkeypatch.setattr(force, "policy_at", lambda at: type(adopted)(**{**adopted.__dict__, "policy": policy}))
        known("records")
        known("housing", number=OTHER)
    tasks.look_for_twins(timestamp=0)
    with scope.use("northmoor"), transaction.atomic():
        assert [pair.source for pair in Twins.objects.all()] == [source]


@pytest.mark.parametrize("size", [2_000, 1_000_000])
def test_among_many_a_shared_number_weighs_for_splink_what_it_weighs_for_us(size):
    said = words.said(
        given="Leanne", family="Whitcombe", number=OWN, street="3 Mill Lane", postcode_of="HB4 2QT", town="Harrowby"
    )
    shipped, theirs = model.shipped(), model.load(batch.as_splink(batch._model_settings(), size=size))
    weighed = shipped.weigh_as_splink(said, words.Columns.of([said]), lambda *word: None)
    (mass,) = verdict.masses([1], weighed, model=shipped, size=size).each
    odds = math.log2(finding.TWICE / (1 - finding.TWICE) / size)
    assert theirs.match_weight(said, said, lambda *word: None) == pytest.approx(mass.bits + odds, abs=1e-6)


# --- Splink itself


@pytest.fixture
def splink(monkeypatch, settings, tmp_path) -> str:
    settings.WATCHROOM_DATA = tmp_path
    monkeypatch.delenv(batch.PLACE, raising=False)
    try:
        return batch.python()
    except batch.CannotLink as error:
        pytest.skip(f"Splink itself was not tried: {error}")


PEOPLE, TWICE = 3000, 300


@pytest.fixture
def town(northmoor) -> None:
    """A record in which every tenth stands a second time, as they would be heard later."""
    from watchroom.identity.training import fit

    made = Town(PEOPLE, seed=17, profile=PROFILES[0])
    again = [made._on_record(made._later(row)) for row in made.chance.sample(made.whole, TWICE)]
    rows = [*made.records, *again]
    people = Person.objects.bulk_create([Person(given_name=row.first_name or "", family_name=row.surname or "") for row in rows])
    described = [(person.pk, fit.said_of(row)) for person, row in zip(people, rows, strict=True)]
    finding.describe_all(described, source="tests", at=world.NIGHT)
    finding.count(at=world.NIGHT)


def proposed() -> dict[tuple[int, int], float]:
    found = {(pair.one_id, pair.other_id): pair.probability for pair in Twins.objects.all()}
    Twins.objects.all().delete()
    return found


def has_names_changed_about(pair: tuple[int, int]) -> bool:
    """Splink's model has no level for them; our own look asks for them apart."""
    one, other = (list(Description.objects.filter(person_id=pk)) for pk in pair)
    return any((a.given and a.given == b.family) or (a.family and a.family == b.given) for a in one for b in other)


@pytest.mark.long
def test_splink_finds_whom_our_own_look_finds_and_weighs_them_the_same(town, splink, monkeypatch):
    monkeypatch.setattr(twins, "MOST_OPEN", 10**6)
    monkeypatch.setattr(batch, "CHUNK", 1000)  # in four pieces
    twins.sweep(at=world.NIGHT)
    ours = proposed()
    raw: list[dict[str, str]] = []
    filing = batch._propose

    def noted(pairs, *rest):
        raw.extend(pairs)
        return filing(iter(raw), *rest)

    monkeypatch.setattr(batch, "_propose", noted)
    told: list[tuple[str, int, int]] = []
    done = batch.run(at=world.NIGHT, told=lambda *said: told.append(said))
    theirs = proposed()
    assert (done.looked, done.is_done) == (PEOPLE + TWICE, True)
    assert ("descriptions compared", PEOPLE + TWICE, PEOPLE + TWICE) in told
    sure = {pair for found in (ours, theirs) for pair, probability in found.items() if probability >= 0.99}
    assert len(sure) > TWICE / 3
    missed = [pair for pair in sure if pair not in ours or (pair not in theirs and not has_names_changed_about(pair))]
    assert len(missed) <= len(sure) / 100, missed

    rows, known_ = Description.objects.in_bulk(), finding.counts()
    apart, odds = [], math.log2(finding.TWICE / (1 - finding.TWICE) / known_.size)
    for pair in raw:
        one, other = rows[int(pair["one"])], rows[int(pair["other"])]
        said, record = finding.said_of(one), verdict.Found.of([(other.person_id, finding.said_of(other))])
        weighed = model.shipped().weigh_as_splink(said, record.words, known_.frequency)
        (mass,) = verdict.masses(record.records, weighed, model=model.shipped(), size=known_.size).each
        apart.append(abs(1 / (1 + 2 ** -(mass.bits + odds)) - float(pair["probability"])) > 1e-6)
    assert len(raw) > TWICE / 3
    assert sum(apart) <= len(raw) / 1000


@pytest.mark.long
def test_splink_itself_leaves_nothing(two, splink, settings):
    assert batch.run(at=world.NIGHT).proposed == 1
    assert left(settings) == []
