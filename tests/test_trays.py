"""What is written or left lies in one list, the gravest first, and is taken by the same act as a call (R9, R34)."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom import journey
from watchroom.contacts import actions as contacts
from watchroom.contacts import facts, rules
from watchroom.contacts.models import Contact
from watchroom.desk import trays_live
from watchroom.desk.views import trays
from watchroom.duties import queries as owed
from watchroom.foundation.facts import Told

HX = {"HX-Request": "true"}


def lying(channel: str, text: str = "A bicycle was taken.", at: float = 0) -> Contact:
    return world.a_call(channel=channel, number="", at=world.after(at), text=text)


def shown(client) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="tray-(\d+)"', client.get("/trays/").content.decode())]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10_000)), unique=True, max_size=30))
def test_the_graver_is_never_behind_and_of_equals_the_older_is_first(given):
    rows = [Contact(pk=n, attention=level, transferred_at=world.after(at)) for n, (level, at) in enumerate(given)]
    found = rules.tray_order(rows)
    assert sorted(one.pk for one in found) == sorted(one.pk for one in rows)
    for first, second in itertools.pairwise(found):
        assert first.attention > second.attention or (
            first.attention == second.attention and first.transferred_at <= second.transferred_at
        )
    assert rules.tray_order(found[::-1]) == found


def test_all_channels_stand_in_one_list_by_risk_then_age_and_are_taken_as_a_call_is(northmoor):
    old = lying("online", at=0)
    chat = lying("chat", at=100)
    grave = lying("email", "He has a knife and is outside my door.", at=200)
    lying("999", at=300)
    client = world.signed_in("bryn", "handler")
    assert shown(client) == [grave.pk, old.pk, chat.pk]
    page = client.get("/trays/").content.decode()
    assert "No word of danger, no flag" in page
    assert page.index('data-key="1"') < page.index(f"/contacts/{old.pk}/answer/")
    assert client.post(f"/contacts/{grave.pk}/answer/", headers=HX)["HX-Redirect"] == f"/desk/{grave.pk}/"
    assert {duty.kind for duty in owed.open_for(("contact", grave.pk))} == {"risk", "wrap_up"}
    assert shown(client) == [old.pk, chat.pk]


@pytest.mark.parametrize("channel", rules.TRAYS)
def test_words_of_danger_lift_what_lies_in_a_tray_however_it_came(northmoor, channel):
    row = lying(channel, "He has a knife and is outside my door.")
    row.refresh_from_db()
    assert row.attention == 2
    assert not Contact.objects.get(pk=lying(channel, at=9).pk).attention


def test_what_is_written_by_the_room_or_once_it_is_taken_lifts_nothing(northmoor):
    row = lying("email")
    contacts.write(
        contact=row.pk, text="He has a knife.", by="staff:1", at=world.after(5), written_at=world.after(5), origin="system"
    )
    member = world.a_member()
    contacts.answer(contact=row.pk, member=member, by=member.code, at=world.after(6))
    contacts.write(
        contact=row.pk, text="He has a knife.", by="link:email", at=world.after(7), written_at=world.after(7), origin="caller"
    )
    row.refresh_from_db()
    assert row.attention == 0


def test_whoever_takes_them_sees_what_is_next_and_never_how_many_and_a_supervisor_sees_all(northmoor):
    for number in range(trays.SHOWN_AT_ONCE + 3):
        lying("email", at=number)
    assert len(shown(world.signed_in("bryn", "handler"))) == trays.SHOWN_AT_ONCE
    assert len(shown(world.signed_in("sue", "supervisor"))) == trays.SHOWN_AT_ONCE + 3
    assert world.signed_in("ann", "analyst").get("/trays/").status_code == 403


def test_the_trays_change_on_every_screen_that_shows_them_and_a_call_stirs_nothing(northmoor):
    page = world.signed_in("bryn", "handler").get("/trays/").content.decode()
    for kind in trays_live.STIRRED_BY:
        assert f"live:{kind.__name__} from:body" in page
        assert trays_live.stir in journey.SHOWN[kind]
    for row, number in ((lying("email"), 1), (world.a_call(), 0)):
        told = Told(1, facts.ContactAnswered(contact=row.pk, waited=1.0), "staff:1", world.NIGHT)
        assert len(trays_live.stir(told)) == number


def test_a_supervisor_pages_through_all_that_lies_there_and_nobody_else_is_told_how_many(northmoor, monkeypatch):
    monkeypatch.setattr(trays, "A_PAGE", 3)
    rows = [lying("online", at=n).pk for n in range(8)]
    handler, supervisor = world.signed_in("bryn", "handler"), world.signed_in("marian", "supervisor")

    def page(start: str) -> tuple[list[int], str]:
        html = supervisor.get(f"/trays/?start={start}").content.decode()
        return [int(pk) for pk in re.findall(r'id="tray-(\d+)"', html)], html

    seen = []
    for start, further in (("", 5), ("3", 2), ("6", 0)):
        found, html = page(start)
        seen += found
        assert (f"and {further} more" in html) == bool(further)
        assert ("The 3 before" in html) == bool(start)
        assert f'hx-get="/trays/{"?start=" * bool(start)}{start}"' in html  # what changes is fetched where one is
    assert seen == rows
    assert page("9")[0] == []
    assert "Nothing stands here any more" in page("9")[1]
    for nonsense in ("-3", "x", "9" * 30, "²"):
        assert page(nonsense)[0] == rows[:3]
    answer = handler.get("/trays/?start=6").content.decode()
    assert f'id="tray-{rows[0]}"' in answer
    assert " more" not in answer
