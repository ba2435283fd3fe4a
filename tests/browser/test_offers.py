"""A call rings at one desk: hers says so; another that came meanwhile does not take its place under her finger.

And what a colleague passes on is seen by whoever has it now, whatever they have open.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from tests.browser.test_handler import look, ring
from watchroom.contacts import actions as contacts
from watchroom.contacts import calls
from watchroom.foundation import clock, scope
from watchroom.staff.models import Member
from watchroom.testing import LiveSite


def test_what_rings_for_me_is_what_my_key_answers(page: Any, live_site: LiveSite, log_in: Callable[..., None]) -> None:
    log_in(page, "handler@northmoor")
    page.goto("/desk/")
    page.wait_for_selector("#live-state[data-state=well]")
    page.keyboard.press("b")
    page.wait_for_selector("#my-state button[value=break].is-on")
    page.keyboard.press("r")
    page.wait_for_selector("#my-state button[value=available].is-on")
    contact = ring(live_site)
    page.wait_for_selector(f"#ring-{contact}.is-first >> text=Rings for you")
    second = ring(live_site, channel="101", number="07700 900555")
    page.wait_for_selector(f"#ring-{second}")
    page.keyboard.press("a")
    page.wait_for_url(f"**/desk/{contact}/")


def test_a_call_that_a_colleague_passes_on_is_seen_at_once(page: Any, live_site: LiveSite, log_in: Callable[..., None]) -> None:
    """Somebody is on that line, and nobody speaks with them until she knows it."""
    mine = ring(live_site, channel="101", number="07700 900556")
    theirs = ring(live_site, channel="101", number="07700 900557")
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        at, bryn, dawit = clock.now(), Member.objects.get(name="handler"), Member.objects.get(name="handler2")
        contacts.answer(contact=mine, member=bryn, by=bryn.code, at=at)
        contacts.answer(contact=theirs, member=dawit, by=dawit.code, at=at)
    log_in(page, "handler@northmoor")

    def passed(there: str) -> None:
        page.goto(there)
        page.wait_for_selector("#live-state[data-state=well]")
        with live_site.database(), scope.use("northmoor"), transaction.atomic():
            calls.pass_on(contact=theirs, to=bryn, note="Asks for a handler.", by=dawit.code, at=clock.now())

    passed(f"/desk/{mine}/")
    tab = page.locator(f"#chats #chat-tab-{theirs}")
    tab.get_by_text("on the line").wait_for()
    assert page.locator(f"#chat-tab-{mine}").count() == 0, "the call whose page is open is no other one"
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        calls.pass_on(contact=theirs, to=dawit, note="Back to you.", by=bryn.code, at=clock.now())
    passed("/desk/")
    page.locator(f"#unfinished a[href='/desk/{theirs}/']").wait_for()
    for key in page.locator("#chats a", has=page.locator(f"#chat-tab-{theirs}")).get_attribute("data-key").split():
        page.keyboard.press(key)
    page.wait_for_url(f"**/desk/{theirs}/")
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        contacts.end(contact=mine, how="caller", by="link:trunk", at=clock.now())
    page.locator(f"#chats #chat-tab-{mine}").get_by_text("hung up").wait_for()


def test_a_call_that_came_onto_the_strip_later_ends_there_too(
    page: Any, live_site: LiveSite, log_in: Callable[..., None]
) -> None:
    """Passed on while she looks at something else: she sees and hears that they are gone, and her caret stays where it is."""
    theirs = [ring(live_site, channel="101", number=f"07700 90055{n}") for n in (1, 2)]
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        bryn, dawit = Member.objects.get(name="handler"), Member.objects.get(name="handler2")
        for contact in theirs:
            contacts.answer(contact=contact, member=dawit, by=dawit.code, at=clock.now())
    log_in(page, "handler@northmoor")
    page.goto("/desk/")
    page.wait_for_selector("#live-state[data-state=well]")
    for contact, how, says in zip(theirs, ("caller", "cut_off"), ("hung up", "Cut off"), strict=True):
        with live_site.database(), scope.use("northmoor"), transaction.atomic():
            calls.pass_on(contact=contact, to=bryn, note="Asks for a handler.", by=dawit.code, at=clock.now())
        page.locator(f"#chat-tab-{contact}").get_by_text("on the line").wait_for()
        page.locator(f"#held-{contact}").get_by_text("on the line").wait_for()
        assert f"101, contact {look(live_site, contact).number}" in page.inner_text(f"#chat-tab-{contact}")
        page.focus(f"#to-chat-{contact}")
        with live_site.database(), scope.use("northmoor"), transaction.atomic():
            row = contacts.end(contact=contact, how=how, by="link:trunk", at=clock.now())
        page.locator(f"#chat-tab-{contact}").get_by_text(says).wait_for()
        page.locator(f"#held-{contact}").get_by_text("since").wait_for()
        page.locator("#say-politely").get_by_text(f"contact {row.number}: {says.lower()}").wait_for()
        assert page.evaluate("document.activeElement.id") == f"to-chat-{contact}"
