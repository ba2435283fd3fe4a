"""A post to everybody from the first word to the second person, and one's own states of a day, by keyboard alone; light and dark."""

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_handler import focus, ring
from watchroom.shell.tests.axe import barriers

WITHIN = 20_000  # ms; the machine is shared
PICTURES = os.environ.get("WATCHROOM_TEST_PICTURES", "")  # a folder: then the pages are photographed to be looked at
WORDS = "Leanne Whitcombe, 14 years old, was last seen at the harbour. Who saw her?"


def looked_at(page, name: str) -> None:
    """No barrier in either theme; and photographed, where somebody looks."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert barriers(page) == [], scheme
        if PICTURES:
            page.wait_for_timeout(200)
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{scheme}.png"), caret="initial", full_page=True)
    page.emulate_media(color_scheme="light")


def tab_to(page, element: str, most: int = 40) -> None:
    """By Tab alone, as somebody without a mouse goes there."""
    for _ in range(most):
        if focus(page) == element or page.evaluate("document.activeElement.name || ''") == element:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {element}")


def test_a_post_is_written_by_one_and_let_out_by_another_by_keyboard(page, log_in, live_site, browser):
    ring(live_site, channel="online", number="", caller_name="Leanne Whitcombe")
    log_in(page, "resolution@northmoor")
    page.goto("/social/posts/")
    page.wait_for_selector("#live-state[data-state=well]")
    over = browser.new_context(base_url=live_site.url, viewport={"width": 1366, "height": 768}).new_page()
    log_in(over, "supervisor@northmoor")
    over.goto("/social/posts/")
    over.wait_for_selector("#live-state[data-state=well]")
    looked_at(page, "posts-none")

    tab_to(page, "kind")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    assert focus(page) == "post-text"
    page.keyboard.insert_text(WORDS)
    tab_to(page, "post-write")
    page.keyboard.press("Enter")
    expect(page.locator("#posts")).to_contain_text("You wrote it: somebody else approves it.", timeout=WITHIN)
    expect(page.locator("#posts button", has_text="Approve")).to_have_count(0)

    expect(over.locator("#posts")).to_contain_text(WORDS, timeout=WITHIN)  # the other page looks again by itself
    for warning in ("It names somebody", "It says how old somebody is."):
        expect(over.locator("#posts")).to_contain_text(warning)
    looked_at(over, "posts-asked")
    tab_to(over, "has_read")
    over.keyboard.press("Space")
    over.keyboard.press("Tab")
    over.keyboard.insert_text("Her mother asked for it, in writing.")
    over.keyboard.press("Tab")
    assert focus(over).startswith("approve-")
    over.keyboard.press("Enter")
    expect(over.locator("#posts")).to_contain_text("Approved by", timeout=WITHIN)
    expect(page.locator("#posts")).to_contain_text("Her mother asked for it, in writing.", timeout=WITHIN)
    looked_at(page, "posts-approved")
    over.context.close()


def test_ones_own_states_are_read_by_keys_and_another_persons_is_a_look_that_is_kept(page, log_in, live_site, browser):
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    page.keyboard.press("b")
    expect(page.locator("#my-state [aria-pressed=true]")).to_contain_text("on a break", timeout=WITHIN)
    page.keyboard.press("r")
    expect(page.locator("#my-state [aria-pressed=true]")).to_contain_text("ready", timeout=WITHIN)
    page.keyboard.press("m")
    page.wait_for_url("**/states/")
    expect(page.locator("main table")).to_contain_text("on a break")
    expect(page.locator("main")).to_contain_text("Who else may see them")
    looked_at(page, "states")
    page.keyboard.press(",")
    page.wait_for_url("**/states/?day=*")
    expect(page.locator("main")).to_contain_text("Nothing is on record of this day.")
    page.keyboard.press(".")
    expect(page.locator("main table")).to_contain_text("on a break")

    over = browser.new_context(base_url=live_site.url, viewport={"width": 1366, "height": 768}).new_page()
    log_in(over, "supervisor@northmoor")
    over.goto("/states/")
    over.get_by_role("link", name="Bryn Pugh").press("Enter")
    expect(over.locator("main table")).to_contain_text("on a break")
    expect(over.locator("main")).to_contain_text("This look is in the access log")
    looked_at(over, "states-of-another")
    over.keyboard.press("b")
    over.wait_for_url("**/states/")
    over.context.close()
