"""Research on the handler's desk: one key asks, the answer comes by a job, and nothing of it ever holds up the contact."""

import asyncio
import json
import time
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction
from django.urls import reverse
from procrastinate.contrib.django import app as jobs

from tests import world
from watchroom import journey, worker
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.desk import handler_live
from watchroom.force import queries as force
from watchroom.foundation import clock, facts, scope, tasks
from watchroom.foundation import models as foundation
from watchroom.identity.models import Research, ResearchFound
from watchroom.identity.research import actions
from watchroom.identity.tests.test_research import DEREK, HOUSING, LEANNE
from watchroom.incidents import queries as incidents
from watchroom.links.records import actions as link
from watchroom.links.records.calling import Outcome
from watchroom.links.records.tests.other_side import TOKEN, listening

HX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def housing(monkeypatch):
    """A real server in the place of Housing, connected for Northmoor."""
    with listening() as side:
        monkeypatch.setenv("WATCHROOM_RECORDS_NORTHMOOR_HOUSING_URL", side.url)
        monkeypatch.setenv("WATCHROOM_RECORDS_NORTHMOOR_HOUSING_TOKEN", TOKEN)
        yield side


@pytest.fixture
def call(northmoor) -> Contact:
    at = clock.now() - timedelta(seconds=60)
    contact = world.a_call(at=at, key="test:research", caller_name="Leanne Whitcombe")
    member = world.a_member("bryn", "handler")
    return contacts.answer(contact=contact.pk, member=member, by=member.code, at=at + timedelta(seconds=4))


@pytest.fixture
def bryn(northmoor):
    return world.signed_in("bryn", "handler")


def page(client, call) -> str:
    return client.get(f"/desk/{call.pk}/").content.decode()


def ask(client, call):
    return client.post(f"/identity/{call.pk}/research/ask/", **HX)


def answer(*records):
    row = Research.objects.get()
    return actions.answered(research=row.pk, records=records, is_cut=False, by=link.BY, at=clock.now())


def test_the_panel_says_who_can_be_asked_and_why_another_cannot(bryn, call, housing):
    shown = page(bryn, call)
    assert f"Ask {HOUSING}" in shown
    assert 'data-key="F2 a"' in shown
    assert "<b>Records management</b>: Not connected here." in shown
    assert "Not done: no other system was asked." in shown


def test_asked_answered_taken_in_and_taken_back_by_the_page(bryn, call, housing):
    panel = ask(bryn, call).content.decode()
    assert f"<b>{HOUSING}</b>: no answer yet." in panel
    assert "Asked by Bryn at" in panel
    answer(LEANNE, DEREK)
    panel = bryn.get(f"/identity/{call.pk}/research/").content.decode()
    assert f"<b>{HOUSING}</b>: 2 found." in panel
    assert "Moved as an emergency" in panel
    assert panel.index("Leanne Whitcombe") < panel.index("Derek Ashdown")  # the likest first
    assert "Little alike" in panel
    leanne, derek = ResearchFound.objects.order_by("pk")
    bryn.post(f"/identity/{call.pk}/research/not/", {"found": derek.pk}, **HX)
    taken = bryn.post(f"/identity/{call.pk}/research/take/", {"found": leanne.pk}, **HX)
    assert taken["HX-Trigger"] == "wr:researched"
    who = bryn.get(f"/identity/{call.pk}/who/").content.decode()
    assert "Confirmed on this contact." in who
    assert "Not this person" in who
    bryn.post(f"/identity/{call.pk}/research/back/", {"found": leanne.pk}, **HX)
    assert "Confirmed on this contact." not in bryn.get(f"/identity/{call.pk}/who/").content.decode()


def test_the_log_and_the_writing_up_say_whether_it_was_done_and_by_whom(bryn, call, housing):
    ask(bryn, call)
    asked = Research.objects.get()
    when = f"{asked.at.astimezone(force.timezone()):%H:%M}"
    assert [line.text for line in incidents.contact_log(call.pk)] == [
        f"Research: {HOUSING} asked by Bryn at {when}: no answer yet."
    ]
    answer(LEANNE, DEREK)
    said = f"{HOUSING} asked by Bryn at {when}: 2 found."
    assert [line.text for line in incidents.contact_log(call.pk)] == [f"Research: {said}"]
    assert said in bryn.get(f"/desk/{call.pk}/send/").content.decode()
    incident = world.an_incident(contact=call)
    assert f"Research: {said}" in [line.text for line in incidents.log(incident.pk)]


