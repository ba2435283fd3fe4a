"""Whoever may be the other person of the household is told nothing of a victim's flags: at ring time, on the page, at despatch."""

import pytest
from django.urls import reverse

from tests import world
from tests.test_despatch_desk import logged_in
from watchroom.contacts.models import Contact
from watchroom.desk.views import handler
from watchroom.identity import actions as identity
from watchroom.identity import queries
from watchroom.identity.flags import queries as flags
from watchroom.identity.models import Person

LANDLINE = "01632 960417"
SAID = "Do not disclose"


@pytest.fixture
def household(northmoor) -> tuple[Person, Person]:
    """Leanne, who is flagged, and Craig, who was her partner; one landline."""
    home = world.a_place()
    leanne = world.somebody("Leanne Whitcombe", number=LANDLINE, place=home)
    craig = world.somebody("Craig Dunmore", number=LANDLINE)
    world.a_flag(person=leanne.pk, text="MARAC 14 Oct.")
    return leanne, craig


def reason(contact: Contact) -> str:
    return flags.disclosing.of_all(flags.of(Contact.objects.get(pk=contact.pk), at=world.after(60)))


def test_on_a_shared_number_the_flag_is_seen_and_not_spoken_of(household):
    call = world.a_call(number=LANDLINE)
    assert [flag.title for flag in flags.of(call, at=world.after(1))] == ["Domestic abuse"]
    assert "1 other person uses" in reason(call)
    (ring,) = handler.ringing(world.after(2))
    assert ring["silence"]


def test_it_changes_when_it_is_confirmed_who_is_calling_and_back_when_that_is_undone(household):
    leanne, craig = household
    call = world.an_answered_call(number=LANDLINE)
    identity.confirm(contact=call.pk, person=leanne.pk, by="staff:1", at=world.after(30))
    assert reason(call) == ""
    identity.undo(contact=call.pk, by="staff:1", at=world.after(40))
    assert reason(call)
    identity.confirm(contact=call.pk, person=craig.pk, by="staff:1", at=world.after(50))
    assert "somebody else" in reason(call)


def test_from_her_address_on_another_number_it_may_be_anybody_of_the_household(household):
    call = world.an_answered_call(number="07700 900501")
    world.an_incident(contact=call)
    assert "household" in reason(call)


def test_on_her_own_number_alone_it_may_be_spoken_of_unless_somebody_typed_it(northmoor):
    leanne = world.somebody("Leanne Whitcombe", number=world.LEANNE)
    world.a_flag(person=leanne.pk)
    assert reason(world.a_call()) == ""
    typed = world.a_call(channel="online")
    assert flags.of(typed, at=world.after(1)) == []  # who types a number is told nothing, nor is the handler who reads it


def test_a_flag_of_danger_to_officers_is_no_victims_flag(household):
    _, craig = household
    world.a_flag("blades", person=craig.pk)
    call = world.a_call(number=LANDLINE)
    assert {flag.kind: bool(flag.silence) for flag in flags.of(call, at=world.after(1))} == {
        "domestic_abuse": True,
        "blades": False,
    }


def test_it_stands_first_on_the_handlers_page_the_waiting_screen_and_the_despatch_brief(household):
    call = world.a_call(number=LANDLINE)
    bryn = logged_in("bryn", "handler")
    waiting = bryn.get("/desk/").content.decode()
    assert waiting.index(SAID) < waiting.index("Domestic abuse")
    bryn.post(reverse("contacts:answer", args=[call.pk]))
    call = Contact.objects.get(pk=call.pk)
    page = bryn.get(f"/desk/{call.pk}/").content.decode()
    assert page.count(SAID) == 2  # the line on top, and first among the flags
    stage = page[page.index('id="stage-who"') :]
    assert stage.index(SAID) < stage.index("Domestic abuse")
    incident = world.an_incident(contact=call)
    job = logged_in("priya", "despatcher").get(reverse("incidents:job", args=[incident.pk])).content.decode()
    assert job.index(SAID) < job.index("Domestic abuse")


def test_looking_back_and_many_at_once_find_the_same_flags_as_one(household):
    call = world.an_answered_call(number=LANDLINE)
    found = queries.markers(call)
    assert found
    assert queries.markers_among([call])[call.pk] == found
    (then,) = queries.markers_then([(call, world.after(60))])
    assert then == found
