"""Every kind of page that came after the first desks, with something in it, in both themes and two sizes: no barrier that axe can find.

`test_handler`, `test_despatch`, `test_portal` and `test_who` ask the same of the others.
"""

import json
import os
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.browser.test_handler import ring
from tests.browser.test_messages_and_callbacks import hand_in
from watchroom import testing
from watchroom.assessment import actions as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts import calls, silence, speaking
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.contacts.chat import actions as chat
from watchroom.contacts.models import Contact
from watchroom.force import actions as force
from watchroom.foundation import clock, scope
from watchroom.gazetteer.models import Place
from watchroom.identity import actions as identity
from watchroom.identity import finding, twins
from watchroom.identity.likeness import calibration, reliability
from watchroom.identity.misuse import actions as misuse
from watchroom.identity.models import Learnt
from watchroom.links.eisec_aml import actions as locations
from watchroom.links.eisec_aml import aml
from watchroom.links.trunk import actions as trunk
from watchroom.shell.tests.axe import barriers
from watchroom.staff import actions as staff
from watchroom.staff.models import Member
from watchroom.testing import LiveSite

PICTURES = os.environ.get("WATCHROOM_TEST_PICTURES", "")  # a folder: then the pages are photographed to be looked at
LOOKS = [
    pytest.param((1366, 768), "light", id="light-1366"),
    pytest.param((1366, 768), "dark", id="dark-1366", marks=testing.long),
    pytest.param((1920, 1080), "light", id="light-1920", marks=testing.long),
    pytest.param((1920, 1080), "dark", id="dark-1920", marks=testing.long),
]
RECORDS = {"northmoor": {"housing": {"url": "http://127.0.0.1:9/", "token": "x" * 32}}}  # nobody answers there

# name: who looks at it, where, and what shows that it is there; {what} is the id of what `night` has made
PAGES = {
    "waiting": ("handler", "/desk/", "#offers, .ring"),
    "trays": ("handler", "/trays/", "[id^=tray-]"),
    "ring-back": ("handler", "/identity/lost/", "[id^=ring-back-]"),
    "boxes": ("supervisor", "/contacts/boxes/", "h1"),
    "message": ("handler", "/desk/{message}/", "audio"),
    "chat": ("handler", "/desk/{chat}/", "#chat .spoken"),
    "chat-quiet": ("handler", "/desk/{quiet}/", "#chat >> text=Gone quiet"),
    "text-to-999": ("handler", "/desk/{texts}/", "#chat .spoken"),
    "email": ("handler", "/desk/{email}/", "#stage-send"),
    "silent": ("handler", "/desk/{silent}/", "#stage-risk >> text=55 pressed"),
    "located": ("handler", "/desk/{located}/", "#where"),
    "relay": ("handler", "/desk/{relay}/", "text=Each turn takes its time"),
    "bsl": ("handler", "/desk/{bsl}/", "#stage-send"),
    "interpreter": ("handler", "/desk/{polish}/", "#stage-send"),
    "unlogged": ("handler", "/desk/{unlogged}/", "text=It sounds like"),
    "research": ("handler", "/desk/{research}/", "#research"),
    "on-hold": ("handler", "/desk/{held}/", "#stage-send"),
    "grouping": ("supervisor", "/supervisor/grouping/", "h1"),
    "grouping-now": ("supervisor", "/supervisor/grouping/", "form[action*=end]"),
    "surge": ("supervisor", "/supervisor/surge/", "h1"),
    "supervisor": ("supervisor", "/supervisor/", "h1"),
    "skills": ("supervisor", "/skills/", "h1"),
    "skills-of": ("supervisor", "/skills/?member={handler2}", "[name=skill-welsh]"),
    "pair": ("vulnerability", "/identity/pairs/{pair}/", "h1"),
    "pairs": ("vulnerability", "/identity/pairs/", "h1"),
    "reason": ("handler", "/identity/people/{person}/", "h1"),
    "looks": ("auditor", "/identity/looks/", "h1"),
    "trust": ("auditor", "/identity/trust/", "figure.reliability"),
}

# one key that presses two things; one that puts the caret into a field and then takes the first letter; words that do not fit into what
# they stand on
AMISS = """() => {
    const seen = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && !one.closest("[inert], .sr"));
    const keys = Map.groupBy(
        seen.filter((one) => one.dataset.key && !one.closest("[data-key-scope], [data-key-inside]")), (one) => one.dataset.key);
    const twice = [...keys].filter(([, of]) => of.length > 1).map(([key]) => `${key} presses two things`);
    const taken = seen.filter((one) => one.matches("textarea[data-key], input[data-key]")).map((one) => one.dataset.key)
        .filter((key) => [...keys.keys()].some((other) => new RegExp(`^${key} [a-z0-9]$`).test(other)))
        .map((key) => `${key} takes the first letter of what is written`);
    const tight = seen.filter((one) => one.matches("button, label, .log__line time") && one.scrollWidth > one.clientWidth + 1
        && getComputedStyle(one).display !== "inline").map((one) => `“${one.textContent.trim().slice(0, 40)}” does not fit`);
    const [field, asked] = [document.querySelector(".typing"), document.querySelector(".talk:not(.talk--chat) .talk__ask")];
    const [a, b] = [field, asked].map((one) => one?.getBoundingClientRect());  // beside each other they may stand
    const over = a && b && asked.checkVisibility() && a.bottom > b.top + 1 && a.top < b.bottom - 1
        && a.right > b.left + 1 && a.left < b.right - 1;
    return [...twice, ...taken, ...tight, ...(over ? ["the field for the log lies over what is asked"] : [])];
}"""


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(250)
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), caret="initial")


