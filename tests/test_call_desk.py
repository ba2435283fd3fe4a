"""The handler's buttons for a call: each is there when it may be pressed, and does what it says."""

import pytest

from tests import world
from watchroom.contacts import calls
from watchroom.contacts.models import Partner
from watchroom.foundation import clock
from watchroom.staff import actions as staff

BAR = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def bryn(northmoor: str):
    return world.signed_in("bryn", "handler")


def panel(client, call) -> str:
    return client.get(f"/desk/{call.pk}/send/").content.decode()


def test_on_hold_and_off_it(bryn) -> None:
    call = world.an_answered_call()
    assert 'data-key="F9 o" data-say="On hold"' in panel(bryn, call)
    assert "on hold" in bryn.post(f"/contacts/{call.pk}/hold/", **BAR).json()["said"]
    assert calls.is_held(call.pk)
    assert 'data-say="Off hold"' in panel(bryn, call)
    bryn.post(f"/contacts/{call.pk}/hold/", {"resume": "yes"}, **BAR)
    assert not calls.is_held(call.pk)


def test_passed_on_to_a_colleague_who_is_here(bryn) -> None:
    call, amal = world.an_answered_call(), world.a_member("amal", "handler")
    staff.seen(member=amal.pk, at=clock.now())
    assert f'<option value="{amal.pk}">Amal</option>' in panel(bryn, call)
    for wrong in ({"to": "", "note": "Whispers."}, {"to": "²", "note": "Whispers."}, {"to": str(amal.pk), "note": ""}):
        assert bryn.post(f"/contacts/{call.pk}/pass/", wrong, **BAR).status_code == 422
    assert bryn.post(f"/contacts/{call.pk}/pass/", {"to": amal.pk, "note": "Whispers."}, **BAR).json()["go"] == "/desk/"
    call.refresh_from_db()
    assert call.owner == amal
    assert bryn.post(f"/contacts/{call.pk}/hold/", **BAR).status_code == 409  # it is hers now


def test_three_in_the_call_and_two_again(bryn) -> None:
    call = world.an_answered_call()
    assert '<option value="fire">Fire and rescue</option>' in panel(bryn, call)
    assert bryn.post(f"/contacts/{call.pk}/join/", {"agency": ""}, **BAR).status_code == 422
    assert bryn.post(f"/contacts/{call.pk}/join/", {"agency": "fire"}, **BAR).status_code == 200
    assert "Fire and rescue is being rung" in panel(bryn, call)
    assert bryn.post(f"/contacts/{call.pk}/join/", {"leave": "yes"}, **BAR).status_code == 200
    assert not Partner.objects.filter(left_at=None).exists()


def test_what_is_not_a_live_call_has_no_buttons_of_one(bryn) -> None:
    for call in (world.a_call(), world.an_answered_call(channel="online")):
        assert "The call</h3>" not in panel(bryn, call)
        assert bryn.post(f"/contacts/{call.pk}/hold/", **BAR).status_code == 409
