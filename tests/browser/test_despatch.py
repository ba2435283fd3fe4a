"""Priya at her desk, in a browser: what she sees while others work, what her keys do, and that nothing moves under her fingers.

How soon a change is there (a second) is measured by a bench, not here: these machines are shared.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from tests import world
from watchroom import testing
from watchroom.foundation import clock, scope
from watchroom.shell.tests.axe import barriers
from watchroom.testing import LiveSite


@contextmanager
def behind_the_scenes(site: LiveSite) -> Iterator[None]:
    """What handlers and officers do, by the same actions, in the running site's database."""
    from django.db import transaction

    with site.database(), scope.use("northmoor"), transaction.atomic():
        yield


def a_domestic(
    *, number: str = "07700 900417", place: str = "18 Tann", grade: str = "immediate", text: str = "He has a knife."
) -> Any:
    """Somebody rings now; place and type are known after a moment."""
    from watchroom.contacts import actions as contacts
    from watchroom.gazetteer import queries as gazetteer
    from watchroom.incidents import actions as incidents
    from watchroom.staff.models import Member

    at = clock.now()
    handler = Member.objects.get(name="handler")
    contact, _ = contacts.receive(
        key=f"browser:{time.monotonic_ns()}", channel="999", transferred_at=at, by="link:trunk", at=at, caller_number=number
    )
    contacts.answer(contact=contact.pk, member=handler, by=handler.code, at=at)
    contacts.write(contact=contact.pk, text=text, by=handler.code, at=at, written_at=at)
    contacts.pick_place(contact=contact.pk, place=gazetteer.find(place, limit=1)[0], by=handler.code, at=at)
    incident = incidents.open_incident(contact=contact.pk, kind="domestic_weapon", by=handler.code, at=at)
    if grade:
        incidents.grade(incident=incident.pk, to=grade, justification="", by=handler.code, at=at)
    return incident


def a_case_without_visit(number: str) -> Any:
    """A bicycle is gone, the risk is on record, and it is graded to be resolved without sending anyone."""
    from watchroom.assessment import actions as assessment
    from watchroom.incidents import actions as incidents

    incident = a_domestic(number=number, grade="", text="A bicycle is gone.")
    incidents.retype(incident=incident.pk, kind="theft", by="staff:1", at=clock.now())
    contact = incident.involvements.get().contact
    for element, why in world.RATIONALES.items():
        assessment.answer(contact=contact.pk, element=element, level=0, rationale=why, by="staff:1", at=clock.now())
    assessment.save(contact=contact.pk, by="staff:1", at=clock.now())
    why = "Taken last night and nobody saw it happen."
    incidents.grade(incident=incident.pk, to="rwd", justification=why, by="staff:1", at=clock.now())
    return incident


@pytest.fixture
def desk(page: Any, log_in: Callable[..., None], live_site: LiveSite) -> Any:
    log_in(page, "despatch@northmoor")
    page.goto("/despatch/")
    page.wait_for_selector("#live-state[data-state=well]")
    page.wait_for_selector("#board-map svg.map path")
    return page


def test_a_new_incident_stands_on_the_board_while_the_call_runs(desk: Any, live_site: LiveSite) -> None:
    address = desk.url
    with behind_the_scenes(live_site):
        incident = a_domestic(grade="")
    desk.wait_for_selector(f"#jobs [data-group=ungraded] #incident-{incident.pk}")
    assert desk.locator(f"#incident-{incident.pk} .job__line").count() == 1, "the caller is on the line"
    assert desk.url == address, "nothing chose it for her"
    with behind_the_scenes(live_site):
        from watchroom.incidents import actions as incidents

        incidents.grade(incident=incident.pk, to="immediate", justification="", by="staff:1", at=clock.now())
    desk.wait_for_selector(f"#jobs [data-group=immediate] #incident-{incident.pk}")
    desk.wait_for_selector("#headline .headline__sign:has-text('No unit')")


