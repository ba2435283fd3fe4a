"""A 999 call from the first ring to the writing up, in a browser, by keyboard alone."""

import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from watchroom import testing
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.foundation import clock, scope
from watchroom.gazetteer.models import Place
from watchroom.shell.tests.axe import barriers

PLACE = "Flat 2, 18 Tanner’s Row"
RISK = (
    ("3", "Armed, at the door, says he will break in."),
    ("3", "Strangled her in September. The children will wake."),
    ("3", "The bolt will not hold; they cannot get past him."),
    ("1", "Keep the knife, the door, and the recording of this call."),
    ("3", "Repeat victim, trapped, two under-tens in the flat."),
    ("1", "Yes or no only on this line; a codeword is held."),
)


def ring(site, *, number="07700 900417", channel="999", is_located=True, **more) -> int:
    """A contact arrives from outside, two seconds after the operator's transfer."""
    with site.database(), scope.use("northmoor"):
        from django.db import transaction

        at = clock.now()
        with transaction.atomic():
            place = Place.objects.get(label=PLACE)
            located = (place.x + 5, place.y - 6, 14.0, "aml") if channel == "999" and is_located else None
            row, _ = contacts.receive(
                key=str(uuid.uuid4()), channel=channel, transferred_at=at - timedelta(seconds=2), by="link:trunk", at=at,
                caller_number=number, located=located, **more,
            )  # fmt: skip
        return row.pk


def look(site, contact: int) -> Contact:
    with site.database(), scope.use("northmoor"):
        from django.db import transaction

        with transaction.atomic():
            return Contact.objects.get(pk=contact)


def focus(page) -> str:
    return page.evaluate("document.activeElement.id")


def write(page, words: str) -> None:
    """A line as it is typed: its first letters key by key, the rest at once, which spares the browser a picture for each."""
    page.wait_for_selector("html[data-desk=ready]")  # a machine types sooner than anybody
    page.keyboard.press("F3")
    page.keyboard.type(words[:4])
    page.keyboard.insert_text(words[4:])
    page.keyboard.press("Enter")
    expect(page.locator("#line")).to_have_value("")


