"""A position is matched to the live call of its number, kept for a few minutes when there is none, and never more than a suggestion."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom import journey
from watchroom.contacts import actions as contacts
from watchroom.contacts import queries
from watchroom.contacts.facts import ContactArrived
from watchroom.contacts.models import Contact, Fix
from watchroom.force.policy import Locations
from watchroom.foundation import models as foundation
from watchroom.foundation import scope
from watchroom.foundation.errors import Invalid
from watchroom.links.eisec_aml import actions, aml, eisec, rules
from watchroom.links.eisec_aml.models import Kept
from watchroom.links.trunk import actions as trunk

POLICY = Locations()
LEANNE = "+447700900417"
ELSEWHERE = "+447700900555"


@pytest.fixture(autouse=True)
def harrowby(request) -> None:
    """A place, so that the force has a grid: Flat 2, 18 Tanner's Row lies in its middle."""
    if "northmoor" in request.fixturenames:
        request.getfixturevalue("northmoor")
        world.a_place()


def text(*, x: float = 0.0, y: float = 0.0, after: float = 0.0, radius: float = 14.0, method: str = "G") -> str:
    """What a handset sends that stands so many metres east and north of the place."""
    return aml.write(
        aml.Message(
            at=world.after(after),
            method=method,
            latitude=54.6 + y / 111_320,
            longitude=-1.9 + x / 64_484,
            radius=radius,
            confidence=90,
        )
    )


def send(*, number: str = LEANNE, after: float = 0.0, **more: float) -> actions.Heard:
    return actions.hear_text(text=text(after=after, **more), number=number, at=world.after(after))


def line(**more: object) -> eisec.Record:
    said = {"cli": LEANNE, "address": ("Flat 2, 18 Tanner’s Row", "Harrowby"), "postcode": "HB4 2QT", "time": world.NIGHT}
    return eisec.Record(**{**said, **more})


# --- to which call ----------------------------------------------------------------------------------------------------


class Call:
    def __init__(self, pk: int, channel: str, number: str, came: float, ended: float | None) -> None:
        self.pk, self.channel, self.caller_number = pk, channel, number
        self.received_at = world.after(came)
        self.ended_at = None if ended is None else world.after(came + ended)


calls = st.lists(
    st.builds(
        Call,
        st.integers(1, 9),
        st.sampled_from(["999", "101", "online", "email"]),
        st.sampled_from([LEANNE, ELSEWHERE, ""]),
        st.integers(-3000, 3000),
        st.none() | st.integers(0, 1200),
    ),
    max_size=6,
)


@given(calls, st.sampled_from([LEANNE, ELSEWHERE, ""]), st.integers(-4000, 4000), st.integers(0, 900))
def test_only_a_live_call_of_the_very_number_is_ever_matched(rows, number, taken, late):
    matched = rules.calls_of(number, rows, taken_at=world.after(taken), heard_at=world.after(taken + late), policy=POLICY)
    for call in rows:
        if call.pk not in matched:
            continue
        same = [one for one in rows if one.pk == call.pk]
        assert any(
            one.caller_number == number != ""
            and one.channel in ("999", "101")
            and world.after(taken) >= one.received_at - timedelta(seconds=POLICY.before_s)
            and (one.ended_at is None or world.after(taken + late) <= one.ended_at + timedelta(seconds=POLICY.after_s))
            for one in same
        )


def test_a_text_is_matched_to_the_call_on_the_line(northmoor):
    call = world.an_answered_call(number="07700 900417")
    other = world.an_answered_call(number="07700 900555")
    assert send(after=20) == actions.Heard(matched=1, is_kept=False, has_point=True)
    fix = Fix.objects.get()
    assert (fix.contact_id, fix.method, fix.is_shared, Kept.objects.count()) == (call.pk, "gnss", False, 0)
    row = Contact.objects.get(pk=call.pk)
    assert (round(row.located_x), row.located_by, row.located_method, row.located_confidence) == (0, "aml", "gnss", 90)
    assert row.located_at == world.after(20)
    assert Contact.objects.get(pk=other.pk).located_x is None


def test_a_text_that_comes_before_its_call_waits_for_it(northmoor):
    assert send(after=-4).is_kept
    call = world.a_call()
    assert call.fixes.get().taken_at == world.after(-4)
    assert not Kept.objects.exists()
    assert Contact.objects.get(pk=call.pk).located_method == "gnss"


