"""The despatcher's desk: Priya sends people, follows them, and closes what they finished; what may not be is said in sentences."""

import json

import pytest
from django.test import Client

from tests import world
from watchroom.dispatch import actions as dispatch
from watchroom.dispatch import board
from watchroom.dispatch import live as shown
from watchroom.dispatch.models import Deployment, Unit
from watchroom.foundation import clock, facts, models, scope
from watchroom.incidents import actions as incidents
from watchroom.incidents import board as jobs
from watchroom.incidents import live as log
from watchroom.incidents.models import Entry, Incident

BROWSER = {"HTTP_HX_REQUEST": "true", "HTTP_ACCEPT": "text/html"}
BAR = {"HTTP_ACCEPT": "application/json"}


def logged_in(name: str, *roles: str, force: str = "northmoor") -> Client:
    with scope.use(force):
        member = world.a_member(name, *roles)
        client = Client()
        client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session.update({"force": force, "force_name": force.title(), "desk_name": ""})
    session.save()
    return client


@pytest.fixture
def priya(northmoor: str) -> Client:
    return logged_in("priya", "despatcher")


@pytest.fixture
def job(northmoor: str) -> Incident:
    """Leanne's call, graded Immediate; her risk is owed."""
    incident = world.an_incident()
    incidents.grade(incident=incident.pk, to="immediate", justification="", by="staff:1", at=world.after(40))
    return Incident.objects.get(pk=incident.pk)


def told(kind: str) -> facts.Told:
    return facts.read(models.Fact.objects.filter(kind=kind).order_by("-pk")[0])


# --- The board


def test_an_incident_stands_on_the_board_as_soon_as_place_and_type_are_known(northmoor: str, priya: Client) -> None:
    incident = world.an_incident()
    page = priya.get("/dispatch/board/").content.decode()
    assert f'id="incident-{incident.pk}"' in page
    assert 'data-group="ungraded"' in page
    assert "grade owed" in page


def test_a_new_incident_is_pushed_as_one_row_with_the_headline(job: Incident) -> None:
    fragments = {one.target: one for one in shown.job(told("GradeDecided"))}
    assert set(fragments) == {"#jobs", "#headline", "#jobs-note"}
    assert fragments["#jobs"].swap == "beforeend"
    assert f'id="incident-{job.pk}"' in fragments["#jobs"].html
    assert {one.needs for one in fragments.values()} == {"incidents.board"}
    assert "No unit" in fragments["#headline"].html


def test_what_is_resolved_without_sending_anyone_leaves_the_board_and_is_counted(northmoor: str) -> None:
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact, kind="lost_found")
    world.write_the_risk(contact, level=0)
    why = "A question about lost property, nobody hurt."
    incidents.grade(incident=incident.pk, to="rwd", justification=why, by="staff:1", at=world.after(99))
    fragments = {one.target: one for one in shown.job(told("GradeDecided"))}
    assert fragments[f"#incident-{incident.pk}"].swap == "delete"
    assert board.summary(at=world.after(100)).rwd == 1


def test_the_longest_immediate_without_a_unit_is_the_headline(job: Incident) -> None:
    later = world.an_incident(contact=world.an_answered_call(number="07700 900418", at=world.after(60)))
    incidents.grade(incident=later.pk, to="immediate", justification="", by="staff:1", at=world.after(120))
    assert board.summary(at=world.after(200)).worst.job.pk == job.pk
    unit = world.a_unit()
    dispatch.assign(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(210))
    assert board.summary(at=world.after(220)).worst.job.pk == later.pk


def test_a_crews_emergency_takes_the_headline_over(job: Incident) -> None:
    unit = world.a_unit()
    dispatch.set_status(unit=unit.pk, to=0, by="link:radio", at=world.after(50))
    fragments = {one.target: one.html for one in shown.unit(told("UnitStatusChanged"))}
    assert "NH21 calls emergency" in fragments["#headline"]
    assert 'data-group="waiting"' in fragments["#units"]


