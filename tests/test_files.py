"""A file in a log is what its bytes are: judged by them, kept once, proved by its digest, never run, and another force's to nobody."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.contacts import files, rules
from watchroom.contacts.models import Attachment
from watchroom.force import packs
from watchroom.foundation import access, scope, vault
from watchroom.foundation.models import Fact
from watchroom.incidents import queries

POLICY = packs.national()
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 50
LONG_AGO, FAR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def state(settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    return tmp_path


def a_client(member, force: str = "northmoor", **more) -> Client:
    client = Client(**more)
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = force
    session.save()
    return client


@pytest.fixture
def bryn(northmoor) -> Client:
    return a_client(world.a_member())


@pytest.fixture
def contact(northmoor):
    return world.an_answered_call()


def send(client, contact, content: bytes = PNG, name: str = "door.png", kind: str = "image/png", **more):
    body = {"file": SimpleUploadedFile(name, content, content_type=kind), "about": "The front door.", "key": name, **more}
    return client.post(f"/incidents/of/{contact.pk}/file/", body, headers={"HX-Request": "true"})


def on_disk(state) -> list:
    return [path for path in (state / "files").rglob("*") if path.is_file()] if (state / "files").exists() else []


# --- rules


def test_each_kind_of_the_national_pack_is_told_by_its_first_bytes():
    known = {"jpeg": b"\xff\xd8\xff\xe0", "png": PNG, "pdf": b"%PDF-1.7", "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 "}
    known |= {"wav": b"RIFF\x00\x00\x00\x00WAVEfmt ", "mp4": b"\x00\x00\x00\x18ftypisom", "heic": b"\x00\x00\x00\x18ftypheic"}
    for code, head in known.items():
        assert rules.kind_of(head, POLICY).code == code


@given(
    st.sampled_from([b"<html>", b"MZ\x90\x00", b"\x7fELF", b"PK\x03\x04", b"#!/bin/sh", b"GIF89a", b"<svg ", b"{"]),
    st.binary(max_size=60),
)
def test_what_a_machine_could_run_or_show_is_no_kind_of_file(head, rest):
    assert rules.refuses_file(len(head + rest), head + rest, POLICY)


@given(st.text(max_size=200))
def test_no_name_leads_into_another_folder_and_each_ends_as_what_it_is(given_name):
    name = rules.file_name(given_name, rules.kind_of(PNG, POLICY))
    assert name.endswith(".png")
    assert 5 <= len(name) <= 120
    assert not set(name) & set('/\\<>:"|?*\0\n\r')
    assert not name.startswith(".")


def test_a_policy_that_names_no_kind_takes_no_file():
    old = POLICY.model_copy(update={"files": type(POLICY.files)()})
    assert "takes no files" in rules.refuses_file(10, PNG, old)


# --- adding


def test_a_file_stands_in_the_log_with_its_digest_and_the_fact_proves_it_without_its_name(bryn, contact, state):
    answer = send(bryn, contact)
    assert answer.status_code == 200, answer.content
    row = Attachment.objects.get()
    assert row.sha256 == hashlib.sha256(PNG).hexdigest()
    (line,) = queries.contact_log(contact.pk)
    assert "door.png" in line.text
    assert row.sha256[:12] in line.text
    assert (line.file, line.origin, line.name) == (row.pk, "handler", "Bryn")
    fact = Fact.objects.get(kind="FileAttached")
    assert "door" not in str(fact.body)
    assert fact.body["digest"] != row.sha256
    (kept,) = on_disk(state)
    assert kept.read_bytes() == PNG
    assert kept.name == row.token
    assert oct(kept.stat().st_mode)[-3:] == "400"


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"<html><script>alert(1)</script></html>", "harmless.png", "none of what a log takes"),
        (b"MZ" + b"\0" * 100, "invoice.pdf", "none of what a log takes"),
        (b"", "nothing.png", "empty"),
        (PNG + b"\0" * (POLICY.files.most_bytes), "large.png", "larger than"),
    ],
)
def test_a_refused_file_says_why_and_nothing_of_it_stays(bryn, contact, state, content, name, says):
    answer = send(bryn, contact, content, name)
    assert answer.status_code == 422
    assert says in answer.json()["fields"]["file"]
    assert not Attachment.objects.exists()
    assert on_disk(state) == []


def test_a_form_that_is_sent_again_attaches_once_and_another_file_under_its_key_is_another(bryn, contact, state):
    assert send(bryn, contact).status_code == send(bryn, contact).status_code == 200
    assert Attachment.objects.count() == len(on_disk(state)) == 1
    send(bryn, contact, PNG + b"more")
    assert Attachment.objects.count() == len(on_disk(state)) == 2


def test_nothing_is_read_of_who_may_not_send_and_a_form_without_its_token_is_refused(northmoor, contact, state):
    assert send(a_client(world.a_member("ines", "auditor")), contact).status_code == 403
    assert send(a_client(contact.owner, enforce_csrf_checks=True), contact).status_code == 403
    assert on_disk(state) == []


def test_a_file_added_at_a_job_belongs_to_the_contact_that_opened_it(northmoor, contact):
    incident = world.an_incident(contact=contact)
    priya = a_client(world.a_member("priya", "despatcher"))
    answer = priya.post(f"/incidents/{incident.pk}/file/", {"file": SimpleUploadedFile("x.jpg", b"\xff\xd8\xff\xe0rest")})
    assert answer.status_code == 303
    row = Attachment.objects.get()
    assert (row.contact_id, row.origin) == (contact.pk, "despatch")
    assert f"file-{row.pk}" in [line.key for line in queries.log(incident.pk)]


def test_the_database_lets_nobody_change_a_row(bryn, contact):
    send(bryn, contact)
    with pytest.raises(DatabaseError), transaction.atomic():
        Attachment.objects.update(name="other.png")


# --- opening


def test_opening_it_is_a_consultation_and_the_browser_may_run_nothing_of_it(bryn, contact):
    send(bryn, contact)
    row = Attachment.objects.get()
    answer = bryn.get(f"/incidents/file/{row.pk}/")
    assert b"".join(answer.streaming_content) == PNG
    assert answer["Content-Disposition"] == 'attachment; filename="door.png"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "'self'" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    seen = access.read(since=LONG_AGO, until=FAR, by="staff:1", at=FAR, subject=("contact", contact.pk))
    reasons = [entry.reason for entry in seen.entries]
    assert f"opened the attached file {row.pk}" in reasons
    assert "door" not in str(reasons)


def test_bytes_that_were_changed_on_the_disk_are_not_given_out(bryn, contact):
    send(bryn, contact)
    row = Attachment.objects.get()
    path = vault.path_of(row.token)
    path.chmod(0o600)
    path.write_bytes(PNG.replace(b"picture", b"forgery", 1))
    answer = bryn.get(f"/incidents/file/{row.pk}/", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert "not the ones that were handed in" in answer.json()["problem"]


def test_another_force_gets_nothing(bryn, contact):
    send(bryn, contact)
    number = Attachment.objects.get().pk
    with scope.use("southmere"):
        ola = a_client(world.a_member("ola", "handler", "supervisor", "inspector"), "southmere")
    assert ola.get(f"/incidents/file/{number}/").status_code == 404
    assert ola.post(f"/incidents/file/{number}/remove/", {"because": "No reason."}).status_code == 404


# --- taking off


def test_taking_it_off_is_a_line_and_the_bytes_stay_for_whoever_looks_back(bryn, contact, state):
    send(bryn, contact)
    row = Attachment.objects.get()
    address = f"/incidents/file/{row.pk}/"
    refused = bryn.post(address + "remove/", {"because": ""}, headers={"Accept": "application/json"})
    assert refused.status_code == 422
    bryn.post(address + "remove/", {"because": "It shows another door."})
    said = [line.text for line in queries.contact_log(contact.pk)]
    assert any("taken off" in text for text in said)
    assert any("It shows another door." in text for text in said)
    assert Fact.objects.filter(kind="FileRemoved").count() == 1
    assert bryn.get(address, headers={"Accept": "application/json"}).status_code == 409
    gwen = a_client(world.a_member("gwen", "inspector"))
    assert b"".join(gwen.get(address).streaming_content) == PNG
    with pytest.raises(Exception, match="already"):
        files.remove(attachment=row.pk, because="Once more.", by="staff:1", at=FAR)
    assert len(on_disk(state)) == 1
