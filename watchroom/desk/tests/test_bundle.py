"""The bundle of an inspector proves itself: checked from the file alone, by the script that is in it."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.test import Client

from tests import world
from watchroom.contacts import files
from watchroom.desk.looking_back import bundle
from watchroom.foundation import access, anchors, scope, vault
from watchroom.foundation.models import Command, Fact, Head
from watchroom.incidents.models import Incident

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ASKED = {"recipient": "HM Inspectorate", "reason": "Inspection of delayed attendance", "key": "k1"}


PICTURE = b"\x89PNG\r\n\x1a\n" + b"the door"


def attach(incident: Incident) -> None:
    (contact,) = incident.involvements.values_list("contact_id", flat=True)
    incoming = vault.Incoming("door.png", 1000)
    incoming.take(PICTURE)
    incoming.finish()
    files.attach(contact=contact, file=incoming, about="", origin="handler", by="staff:1", at=world.after(200))


@pytest.fixture
def file(clone, tmp_path):
    """A bundle of a whole journey, as it lies on an inspector's disk; another incident's facts lie between."""
    with scope.use("northmoor"), transaction.atomic():
        world.an_answered_call(number="01632 960002")
        incident = world.a_whole_journey()
        attach(incident)
    anchors.write_all()
    with scope.use("northmoor"), transaction.atomic():
        made = bundle.make(incident, at=NOW, until=Head.objects.get().seq)
    path = tmp_path / "bundle.zip"
    path.write_bytes(made.content)
    return path


def check(path) -> subprocess.CompletedProcess:
    """By the script out of the bundle, in a Python that knows nothing of Watchroom."""
    script = path.parent / "check.py"
    with zipfile.ZipFile(path) as inside:
        script.write_bytes(inside.read("check.py"))
    return subprocess.run([sys.executable, "-I", str(script), str(path)], capture_output=True, text=True, check=False)


def forge(path, name: str, change) -> None:
    with zipfile.ZipFile(path) as inside:
        files = {one: inside.read(one) for one in inside.namelist()}
    if name.endswith(".json"):
        data = json.loads(files[name])
        change(data)
        files[name] = json.dumps(data, ensure_ascii=False).encode()
    else:
        files[name] = change(files[name])
    with zipfile.ZipFile(path, "w") as out:
        for one, content in files.items():
            out.writestr(one, content)


def read(path, name: str) -> dict:
    with zipfile.ZipFile(path) as inside:
        return json.loads(inside.read(name))


def test_the_bundle_alone_is_enough_to_recompute_every_hash(file):
    said = check(file)
    assert said.returncode == 0, said.stdout + said.stderr
    chain = read(file, "chain.json")
    assert len(chain["facts"]) > 30
    assert chain["anchors"]
    assert str(len(chain["facts"])) in said.stdout


def test_the_script_is_short_enough_to_be_read(file):
    text = (bundle.DATA / "check.py").read_text()
    assert len(text.splitlines()) <= 40


def test_a_changed_word_of_a_fact_is_found_by_its_number(file):
    number = read(file, "chain.json")["facts"][4]["seq"]
    forge(file, "chain.json", lambda data: data["facts"][4].update(text=data["facts"][4]["text"].replace("staff:", "staff:9")))
    said = check(file)
    assert said.returncode == 1
    assert f"fact {number} is not the one that was sealed" in said.stdout


def test_a_changed_reason_for_a_grade_is_found(file):
    """Each justification that was written is among the words that are proved."""
    reasons = [one["justification"] for one in read(file, "record.json")["decisions"] if one["justification"]]
    proved = [one["words"][0] for one in read(file, "record.json")["words"]]
    assert reasons
    assert set(reasons) <= set(proved)

    def change(data):
        word = next(one for one in data["words"] if one["words"][0] in reasons)
        word["words"][0] = "The room was busy."

    forge(file, "record.json", change)
    assert check(file).returncode == 1


def test_a_changed_word_that_a_person_wrote_is_found(file):
    """The risk said “He has a knife”; somebody would rather it had not."""

    def change(data):
        word = next(one for one in data["words"] if "knife" in one["words"][0])
        word["words"][0] = word["words"][0].replace("knife", "spoon")

    forge(file, "record.json", change)
    said = check(file)
    assert said.returncode == 1
    assert "are not the ones that were written" in said.stdout


def test_a_fact_that_was_sealed_anew_does_not_follow_on_the_one_before(file):
    import hashlib

    def change(data):
        pairs = zip(data["facts"], data["facts"][1:], strict=False)
        one = next(a for a, b in pairs if b["seq"] == a["seq"] + 1)
        one["text"] = one["text"].replace("T", "U", 1) if "T" in one["text"] else one["text"].replace("2", "3", 1)
        one["text"] = json.dumps([*json.loads(one["text"])])
        one["hash"] = hashlib.sha256(bytes.fromhex(one["previous"]) + one["text"].encode()).hexdigest()

    forge(file, "chain.json", change)
    assert check(file).returncode == 1


def test_another_policy_in_its_place_is_found(file):
    (name,) = {one["file"] for one in read(file, "chain.json")["policies"]}
    forge(file, name, lambda data: data["meta"].update(owner="Somebody else"))
    said = check(file)
    assert said.returncode == 1
    assert "is not the policy that was adopted" in said.stdout


def test_everything_written_is_proved_and_nothing_of_another_incident_is_in_it(file):
    record = read(file, "record.json")
    assert record["unmatched"] == []
    texts = {text for one in record["words"] for text in one["words"]}
    assert set(world.RATIONALES.values()) <= texts
    assert "960002" not in json.dumps(record)
    assert {row["about"][0] for row in record["rows"]} == {"contact", "incident", "duty"}


def test_what_was_attached_is_named_with_its_digest_and_a_changed_name_or_digest_is_found(file):
    (one,) = read(file, "record.json")["files"]
    assert one["name"] == "door.png"
    for change in ({"name": "other.png"}, {"sha256": "0" * 64}):
        before = file.read_bytes()
        forge(file, "record.json", lambda data, change=change: data["files"][0].update(change))
        said = check(file)
        assert said.returncode == 1
        assert f"the attached file of fact {one['seq']}" in said.stdout
        file.write_bytes(before)
    forge(
        file, "record.json", lambda data: next(w for w in data["words"] if "door.png" in w["words"])["words"].__setitem__(1, "x")
    )
    assert check(file).returncode == 1


def test_a_file_that_was_given_besides_is_compared_with_its_digest(file, tmp_path):
    script = tmp_path / "check.py"
    script.write_bytes((bundle.DATA / "check.py").read_bytes())
    for content, code in ((PICTURE, 0), (PICTURE + b"!", 1)):
        given = tmp_path / "given.png"
        given.write_bytes(content)
        command = [sys.executable, "-I", str(script), str(file), str(given)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == code


def test_the_record_in_words_says_who_did_what_and_when(file):
    with zipfile.ZipFile(file) as inside:
        text = inside.read("record.txt").decode()
    assert "Graded Immediate" in text
    assert "He has a knife and says he will come in." in text
    assert "Closed as" in text


def test_the_same_moment_makes_the_same_bytes(clone):
    with scope.use("northmoor"), transaction.atomic():
        incident = world.a_whole_journey()
        assert bundle.make(incident, at=NOW, until=99).digest == bundle.make(incident, at=NOW, until=99).digest


# --- giving it out ----------------------------------------------------------------------------------------------------


@pytest.fixture
def marian(northmoor) -> Client:
    client = Client()
    client.force_login(world.a_member("marian", "supervisor"), backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = "northmoor"
    session.save()
    return client


def test_giving_it_out_is_a_disclosure_and_a_fact_and_a_repeat_is_neither(marian):
    incident = world.a_whole_journey()
    first = marian.post(f"/incidents/{incident.pk}/bundle/", ASKED)
    again = marian.post(f"/incidents/{incident.pk}/bundle/", ASKED)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert zipfile.ZipFile(io.BytesIO(first.content)).testzip() is None
    assert Fact.objects.filter(kind="BundleDisclosed").count() == 1
    assert Command.objects.filter(name="desk.bundle").count() == 1
    found = access.read(
        since=datetime(2020, 1, 1, tzinfo=UTC), until=datetime(2100, 1, 1, tzinfo=UTC), by="staff:1", at=NOW, kind="disclosure"
    )
    (entry,) = found.entries
    assert (entry.recipient, entry.subject) == ("HM Inspectorate", ("incident", incident.pk))


@pytest.mark.parametrize("wrong", [{"recipient": ""}, {"reason": "short"}, {"recipient": "x" * 65}, {"reason": "x" * 161}])
def test_without_a_recipient_and_a_reason_nothing_is_given(marian, wrong):
    incident: Incident = world.an_incident()
    answer = marian.post(f"/incidents/{incident.pk}/bundle/", ASKED | wrong, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == set(wrong)
    assert not Fact.objects.filter(kind="BundleDisclosed").exists()
