"""The resolution desk: Ruth helps without sending anyone, unless an officer could solve it."""

from datetime import timedelta

import pytest
from django.test import Client

from tests import world
from tests.test_despatch_desk import BAR, BROWSER, logged_in
from watchroom.contacts import actions as contacts
from watchroom.foundation import clock
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
    assert ruth.post(f"/incidents/{theft.pk}/crime/", {"key": "c", "reference": "42/1234/26"}, **BAR).status_code == 200
    answer = ruth.post(
        f"/incidents/{theft.pk}/close/", {"key": "k2", "category": "property", "result": "Crime number given."}, **BAR
    )
    assert answer.status_code == 200, answer.content
    assert not Incident.objects.get(pk=theft.pk).is_open


def test_a_promised_call_back_holds_it_open_until_it_is_kept(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "call_back", "text": "They will be told who has the case.", "promised": "23:59", **NO}
    assert ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR).status_code == 200
    assert queries.promises().count() == 1
    none = {"key": "c", "reason": "other_record", "account": "Recorded by the officer at the counter."}
    assert ruth.post(f"/incidents/{theft.pk}/no-crime/", none, **BAR).status_code == 200
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


# --- One act sends somebody; promises, appointments, diary, follow-up, sample


def test_one_post_keeps_the_answers_and_hands_it_to_despatch(theft: Incident, ruth: Client) -> None:
    said = {
        "key": "k",
        "grade": "scheduled",
        "justification": "An officer could solve it: there is CCTV.",
        **NO,
        "solve-cctv": "yes",
    }
    for _ in range(2):  # a repeat changes nothing
        page = ruth.post(f"/resolution/{theft.pk}/regrade/", said, **BROWSER)
        assert page.status_code == 200, page.content
        assert "The despatcher has it" in page.content.decode()
    assert queries.solvability(theft.pk)["cctv"] is True
    assert theft.decisions.count() == 2


def test_who_may_not_grade_cannot_hand_it_over(theft: Incident) -> None:
    priya = logged_in("priya", "despatcher")
    assert priya.post(f"/resolution/{theft.pk}/regrade/", {"key": "k", "grade": "priority"}).status_code == 403


def test_what_is_on_record_is_shown_with_who_said_it(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "grade": "scheduled", "justification": "There is CCTV over the racks.", **NO, "solve-cctv": "yes"}
    ruth.post(f"/resolution/{theft.pk}/regrade/", said, **BAR)
    Incident.objects.filter(pk=theft.pk).update(grade="rwd")  # as a second person approved
    page = ruth.get(f"/resolution/{theft.pk}/outcome/").content.decode()
    assert "Yes, Ruth" in page
    answer = ruth.post(
        f"/resolution/{theft.pk}/resolve/", {"key": "k2", "outcome": "answered", "text": "Told her what to do."}, **BAR
    )
    assert "There is CCTV: an officer attends." in answer.json()["problem"]


def test_not_reached_moved_and_kept(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "call_back", "text": "They will be told who has the case.", "promised": "23:59", **NO}
    ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR)
    promise = queries.promises().get()
    to = f"/resolution/promises/{promise.pk}/tried/"
    assert "leave no message" in ruth.get("/resolution/promises/").content.decode()
    assert ruth.post(to, {"key": "a", "how": "no_answer"}, **BAR).status_code == 409
    answer = ruth.post(to, {"key": "a", "how": "message", "next": "23:58"}, **BAR)
    assert "No message is left" in answer.json()["problem"]
    page = ruth.post(to, {"key": "a", "how": "no_answer", "next": "23:58"}, **BROWSER).content.decode()
    assert "Tried 1 time" in page
    answer = ruth.post(f"/resolution/promises/{promise.pk}/move/", {"key": "b", "to": "23:57", "because": ""}, **BAR)
    assert "Write why" in answer.json()["problem"]
    moved = {"key": "b", "to": "23:57", "because": "She asked for it, she is at work until then."}
    assert ruth.post(f"/resolution/promises/{promise.pk}/move/", moved, **BAR).status_code == 200
    kept = {"key": "c", "kind": "call_back", "text": "Told who has it."}
    assert ruth.post(f"/resolution/{theft.pk}/keep/", kept, **BAR).status_code == 200
    assert not queries.promises().exists()


def test_written_advice_is_kept_as_it_was_given(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "written_advice", "text": "How to guard her accounts.", **NO}
    answer = ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR)
    assert "Write the advice as they are given it" in answer.json()["problem"]
    words = "Tell your bank now, and never use the old password again."
    page = ruth.post(f"/resolution/{theft.pk}/resolve/", {**said, "advice": words, "way": "to_post"}, **BROWSER).content.decode()
    assert words in page
    assert "to be posted" in page
    assert "Post the advice" in ruth.get("/resolution/promises/").content.decode()


