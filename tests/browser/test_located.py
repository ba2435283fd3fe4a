"""Where the telephone is goes into the search by one key, and nothing is picked until a person does."""

from datetime import timedelta

from django.db import transaction
from playwright.sync_api import expect

from tests.browser.test_handler import PLACE, look, ring
from watchroom import testing
from watchroom.foundation import clock, scope
from watchroom.gazetteer.models import Place
from watchroom.links.eisec_aml import actions, aml


def keeps_still(page) -> bool:
    """Is the line one types in in sight, and does the column slide neither down nor sideways?"""
    over = page.locator("#stage-what .stage__body").evaluate(
        "e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]"
    )
    return max(over) <= 1


@testing.long
def test_the_place_by_the_telephone_goes_into_the_search_and_a_person_picks_it(page, log_in, live_site):
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    contact = ring(live_site, is_located=False)
    page.wait_for_selector(f"#ring-{contact}")
    page.keyboard.press("a")
    page.wait_for_selector("#stage-send .lock")
    page.wait_for_selector("#live-state[data-state=well]")  # its scripts are there
    page.keyboard.press("F4")
    page.keyboard.type("flat 2 18 tanners row")
    page.wait_for_selector(f"#found-places [aria-selected=true] >> text={PLACE}")
    assert keeps_still(page), "the list of places lies over what is below it"
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#where address >> text={PLACE}")
    picked = look(live_site, contact).place_id

    # the handset says otherwise: it is said by itself, and the place stays
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        here = Place.objects.get(pk=picked)
        there = Place.objects.filter(kind="address", x__gt=here.x + 1000).order_by("x").first()
        at = clock.now()
        found = aml.Message(
            at=(at - timedelta(seconds=2)).replace(microsecond=0), method="G", latitude=there.latitude, longitude=there.longitude,
            radius=9.0, confidence=90,
        )  # fmt: skip
        actions.hear_text(text=aml.write(found), number="07700 900417", at=at)
    page.wait_for_selector("#where >> text=from the place that was picked")
    assert look(live_site, contact).place_id == picked
    assert keeps_still(page), "what is said of the place slides by itself"

    page.keyboard.press("Escape")  # the list of types, and then its field
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    expect(page.locator("#find-place")).to_be_focused()
    page.wait_for_selector("#found-places [aria-selected=true]")
    assert look(live_site, contact).place_id == picked, "offered, not taken"
    page.keyboard.press("Enter")
    page.wait_for_selector("#where:not(:has(.where__doubt))")
    assert look(live_site, contact).place_id != picked
