"""Two browsers write with each other: somebody on the public page and a handler at her desk."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from watchroom import testing
from watchroom.contacts.models import Contact, Line
from watchroom.duties import queries as owed
from watchroom.foundation import scope
from watchroom.testing import LiveSite

pytestmark = testing.long


@pytest.fixture(scope="module", autouse=True)
def harmless() -> Iterator[None]:
    """Where “Exit this page” leads to: a page of the site itself, so that the test asks no other machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_EXIT_TO", "/static/shell/brand.svg?weather")
        yield


def test_to_and_fro_until_one_leaves_in_a_hurry(page: Any, log_in: Any, browser: Any, live_site: LiveSite) -> None:
    their = browser.new_context(base_url=live_site.url, viewport={"width": 390, "height": 844})
    their.set_default_timeout(15_000)
    public = their.new_page()
    public.goto("/public/")
    public.locator("#to-chat").click()
    public.get_by_label("Yes, it is safe now").check()
    public.get_by_role("button", name="Continue").click()
    public.get_by_label("No, do not contact me").check()
    public.get_by_role("button", name="Continue").click()
    public.get_by_label("What is it about?").fill("He reads my messages")
    public.get_by_role("button", name="Begin").click()
    public.get_by_text("You are waiting.").wait_for()

    log_in(page, "handler@northmoor")
    page.goto("/desk/")
    page.wait_for_selector("#live-state[data-state=well]")
    page.locator(".ring--chat button").click()
    page.get_by_label("To the caller").first.wait_for()
    assert page.locator("#chat .spoken").inner_text().endswith("He reads my messages")
    public.get_by_text("Somebody in the control room is with you.").wait_for()

    # what is said to her is not the log, and the log is not said to her
    page.keyboard.press("F3")
    page.keyboard.type("Sounds controlled.")
    page.keyboard.press("Enter")
    page.locator("#log-box").get_by_text("Sounds controlled.").wait_for()
    page.keyboard.press("F10")
    page.keyboard.type("A moment.")  # the first letter belongs to the words, although a key begins so
    page.keyboard.press("Enter")
    public.locator("#said").get_by_text("A moment.").wait_for()
    page.keyboard.press("F10")
    page.keyboard.type("Is he with you")
    public.get_by_text("Somebody is writing").wait_for()
    page.keyboard.type(" now?")
    page.keyboard.press("Enter")
    public.locator("#said").get_by_text("Is he with you now?").wait_for()
    assert "Sounds controlled" not in public.content()

    # it shows that she writes; her words are on the desk within moments, and only once
    public.get_by_label("Your message").press_sequentially("No, he is", delay=20)
    page.get_by_text("The caller is writing").first.wait_for()
    public.reload()
    assert public.get_by_label("Your message").input_value() == "No, he is"
    public.get_by_label("Your message").press("End")
    public.get_by_label("Your message").press_sequentially(" out")
    public.keyboard.press("Enter")
    page.locator("#chat").get_by_text("No, he is out").wait_for()
    assert public.get_by_label("Your message").input_value() == ""

    public.get_by_role("button", name="Exit this page").click()
    public.wait_for_url("**/brand.svg?weather")
    page.get_by_text("Gone quiet").first.wait_for()
    page.keyboard.press("Escape")  # nothing is replaced under her caret; the form comes when it leaves
    page.get_by_label("What did you do or find?").wait_for()
    public.go_back()
    assert "No, he is out" not in public.content()
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        row = Contact.objects.get(channel="chat", caller_name="", lines__text="He reads my messages")
        assert row.state == "answered"
        assert owed.is_owed("quiet", ("contact", row.pk))
        assert Line.objects.filter(contact=row, text="No, he is out").count() == 1
    their.close()
