"""“… is writing”: on the screens of who has the log open, on nobody else's, and stored nowhere."""

import asyncio

import pytest
from django.db import transaction
from django.test import Client

from tests import world
from tests.test_live import Screen, aside, log_in
from watchroom.foundation import access, clock, facts, scope, writing
from watchroom.foundation.models import Fact
from watchroom.incidents import writing as places


@pytest.fixture
def log(northmoor):
    contact = world.an_answered_call()
    return contact, world.an_incident(contact=contact)


def opened(member, kind: str, number: int) -> None:
    access.consult(subject=(kind, number), reason="for the test", by=member.code, at=clock.now())


def test_a_line_shows_on_every_page_of_its_log_and_a_draft_of_something_else_on_none(log):
    contact, incident = log
    bryn, at = contact.owner, clock.now()
    opened(bryn, "contact", contact.pk)
    key = f"contact:{contact.pk}:line"
    assert set(places.topics(key=key, member=bryn, at=at)) == {f"contact-{contact.pk}", f"log-{incident.pk}"}
    for other in (f"contact:{contact.pk}:risk:threat", "contact:x:line", "bar:command", f"contact:{contact.pk}:line2"):
        assert places.topics(key=other, member=bryn, at=at) == ()


def test_nobody_appears_on_a_log_that_they_have_not_opened_or_may_not_write(log):
    contact, incident = log
    priya = world.a_member("priya", "despatcher")
    note, line = f"incident:{incident.pk}:note", f"contact:{contact.pk}:line"
    assert places.topics(key=note, member=priya, at=clock.now()) == ()
    opened(priya, "incident", incident.pk)
    opened(priya, "contact", contact.pk)
    assert f"log-{incident.pk}" in places.topics(key=note, member=priya, at=clock.now())
    assert places.topics(key=line, member=priya, at=clock.now()) == ()


def test_a_hint_that_fails_never_takes_the_draft_with_it(log, monkeypatch):
    contact, _ = log
    monkeypatch.setattr(places, "topics", lambda **_: 1 / 0)
    client = Client()
    client.force_login(contact.owner, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = "northmoor"
    session.save()
    kept = client.put(f"/drafts/contact:{contact.pk}:line", "He is", content_type="text/plain")
    assert kept.status_code == 200


def test_the_hint_holds_no_word_of_what_is_written_and_is_no_fact(log, monkeypatch):
    contact, _ = log
    said = []
    monkeypatch.setattr(writing, "say", lambda topics, **more: said.append((topics, more)))
    opened(contact.owner, "contact", contact.pk)
    before = Fact.objects.count()
    writing.notice(key=f"contact:{contact.pk}:line", member=contact.owner, is_on=True, at=clock.now())
    ((_, more),) = said
    assert more == {"by": contact.owner.code, "is_on": True}
    assert Fact.objects.count() == before
    assert not any("riting" in name for name in facts.kinds())


def test_each_letter_does_not_tell_how_fast_somebody_types(log, monkeypatch):
    contact, _ = log
    said = []
    monkeypatch.setattr(writing, "say", lambda topics, **more: said.append(more["is_on"]))
    opened(contact.owner, "contact", contact.pk)
    for is_on in (True, True, True, False, True):
        writing.notice(key=f"contact:{contact.pk}:line", member=contact.owner, is_on=is_on, at=clock.now())
    assert said == [True, False, True]


# --- to the screens


def prepare():
    """A log that Bryn writes, and that a despatcher has open and another has not."""
    with scope.use("northmoor"), transaction.atomic():
        contact = world.an_answered_call()
        incident = world.an_incident(contact=contact)
        opened(contact.owner, "contact", contact.pk)
        opened(world.a_member("despatcher", "despatcher"), "incident", incident.pk)
        return contact, incident


def type_something(contact) -> None:
    with scope.use("northmoor"), transaction.atomic():
        key = f"contact:{contact.pk}:line"
        writing.notice(key=key, member=contact.owner, is_on=True, at=clock.now())
        writing.notice(key=key, member=contact.owner, is_on=False, at=clock.now())


def test_who_has_the_log_open_sees_who_writes_and_when_they_have_sent_it(clone):
    contact, incident = prepare()
    despatcher = log_in("northmoor", "despatcher")

    async def story():
        async with Screen(despatcher, topics=f"log-{incident.pk},contact-{contact.pk}") as screen:
            await screen.hello()
            await asyncio.sleep(0.3)  # the listener has its connection
            await aside(type_something, contact)
            hints = [await screen.next() for _ in range(2)]
        assert [name for name, _ in hints] == ["writing", "writing"]
        assert [hint["on"] for _, hint in hints] == [True, False]
        assert hints[0][1]["name"] == "Bryn"
        assert hints[0][1]["topics"] == [f"log-{incident.pk}"]  # and not the contact, which this person has not opened

    asyncio.run(story())


@pytest.mark.parametrize(("force", "role"), [("northmoor", "supervisor"), ("southmere", "despatcher")])
def test_nobody_else_learns_who_writes(clone, force, role):
    contact, incident = prepare()
    other = log_in(force, role)

    async def story():
        async with Screen(other, topics=f"log-{incident.pk},contact-{contact.pk}") as screen:
            await screen.hello()
            await asyncio.sleep(0.3)
            await aside(type_something, contact)
            await asyncio.sleep(1.5)
            assert "writing" not in [screen.events.get_nowait()[0] for _ in range(screen.events.qsize())]

    asyncio.run(story())


def test_ones_own_writing_is_not_told_to_oneself(clone):
    contact, _ = prepare()
    with scope.use("northmoor"), transaction.atomic():
        bryn = world.a_member("handler", "handler")
        opened(bryn, "contact", contact.pk)
    mine = log_in("northmoor", "handler")

    async def story():
        async with Screen(mine, topics=f"contact-{contact.pk}") as screen:
            await screen.hello()
            await asyncio.sleep(0.3)

            def types():
                with scope.use("northmoor"), transaction.atomic():
                    writing.notice(key=f"contact:{contact.pk}:line", member=bryn, is_on=True, at=clock.now())

            await aside(types)
            await aside(type_something, contact)
            name, hint = await screen.next()
            assert (name, hint["name"]) == ("writing", "Bryn")

    asyncio.run(story())
