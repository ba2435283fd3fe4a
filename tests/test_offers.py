"""A contact rings at one desk, goes on by itself when nobody takes it, and is never answered by two."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import world
from watchroom import worker
from watchroom.contacts import actions as contacts
from watchroom.contacts import offers, queries, routing, stages
from watchroom.contacts.models import Contact
from watchroom.force import packs
from watchroom.foundation import clock, scope
from watchroom.foundation.errors import Refused
from watchroom.staff import actions as staff
from watchroom.staff.models import Presence


def ring(key, channel="101", at=None, **more):
    at = at or clock.now()
    contact, _ = contacts.receive(key=key, channel=channel, transferred_at=at, by="link:test", at=at, **more)
    return contact


def at_the_waiting_page(name, at=None, **skills):
    member = world.a_member(name, "handler")
    member.skills = skills
    member.save()
    staff.ready(member=member, at=at or clock.now())
    return member


def offered(contact):
    return Contact.objects.get(pk=contact.pk).offered_to


def test_it_rings_for_who_is_ready_and_the_stages_say_so(northmoor):
    bryn = at_the_waiting_page("bryn")
    contact = ring("one")
    assert [tuple(one[:2]) for one in offers.route(at=clock.now())] == [(contact.pk, bryn.pk)]
    assert offered(contact) == bryn
    row = contacts.answer(contact=contact.pk, member=bryn, by=bryn.code, at=clock.now())
    assert row.offered_to is None
    assert [one.stage for one in stages.of(row)] == ["transferred", "arrived", "offered", "answered"]


def test_not_taken_in_time_it_goes_to_somebody_else_and_she_is_offered_nothing_until_she_is_back(northmoor):
    at = clock.now()
    bryn = at_the_waiting_page("bryn", at - timedelta(minutes=2))
    contact = ring("one", at=at)
    offers.route(at=at)
    hana = at_the_waiting_page("hana", at)
    offers.route(at=at + timedelta(seconds=14))
    assert offered(contact) == bryn
    offers.route(at=at + timedelta(seconds=15))
    assert offered(contact) == hana
    assert Presence.objects.get(member=bryn).state == "away"
    second = ring("two", at=at + timedelta(seconds=16))
    offers.route(at=at + timedelta(seconds=16))
    assert offered(second) is None
    staff.ready(member=bryn, at=at + timedelta(seconds=17))
    assert Presence.objects.get(member=bryn).state == "away", "a page that opens again does not say that she is back"
    staff.choose_state(member=bryn, state="available", at=at + timedelta(seconds=18))
    offers.route(at=at + timedelta(seconds=18))
    assert offered(second) == bryn


def test_who_closes_the_screen_keeps_no_contact(northmoor):
    at = clock.now()
    at_the_waiting_page("bryn", at - timedelta(seconds=149))
    contact = ring("one", at=at)
    offers.route(at=at)
    assert offered(contact)
    offers.route(at=at + timedelta(seconds=3))
    assert offered(contact) is None


@pytest.mark.parametrize("state", ["break", "other"])
def test_a_break_is_a_break(northmoor, state):
    bryn = at_the_waiting_page("bryn")
    staff.choose_state(member=bryn, state=state, at=clock.now())
    contact = ring("one", channel="999")
    assert offers.route(at=clock.now()) == []
    assert offered(contact) is None
    assert contacts.answer(contact=contact.pk, member=bryn, by=bryn.code, at=clock.now()), "and whoever sees it ring may take it"


def test_somebody_at_another_desk_is_offered_nothing(northmoor):
    member = world.a_member("ruth", "resolver")
    staff.seen(member=member.pk, at=clock.now())
    ring("one")
    assert offers.route(at=clock.now()) == []


def test_on_the_line_she_is_offered_nothing_and_an_emergency_may_interrupt_her_writing_up(northmoor):
    at = clock.now()
    bryn = at_the_waiting_page("bryn", at)
    first = ring("one", at=at)
    contacts.answer(contact=first.pk, member=bryn, by=bryn.code, at=at)
    staff.show_state(member=bryn, state="on_call", at=at)
    emergency = ring("two", channel="999", at=at)
    assert offers.route(at=at) == []
    contacts.end(contact=first.pk, how="caller", by="link:test", at=at)
    (found,) = offers.route(at=at + timedelta(seconds=1))
    assert found == (emergency.pk, bryn.pk, True)


def test_a_welsh_caller_is_offered_to_who_speaks_welsh(northmoor):
    at = clock.now()
    at_the_waiting_page("bryn", at - timedelta(minutes=1))
    gwen = at_the_waiting_page("gwen", at, welsh=2)
    contact = ring("one", at=at)
    Contact.objects.filter(pk=contact.pk).update(needs={"welsh": 1})
    offers.route(at=at)
    assert offered(contact) == gwen


def test_an_abandoned_call_is_offered_to_nobody_any_more(northmoor):
    at_the_waiting_page("bryn")
    contact = ring("one")
    offers.route(at=clock.now())
    contacts.end(contact=contact.pk, how="caller", by="link:test", at=clock.now())
    assert offered(contact) is None
    assert offers.route(at=clock.now()) == []


def test_however_many_wait_only_as_many_are_read_as_can_be_offered(northmoor, django_assert_max_num_queries):
    at = clock.now()
    at_the_waiting_page("bryn", at)
    for number in range(30):
        ring(f"many-{number}", at=at - timedelta(seconds=number))
    assert len(offers._waiting(1, frozenset(), packs.national(), at)) == 1
    with django_assert_max_num_queries(17):
        (found,) = offers.route(at=at)
    assert Contact.objects.get(pk=found.contact).transferred_at == at - timedelta(seconds=29)


def test_two_who_answer_at_once_never_get_one_contact(clone):
    with scope.use("northmoor"), transaction.atomic():
        members = [at_the_waiting_page(f"handler{n}") for n in range(6)]
        contact = ring("one", channel="999")
    got, refused, begin = [], [], threading.Barrier(len(members))

    def take(member):
        try:
            begin.wait()
            with scope.use("northmoor"), transaction.atomic():
                got.append(contacts.answer(contact=contact.pk, member=member, by=member.code, at=clock.now()).owner_id)
        except Refused as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert len(refused) == len(members) - 1


def test_most_facts_cost_the_router_one_look(clone):
    """What rings at a desk rings there already; who did not take it is noticed by the clock, which turns while facts never cease."""
    with scope.use("northmoor"), transaction.atomic():
        bryn = at_the_waiting_page("bryn", clock.now() - timedelta(minutes=2))
        contact = ring("one")
        assert len(offers.route(at=clock.now())) == 1
    with scope.use("northmoor"):
        with CaptureQueriesContext(connection) as asked:
            assert worker.route_all(["northmoor"], is_due=False) == 0
        assert len([one for one in asked if "contacts_" in one["sql"] or "staff_" in one["sql"]]) == 1
    with scope.use("northmoor"), transaction.atomic():
        Contact.objects.update(offered_at=clock.now() - timedelta(seconds=20))
    worker.route_all(["northmoor"], is_due=False)
    with scope.use("northmoor"), transaction.atomic():
        assert offered(contact) == bryn
    worker.route_all(["northmoor"], is_due=True)
    with scope.use("northmoor"), transaction.atomic():
        assert offered(contact) is None


def test_while_nobody_is_free_the_queue_is_not_read(northmoor):
    bryn = at_the_waiting_page("bryn")
    first = ring("one")
    contacts.answer(contact=first.pk, member=bryn, by=bryn.code, at=clock.now())
    ring("two")
    with CaptureQueriesContext(connection) as asked:
        assert offers.route(at=clock.now()) == []
    assert not any("row_number" in one["sql"].lower() for one in asked)


def test_the_router_goes_through_all_forces_and_one_that_fails_keeps_no_other_waiting(clone, monkeypatch):
    for force in ("northmoor", "southmere"):
        with scope.use(force), transaction.atomic():
            at_the_waiting_page("bryn")
            ring(f"one-{force}")
    before = offers.route

    def fails_for_northmoor(*, at):
        if scope.require() == "northmoor":
            raise RuntimeError("a bug")
        return before(at=at)

    monkeypatch.setattr(offers, "route", fails_for_northmoor)
    with pytest.raises(RuntimeError):
        worker.route_all(["northmoor", "southmere"])
    with scope.use("southmere"), transaction.atomic():
        assert Contact.objects.get().offered_to
    with scope.use("northmoor"), transaction.atomic():
        assert Contact.objects.get().offered_to is None


def test_a_state_is_said_by_one_key_and_what_is_no_state_is_refused(northmoor):
    client = world.signed_in("bryn", "handler")
    page = client.get("/desk/").content.decode()
    assert 'data-key="b"' in page
    assert client.post("/state/", {"state": "break"}, HTTP_HX_REQUEST="true").status_code == 200
    assert Presence.objects.get().state == "break"
    refused = client.post("/state/", {"state": "asleep"}, HTTP_HX_REQUEST="true")
    assert refused.status_code == 422
    assert Presence.objects.get().state == "break"


def test_what_rings_for_me_stands_before_what_rings_for_somebody_else(northmoor):
    at = clock.now()
    client = world.signed_in("bryn", "handler")
    client.get("/desk/")
    hana = at_the_waiting_page("hana", at - timedelta(minutes=2))
    older, newer = ring("one", at=at - timedelta(seconds=30)), ring("two", at=at)
    offers.route(at=clock.now())
    assert offered(older) == hana
    page = client.get("/desk/").content.decode()
    assert page.index(f'id="ring-{newer.pk}"') < page.index(f'id="ring-{older.pk}"')
    assert f"Rings for {hana.full_name}" in page


def test_a_turn_waits_for_the_one_before_it_and_rings_nobody_twice(clone):
    at = clock.now()
    with scope.use("northmoor"), transaction.atomic():
        bryn = at_the_waiting_page("bryn")
        ring("one")

    def another_turn():
        try:
            with scope.use("northmoor"), transaction.atomic():
                ring("two", channel="999")
            with scope.use("northmoor"), transaction.atomic():
                offers.route(at=at)
        finally:
            connection.close()

    second = threading.Thread(target=another_turn)
    with scope.use("northmoor"), transaction.atomic():
        assert len(offers.route(at=at)) == 1
        second.start()
        second.join(1.0)  # it has decided by now, if nothing holds it
    second.join()
    with scope.use("northmoor"), transaction.atomic():
        assert Contact.objects.filter(offered_to=bryn).count() == 1


def test_what_was_taken_since_the_router_looked_is_neither_offered_nor_taken_back(northmoor, monkeypatch):
    at = clock.now()
    bryn, hana = at_the_waiting_page("bryn"), at_the_waiting_page("hana")
    taken, elsewhere = ring("taken"), ring("elsewhere")
    contacts.answer(contact=taken.pk, member=hana, by=hana.code, at=at)
    Contact.objects.filter(pk=elsewhere.pk).update(offered_to=hana, offered_at=at)
    stale = (routing.Assignment(taken.pk, bryn.pk), routing.Assignment(elsewhere.pk, bryn.pk))
    monkeypatch.setattr(routing, "decide", lambda *_: stale)
    late = [routing.Offer(contact=one.pk, agent=bryn.pk, at=at) for one in (taken, elsewhere)]
    monkeypatch.setattr(routing, "lapsed", lambda *_: late)
    assert offers.route(at=at + timedelta(seconds=5)) == []
    assert (offered(taken), offered(elsewhere)) == (None, hana)
    assert Presence.objects.get(member=bryn).state == "available"


def test_who_did_not_take_it_is_asked_again_last_and_who_takes_no_contacts_never(northmoor):
    at = clock.now()
    bryn = at_the_waiting_page("bryn", at - timedelta(minutes=2))
    contact = ring("one", at=at)
    offers.route(at=at)
    offers.route(at=at + timedelta(seconds=15))
    staff.choose_state(member=bryn, state="available", at=at + timedelta(seconds=16))
    analyst = world.a_member("ann", "analyst")
    staff.ready(member=analyst, at=at)
    at_the_waiting_page("hana", at + timedelta(seconds=17))  # has waited for less
    offers.route(at=at + timedelta(seconds=18))
    assert offered(contact).name == "hana"
    second = ring("two", at=at + timedelta(seconds=19))
    offers.route(at=at + timedelta(seconds=19))
    assert offered(second) == bryn
    third = ring("three", at=at + timedelta(seconds=20))
    offers.route(at=at + timedelta(seconds=20))
    assert offered(third) is None


def test_who_stands_first_is_found_once_though_the_room_has_filled_since_the_database_last_counted(northmoor, as_owner):
    """Its planner expects one row then, and would find them anew for each who waits: 250 ms for 1,500, just when all wait."""
    as_owner.execute("vacuum (analyze) contacts_contact")  # nobody is there yet
    at = clock.now()
    row = ring("one", at=at)
    row.pk, row.number = None, None
    Contact.objects.bulk_create([row] * 300)
    rows = queries.first_in_line(Contact.objects.filter(offered_to=None), 20, at=at)
    assert len(rows) == 20
    (plan,) = json.loads(rows.explain(format="json", analyze=True))
    looks = [node["Actual Loops"] for node in nodes(plan["Plan"]) if node["Node Type"] == "WindowAgg"]
    assert looks == [1]


def nodes(plan):
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


@pytest.mark.parametrize(("took", "rests_until"), [(0.005, 0.03), (0.02, 0.06), (30.0, 30.2)])
def test_the_router_rests_longer_after_a_long_turn_and_never_long(took, rests_until):
    assert worker._rested(0.0, took) == pytest.approx(rests_until)