def test_a_row_costs_the_same_queries_for_one_job_and_for_many(northmoor: str, django_assert_max_num_queries) -> None:
    for number in range(4):
        world.an_incident(contact=world.an_answered_call(number=f"07700 90042{number}", at=world.after(number)))
    with django_assert_max_num_queries(14):
        assert len(board.rows(at=world.after(60))) == 4


def test_marks_are_the_gravest_three_and_never_more(northmoor: str) -> None:
    text = "He has a knife, he is inside, two children, she is pregnant, he has been drinking. It keeps happening."
    incident = world.an_incident(contact=world.an_answered_call(text=text))
    row = jobs.job(incident.pk, at=clock.now())
    assert len(row.marks) == 3
    assert [mark.level for mark in row.marks] == sorted(mark.level for mark in row.marks)


def test_a_line_of_the_log_reaches_whoever_shows_it_and_is_named_by_its_own_id(job: Incident) -> None:
    incidents.note(incident=job.pk, text="Side door is open.", by="staff:1", at=world.after(60), written_at=world.after(60))
    entry = Entry.objects.get(text="Side door is open.")
    fragments = log.line_of_incident(told("EntryWritten"))
    assert {one.topic for one in fragments} == {f"log-{job.pk}"}
    assert all(one.target == f"#log-{job.pk}" and f'id="entry-{entry.pk}"' in one.html for one in fragments)


# --- Sending


def test_a_unit_that_is_sent_is_on_its_way_at_once_and_the_log_says_so(job: Incident, priya: Client) -> None:
    unit = world.a_unit()
    answer = priya.post(f"/dispatch/{job.pk}/send/", {"unit": "NH21", "key": "k1"}, **BROWSER)
    assert answer.status_code == 200
    assert "On the way" in answer.content.decode()
    assert Unit.objects.get(pk=unit.pk).status == 5
    assert Entry.objects.filter(incident=job, text="NH21 assigned, on the way.").count() == 1


def test_a_repeated_key_sends_nobody_twice(job: Incident, priya: Client) -> None:
    world.a_unit()
    for _ in range(2):
        assert priya.post(f"/dispatch/{job.pk}/send/", {"unit": "nh 21", "key": "k1"}, **BAR).status_code == 200
    assert Deployment.objects.count() == 1


def test_a_unit_on_another_job_is_refused_in_a_sentence(job: Incident, priya: Client) -> None:
    unit = world.a_unit()
    other = world.an_incident(contact=world.an_answered_call(number="07700 900418"))
    dispatch.assign(incident=other.pk, unit=unit.pk, by="staff:1", at=world.after(50))
    answer = priya.post(f"/dispatch/{job.pk}/send/", {"unit": "NH21", "key": "k1"}, **BAR)
    assert answer.status_code == 409
    assert f"NH21 is on log {other.reference}" in answer.json()["problem"]


def test_of_two_units_either_both_are_sent_or_none(job: Incident, priya: Client) -> None:
    world.a_unit("NH21")
    world.a_unit("NH30", status=4)
    answer = priya.post(f"/dispatch/{job.pk}/send/", {"unit": ["NH21", "NH30"], "key": "k1"}, **BAR)
    assert answer.status_code == 409
    assert "NH30 cannot be sent" in answer.json()["problem"]


def test_the_suggestion_says_why_and_shows_the_nearest_that_is_alone(job: Incident, priya: Client) -> None:
    world.a_unit("NH21", x=3000)
    world.a_unit("NH03", crew=1, skills=[], x=10)
    incidents_text = "He has a knife."
    from watchroom.contacts import actions as contacts

    contact = job.involvements.get().contact
    contacts.write(contact=contact.pk, text=incidents_text, by="staff:1", at=world.after(50), written_at=world.after(50))
    page = priya.get(f"/dispatch/{job.pk}/offers/", **BROWSER).content.decode()
    assert page.index("NH21") < page.index("NH03")
    assert 'data-key="a"' in page
    assert "Nearest, but alone." in page


