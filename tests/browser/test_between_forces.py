"""Two forces, two browsers: handed over by keys, accepted by one key, and both read at once who has it."""

import os
from pathlib import Path

from django.db import transaction
from playwright.sync_api import expect

from tests.browser.test_handler import ring
from watchroom.contacts import actions as contacts
from watchroom.foundation import clock, scope
from watchroom.shell.tests.axe import barriers

WITHIN = 20_000  # ms; the machine is shared
PICTURES = os.environ.get("WATCHROOM_TEST_PICTURES", "")  # a folder: then the pages are photographed to be looked at
WHY, RISK = "She stands at Southmere pier.", "He says that he will push her in."


def picture(page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), caret="initial")


def test_a_caller_is_handed_over_by_keys_and_accepted_by_one(page, log_in, live_site, browser):
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    contact = ring(live_site, number="07700 900963", caller_name="Isolde Pendry")
    page.wait_for_selector(f"#ring-{contact}")
    page.keyboard.press("a")
    page.wait_for_url(f"**/desk/{contact}/")
    page.wait_for_selector("#live-state[data-state=well]")
    there = browser.new_context(base_url=live_site.url).new_page()
    log_in(there, "outsider@southmere")
    there.wait_for_selector("#live-state[data-state=well]")
    over = browser.new_context(base_url=live_site.url).new_page()
    log_in(over, "supervisor@northmoor")
    over.goto("/referrals/forces/")
    over.wait_for_selector("#live-state[data-state=well]")

    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("handover south")
    page.keyboard.press("Tab")
    assert page.locator("#command-line").input_value() == "handover southmere "
    page.keyboard.press("Enter")
    expect(page.locator("#force-to")).to_have_value("southmere")
    expect(page.locator("#force-why")).to_be_focused()  # the caret is where something is missing; nothing was sent
    page.keyboard.type(WHY)
    page.locator("#force-risk").fill(RISK)
    picture(page, "handing-over")
    page.get_by_role("button", name="Hand over", exact=True).click()
    expect(page.locator("#handed")).to_contain_text("Southmere Police: they have it", timeout=WITHIN)
    expect(page.locator("#handed")).to_contain_text("Ours until they accept it.", timeout=WITHIN)
    assert barriers(page) == []
    picture(page, "handed-over")
    expect(over.locator("#between")).to_contain_text(
        "They have it", timeout=WITHIN
    )  # the supervisor's list looks again by itself
    assert barriers(over) == []
    picture(over, "between")

    ringing = there.locator("#ringing")
    expect(ringing).to_contain_text("From Northmoor Police", timeout=WITHIN)
    expect(ringing).to_contain_text("the caller is on the line with them", timeout=WITHIN)
    picture(there, "came-rings")
    there.keyboard.press("f")
    there.wait_for_url("**/referrals/from/*/")
    expect(there.locator("main")).to_contain_text(RISK)
    assert barriers(there) == []
    picture(there, "came")
    at = clock.now()
    with (
        live_site.database(),
        scope.use("northmoor"),
        transaction.atomic(),
    ):  # read there, she says more, and is cut off
        contacts.write(contact=contact, text="He has a knife.", by="link:trunk", origin="caller", at=at, written_at=at)
        contacts.end(contact=contact, how="cut_off", by="link:trunk", at=at)
    expect(there.locator("#since")).to_contain_text("The line with Northmoor Police was cut off", timeout=WITHIN)
    expect(there.locator("#since")).to_contain_text("He has a knife.", timeout=WITHIN)
    assert barriers(there) == []
    picture(there, "came-since")
    there.emulate_media(color_scheme="dark")
    picture(there, "came-since-dark")
    there.emulate_media(color_scheme="light")
    there.keyboard.press("a")
    there.wait_for_url("**/desk/*/")
    expect(there.locator("#log-box")).to_contain_text("Handed over by Northmoor Police", timeout=WITHIN)
    picture(there, "accepted-there")

    expect(page.locator("#handed")).to_contain_text("Southmere Police: accepted", timeout=WITHIN)
    expect(page.locator("#log-box")).to_contain_text("accepted it (Ola Brandt)", timeout=WITHIN)
    expect(page.locator("#stage-send")).not_to_contain_text("Other force to accept", timeout=WITHIN)
    picture(page, "accepted-here")
    expect(over.locator("#between")).not_to_contain_text("They have it", timeout=WITHIN)
    over.context.close()
    there.context.close()
