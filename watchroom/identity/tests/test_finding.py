"""A woman who calls from other telephones and addresses is found again; nobody of another force is."""

from unittest.mock import MagicMock as Mock

import pytest
from django.db import connection

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.foundation import memory, scope
from watchroom.identity import actions, finding, queries
from watchroom.identity.likeness import words
from watchroom.identity.models import Description, Person

BY = "staff:1"


@pytest.fixture
def leanne(northmoor):
    known = actions.Known(given_name="Leanne", family_name="Whitcombe", numbers=("+447700900417",), places=(world.a_place().pk,))
    return actions.bring_in([known], source="records", by="system:tests", at=world.NIGHT)[0]


def tiers(contact):
    contact.refresh_from_db()
    return {c.person: c.tier for c in queries.candidates(contact, on=contact.day)}


def test_after_her_sisters_telephone_and_a_move_a_withheld_number_is_likely_her_by_name_and_street(leanne):
    first = world.a_call(number="07700 900417")
    assert tiers(first) == {leanne.pk: "likely"}
    # she has moved, and calls from her sister's telephone; the handler confirms who it is
    second = world.an_answered_call(number="07700 900555", at=world.after(86_400))
    contacts.say_name(contact=second.pk, name="Leanne Whitcombe", by=BY, at=world.after(86_420))
    contacts.pick_place(contact=second.pk, place=world.a_place("3 Mill Lane"), by=BY, at=world.after(86_430))
    actions.confirm(contact=second.pk, person=leanne.pk, by=BY, at=world.after(86_440))
    # now the number is withheld: her first name and the street
    third = world.an_answered_call(number="", at=world.after(172_800))
    assert tiers(third) == {}
    contacts.say_name(contact=third.pk, name="Leanne", by=BY, at=world.after(172_810))
    contacts.pick_place(contact=third.pk, place=world.a_place("3 Mill Lane"), by=BY, at=world.after(172_820))
    assert tiers(third) == {leanne.pk: "likely"}
    # it was not her that time: what was said there finds her no more
    actions.undo(contact=second.pk, by=BY, at=world.after(172_830))
    assert tiers(third) == {leanne.pk: "possible"}, "a given name and a town are not much"
    assert Description.objects.filter(contact=second).exists(), "the words stay to be read"


def test_a_name_misspelt_is_found(leanne):
    call = world.an_answered_call(number="", at=world.after(60))
    contacts.say_name(contact=call.pk, name="Leeanne Whitcomb", by=BY, at=world.after(70))
    assert leanne.pk in tiers(call)


def test_nobody_of_another_force_is_found(leanne, southmere):
    said = words.said(given="Leanne", family="Whitcombe", number="07700900417")
    assert finding.verdicts(said) == []
    with scope.use("northmoor"):
        assert [one.record for one in finding.verdicts(said)] == [leanne.pk]


def test_the_function_that_looks_keys_up_holds_to_the_force_whatever_keys_it_is_given(leanne, southmere):
    with scope.use("northmoor"):
        everybodys = [key for row in Description.objects.all() for key in row.keys]
        assert finding._described(everybodys)
    assert finding._described(everybodys) == {}


def test_what_was_said_of_a_name_is_refused_with_what_to_do(northmoor):
    from watchroom.foundation.errors import Invalid

    call = world.an_answered_call()
    for name, born in (("", ""), ("x" * 121, ""), ("Ann", "1984-02-30")):
        with pytest.raises(Invalid):
            contacts.say_name(contact=call.pk, name=name, born=born, by=BY, at=world.NIGHT)


def test_where_nearly_all_who_call_are_on_record_the_same_words_are_surer_and_counting_keeps_that(leanne):
    said = words.said(given="Leanne", family="Whitcomb")
    before = finding.verdicts(said)[0].probability
    belief = finding.learn([words.said(given="Leanne", family="Whitcombe", number="07700900417")] * 200, at=world.NIGHT)
    assert belief.known > 0.9
    assert finding.verdicts(said)[0].probability > before
    finding.count(at=world.NIGHT)
    assert finding.counts().belief.known == pytest.approx(belief.known, abs=1e-6)


