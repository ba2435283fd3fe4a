"""Nothing typed is lost: not with the server, nor the tab, nor the session; at most the last second.

`shell/tests/test_browser.py` shows how drafts behave against a server made for breaking; here it is the house itself, killed with -9.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from watchroom import testing
from watchroom.foundation import clock, scope, supervise
from watchroom.testing import cluster

pytestmark = testing.long

SAID = "He is at the back door now. He has something in his hand."
MORE = " She has locked herself in with both children."


class Site:
    """A web process that can be killed and started again, and what it keeps."""

    def __init__(self, name: str, data: Path) -> None:
        self.name, self.data, self.port = name, data, testing.free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {**os.environ, "WATCHROOM_DATA": str(self.data), "WATCHROOM_APP_URL": cluster.app_url(self.name)}
        environment.pop("WATCHROOM_OWNER_URL", None)
        log = self.data / "console.log"
        argv = [sys.executable, "-m", "watchroom.web", "127.0.0.1", str(self.port)]
        self.process = supervise.start(argv, env=environment, log=log)
        until(self._answers, within=60)

    def _answers(self) -> bool:
        import urllib.request

        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
            return True
        return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def draft(self, key: str) -> str:
        """What has reached the database."""
        from django.db import transaction

        from watchroom.foundation.models import Draft

        with testing.pointed_at(self.name), scope.use("northmoor"), transaction.atomic():
            return Draft.objects.filter(key=key).values_list("text", flat=True).first() or ""

    def answered_call(self) -> int:
        from django.db import transaction

        from watchroom.contacts import actions as contacts
        from watchroom.staff.models import Member

        with testing.pointed_at(self.name), scope.use("northmoor"), transaction.atomic():
            at, handler = clock.now(), Member.objects.get(name="handler")
            contact, _ = contacts.receive(key=f"drafts:{at}", channel="999", transferred_at=at, by="link:trunk", at=at)
            contacts.answer(contact=contact.pk, member=handler, by=handler.code, at=at)
            return contact.pk


def until(true: Callable[[], object], within: float = 30.0) -> None:
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[Site]:
    with django_db_blocker.unblock():
        name = cluster.clone(testing.demo_city())
        site = Site(name, tmp_path_factory.mktemp("drafts"))
        try:
            site.start()
            yield site
        finally:
            supervise.end(site.process)
            cluster.drop(name)


@pytest.fixture
def desk(browser: Any, site: Site) -> Iterator[Any]:
    """Bryn's browser, logged in: `desk.open()` is a tab with a call that she has answered."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1366, "height": 768}, locale="en-GB")
    context.set_default_timeout(20_000)
    first = context.new_page()
    testing.log_in(first, "handler@northmoor")
    first.close()
    contact = site.answered_call()
    context.draft = f"contact:{contact}:line"

    def open_tab() -> Any:
        tab = context.new_page()
        tab.goto(f"/desk/{contact}/")
        tab.wait_for_selector("#line[data-draft-adopted]")
        return tab

    context.open = open_tab
    yield context
    context.close()


def test_a_server_that_dies_costs_no_word(desk: Any, site: Site) -> None:
    tab = desk.open()
    tab.locator("#line").press_sequentially(SAID)
    until(lambda: site.draft(desk.draft) == SAID)
    site.kill()
    tab.locator("#line").press_sequentially(MORE)
    tab.wait_for_selector("#saved-state >> text=Kept on this machine")
    assert tab.input_value("#line") == SAID + MORE
    site.start()
    until(lambda: site.draft(desk.draft) == SAID + MORE, within=40)  # by itself: nobody presses anything
    tab.reload()
    tab.wait_for_selector("#line[data-draft-adopted]")
    assert tab.input_value("#line") == SAID + MORE


def test_a_tab_that_crashes_costs_at_most_the_last_second(desk: Any) -> None:
    tab = desk.open()
    tab.locator("#line").press_sequentially(SAID)
    time.sleep(1)
    with tab.expect_event("crash"), contextlib.suppress(Exception):
        tab.goto("chrome://crash", timeout=5000)
    again = desk.open()
    assert again.input_value("#line") == SAID


def test_a_tab_that_is_closed_in_the_middle_of_a_word_costs_nothing(desk: Any) -> None:
    tab = desk.open()
    tab.locator("#line").press_sequentially(SAID)
    tab.close()
    assert desk.open().input_value("#line") == SAID


def test_a_session_that_ends_costs_no_word(desk: Any, site: Site) -> None:
    tab = desk.open()
    tab.locator("#line").press_sequentially(SAID)
    until(lambda: site.draft(desk.draft) == SAID)
    desk.clear_cookies(name="sessionid")
    tab.locator("#line").press_sequentially(MORE)
    tab.wait_for_selector("#saved-state >> text=Logged out: your words are kept on this machine")
    other = desk.new_page()
    testing.log_in(other, "handler@northmoor")
    # the old page belongs to the old session and may not write into the new one, which may be somebody else's: a fresh page does
    assert desk.open().input_value("#line") == SAID + MORE
    until(lambda: site.draft(desk.draft) == SAID + MORE)
