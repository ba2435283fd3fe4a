"""The handler's desk, asked by HTTP: what it shows, what it refuses in sentences, and who may ask."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from tests import world
from watchroom.assessment import actions as assessment
from watchroom.assessment import queries as assessed
from watchroom.contacts import actions as contacts
from watchroom.contacts.models import Contact, Line
from watchroom.desk import handler_live
from watchroom.dispatch import actions as dispatch
from watchroom.foundation import clock, facts, scope
from watchroom.foundation import models as foundation
from watchroom.identity import actions as identity
from watchroom.identity import queries as identified
from watchroom.identity.models import Marker
from watchroom.incidents import actions as incidents
from watchroom.incidents import queries as of
from watchroom.incidents.models import Decision

HX = {"HTTP_HX_REQUEST": "true"}


def signed_in(member) -> Client:
    client = Client()
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = member.force
    session.save()
    return client


@pytest.fixture
def bryn(northmoor):
    return signed_in(world.a_member("bryn", "handler"))


@pytest.fixture
def call(northmoor) -> Contact:
    """Leanne is on the line since four seconds after the transfer; the clocks are today's."""
    at = clock.now() - timedelta(seconds=60)
    contact = world.a_call(at=at, key="test:desk")
    member = world.a_member("bryn", "handler")
    return contacts.answer(contact=contact.pk, member=member, by=member.code, at=at + timedelta(seconds=4))


def post(client, url, **data):
    return client.post(url, data, **HX)


def problem(response) -> str:
    return json.loads(response.content)["problem"]


def place_and_kind(client, call, kind="domestic_weapon"):
    place = world.a_place()
    assert post(client, f"/incidents/of/{call.pk}/place/", place=place.pk).status_code == 200
    assert post(client, f"/incidents/of/{call.pk}/kind/", kind=kind).status_code == 200
    return of.of_contact(call.pk)


# --- Before the answer


def test_who_rings_is_known_before_the_answer(bryn):
    Marker.objects.create(
        kind="domestic_abuse", level=1, title="Domestic abuse, high risk", number="+447700900417", source="test",
        since_date=clock.now().date(), review_by_date=clock.now().date(),
    )  # fmt: skip
    world.a_call(at=clock.now())
    page = bryn.get("/desk/").content.decode()
    assert "07700 900417" in page
    assert page.count("Domestic abuse, high risk") >= 2  # on the ringing card, and in the panel beside it


def test_a_999_call_stands_before_a_101_call_that_waits_longer(bryn):
    world.a_call(channel="101", number="07700 900001", at=clock.now() - timedelta(minutes=9))
    world.a_call(number="07700 900002", at=clock.now())
    page = bryn.get("/desk/").content.decode()
    assert page.index("07700 900002") < page.index("07700 900001")


def test_the_waiting_screen_never_tells_how_many_wait(bryn):
    for number in range(9):
        world.a_call(channel="101", number=f"07700 90010{number}", at=clock.now())
    page = bryn.get("/desk/").content.decode()
    assert page.count('class="ring ring--101') == 4


def test_answering_takes_the_contact_and_goes_to_its_page(bryn):
    contact = world.a_call(at=clock.now())
    response = post(bryn, f"/contacts/{contact.pk}/answer/")
    assert response.headers["HX-Redirect"] == f"/desk/{contact.pk}/"
    assert bryn.get(f"/desk/{contact.pk}/").status_code == 200


def test_a_second_handler_is_told_who_has_it(bryn, call):
    dawit = signed_in(world.a_member("dawit", "handler"))
    response = post(dawit, f"/contacts/{call.pk}/answer/")
    assert response.status_code == 409
    assert "Bryn has already taken this one" in problem(response)


# --- The page


def test_the_page_holds_all_five_stages_at_once(bryn, call):
    page = bryn.get(f"/desk/{call.pk}/").content.decode()
    for stage in ("who", "what", "risk", "grade", "send"):
        assert f'id="stage-{stage}"' in page


def test_a_broken_room_costs_its_own_panel_and_says_so(bryn, call, monkeypatch):
    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("watchroom.identity.queries.candidates", broken)
    monkeypatch.setattr("watchroom.identity.queries.markers", lambda contact: [])
    page = bryn.get(f"/desk/{call.pk}/").content.decode()
    assert "Who could not be shown" in page
    assert "Try again" in page
    assert 'id="line"' in page


def test_opening_a_contact_is_one_consultation_however_often_it_refreshes(bryn, call, monkeypatch):
    logged = []
    monkeypatch.setattr("watchroom.foundation.access.log", lambda kind, **more: logged.append((kind, more["subject"])))
    for path in (f"/desk/{call.pk}/", f"/identity/{call.pk}/who/", f"/identity/{call.pk}/who/"):
        bryn.get(path)
    assert logged == [("consultation", ("contact", call.pk))]