def a_conversation(at: datetime, who: Member, key: str, **more: Any) -> Contact:
    row, _ = chat.begin(key=key, text="He reads my messages, I cannot ring.", by="portal", at=at - timedelta(minutes=4), **more)
    contacts.answer(contact=row.pk, member=who, by=who.code, at=at - timedelta(minutes=3))
    chat.say(contact=row.pk, text="Is he with you now?", by=who.code, at=at - timedelta(minutes=2))
    chat.hear(
        contact=row.pk, key=key, text="No, he is out until eight. The door is locked.", by="portal", at=at - timedelta(minutes=1)
    )
    return row


def a_burst(at: datetime, place: Place) -> None:
    for number in range(6):
        contacts.receive(
            key=f"crash:{number}",
            channel="999",
            transferred_at=at - timedelta(seconds=30 - number),
            by="link:trunk",
            at=at,
            caller_number=f"07700 9002{number:02d}",
            located=(place.x, place.y, 12.0, "aml"),
        )


@pytest.fixture(scope="module")
def night(live_site: LiveSite) -> dict[str, int]:
    """Callers of every kind, in the hands of one handler."""
    (live_site.data / "records.json").write_text(json.dumps(RECORDS))
    made = {"message": hand_in(live_site, caller_number="01632 960777", transcript="My bicycle is gone.")}
    plain = {"is_located": False}
    for name, more in {
        "silent": {},
        "located": {"is_located": True},
        "relay": {"marks": ["text_relay"]},
        "bsl": {"marks": ["bsl_relay"]},
        "polish": {"marks": ["polish"]},
        "unlogged": {"channel": "101"},
        "research": {"caller_name": "Isolde Pendry"},
        "held": {"channel": "101"},
    }.items():
        made[name] = ring(live_site, **(plain | {"number": f"01632 9607{len(made):02d}"} | more))
    email = {"channel": "email", "is_located": False, "caller_email": "ann@example.org", "text": "The neighbour’s dog again."}
    made["email"] = ring(live_site, **email, number="", safe_contact="any")
    for channel, words in (("email", "He has a knife and is outside my door."), ("online", "A bicycle was taken.")):
        ring(live_site, channel=channel, number="", text=words, is_located=False)
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        at = clock.now()
        bryn = Member.objects.get(name="handler")
        by = {"by": bryn.code, "at": at}
        for name in ("silent", "located", "relay", "bsl", "polish", "unlogged", "research", "held", "email"):
            contacts.answer(contact=made[name], member=bryn, **by)
        made["chat"] = a_conversation(at, bryn, "chat").pk
        made["quiet"] = a_conversation(at, bryn, "quiet").pk
        chat.leave(contact=made["quiet"], by="portal", at=at)
        first, _ = chat.text(key="text", number="07700 900417", text="Man in my house. Cant speak", by="link:texts", at=at)
        contacts.answer(contact=first.pk, member=bryn, **by)
        made["texts"] = first.pk
        silence.note(contact=made["silent"], sound="fifty_five", **by)
        speaking.ask(contact=made["polish"], by=bryn.code, at=at - timedelta(seconds=50))
        calls.hold(contact=made["held"], **by)
        _located(at, Contact.objects.get(pk=made["located"]).caller_number)
        said = "There is a pothole outside her house, and the bins are full."
        contacts.write(contact=made["unlogged"], text=said, by=bryn.code, at=at, written_at=at)
        contacts.end(contact=made["unlogged"], how="caller", by="link:trunk", at=at)
        assessment.nothing_heard(contact=made["unlogged"], because="Nothing but this.", **by)
        staff.set_skills(member=Member.objects.get(name="handler2").pk, levels={"welsh": 2, "digital": 3}, by="staff:1", at=at)
        made["handler2"] = Member.objects.get(name="handler2").pk
        made |= _known(at)
        misuse.declare(member=bryn.pk, relation="ex", number="+447700900771", place=None, **by)
        _lost(at)
        _confirmed(at)
    return made


def _located(at: datetime, number: str) -> None:
    """The handset says another place than the network did."""
    there = Place.objects.filter(kind="address").order_by("x").first()
    assert there is not None
    found = aml.Message(
        at=(at - timedelta(seconds=2)).replace(microsecond=0), method="G", latitude=there.latitude, longitude=there.longitude,
        radius=9.0, confidence=90,
    )  # fmt: skip
    locations.hear_text(text=aml.write(found), number=number, at=at)