def test_it_is_taken_back_within_ten_seconds_and_the_log_keeps_both_lines(job: Incident, priya: Client) -> None:
    world.a_unit()
    priya.post(f"/dispatch/{job.pk}/send/", {"unit": "NH21", "key": "k1"}, **BAR)
    assert priya.post("/dispatch/take-back/", {"key": "k2"}, **BAR).json()["said"] == "NH21 called off."
    lines = list(Entry.objects.filter(incident=job).order_by("pk").values_list("text", flat=True))
    assert lines == ["NH21 assigned, on the way.", "NH21 called off: taken back within 10 seconds."]


def test_nothing_is_taken_back_that_was_sent_before(job: Incident, priya: Client) -> None:
    unit = world.a_unit()
    dispatch.assign(incident=job.pk, unit=unit.pk, by=world.a_member("priya").code, at=world.after(60))
    answer = priya.post("/dispatch/take-back/", {"key": "k2"}, **BAR)
    assert answer.status_code == 409


def test_a_unit_at_scene_is_not_called_off_it_clears_with_a_result(job: Incident, priya: Client) -> None:
    unit = world.a_unit()
    dispatch.assign(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(60))
    priya.post(f"/dispatch/{job.pk}/{unit.pk}/arrive/", {"key": "k1"}, **BAR)
    assert priya.post(f"/dispatch/{job.pk}/{unit.pk}/call-off/", {"key": "k2"}, **BAR).status_code == 409
    assert priya.post(f"/dispatch/{job.pk}/{unit.pk}/clear/", {"key": "k3", "result": " "}, **BAR).status_code == 422
    assert priya.post(f"/dispatch/{job.pk}/{unit.pk}/clear/", {"key": "k3", "result": "One arrested."}, **BAR).status_code == 200
    assert Unit.objects.get(pk=unit.pk).status == 2
    row = board.rows(at=clock.now(), only=[job.pk])[0]
    assert row.job.group == "result"


# --- In words


def test_units_are_sent_moved_and_cleared_by_words(job: Incident, priya: Client) -> None:
    unit = world.a_unit()
    say = lambda verb, **words: priya.post(f"/dispatch/say/{verb}/", {"key": json.dumps([verb, words]), **words}, **BAR)  # noqa: E731
    assert say("unit", unit="nh21", job=job.reference).json()["said"] == f"NH21 to log {job.reference}."
    assert say("unit", unit="nh21", at="scene").json()["said"] == "NH21 at scene."
    assert say("status", unit="nh21 14").json()["said"] == "NH21: status 14."
    assert say("clear", unit="nh21", result="All quiet, advice given.").json()["said"] == "NH21 clear."
    assert Unit.objects.get(pk=unit.pk).status == 2


@pytest.mark.parametrize(
    ("verb", "words", "says"),
    [
        ("unit", {"unit": "nh99", "job": "1"}, "There is no unit “nh99”"),
        ("unit", {"unit": "nh21", "job": "soon"}, "by its number"),
        ("unit", {"unit": "nh21", "job": "9999"}, "No open log is 9999"),
        ("status", {"unit": "nh21 77"}, "0 to 16"),
        ("clear", {"unit": "nh21", "result": "x"}, "on no job"),
    ],
)
def test_a_word_that_cannot_be_meant_is_answered_with_a_sentence(
    job: Incident, priya: Client, verb: str, words: dict, says: str
) -> None:
    world.a_unit()
    answer = priya.post(f"/dispatch/say/{verb}/", {"key": "k", **words}, **BAR)
    assert answer.status_code in (409, 422)
    assert says in answer.json()["problem"]


def test_a_note_by_words_goes_into_the_log_it_names(job: Incident, priya: Client) -> None:
    answer = priya.post("/incidents/say/note/", {"key": "k", "job": f"{job.reference} caller rang back, he has gone"}, **BAR)
    assert answer.status_code == 200
    assert Entry.objects.get(incident=job).text == "caller rang back, he has gone"


# --- Closing


