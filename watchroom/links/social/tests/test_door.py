"""What is signed comes in once and joins its conversation; what is not changes nothing and is told why."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact, Line
from watchroom.duties import queries as owed
from watchroom.foundation import clock
from watchroom.foundation.models import Fact
from watchroom.links.social import rules
from watchroom.links.social.models import Message

SECRET = "northmoor-secret-of-the-gateway-0123"


@pytest.fixture
def door(northmoor, monkeypatch):
    """door(id=…, text=…) hands in a message of Ann; `signed` replaces the header, `raw` the body."""
    monkeypatch.setenv("WATCHROOM_SOCIAL_SECRET_NORTHMOOR", SECRET)
    client = Client(raise_request_exception=False)

    def go(*, force="northmoor", signed=None, raw=None, late=0, secret=SECRET, **given):
        body = raw if raw is not None else json.dumps(a_message(**given)).encode()
        header = rules.header(secret, int(clock.now().timestamp()) - late, body) if signed is None else signed
        more = {"HTTP_WATCHROOM_SIGNATURE": header} if header else {}
        return client.post(f"/social/in/{force}/", body, content_type="application/json", **more)

    return go


def a_message(**given):
    given = {"id": "m1", "conversation": "c1", "account": "@ann", "name": "Ann", "text": "A bicycle was taken.", **given}
    sender = {"account": given.pop("account"), "name": given.pop("name")}
    sent_at = given.pop("sent_at", None) or clock.now().isoformat()
    return {"protocol": "watchroom-social/1", "platform": "harbourly", "from": sender, "sent_at": sent_at, **given}


def words(row: Contact, *origins: str) -> list[str]:
    rows = Line.objects.filter(contact=row, origin__in=origins or ("caller",)).order_by("pk")
    return list(rows.values_list("text", flat=True))


def counted() -> tuple[int, int, int]:
    return Contact.objects.count(), Message.objects.count(), Fact.objects.count()


def test_a_message_is_one_contact_however_often_it_is_sent(door):
    first = door()
    assert (first.status_code, first.json()["repeated"]) == (201, False)
    again = door()
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    row = Contact.objects.get()
    assert (row.channel, row.state, row.caller_name, row.safe_contact) == ("social", "waiting", "Ann", "unknown")
    assert first.json()["reference"] == row.reference
    assert words(row) == ["A bicycle was taken."]
    assert "answer" in {duty.kind for duty in owed.open_for(("contact", row.pk))}
    assert not any(
        secret in str(list(Fact.objects.values_list("body", flat=True))) for secret in ("@ann", "bicycle", "harbourly")
    )


def test_what_one_account_writes_in_one_conversation_is_one_contact_while_that_is_open(door):
    door(id="1")
    row = Contact.objects.get()
    door(id="2", text="And my bag.")
    bryn = world.a_member()
    contacts.answer(contact=row.pk, member=bryn, by=bryn.code, at=clock.now())
    door(id="3", text="He has a knife.")
    assert Contact.objects.count() == 1
    assert words(row) == ["A bicycle was taken.", "And my bag.", "He has a knife."]
    door(id="4", account="@craig", name="", text="I know where you live.")
    other = Contact.objects.exclude(pk=row.pk).get()
    assert (other.caller_name, words(other)) == ("@craig", ["I know where you live."])
    door(id="5", conversation="c2", text="Somewhere else.")
    assert Contact.objects.count() == 3
    Contact.objects.filter(pk=row.pk).update(state="wrapped")
    door(id="6", text="Again.")
    assert words(Contact.objects.order_by("pk").last()) == ["Again."]


def test_an_edit_keeps_what_stood_there_first(door):
    door(text="He hit me.")
    assert door(text="It was nothing.").status_code == 201
    assert door(text="It was nothing.").json()["repeated"]
    row = Contact.objects.get()
    assert words(row) == ["He hit me.", "It was nothing."]
    assert any("They changed a message" in line for line in words(row, "system"))


def test_the_same_number_and_words_in_another_conversation_are_another_message(door):
    """Some platforms count from one in each conversation, and many say no more than “Help”."""
    for other in ({}, {"conversation": "c2"}, {"account": "@craig"}):
        assert door(id="1", text="Help", **other).status_code == 201
        assert door(id="1", text="Help", **other).json()["repeated"]
    assert [words(row) for row in Contact.objects.order_by("pk")] == [["Help"]] * 3
    assert not any("They changed a message" in line for row in Contact.objects.all() for line in words(row, "system"))


def test_words_of_danger_lift_it_and_it_is_taken_and_assessed_as_a_call_is(door):
    door(id="1")
    door(id="2", conversation="c2", text="He has a knife and is outside my door.")
    old, grave = Contact.objects.order_by("pk")
    client = world.signed_in("bryn", "handler")
    page = client.get("/trays/").content.decode()
    assert page.index(f'id="tray-{grave.pk}"') < page.index(f'id="tray-{old.pk}"')
    client.post(f"/contacts/{grave.pk}/answer/", headers={"HX-Request": "true"})
    assert {duty.kind for duty in owed.open_for(("contact", grave.pk))} == {"risk", "wrap_up"}
    assert client.get(f"/desk/{grave.pk}/").status_code == 200


def test_what_is_public_and_what_stays_on_the_platform_is_said(door):
    door(public=True, files=2, text="")
    row = Contact.objects.get()
    assert words(row) == ["(no text)"]
    said = " ".join(words(row, "system"))
    assert "everybody can read it" in said
    assert "2 files came with it" in said


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ({"signed": ""}, 401, "Sign the message"),
        ({"signed": "t=1,v1=zz"}, 401, "cannot be read"),
        ({"secret": "another-secret-that-is-long-enough"}, 401, "does not belong"),
        ({"late": 301}, 401, "too old"),
        ({"late": -301}, 401, "too old"),
        ({"force": "southmere"}, 404, "secret is not set"),
        ({"force": "atlantis"}, 404, "secret is not set"),
        ({"raw": b"{"}, 422, "protocol says"),
        ({"raw": b"\xff\xfe"}, 422, "protocol says"),
        ({"raw": b'{"text": "\\ud800"}'}, 422, "protocol says"),
        ({"text": "a\0b"}, 422, "text"),
        ({"text": "a" * 18_001}, 422, "text"),
        ({"raw": b"x" * 300_000}, 413, "larger"),
        ({"unknown": 1}, 422, "unknown"),
        ({"sent_at": "2026-11-22T03:12:00"}, 422, "sent_at"),
    ],
)
def test_what_is_not_let_in_is_told_why_and_nothing_is_stored(door, given, status, says):
    before = counted()
    answer = door(**given)
    assert answer.status_code == status
    assert says in answer.json()["problem"]
    assert counted() == before


def test_a_secret_of_another_force_opens_no_door(door, southmere, monkeypatch):
    monkeypatch.setenv("WATCHROOM_SOCIAL_SECRET_SOUTHMERE", "southmere-secret-of-the-gateway-0123")
    assert door(force="southmere").status_code == 401
    assert door().status_code == 201


def test_a_secret_that_is_too_short_is_none(door, monkeypatch):
    monkeypatch.setenv("WATCHROOM_SOCIAL_SECRET_NORTHMOOR", "short")
    assert door(secret="short").status_code == 404


def test_only_post_and_no_cookie_helps(door):
    answer = world.signed_in("bryn", "handler").get("/social/in/northmoor/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert (
        world.signed_in("bryn", "handler").post("/social/in/northmoor/", b"{}", content_type="application/json").status_code
        == 401
    )


def test_a_clock_of_theirs_that_is_wrong_makes_nobody_wait_for_years(door):
    door(id="1", sent_at="1999-01-01T00:00:00Z")
    door(id="2", conversation="c2", sent_at=(clock.now() + timedelta(days=400)).isoformat())
    door(id="3", conversation="c3", sent_at=(clock.now() - timedelta(hours=2)).isoformat())
    one, two, three = Contact.objects.order_by("pk")
    assert abs(clock.now() - one.transferred_at) < timedelta(minutes=1)
    assert two.transferred_at <= clock.now()
    assert clock.now() - three.transferred_at >= timedelta(hours=2)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
parts = st.fixed_dictionaries({}, optional=dict.fromkeys((*a_message(), "files", "public", "\0", "é"), json_values))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changed=parts, cut=st.integers(0, 400), is_signed=st.booleans(), junk=st.binary(max_size=20))
def test_whatever_the_gateway_sends_is_taken_whole_or_refused_in_words(door, changed, cut, is_signed, junk):
    """Fuzzed: fields of any kind, bodies that break off, bytes behind the end."""
    body = json.dumps({**a_message(), **changed}).encode()[: 400 - cut if cut < 50 else None] + (junk if cut > 350 else b"")
    before = counted()
    answer = door(raw=body) if is_signed else door(raw=body, signed="t=1,v1=" + "0" * 64)
    assert answer.status_code in ((200, 201, 422) if is_signed else (401,)), answer.content
    if answer.status_code >= 400:
        assert answer.json()["problem"]
        assert counted() == before
