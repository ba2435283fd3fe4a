"""R47: nobody who holds a call sees how many wait or who is free before its risk is on record, whatever else they are."""

import asyncio

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.test import Client

from tests import world
from tests.test_despatch_desk import logged_in
from tests.test_live import Screen, aside, log_in
from watchroom.assessment import actions as assessment
from watchroom.assessment import queries
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.dispatch import actions as dispatch
from watchroom.dispatch.models import Deployment, Unit
from watchroom.foundation import clock, facts, scope, stream
from watchroom.staff.facts import StateChanged
from watchroom.staff.models import Member

BOTH = ("handler", "despatcher", "supervisor", "resolver")
COVERED = (
    "/despatch/",
    "/dispatch/board/",
    "/dispatch/headline/",
    "/dispatch/units/",
    "/resolve/",
    "/resolution/waiting/",
    "/resolution/promises/",
    "/supervisor/",
    "/supervisor/headline/",
    "/supervisor/arrives/",
    "/supervisor/room/",
    "/supervisor/waiting/",
    "/supervisor/owed/",
    "/demand/",
    "/skills/",
)
SAYS = "waits for its risk; it opens by itself when the risk is saved"


def held(name: str) -> Contact:
    """A call that this member answers now."""
    call, member = world.a_call(), Member.objects.get(name=name)
    return contacts.answer(contact=call.pk, member=member, by=member.code, at=world.after(4))


def nothing_heard(call: Contact) -> None:
    why = "Wanted another force’s number."
    assessment.nothing_heard(contact=call.pk, because=why, by=f"staff:{call.owner_id}", at=world.after(60))


@pytest.fixture
def dana(northmoor: str) -> Client:
    return logged_in("dana", *BOTH)


@pytest.mark.parametrize("path", COVERED)
@pytest.mark.parametrize("as_part", [False, True])
def test_a_screen_is_covered_while_her_call_waits_for_its_risk_and_opens_when_it_is_saved(dana, path, as_part) -> None:
    world.an_incident(place=world.a_place("9 Zyxwvut Row"))
    world.a_unit("ZX99")
    headers = {"HX-Request": "true", "HX-Target": "stage-x"} if as_part else {}
    call = held("dana")
    covered = dana.get(path, headers=headers).content.decode()
    assert f"Covered while contact {call.number} {SAYS}" in covered
    assert f'href="/desk/{call.pk}/"' in covered
    assert "Zyxwvut" not in covered
    assert "ZX99" not in covered
    if as_part:
        assert f'id="stage-x" data-covered hx-get="{path}"' in covered
    nothing_heard(call)
    assert SAYS not in dana.get(path, headers=headers).content.decode()


def test_only_her_own_call_without_its_risk_covers_her(dana) -> None:
    dana_is = Member.objects.get(name="dana")
    assert queries.covered(member=dana_is.pk) is None
    world.an_answered_call()  # somebody else's
    assert queries.covered(member=dana_is.pk) is None
    call = held("dana")
    found = queries.covered(member=dana_is.pk)
    assert found is not None
    assert found.contact == call.pk
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=world.after(90))
    assert queries.covered(member=dana_is.pk) is not None  # the line is down, the judgement is still to be made
    nothing_heard(call)
    assert queries.covered(member=dana_is.pk) is None


def test_who_takes_no_calls_is_never_asked(northmoor, monkeypatch) -> None:
    monkeypatch.setattr(queries, "covered", lambda member: pytest.fail("asked for nothing"))
    for role in ("despatcher", "supervisor", "handler", "analyst"):
        assert world.a_member(role, role).permissions


def test_she_still_sends_whom_she_names_and_is_shown_nobody_for_it(dana) -> None:
    job, unit = world.an_incident(), world.a_unit()
    held("dana")
    answer = dana.post(f"/dispatch/{job.pk}/send/", {"unit": unit.callsign}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert Deployment.objects.filter(incident=job, unit=unit).exists()
    refused = dana.get("/dispatch/units/", headers={"Accept": "application/json"})
    assert refused.status_code == 409
    assert SAYS in refused.json()["problem"]


def test_the_live_stream_withholds_the_board_from_the_moment_she_answers_until_the_risk_is_saved(clone) -> None:
    session = log_in("northmoor", *BOTH)
    name = "-".join(BOTH)

    def does(act) -> object:
        with scope.use("northmoor"), transaction.atomic():
            return act()

    def a_status(to: int) -> None:
        dispatch.set_status(unit=Unit.objects.get().pk, to=to, by="link:radio", at=clock.now())

    async def until_resync(screen: Screen) -> None:
        while (event := await screen.next())[0] != "resync":
            assert not event[1]["fragments"], "nothing of the board after the answer"

    async def topics(screen: Screen) -> set[str]:
        name, data = await screen.next()
        assert name == "watchroom"
        return {fragment["topic"] for fragment in data["fragments"]}

    async def story() -> None:
        await aside(does, world.a_unit)
        async with Screen(session, topics="incidents,units") as screen:
            await screen.hello()
            await aside(does, lambda: a_status(6))
            assert "units" in await topics(screen)
            call = await aside(does, lambda: held(name))
            await until_resync(screen)
            await aside(does, lambda: a_status(2))
            assert await topics(screen) == set()
            await aside(does, lambda: nothing_heard(call))
            await until_resync(screen)
            await aside(does, lambda: a_status(6))
            assert "units" in await topics(screen)

    asyncio.run(story())


def test_whom_no_call_covers_anything_from_is_not_looked_up_at_each_thing_they_do(clone, monkeypatch) -> None:
    """A room of handlers does little else; what they are sent hangs on their roles and their log-in alone."""
    asked: list[str] = []
    look = stream._who
    monkeypatch.setattr(stream, "_who", lambda *args: asked.append(args[0]) or look(*args))
    sessions = {role: log_in("northmoor", *role) for role in (("handler",), BOTH)}

    def does(by: str) -> None:
        with scope.use("northmoor"), transaction.atomic():
            facts.tell(StateChanged(member=999_999, state="break"), by=by, at=clock.now())

    async def looks(session) -> int:
        async with Screen(session) as screen:
            await screen.hello()
            asked.clear()
            await aside(does, f"staff:{session[SESSION_KEY]}")
            await screen.numbers(1)
            return len(asked)

    async def story() -> None:
        assert await looks(sessions["handler",]) == 0
        assert await looks(sessions[BOTH]) == 1

    asyncio.run(story())