def test_it_does_not_close_while_a_unit_is_at_scene_the_risk_is_owed_or_nothing_is_said(job: Incident, priya: Client) -> None:
    unit = world.a_unit()
    dispatch.assign(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(60))
    dispatch.arrive(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(400))
    answer = priya.post(f"/incidents/{job.pk}/close/", {"key": "k", "category": "", "result": ""}, **BAR)
    assert answer.status_code == 409
    said = " ".join(answer.json()["problems"])
    for why in ("The risk is still owed", "A unit is still on the job", "Write the result", "Choose a closing category"):
        assert why in said
    assert Incident.objects.get(pk=job.pk).is_open


def test_a_named_person_closes_it_with_category_qualifiers_and_result(job: Incident, priya: Client) -> None:
    unit = world.a_unit()
    dispatch.assign(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(60))
    dispatch.arrive(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(400))
    world.write_the_risk(job.involvements.get().contact)
    dispatch.clear(incident=job.pk, unit=unit.pk, by="staff:1", at=world.after(900), result="One arrested.")
    assert priya.post(f"/incidents/{job.pk}/crime/", {"key": "c", "reference": "42/1234/26"}, **BROWSER).status_code == 200
    answer = priya.post(
        f"/incidents/{job.pk}/close/",
        {"key": "k", "category": "domestic", "qualifiers": ["knife", "domestic_abuse"], "result": "One arrested, all safe."},
        **BROWSER,
    )
    assert answer.status_code == 200
    closed = Incident.objects.get(pk=job.pk)
    assert (closed.state, closed.closing_category, closed.qualifiers) == ("closed", "domestic", ["knife", "domestic_abuse"])
    assert closed.closed_by == world.a_member("priya").code
    assert shown.job(told("IncidentClosed"))[0].swap == "delete"


def test_close_by_words_knows_a_category_by_the_beginning_of_its_name(job: Incident, priya: Client) -> None:
    answer = priya.post("/incidents/say/close/", {"key": "k", "job": job.reference, "category": "anti", "result": "x"}, **BAR)
    assert answer.status_code == 422
    assert "may be Antisocial behaviour" in answer.json()["problem"]


# --- Who may see what


def test_a_handler_sees_neither_board_nor_units_and_sends_nobody(job: Incident) -> None:
    handler = logged_in("bryn", "handler")
    for path in ("/despatch/", "/dispatch/board/", "/dispatch/units/", f"/dispatch/{job.pk}/offers/"):
        assert handler.get(path).status_code == 403
    assert handler.post(f"/dispatch/{job.pk}/send/", {"unit": "NH21"}).status_code == 403


def test_another_force_finds_nothing_here(job: Incident) -> None:
    unit = world.a_unit()
    ola = logged_in("ola", "despatcher", force="southmere")
    for path in (f"/incidents/{job.pk}/", f"/incidents/{job.pk}/job/", f"/dispatch/{job.pk}/offers/", f"/despatch/?job={job.pk}"):
        assert ola.get(path).status_code == 404
    for path in (f"/dispatch/{job.pk}/send/", f"/dispatch/{job.pk}/{unit.pk}/arrive/", f"/incidents/{job.pk}/note/"):
        assert ola.post(path, {"unit": "NH21", "text": "x", "key": "k"}).status_code == 404
    assert "Tanner" not in ola.get("/dispatch/board/").content.decode()


def test_the_whole_record_stands_on_one_page(job: Incident, priya: Client) -> None:
    answer = priya.get(f"/incidents/{job.pk}/")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Graded Immediate" in page
    assert "Contacts about this" in page


def test_reading_a_log_at_the_desk_is_recorded_once_and_its_refreshing_is_not(job: Incident, priya: Client, monkeypatch) -> None:
    from watchroom.foundation import access

    logged: list[str] = []
    monkeypatch.setattr(access, "log", lambda kind, **more: logged.append(f"{kind}: {more['reason']}"))
    priya.get(f"/incidents/{job.pk}/job/")
    priya.get(f"/incidents/{job.pk}/job/?again=1")
    priya.get(f"/incidents/{job.pk}/")
    assert logged == ["consultation: read the log at a desk", "consultation: read the whole record"]
