"""The ex-partner rings from the shared landline; what the handler sees before and after she knows who it is. And a code at the door."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_handler import ring
from watchroom import testing
from watchroom.foundation import clock, scope
from watchroom.gazetteer.models import Place
from watchroom.identity import actions as identity
from watchroom.identity.flags import actions as flags
from watchroom.shell.tests.axe import barriers

pytestmark = testing.long

LANDLINE = "+441632960990"
PLACE = "Flat 2, 18 Tanner’s Row"


@pytest.fixture(scope="module")
def household(live_site):
    """Siân, who is flagged, and Gethin, who was her partner: both on one landline. Returns (place, code's flag)."""
    from django.db import transaction

    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        at = clock.now()
        sian, _ = identity.bring_in(
            [
                identity.Known(given_name="Siân", family_name="Pryce", numbers=(LANDLINE,)),
                identity.Known(given_name="Gethin", family_name="Pryce", numbers=(LANDLINE,)),
            ],
            source="records",
            by="system:tests",
            at=at,
        )
        words = flags.Words(source="Safeguarding desk", since=at.date(), text="He watches the house.")
        flags.add(kind="stalking", words=words, person=sian.pk, by="system:tests", at=at)
        place = Place.objects.get(label=PLACE)
        words = flags.Words(source="Housing", since=at.date(), title="Keysafe", text="By the back door.", code="Zyx47")
        flags.add(kind="access_code", words=words, place=place.pk, by="system:tests", at=at)
        return place.pk


def test_the_ex_partner_rings_from_the_shared_landline(page, log_in, live_site, household):
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    contact = ring(live_site, number=LANDLINE)

    # while it rings: what is known, and that nobody speaks of it
    page.wait_for_selector(f"#ring-{contact} .ring__marks >> text=Do not disclose")
    page.wait_for_selector(f"#ring-{contact} >> text=Stalking or harassment")

    page.keyboard.press("a")
    page.wait_for_url(f"**/desk/{contact}/")
    first = page.locator("#stage-who .flags > li").first
    expect(first).to_contain_text("Do not disclose")
    expect(first).to_contain_text("1 other person uses this number or address")
    expect(page.locator("#headline")).to_contain_text("Do not disclose")

    # she asks who it is: it is him
    him = page.locator("#stage-who .candidate", has_text="Gethin Pryce").locator("button")
    page.keyboard.press(him.get_attribute("data-key").split()[0])
    page.keyboard.press(him.get_attribute("data-key").split()[1])
    expect(page.locator("#stage-who .flags > li").first).to_contain_text("The caller is confirmed as somebody else")

    # no: it is her after all
    page.keyboard.press("F2")
    page.keyboard.press("0")
    expect(page.locator("#stage-who .flags > li").first).to_contain_text("1 other person uses")
    her = page.locator("#stage-who .candidate", has_text="Siân Pryce").locator("button")
    page.keyboard.press("F2")
    page.keyboard.press(her.get_attribute("data-key").split()[1])
    expect(page.locator("#stage-who .flags")).not_to_contain_text("Do not disclose")
    expect(page.locator("#stage-who .flags")).to_contain_text("Stalking or harassment")
    expect(page.locator("#headline")).not_to_contain_text("Do not disclose")


def test_a_code_is_shown_by_one_key_when_the_job_is_open_there(page, log_in, live_site, household):
    contact = ring(live_site, number=LANDLINE)
    log_in(page, "handler@northmoor")
    page.goto(f"/desk/{contact}/")
    page.wait_for_selector("#stage-send")
    page.keyboard.press("a")
    page.wait_for_selector("#line")
    page.keyboard.press("F4")
    page.keyboard.type("flat 2 18 taners row")
    page.wait_for_selector(f"#found-places [aria-selected=true] >> text={PLACE}")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage-who >> text=Keysafe")
    assert "Zyx47" not in page.content()
    page.wait_for_selector("#found-kinds, #find-kind")
    page.keyboard.type("domestic")
    page.wait_for_selector("#found-kinds [aria-selected=true]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage-what.is-done >> text=despatch can see it")
    page.keyboard.press("F2")
    page.keyboard.press("c")
    expect(page.locator(".code")).to_contain_text("Zyx47")
    page.wait_for_timeout(2000)
    expect(page.locator(".code")).to_contain_text("Zyx47")  # nothing that happens on the page takes it away before its time


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((1366, 768), "light"),
        pytest.param((1366, 768), "dark", marks=testing.long),
        pytest.param((1920, 1080), "light", marks=testing.long),
    ],
)
def test_no_barrier_that_axe_can_find(page, log_in, live_site, household, size, theme):
    contact = ring(live_site, number=LANDLINE)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=theme)
    log_in(page, "handler@northmoor")
    page.goto(f"/desk/{contact}/")
    page.wait_for_selector("#stage-who >> text=Do not disclose")
    assert barriers(page, only_looks=theme == "dark") == []
    page.goto(f"/identity/{contact}/flags/")
    assert barriers(page) == []
    page.click(".flag a >> nth=0")
    page.wait_for_selector("#flag-challenge")
    assert barriers(page) == []
