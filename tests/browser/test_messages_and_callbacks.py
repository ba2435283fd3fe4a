"""In a browser: a message is played and heard by one key; who gave up is rung back by keys; a silent call is noted by keys."""

import io
import math
import struct
import uuid
import wave
from datetime import timedelta
from itertools import pairwise

import requests
from django.db import transaction
from playwright.sync_api import expect

from tests.browser.test_handler import look, ring
from watchroom.api import tokens
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Line
from watchroom.foundation import clock, scope
from watchroom.shell.tests.axe import barriers


def a_wave(seconds: float = 2.0, rate: int = 8000) -> bytes:
    """A tone of 440 Hz, 16 bit."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(
            b"".join(struct.pack("<h", int(8000 * math.sin(2 * math.pi * 440 * n / rate))) for n in range(int(seconds * rate)))
        )
    return out.getvalue()


def hand_in(site, **more) -> int:
    with site.database(), scope.use("northmoor"), transaction.atomic():
        _, text = tokens.create(
            name=f"exchange-{uuid.uuid4().hex[:6]}", by="system:tests", at=clock.now(), permissions=["contacts.receive"]
        )
    answer = requests.post(
        f"{site.url}/api/v1/messages",
        headers={"Authorization": f"Bearer {text}", "Idempotency-Key": uuid.uuid4().hex},
        data={"box": "round_the_clock", **more},
        files={"recording": ("m.wav", a_wave())},
        timeout=20,
    )
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_a_message_is_played_in_the_page_and_heard_by_one_key(page, log_in, live_site):
    contact = hand_in(live_site, caller_number="01632 960777", transcript="My bicycle is gone.")
    log_in(page, "handler@northmoor")
    page.goto(f"{live_site.url}/desk/{contact}/")
    player = page.locator("audio")
    expect(player).to_be_visible()
    length = player.evaluate(
        "p => new Promise((done, fail) => { p.onloadedmetadata = () => done(p.duration);"
        " p.onerror = () => fail(p.error.message); p.preload = 'metadata'; p.load() })"
    )
    assert 1.9 < length < 2.1
    at = player.evaluate("p => new Promise(done => { p.onseeked = () => done(p.currentTime); p.currentTime = 1.5 })")
    assert 1.4 < at < 1.6  # by a range of the bytes
    assert barriers(page) == []
    page.locator("h1").first.click()
    page.keyboard.press("l")
    expect(page.locator(f"#message-{contact}")).to_contain_text("Listened to at")
    assert look(live_site, contact).state == "answered"


def test_who_gave_up_is_rung_back_by_keys_and_becomes_my_contact(page, log_in, live_site):
    log_in(page, "handler@northmoor")
    page.keyboard.press("g")
    page.wait_for_url("**/identity/lost/")
    lost = ring(live_site, number="01632 960778", channel="101", is_located=False)
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        at = clock.now()
        contacts.end(contact=lost, how="caller", by="link:trunk", at=at - timedelta(seconds=1))
        contacts.raise_attention(contact=lost, level=3, by="system:tests", at=at)
    expect(page.locator(f"#ring-back-{lost}")).to_be_visible()  # by itself: nobody has loaded the page again
    assert barriers(page) == []
    assert "01632 960778" not in page.inner_text("#lost")
    page.keyboard.press("1")
    expect(page.locator("#lost")).to_contain_text("01632 960778")
    sides = "all => all.map(e => e.getBoundingClientRect()).map(box => [box.left, box.right])"
    ends = page.eval_on_selector_all("#lost [name=outcome]", sides)
    assert all(after[0] - before[1] >= 4 for before, after in pairwise(ends)), "what is beside it is not pressed with it"
    page.keyboard.press("s")
    page.wait_for_url(f"**/desk/{lost}/")
    assert look(live_site, lost).state == "answered"


def test_a_callback_that_came_by_the_live_stream_can_be_rung(page, log_in):
    """It is drawn once for the whole room, with nobody's token, and its form is one that leads to another page."""
    log_in(page, "handler@northmoor")
    page.wait_for_selector("#live-state[data-state=well]")
    page.evaluate(
        """() => {
            const list = document.getElementById("ringing");
            list.innerHTML =
                '<li><form method="post" action="/identity/lost/999999/ring/"><button id="drawn">Ring</button></form></li>';
            document.getElementById("drawn").click();
        }"""
    )
    page.wait_for_url("**/identity/lost/999999/ring/")
    assert "There is nothing here" in page.inner_text("main"), "it was asked for; and there is no such contact"


def test_a_silent_call_is_noted_by_keys(page, log_in, live_site):
    call = ring(live_site, number="01632 960779", is_located=False)
    log_in(page, "handler@northmoor")
    page.wait_for_selector(f"#ring-{call}")
    page.goto(f"{live_site.url}/desk/{call}/")
    page.keyboard.press("a")
    page.wait_for_selector("#stage-send [data-key='F9 h']")  # she has answered: the page is another than the one that rang
    page.wait_for_selector("#stage-send [data-key='F9 s']")
    page.locator("h1").first.click()
    page.keyboard.press("F9")
    page.keyboard.press("s")
    expect(page.locator("[name=sound][value=fifty_five]")).to_be_visible()
    left = "e => e.getBoundingClientRect().left - e.closest('.stage__scroll').getBoundingClientRect().left"
    assert page.locator("#heard-words").evaluate(left) >= 5, "the ring round what has the focus is not cut off"
    page.keyboard.press("F9")
    page.keyboard.press("5")
    page.wait_for_selector("#stage-risk >> text=55 pressed")
    with live_site.database(), scope.use("northmoor"), transaction.atomic():
        assert Line.objects.filter(contact_id=call, text__startswith="Heard on the line: 55 detected").exists()