def test_place_and_type_open_the_incident(bryn, call):
    incident = place_and_kind(bryn, call)
    assert incident.kind == "domestic_weapon"
    assert "despatch can see it" in bryn.get(f"/incidents/of/{call.pk}/what/").content.decode()


def test_a_type_before_the_place_is_kept_and_opens_with_it(bryn, call):
    assert post(bryn, f"/incidents/of/{call.pk}/kind/", kind="fight").status_code == 200
    assert of.of_contact(call.pk) is None
    post(bryn, f"/incidents/of/{call.pk}/place/", place=world.a_place().pk)
    assert of.of_contact(call.pk).kind == "fight"


def test_a_place_that_no_gazetteer_knows_is_kept_in_the_callers_words(bryn, call):
    post(bryn, f"/incidents/of/{call.pk}/kind/", kind="fight")
    post(bryn, f"/incidents/of/{call.pk}/place/", place="", place_said="behind the old brickworks")
    assert of.of_contact(call.pk).place_said == "behind the old brickworks"


def test_the_type_is_suggested_from_the_words_and_never_over_a_chosen_one(bryn, call):
    post(bryn, f"/incidents/of/{call.pk}/line/", text="My partner has a knife")
    page = bryn.get(f"/incidents/of/{call.pk}/where/").content.decode()
    assert "Domestic, weapon in play?" in page
    assert "“knife”" in page
    place_and_kind(bryn, call, kind="nuisance")
    assert "weapon in play" not in bryn.get(f"/incidents/of/{call.pk}/where/").content.decode()


def test_a_caller_about_the_same_crash_joins_its_log(bryn, call):
    first = place_and_kind(bryn, call, kind="rtc_injury")
    second = contacts.answer(
        contact=world.a_call(number="07700 900222", at=clock.now(), place=world.a_place()).pk,
        member=world.a_member("bryn"), by="staff:1", at=clock.now(),
    )  # fmt: skip
    assert f"Same as log {first.reference}?" in post(bryn, f"/incidents/of/{second.pk}/kinds/", q="").content.decode()
    post(bryn, f"/incidents/of/{second.pk}/kind/", kind=f"same:{first.pk}")
    assert of.of_contact(second.pk) == first


# --- The log


def test_a_line_is_written_once_however_often_it_is_sent(bryn, call):
    for _ in range(2):
        assert post(bryn, f"/incidents/of/{call.pk}/line/", text="He is at the door.", key="k1").status_code == 200
    assert Line.objects.filter(contact=call).count() == 1


def test_a_correction_is_another_line_and_both_stay(bryn, call):
    post(bryn, f"/incidents/of/{call.pk}/line/", text="He left at nine.")
    first = Line.objects.get()
    page = post(bryn, f"/incidents/of/{call.pk}/line/", text="He left at ten.", corrects=first.pk).content.decode()
    assert "He left at nine." in page
    assert "correction" in page


def test_a_line_of_another_contact_is_not_corrected_from_here(bryn, call):
    other = contacts.write(
        contact=world.a_call(number="").pk, text="Elsewhere.", by="staff:1", at=clock.now(), written_at=clock.now()
    )
    response = post(bryn, f"/incidents/of/{call.pk}/line/", text="Wrong.", corrects=other.pk)
    assert response.status_code == 422


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001, "a\x00b"])
def test_a_line_that_cannot_be_kept_is_refused_with_a_sentence(bryn, call, text):
    response = post(bryn, f"/incidents/of/{call.pk}/line/", text=text)
    assert response.status_code == 422
    assert problem(response)


def test_what_a_caller_says_is_never_markup(bryn, call):
    page = post(bryn, f"/incidents/of/{call.pk}/line/", text="<script>alert(1)</script>").content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_a_pinned_line_is_the_headline(bryn, call):
    place_and_kind(bryn, call)
    post(bryn, f"/incidents/of/{call.pk}/line/", text="Knife at the bathroom door.")
    line = Line.objects.get()
    post(bryn, f"/incidents/of/{call.pk}/pin/", line=f"line-{line.pk}")
    assert "Knife at the bathroom door." in bryn.get(f"/desk/{call.pk}/headline/").content.decode()


# --- Risk, grade


def test_an_element_needs_a_level_and_a_reason_and_says_which(bryn, call):
    response = post(bryn, f"/assessment/{call.pk}/answer/", element="threat", level="", rationale="")
    assert response.status_code == 422
    assert set(json.loads(response.content)["fields"]) == {"level", "rationale"}