def test_without_the_reaction_it_would_wait_in_vain(northmoor, monkeypatch):
    """What holds the test above."""
    monkeypatch.setitem(journey.NOW, ContactArrived, ())
    send(after=-4)
    assert not world.a_call().fixes.exists()


def test_a_text_of_another_number_waits_on(northmoor):
    send(number=ELSEWHERE, after=-4)
    assert not world.a_call().fixes.exists()
    assert Kept.objects.get().number == ELSEWHERE


def test_what_met_no_call_in_time_is_never_matched_and_thrown_away(northmoor):
    send(after=-400)
    assert not world.a_call().fixes.exists()
    assert actions.purge(at=world.NIGHT) == 1
    assert not Kept.objects.exists()


def test_what_still_waits_is_not_thrown_away(northmoor):
    send(after=-4)
    assert actions.purge(at=world.NIGHT) == 0
    assert Kept.objects.exists()


@pytest.mark.parametrize(("after", "matched"), [(60 + 599, 1), (60 + 601, 0)])
def test_for_some_minutes_after_the_line_went_down_it_still_belongs_to_the_call(northmoor, after, matched):
    call = world.an_answered_call()
    contacts.end(contact=call.pk, how="cut_off", by="link:trunk", at=world.after(60))
    assert send(after=after).matched == matched


def test_a_caller_who_gave_up_is_located_too(northmoor):
    trunk.hang_up(contact=world.a_call().pk, at=world.after(8))
    assert send(after=20).matched == 1


def test_a_report_on_a_form_is_no_call(northmoor):
    world.a_call(channel="online")
    assert send(after=20).matched == 0


def test_two_live_calls_of_one_number_both_have_it_and_say_so(northmoor):
    first, second = world.an_answered_call(), world.an_answered_call(at=world.after(10))
    assert send(after=20).matched == 2
    assert [(fix.contact_id, fix.is_shared) for fix in Fix.objects.order_by("pk")] == [(first.pk, True), (second.pk, True)]
    warnings = queries.located(first, at=world.after(30)).warnings
    assert warnings == ["Two calls of this number were live: a position may be of the other one."]


def test_the_same_position_twice_is_one(northmoor):
    call = world.an_answered_call()
    send(after=20)
    send(after=20)
    assert call.fixes.count() == 1
    assert foundation.Fact.objects.filter(kind="ContactLocated").count() == 1


def test_a_position_and_its_call_at_the_same_moment_do_not_miss_each_other(clone, monkeypatch):
    """The call is received and not yet committed when the text comes: it waits, and sees the call."""
    received, go_on = threading.Event(), threading.Event()
    heard: list[actions.Heard] = []

    def receive() -> None:
        try:
            with scope.use("northmoor"), transaction.atomic():
                world.a_call()
                received.set()
                go_on.wait(30)
        finally:
            connections.close_all()

    def hear() -> None:
        try:
            with scope.use("northmoor"), transaction.atomic():
                heard.append(send(after=1))
        finally:
            connections.close_all()

    with scope.use("northmoor"), transaction.atomic():
        world.a_place()
    calling, texting = threading.Thread(target=receive), threading.Thread(target=hear)
    calling.start()
    assert received.wait(30)
    texting.start()
    texting.join(1)
    go_on.set()
    calling.join(30)
    texting.join(30)
    assert [one.matched for one in heard] == [1]


# --- never trusted alone ----------------------------------------------------------------------------------------------


def test_a_position_never_picks_nor_changes_a_place(northmoor):
    call = world.an_answered_call()
    send(after=5, x=5)
    assert Contact.objects.get(pk=call.pk).place is None, "nobody picked one"
    place = world.a_place()
    contacts.pick_place(contact=call.pk, place=place, by=call.owner.code, at=world.after(10))
    send(after=20, x=3400, radius=1)
    row = Contact.objects.get(pk=call.pk)
    assert row.place == place
    assert not foundation.Fact.objects.filter(kind="PlacePicked").exclude(by=call.owner.code).exists()


def test_a_worse_position_does_not_take_the_place_of_a_better_one_and_is_kept(northmoor):
    call = world.an_answered_call()
    send(after=10)
    send(after=20, x=100, radius=400, method="C")
    row = Contact.objects.get(pk=call.pk)
    assert (row.located_method, row.located_radius, call.fixes.count()) == ("gnss", 14.0, 2)
    told = foundation.Fact.objects.filter(kind="ContactLocated").order_by("pk")
    assert [fact.body["is_best"] for fact in told] == [True, False]