def test_she_sends_takes_back_sends_again_and_clears_by_keys_alone(desk: Any, live_site: LiveSite) -> None:
    with behind_the_scenes(live_site):
        incident = a_domestic(number="07700 900418")
    row = f"#incident-{incident.pk}"
    desk.wait_for_selector(row)
    for _ in range(12):
        if f"job={incident.pk}" in desk.url:
            break
        desk.keyboard.press("j")
        desk.wait_for_timeout(80)
    assert re.search(rf"/despatch/\?job={incident.pk}$", desk.url), "the address holds the number and nothing else"
    desk.wait_for_selector(f"#log-{incident.pk} >> text=He has a knife.")
    desk.wait_for_selector(f"#offers[data-incident='{incident.pk}'] [data-key=a]")
    callsign = desk.locator("#offers").get_attribute("data-first")

    desk.keyboard.press("a")
    desk.wait_for_selector(f"{row} >> text={callsign} going")
    desk.wait_for_selector(f"#log-{incident.pk} >> text={callsign} assigned, on the way.")
    desk.keyboard.press("z")
    desk.wait_for_selector(f"#log-{incident.pk} >> text=called off: taken back within 10 seconds.")
    desk.wait_for_selector(f"{row}[data-unsent]")

    desk.wait_for_selector("#offers [data-key=a]:not([aria-disabled])")
    desk.keyboard.press("a")
    desk.wait_for_selector(f"{row} >> text=going")
    desk.keyboard.press("/")
    desk.keyboard.type(f"unit {callsign.lower()} at scene")
    desk.keyboard.press("Enter")
    desk.wait_for_selector(f"{row} >> text={callsign} at scene")
    desk.wait_for_selector(f"#command-said:has-text('{callsign} at scene.')")
    desk.keyboard.press("Escape")

    desk.wait_for_selector("#offers [data-key=c]")
    desk.keyboard.press("c")
    desk.keyboard.type("One arrested, all safe.")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_selector(f"#jobs [data-group=result] {row}")
    desk.wait_for_selector(f"#log-{incident.pk} >> text=One arrested, all safe.")


def test_suggestions_that_come_while_she_sends_do_not_swallow_the_answer(desk: Any, live_site: LiveSite) -> None:
    """A panel was asked for again; before it came she pressed a: its old answer must not take the place of hers."""
    with behind_the_scenes(live_site):
        incident = a_domestic(number="07700 900429")
    desk.goto(f"/despatch/?job={incident.pk}")
    desk.wait_for_selector("#live-state[data-state=well]")
    desk.wait_for_selector("#offers [data-key=a]:not([aria-disabled])")
    held: list[Any] = []

    def hold(route: Any) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    def send(route: Any) -> None:
        held[0].continue_()
        desk.wait_for_timeout(600)  # the older answer is here first
        route.continue_()

    desk.route("**/offers/", hold)
    desk.route("**/send/", send)
    desk.evaluate("document.body.dispatchEvent(new CustomEvent('live:UnitStatusChanged'))")
    desk.wait_for_timeout(100)
    while not held:
        desk.wait_for_timeout(50)
    desk.keyboard.press("a")
    desk.wait_for_selector("#offers [data-key=c]")
    desk.keyboard.press("s")
    desk.wait_for_selector(f"#incident-{incident.pk} >> text=at scene")
    desk.wait_for_selector("#offers:has-text('At scene since')")


def test_it_does_not_close_before_the_risk_is_written_and_says_so(desk: Any, live_site: LiveSite) -> None:
    with behind_the_scenes(live_site):
        incident = a_domestic(number="07700 900419")
    desk.goto(f"/despatch/?job={incident.pk}")
    desk.wait_for_selector("#close-open")
    desk.keyboard.press("x")
    desk.wait_for_selector(".closing >> text=The risk is still owed")
    desk.fill(f"#close-q-{incident.pk}", "domes")
    desk.check(f"#categories-{incident.pk} label:has-text('Domestic incident') input")
    desk.fill(f"#close-result-{incident.pk}", "Spoken to, all in order.")
    desk.click("#close-now")
    desk.wait_for_selector(".closing .fault >> text=The risk is still owed")
    desk.wait_for_selector(".closing .fault >> text=Whether a crime is recorded is not decided")
    assert desk.input_value(f"#close-result-{incident.pk}") == "Spoken to, all in order.", "her words stay"


def test_a_crews_emergency_takes_the_headline(desk: Any, live_site: LiveSite) -> None:
    from watchroom.dispatch import actions as dispatch
    from watchroom.dispatch.models import Unit

    with behind_the_scenes(live_site):
        unit = Unit.objects.filter(status=2).order_by("callsign").first()
        dispatch.set_status(unit=unit.pk, to=0, by="link:radio", at=clock.now())
    desk.wait_for_selector(f"#headline:has-text('{unit.callsign} calls emergency')")
    desk.wait_for_selector(f"#units [data-group=waiting] #unit-{unit.pk}.is-alarm")
    with behind_the_scenes(live_site):
        dispatch.set_status(unit=unit.pk, to=2, by="link:radio", at=clock.now())
    desk.wait_for_selector(f"#units [data-group=waiting]:not(:has(#unit-{unit.pk}))", state="attached")


def test_a_note_half_typed_survives_the_choice_of_another_job(desk: Any, live_site: LiveSite) -> None:
    with behind_the_scenes(live_site):
        first, second = a_domestic(number="07700 900420"), a_domestic(number="07700 900421")
    desk.goto(f"/despatch/?job={first.pk}")
    desk.keyboard.press("F2")
    desk.keyboard.type("Neighbour says the side door")
    desk.wait_for_selector(f"#incident-{second.pk}")
    desk.click(f"#incident-{second.pk}")
    desk.wait_for_selector(f"#stage-log[data-incident='{second.pk}']")
    assert desk.input_value("#note-text") == ""
    desk.click(f"#incident-{first.pk}")
    desk.wait_for_selector(f"#stage-log[data-incident='{first.pk}']")
    desk.wait_for_function("document.getElementById('note-text').value === 'Neighbour says the side door'")