def test_each_kept_element_opens_the_next(bryn, call):
    page = post(
        bryn, f"/assessment/{call.pk}/answer/", element="threat", level="3", rationale="He is armed at the door."
    ).content.decode()
    assert "1 of 6 written" in page
    assert 'id="why-harm"' in page


def test_the_risk_is_saved_when_all_is_written_and_not_before(bryn, call):
    response = post(bryn, f"/assessment/{call.pk}/save/")
    assert response.status_code == 409
    world.write_the_risk(call, at=clock.now())
    assert assessed.is_saved(call.pk)


def test_nothing_heard_is_refused_where_a_weapon_was_heard(bryn, call):
    post(bryn, f"/incidents/of/{call.pk}/line/", text="He has a knife")
    response = post(bryn, f"/assessment/{call.pk}/nothing/", because="Asked only when we are open.")
    assert response.status_code == 409
    assert "Write the risk in full" in problem(response)


def test_immediate_goes_at_once_and_the_risk_is_then_owed(bryn, call):
    place_and_kind(bryn, call)
    page = post(bryn, f"/incidents/of/{call.pk}/decide/", grade="immediate").content.decode()
    assert "The risk is owed" in page
    assert Decision.objects.get().by == world.a_member("bryn").code


def test_every_other_grade_waits_for_the_risk_and_says_so(bryn, call):
    place_and_kind(bryn, call)
    response = post(
        bryn, f"/incidents/of/{call.pk}/decide/", grade="priority", justification="She is safe at her neighbour's for now."
    )
    assert response.status_code == 409
    assert "The risk is not saved yet" in problem(response)


def test_a_handler_does_not_downgrade(bryn, call):
    place_and_kind(bryn, call)
    post(bryn, f"/incidents/of/{call.pk}/decide/", grade="immediate")
    world.write_the_risk(call, at=clock.now())
    response = post(
        bryn, f"/incidents/of/{call.pk}/decide/", grade="priority", justification="He has left and she is with her sister now."
    )
    assert response.status_code == 409
    assert "needs a second person: ask for it" in problem(response)


def test_a_grade_is_decided_once_however_often_it_is_sent(bryn, call):
    place_and_kind(bryn, call)
    for _ in range(2):
        post(bryn, f"/incidents/of/{call.pk}/decide/", grade="1", key="once")
    assert Decision.objects.count() == 1


# --- Send


def test_no_unit_is_shown_before_the_risk_is_saved(bryn, call):
    incident = place_and_kind(bryn, call)
    incidents.grade(incident=incident.pk, to="immediate", justification="", by="staff:1", at=clock.now())
    dispatch.assign(incident=incident.pk, unit=world.a_unit().pk, by="staff:2", at=clock.now())
    assert "NH21" not in bryn.get(f"/desk/{call.pk}/send/").content.decode()
    assert "Queue and units hidden" in bryn.get(f"/desk/{call.pk}/send/").content.decode()
    fact = facts.read(foundation.Fact.objects.get(kind="UnitAssigned"))
    assert handler_live.units(fact) == []
    world.write_the_risk(call, at=clock.now())
    assert "NH21" in bryn.get(f"/desk/{call.pk}/send/").content.decode()
    assert [fragment.topic for fragment in handler_live.units(fact)] == [f"contact-{call.pk}"]


def test_wrapping_up_is_refused_while_the_risk_is_owed(bryn, call):
    place_and_kind(bryn, call)
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
    response = post(bryn, f"/desk/{call.pk}/wrap/")
    assert response.status_code == 409
    assert "The risk is not written yet" in problem(response)


def test_a_contact_without_an_incident_says_why_and_whose_it_was(bryn, call):
    assessment.nothing_heard(contact=call.pk, because="Asked only for the council's number.", by="staff:1", at=clock.now())
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=clock.now())
    assert problem(post(bryn, f"/desk/{call.pk}/wrap/")).startswith("Say why they got in touch")
    assert problem(post(bryn, f"/desk/{call.pk}/wrap/", reason="wrong_agency")) == "Name who should have had it."
    response = post(bryn, f"/desk/{call.pk}/wrap/", reason="wrong_agency", agency="council")
    assert response.headers["HX-Redirect"] == "/desk/"
    call.refresh_from_db()
    assert (call.state, call.agency) == ("wrapped", "council")


def test_a_call_that_was_cut_off_asks_to_be_graded_again(bryn, call):
    post(bryn, f"/contacts/{call.pk}/end/", how="cut_off")
    assert "Cut off: re-grade now" in bryn.get(f"/desk/{call.pk}/headline/").content.decode()


