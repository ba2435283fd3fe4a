"""One contact's whole journey, told as its users live it: Bryn answers, Priya sends, a crew arrives, it is closed; somebody reports
online and Ruth helps without sending anyone; Marian sees it all live, and Tom counts it.

Each person has a browser of their own, and does what they do by keyboard. Pictures of each step go to `test-results/journey`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import expect

from tests.browser.test_handler import PLACE, RISK, ring, write
from watchroom.foundation import scope, verify
from watchroom.incidents.models import Incident
from watchroom.testing import REPOSITORY, LiveSite

PICTURES = Path(REPOSITORY) / "test-results" / "journey"


@pytest.fixture
def people(browser: Any, live_site: LiveSite, log_in: Callable[..., None]) -> Iterator[Callable[[str], Any]]:
    """`people("despatch@northmoor")`: that person's page, logged in, in a browser of their own."""
    with ExitStack() as stack:

        def page_of(name: str) -> Any:
            context = browser.new_context(base_url=live_site.url, viewport={"width": 1920, "height": 1080}, locale="en-GB")
            context.set_default_timeout(20_000)
            stack.callback(context.close)
            page = context.new_page()
            if name:
                log_in(page, name)
            pages[name or "public"] = page
            return page

        pages: dict[str, Any] = {}
        yield page_of
        for name, page in pages.items():
            picture(page, f"last-{name.partition('@')[0]}")


