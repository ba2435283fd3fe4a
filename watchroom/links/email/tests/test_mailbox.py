"""From a mailbox to contacts and back: each message once, none lost, and nobody written to who did not say that it is safe."""

import base64
import email
import os
import signal
import subprocess
import sys

import pytest
from django.db import transaction

from tests import world
from watchroom import testing
from watchroom.contacts import actions as contacts
from watchroom.contacts import unlogged
from watchroom.contacts.models import Attachment, Contact, Line
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.links.email import actions, fetching, reading, servers, tasks
from watchroom.links.email.models import Letter, Reply
from watchroom.links.email.tests.servers import Box, Post, serving
from watchroom.links.email.tests.test_reading import mail

ANN = "From: Ann <ann@example.org>"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def box(northmoor, monkeypatch):
    box = Box()
    with serving(box) as port:
        monkeypatch.setenv("WATCHROOM_IMAP_URL_NORTHMOOR", f"imap://desk:secret@127.0.0.1:{port}/INBOX")
        yield box


@pytest.fixture
def post(northmoor, monkeypatch):
    post = Post()
    with serving(post) as port:
        monkeypatch.setenv("WATCHROOM_SMTP_URL_NORTHMOOR", f"smtp://127.0.0.1:{port}")
        monkeypatch.setenv("WATCHROOM_EMAIL_FROM_NORTHMOOR", "desk@northmoor.example")
        yield post


def words(row: Contact) -> list[str]:
    return list(Line.objects.filter(contact=row).order_by("pk").values_list("text", flat=True))


def test_each_message_is_one_contact_and_is_marked_only_then(box):
    for number in range(3):
        box.put(mail(ANN, f"Message-ID: <{number}@x>", f"Subject: Number {number}"))
    assert fetching.fetch_new(at=world.NIGHT) == 3
    assert fetching.fetch_new(at=world.after(30)) == 0
    assert box.seen == {1, 2, 3}
    rows = list(Contact.objects.order_by("pk"))
    assert [(row.channel, row.state, row.caller_email, row.safe_contact) for row in rows] == [
        ("email", "waiting", "ann@example.org", "unknown")
    ] * 3
    assert words(rows[1]) == ["Subject: Number 1", "It was taken."]


def test_killed_between_the_contact_and_the_mark_it_is_found_to_be_known(box):
    box.put(mail(ANN, "Message-ID: <1@x>"))
    box.breaks_at_store = True
    with pytest.raises(Exception, match=r".*"):
        fetching.fetch_new(at=world.NIGHT)
    assert Contact.objects.count() == 1
    assert box.seen == set()
    box.breaks_at_store = False
    box.put(mail(ANN, "Message-ID: <2@x>"))
    assert fetching.fetch_new(at=world.after(30)) == 1
    assert Contact.objects.count() == Letter.objects.count() == 2


