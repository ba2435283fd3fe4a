"""A burglary at first contact: the answers propose what may be lost, one key keeps it, and the officers read it before they get there."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_handler import ring, write
from tests.browser.test_writing import incident_of
from watchroom import testing
from watchroom.shell.tests.axe import barriers as violations

LINES = (
    "Came home and the back door is open.",
    "Drawers are out in the bedroom, her jewellery is gone.",
    "She is outside on the path and will not go in again.",
    "Neighbour saw a van at about ten, white, no writing on it.",
    "There is a shoe mark on the kitchen floor, and blood on the frame.",
    "The neighbour opposite has a camera on the door.",
)

pytestmark = testing.long
PICTURES = os.environ.get("WATCHROOM_TEST_PICTURES", "")  # a folder: then the pages are photographed to be looked at


def photograph(page, name: str) -> None:
    if PICTURES:
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
            page.wait_for_timeout(300)
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{theme}.png"), caret="initial")


@pytest.fixture
def second(browser, live_site):
    context = browser.new_context(base_url=live_site.url, viewport={"width": 1366, "height": 768}, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def lines_in_sight(page) -> int:
    """Whole lines of the log between its upper and its lower edge."""
    return page.evaluate(
        """() => { const box = document.querySelector('#log-box .log').getBoundingClientRect();
        return [...document.querySelectorAll('#log-box .log__line')].map(line => line.getBoundingClientRect())
            .filter(line => line.top >= box.top && line.bottom <= box.bottom).length; }"""
    )


def answer(page, key: str, then: str) -> None:
    page.keyboard.press(key)
    page.wait_for_selector(f"#ask-words >> text={then}")


def test_what_may_be_lost_is_noted_by_keys_and_told_to_the_officers(page, second, log_in, live_site, tmp_path):
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    contact = ring(live_site)
    page.wait_for_selector(f"#ring-{contact}")
    page.keyboard.press("a")
    page.wait_for_url(f"**/desk/{contact}/")
    for line in LINES:
        write(page, line)
    page.keyboard.press("F4")
    page.keyboard.type("flat 2 18 tanners row")
    page.wait_for_selector("#found-places [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found-kinds [aria-selected=true]")
    page.keyboard.type("burglary")
    page.wait_for_selector("#found-kinds [aria-selected=true] >> text=Burglary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage-what.is-done")

    # questions, the simulated caller and the strip of evidence are all there: the log comes first
    page.wait_for_selector("#ask-words >> text=Is anybody in there now")
    expect(page.locator(".heard")).to_be_visible()
    assert lines_in_sight(page) >= 6

    page.keyboard.press("F7")
    answer(page, "n", "Is anyone hurt")
    answer(page, "n", "Is whoever lives there old")
    answer(page, "n", "Can the house be locked")
    answer(page, "y", "Was anything taken that is dangerous")
    answer(page, "n", "Has this address been burgled")
    answer(page, "n", "What has been touched")
    page.keyboard.type("Only the back door.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#ask-words >> text=Is there blood")
    page.keyboard.press("y")
    page.wait_for_selector("#take-evidence")
    assert "Evidence:" not in page.inner_text("#log-box")  # offered, and not noted by itself
    photograph(page, "offered")
    page.keyboard.press("e")
    page.locator("#log-box").get_by_text("Evidence: Blood, tool, shoe or finger marks").wait_for()
    expect(page.locator("#take-evidence")).to_have_count(0)

    # what no question asks for, by the strip's own key
    page.keyboard.press("v")
    expect(page.locator("#evidence-what")).to_be_focused()
    page.keyboard.type("Neighbour’s camera")
    for words in ("opposite, number 17", "Mrs Vale", "she saves it tonight", "24"):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    photograph(page, "noting")
    page.keyboard.press("Control+Enter")
    page.locator("#log-box").get_by_text("held by Mrs Vale").wait_for()
    expect(page.locator("#evidence summary").first).to_contain_text("2 not secured")

    # a picture that she sent, by key
    picture = tmp_path / "door.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"door" * 100)
    page.keyboard.press("i")
    expect(page.locator("#attach-file")).to_be_focused()
    page.set_input_files("#attach-file", picture)
    page.fill("#attach-about", "Shoe mark by the door.")
    page.keyboard.press("Control+Enter")
    page.locator("#log-box").get_by_text("File “door.png”").first.wait_for()
    with page.expect_download() as coming:
        page.locator("#log-box a[download]").first.click()
    assert Path(coming.value.path()).read_bytes() == picture.read_bytes()
    assert violations(page) == []

    # the despatcher reads the same, and what officers have to know, before anybody is sent
    log_in(second, "despatch@northmoor")
    second.goto(f"/despatch/?job={incident_of(live_site, contact)}")
    scene = second.locator("#stage-log .advice")
    for words in ("Neighbour’s camera", "held by Mrs Vale", "lost after", "Look for the way in", "2 not secured"):
        expect(scene).to_contain_text(words)
    photograph(second, "job")
    second.keyboard.press("o")
    expect(scene.locator("details.more")).to_have_attribute("open", "")
    assert second.locator("#stage-log .log").bounding_box()["height"] >= 150, "a long brief does not press the log to nothing"
    photograph(second, "job-open")
    assert violations(second) == []
    second.locator(".evidence__one .takeoff summary").first.click()
    second.locator(".evidence__one input[name=outcome]").first.fill("Photographed by PC Rao.")
    second.locator(".evidence__one button[value=secured]").first.click()
    expect(scene).to_contain_text("1 not secured")
    expect(page.locator("#evidence summary").first).to_contain_text("1 not secured")