def test_nothing_asked_does_not_hold_up_the_writing_up(bryn, call):
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
    world.write_the_risk(call, level=0)
    assert "Not done: no other system was asked." in bryn.get(f"/desk/{call.pk}/send/").content.decode()
    assert bryn.post(f"/desk/{call.pk}/wrap/", {"reason": "thanks"}, **HX).status_code == 204


def test_not_needed_stands_in_panel_and_log(bryn, call, housing):
    refused = bryn.post(f"/identity/{call.pk}/research/none/", {"because": "no"}, **HX)
    assert (refused.status_code, json.loads(refused.content)["fields"]) == (
        422,
        {"because": "Say why no other system is asked, in at least 8 letters."},
    )
    panel = bryn.post(f"/identity/{call.pk}/research/none/", {"because": "She rang to thank a colleague."}, **HX)
    assert "Not needed, says Bryn" in panel.content.decode()
    assert [line.text for line in incidents.contact_log(call.pk)] == [
        "Research: not needed, says Bryn. “She rang to thank a colleague.”"
    ]


def test_only_a_record_that_came_for_this_contact_can_be_taken_in(bryn, call, housing):
    ask(bryn, call)
    answer(LEANNE)
    other = world.an_answered_call(number="07700 900555", at=clock.now() - timedelta(seconds=30))
    found = ResearchFound.objects.get().pk
    for tried in (found, "x", "9" * 30, ""):
        assert bryn.post(f"/identity/{other.pk}/research/take/", {"found": tried}, **HX).status_code == 422
    assert ResearchFound.objects.get().judged == ""


def test_who_only_reads_may_not_ask(call, housing):
    dora = world.signed_in("dora", "despatcher")
    assert ask(dora, call).status_code == 403
    assert f"Ask {HOUSING}" not in dora.get(f"/identity/{call.pk}/who/").content.decode()


def test_an_answer_pokes_the_panel_the_log_and_the_writing_up(bryn, call, housing):
    ask(bryn, call)
    answer(LEANNE)
    told = facts.read(foundation.Fact.objects.get(kind="ResearchAnswered"))
    assert journey.SHOWN[type(told.fact)] == (handler_live.researched,)
    (fragment,) = handler_live.researched(told)
    assert fragment.topic == f"contact-{call.pk}"
    assert "research log-box stage-send" in fragment.html
    assert "Whitcombe" not in fragment.html


def test_what_a_system_sends_is_shown_as_words(bryn, call, housing):
    """The link refuses markup; should it ever let some through, the page does too."""
    from dataclasses import replace

    probe = "<script>zyx()</script>\"'{{7*7}}"
    ask(bryn, call)
    answer(replace(LEANNE, family_name=probe, external=probe, flags=(probe,), addresses=({"street": probe},)))
    shown = page(bryn, call)
    assert "zyx()" in shown
    assert "<script>zyx" not in shown


# --- the job ------------------------------------------------------------------------------------------------------------


def waiting_jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("select task_name, queue_name from procrastinate_jobs where status = 'todo' order by id")
        return cursor.fetchall()


def test_asking_defers_the_call_and_makes_none(bryn, call, housing):
    ask(bryn, call)
    assert housing.asked == []
    told = facts.read(foundation.Fact.objects.get(kind="ResearchAsked"))
    assert ("react", "default") in waiting_jobs()
    tasks.react(force="northmoor", fact=told.id, reaction="watchroom.links.records.actions.begin")
    assert housing.asked == []  # a reaction runs in a transaction, and calls nobody
    assert ("links.records.ask", "links") in waiting_jobs()


def test_a_reaction_that_fails_leaves_contact_and_asking_as_they_are(bryn, call, housing, monkeypatch):
    def breaks(told):
        raise KeyError("a bug of the link")

    monkeypatch.setitem(journey.NOW, type_of("ResearchAsked"), (breaks,))
    assert ask(bryn, call).status_code == 200
    assert Research.objects.get().state == "asked"
    assert foundation.Fact.objects.filter(kind="ReactionFailed").exists()
    assert bryn.post(reverse("incidents:write", args=[call.pk]), {"text": "He has gone."}, **HX).status_code == 200
    assert contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now()).state == "ended"


def type_of(name: str):
    return facts.kinds()[name]


def test_what_waited_too_long_is_not_sent_any_more(bryn, call, housing):
    ask(bryn, call)
    row = Research.objects.get()
    assert link.take_up(research=row.pk, at=row.at + timedelta(seconds=601)) is None
    row.refresh_from_db()
    assert (row.state, row.problem) == ("failed", "lapsed")
    link.keep(research=row.pk, outcome=Outcome((LEANNE,)), at=clock.now())  # a second run of the job
    assert not ResearchFound.objects.exists()


