"""Gwen from the inspectorate steps through a night by the arrow keys, and takes a bundle with her."""

from typing import Any

import pytest

from tests import world
from watchroom import testing
from watchroom.foundation import scope
from watchroom.shell.tests.axe import barriers
from watchroom.testing import LiveSite

pytestmark = testing.long


@pytest.fixture(scope="module")
def night(live_site: LiveSite) -> Any:
    from django.db import transaction

    from watchroom.foundation import clock

    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        return world.a_whole_journey(number="07700 900998", at=clock.now() - world.timedelta(hours=1))


def test_an_inspector_steps_by_the_arrow_keys_and_takes_a_bundle(page, log_in, night):
    log_in(page, "inspector@northmoor")
    assert page.url.endswith("/lookback/")
    page.goto(f"/incidents/{night.pk}/replay/")
    assert "Closed as" in page.inner_text("main")
    before = page.inner_text("h1")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/replay/?at=*")
    assert page.inner_text("h1") != before
    assert "Closed as" not in page.inner_text("main")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('main').innerText.includes('Closed as')")
    page.get_by_label("To whom").fill("HM Inspectorate")
    page.get_by_label("Why", exact=True).fill("Inspection of delayed attendance")
    with page.expect_download() as given:
        page.get_by_role("button", name="Make the bundle").click()
    assert given.value.suggested_filename.startswith("log-")


def test_no_barrier_that_axe_can_find(page, log_in, night):
    log_in(page, "inspector@northmoor")
    for size, theme, address in (
        ((1366, 768), "light", "/lookback/"),
        ((1366, 768), "dark", f"/incidents/{night.pk}/replay/"),
        ((1920, 1080), "light", f"/incidents/{night.pk}/replay/"),
        ((1366, 768), "dark", "/demand/"),
        ((1366, 768), "light", "/demand/forces/"),
        ((1366, 768), "light", "/resolution/quality/"),
    ):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=theme)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert barriers(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
