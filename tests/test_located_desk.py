"""Where the telephone is stands on the ringing list and on the contact's page, in words, beside the place and never instead of it."""

import re
from datetime import timedelta

import pytest

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact
from watchroom.foundation import clock
from watchroom.gazetteer import actions as gazetteer
from watchroom.gazetteer.models import Place
from watchroom.identity.models import Observation
from watchroom.links.eisec_aml import actions, aml, eisec

LEANNE = "+447700900417"


@pytest.fixture
def bryn(northmoor):
    return world.signed_in("bryn", "handler")


@pytest.fixture
def place(northmoor) -> Place:
    return world.a_place()


def send(x: float = 0, *, ago: float = 5, radius: float = 14, method: str = "G", number: str = LEANNE) -> None:
    at = clock.now()
    found = aml.Message(
        at=(at - timedelta(seconds=ago)).replace(microsecond=0),
        method=method,
        latitude=54.6,
        longitude=-1.9 + x / 64_484,
        radius=radius,
        confidence=90,
    )
    actions.hear_text(text=aml.write(found), number=number, at=at)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<svg.*?</svg>|<[^>]+>", "", html, flags=re.DOTALL))


def page(client, call: Contact) -> str:
    return client.get(f"/incidents/of/{call.pk}/where/").content.decode()


@pytest.fixture
def call(place) -> Contact:
    return world.a_call(at=clock.now() - timedelta(seconds=10))


def answered(call: Contact) -> Contact:
    member = world.a_member()
    return contacts.answer(contact=call.pk, member=member, by=member.code, at=clock.now())


def test_the_ringing_list_says_where_by_what_and_since_when(bryn, call):
    send(3)
    shown = words(bryn.get("/desk/").content.decode())
    assert "Near Flat 2, 18 Tanner’s Row, Harrowby HB4 2QT" in shown
    assert re.search(r"Handset, satellite, within 14 m \(90 % sure\), Position found: 0:0[4-9] ago", shown), shown


def test_a_line_rings_with_its_address_before_anybody_answers(bryn, call):
    record = eisec.Record(cli=LEANNE, address=("7 Unheard Lane",), postcode="ZZ9 9ZZ", is_voip=True, name="A Subscriber")
    actions.hear_record(record=record, at=clock.now())
    shown = words(bryn.get("/desk/").content.decode())
    assert "7 Unheard Lane, ZZ9 9ZZ" in shown
    assert "internet telephone: it may be anywhere" in shown


def test_the_contacts_page_offers_the_place_to_one_key_and_picks_nothing(bryn, call):
    answered(call)
    send(3)
    html = page(bryn, call)
    assert "The telephone is near Flat 2, 18 Tanner’s Row" in words(html)
    assert re.search(r'data-key="g"[^>]*>.*It is there', html)
    assert Contact.objects.get(pk=call.pk).place is None
    assert not Observation.objects.filter(kind="place").exists(), "nobody is looked up by where a telephone says it is"


def test_far_from_the_place_that_was_picked_it_is_said_and_offered_to_the_search(bryn, call, place):
    row = answered(call)
    entry = gazetteer.Entry(
        reference="far", kind="address", label="1 Far Lane", beat="tannery", x=3400, y=0, latitude=54.6, longitude=-1.84727
    )
    gazetteer.load(beats=[], places=[entry], shapes=[])
    contacts.pick_place(contact=row.pk, place=place, by=row.owner.code, at=clock.now())
    send(3400)
    html = page(bryn, call)
    assert "The handset is 3.4 km from the place that was picked." in words(html)
    assert re.search(r'data-find-place="1 Far Lane[^"]*" data-key="g"', html)
    assert Contact.objects.get(pk=call.pk).place == place


def test_beside_the_place_that_was_picked_nothing_is_doubted_or_offered(bryn, call, place):
    row = answered(call)
    contacts.pick_place(contact=row.pk, place=place, by=row.owner.code, at=clock.now())
    send(30)
    html = page(bryn, call)
    assert "where__doubt" not in html
    assert "data-find-place" not in html
    assert "Handset, satellite, within 14 m (90 % sure)" in words(html)


def test_a_moving_handset_is_followed_on_the_page(bryn, call):
    answered(call)
    for x, ago in ((0, 125), (200, 65), (400, 5)):
        send(x, ago=ago)
    shown = words(page(bryn, call))
    assert "Moved 400 m to the east in 2 min" in shown
    assert "2 earlier positions" in shown


def test_the_shape_of_the_cell_is_drawn_as_it_was_said(bryn, call):
    answered(call)
    ellipse = eisec.Ellipse(east=406461.0, north=522340.0, semi_major=900.0, semi_minor=300.0, angle=30.0, confidence=67)
    actions.hear_record(record=eisec.Record(cli=LEANNE, ellipse=ellipse), at=clock.now())
    html = page(bryn, call)
    drawn = re.search(r'<ellipse class="ellipse"[^>]*rx="([\d.]+)" ry="([\d.]+)" transform="rotate\(-60', html)
    assert drawn, "30 degrees from north is 60 from east"
    assert round(float(drawn[1]) / float(drawn[2]), 1) == 3.0
    assert "Mobile cell, within 900 m (67 % sure)" in words(html)


def test_a_number_that_is_shared_by_two_live_calls_says_so(bryn, call):
    answered(call)
    answered(world.a_call(at=clock.now()))
    send()
    assert "Two calls of this number were live: a position may be of the other one." in words(page(bryn, call))


PROBE = "<script>zyx()</script>"


def test_what_the_network_sends_is_words_and_never_markup(bryn, call):
    answered(call)
    record = eisec.Record(cli=LEANNE, address=(PROBE,), name=PROBE, network=PROBE)
    actions.hear_record(record=record, at=clock.now())
    for html in (page(bryn, call), bryn.get(f"/desk/{call.pk}/").content.decode()):
        assert "zyx()" in html
        assert "<script>zyx" not in html