def _known(at: datetime) -> dict[str, int]:
    """Two records of one woman, and somebody’s own ex."""
    for source, number in (("records", "+447700900771"), ("housing", "+447700900772")):
        known = identity.Known(
            given_name="Carys", family_name="Pemberton", born_date=at.date().replace(year=1984), numbers=(number,)
        )
        (person,) = identity.bring_in([known], source=source, by="system:tests", at=at)
    twins.sweep(at=at)
    return {"person": person.pk, "pair": twins.Twins.objects.order_by("pk").last().pk}


def _confirmed(at: datetime) -> None:
    """A night of which so many calls were confirmed that a correction is in use."""
    chance = random.Random(5)
    said = [chance.betavariate(2, 0.7) for _ in range(240)]
    calls = [calibration.Call(one, 0.0, chance.random() < one**1.8) for one in said]
    correction = finding.learn([], at=at, confirmed=calls).correction
    Learnt.objects.create(
        at=at, since=at - timedelta(days=28), confirmed=len(calls), right=sum(bool(call.is_right) for call in calls), unsaid=310,
        slope=correction.slope, offset=correction.offset, at_most=correction.at_most,
        groups=[list(group) for group in reliability.groups(calls, correction)],
    )  # fmt: skip


def _lost(at: datetime) -> None:
    """One who gave up, and one who is to be rung back: promised by day, when that is done."""
    gone = trunk.ring(call="gone", channel="101", number="01632 960778", at=at - timedelta(minutes=3))
    contacts.end(contact=gone.pk, how="caller", by="link:trunk", at=at)
    day = (at - timedelta(days=1)).replace(hour=14)
    promised = trunk.ring(call="promised", channel="101", number="01632 960779", at=day)
    callbacks.agree(contact=promised.pk, by=trunk.BY, at=day + timedelta(seconds=120))
    contacts.end(contact=promised.pk, how="caller", by=trunk.BY, at=day + timedelta(seconds=130))


@pytest.fixture
def seats(browser: Any, live_site: LiveSite, log_in: Any) -> Iterator[Any]:
    """`seats(name, size, theme)`: that person's page, logged in once."""
    pages: dict[str, Any] = {}

    def at_the_desk(name: str, size: tuple[int, int], theme: str) -> Any:
        if name not in pages:
            context = browser.new_context(
                base_url=live_site.url, locale="en-GB", color_scheme=theme, viewport={"width": size[0], "height": size[1]}
            )
            context.set_default_timeout(20_000)
            pages[name] = context.new_page()
            log_in(pages[name], f"{name}@northmoor")
        return pages[name]

    yield at_the_desk
    for page in pages.values():
        page.context.close()


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_no_page_with_something_in_it_has_a_barrier_that_axe_can_find(
    seats: Any, night: dict[str, int], live_site: LiveSite, size: tuple[int, int], theme: str
) -> None:
    faults = []
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        force.end_grouping(by="staff:1", at=clock.now())
    for name, (who, path, there) in PAGES.items():
        page = seats(who, size, theme)
        if name == "grouping-now":
            with live_site.database(), scope.use("northmoor"), transaction.atomic():
                at = clock.now()
                a_burst(at, Place.objects.filter(kind="address").first())
                reason = "A crash on the ring road, rung in by hundreds."
                force.declare_grouping(reason=reason, until=at + timedelta(minutes=60), by="staff:1", at=at)
        page.goto(path.format(**night))
        page.wait_for_selector(there)
        picture(page, f"{name}-{size[0]}-{theme}")
        faults += barriers(page, only_looks=theme == "dark")
        faults += [f"{page.url}: {fault}" for fault in page.evaluate(AMISS)]
        if size[1] == 768 and "/desk/" in path:  # as much as a browser's own bars leave of such a screen
            page.set_viewport_size({"width": size[0], "height": 660})
            faults += [f"{page.url} at 660: {fault}" for fault in page.evaluate(AMISS)]
            page.set_viewport_size({"width": size[0], "height": size[1]})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults.append(f"{page.url}: wider than the window")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=testing.long)])
def test_the_public_chat_has_none_either(page: Any, theme: str) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 390, "height": 844})
    faults = []

    def look(name: str) -> None:
        picture(page, f"public-chat-{name}-{theme}")
        faults.extend(barriers(page, only_looks=theme == "dark"))

    page.goto("/public/")
    page.locator("#to-chat").click()
    look("safe")
    page.get_by_label("Yes, it is safe now").check()
    page.get_by_role("button", name="Continue").click()
    look("reach")
    page.get_by_label("No, do not contact me").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Begin").click()
    look("no-words")  # an error says what is missing
    page.get_by_label("What is it about?").fill("He reads my messages")
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("You are waiting.").wait_for()
    look("waiting")
    assert not faults, "\n".join(faults)