@testing.long  # the story of `test_one_contacts_journey` takes the same way, and goes on
def test_a_999_call_is_taken_by_keyboard_alone(page, log_in, live_site):
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    contact = ring(live_site)

    # before the answer: number, markers, earlier contacts, and who it may be, without anything taking the focus
    page.wait_for_selector(f"#ring-{contact} >> text=Domestic abuse, high risk")
    page.wait_for_selector("#stage-who >> text=Leanne Whitcombe")
    assert "07700 900417" in page.inner_text(f"#ring-{contact}")
    assert focus(page) == ""

    page.keyboard.press("a")
    page.wait_for_url(f"**/desk/{contact}/")
    page.wait_for_selector("#stage-send")
    assert page.inner_text("#stage-send .lock").startswith("Queue and units hidden")

    write(page, "“He’s got a knife. He’s outside the bathroom door.” He is Craig, her partner.")
    page.wait_for_selector("#take-kind")

    # the place, misspelt; then the type that the words suggest; then back to listening
    page.keyboard.press("F4")
    page.keyboard.type("flat 2 18 taners row")
    page.wait_for_selector(f"#found-places [aria-selected=true] >> text={PLACE}")
    page.keyboard.press("Enter")
    assert focus(page) == "find-kind"
    page.wait_for_selector("#found-kinds [aria-selected=true] >> text=Domestic, weapon in play")
    page.keyboard.press("Enter")
    assert focus(page) == "line"
    page.wait_for_selector("#stage-what.is-done >> text=despatch can see it")

    # Immediate never waits
    page.keyboard.press("F8")
    page.keyboard.press("1")
    page.wait_for_selector("#stage-grade.is-done >> text=The risk is owed")

    page.wait_for_selector("#stage-risk.is-now")
    page.keyboard.press("F6")
    for number, (level, why) in enumerate(RISK, start=1):
        expect(page.locator("#level-0")).to_be_focused()
        page.keyboard.press(level)
        page.keyboard.press("Tab")
        page.keyboard.type(why)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#stage-risk .stage__note")).to_have_text(f"{number} of 6 written")
    expect(page.locator("#save-risk")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector("#stage-risk.is-done")
    page.wait_for_selector(f"#units-{contact}")

    page.keyboard.press("F9")
    page.keyboard.press("n")
    page.wait_for_selector("#stage-send .choice.is-on")
    page.keyboard.press("F9")
    page.keyboard.press("h")
    page.wait_for_selector("#headline >> text=Lasted")
    page.wait_for_selector("#stage-send >> text=Wrap up")
    page.keyboard.press("F9")
    page.keyboard.press("u")
    page.wait_for_url("**/desk/")

    row = look(live_site, contact)
    assert (row.state, row.tried_101) == ("wrapped", "no")


def test_another_persons_line_arrives_without_taking_the_caret(page, log_in, live_site):
    contact = ring(live_site, number="07700 900501")
    log_in(page, "handler@northmoor")
    page.goto("/desk/")
    page.wait_for_selector(f"#ring-{contact}")
    page.keyboard.press("a")
    page.wait_for_selector("#line")
    page.wait_for_selector("#live-state[data-state=well]")
    page.keyboard.press("F3")
    page.keyboard.type("half a sen")
    with live_site.database(), scope.use("northmoor"):
        at = clock.now()
        contacts.write(contact=contact, text="The operator heard a scream.", by="link:trunk", at=at, written_at=at)
    page.wait_for_selector(f"#log-lines-{contact} >> text=The operator heard a scream.")
    page.keyboard.type("tence")
    assert page.input_value("#line") == "half a sentence"


def test_a_refusal_is_shown_and_the_words_stay(page, log_in, live_site):
    contact = ring(live_site, number="07700 900502")
    log_in(page, "handler@northmoor")
    page.goto("/desk/")
    page.wait_for_selector(f"#ring-{contact}")
    page.keyboard.press("a")
    page.wait_for_selector("#line")
    page.keyboard.press("F8")
    page.keyboard.press("w")
    page.keyboard.type("She is safe with her sister.")
    page.keyboard.press("F8")
    page.keyboard.press("2")
    page.wait_for_selector("#stage-grade .fault >> text=There is no log yet")
    assert page.input_value("#why") == "She is safe with her sister."


def test_questions_open_by_type_are_answered_by_single_keys_and_are_offered_to_the_risk(page, log_in, live_site):
    contact = ring(live_site, number="07700 900503", channel="101")
    log_in(page, "handler@northmoor")
    page.goto(f"/desk/{contact}/")
    page.wait_for_selector("#stage-send")
    page.keyboard.press("a")
    page.wait_for_selector("#line")

    # suggested from the typed words, with the words; the caret stays where it is
    write(page, "My husband is drunk and shouting at me.")
    expect(page.locator("#asks")).to_contain_text("Domestic incident?")
    expect(page.locator("#asks")).to_contain_text("“husband”")
    assert focus(page) == "line"
    page.keyboard.type("y")  # a letter in the log is a letter
    expect(page.locator("#line")).to_have_value("y")
    page.keyboard.press("Backspace")

    page.keyboard.press("Escape")
    page.keyboard.press("y")  # outside the panel its keys answer nothing
    page.keyboard.press("k")  # take the suggested type
    expect(page.locator(".asks__title")).to_have_text("Domestic incident")

    page.keyboard.press("F7")
    expect(page.locator("#ask-now")).to_be_focused()
    for key, coming in (("n", "Is anyone hurt?"), ("n", "Is the person you are afraid of there"), ("y", "Can you get out")):
        page.keyboard.press(key)
        expect(page.locator("#ask-words")).to_contain_text(coming)
        expect(page.locator("#ask-now")).to_be_focused()
    expect(page.locator("#cue-suspect_on_scene")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#suggestion")).to_contain_text("Priority")
    expect(page.locator(f"#log-lines-{contact}")).to_contain_text("Asked: Is anyone hurt? – No")

    # the words offered are taken by one key, and written only when kept
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_selector("#stage-risk")
    page.locator("#thrive-risk button").click()
    expect(page.locator("#thrive-risk .offered")).to_contain_text("The suspect is still there.")
    expect(page.locator("#why-risk")).to_have_value("")
    page.keyboard.press("F6")
    page.keyboard.press("o")
    expect(page.locator("#why-risk")).to_have_value("The suspect is still there.")
    expect(page.locator("#level-2")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#thrive-risk .thrive__why")).to_have_text("The suspect is still there.")
    assert barriers(page) == []


@pytest.mark.parametrize(("size", "theme"), [((1920, 1080), "light"), pytest.param((1366, 768), "dark", marks=testing.long)])
def test_both_pages_pass_axe(page, log_in, live_site, theme, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=theme)
    contact = ring(live_site)
    log_in(page, "handler@northmoor")
    page.goto("/desk/")
    page.wait_for_selector(f"#ring-{contact}, .ring--999")
    assert barriers(page, only_looks=theme == "dark") == []
    page.goto(f"/desk/{contact}/")
    page.wait_for_selector("#stage-send")
    assert barriers(page, only_looks=theme == "dark") == []


def test_on_a_slow_line_what_was_entered_is_taken_and_the_caret_stays_where_she_went(page, log_in, live_site):
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    contact = ring(live_site, number="07700 900655", channel="101")
    page.wait_for_selector(f"#ring-{contact}")
    page.goto("/desk/")
    page.locator(f"#ring-{contact} .ring__act button").click()
    page.wait_for_url(f"**/desk/{contact}/")
    page.wait_for_selector("#live-state[data-state=well]")

    held: list = []
    page.route("**/gazetteer/find/", lambda route: held.append(route))
    page.keyboard.press("F4")
    page.keyboard.type("18 tanners row")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")  # she thinks better of it: nothing is picked
    page.wait_for_timeout(150)
    held.pop().continue_()
    page.wait_for_timeout(400)
    assert page.locator("#where address .owed-words").count() == 1
    page.keyboard.press("Enter")
    page.keyboard.press("F3")
    page.keyboard.type("He is st")
    page.wait_for_timeout(150)
    while held:
        held.pop().continue_()
    page.wait_for_selector("#where address >> text=18 Tanner’s Row")
    page.keyboard.type("ill here")
    expect(page.locator("#line")).to_have_value("He is still here")