def picture(page: Any, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def the_incident(site: LiveSite, contact: int) -> Incident:
    with site.database(), scope.use("northmoor"), transaction.atomic():
        return Incident.objects.get(involvements__contact_id=contact)


KEY_S = 0.12  # a good typist's keystroke (Card, Moran and Newell, 1980)


def judge(bryn: Any, levels: tuple[tuple[str, str], ...]) -> None:
    """All six elements and the saving, by keyboard; prints how many keys it takes: the words, and a handful for each element."""
    bryn.evaluate("window.pressed = 0; document.addEventListener('keydown', () => window.pressed++, true)")
    bryn.keyboard.press("F6")
    for number, (level, why) in enumerate(levels, start=1):
        expect(bryn.locator("#level-0")).to_be_focused()
        bryn.keyboard.press(level)
        bryn.keyboard.press("Tab")
        bryn.keyboard.type(why)
        bryn.keyboard.press("Control+Enter")
        expect(bryn.locator("#stage-risk .stage__note")).to_have_text(f"{number} of 6 written")
    expect(bryn.locator("#save-risk")).to_be_focused()
    bryn.keyboard.press("Enter")
    bryn.wait_for_selector("#stage-risk.is-done")
    pressed, words = bryn.evaluate("window.pressed"), sum(len(why) for _, why in levels)
    print(f"A full THRIVE with its reasons: {pressed} keys, {words} of them words; {pressed * KEY_S:.0f} s for a good typist.")
    assert pressed * KEY_S < 45
    assert pressed - words <= 6 * len(levels) + 10  # a level, Tab, Ctrl and Enter; a capital presses Shift


def test_a_woman_behind_a_bathroom_door(people: Callable[[str], Any], live_site: LiveSite) -> None:
    bryn, priya, marian = people("handler@northmoor"), people("despatch@northmoor"), people("supervisor@northmoor")
    for page, path in ((bryn, "/desk/"), (priya, "/despatch/"), (marian, "/supervisor/")):
        page.goto(path)
        page.wait_for_selector("#live-state[data-state=well]")

    # 1 before it is answered, her screen shows number, place, markers, earlier contacts, and how long it has rung
    contact = ring(live_site)
    bryn.wait_for_selector(f"#ring-{contact} >> text=Domestic abuse, high risk")
    shown = bryn.inner_text(f"#ring-{contact}")
    assert "07700 900417" in shown
    assert "earlier contacts" in shown
    assert "AML" in shown
    picture(bryn, "1-ringing")

    # 2 she answers by a key, types what she hears, picks the place, and despatch has it while she is still talking
    bryn.keyboard.press("a")
    bryn.wait_for_selector("#stage-send .lock")
    write(bryn, "“He’s got a knife. He’s outside the bathroom door.” He is Craig, her partner.")
    bryn.keyboard.press("F4")
    bryn.keyboard.type("flat 2 18 taners row")
    bryn.wait_for_selector(f"#found-places [aria-selected=true] >> text={PLACE}")
    bryn.keyboard.press("Enter")
    bryn.wait_for_selector("#found-kinds [aria-selected=true] >> text=Domestic, weapon in play")
    bryn.keyboard.press("Enter")
    bryn.wait_for_selector("#stage-what.is-done >> text=despatch can see it")
    incident = the_incident(live_site, contact)
    priya.wait_for_selector(f"#jobs [data-group=ungraded] #incident-{incident.pk}")

    # 3 Immediate never waits; the risk is then owed, and until it is saved she sees nothing of queue or units
    bryn.keyboard.press("F8")
    bryn.keyboard.press("1")
    bryn.wait_for_selector("#stage-grade.is-done >> text=The risk is owed")
    priya.wait_for_selector(f"#jobs [data-group=immediate] #incident-{incident.pk}")
    assert not bryn.locator("#stage-send >> text=/NH\\d/").count(), "a call sign"
    picture(bryn, "3-graded")

    # 4 Priya sends the suggested unit; Bryn may know of it only when her risk is saved
    priya.goto(f"/despatch/?job={incident.pk}")
    priya.wait_for_selector(f"#offers[data-incident='{incident.pk}'] [data-key=a]:not([aria-disabled])")
    callsign = priya.locator("#offers").get_attribute("data-first")
    picture(priya, "4-who-goes")
    priya.keyboard.press("a")
    priya.wait_for_selector(f"#log-{incident.pk} >> text={callsign} assigned, on the way.")
    judge(bryn, RISK)
    bryn.wait_for_selector(f"#stage-send >> text={callsign}")
    picture(bryn, "4-help-is-coming")
    priya.keyboard.press("/")
    priya.keyboard.type(f"unit {callsign.lower()} at scene")
    priya.keyboard.press("Enter")
    priya.wait_for_selector(f"#log-{incident.pk} >> text={callsign} at scene.")
    write(bryn, "She hears the officers. He has put the knife down.")
    priya.wait_for_selector(f"#log-{incident.pk} >> text=He has put the knife down.")
    marian.wait_for_selector("#stage-room >> text=Bryn Pugh")
    picture(marian, "6-supervisor")

    bryn.keyboard.press("F9")
    bryn.keyboard.press("n")  # “Did you try 101 before this?”
    bryn.wait_for_selector("#stage-send .choice.is-on")
    bryn.keyboard.press("F9")
    bryn.keyboard.press("h")
    bryn.wait_for_selector("#stage-send >> text=Wrap up")
    bryn.keyboard.press("F9")
    bryn.keyboard.press("u")
    bryn.wait_for_url("**/desk/")

    priya.keyboard.press("Escape")
    priya.wait_for_selector("#offers [data-key=c]")
    priya.keyboard.press("c")
    priya.keyboard.type("One arrested, she and the children are safe.")
    priya.keyboard.press("Control+Enter")
    priya.wait_for_selector(f"#log-{incident.pk} >> text=One arrested")
    priya.wait_for_selector(f"#jobs [data-group=result] #incident-{incident.pk}")
    priya.keyboard.press("Escape")
    priya.keyboard.press("x")
    priya.wait_for_selector(f"#crime-ref-{incident.pk}:focus")  # a report that may be a crime is decided first
    priya.keyboard.type("42/1234/26")
    priya.keyboard.press("Enter")
    priya.wait_for_selector(".closing >> text=Crime 42/1234/26")
    priya.wait_for_selector(f"#close-q-{incident.pk}:focus")
    picture(priya, "4-closing")
    priya.fill(f"#close-q-{incident.pk}", "domestic inc")
    priya.check(f"#categories-{incident.pk} label:has-text('Domestic incident') input")
    priya.fill(f"#close-result-{incident.pk}", "One arrested, all safe.")
    priya.click("#close-now")
    priya.wait_for_selector(".closing >> text=Closed")
    assert the_incident(live_site, contact).closing_category == "domestic"


def test_a_bicycle_reported_online_is_resolved_without_a_visit(people: Callable[[str], Any], live_site: LiveSite) -> None:
    someone, ruth, tom = people(""), people("resolution@northmoor"), people("analyst@northmoor")

    # 5 the public: is it safe to contact you, first; a reference on the screen; and the report stands in the same queue
    someone.goto("/public/")
    someone.get_by_role("button", name="Start now").click()
    someone.get_by_label("No, do not contact me").check()
    someone.get_by_role("button", name="Continue").click()
    someone.get_by_label("What happened?").fill("My bicycle was stolen from the rack last night. Nobody saw it.")
    someone.get_by_role("button", name="Continue").click()
    someone.get_by_label("Where did it happen?").fill("tannery lane")
    someone.get_by_role("button", name="Continue").click()
    someone.goto("/report/step/6/")
    someone.get_by_role("button", name="Send").click()
    someone.wait_for_url("**/report/sent/")
    code = someone.locator("#code").inner_text()
    picture(someone, "5-sent")

    ruth.goto("/desk/")
    ruth.wait_for_selector("[id^=ring-]")
    ruth.keyboard.press("a")
    ruth.wait_for_url(re.compile(r"/desk/\d+/$"))
    contact = int(ruth.url.rstrip("/").rsplit("/", 1)[1])
    ruth.wait_for_selector("text=My bicycle was stolen")
    ruth.keyboard.press("t")
    ruth.keyboard.type("theft")
    ruth.wait_for_selector("#found-kinds [aria-selected=true] >> text=Theft")
    ruth.keyboard.press("Enter")
    ruth.wait_for_selector("#stage-what.is-done >> text=despatch can see it")
    ruth.keyboard.press("Escape")
    judge(ruth, tuple(("0", why) for why in (
        "Nobody was threatened and nobody was there.",
        "A bicycle is gone; nobody is hurt.",
        "Nothing more can happen to it before we write.",
        "No camera, no witness, no marks were found.",
        "Nothing they wrote shows a vulnerability.",
        "Does not wish to be contacted; may look by code.",
    )))  # fmt: skip
    ruth.keyboard.press("F8")
    ruth.keyboard.press("w")
    ruth.keyboard.type("Taken overnight, nobody saw it, nothing to secure.")
    ruth.keyboard.press("F8")
    ruth.keyboard.press("5")
    ruth.wait_for_selector("#stage-grade.is-done")
    incident = the_incident(live_site, contact)

    ruth.goto(f"/resolve/?job={incident.pk}")
    ruth.wait_for_selector("#resolving")
    for one in ruth.locator("#resolving .solve__row").all():
        one.get_by_label("No").check()
    ruth.get_by_label("Answered").check()
    ruth.fill("#outcome-text", "Recorded; advice on marking bicycles given with the code.")
    ruth.click("#resolve-now")
    ruth.wait_for_selector("#stage-outcome >> text=Answered")
    picture(ruth, "5-resolved")

    someone.goto("/report/look/")
    someone.get_by_label("What is your code?").fill(code)
    someone.get_by_role("button", name="Look").click()
    assert "bicycle" not in someone.inner_text("main").lower()

    # 6 the analyst's page counts both, each figure with its definition
    tom.goto("/demand/")
    assert "How this is counted" in tom.inner_text("main")
    picture(tom, "6-analyst")

    with live_site.database():
        assert verify.verify("northmoor").first_bad is None
