"""A contact that leads to no incident: its reason by one key, or an inferred one that a person confirms; details given by one key."""

import pytest

from tests import world
from watchroom.assessment import actions as assessment
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact, Line
from watchroom.demand.queries import day as days
from watchroom.foundation.models import Fact

pytestmark = pytest.mark.usefixtures("northmoor")
BAR = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def bryn(northmoor: str):
    return world.signed_in("bryn", "handler")


def ended(text: str, minutes: int = 5, *, is_judged: bool = True, **more) -> Contact:
    """A 101 call that was spoken, ended and judged: nothing of it is an incident."""
    call = world.an_answered_call(channel="101", **more)
    by = call.owner.code
    contacts.write(contact=call.pk, text=text, by=by, at=world.after(20), written_at=world.after(20))
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=world.after(60 * minutes))
    if is_judged:
        assessment.nothing_heard(contact=call.pk, because="Nothing but this.", by=by, at=world.after(60 * minutes))
    call.refresh_from_db()
    return call


def panel(client, call) -> str:
    return client.get(f"/desk/{call.pk}/send/").content.decode()


def test_an_inferred_reason_is_shown_with_its_words_and_counted_only_once_a_person_says_so(bryn) -> None:
    call = ended("There is a pothole outside her house, and the bins are full.")
    page = panel(bryn, call)
    assert "It sounds like: <b>Somebody else&#x27;s to answer</b>, Council" in page
    assert "“pothole”" in page
    assert 'data-key="F9 k"' in page
    call.refresh_from_db()
    assert (call.state, call.reason, call.agency, call.reason_offered) == ("ended", "", "", "")  # looking keeps nothing
    sent = {"offered": "wrong_agency", "reason": "wrong_agency", "agency": "council"}
    assert bryn.post(f"/desk/{call.pk}/wrap/", sent, **BAR).status_code == 200
    call.refresh_from_db()
    assert (call.state, call.reason, call.agency, call.reason_offered) == ("wrapped", "wrong_agency", "council", "wrong_agency")
    assert Fact.objects.get(kind="ContactWrapped").body["offered"] == "wrong_agency"


def test_a_person_who_says_otherwise_is_right_and_the_offer_is_kept_beside(bryn) -> None:
    call = ended("Any update on her burglary?")
    bryn.post(f"/desk/{call.pk}/wrap/", {"offered": "update", "reason": "thanks"}, **BAR)
    call.refresh_from_db()
    assert (call.reason, call.reason_offered) == ("thanks", "update")


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "why they got in touch"),
        ({"reason": "wrong_agency"}, "Name who"),
        ({"reason": "thanks", "agency": "nobody"}, "Name who"),
    ],
)
def test_without_a_reason_or_with_an_agency_that_is_none_it_stays_open_and_it_is_said(bryn, sent, says) -> None:
    call = ended("Wants to say something.")
    refused = bryn.post(f"/desk/{call.pk}/wrap/", sent, **BAR)
    assert (refused.status_code, says in refused.json()["problem"]) == (422, True)
    assert Contact.objects.get(pk=call.pk).state == "ended"


def test_each_reason_has_one_key_and_none_is_offered_where_danger_was_heard(bryn) -> None:
    call = ended("Any update? He has a knife.", is_judged=False)
    page = panel(bryn, call)
    assert 'data-key="F9 q u"' in page
    assert "It sounds like" not in page


def test_contact_details_are_given_and_logged_by_one_key(bryn) -> None:
    call = ended("There is something about her GP appointment.")
    assert 'data-key="F9 d" data-say="Give contact details: NHS 111 or GP"' in panel(bryn, call)
    said = bryn.post(f"/desk/{call.pk}/details/", {"agency": "health"}, **BAR)
    assert "Read it out" in said.json()["said"]
    assert Line.objects.filter(contact=call, text__startswith="Details given: NHS 111: ring 111").count() == 1
    assert Fact.objects.get(kind="DetailsGiven").body["way"] == "read_out"
    for nobody in ("", "council", "nobody"):  # of the council this force has written down nothing
        assert bryn.post(f"/desk/{call.pk}/details/", {"agency": nobody}, **BAR).status_code == 422


def test_the_figures_say_minutes_by_reason_and_by_agency(bryn) -> None:
    for number, (text, reason, agency) in enumerate(
        (("A pothole.", "wrong_agency", "council"), ("Any update?", "update", ""), ("A pothole.", "thanks", ""))
    ):
        call = ended(text, number=f"07700 90060{number}")
        at = call.answered_at + (call.ended_at - call.answered_at) * (number + 1)
        offered = "update" if reason == "update" else "wrong_agency"
        contacts.wrap_up(contact=call.pk, by=call.owner.code, at=at, reason=reason, agency=agency, offered=offered)
    found = days.day(world.NIGHT.date(), at=world.after(7200))
    whole = sum(found.of("no_incident_minutes", one).numerator for one in ("wrong_agency", "update", "thanks"))
    assert whole == found.of("no_incident_minutes").numerator == 296 * 6  # seconds: 1, 2 and 3 times 4:56
    assert found.of("other_agency_minutes", "council").numerator == found.of("other_agency_minutes").numerator == 296
    assert round(found.of("reason_agreed").value) == 67
    page = world.signed_in("ida", "analyst").get(f"/demand/?day={world.NIGHT.date()}").content.decode()
    assert '<th scope="row">Council</th><td class="num">1</td><td class="num">5</td>' in page
