"""The resolution desk: Ruth helps without sending anyone, unless an officer could solve it."""

import pytest
from django.test import Client

from tests import world
from tests.test_despatch_desk import BAR, BROWSER, logged_in
from watchroom.incidents import actions as incidents
from watchroom.incidents.models import Incident
from watchroom.resolution import queries
from watchroom.resolution.models import Resolution

NO = {f"solve-{code}": "no" for code in ("offender_there", "offender_known", "cctv", "dna", "fingerprints")}


@pytest.fixture
def ruth(northmoor: str) -> Client:
    return logged_in("ruth", "resolver")


@pytest.fixture
def theft(northmoor: str) -> Incident:
    """A bicycle taken, graded for resolution without deployment; its type has the solvability questions."""
    contact = world.an_answered_call(channel="online")
    incident = world.an_incident(contact=contact, kind="theft")
    world.write_the_risk(contact, level=0)
    why = "Taken last night, nobody saw it, nothing to secure."
    incidents.grade(incident=incident.pk, to="rwd", justification=why, by="staff:1", at=world.after(120))
    return Incident.objects.get(pk=incident.pk)


def test_what_waits_stands_on_the_desk_with_the_questions_that_ask_for_an_officer(theft: Incident, ruth: Client) -> None:
    page = ruth.get("/resolve/").content.decode()
    assert f'id="rwd-{theft.pk}"' in page
    assert "Could there be fingerprints?" in page
    assert "Directed elsewhere" in page


def test_nothing_is_resolved_before_every_question_is_answered(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "answered", "text": "Crime number given, advice sent."}
    answer = ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR)
    assert answer.status_code == 409
    assert "Not asked yet: Is there CCTV?" in answer.json()["problem"]


def test_any_yes_means_that_an_officer_attends_and_it_is_regraded(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "answered", "text": "Crime number given, advice sent.", **NO, "solve-cctv": "yes"}
    answer = ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR)
    assert answer.status_code == 409
    assert "There is CCTV: an officer attends." in answer.json()["problem"]
    answer = ruth.post(
        f"/resolution/{theft.pk}/regrade/",
        {"key": "k2", "grade": "scheduled", "justification": "There is CCTV over the racks."},
        **BAR,
    )
    assert answer.status_code == 200
    assert Incident.objects.get(pk=theft.pk).grade == "scheduled"


def test_it_is_not_resolved_while_the_risk_is_owed(northmoor: str, ruth: Client) -> None:
    incident = world.an_incident(kind="lost_found")
    answer = ruth.post(
        f"/resolution/{incident.pk}/resolve/", {"key": "k", "outcome": "answered", "text": "Told where to ask."}, **BAR
    )
    assert answer.status_code == 409
    assert "The risk is not saved yet" in answer.json()["problem"]


def test_answered_then_closed_in_one_more_step(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "answered", "text": "Crime number given, advice on marking.", **NO}
    page = ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BROWSER).content.decode()
    assert "Close log" in page
    assert "advice on marking" in page
    answer = ruth.post(
        f"/incidents/{theft.pk}/close/", {"key": "k2", "category": "property", "result": "Crime number given."}, **BAR
    )
    assert answer.status_code == 200, answer.content
    assert not Incident.objects.get(pk=theft.pk).is_open


def test_a_promised_call_back_holds_it_open_until_it_is_kept(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "call_back", "text": "They will be told who has the case.", "promised": "23:59", **NO}
    assert ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR).status_code == 200
    assert queries.promises().count() == 1
    close = {"key": "k2", "category": "property", "result": "Called back."}
    answer = ruth.post(f"/incidents/{theft.pk}/close/", close, **BAR)
    assert answer.status_code == 409
    assert "call back was promised" in answer.json()["problem"]
    assert ruth.post(f"/resolution/{theft.pk}/keep/", {"key": "k3", "text": ""}, **BAR).status_code == 422
    assert ruth.post(f"/resolution/{theft.pk}/keep/", {"key": "k3", "text": "Told who has it."}, **BAR).status_code == 200
    assert ruth.post(f"/incidents/{theft.pk}/close/", {**close, "key": "k4"}, **BAR).status_code == 200


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"outcome": "call_back"}, "Say by when"),
        ({"outcome": "call_back", "promised": "soon"}, "hours and minutes"),
        ({"outcome": "directed"}, "Say which service"),
        ({"outcome": "directed", "agency": "the moon"}, "not a service"),
        ({"outcome": ""}, "Choose an outcome"),
        ({"outcome": "answered", "text": "ok"}, "Write it in a few words"),
    ],
)
def test_what_is_missing_is_said(theft: Incident, ruth: Client, more: dict, says: str) -> None:
    said = {"key": "k", "text": "They were told what to do next.", **NO, **more}
    answer = ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR)
    assert answer.status_code in (409, 422)
    assert says in answer.json()["problem"]
    assert not Resolution.objects.exists()


def test_a_despatcher_has_no_resolution_desk_and_another_force_finds_nothing(theft: Incident) -> None:
    assert logged_in("priya", "despatcher").get("/resolve/").status_code == 403
    ola = logged_in("ola", "resolver", force="southmere")
    assert ola.get(f"/resolution/{theft.pk}/outcome/").status_code == 404
    assert ola.post(f"/resolution/{theft.pk}/resolve/", {"key": "k", "outcome": "answered"}).status_code == 404