def test_a_system_that_lost_its_connection_meanwhile_is_said_to_have(bryn, call, housing, monkeypatch):
    ask(bryn, call)
    monkeypatch.delenv("WATCHROOM_RECORDS_NORTHMOOR_HOUSING_URL")
    assert link.take_up(research=Research.objects.get().pk, at=clock.now()) is None
    assert Research.objects.get().problem == "unconnected"


def run_worker_once() -> None:
    async def do():
        fresh = worker._worker_app()
        async with fresh.open_async():
            for queue in (*worker.QUEUES, *worker.QUEUES):
                await fresh.run_worker_async(queues=[queue], wait=False, install_signal_handlers=False, delete_jobs="successful")

    asyncio.run(do())


@pytest.fixture
def asked_for_real(clone, housing):
    """In a database where commits are real: somebody is on the line, and Housing is asked."""
    with scope.use("northmoor"), transaction.atomic():
        at = clock.now() - timedelta(seconds=30)
        contact = world.an_answered_call(at=at, caller_name="Leanne Whitcombe")
        actions.ask(contact=contact.pk, by=contact.owner.code, at=clock.now())
    return contact


def state_of_it() -> tuple[str, str, int]:
    with scope.use("northmoor"), transaction.atomic():
        row = Research.objects.latest("pk")
        return row.state, row.problem, ResearchFound.objects.count()


def test_the_worker_asks_and_keeps_what_came_and_a_dead_system_ends_in_a_sentence(asked_for_real, housing, monkeypatch):
    """The question says who asks, why, and what; while it is on its way no transaction is open."""
    url = housing.url
    monkeypatch.setenv("WATCHROOM_RECORDS_NORTHMOOR_HOUSING_URL", "http://127.0.0.1:9/")
    run_worker_once()
    assert state_of_it() == ("failed", "unreachable", 0)
    monkeypatch.setenv("WATCHROOM_RECORDS_NORTHMOOR_HOUSING_URL", url)
    with scope.use("northmoor"), transaction.atomic():
        actions.ask(contact=asked_for_real.pk, by=asked_for_real.owner.code, at=clock.now())
    in_transaction = []
    from watchroom.links.records import tasks as link_tasks

    call_it = link_tasks.call

    async def watched(order):
        in_transaction.append(open_transactions())
        return await call_it(order)

    monkeypatch.setattr(link_tasks, "call", watched)
    run_worker_once()
    assert state_of_it() == ("answered", "", 2)
    ((headers, sent),) = housing.asked
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert sent["subject"] == {"name": "Leanne Whitcombe"}
    assert sent["force"] == "northmoor"
    assert sent["asked_by"].startswith("staff:")
    assert "danger" in sent["purpose"]
    assert headers["Idempotency-Key"] == sent["request"]
    assert in_transaction == [0]


def open_transactions() -> int:
    """Of the application on this database, as PostgreSQL sees it from another connection."""
    import os

    import psycopg

    with psycopg.connect(os.environ["WATCHROOM_APP_URL"], autocommit=True) as behind:
        (count,) = behind.execute(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            " and state like 'idle in transaction%'"
        ).fetchone()
        return count


def test_systems_that_hang_keep_no_other_work_waiting(asked_for_real, housing, note):
    """Five calls that nobody answers, where four jobs run at once: what a fact leads to here is done all the same."""
    housing.waits = 20.0
    with scope.use("northmoor"), transaction.atomic():
        for number in range(5):
            contact = world.an_answered_call(at=clock.now(), number="", caller_name=f"Leanne Whitcombe{number}")
            actions.ask(contact=contact.pk, by=contact.owner.code, at=clock.now())

    async def do():
        running = asyncio.create_task(worker._run_jobs(worker._worker_app()))
        try:
            await until(lambda: len(housing.asked) > worker.JOBS_AT_ONCE)
            await sync_to_async(lambda: note.defer(number=1))()
            await until(lambda: noted == [1])
        finally:
            running.cancel()
            await asyncio.wait([running], timeout=10)

    asyncio.run(do())


async def until(holds, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        await asyncio.sleep(0.05)


noted: list[int] = []


@pytest.fixture
def note():
    noted.clear()
    yield jobs.task(name="tests.note")(lambda number: noted.append(number))
    del jobs.tasks["tests.note"]


def test_every_job_has_a_runner():
    assert jobs.tasks["links.records.ask"].queue == "links"
    assert set(worker.QUEUES) == {task.queue for task in jobs.tasks.values()} - {"builtin"}  # which nobody defers
