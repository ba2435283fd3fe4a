"""She called twice from her own telephone, once from her sister's after moving, and now withholds her number: is she known in time?

And the pages around it, as somebody sees them: searching by hand, one person's record, a plan, conflicts, the vulnerability desk.
"""

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_handler import ring
from watchroom import testing
from watchroom.contacts import actions as contacts
from watchroom.foundation import clock, scope
from watchroom.gazetteer import queries as gazetteer
from watchroom.identity import actions as identity
from watchroom.shell.tests.axe import barriers
from watchroom.staff.models import Member

OWN, SISTERS = "+447700900731", "+447700900732"
PICTURES = os.environ.get("WATCHROOM_TEST_PICTURES", "")  # a folder: then the pages are photographed to be looked at
PAGES = {
    "search": "handler",
    "conflicts": "handler",
    "victims": "supervisor",
    "trials": "analyst",
    "plans": "vulnerability",
    "pairs": "vulnerability",
    "vulnerability": "vulnerability",
    "looks": "auditor",
}
PATHS = {"victims": "/incidents/victims/", "trials": "/demand/trials/", "vulnerability": "/vulnerability/"}


def picture(page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), caret="initial")


@pytest.fixture
def people(browser, live_site, log_in):
    """`people("analyst@northmoor")`: that person's page, logged in, in a browser of their own."""
    contexts = []

    def page_of(name: str):
        contexts.append(browser.new_context(base_url=live_site.url, locale="en-GB"))
        page = contexts[-1].new_page()
        log_in(page, name)
        return page

    yield page_of
    for context in contexts:
        context.close()


def call(number: str, days: float):
    at = clock.now() - timedelta(days=days)
    row, _ = contacts.receive(
        key=str(uuid.uuid4()), channel="101", transferred_at=at, by="link:trunk", at=at, caller_number=number
    )
    return row, at


@pytest.fixture(scope="module")
def rhian(live_site):
    """Two calls from her own number, one from her sister's, from where she lives now: confirmed by the handler of that call."""
    from django.db import transaction

    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        (person,) = identity.bring_in(
            [identity.Known(given_name="Rhiannon", family_name="Castellane", numbers=(OWN,))],
            source="records",
            by="system:tests",
            at=clock.now() - timedelta(days=200),
        )
        handler = Member.objects.get(name="handler")
        for days in (150, 60):
            call(OWN, days)
        row, at = call(SISTERS, 20)
        contacts.answer(contact=row.pk, member=handler, by=handler.code, at=at)
        contacts.say_name(contact=row.pk, name="Rhiannon Castellane", by=handler.code, at=at)
        place = gazetteer.find("7 Mill Lane", limit=1)[0]
        contacts.pick_place(contact=row.pk, place=place, by=handler.code, at=at)
        identity.confirm(contact=row.pk, person=person.pk, by=handler.code, at=at)
        return person.pk, place.label


def answer_a_withheld_number(page, log_in, live_site):
    """The caret then stands where who it is is typed."""
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    now = ring(live_site, number="", is_located=False)
    page.wait_for_selector(f"#ring-{now}")
    page.keyboard.press("a")
    page.wait_for_url(f"**/desk/{now}/")
    page.wait_for_selector("#stage-who >> text=Nobody known")
    page.keyboard.press("F2")
    page.keyboard.press("n")


def test_from_a_withheld_number_she_is_likely_her_by_first_name_and_street(page, log_in, live_site, rhian):
    _, label = rhian
    answer_a_withheld_number(page, log_in, live_site)
    page.keyboard.type("rhianon castelane")
    expect(page.locator("#who-found .candidate", has_text="Rhiannon Castellane")).to_be_visible()  # while it is typed
    expect(page.locator("#who-name")).to_be_focused()
    picture(page, "who-typing")
    for _ in range(len(" castelane")):
        page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.keyboard.press("F4")
    page.keyboard.type("7 mill lane")
    page.wait_for_selector(f"#found-places [aria-selected=true] >> text={label}")
    page.keyboard.press("Enter")
    her = page.locator("#stage-who .candidate", has_text="Rhiannon Castellane")
    expect(her).to_contain_text("Likely")
    often = page.locator("#stage-who .often")
    expect(often).to_contain_text("3 in 183 days")
    expect(often).to_contain_text("3 as Rhiannon Castellane")
    picture(page, "who-likely")


def test_what_was_refused_is_still_said_and_kept_when_a_look_comes_after_it(page, log_in, live_site):
    answer_a_withheld_number(page, log_in, live_site)
    with page.expect_response("**/look/"):  # a quarter of a second after the last key, and after the answer to Enter
        page.keyboard.type("rhianon 31/2/1985")
        page.keyboard.press("Enter")
        page.wait_for_selector(".who-said .field-fault")
    expect(page.locator("#who-found")).to_contain_text("There is no day 31/2/1985.")
    expect(page.locator(".who-said .field-fault")).to_contain_text("“31/2/1985” is no date of birth")
    expect(page.locator(".who-said .fault")).to_have_count(0)  # it is read once, at its field
    page.wait_for_timeout(600)  # until the draft is kept
    page.reload()
    expect(page.locator("#who-name")).to_have_value("rhianon 31/2/1985")


@testing.long
@pytest.mark.parametrize(("size", "theme"), [((1366, 768), "light"), ((1920, 1080), "dark")])
def test_the_pages_around_it_have_no_barrier_that_axe_can_find(people, rhian, size, theme):
    person, _ = rhian
    for name, who in PAGES.items():
        page = people(f"{who}@northmoor")
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=theme)
        page.goto(PATHS.get(name, f"/identity/{name}/"))
        if name == "search":
            page.fill("#search-line", "rianon castelane")
            page.keyboard.press("Enter")
            page.wait_for_selector(".candidate >> text=Rhiannon Castellane")
        picture(page, f"{name}-{size[0]}-{theme}")
        assert barriers(page, only_looks=theme == "dark") == [], name
        if name == "search":
            page.goto(f"/identity/people/{person}/")
            picture(page, f"person-{size[0]}-{theme}")
            assert barriers(page, only_looks=theme == "dark") == [], "person"
