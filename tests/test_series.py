"""Four small incidents at one address: does the vulnerability desk see what no single one shows?"""

from datetime import timedelta

import pytest

from tests import world
from watchroom import journey
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.foundation import clock, facts, models
from watchroom.foundation.errors import Invalid, Refused
from watchroom.identity.misuse import actions as misuse
from watchroom.identity.models import Look, Person
from watchroom.incidents import actions as incidents
from watchroom.incidents import facts as tells
from watchroom.incidents import parties
from watchroom.referrals import actions as referrals
from watchroom.referrals.models import Alert

BY = "staff:1"


def a_small_incident(days: float, *, place: str = "9 Tanner’s Row", number: str = "", kind: str = "domestic"):
    at = world.NIGHT + timedelta(days=days)
    contact = world.an_answered_call(at=at, number=number)
    incident = world.an_incident(contact=contact, kind=kind, at=at + timedelta(seconds=60), place=world.a_place(place))
    world.write_the_risk(contact, level=0)
    by = contact.owner.code
    incidents.grade(
        incident=incident.pk,
        to="scheduled",
        justification="Over when she rang, he has left.",
        by=by,
        at=at + timedelta(seconds=200),
    )
    notice(incident.pk)
    return incident


def notice(incident: int) -> None:
    """The job that the journey defers, done."""
    row = models.Fact.objects.filter(kind="GradeDecided", subject_id=incident).latest("id")
    referrals.notice(facts.read(row))


def test_a_grade_a_closing_and_a_confirmed_person_each_ask_for_it():
    assert referrals.notice in journey.SOON[tells.GradeDecided]
    assert referrals.notice in journey.SOON[tells.IncidentClosed]


def test_the_third_makes_an_alert_that_is_owed_and_the_fourth_makes_it_grow(northmoor):
    a_small_incident(0)
    a_small_incident(12)
    assert not Alert.objects.exists()
    third = a_small_incident(18)
    alert = Alert.objects.get()
    assert (alert.series, alert.same, alert.members.count()) == ("domestic", "place", 3)
    duty = Duty.objects.get(kind="series", settled_at=None)
    assert (duty.owner, duty.subject) == ("desk:vulnerability", ("series_alert", alert.pk))
    notice(third.pk)
    assert Alert.objects.get().members.count() == 3
    a_small_incident(21)
    assert Alert.objects.get().members.count() == 4
    assert "The gaps grow shorter: 12, 6, 3 days." in Alert.objects.get().because


def test_the_same_number_from_different_places_is_a_series_and_different_numbers_are_none(northmoor):
    for n, day in enumerate((0, 12, 18)):
        a_small_incident(day, place=f"{n} Mill Lane", number=f"07700 90010{n}")
    assert not Alert.objects.exists()
    for n, day in enumerate((30, 36, 40)):
        a_small_incident(day, place=f"{n} Quay Steps", number=world.LEANNE)
    assert Alert.objects.get().same == "number"


def test_what_number_and_address_both_hold_together_is_one_alert(northmoor):
    for day in (0, 12, 18):
        a_small_incident(day, number=world.LEANNE)
    assert Alert.objects.count() == 1


def test_a_late_look_climbs_to_the_supervisor(northmoor):
    for day in (0, 12, 18):
        a_small_incident(day)
    duties.sweep(at=world.NIGHT + timedelta(days=19))
    assert Duty.objects.get(kind="series", settled_at=None).owner == "desk:supervisor"


def test_no_series_needs_its_reason_is_counted_and_opens_again_when_something_new_comes(northmoor):
    for day in (0, 12, 18):
        a_small_incident(day)
    alert, at = Alert.objects.get(), world.NIGHT + timedelta(days=18, hours=1)
    with pytest.raises(Invalid):
        referrals.settle(alert=alert.pk, contribution="no_series", conclusion=" ", by=BY, at=at)
    with pytest.raises(Refused):
        referrals.settle(alert=alert.pk, contribution="referral_made", conclusion="Told the adviser.", by=BY, at=at)
    referrals.settle(alert=alert.pk, contribution="no_series", conclusion="Two households share the entrance.", by=BY, at=at)
    assert not Duty.objects.filter(kind="series", settled_at=None).exists()
    notice(alert.members.last().incident_id)
    assert not Alert.objects.filter(settled_at=None).exists()
    a_small_incident(21)
    assert Alert.objects.get(settled_at=None).members.count() == 4