def test_a_mark_never_goes_before_the_commit(box, monkeypatch):
    box.put(mail(ANN))
    monkeypatch.setattr(actions, "receive", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        fetching.fetch_new(at=world.NIGHT)
    assert box.seen == set()


def test_one_that_cannot_be_taken_keeps_nobody_waiting_and_is_looked_at_by_a_person(box, monkeypatch):
    box.put(mail(ANN, body="poison"))
    box.put(mail(ANN, body="after it"))
    receive = actions.receive

    def fails(*, mail, **more):
        return 1 / 0 if mail.text == "poison" else receive(mail=mail, **more)

    monkeypatch.setattr(actions, "receive", fails)
    assert fetching.fetch_new(at=world.NIGHT) == 2
    first, second = Contact.objects.order_by("pk")
    assert first.caller_email == "ann@example.org"
    assert "look at it in the mailbox" in words(first)[-1]
    assert words(second) == ["after it"]


def test_a_mailbox_that_is_numbered_anew_makes_nobody_twice(box):
    box.put(mail(ANN, "Message-ID: <1@x>"))
    fetching.fetch_new(at=world.NIGHT)
    box.validity = 8
    box.put(mail(ANN, "Message-ID: <2@x>"))
    assert fetching.fetch_new(at=world.after(30)) == 1
    assert Contact.objects.count() == 2


def test_what_somebody_opened_in_a_mail_program_is_fetched_all_the_same(box):
    box.seen.add(box.put(mail(ANN)))
    assert fetching.fetch_new(at=world.NIGHT) == 1


def test_what_is_too_large_is_begun_and_said_so(box, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST", 2000)
    monkeypatch.setattr(reading, "BEGINNING", 600)
    box.put(mail(ANN, body="He has a knife. " + "x" * 5000))
    assert fetching.fetch_new(at=world.NIGHT) == 1
    assert "BODY.PEEK[]<0.600>" in box.fetched
    found = words(Contact.objects.get())
    assert found[0].startswith("He has a knife.")
    assert "only its beginning was read" in found[1]


def test_a_hostile_one_becomes_a_contact_and_the_next_one_too(box):
    box.put(b"\xff\x00\xfe" * 50)
    box.put(b"")
    box.put(mail(ANN, body="\x00After them"))
    assert fetching.fetch_new(at=world.NIGHT) == 3
    assert words(Contact.objects.order_by("-pk")[0]) == ["After them"]


def with_file(name: str, data: bytes) -> bytes:
    head = f'Content-Type: image/png\r\nContent-Disposition: attachment; filename="{name}"\r\nContent-Transfer-Encoding: base64'
    return mail(
        ANN,
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="x"',
        body=f"--x\r\nContent-Type: text/plain\r\n\r\nSee it\r\n--x\r\n{head}\r\n\r\n{base64.b64encode(data).decode()}\r\n--x--\r\n",
    )


def test_files_are_judged_by_their_bytes_and_what_is_not_taken_is_named(box, settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    box.put(with_file("door.png", PNG))
    box.put(with_file("invoice.png", b"MZ\x90 a program"))
    assert fetching.fetch_new(at=world.NIGHT) == 2
    assert Attachment.objects.get().name == "door.png"
    assert words(Contact.objects.order_by("-pk")[0])[-1].startswith("Not taken: “invoice.png”.")


def test_another_force_has_another_mailbox(box, southmere):
    box.put(mail(ANN))
    assert servers.mailbox() is None
    assert fetching.fetch_new(at=world.NIGHT) == 0


# --- answers --------------------------------------------------------------------------------------------------------


def taken(box: Box, safe: str = "any") -> Contact:
    box.put(mail(ANN, "Message-ID: <1@x>", "Subject: My husband"))
    fetching.fetch_new(at=world.NIGHT)
    row, member = Contact.objects.get(), world.a_member()
    contacts.answer(contact=row.pk, member=member, by=member.code, at=world.after(60))
    return contacts.say_safe_contact(contact=row.pk, safe=safe, by=member.code, at=world.after(70))


def written(row: Contact, confirmed: str = "Ann@example.org") -> Reply:
    return actions.reply(contact=row.pk, text="Is it safe to ring you?", confirmed=confirmed, by="staff:1", at=world.after(80))


def test_a_reply_goes_to_the_address_that_was_read_twice_and_says_nothing_outside(box, post):
    row = taken(box)
    with pytest.raises(Invalid):
        written(row, confirmed="anne@example.org")
    reply = written(row)
    for _ in range(2):
        tasks.send("northmoor", reply.pk)
    ((to, raw),) = post.taken
    message = email.message_from_string(raw)
    assert to == "ann@example.org"
    assert message["In-Reply-To"] == "<1@x>"
    assert message["Message-ID"] == reply.message_id
    assert "husband" not in raw
    assert message["Subject"] == f"Northmoor Police: your message {row.reference}"
    assert "Is it safe to ring you?" in raw
    assert Line.objects.filter(contact=row, origin="to_caller").count() == 1
    assert "ann@example.org" not in str(list(Fact.objects.values_list("body", flat=True)))


def test_how_an_agency_is_reached_goes_back_to_where_they_wrote_from_by_one_key_and_only_where_that_is_safe(box, post):
    row = taken(box, "unknown")
    with pytest.raises(Refused, match="Nobody has asked"):
        unlogged.give_details(contact=row.pk, agency="health", by="staff:1", at=world.after(80))
    assert not Line.objects.filter(contact=row, text__contains="NHS 111").exists()
    contacts.say_safe_contact(contact=row.pk, safe="any", by="staff:1", at=world.after(90))
    line = unlogged.give_details(contact=row.pk, agency="health", by="staff:1", at=world.after(95))
    tasks.send("northmoor", Reply.objects.get().pk)
    ((to, raw),) = post.taken
    assert (to, line.text.startswith("E-mail: NHS 111"), "NHS 111" in raw) == ("ann@example.org", True, True)
    assert Fact.objects.get(kind="DetailsGiven").body["way"] == "email"


@pytest.mark.parametrize("safe", ["unknown", "no", "some"])
def test_nobody_is_written_to_who_did_not_say_that_it_is_safe(box, post, safe):
    row = taken(box, safe)
    with pytest.raises(Refused):
        written(row)
    assert not Reply.objects.exists()


def test_a_server_that_is_away_is_tried_again_and_one_that_refuses_is_not(box, post):
    row = taken(box)
    reply = written(row)
    post.answers = ["450 later"]
    tasks.send("northmoor", reply.pk)
    reply.refresh_from_db()
    assert (reply.sent_at, reply.tries) == (None, 1)
    assert "example" not in reply.problem
    tasks.send("northmoor", reply.pk)
    reply.refresh_from_db()
    assert reply.sent_at
    other = written(row)
    post.answers = ["550 no such person ann@example.org"]
    tasks.send("northmoor", other.pk)
    assert words(row)[-1] == "The e-mail was not delivered: the mail server refused the address (550)"


def test_an_answer_of_the_same_sender_belongs_to_what_is_open_and_of_another_does_not(box, post):
    row = taken(box)
    reply = written(row)
    box.put(mail(ANN, f"In-Reply-To: {reply.message_id}", body="Yes, mornings"))
    box.put(mail("From: Craig <craig@example.org>", f"In-Reply-To: {reply.message_id}", body="Who is this?"))
    assert fetching.fetch_new(at=world.after(200)) == 2
    assert words(row)[-1] == "Yes, mornings"
    other = Contact.objects.exclude(pk=row.pk).get()
    assert other.caller_email == "craig@example.org"
    assert "Yes, mornings" not in words(other)


def test_the_page_says_why_nobody_may_write(box, post):
    row = taken(box, "unknown")
    client = world.signed_in("bryn", "handler")
    assert "Nobody has asked yet whether it is safe" in client.get(f"/email/{row.pk}/").content.decode()
    contacts.say_safe_contact(contact=row.pk, safe="any", by="staff:1", at=world.after(75))
    page = client.get(f"/email/{row.pk}/").content.decode()
    assert "Type the address again" in page
    said = {"text": "Hello", "confirmed": "ann@example.org", "key": "k"}
    for _ in range(2):
        assert client.post(f"/email/{row.pk}/reply/", said, headers={"HX-Request": "true"}).status_code == 200
    assert Reply.objects.count() == 1


# --- killed between the mail server's acceptance and our note ---------------------------------------------------------


def it_is(monkeypatch, moment) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


KILLED = """
import django
django.setup()
from watchroom.links.email import tasks
tasks.send("northmoor", int(__import__("sys").argv[1]))
"""


@testing.long
def test_a_process_killed_after_the_server_took_it_sends_nothing_twice(clone, monkeypatch):
    """A process that is really killed, by a mail server that has really taken the message."""
    box, post = Box(), Post()
    with serving(box) as imap, serving(post) as smtp, scope.use("northmoor"):
        monkeypatch.setenv("WATCHROOM_IMAP_URL_NORTHMOOR", f"imap://desk:secret@127.0.0.1:{imap}/INBOX")
        monkeypatch.setenv("WATCHROOM_SMTP_URL_NORTHMOOR", f"smtp://127.0.0.1:{smtp}")
        monkeypatch.setenv("WATCHROOM_EMAIL_FROM_NORTHMOOR", "desk@northmoor.example")
        with transaction.atomic():
            reply = written(taken(box))
        sending: list[subprocess.Popen] = []
        post.once_taken = lambda: os.kill(sending[0].pid, signal.SIGKILL)
        sending.append(subprocess.Popen([sys.executable, "-c", KILLED, str(reply.pk)], env=os.environ))
        assert sending[0].wait(60) == -signal.SIGKILL
        assert len(post.taken) == 1
        post.once_taken = lambda: None
        now = clock.now()
        for seconds in (1, 400, 800, 100_000):  # the job is done again after the kill, and again
            it_is(monkeypatch, now + world.timedelta(seconds=seconds))
            tasks.send("northmoor", reply.pk)
        assert len(post.taken) == 1
        with transaction.atomic():
            reply.refresh_from_db()
            assert reply.sent_at is None
            assert Duty.objects.get(kind="sent_or_not", settled_at=None).owner == "staff:1"


def test_what_was_taken_and_not_noted_is_not_sent_again(box, post, monkeypatch):
    reply = written(taken(box))
    post.once_taken = lambda: monkeypatch.setattr(actions, "sent", lambda **_: 1 / 0)  # the database is away at this moment
    with pytest.raises(ZeroDivisionError):
        tasks.send("northmoor", reply.pk)
    for seconds in (1, 200, 400):
        it_is(monkeypatch, clock.now() + world.timedelta(seconds=seconds))
        tasks.send("northmoor", reply.pk)
    assert len(post.taken) == 1
    reply.refresh_from_db()
    assert reply.doubted_at


def test_one_setting_serves_a_house_with_one_force(clone, monkeypatch):
    """Asked outside a transaction, as by the job that fetches."""
    monkeypatch.setenv("WATCHROOM_IMAP_URL", "imap://desk:secret@127.0.0.1/INBOX")
    with scope.use("northmoor"):
        assert servers.mailbox() is None, "of two forces, each has its own"
        monkeypatch.setattr(scope, "forces", lambda: ["northmoor"])
        assert servers.mailbox().host == "127.0.0.1"


def in_doubt(post: Post, row: Contact, monkeypatch) -> Reply:
    """The line goes down after the message was handed over and before the server's answer."""
    reply = written(row)

    def goes_down():
        raise ConnectionResetError

    post.once_taken = goes_down
    tasks.send("northmoor", reply.pk)
    post.once_taken = lambda: None
    reply.refresh_from_db()
    assert (bool(reply.sending_at), reply.doubted_at, reply.sent_at) == (True, None, None)
    it_is(monkeypatch, clock.now() + world.timedelta(seconds=200))
    tasks.send("northmoor", reply.pk)
    reply.refresh_from_db()
    return reply


def test_what_lies_in_the_sent_folder_was_sent(box, post, monkeypatch):
    monkeypatch.setenv("WATCHROOM_SENT_FOLDER_NORTHMOOR", "Sent")
    row = taken(box)
    monkeypatch.setattr(actions.secrets, "token_hex", lambda _: "a" * 32)
    box.sent = [b"Message-ID: <other@x>\r\n\r\nNo", b"Message-ID: <" + b"a" * 32 + b"@watchroom.invalid>\r\n\r\nYes"]
    reply = in_doubt(post, row, monkeypatch)
    assert reply.sent_at
    assert not Duty.objects.filter(kind="sent_or_not").exists()
    assert len(post.taken) == 1


def test_a_person_looks_and_says_whether_it_was_sent(box, post, monkeypatch):
    row = taken(box)
    reply = in_doubt(post, row, monkeypatch)
    assert reply.doubted_at
    client = world.signed_in("bryn", "handler")
    page = client.get(f"/email/{row.pk}/").content.decode()
    assert "May have been sent: check." in page
    duties.sweep(at=clock.now() + world.timedelta(hours=1))
    assert Duty.objects.get(kind="sent_or_not").owner == "desk:supervisor"
    settle = f"/email/{row.pk}/sent/{reply.pk}/"
    assert client.post(settle, {"was_sent": "perhaps"}, headers={"HX-Request": "true"}).status_code == 422
    contacts.say_safe_contact(contact=row.pk, safe="no", by="staff:1", at=clock.now())
    assert client.post(settle, {"was_sent": "no"}, headers={"HX-Request": "true"}).status_code == 409
    contacts.say_safe_contact(contact=row.pk, safe="any", by="staff:1", at=clock.now())
    client.post(settle, {"was_sent": "no"}, headers={"HX-Request": "true"})
    tasks.send("northmoor", reply.pk)
    reply.refresh_from_db()
    assert reply.sent_at
    assert len(post.taken) == 2
    assert post.taken[0] == post.taken[1], "the very same message, by its Message-ID and every word"
    assert not Duty.objects.filter(kind="sent_or_not", settled_at=None).exists()
    assert client.post(settle, {"was_sent": "no"}, headers={"HX-Request": "true"}).status_code == 409
    other = in_doubt(post, row, monkeypatch)
    client.post(f"/email/{row.pk}/sent/{other.pk}/", {"was_sent": "yes"}, headers={"HX-Request": "true"})
    tasks.send("northmoor", other.pk)
    assert len(post.taken) == 3


def test_what_is_no_longer_safe_does_not_go_out(box, post):
    row = taken(box)
    reply = written(row)
    contacts.say_safe_contact(contact=row.pk, safe="no", by="staff:1", at=world.after(90))
    tasks.send("northmoor", reply.pk)
    assert post.taken == []
    assert words(row)[-1] == "The e-mail was not delivered: They must not be contacted."


# --- each protection by itself ----------------------------------------------------------------------------------------


@pytest.fixture
def reply(northmoor) -> Reply:
    row, _ = contacts.receive(
        key="ann", channel="email", transferred_at=world.NIGHT, by="link:email", at=world.NIGHT, caller_email="ann@example.org"
    )
    member = world.a_member()
    contacts.answer(contact=row.pk, member=member, by=member.code, at=world.after(60))
    return written(contacts.say_safe_contact(contact=row.pk, safe="any", by=member.code, at=world.after(70)))


def told(kind: str) -> int:
    return Fact.objects.filter(kind=kind).count()


def test_nobody_answers_what_nobody_has_read(northmoor):
    row, _ = contacts.receive(
        key="ann",
        channel="email",
        transferred_at=world.NIGHT,
        by="link:email",
        at=world.NIGHT,
        caller_email="ann@example.org",
        safe_contact="any",
    )
    with pytest.raises(Refused, match="Read it first"):
        written(row)


def test_an_address_that_is_two_is_not_written_to_however_often_it_is_typed(reply):
    Contact.objects.filter(pk=reply.contact_id).update(caller_email="ann@example.org,craig@example.org")
    with pytest.raises(Refused, match="cannot be written to"):
        written(reply.contact, confirmed="ann@example.org,craig@example.org")
    assert Reply.objects.count() == 1


def test_sent_and_doubted_are_said_once_and_what_was_sent_is_never_doubted(reply):
    for second in (1, 2):
        actions.doubt(reply=reply.pk, at=world.after(90 + second))
    assert (told("ReplyDoubted"), Line.objects.filter(contact=reply.contact, text__contains="may have been sent").count()) == (
        1,
        1,
    )
    for second in (1, 2):
        actions.sent(reply=reply.pk, at=world.after(100 + second))
    actions.doubt(reply=reply.pk, at=world.after(110))
    reply.refresh_from_db()
    assert (told("ReplySent"), told("ReplyDoubted"), reply.doubted_at) == (1, 1, None)
    assert reply.sent_at == world.after(101)


def test_the_tries_have_an_end_and_it_stands_in_the_log(reply):
    tries = [actions.failed(reply=reply.pk, problem="away", is_final=False, at=world.after(100 + n)) for n in range(6)]
    assert tries == [1, 2, 3, 4, 5, 6]
    assert told("ReplyFailed") == 1
    assert words(reply.contact)[-1] == "The e-mail was not delivered: away"


def test_a_reply_is_settled_at_its_own_contact_and_written_by_whoever_has_it(reply):
    other = world.an_answered_call()
    actions.doubt(reply=reply.pk, at=world.after(90))
    bryn, hx = world.signed_in("bryn", "handler"), {"HX-Request": "true"}
    assert bryn.post(f"/email/{other.pk}/sent/{reply.pk}/", {"was_sent": "yes"}, headers=hx).status_code == 404
    said = {"text": "Hello", "confirmed": "ann@example.org", "key": "k"}
    carys = world.signed_in("carys", "handler")
    assert carys.post(f"/email/{reply.contact_id}/reply/", said, headers=hx).status_code in (403, 409)
    assert Reply.objects.count() == 1


def test_what_was_written_up_is_not_opened_again_by_an_answer_to_it(reply):
    Contact.objects.filter(pk=reply.contact_id).update(state="wrapped")
    answer = reading.read(mail(ANN, f"In-Reply-To: {reply.message_id}", body="He is back"))
    letter, _ = actions.receive(mail=answer, mailbox="INBOX", validity=1, uid=1, at=world.after(500))
    assert letter.contact_id != reply.contact_id
    assert letter.contact.state == "waiting"