def test_the_lines_of_the_log_that_was_opened_last_come_by_themselves_and_no_others(desk: Any, live_site: LiveSite) -> None:
    from watchroom.incidents import actions as incidents

    with behind_the_scenes(live_site):
        first, second = a_domestic(number="07700 900422"), a_domestic(number="07700 900423")
    desk.goto(f"/despatch/?job={first.pk}")
    desk.evaluate("heard = []; document.body.addEventListener('live:EntryWritten', e => heard.push(...e.detail.fragments))")
    desk.wait_for_selector(f"#incident-{second.pk}")
    desk.click(f"#incident-{second.pk}")
    desk.wait_for_selector(f"#stage-log[data-incident='{second.pk}']")
    with behind_the_scenes(live_site):
        for job, text in ((first, "Nobody here reads this."), (second, "Officers at the side door.")):
            incidents.note(incident=job.pk, text=text, by="staff:1", at=clock.now(), written_at=clock.now(), origin="despatch")
    desk.wait_for_selector(f"#log-{second.pk} >> text=Officers at the side door.")
    assert "Nobody here" not in str(desk.evaluate("heard"))


@pytest.mark.parametrize(("size", "theme"), [((1366, 768), "light"), pytest.param((1920, 1080), "dark", marks=testing.long)])
def test_no_barrier_that_axe_can_find(desk: Any, live_site: LiveSite, size: tuple[int, int], theme: str) -> None:
    with behind_the_scenes(live_site):
        incident = a_domestic(number="07700 900422")
    desk.set_viewport_size({"width": size[0], "height": size[1]})
    for path in (f"/despatch/?job={incident.pk}&theme={theme}", f"/incidents/{incident.pk}/?theme={theme}"):
        desk.goto(path)
        desk.wait_for_selector("#offers .offer, #r-log")
        assert barriers(desk, only_looks=theme == "dark") == [], path
    desk.goto(f"/despatch/?job={incident.pk}&theme={theme}")
    desk.click("#close-open")
    desk.wait_for_selector(".closing form")
    assert barriers(desk, only_looks=theme == "dark") == []


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=testing.long)])
def test_the_resolution_desk_has_none_either(page: Any, log_in: Callable[..., None], live_site: LiveSite, theme: str) -> None:
    with behind_the_scenes(live_site):
        incident = a_case_without_visit("07700 900423")
    log_in(page, "resolution@northmoor")
    page.goto(f"/resolve/?job={incident.pk}&theme={theme}")
    page.wait_for_selector("#resolving")
    assert barriers(page, only_looks=theme == "dark") == []
    page.check("input[name='solve-cctv'][value=yes]")
    page.wait_for_selector("#attends >> text=There is CCTV")
    assert not page.is_visible("#resolve-now")
    assert barriers(page, only_looks=theme == "dark") == []


def test_at_the_resolution_desk_one_yes_hands_it_to_despatch_by_keys_alone(
    page: Any, log_in: Callable[..., None], live_site: LiveSite
) -> None:
    from watchroom.incidents.models import Incident
    from watchroom.resolution import actions, queries

    with behind_the_scenes(live_site):
        first, second = a_case_without_visit("07700 900424"), a_case_without_visit("07700 900425")
    log_in(page, "resolution@northmoor")
    page.goto(f"/resolve/?job={first.pk}")
    page.wait_for_selector("#live-state[data-state=well]")
    for key in "nny":
        page.keyboard.press(key)
    page.wait_for_selector("#attends >> text=There is CCTV")
    assert page.input_value("#attends-because") == "An officer could solve it: there is CCTV."
    page.keyboard.press("3")
    page.keyboard.press("s")
    page.wait_for_selector("#stage-outcome >> text=The despatcher has it")
    with behind_the_scenes(live_site):
        assert Incident.objects.get(pk=first.pk).grade == "scheduled"
        assert queries.solvability(first.pk) == {"offender_there": False, "offender_known": False, "cctv": True}
        no = dict.fromkeys(("offender_there", "offender_known", "cctv", "dna", "fingerprints"), False)
        at = clock.now()
        actions.resolve(
            incident=second.pk,
            outcome="call_back",
            text="She is told who has the case.",
            promised_for=at + timedelta(minutes=30),
            solvability=no,
            by="staff:1",
            at=at,
        )
    page.wait_for_selector(f"#headline >> text=Next call back: log {second.reference}")  # somebody else promised it, just now