def test_a_restricted_flag_of_the_place_says_nothing_to_who_may_not_read_it(northmoor):
    for day in (0, 12, 18):
        a_small_incident(day)
    place, alert = world.a_place("9 Tanner’s Row"), Alert.objects.get()
    world.a_flag("protected", place=place.pk, text="New name, new town.")
    world.a_flag("domestic_abuse", place=place.pk, text="He has the keys.")
    page = world.signed_in("mona", "vulnerability").get(f"/vulnerability/?alert={alert.pk}").content.decode()
    assert "Restricted flag" in page
    assert "New name" not in page
    assert "Protected person" not in page
    assert "He has the keys." in page
    assert "Safeguarding desk" in page, "a warning without a source is a rumour"


def test_a_series_of_an_ex_is_not_opened_without_a_reason(northmoor):
    for day in (0, 12, 18):
        a_small_incident(day)
    alert, mona = Alert.objects.get(), world.a_member("mona", "vulnerability")
    place = world.a_place("9 Tanner’s Row")
    misuse.declare(member=mona.pk, relation="ex", number="", place=place.pk, by=mona.code, at=clock.now())
    client, path = world.signed_in("mona", "vulnerability"), f"/vulnerability/?alert={alert.pk}"
    answer = client.get(path)
    assert answer.status_code == 403
    assert "Tanner" not in answer.content.decode()
    assert Look.objects.get().relations == ["ex"]
    because = "It is my turn at the desk; nobody else is on."
    client.post("/identity/reason/", {"subject_kind": "series_alert", "subject_id": alert.pk, "because": because})
    assert "9 Tanner’s Row" in client.get(path).content.decode()


def test_the_desk_opens_it_takes_it_writes_a_step_and_settles_it(northmoor):
    for day in (0, 12, 18):
        a_small_incident(day)
    alert, client = Alert.objects.get(), world.signed_in("vulnerability", "vulnerability")
    page = client.get("/vulnerability/").content.decode()
    assert "3 occasions in 18 days" in page
    assert "Tanner" not in page, "the list is by reference"
    opened = client.get(f"/vulnerability/?alert={alert.pk}").content.decode()
    assert "9 Tanner’s Row" in opened
    client.post(f"/referrals/{alert.pk}/take/")
    client.post(f"/referrals/{alert.pk}/work/", {"what": "referral", "text": "Independent adviser, by telephone."})
    client.post(f"/referrals/{alert.pk}/settle/", {"contribution": "referral_made", "conclusion": "The adviser has accepted it."})
    alert.refresh_from_db()
    assert (alert.contribution, alert.taken_by[:6], alert.steps.count()) == ("referral_made", "staff:", 1)
    assert "Nothing waits" in client.get("/vulnerability/").content.decode()
    assert world.signed_in("handler", "handler").get("/vulnerability/").status_code == 403


def rung_in_by_another(days: float, who: Person | None = None, role: str = "victim"):
    """From another place and number each time."""
    incident = a_small_incident(days, place=f"{int(days)} Mill Lane", number=f"07700 9001{int(days):02}")
    if who:
        parties.add(incident=incident.pk, role=role, person=who.pk, by=BY, at=world.NIGHT + timedelta(days=days, seconds=300))
        referrals.notice(facts.read(models.Fact.objects.filter(kind="PartyNamed", subject_id=incident.pk).latest("id")))
    return incident


def test_a_victim_for_whom_others_ring_is_a_series_though_she_never_rang(northmoor):
    assert referrals.notice in journey.SOON[tells.PartyNamed]
    jade = Person.objects.create(given_name="Jade", family_name="Whitcombe")
    rung_in_by_another(0, jade)
    rung_in_by_another(12, jade)
    assert not Alert.objects.exists()
    rung_in_by_another(18, jade)
    alert = Alert.objects.get()
    assert (alert.same, alert.ref, alert.members.count()) == ("person", str(jade.pk), 3)


def test_who_only_saw_it_each_time_and_whose_part_was_a_mistake_is_no_thread(northmoor):
    ann, jade = (Person.objects.create(given_name=name, family_name="Whitcombe") for name in ("Ann", "Jade"))
    for day in (0, 12, 18):
        rung_in_by_another(day, ann, role="witness")
    assert not Alert.objects.exists()
    first = rung_in_by_another(31, jade)
    (row,) = [one for one in parties.of(first.pk) if one.person == jade]
    parties.end(party=row.pk, by=BY, at=world.NIGHT + timedelta(days=31, hours=1))
    rung_in_by_another(35, jade)
    rung_in_by_another(38, jade)
    assert not Alert.objects.exists(), "only two are left"
