"""Two people have one log open: each sees that the other is writing, nothing moves, and both lines arrive."""

import time

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.browser.test_handler import focus, ring, write
from watchroom import testing
from watchroom.foundation import scope
from watchroom.incidents import queries

pytestmark = testing.long


@pytest.fixture
def second(browser, live_site):
    """Another person's browser."""
    context = browser.new_context(base_url=live_site.url, viewport={"width": 1366, "height": 768}, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def incident_of(live_site, contact: int) -> int:
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        return queries.of_contact(contact).pk


def shared_log(page, second, log_in, live_site):
    """A call that a handler answered and typed, and its log on the despatcher's desk."""
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    contact = ring(live_site)
    page.wait_for_selector(f"#ring-{contact}")
    page.keyboard.press("a")
    page.wait_for_url(f"**/desk/{contact}/")
    write(page, "He’s got a knife. He’s outside the bathroom door.")
    page.keyboard.press("F4")
    page.keyboard.type("flat 2 18 tanners row")
    page.wait_for_selector("#found-places [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found-kinds [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage-what.is-done")
    log_in(second, "despatch@northmoor")
    second.goto(f"/despatch/?job={incident_of(live_site, contact)}")
    second.wait_for_selector("#live-state[data-state=well]")
    second.wait_for_selector("#stage-log [data-writing]", state="attached")
    return contact


def tops(page) -> list[float]:
    """Where the parts around the hint stand."""
    parts = ".log, .typing, .note, #stage-log, #stage-what, .logbox"
    return page.evaluate("parts => [...document.querySelectorAll(parts)].map(e => e.getBoundingClientRect().top)", parts)


def test_each_sees_that_the_other_writes_and_nothing_is_lost(page, second, log_in, live_site):
    shared_log(page, second, log_in, live_site)
    theirs, mine = second.locator("#stage-log [data-writing]"), page.locator("#log-box [data-writing]")
    expect(theirs).to_have_text("")
    before = tops(second)

    begun = time.monotonic()
    page.keyboard.press("F3")
    page.keyboard.type("She says the bolt")
    expect(theirs).to_contain_text("is writing")
    seen_after = time.monotonic() - begun
    assert tops(second) == before, "nothing moves"
    assert "bolt" not in second.content(), "what is written is not shown"
    print(f"seen writing after {seen_after:.1f} s")

    # both write at once; each keeps the caret and every word
    second.keyboard.press("F2")
    second.keyboard.type("Unit is four minutes")
    expect(mine).to_contain_text("is writing")
    assert focus(page) == "line"
    assert focus(second) == "note-text"
    page.keyboard.type(" is coming away")
    second.keyboard.type(" away")
    assert page.input_value("#line") == "She says the bolt is coming away"
    page.keyboard.press("Enter")
    second.keyboard.press("Enter")
    for one in (page, second):
        one.locator(".log").get_by_text("She says the bolt is coming away").wait_for()
        one.locator(".log").get_by_text("Unit is four minutes away").wait_for()
    expect(theirs).to_have_text("")  # what was sent is said, and no longer being written
    expect(mine).to_have_text("")


def test_who_stops_is_gone_after_ten_seconds_and_is_announced_once(page, second, log_in, live_site):
    shared_log(page, second, log_in, live_site)
    theirs = second.locator("#stage-log [data-writing]")
    second.evaluate(
        """() => { window.heard = [];
        new MutationObserver(() => window.heard.push(document.getElementById('say-politely').textContent))
            .observe(document.getElementById('say-politely'), { childList: true, characterData: true, subtree: true }); }"""
    )
    page.keyboard.press("F3")
    for words in ("She", " says", " he", " is"):
        page.keyboard.type(words)
        page.wait_for_timeout(1200)
    expect(theirs).to_contain_text("is writing")
    stopped = time.monotonic()
    expect(theirs).to_have_text("", timeout=20_000)
    gone = time.monotonic() - stopped
    print(f"gone {gone:.1f} s after the last word")
    assert gone < 14
    assert sum("is writing" in one for one in second.evaluate("window.heard")) == 1
