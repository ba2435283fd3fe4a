"""A text to 999 is an emergency contact that goes to and fro: before all that is no emergency, by the same act of risk."""

import contextlib
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client

from tests import world
from tests.test_offers import at_the_waiting_page, offered, ring
from watchroom.api import tokens
from watchroom.contacts import actions as contacts
from watchroom.contacts import offers
from watchroom.contacts.chat import actions as chat
from watchroom.contacts.models import Contact, Line
from watchroom.demand.queries import now
from watchroom.duties import queries as owed
from watchroom.force import queries as forces
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Refused
from watchroom.identity import queries as people

pytestmark = pytest.mark.usefixtures("northmoor")


@pytest.fixture
def gateway(northmoor: str):
    """A machine's client with a token for texts: gateway(key, text) sends one, gateway() fetches."""
    _, token = tokens.create(name="texts", by="system:tests", at=clock.now(), permissions=["texts.exchange"])
    client, bearer = Client(), {"HTTP_AUTHORIZATION": f"Bearer {token}"}

    def go(key: str = "", text: str = "", number: str = "07700 900417", after: int = 0):
        if not key:
            return client.get(f"/api/v1/texts?after={after}", **bearer)
        body = {"number": number, "text": text}
        return client.post("/api/v1/texts", body, content_type="application/json", HTTP_IDEMPOTENCY_KEY=key, **bearer)

    return go


def test_it_is_one_contact_to_and_fro_each_text_once_and_ends_as_every_other(gateway) -> None:
    first = gateway("1", "Man in my house. Cant speak")
    assert (first.status_code, first.json()["repeated"]) == (201, False)
    assert gateway("1", "Man in my house. Cant speak").json()["repeated"]
    assert gateway("2", "upstairs").json()["id"] == first.json()["id"]
    call = Contact.objects.get()
    assert (call.channel, call.caller_number, call.chat.said) == ("emergency_sms", "+447700900417", 2)
    bryn = world.a_member()
    contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=clock.now())
    assert "risk" in {duty.kind for duty in owed.open_for(("contact", call.pk))}
    client = world.signed_in("bryn", "handler")
    assert 'id="chat"' in client.get(f"/desk/{call.pk}/").content.decode()
    assert client.post(f"/desk/{call.pk}/chat/say/", {"text": "Where are you?"}, HTTP_HX_REQUEST="true").status_code == 200
    (out,) = gateway().json()["items"]
    assert (out["number"], out["text"]) == ("+447700900417", "Where are you?")
    assert gateway(after=out["id"]).json()["items"] == []
    with pytest.raises(Refused, match="still open"):
        contacts.wrap_up(contact=call.pk, by=bryn.code, at=clock.now())
    contacts.end(contact=call.pk, how="handler", by=bryn.code, at=clock.now())
    with pytest.raises(Refused, match="risk is not written"):
        contacts.wrap_up(contact=call.pk, by=bryn.code, at=clock.now())
    assert gateway("3", "he is back").json()["id"] != call.pk  # what comes after the end waits as a new contact
    assert Line.objects.filter(origin="caller").count() == 3


def test_its_channel_is_said_as_the_force_calls_it(gateway) -> None:
    """On the page, in its title, in what is owed for it, and where it stands among the earlier ones of the same number."""
    gateway("1", "Man in my house. Cant speak")
    call, bryn = Contact.objects.get(), world.a_member()
    client = world.signed_in("bryn", "handler")
    assert "<title>Contact 1, 999 text – Watchroom</title>" in client.get(f"/desk/{call.pk}/").content.decode()
    assert [debt.about for debt in now.owed(call.transferred_at + timedelta(minutes=5)).debts] == ["Contact 1, 999 text"]
    contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=clock.now())
    again = world.a_call(number="07700 900417", at=clock.now() + timedelta(minutes=1))
    assert [one.headline for one in people.earlier(again)] == ["999 text: with us now."]


def test_it_goes_before_all_that_is_no_emergency_and_to_somebody_who_holds_chats(gateway) -> None:
    at = clock.now()
    ring("101", at=at - timedelta(hours=1))
    bryn = at_the_waiting_page("bryn", at - timedelta(minutes=1))
    held, _ = chat.begin(key="c", text="Hello", by="portal", at=at)
    contacts.answer(contact=held.pk, member=bryn, by=bryn.code, at=at)
    gateway("1", "help")
    offers.route(at=clock.now())
    assert offered(Contact.objects.get(channel="emergency_sms")) == bryn