def test_the_question_about_101_is_kept(bryn, call):
    post(bryn, f"/contacts/{call.pk}/101/", answer="gave_up")
    call.refresh_from_db()
    assert call.tried_101 == "gave_up"
    assert post(bryn, f"/contacts/{call.pk}/101/", answer="maybe").status_code == 422


def test_a_report_from_somebody_whom_it_is_not_safe_to_contact_says_so_on_top(bryn):
    contact = world.a_call(channel="online", number="", at=clock.now(), text="He reads my phone.", safe_contact="no")
    page = bryn.get(f"/desk/{contact.pk}/").content.decode()
    assert "Not safe to contact" in page
    assert "Read" in page
    assert "He reads my phone." in page


def test_the_command_bar_is_answered_in_a_sentence(bryn, call):
    response = bryn.post(f"/incidents/of/{call.pk}/line/", {"text": "Said by command."}, HTTP_ACCEPT="application/json")
    assert json.loads(response.content) == {"said": "Written."}


# --- Who may


@pytest.mark.parametrize(
    "path",
    [
        "/desk/{}/",
        "/identity/{}/who/",
        "/incidents/of/{}/what/",
        "/assessment/{}/risk/",
        "/incidents/of/{}/grade/",
        "/desk/{}/send/",
    ],
)
def test_another_forces_contact_is_not_there(call, path):
    with scope.use("southmere"):
        ola = signed_in(world.a_member("ola", "handler"))
    assert ola.get(path.format(call.pk)).status_code == 404


def test_an_analyst_sees_no_contact(call):
    tom = signed_in(world.a_member("tom", "analyst"))
    for path in (f"/desk/{call.pk}/", f"/identity/{call.pk}/who/", f"/incidents/of/{call.pk}/what/"):
        assert tom.get(path).status_code == 403


def test_who_is_logged_out_keeps_the_words_and_is_told_so(call):
    response = post(Client(), f"/incidents/of/{call.pk}/line/", text="Typed while the session ended.")
    assert response.status_code == 401
    assert "What you typed is kept" in problem(response)


def test_whom_it_may_be_is_looked_up_while_the_name_is_typed_and_nothing_is_kept(northmoor):
    client, contact = world.signed_in(), world.an_answered_call(number="")
    known = world.somebody("Leanne Whitcombe")
    facts_before = foundation.Fact.objects.exclude(kind__in=("Consulted",)).count()
    page = client.post(f"/identity/{contact.pk}/look/", {"name": "leane whitcom"}).content.decode()
    assert known.name in page
    assert "As far as it is typed" in page
    assert "F2 1" not in page  # nobody is confirmed from what is half typed
    assert "Nobody known" in client.post(f"/identity/{contact.pk}/look/", {"name": "le"}).content.decode()
    for odd in ("\x00\x00\x00", "31/31/1984", "x" * 5000, ""):
        assert client.post(f"/identity/{contact.pk}/look/", {"name": odd}).status_code == 200
    contact.refresh_from_db()
    assert (contact.caller_name, contact.caller_born) == ("", "")
    assert foundation.Fact.objects.exclude(kind__in=("Consulted",)).count() == facts_before


def test_an_age_as_it_is_said_tells_mother_from_daughter(northmoor):
    client, contact = world.signed_in(), world.an_answered_call(number="")
    day = contact.day
    for years in (34, 71):
        born = day.replace(year=day.year - years, day=1)
        known = identity.Known(given_name="Leanne", family_name="Whitcombe", born_date=born, places=(world.a_place().pk,))
        identity.bring_in([known], source="records", by="system:tests", at=world.NIGHT)
    client.post(f"/identity/{contact.pk}/name/", {"name": "Leanne Whitcombe, about 70", "key": "k"})
    contact.refresh_from_db()
    assert (contact.caller_name, contact.caller_born) == ("Leanne Whitcombe", f"{day.year - 70}~5")
    assert identified.candidates(contact, on=day)[0].age == 71
    page = client.get(f"/identity/{contact.pk}/who/").content.decode()
    assert f"{day.year - 70} ±5" in page  # what was kept can be read and typed again


def test_one_earlier_contact_is_said_as_one(northmoor):
    world.a_call(number="07700 900118", at=world.NIGHT)
    world.a_call(number="07700 900118", at=world.after(600))
    world.a_call(number="07700 900118", at=world.after(1200))
    page = world.signed_in("bryn", "handler").get("/desk/").content.decode()
    assert "1 earlier contact<" in page
    assert "2 earlier contacts<" in page
