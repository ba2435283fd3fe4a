"""A call rings at one desk: hers says so; another that came meanwhile does not take its place under her finger."""

from collections.abc import Callable
from typing import Any

from tests.browser.test_handler import ring
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