def many_of_one_name(number):
    known = [
        actions.Known(given_name="John", family_name="Smith", numbers=(f"+4477009{n:05}",), places=()) for n in range(number)
    ]
    people = actions.bring_in(known, source="records", by="system:tests", at=world.NIGHT)
    finding.count(at=world.NIGHT)
    return {person.pk for person in people}


def test_a_name_that_many_bear_is_looked_for_all_the_same_while_they_can_be_listed(northmoor):
    people = many_of_one_name(60)
    assert finding.keys.cap() < 60
    assert {one.record for one in finding.verdicts(words.said(given="John", family="Smith"))} == people


def test_a_name_that_too_many_bear_leads_to_nobody_by_itself_and_to_him_with_his_number(northmoor, monkeypatch):
    less = finding.keys.recipes()._replace(heavy=50)
    monkeypatch.setattr(finding.keys, "recipes", lambda: less)
    people = many_of_one_name(60)
    assert finding.verdicts(words.said(given="John", family="Smith")) == []
    (found,) = finding.verdicts(words.said(given="John", family="Smith", number="+447700900007"))
    assert found.record in people


def test_whoever_said_all_is_not_looked_for_under_the_weaker_keys(northmoor, monkeypatch):
    asked, described = [], finding._described
    monkeypatch.setattr(finding, "_described", lambda wanted: asked.append(wanted) or described(wanted))
    said = words.said(
        given="Zoe",
        family="Quill",
        born_on="1990-01-02",
        postcode_of="HB1 1AA",
        street="1 Mill Lane",
        town="Harrowby",
        number="07700900999",
    )
    assert finding.verdicts(said) == []
    assert len(asked) == 1
    assert finding.verdicts(said._replace(number="")) == []
    assert len(asked) == 3


def test_who_looked_while_nobody_was_on_record_looks_by_the_index_of_the_keys_when_many_are(northmoor, as_owner):
    """Such a look is planned once a connection, and the plan must not be one that reads everybody."""
    as_owner.execute("vacuum (analyze) identity_description")  # PostgreSQL knows that it is empty
    said = words.said(given="Ada", family="Quill", number="07700900999")
    for _ in range(6):
        assert finding.verdicts(said) == []
    people = Person.objects.bulk_create([Person(given_name="Ada", family_name=f"Quill{n}") for n in range(3000)])
    finding.describe_all(
        [(one.pk, words.said(given="Ada", family=one.family_name, number=f"0770{one.pk:07d}")) for one in people],
        source="tests",
        at=world.NIGHT,
    )
    before = read_whole()
    assert finding.verdicts(said)
    assert read_whole() == before


def test_while_one_asks_for_the_counts_anew_the_others_do_not_wait_for_it(northmoor, monkeypatch):
    had = finding.counts()
    monkeypatch.setitem(finding._counts, memory.whose(), (0.0, 0, had))
    asking = Mock(locked=lambda: True, __enter__=Mock(side_effect=AssertionError("waited")), __exit__=Mock())
    monkeypatch.setattr(finding, "_lock", asking)
    assert finding.counts() is had


def test_counts_are_read_again_only_where_somebody_counted_or_learnt_since(northmoor, monkeypatch):
    """Among ten million a reading takes 0.7 s, and one caller waited for it every ten minutes."""
    monkeypatch.setattr(finding, "COUNTED_FOR", -1.0)
    readings, reading = [], finding._read
    monkeypatch.setattr(finding, "_read", lambda: readings.append(1) or reading())
    many_of_one_name(60)
    for act in (lambda: finding.count(at=world.NIGHT), lambda: finding.learn([], at=world.NIGHT), lambda: behind(finding)):
        finding.counts()
        before = len(readings)
        assert finding.counts() is finding.counts()
        assert len(readings) == before
        act()
        finding.counts()
        assert len(readings) > before


def behind(finding) -> None:
    """Another process counts: this one is not told."""
    kept = dict(finding._counts)
    finding.count(at=world.NIGHT)
    finding._counts.update(kept)


def read_whole() -> int:
    """How often this transaction has read all descriptions, one after another."""
    with connection.cursor() as cursor:
        cursor.execute("select seq_scan from pg_stat_xact_user_tables where relname = 'identity_description'")
        return cursor.fetchone()[0]
