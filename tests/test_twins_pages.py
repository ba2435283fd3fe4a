"""The vulnerability desk judges two records, by the pages: what it shows of both, what it asks for, and what the handler sees next."""

from datetime import date

import pytest

from tests import world
from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.identity import actions, finding, queries, twins
from watchroom.identity.likeness import words
from watchroom.identity.misuse import actions as misuse
from watchroom.identity.models import Link, Sweep, Twins


@pytest.fixture
def pair(northmoor) -> Twins:
    for source, number in (("records", "+447700900417"), ("housing", "+447700900555")):
        known = actions.Known(
            given_name="Leanne", family_name="Whitcombe", born_date=date(1984, 3, 12), numbers=(number,), places=()
        )
        actions.bring_in([known], source=source, by="system:tests", at=world.NIGHT)
    assert twins.sweep(at=world.NIGHT).proposed == 1
    return Twins.objects.get()


def test_they_are_shown_side_by_side_judged_and_taken_back(pair):
    mona = world.signed_in("mona", "vulnerability")
    assert "Leanne Whitcombe · Leanne Whitcombe" in mona.get("/identity/pairs/").content.decode()
    page = mona.get(f"/identity/pairs/{pair.pk}/").content.decode()
    for shown in ("07700 900417", "07700 900555", "housing", "records", "The same date of birth."):
        assert shown in page
    call = world.an_answered_call(number="07700 900555")
    assert mona.post(f"/identity/pairs/{pair.pk}/same/", {"because": "no", "key": "k"}).status_code == 422
    assert (
        mona.post(f"/identity/pairs/{pair.pk}/same/", {"because": "The mother’s name is the same.", "key": "k"}).status_code
        == 303
    )
    (who,) = queries.candidates(call, on=call.day)
    other = next(pk for pk in (pair.one_id, pair.other_id) if pk != who.person)
    assert mona.get(f"/identity/people/{other}/")["Location"] == f"/identity/people/{who.person}/"
    record = mona.get(f"/identity/people/{who.person}/").content.decode()
    assert "07700 900417" in record
    assert "07700 900555" in record
    assert "Nothing to judge" in mona.get("/identity/pairs/").content.decode()
    mona.post(f"/identity/pairs/{pair.pk}/back/", {"because": "Two women after all.", "key": "k2"})
    assert "To judge" in mona.get("/identity/pairs/").content.decode()
    assert mona.get(f"/identity/people/{other}/").status_code == 200


def test_asked_for_by_hand_what_is_found_is_to_be_judged(pair):
    Twins.objects.all().delete()
    mona = world.signed_in("mona", "vulnerability")
    assert mona.post(f"/identity/people/{pair.one_id}/like/", {"key": "k"})["Location"] == "/identity/pairs/"
    assert mona.post(f"/identity/people/{pair.one_id}/like/", {"key": "k2"})["Location"] == f"/identity/people/{pair.one_id}/"


def test_who_takes_calls_does_not_judge(pair):
    bryn = world.signed_in("bryn", "handler")
    assert bryn.get("/identity/pairs/").status_code == 403
    assert bryn.post(f"/identity/pairs/{pair.pk}/same/", {"because": "The mother’s name is the same."}).status_code == 403


def test_ones_own_are_not_named_without_a_reason(pair):
    mona = world.signed_in("mona", "vulnerability")
    member = world.a_member("mona", "vulnerability")
    misuse.declare(member=member.pk, relation="ex", number="+447700900555", place=None, by=member.code, at=clock.now())
    page = mona.get("/identity/pairs/").content.decode()
    assert "Leanne" not in page
    assert f"Pair {pair.pk}" in page
    answer = mona.get(f"/identity/pairs/{pair.pk}/")
    assert "Leanne" not in answer.content.decode()
    assert mona.post(f"/identity/pairs/{pair.pk}/same/", {"because": "The mother’s name is the same."}).status_code != 303
    pair.refresh_from_db()
    assert pair.judged == ""


def test_an_address_that_speaks_for_it_is_shown_though_no_gazetteer_has_it(pair):
    person = pair.one
    said = words.said(
        given="Leanne", family="Whitcombe", street="Flat 2, 18 Tanner’s Row", town="Harrowby", postcode_of="HB4 2QT"
    )
    finding.describe(person=person.pk, said=said, source="housing", at=world.NIGHT)
    mona = world.signed_in("mona", "vulnerability")
    for path in (f"/identity/pairs/{pair.pk}/", f"/identity/people/{person.pk}/"):
        assert "18 Tanners Row, Harrowby, HB4 2QT, as housing has it" in mona.get(path).content.decode(), path


def test_a_restricted_flag_is_there_and_says_nothing_to_who_may_not_read_it(pair):
    world.a_flag("protected", person=pair.one_id, text="New name, new town.")
    mona, marian = world.signed_in("mona", "vulnerability"), world.signed_in("marian", "supervisor")
    page = mona.get(f"/identity/pairs/{pair.pk}/").content.decode()
    assert "Restricted flag" in page
    assert "Protected person" not in page
    assert "Protected person" in marian.get(f"/identity/pairs/{pair.pk}/").content.decode()


def test_a_flag_of_their_other_record_needs_a_reason_too(pair):
    member = world.a_member("mona", "vulnerability")
    misuse.declare(member=member.pk, relation="ex", number="+447700900417", place=None, by=member.code, at=clock.now())
    mine = Link.objects.get(observation__kind="number", observation__value="+447700900417").person_id
    other = next(pk for pk in (pair.one_id, pair.other_id) if pk != mine)
    flag = world.a_flag(person=other, text="He says he will come back.")
    mona = world.signed_in("mona", "vulnerability")
    twins.hold_same(twins=pair.pk, because="The mother’s name is the same.", by="staff:1", at=clock.now())
    answer = mona.get(f"/identity/flag/{flag.pk}/")
    assert answer.status_code == 403
    assert "come back" not in answer.content.decode()


def test_the_list_says_how_far_the_look_is_and_who_looks(pair, monkeypatch):
    mona = world.signed_in("mona", "vulnerability")
    assert "Last looked through by Watchroom" in mona.get("/identity/pairs/").content.decode()
    Sweep.objects.update(ended_at=None, looked=120_400, total=1_000_000)
    page = mona.get("/identity/pairs/").content.decode()
    assert "120,400 of 1,000,000 descriptions" in page
    assert "Not at the end: it goes on from there" in page
    assert "stood in" not in page
    adopted = force.policy_at(clock.now())
    by_splink = adopted.policy.twins.model_copy(update={"looked_through_by": "splink"})
    policy = adopted.policy.model_copy(update={"twins": by_splink})
    monkeypatch.setattr(force, "policy_at", lambda at: type(adopted)(**{**adopted.__dict__, "policy": policy}))
    assert "Watchroom’s own look stood in" in mona.get("/identity/pairs/").content.decode()


def test_a_pair_says_who_found_it_and_by_which_model(pair):
    mona = world.signed_in("mona", "vulnerability")
    assert "by Watchroom’s own look" in mona.get(f"/identity/pairs/{pair.pk}/").content.decode()
    Twins.objects.update(source="splink", model="Splink 5.0.0, model 3fa9c1d2e4b5")
    page = mona.get(f"/identity/pairs/{pair.pk}/").content.decode()
    assert "by Splink’s look through the whole record: Splink 5.0.0, model 3fa9c1d2e4b5." in page
