"""A 101 caller hangs up, keeps the place, and is rung at their turn: once for a number, safely, and counted as waiting (R19)."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.contacts import offers
from watchroom.contacts import queries as queue
from watchroom.contacts.attendant import actions as attendant
from watchroom.contacts.callbacks import actions as callbacks
from watchroom.contacts.callbacks import queries
from watchroom.contacts.callbacks import rules as callback_rules
from watchroom.contacts.models import Callback, Contact, Stage
from watchroom.contacts.stages import of as stages_of
from watchroom.demand.queries import day
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Refused
from watchroom.foundation.models import Fact
from watchroom.identity.lost import actions as ringing
from watchroom.identity.lost import queries as lost
from watchroom.identity.models import Followed
from watchroom.staff import actions as staff
from watchroom.staff.models import Member

DAY = world.NIGHT.replace(hour=10)  # callbacks have hours
BY = "link:test"


def after(seconds: float) -> datetime:
    return DAY + timedelta(seconds=seconds)


def a_callback(*, number: str = world.LEANNE, at: float = 0, agreed: float = 120, **more) -> Contact:
    row = world.a_call(channel="101", number=number, at=after(at), **more)
    callbacks.agree(contact=row.pk, by=BY, at=after(at + agreed))
    contacts.end(contact=row.pk, how="caller", by=BY, at=after(at + agreed + 8))
    row.refresh_from_db()
    return row


def somebody_free(name: str = "bryn", at: float = 0) -> Member:
    member = world.a_member(name, "handler")
    staff.ready(member=member, at=after(at))
    return member


def test_who_agreed_waits_at_their_place_and_has_not_given_up(northmoor):
    row = a_callback()
    assert row.state == "waiting"
    assert row.ended_at is None
    assert [one.stage for one in stages_of(row)][-1] == "callback"
    (duty,) = Duty.objects.filter(subject_id=row.pk, settled_at=None)
    assert (duty.kind, duty.owner, duty.due_at) == ("callback", "desk:contact", after(120 + 3600))
    assert callbacks.agree(contact=row.pk, by=BY, at=after(300)).agreed_at == after(120), "a repeat changes nothing"
    with pytest.raises(Refused, match="hung up"):
        contacts.answer(contact=row.pk, member=world.a_member("bryn", "handler"), by="staff:1", at=after(200))


def test_one_for_a_number_none_for_999_or_a_withheld_one_and_no_more_than_the_cap(northmoor):
    a_callback()
    again = Contact.objects.create(
        day=DAY.date(), channel="101", transferred_at=DAY, received_at=DAY, caller_number="+447700900417"
    )
    with pytest.raises(Refused, match="already"):
        callbacks.agree(contact=again.pk, by=BY, at=after(200))
    for more, says in (({"number": ""}, "withheld"), ({"channel": "999", "number": "07700 900001"}, "101")):
        call = world.a_call(**{"channel": "101", "at": after(10), **more})
        with pytest.raises(Refused, match=says):
            callbacks.agree(contact=call.pk, by=BY, at=after(200))
    for n in range(2, force.policy_at(DAY).policy.callbacks.most + 1):
        a_callback(number=f"07700 9009{n:02d}")
    last = world.a_call(channel="101", number="07700 900999", at=after(10))
    with pytest.raises(Refused, match="As many"):
        callbacks.agree(contact=last.pk, by=BY, at=after(200))
    contacts.end(contact=last.pk, how="caller", by=BY, at=after(210))
    last.refresh_from_db()
    assert last.state == "abandoned", "who was promised nothing gave up"


def test_ringing_again_takes_the_callback_up_and_keeps_the_place(northmoor):
    first = a_callback()
    other = world.a_call(channel="101", number="07700 900600", at=after(60))
    second = world.a_call(channel="101", at=after(900))
    first.refresh_from_db()
    callback = Callback.objects.get()
    assert (callback.how, first.state, first.answered_at, first.ended_at) == ("taken_up", "wrapped", None, None)
    assert not Duty.objects.filter(subject_id=first.pk, subject_kind="contact", settled_at=None).exists()
    assert [row.pk for row in queue.waiting(at=after(901))] == [second.pk, other.pk]
    assert second.lines.get().text.startswith("Was owed a callback, agreed at 10:14 (contact ")
    third = world.a_call(channel="101", at=after(1000))
    assert third.place_from is None, "it was taken up once"


def test_while_they_are_being_rung_a_call_of_theirs_does_not_take_it_from_whoever_rings(northmoor):
    first = a_callback()
    contacts.rung_back(contact=first.pk, by="staff:1", at=after(600))
    world.a_call(channel="101", at=after(605))
    assert queries.of(first.pk)
    callbacks.not_reached(contact=first.pk, is_theirs=False, by="staff:1", at=after(630))
    assert Callback.objects.get().how == "taken_up"


def test_it_stands_in_line_by_its_place_within_its_hours_and_is_tried_again_later(northmoor):
    row, later = a_callback(), world.a_call(channel="101", number="07700 900600", at=after(60))
    assert [one.pk for one in queue.waiting(at=after(300))] == [row.pk, later.pk]
    assert [one.pk for one in queue.waiting(at=after(300) + timedelta(hours=12))] == [later.pk], "nobody is rung at night"
    contacts.rung_back(contact=row.pk, by="staff:1", at=after(300))
    assert queries.under_way() == (1, {1})
    assert [one.pk for one in queue.waiting(at=after(301))] == [later.pk], "somebody rings them"
    callbacks.not_reached(contact=row.pk, is_theirs=False, by="staff:1", at=after(330))
    again = force.policy_at(DAY).policy.lost_callers.again_s
    assert [one.pk for one in queue.waiting(at=after(330 + again - 1))] == [later.pk]
    assert [one.pk for one in queue.waiting(at=after(330 + again))] == [row.pk, later.pk]


def test_many_callbacks_that_are_not_due_keep_nobody_on_the_line_waiting(northmoor):
    for n in range(6):
        a_callback(number=f"07700 9008{n:02d}")
    live = world.a_call(channel="101", number="07700 900600", at=after(400))
    assert live.pk in [one.pk for one in queue.in_line(Contact.objects.all(), 1, at=after(500))]


def test_who_is_in_a_menu_is_offered_to_nobody_and_not_for_longer_than_the_policy_says(northmoor):
    row = world.a_call(channel="101", at=after(0))
    assert attendant.enter(contact=row.pk, by=BY, at=after(0))
    longest = force.policy_at(DAY).policy.attendant.longest_s
    assert queue.waiting(at=after(longest - 1)) == []
    assert [one.pk for one in queue.waiting(at=after(longest))] == [row.pk], (
        "the exchange may be dead: the caller is in the queue"
    )
    attendant.chose(contact=row.pk, menu="reported", by=BY, at=after(10))
    for _ in range(2):
        attendant.queued(contact=row.pk, by=BY, at=after(12))
    assert [one.pk for one in queue.waiting(at=after(12))] == [row.pk]
    assert list(Stage.objects.order_by("pk").values_list("stage", flat=True)) == ["menu", "queued"]
    assert row.lines.get().text == "Chose by key: About something already reported."
    assert not attendant.enter(contact=world.a_call(at=after(20)).pk, by=BY, at=after(20)), "nothing of it on 999"


def test_not_rung_in_time_climbs_to_a_supervisor_and_goes_on_ringing_at_desks(northmoor):
    row = a_callback()
    duties.sweep(at=after(120 + 3600))
    (duty,) = Duty.objects.filter(subject_id=row.pk, settled_at=None)
    assert (duty.kind, duty.owner) == ("callback", "desk:supervisor")
    assert [one.pk for one in queue.waiting(at=after(3800))] == [row.pk]


def test_let_go_is_no_giving_up_and_no_answer(northmoor):
    row = a_callback()
    callbacks.to_supervisor(contact=row.pk, by="staff:1", at=after(600))
    assert queue.waiting(at=after(601)) == []
    callbacks.let_go(contact=row.pk, by="staff:1", at=after(700))
    row.refresh_from_db()
    assert (row.state, row.ended_at, row.answered_at) == ("wrapped", None, None)
    assert Fact.objects.get(kind="CallbackClosed").body == {"contact": row.pk, "how": "unreached", "taken_up_by": 0}
    with pytest.raises(Refused, match="No callback"):
        callbacks.let_go(contact=row.pk, by="staff:1", at=after(800))


# --- At the desk, by the ring-back that is there


def rings_at(member: Member, row: Contact, at: float) -> None:
    with transaction.atomic():
        offers.route(at=after(at))
    row.refresh_from_db()
    assert row.offered_to == member


def test_it_rings_at_a_desk_is_rung_and_spoken_with_and_counted_as_answered_after_the_whole_wait(northmoor):
    row = a_callback()
    bryn = somebody_free(at=200)
    rings_at(bryn, row, 200)
    (shown,) = lost.promised(at=after(201), member=bryn.pk)
    assert (shown.contact, shown.number, shown.ringing.verdict) == (row, "", "ring")
    assert "Leave no message." in shown.ringing.mind
    ringing.ring(contact=row.pk, by=bryn.code, at=after(210), may_open_codes=False)
    row.refresh_from_db()
    assert row.offered_to is None
    waits = world.a_call(channel="101", number="07700 900600", at=after(215))
    offers.route(at=after(216))
    assert Contact.objects.get(pk=waits.pk).offered_to is None, "who rings somebody is free for nobody else"
    assert lost.promised(at=after(220), member=bryn.pk)[0].number == "07700 900417"
    ringing.rang(contact=row.pk, outcome="spoke", member=bryn, by=bryn.code, at=after(240))
    row.refresh_from_db()
    assert (row.state, row.owner, row.answered_at) == ("answered", bryn, after(240))
    assert row.callback.how == "reached"
    owed = set(Duty.objects.filter(subject_id=row.pk, subject_kind="contact", settled_at=None).values_list("kind", flat=True))
    assert owed == {"risk", "wrap_up"}
    found = day.day(DAY.date(), at=after(300))
    assert [found.of(code, "101").value for code in ("offered", "answered", "abandoned", "waiting", "diverted")] == [
        2,
        1,
        0,
        1,
        0,
    ]
    assert found.of("wait_longest", "101").value == 240, "one clock, from their own call"


def test_not_reached_it_is_tried_again_and_then_is_a_supervisors_who_may_let_it_go(northmoor):
    row = a_callback()
    again = force.policy_at(DAY).policy.lost_callers.again_s
    at = 200.0
    for n, name in enumerate(("bryn", "hana")):
        member = somebody_free(name, at)
        rings_at(member, row, at)
        ringing.ring(contact=row.pk, by=member.code, at=after(at + 5), may_open_codes=False)
        ringing.rang(contact=row.pk, outcome="no_answer", member=member, by=member.code, at=after(at + 30))
        staff.show_state(member=member, state="break", at=after(at + 31))
        (duty,) = Duty.objects.filter(subject_id=row.pk, subject_kind="contact", settled_at=None)
        assert (duty.kind, duty.owner) == ("callback", "desk:supervisor" if n else "desk:contact")
        at += 30 + again
    somebody_free("sian", at)
    assert offers.route(at=after(at)) == []
    (shown,) = lost.promised(at=after(at))
    assert not shown.ringing.may_ring
    ringing.let_go(contact=row.pk, because="Two tries without an answer, a letter goes out.", by="staff:9", at=after(at))
    row.refresh_from_db()
    assert (row.state, row.callback.how) == ("wrapped", "unreached")
    found = day.day(DAY.date(), at=after(at + 1))
    assert [found.of(code, "101").value for code in ("offered", "answered", "abandoned", "waiting", "diverted")] == [
        1,
        0,
        0,
        0,
        1,
    ]


@pytest.mark.parametrize("marked", [True, False])
def test_a_number_that_is_not_safe_rings_at_no_handlers_desk(northmoor, marked):
    """It was safe when they agreed, or nobody knew: a supervisor decides, and nobody is rung."""
    row = a_callback()
    bryn = somebody_free(at=200)
    if marked:
        contacts.say_safe_contact(contact=row.pk, safe="no", by="staff:1", at=after(150))
    offers.route(at=after(200))
    row.refresh_from_db()
    assert row.offered_to == (None if marked else bryn)
    assert Duty.objects.get(kind="callback", settled_at=None).owner == ("desk:supervisor" if marked else "desk:contact")
    if marked:
        with pytest.raises(Refused):
            ringing.ring(contact=row.pk, by=bryn.code, at=after(210), may_open_codes=True)


def test_a_callback_never_rings_before_a_live_caller_who_rang_before(northmoor):
    first = world.a_call(channel="101", number="07700 900600", at=after(-10))
    row = a_callback()
    bryn = somebody_free(at=200)
    rings_at(bryn, first, 200)
    row.refresh_from_db()
    assert row.offered_to is None


def test_the_desk_shows_it_as_a_callback_and_the_supervisor_sees_by_when(northmoor):
    """No number stands there before it is rung, and one press rings."""
    at = clock.now()
    row = world.a_call(channel="101", at=at - timedelta(minutes=9))
    Callback.objects.create(contact=row, agreed_at=at - timedelta(minutes=6), by=BY, due_at=at + timedelta(minutes=54))
    duties.owe(
        kind="callback", subject=("contact", row.pk), owner="desk:contact", due_at=at + timedelta(minutes=54), by=BY, at=at
    )
    browser = world.signed_in("bryn", "handler")
    if callback_rules.is_hour(at.astimezone(force.timezone()), force.policy_at(at).policy):
        page = browser.get("/desk/").content.decode()
        assert "Owed a callback" in page
        assert f'action="/identity/lost/{row.pk}/ring/"' in page
    rung = browser.post(f"/identity/lost/{row.pk}/ring/").content.decode()
    assert "07700 900417" in rung
    assert "Leave no message." in rung
    supervisor = world.signed_in("sian", "supervisor")
    assert "1 callback owed" in supervisor.get("/supervisor/owed/").content.decode()
    assert "callback agreed" in supervisor.get("/identity/lost/").content.decode()
    assert browser.get(f"/desk/{row.pk}/").status_code == 200


@pytest.mark.parametrize("known_by", ["number", "place"])
def test_who_agreed_to_be_rung_and_rang_999_instead_had_tried_101(northmoor, known_by):
    place = world.a_place() if known_by == "place" else None
    row = world.a_call(number="07700 900417", channel="101", at=after(0), place=place)
    callbacks.agree(contact=row.pk, by=BY, at=after(120))
    call = world.a_call(number="07700 900417" if known_by == "number" else "07700 900999", at=after(720), place=place)
    found = Followed.objects.filter(contact=call, undone_at=None, how=known_by)
    assert [(one.earlier_id, one.seconds, one.window_s) for one in found] == [(row.pk, 600, 7200)]
    if known_by == "number":
        assert Contact.objects.get(pk=row.pk).callback.how == "taken_up"


def test_who_was_rung_and_spoken_with_before_they_rang_999_had_not_gone_without_an_answer(northmoor):
    row = world.a_call(number="07700 900417", channel="101", at=after(0))
    callbacks.agree(contact=row.pk, by=BY, at=after(120))
    bryn = world.a_member()
    contacts.reach(contact=row.pk, member=bryn, by=bryn.code, at=after(300))
    call = world.a_call(number="07700 900417", at=after(720))
    assert not Followed.objects.filter(contact=call).exists()


def test_who_left_a_ring_back_without_saying_what_came_of_it_reads_why_nothing_rings_for_her(northmoor):
    bryn, at = world.signed_in(), clock.now()
    member = Member.objects.get(name="bryn")
    row = a_callback()
    assert 'id="rung"' not in bryn.get("/desk/").content.decode()
    ringing.ring(contact=row.pk, by=member.code, at=at, may_open_codes=True)
    page = bryn.get("/desk/").content.decode()
    assert f"You are ringing contact {row.number}" in page
    ringing.rang(contact=row.pk, outcome="no_answer", member=member, by=member.code, at=at)
    assert 'id="rung"' not in bryn.get("/desk/").content.decode()
