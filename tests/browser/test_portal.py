"""The public pages in a real browser: by keyboard, without scripts, on a small screen, and out of it in one press."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import transaction

from watchroom import testing
from watchroom.contacts.models import Contact
from watchroom.foundation import scope
from watchroom.shell.tests.axe import barriers
from watchroom.testing import LiveSite

PAGES = [
    "/public/",
    *(f"/report/step/{number}/" for number in range(1, 7)),
    "/report/place/",
    "/report/now/",
    "/report/look/",
    "/report/accessibility/",
    "/report/privacy/",
    "/report/cookies/",
]


def answer(page: Any, **said: str) -> None:
    """What the questions before the last page ask, told as shortly as possible."""
    page.goto("/report/step/1/")
    page.get_by_label("No, do not contact me").check()
    go_on(page)
    page.get_by_label("What happened?").fill(said.get("text", "Someone took my bicycle."))
    go_on(page)
    page.get_by_label("Where did it happen?").fill(said.get("place", "tannery lane"))
    go_on(page)


def go_on(page: Any) -> None:
    page.get_by_role("button", name="Continue").click()


class _Weather(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Weather</title>Rain later.")

    def log_message(self, *_: object) -> None:
        """Nothing to the console."""


@pytest.fixture(scope="module", autouse=True)
def harmless() -> Iterator[str]:
    """The site that “Exit this page” leads to; before `live_site`, which learns of it by the environment."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Weather) as server, pytest.MonkeyPatch.context() as patch:
        url = f"http://127.0.0.1:{server.server_port}/weather"
        patch.setenv("WATCHROOM_EXIT_TO", url)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield url
        server.shutdown()


@pytest.fixture
def without_scripts(browser: Any, live_site: LiveSite) -> Iterator[Any]:
    context = browser.new_context(base_url=live_site.url, java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=testing.long)])
def test_no_page_has_a_barrier_that_a_machine_can_find(page: Any, theme: str) -> None:
    answer(page)
    faults = []
    for path in PAGES:
        page.goto(f"{path}?theme={theme}")
        faults += barriers(page, only_looks=theme == "dark")
    page.goto(f"/report/step/1/?theme={theme}")
    page.get_by_label("Only some ways are safe").check()
    go_on(page)
    faults += barriers(page, only_looks=theme == "dark")  # with an error summary and errors at the fields
    page.get_by_label("No, do not contact me").check()
    go_on(page)
    page.goto(f"/report/step/6/?theme={theme}")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/report/sent/")
    faults += barriers(page, only_looks=theme == "dark")
    code = page.locator("#code").inner_text()
    page.goto(f"/report/look/?theme={theme}")
    page.get_by_label("What is your code?").fill(code)
    page.get_by_role("button", name="Look").click()
    page.get_by_role("heading", name="It has been received").wait_for()
    faults += barriers(page, only_looks=theme == "dark")
    assert faults == []


def test_a_report_is_made_without_scripts(without_scripts: Any, live_site: LiveSite) -> None:
    page = without_scripts
    page.goto("/public/")
    page.get_by_role("button", name="Start now").click()
    page.get_by_label("Only some ways are safe").check()
    page.get_by_label("Phone call").check()
    page.get_by_label("Phone number that only you answer").fill("07700 900123")
    page.get_by_label("No, ring off").check()
    go_on(page)
    page.get_by_label("What happened?").fill("He is outside with a knife")
    go_on(page)
    page.get_by_role("heading", name="Is this happening now?").wait_for()
    page.get_by_role("button", name="Nobody is in danger now: go on").click()
    page.get_by_label("Where did it happen?").fill("tannery lane")
    go_on(page)
    page.get_by_label("None of these. Use what I wrote").check()
    for _ in range(3):
        go_on(page)
    page.get_by_role("button", name="Send").click()
    assert page.locator("#code").inner_text().startswith("NP-")
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        contact = Contact.objects.filter(channel="online").latest("pk")
        assert (contact.safe_contact, contact.caller_number, contact.may_leave_message) == ("some", "+447700900123", False)


def test_a_report_is_made_by_keyboard_alone(page: Any) -> None:
    page.goto("/report/step/1/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the question"
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "safe":
            break
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.value") == "no"
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/step/2/" in url)
    page.get_by_label("What happened?").focus()
    page.keyboard.type("Someone took my bicycle.")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "/step/3/" in url)


def test_leaving_takes_one_press_and_the_way_back_is_empty(harmless: str, page: Any) -> None:
    for leave in ("click", "keys", "link"):
        answer(page)
        page.goto("/report/step/2/")
        assert page.get_by_label("What happened?").input_value() == "Someone took my bicycle."
        if leave == "click":
            page.get_by_role("button", name="Exit this page").first.click()
        elif leave == "keys":
            for _ in range(3):
                page.keyboard.press("Shift")
        else:
            page.goto("/report/exit/")
        page.wait_for_url(harmless)
        assert [cookie["name"] for cookie in page.context.cookies()] == []
        page.go_back()
        page.wait_for_url("**/step/2/")
        assert page.get_by_label("What happened?").input_value() == ""


def test_every_page_fits_320_pixels(browser: Any, live_site: LiveSite) -> None:
    context = browser.new_context(base_url=live_site.url, viewport={"width": 320, "height": 640})
    page = context.new_page()
    answer(page, text="Donaudampfschifffahrtsgesellschaft" * 4)
    wide = []
    for path in PAGES:
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)
    context.close()
    assert wide == []


def test_two_quick_presses_of_send_are_one_report(page: Any, live_site: LiveSite) -> None:
    def count() -> int:
        with live_site.database(), scope.use("northmoor"), transaction.atomic():
            return Contact.objects.filter(channel="online").count()

    before = count()
    answer(page)
    page.goto("/report/step/6/")
    page.get_by_role("button", name="Send").dblclick()
    page.wait_for_url("**/report/sent/")
    assert count() == before + 1
