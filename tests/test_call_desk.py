"""The handler's buttons for a call: each is there when it may be pressed, and does what it says."""

import pytest

from tests import world
from watchroom.contacts import actions as contacts
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


def test_the_switchboard_answers_passes_on_and_closes_by_a_reason_and_looks_nobody_up(northmoor: str) -> None:
    sunita, bryn = world.signed_in("sunita", "switchboard"), world.a_member()
    staff.seen(member=bryn.pk, at=clock.now())
    first, second = (world.a_call(channel="101", number=number) for number in (world.LEANNE, "07700 900124"))
    for call in (first, second):
        assert sunita.post(f"/contacts/{call.pk}/answer/", **BAR).status_code == 200
        page = sunita.get(f"/desk/{call.pk}/").content.decode()
        assert 'data-say="Pass the call on"' in page
        assert 'data-say="Grade 1, Immediate"' in page, "danger rings on 101 too"
        assert "not for your role" not in page
        assert 'id="who-name"' not in page
        assert "Find anybody" not in page
    assert sunita.post(f"/contacts/{first.pk}/pass/", {"to": bryn.pk, "note": "Whispers."}, **BAR).status_code == 200
    assert (
        sunita.post(f"/assessment/{second.pk}/nothing/", {"because": "A wrong number, no words of danger."}, **BAR).status_code
        == 200
    )
    contacts.end(contact=second.pk, how="caller", by="link:trunk", at=clock.now())
    assert sunita.post(f"/desk/{second.pk}/wrap/", {"reason": "thanks"}, **BAR).status_code == 200
    second.refresh_from_db()
    assert (second.state, second.reason) == ("wrapped", "thanks")
    for shut in ("/identity/search/", "/trays/"):
        assert sunita.get(shut).status_code == 403
    desk = sunita.get("/desk/").content.decode()
    assert "Ring back who gave up" in desk, "who is owed a callback is offered to her too"
    assert "Digital trays" not in desk
