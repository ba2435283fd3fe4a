"""A message is a contact with its recording, an owner and a time; a person listens in time, and no box is a place to be forgotten (R21)."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import world
from watchroom.api import tokens
from watchroom.contacts import actions as contacts
from watchroom.contacts.answerphone import actions, queries
from watchroom.contacts.models import Attachment, Contact, Message
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.duties.models import Duty
from watchroom.foundation import access, clock, scope, vault
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact

WAV = b"RIFF\x24\x08\x00\x00WAVEfmt " + b"\x10\x00voice" * 200
OGG = b"OggS\x00\x02" + b"voice" * 100
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # the enquiry desk is there from eight to six
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LONG_AGO, FAR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def state(settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    return tmp_path


def a_recording(content: bytes = WAV, most: int = 10_000_000) -> vault.Incoming:
    incoming = vault.Incoming("m.wav", most)
    incoming.take(content)
    incoming.finish()
    return incoming


def a_message(at: datetime = MONDAY, *, key: str = "m1", content: bytes = WAV, box: str = "enquiries", **more) -> Contact:
    return actions.leave(key=key, box=box, recording=a_recording(content), by="link:exchange", at=at, **more)[0]


def listen(contact: Contact) -> Duty:
    return Duty.objects.get(kind="listen", subject_kind="contact", subject_id=contact.pk)


# --- leaving


def test_a_message_is_a_contact_with_its_recording_an_owner_and_a_time(northmoor, state):
    contact = a_message(caller_number="07700 900417", seconds=41)
    message = queries.of(contact.pk)
    assert (contact.channel, contact.state, contact.caller_number) == ("answerphone", "waiting", "+447700900417")
    assert message.attachment.sha256 == hashlib.sha256(WAV).hexdigest()
    assert vault.read(message.attachment.token, sha256=message.attachment.sha256).read_bytes() == WAV
    duty = listen(contact)
    assert (duty.owner, duty.due_at) == ("desk:resolution", MONDAY + timedelta(hours=2))
    assert message.was_covered


def test_the_same_key_is_the_same_message(northmoor, state):
    first, again = a_message(), a_message()
    assert first.pk == again.pk
    assert (Message.objects.count(), Attachment.objects.count()) == (1, 1)


def test_what_is_left_while_nobody_is_there_in_time_belongs_at_once_to_who_sees_to_it(northmoor):
    contact = a_message(at=SUNDAY)
    assert listen(contact).owner == "desk:supervisor"
    assert listen(contact).due_at == SUNDAY + timedelta(hours=2)  # the clock does not stand still
    assert not queries.of(contact.pk).was_covered


@pytest.mark.parametrize(
    ("more", "field"),
    [({"box": "gone"}, "box"), ({"content": b"MZ" + b"x" * 99}, "recording"), ({"content": b"\x89PNG\r\n\x1a\n"}, "recording"),
     ({"seconds": -1}, "seconds"), ({"transcript": "a\x00"}, "transcript"), ({"content": b""}, "recording")],
)  # fmt: skip
def test_what_cannot_be_listened_to_is_refused_and_leaves_nothing(northmoor, more, field):
    with pytest.raises(Invalid) as refused:
        a_message(**more)
    assert list(refused.value.fields) == [field]
    assert not Contact.objects.exists()


def test_words_of_danger_in_a_transcript_have_it_heard_sooner_and_lift_it(northmoor):
    calm = a_message(key="calm", transcript="I found a glove in the park.")
    grave = a_message(key="grave", transcript="He has a knife and he is outside.")
    for contact in (calm, grave):
        contact.refresh_from_db()
    assert listen(calm).due_at == MONDAY + timedelta(hours=2)
    assert listen(grave).due_at == MONDAY + timedelta(minutes=10)
    assert (calm.attention, grave.attention) == (0, 2)
    line = grave.lines.get()
    assert line.origin == "caller"
    assert line.text == "Machine transcript, unchecked: He has a knife and he is outside."
    assert owed.is_owed("listen", ("contact", grave.pk)), "a transcript does not take the place of a person"


# --- listening


def test_whoever_listens_has_it_and_owes_its_risk(northmoor):
    contact, bryn = a_message(), world.a_member()
    at = MONDAY + timedelta(minutes=7)
    actions.listened(contact=contact.pk, member=bryn, by=bryn.code, at=at)
    contact.refresh_from_db()
    assert (contact.state, contact.owner_id) == ("answered", bryn.pk)
    assert {duty.kind for duty in owed.open_for(("contact", contact.pk))} == {"risk", "wrap_up"}
    told = Fact.objects.filter(kind="MessageListened").count()
    actions.listened(contact=contact.pk, member=bryn, by=bryn.code, at=at + timedelta(minutes=1))
    assert Fact.objects.filter(kind="MessageListened").count() == told


def test_taking_it_is_not_listening_and_nobody_writes_up_what_was_not_heard(northmoor):
    contact, bryn = a_message(), world.a_member()
    contacts.answer(contact=contact.pk, member=bryn, by=bryn.code, at=MONDAY + timedelta(minutes=1))
    assert owed.is_owed("listen", ("contact", contact.pk))
    with pytest.raises(Refused) as refused:
        contacts.wrap_up(contact=contact.pk, by=bryn.code, at=MONDAY + timedelta(minutes=9))
    assert "Nobody has listened to the message yet." in refused.value.problems


def test_an_unheard_message_climbs_and_climbs_down_when_it_is_heard(northmoor):
    contact = a_message()
    due = listen(contact).due_at
    duties.sweep(at=due - timedelta(seconds=1))
    assert not owed.is_owed("unheard", ("contact", contact.pk))
    duties.sweep(at=due)
    climbed = Duty.objects.get(kind="unheard", subject_id=contact.pk)
    assert (climbed.owner, climbed.due_at) == ("desk:supervisor", due + timedelta(minutes=15))
    actions.listened(contact=contact.pk, member=world.a_member(), by="staff:1", at=due + timedelta(minutes=1))
    assert not owed.is_owed("unheard", ("contact", contact.pk))


# --- the player


def play(client: Client, contact: Contact, **headers):
    return client.get(f"/contacts/{contact.pk}/message/", headers=headers)


@pytest.fixture
def bryn(northmoor) -> Client:
    return world.signed_in("bryn", "handler")


def test_the_recording_is_played_whole_or_in_part_and_each_playing_is_a_consultation(northmoor, bryn):
    contact = a_message()
    whole = play(bryn, contact)
    assert (whole.status_code, whole["Content-Type"], whole["Accept-Ranges"]) == (200, "audio/wav", "bytes")
    assert b"".join(whole.streaming_content) == WAV
    assert "sandbox" in whole["Content-Security-Policy"]
    size = len(WAV)
    for asked, first, last in (
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, size - 1),
        ("bytes=-4", size - 4, size - 1),
        ("bytes=5-99999", 5, size - 1),
    ):
        part = play(bryn, contact, range=asked)
        assert (part.status_code, part["Content-Range"]) == (206, f"bytes {first}-{last}/{size}")
        assert b"".join(part.streaming_content) == WAV[first : last + 1]
        assert int(part["Content-Length"]) == last - first + 1
    for asked in (f"bytes={size}-", "bytes=9-3", "bytes=-0"):
        assert play(bryn, contact, range=asked).status_code == 416, asked
    for asked in ("bytes=0-1,4-5", "pieces=1-2", "bytes=-"):
        assert play(bryn, contact, range=asked).status_code == 200, asked
    found = access.read(since=LONG_AGO, until=FAR, by="staff:9", at=clock.now(), subject=("contact", contact.pk))
    played = [one for one in found.entries if "played" in one.reason]
    assert len(played) >= 2
    assert {one.kind for one in played} == {"consultation"}


def test_bytes_that_are_no_longer_those_that_were_left_are_not_played(northmoor, bryn):
    contact = a_message()
    path = vault.path_of(queries.of(contact.pk).attachment.token)
    path.chmod(0o600)
    path.write_bytes(WAV[:-1] + b"!")
    assert play(bryn, contact).status_code == 409


def test_who_may_not_see_contacts_or_is_of_another_force_hears_nothing(northmoor, bryn, southmere):
    with scope.use("northmoor"):
        contact = a_message()
    assert play(world.signed_in("anna", "analyst"), contact).status_code == 403
    assert play(world.signed_in("sal", "handler", force="southmere"), contact).status_code == 404


def test_it_is_heard_on_the_contacts_page_and_settled_by_one_key(northmoor, bryn):
    contact = a_message(at=clock.now())
    page = bryn.get(f"/desk/{contact.pk}/").content.decode()
    assert f'src="/contacts/{contact.pk}/message/"' in page
    assert 'data-key="l"' in page
    assert bryn.post(f"/contacts/{contact.pk}/listened/", headers={"HX-Request": "true"}).status_code == 200
    assert not owed.is_owed("listen", ("contact", contact.pk))
    page = bryn.get(f"/desk/{contact.pk}/").content.decode()
    assert "Listened to at" in page


def test_a_supervisor_sees_which_boxes_are_open_and_what_is_unheard_by_its_time(northmoor):
    late = a_message(key="late", at=clock.now() - timedelta(hours=3))
    soon = a_message(key="soon", at=clock.now(), transcript="He has a knife and he is outside.")
    page = world.signed_in("sam", "supervisor").get("/contacts/boxes/").content.decode()
    assert "Harrowby enquiry desk" in page
    assert (
        page.index(f">{late.number} ")
        if f">{late.number} " in page
        else page.index(f">{late.number}<") < page.index(f">{soon.number}")
    )
    assert "knife" not in page
    assert world.signed_in("bryn", "handler").get("/contacts/boxes/").status_code == 403
    assert "2 messages unheard" in world.signed_in("sam").get("/supervisor/owed/").content.decode()


# --- the door for machines


def machine(**more) -> dict[str, str]:
    _, text = tokens.create(name="exchange", by="system:tests", at=clock.now(), permissions=["contacts.receive"], **more)
    return {"Authorization": f"Bearer {text}", "Idempotency-Key": "m-1"}


def send(headers: dict[str, str], content: bytes = OGG, **more):
    body = {"box": "round_the_clock", "recording": SimpleUploadedFile("x.ogg", content), **more}
    return Client().post("/api/v1/messages", body, headers=headers)


def on_disk(state) -> list:
    return [path for path in (state / "files").rglob("*") if path.is_file()] if (state / "files").exists() else []


def test_a_machine_hands_in_a_message_once(northmoor, state):
    headers = machine()
    first = send(headers, caller_number="07700 900417", seconds="12", transcript="Please ring me.")
    assert first.status_code == 201, first.content
    again = send(headers, caller_number="07700 900417", seconds="12", transcript="Please ring me.")
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    other = send(headers, OGG + b"!", caller_number="07700 900417", seconds="12", transcript="Please ring me.")
    assert other.status_code == 409
    message = Message.objects.get()
    assert (message.contact_id, message.seconds, message.attachment.served_as) == (first.json()["id"], 12, "audio/ogg")
    assert len(on_disk(state)) == 1, "what was not kept is thrown away"


@pytest.mark.parametrize(
    ("content", "more", "status"),
    [(b"<script>", {}, 422), (OGG, {"box": "nowhere"}, 422), (OGG, {"unknown": "x"}, 422), (OGG, {"seconds": "x"}, 422),
     (OGG, {"left_at": "2020-01-01T00:00:00Z"}, 422), (b"", {}, 422), (OGG, {"transcript": "x" * 19_001}, 422)],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_sentence_and_leaves_nothing(northmoor, state, content, more, status):
    answer = send(machine(), content, **more)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (status, "application/json"), answer.content
    assert answer.json()["problem"]
    assert not Contact.objects.exists()
    assert on_disk(state) == []


def test_a_recording_that_is_too_large_is_never_kept(northmoor, state):
    most = 10_000_000
    answer = send(machine(), OGG + b"\0" * most)
    assert answer.status_code in (413, 422)
    answer = send(machine(), OGG + b"\0" * (most + 400_000))
    assert answer.status_code == 413
    assert on_disk(state) == []


def test_without_a_token_that_may_nothing_is_read(northmoor, state):
    assert send({"Idempotency-Key": "k"}).status_code == 401
    assert send({"Authorization": "Bearer northmoor.wrong", "Idempotency-Key": "k"}).status_code == 401
    _, text = tokens.create(name="reader", by="system:tests", at=clock.now(), permissions=["contacts.see"])
    assert send({"Authorization": f"Bearer {text}", "Idempotency-Key": "k"}).status_code == 403
    as_json = Client().post("/api/v1/messages", b"{}", content_type="application/json", headers=machine())
    assert as_json.status_code == 415
    broken = Client().post("/api/v1/messages", b"--x", content_type="multipart/form-data", headers=machine())
    assert broken.status_code == 400
    assert not Contact.objects.exists()
    assert on_disk(state) == []