def test_a_text_that_contradicts_the_network_is_shown_and_does_not_stand_first(northmoor):
    call = world.an_answered_call()
    actions.hear_record(record=line(), at=world.after(1))
    send(after=10, x=9000, radius=1)
    row = Contact.objects.get(pk=call.pk)
    assert (row.located_by, round(row.located_x)) == ("eisec", 0)
    assert "9.0 km from where the network has it" in queries.located(row, at=world.after(20)).warnings[0]


def test_a_moving_handset_can_be_followed(northmoor):
    call = world.an_answered_call()
    for after, x in ((10, 0), (70, 200), (130, 400)):
        send(after=after, x=x)
    found = queries.located(call, at=world.after(131))
    assert found.moved == "Moved 400 m to the east in 2 min"
    assert (round(found.best.x), len(found.older)) == (400, 2)


def test_the_history_of_positions_cannot_be_changed(northmoor):
    world.an_answered_call()
    send(after=10)
    with pytest.raises(Exception, match=r"permission denied"), transaction.atomic():
        Fix.objects.update(x=1)


def test_the_fact_holds_no_position(northmoor):
    world.an_answered_call()
    send(after=10)
    body = str(foundation.Fact.objects.get(kind="ContactLocated").body)
    assert "54.6" not in body
    assert LEANNE not in body


# --- the network's record ---------------------------------------------------------------------------------------------


def test_a_line_that_gives_only_its_address_has_the_point_of_the_one_place_that_is_called_so(northmoor):
    call = world.a_call()
    actions.hear_record(record=line(name="A Subscriber"), at=world.after(1))
    found = queries.located(call, at=world.after(2))
    assert (found.method, found.near.label) == ("Line address", "Flat 2, 18 Tanner’s Row")
    assert found.address == "Flat 2, 18 Tanner’s Row, Harrowby, HB4 2QT"
    assert found.subscriber == "A Subscriber"


def test_an_address_that_the_gazetteer_does_not_know_is_shown_in_words(northmoor):
    call = world.a_call()
    actions.hear_record(record=line(address=("7 Unheard Lane",), postcode="ZZ9 9ZZ"), at=world.after(1))
    found = queries.located(call, at=world.after(2))
    assert (found.best, found.near, found.address) == (None, None, "7 Unheard Lane, ZZ9 9ZZ")


def test_an_internet_telephone_is_marked(northmoor):
    call = world.a_call()
    actions.hear_record(record=line(is_voip=True), at=world.after(1))
    assert queries.located(call, at=world.after(2)).marks == ["Internet telephone: it may be anywhere"]


def test_a_position_outside_the_map_is_shown_in_degrees(northmoor):
    call = world.a_call()
    actions.hear_text(
        text=aml.write(aml.Message(at=world.NIGHT, method="G", latitude=48.85, longitude=2.35, radius=10.0)),
        number=LEANNE,
        at=world.after(1),
    )
    assert "Outside the map: 48.85000, 2.35000" in queries.located(call, at=world.after(2)).marks


def test_a_handset_that_found_nothing_says_so(northmoor):
    call = world.a_call()
    heard = actions.hear_text(text=aml.write(aml.Message(at=world.NIGHT, method="N")), number=LEANNE, at=world.after(1))
    assert not heard.has_point
    assert queries.located(call, at=world.after(2)).says == "Handset found no position"


# --- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "found_at", "heard_at", "field"),
    [
        ("anonymous", 0, 1, "from"),
        ("55", 0, 1, "from"),
        (LEANNE, 0, 901, "sms.top"),
        (LEANNE, 62, 1, "sms.top"),
    ],
)
def test_what_can_belong_to_no_call_is_refused_by_name(northmoor, number, found_at, heard_at, field):
    with pytest.raises(Invalid) as refused:
        actions.hear_text(text=text(after=found_at), number=number, at=world.after(heard_at))
    assert set(refused.value.fields) == {field}
    assert not Kept.objects.exists()


def test_a_number_cannot_fill_the_table(northmoor):
    for n in range(25):
        send(after=-100 + n, x=n)
    assert Kept.objects.count() == actions.MOST_KEPT
    assert Kept.objects.order_by("taken_at").first().taken_at == world.after(-95)


def test_another_force_sees_nothing_of_it(northmoor):
    send(after=-4)
    with scope.use("southmere"):
        assert not Kept.objects.exists()
        assert not world.a_call().fixes.exists()