def test_one_that_nobody_answers_in_its_time_is_a_danger_on_the_supervisors_page(gateway) -> None:
    gateway("1", "help")
    call = Contact.objects.get()
    assert now.headline(call.transferred_at + timedelta(seconds=59)) is None
    found = now.headline(call.transferred_at + timedelta(seconds=61))
    assert (found.danger.kind, found.danger.subject) == ("ringing_999", ("contact", call.pk))


def test_who_does_not_answer_what_was_asked_is_looked_for_and_nobody_is_taken_to_have_given_up(gateway) -> None:
    gateway("1", "help")
    call, at, bryn = Contact.objects.get(), clock.now(), world.a_member()
    assert chat.sweep(at=at + timedelta(hours=1)) == 0  # there is no page that could be closed
    contacts.answer(contact=call.pk, member=bryn, by=bryn.code, at=at)
    chat.say(contact=call.pk, text="Where are you?", by=bryn.code, at=at + timedelta(seconds=5))
    assert chat.sweep(at=at + timedelta(seconds=184)) == 0
    assert chat.sweep(at=at + timedelta(seconds=185)) == 1
    assert owed.is_owed("quiet", ("contact", call.pk))
    gateway("2", "harbour")
    assert not owed.is_owed("quiet", ("contact", call.pk))


@pytest.mark.parametrize(("number", "text"), [("", "help"), ("withheld", "help"), ("07700 900417", " ")])
def test_what_cannot_be_answered_or_says_nothing_is_refused_in_words(gateway, number, text) -> None:
    refused = gateway("1", text, number=number)
    assert refused.status_code == 422
    assert refused.json()["fields"]
    assert not Contact.objects.exists()


def test_another_token_neither_sends_nor_fetches_texts(northmoor) -> None:
    _, token = tokens.create(name="other", by="system:tests", at=clock.now(), permissions=["contacts.receive"])
    assert Client().get("/api/v1/texts", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 403


def at_once(*acts) -> None:
    """Each in a transaction of its own, begun together."""
    begin = threading.Barrier(len(acts))

    def run(act) -> None:
        try:
            begin.wait()
            with scope.use("northmoor"), transaction.atomic(), contextlib.suppress(Refused):
                act()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_parts_of_one_text_that_come_at_once_are_one_contact(clone) -> None:
    part = partial(chat.text, number="07700 900417", by="link:texts", at=clock.now())
    at_once(*(partial(part, key=str(n), text=f"part {n}") for n in range(5)))
    with scope.use("northmoor"), transaction.atomic():
        assert Contact.objects.get(channel="emergency_sms").chat.said == 5


def test_two_who_pass_on_at_once_do_not_pass_one_too_many(clone) -> None:
    at = clock.now()
    with scope.use("northmoor"), transaction.atomic():
        most = forces.policy_at(at).policy.routing.chats_at_once
        carys = world.a_member("carys", "handler")
        theirs = [(carys, f"hers {n}") for n in range(most - 1)] + [
            (world.a_member(f"h{n}", "handler"), f"{n}") for n in range(4)
        ]
        rows = []
        for member, key in theirs:
            row, _ = chat.begin(key=key, text="Hello", by="portal", at=at)
            rows.append(contacts.answer(contact=row.pk, member=member, by=member.code, at=at))
    passes = partial(chat.pass_on, to=carys, note="Please go on", at=at)
    at_once(*(partial(passes, contact=row.pk, by=row.owner.code) for row in rows[most - 1 :]))
    with scope.use("northmoor"), transaction.atomic():
        assert Contact.objects.filter(owner=carys, state="answered").count() == most


def test_what_goes_out_is_numbered_as_it_is_committed(clone) -> None:
    """Else whoever fetches by number passes over the one that was committed later."""
    at = clock.now()
    with scope.use("northmoor"), transaction.atomic():
        bryn, rows = world.a_member(), []
        for number in ("07700 900417", "07700 900418"):
            row, _ = chat.text(key=number, number=number, text="help", by="link:texts", at=at)
            rows.append(contacts.answer(contact=row.pk, member=bryn, by=bryn.code, at=at))
    second = threading.Thread(target=at_once, args=(partial(chat.say, contact=rows[1].pk, text="two", by=bryn.code, at=at),))
    with scope.use("northmoor"), transaction.atomic():
        chat.say(contact=rows[0].pk, text="one", by=bryn.code, at=at)
        second.start()
        second.join(1.0)
        assert second.is_alive(), "it waits until the first is there to be fetched"
    second.join()
    with scope.use("northmoor"), transaction.atomic():
        assert list(Line.objects.filter(origin="to_caller").order_by("pk").values_list("text", flat=True)) == ["one", "two"]
