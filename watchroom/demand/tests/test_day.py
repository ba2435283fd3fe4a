"""The day as it is read from the tables: each figure against plain SQL over the raw rows, apart for each force, in few queries."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts.rules import CHANNELS
from watchroom.demand.queries import day as days
from watchroom.demand.queries import now
from watchroom.dispatch import actions as dispatch
from watchroom.force import actions as forces
from watchroom.force import packs
from watchroom.foundation import scope
from watchroom.incidents import actions as incidents
from watchroom.incidents.models import Incident
from watchroom.resolution import actions as resolution

DAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 21, tzinfo=UTC)
T = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _policy_of_then(request):
    """The policy was in force on the day that is counted."""
    if "northmoor" not in request.fixturenames:
        return
    request.getfixturevalue("northmoor")
    from watchroom.force.models import PolicyVersion

    pack = packs.shipped("northmoor")
    PolicyVersion.objects.create(
        number=99,
        digest=packs.digest(pack),
        pack=pack.model_dump(mode="json"),
        effective_from=T - timedelta(days=400),
        adopted_by="t",
    )
    assert forces


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.fixture
def a_days_work(northmoor):
    """Eleven contacts that went eleven ways."""
    handler = world.a_member("bryn", "handler")
    at = T

    def call(channel="999", wait=5.0, number=""):
        nonlocal at
        at += s(300)
        contact = world.a_call(number=number, channel=channel, at=at)
        if wait is None:
            return contact
        return contacts.answer(contact=contact.pk, member=handler, by=handler.code, at=at + s(wait))

    def finish(contact, minutes, **more):
        end = contact.answered_at + s(60 * minutes)
        contacts.end(contact=contact.pk, how="caller", by="link:trunk", at=end)
        contacts.wrap_up(contact=contact.pk, by=handler.code, at=end, **more)

    def nothing(contact):
        from watchroom.assessment import actions as assessment

        assessment.nothing_heard(
            contact=contact.pk, because="Asked only when the counter opens.", by=handler.code, at=contact.answered_at + s(30)
        )

    for wait, minutes in ((4, 6), (10, 8), (75, 3)):
        one = call(wait=wait)
        nothing(one)
        finish(one, minutes, reason="opening_hours")
    lost = call("101", None, world.LEANNE)
    contacts.end(contact=lost.pk, how="caller", by="link:trunk", at=lost.transferred_at + s(200))
    call("999", 130, world.LEANNE)  # over two minutes, and she had given up on 101
    other = call("101", 40)
    nothing(other)
    finish(other, 12, reason="wrong_agency", agency="council")
    call("online", None)
    served = call("101", 20)
    incident = world.an_incident(contact=served, kind="shoplifting")
    world.write_the_risk(served, level=0)
    incidents.grade(
        incident=incident.pk, to="rwd", justification="Nobody there and nothing that a visit would add.", by=handler.code, at=AT
    )
    resolution.resolve(
        incident=incident.pk,
        outcome="answered",
        text="Told what to keep and where to send it.",
        by=handler.code,
        at=AT,
        solvability=dict.fromkeys((q.code for q in packs.national().solvability), False),
    )
    finish(served, 10)
    grave = call(wait=3)
    world.write_the_risk(grave)
    second = world.an_incident(contact=grave)
    incidents.grade(incident=second.pk, to="immediate", justification="", by=handler.code, at=grave.answered_at + s(40))
    unit = world.a_unit()
    dispatch.assign(incident=second.pk, unit=unit.pk, by=handler.code, at=grave.answered_at + s(60))
    dispatch.arrive(incident=second.pk, unit=unit.pk, by=handler.code, at=grave.answered_at + s(2000))
    call("chat", 15)
    world.a_call(at=T - timedelta(hours=4), number="")  # yesterday, 23:00
    return days.day(DAY, at=AT)


def sql(query: str, *parameters) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        value = cursor.fetchone()[0]
        return None if value is None else float(value)


TODAY = "received_at >= '2026-11-22 00:00+00' and received_at < '2026-11-23 00:00+00'"
WAIT = "extract(epoch from answered_at - transferred_at)"


def test_several_days_counted_together_are_each_as_counted_alone(a_days_work):
    first, last = DAY - timedelta(days=1), DAY + timedelta(days=1)
    world.a_call(number=world.LEANNE, at=T + timedelta(days=1, minutes=-1))
    later = AT + timedelta(days=3)
    together = days.each(first, last, at=later)
    assert [one.date for one in together] == [first, DAY, last]
    for one in together:
        alone = days.day(one.date, at=later)
        assert one.figures == alone.figures
        assert one.definitions == alone.definitions


def test_contacts_are_counted_by_channel_as_the_raw_rows_say(a_days_work):
    for channel in CHANNELS:
        where = f"from contacts_contact where {TODAY} and channel = %s"
        assert a_days_work.of("offered", channel).value == sql(f"select count(*) {where}", channel)
        assert a_days_work.of("answered", channel).value == sql(f"select count(answered_at) {where}", channel)
        assert a_days_work.of("abandoned", channel).value == sql(f"select count(*) {where} and state = 'abandoned'", channel)
        assert a_days_work.of("waiting", channel).value == sql(f"select count(*) {where} and state = 'waiting'", channel)
    assert a_days_work.of("offered").value == 10


def test_answer_times_are_those_of_the_raw_rows(a_days_work):
    calls = f"from contacts_contact where {TODAY} and channel = '999' and answered_at is not null"
    within = a_days_work.of("within_999", "999")
    assert within.numerator == sql(f"select count(*) {calls} and {WAIT} <= 10") == 3
    assert within.denominator == sql(f"select count(*) {calls}") == 5
    assert a_days_work.of("within_limit_999", "999").numerator == sql(f"select count(*) {calls} and {WAIT} <= 120")
    assert a_days_work.of("wait_median", "999").value == sql(
        f"select percentile_disc(0.5) within group (order by {WAIT}) {calls}"
    )
    assert a_days_work.of("wait_90", "999").value == sql(f"select percentile_disc(0.9) within group (order by {WAIT}) {calls}")
    assert a_days_work.of("wait_mean", "999").value == pytest.approx(sql(f"select avg({WAIT}) {calls}"))
    assert a_days_work.of("over_limit_999", "999").value == 1
    assert [figure.value for figure in a_days_work.all_of("bands_999")] == [
        sql(f"select count(*) {calls} and {WAIT} < 10"),
        sql(f"select count(*) {calls} and {WAIT} >= 10 and {WAIT} < 60"),
        sql(f"select count(*) {calls} and {WAIT} >= 60"),
    ]


def test_what_contacts_led_to_is_counted_by_number_and_by_time(a_days_work):
    done = f"""from contacts_contact c left join incidents_involvement i on i.contact_id = c.id
        where {TODAY} and answered_at is not null and wrapped_at is not null"""
    handling = "coalesce(sum(extract(epoch from wrapped_at - answered_at)), 0)"
    nothing = a_days_work.of("no_incident")
    assert (nothing.numerator, nothing.denominator) == (
        sql(f"select count(*) {done} and i.id is null"),
        sql(f"select count(*) {done}"),
    )
    timed = a_days_work.of("no_incident_minutes")
    assert (timed.numerator, timed.denominator) == (
        sql(f"select {handling} {done} and i.id is null"),
        sql(f"select {handling} {done}"),
    )
    assert timed.numerator == 60 * (6 + 8 + 3 + 12)
    assert a_days_work.of("other_agency", "council").numerator == 1
    assert a_days_work.of("no_incident", "opening_hours").numerator == 3


def test_vulnerability_asked_in_the_call_is_counted_as_the_raw_rows_say_under_any_risk_model(a_days_work):
    asks = packs.national().read_as("vulnerability")
    assert asks == {"vulnerability", "safeguarding"}  # STRIVE asks it under its own name
    ended = f"""from contacts_contact c left join assessment_assessment s on s.contact_id = c.id
        left join assessment_answer a on a.assessment_id = s.id and a.element in ('vulnerability', 'safeguarding')
        where {TODAY} and answered_at < ended_at and channel in ('999', '101', 'chat', 'counter')"""
    figure = a_days_work.of("vulnerability_in_call")
    in_time = sql(
        f"select count(distinct c.id) {ended} and (a.at <= ended_at or s.kind = 'nothing_heard' and saved_at <= ended_at)"
    )
    assert (figure.numerator, figure.denominator) == (in_time, sql(f"select count(distinct c.id) {ended}")) == (5, 5)


def test_incidents_are_counted_by_grade_and_how_they_were_met(a_days_work):
    assert a_days_work.of("grades", "rwd").value == 1
    assert a_days_work.of("grades", "immediate").value == 1
    assert a_days_work.of("rwd_of_incidents").value == 50
    assert a_days_work.of("rwd_of_contacts").numerator == 1
    assert a_days_work.of("attended_in_time").value == 0  # 1,960 seconds after an Immediate
    assert a_days_work.of("attended_in_time_vulnerable").denominator == 1  # vulnerability was judged 3
    assert a_days_work.of("attended_in_time_others").value is None


def test_who_gave_up_on_101_and_rang_999_is_found_by_the_number_which_itself_is_nowhere(a_days_work):
    assert a_days_work.of("to_999", "101").numerator == 1
    rows = repr(a_days_work.contacts) + repr(a_days_work.rows())
    assert "900417" not in rows
    assert "Leanne" not in rows


def test_nothing_is_open_without_an_owner(a_days_work):
    assert a_days_work.of("without_owner").value == 0
    assert days.without_owner() == []


def test_an_open_incident_that_no_duty_holds_is_found(northmoor):
    incident = world.an_incident()
    from watchroom.duties.models import Duty

    Duty.objects.filter(subject_kind="incident", subject_id=incident.pk).delete()
    assert days.without_owner() == [("incident", incident.pk)]


def test_a_day_takes_a_handful_of_queries_however_long_it_was(a_days_work, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        days.day(DAY, at=AT)


def test_another_forces_day_is_empty(a_days_work):
    with scope.use("southmere"):
        found = days.day(DAY, at=datetime.now(UTC))
    assert found.of("offered").value == 0
    assert found.of("within_999", "999").value is None


# --- The page


def a_client(*roles: str) -> Client:
    client = Client()
    client.force_login(world.a_member("-".join(roles), *roles), backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = "northmoor"
    session.save()
    return client


def test_the_page_shows_every_definition_with_its_hash_and_nothing_of_anybody(a_days_work):
    body = a_client("analyst").get("/demand/?day=2026-11-22").content.decode()
    for one in a_days_work.definitions.values():
        assert one.hash in body, one.code
    for word in ("Leanne", "900417", "Tanner", "Bryn", "bryn", "counter opens"):
        assert word not in body


def test_the_csv_holds_every_figure_with_its_hash(a_days_work):
    answer = a_client("analyst").get("/demand/figures.csv?day=2026-11-22")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert answer["Content-Type"].startswith("text/csv")
    assert len(rows) == len(a_days_work.figures)
    within = next(row for row in rows if row["figure"] == "within_999")
    assert (within["numerator"], within["denominator"], within["unit"]) == ("3", "5", "per cent")
    assert within["definition"] == a_days_work.definitions["within_999"].hash
    assert "900417" not in answer.content.decode()


@pytest.mark.parametrize("day", ["2026-13-01", "tomorrow", "2999-01-01", "'"])
def test_a_day_that_is_none_is_refused_in_words(northmoor, day):
    answer = a_client("analyst").get("/demand/", {"day": day}, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["fields"]["day"]


def test_a_day_without_any_contact_is_dashes_and_not_zero_per_cent(northmoor):
    body = a_client("analyst").get("/demand/?day=2026-01-05").content.decode()
    assert "0.0<small> %" not in body
    assert "nothing to count" in body


# --- Now


def test_somebody_vulnerable_who_waits_is_listed_by_how_long_and_leaves_the_list_when_reached(northmoor):
    grave = world.an_answered_call()
    world.write_the_risk(grave)
    incident = world.an_incident(contact=grave)
    calm = world.an_answered_call(number="", at=world.after(600))
    world.write_the_risk(calm, level=0)
    world.an_incident(contact=calm)
    at = world.after(3600)
    found = now.open_now(at)
    assert [wait.job.pk for wait in found.waits] == [incident.pk]
    assert found.waits[0].why.level == 3
    assert found.total == 2
    incidents.attend(incident=incident.pk, by="staff:1", at=at)
    assert now.open_now(at).waits == []


def test_the_ages_of_open_incidents_add_up(northmoor):
    world.an_incident()
    found = now.open_now(world.after(31 + 3700))
    assert sum(row.total for row in found.ages) == 1
    ungraded = next(row for row in found.ages if not row.grade)
    assert ungraded.counts == (0, 0, 1, 0, 0)


def test_the_headline_is_the_most_dangerous_thing_and_is_gone_when_that_is(northmoor):
    unit = world.a_unit()
    at = world.NIGHT
    assert now.headline(at) is None
    call = world.a_call()
    assert now.headline(world.after(9)) is None
    ringing = now.headline(world.after(11))
    assert (ringing.danger.kind, ringing.danger.subject) == ("ringing_999", ("contact", call.pk))
    dispatch.set_status(unit=unit.pk, to=0, by="link:radio", at=world.after(12))
    assert now.headline(world.after(13)).danger.kind == "emergency"


def test_the_headline_is_in_the_words_of_whoever_heard_it(northmoor):
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact)
    contacts.write(
        contact=contact.pk, text="He is at the door again.", by="staff:1", at=world.after(40), written_at=world.after(40)
    )
    incidents.grade(incident=incident.pk, to="immediate", justification="", by="staff:1", at=world.after(50))
    found = now.headline(world.after(60))
    assert found.danger.kind == "unresourced_immediate"
    assert found.words == "He is at the door again."
    assert now.headline(world.after(50 + 901)).danger.kind == "attend_immediate"
    Incident.objects.filter(pk=incident.pk).update(headline="Armed, at her door")
    assert now.headline(world.after(60)).words == "Armed, at her door"


def test_what_is_owed_names_its_owner_and_puts_the_gravest_first(northmoor):
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact)
    incidents.grade(incident=incident.pk, to="immediate", justification="", by="staff:1", at=world.after(50))
    found = now.owed(world.after(7200))
    assert [debt.duty.kind for debt in found.debts[:2]] == ["attend", "risk"]
    assert found.debts[0].owner == "Despatch desk"
    assert found.debts[1].owner == "Bryn"
    assert found.total == sum(kind.number for kind in found.kinds)
    assert found.orphans == []


def test_the_room_shows_who_is_on_a_call_and_offers_relief_after_45_minutes(northmoor):
    call = world.an_answered_call()
    seat = now.room(call.answered_at + s(2699)).seats[0]
    assert (seat.state, seat.needs_relief, seat.is_seen) == ("on_999", False, False)
    assert now.room(call.answered_at + s(2700)).relief[0].member.pk == call.owner_id
    contacts.end(contact=call.pk, how="caller", by="link:trunk", at=call.answered_at + s(3000))
    later = now.room(call.answered_at + s(3060)).seats[0]
    assert (later.state, later.minutes, later.needs_relief) == ("wrap_up", 1, False)


def test_arrives_tells_lost_callers_from_those_who_then_rang_999(a_days_work):
    found = now.arrives(AT)
    assert found.offered == 3
    assert found.counts["abandoned"] == 1
    assert found.to_999 == 1
    assert found.breaches == len(found.longest) == 1
    assert found.longest[0].seconds == 130
