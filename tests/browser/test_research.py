"""Another system is asked by one key, and its answer comes onto the page by itself."""

import json
import os
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.test_handler import ring
from watchroom import testing
from watchroom.links.records.tests.other_side import DEREK, LEANNE, TOKEN, listening, records
from watchroom.shell.tests.axe import barriers

WITHIN = 20_000  # ms; the machine is shared
PICTURES = os.environ.get("WATCHROOM_TEST_PICTURES", "")  # a folder: then the page is photographed to be looked at
MINE = {**LEANNE, "family_name": "Pendry", "given_name": "Isolde", "numbers": ["07700 900963"]}


def picture(page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), caret="initial")


@testing.long
def test_one_key_asks_and_what_came_is_taken_in_by_key(page, log_in, live_site):
    with listening(body=records(MINE, DEREK)) as housing:
        (live_site.data / "records.json").write_text(json.dumps({"northmoor": {"housing": {"url": housing.url, "token": TOKEN}}}))
        log_in(page, "handler@northmoor")
        page.wait_for_selector("#live-state[data-state=well]")
        contact = ring(live_site, number="07700 900963", caller_name="Isolde Pendry")
        page.wait_for_selector(f"#ring-{contact}")
        page.keyboard.press("a")
        page.wait_for_url(f"**/desk/{contact}/")
        page.wait_for_selector("#research >> text=Ask Housing (stand-in)")
        picture(page, "research-before")
        page.keyboard.press("F2")
        page.keyboard.press("a")
        panel = page.locator("#research")
        expect(panel).to_contain_text("2 found", timeout=WITHIN)
        expect(panel.locator(".found__one").first).to_contain_text("Isolde Pendry", timeout=WITHIN)
        expect(page.locator("#log-box")).to_contain_text("Research: Housing (stand-in) asked by", timeout=WITHIN)
        expect(page.locator("#log-box")).to_contain_text("2 found", timeout=WITHIN)
        picture(page, "research-answered")
        assert barriers(page) == []
        for key in ("F2", "x", "2"):
            page.keyboard.press(key)
        expect(panel).to_contain_text("Not this person", timeout=WITHIN)
        for key in ("F2", "t", "1"):
            page.keyboard.press(key)
        expect(page.locator("#who-found .candidate.is-chosen")).to_contain_text("Isolde Pendry", timeout=WITHIN)
        expect(page.locator("#log-box")).to_contain_text("who is in touch is Isolde Pendry", timeout=WITHIN)
        picture(page, "research-taken")