def test_the_diary_of_a_desk_investigation(northmoor: str, ruth: Client, theft: Incident) -> None:
    incidents.retype(incident=theft.pk, kind="damage", by="staff:1", at=world.after(130))
    url = f"/resolution/{theft.pk}"
    said = {
        "key": "k",
        "outcome": "desk_investigation",
        "text": "Ask the bus company for pictures.",
        "review": "2099-01-01",
        **NO,
    }
    assert "within 90 days" in ruth.post(f"{url}/resolve/", said, **BAR).json()["problem"]
    page = ruth.post(f"{url}/resolve/", {**said, "review": ""}, **BROWSER).content.decode()
    assert "Ask the bus company for pictures." in page
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    page = ruth.post(f"{url}/enquiries/", {"key": "e", "what": "Pictures of bus 12", "due": day}, **BROWSER).content.decode()
    assert "Pictures of bus 12" in page
    line = queries.investigation(theft.pk).enquiries.get()
    assert (
        "still open" in ruth.post(f"{url}/finish/", {"key": "f", "result": "exhausted", "finding": "x"}, **BAR).json()["problem"]
    )
    ruth.post(f"{url}/diary/", {"key": "w", "enquiry": line.pk, "text": "Nothing to be seen.", "done": "1"}, **BAR)
    looked = {"key": "r", "review": day, "text": "Nothing more to ask.", "owner": "desk:resolution"}
    assert ruth.post(f"{url}/review/", looked, **BAR).status_code == 200
    done = {"key": "f2", "result": "exhausted", "finding": "No camera saw it, and nobody else; she was told."}
    page = ruth.post(f"{url}/finish/", done, **BROWSER).content.decode()
    assert "No lines of enquiry are left" in page
    assert "Close log" in page


def test_an_appointment_is_made_at_the_desk(theft: Incident, ruth: Client) -> None:
    Incident.objects.filter(pk=theft.pk).update(grade="appointment")
    assert "An appointment is owed" in ruth.get(f"/resolution/{theft.pk}/outcome/").content.decode()
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    said = {"key": "k", "day": day, "due": "14:30", "text": "At her flat."}
    assert ruth.post(f"/resolution/{theft.pk}/appointment/", {**said, "day": "2026-01-01"}, **BAR).status_code == 422
    page = ruth.post(f"/resolution/{theft.pk}/appointment/", said, **BROWSER).content.decode()
    assert "14:30. At her flat." in page


def test_a_sample_is_the_same_again_and_names_nobody(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "answered", "text": "Crime number given, advice on marking.", **NO}
    ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR)
    assert ruth.get("/resolution/sample.csv").status_code == 403
    tom = logged_in("tom", "analyst")
    drawn = [tom.get("/resolution/sample.csv?seed=march&each=5").content.decode() for _ in range(2)]
    assert drawn[0] == drawn[1]
    header, row = drawn[0].split()
    assert dict(zip(header.split(","), row.split(","), strict=True)) | {
        "type": "theft", "outcome": "answered", "solvability_answers": "5", "seed": "march", "closed": "no",
    } == dict(zip(header.split(","), row.split(","), strict=True))  # fmt: skip
    assert "900417" not in drawn[0]
    assert "marking" not in drawn[0]
    assert tom.get("/resolution/sample.csv?from=2026-02-30").status_code == 422
    assert tom.get("/resolution/sample.csv?each=0").status_code == 422


def test_the_new_contact_says_that_it_was_resolved_before(theft: Incident, ruth: Client) -> None:
    said = {"key": "k", "outcome": "answered", "text": "Crime number given, advice on marking.", **NO}
    ruth.post(f"/resolution/{theft.pk}/resolve/", said, **BAR)
    again = world.a_call(channel="101", at=clock.now() + timedelta(days=3))
    bryn = logged_in("bryn", "handler")
    page = bryn.get(f"/desk/{again.pk}/headline/").content.decode()
    assert f"Resolved without anyone 3 days ago: log {theft.reference}" in page
    assert "same number" in ruth.get("/resolution/promises/").content.decode()


def test_who_else_can_help_stands_first_with_its_reason_and_nobody_is_chosen_beforehand(theft: Incident, ruth: Client) -> None:
    contact = theft.involvements.get().contact
    contacts.write(
        contact=contact.pk, text="She is homeless since Sunday.", written_at=world.after(130), by="staff:1", at=world.after(130)
    )
    page = ruth.get(f"/resolution/{theft.pk}/outcome/").content.decode()
    assert "Housing: no home" in page
    first, *_, rest = page.split('<select class="field" id="agency"')[1].split("<optgroup")
    assert 'value=""' in first
    assert 'value="housing"' not in rest
    assert 'value="council"' in rest
