"""One line finds anybody: what its parts are is told by their form, and what is typed stands in no log."""

from datetime import date

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.foundation.models import Fact
from watchroom.identity import actions as identity
from watchroom.identity import people, searching
from watchroom.identity.models import Link, Person
from watchroom.identity.searching import Asked

ON = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("Leanne Whitcombe", Asked(name="Leanne Whitcombe")),
        ("Leane Witcomb 12/3/84", Asked(name="Leane Witcomb", born="1984-03-12")),
        ("whitcombe 18 tanners row hb4 2qt", Asked(name="whitcombe", street="18 tanners row", postcode="HB4 2QT")),
        ("07700 900417", Asked(number="+447700900417")),
        ("dunmore, Craig 30.07.1981", Asked(name="dunmore Craig", born="1981-07-30")),
        ("leanne@example.org", Asked(email="leanne@example.org")),
        ("Sam Mill Lane", Asked(name="Sam", street="Mill Lane")),
        ("Patel 1990", Asked(name="Patel", born="1990")),
        ("Flat 2, 18 Tanner’s Row", Asked(street="Flat 2, 18 Tanner’s Row")),
        ("Jo Smith flat 3 Mill Lane", Asked(name="Jo Smith", street="flat 3 Mill Lane")),
        ("Smith 31/02/1985", Asked(name="Smith", no_day="31/02/1985")),
        ("Smith 12/13/85", Asked(name="Smith", no_day="12/13/85")),
    ],
)
def test_what_each_part_is(line, asked):
    assert searching.understand(line, ON) == asked


def test_an_age_counts_from_the_day_of_the_search():
    asked = searching.understand("whitcombe about 40, 18 tanners row", ON)
    assert asked == Asked(name="whitcombe", born="1986~5", street="18 tanners row")
    assert "born 1986 ±5" in asked.understood()


def test_what_was_understood_is_read_back_as_it_is_said_here():
    asked = searching.understand("smith 31/2/1985 07700900417", ON)
    assert asked.understood() == ("name smith", "number 07700 900417", "no such day: 31/2/1985")
    assert "born 12/3/1984" in searching.understand("smith 12.3.84", ON).understood()


@given(st.text(max_size=250))
def test_whatever_is_typed_is_understood_as_something_or_nothing(line):
    searching.asked_as(searching.understand(line, ON))


@pytest.fixture
def known(northmoor):
    return identity.bring_in(
        [
            identity.Known(
                given_name="Leanne", family_name="Whitcombe", numbers=("+447700900417",), places=(world.a_place().pk,)
            ),
            identity.Known(given_name="Craig", family_name="Dunmore"),
            identity.Known(given_name="Jo", family_name="Smith"),
        ],
        source="records",
        by="system:test",
        at=world.NIGHT,
    )


@pytest.mark.parametrize(
    "line",
    [
        "18 Tanner’s Row",
        "tanners row",
        "18 Taners Row",
        "Flat 2, 18 Tanner’s Row",
        "leanne 18 tanners row",
        "Leanne Whitcombe",
        "Leane Witcombe",
        "Whitcome",
        "wittcombe leanne",
        "07700900417",
        "Lee-Ann Whitcomb",
    ],
)
def test_she_is_the_first_who_is_found(known, line):
    _, found, _ = searching.search(line)
    assert found
    assert found[0].person == known[0].pk
    assert found[0].because


def test_nobody_is_like_it(known):
    asked, found, _ = searching.search("Zbigniew Brzezinski")
    assert (asked.name, found) == ("Zbigniew Brzezinski", [])


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bryn(northmoor) -> Client:
    return world.signed_in()


def test_a_search_shows_who_and_why_and_opens_the_person(known, bryn):
    page = bryn.post("/identity/search/", {"line": "Leane Witcombe"}).content.decode()
    assert "Leanne Whitcombe" in page
    assert f"/identity/people/{known[0].pk}/" in page
    record = bryn.get(f"/identity/people/{known[0].pk}/").content.decode()
    assert "From records." in record
    assert "07700 900417" in record
    assert "Leane" not in str(list(Fact.objects.values_list("body", flat=True)))


@pytest.mark.parametrize("line", ["", "x", " "])
def test_too_little_is_said(known, bryn, line):
    assert "Type at least two letters" in bryn.post("/identity/search/", {"line": line}).content.decode()


def test_a_number_that_is_not_theirs_is_split_off_and_put_back(known, bryn):
    link = Link.objects.get(observation__kind="number")
    page = f"/identity/people/{known[0].pk}/"
    assert bryn.post(f"/identity/links/{link.pk}/split/", {"because": "no"}).status_code == 422
    done = bryn.post(f"/identity/links/{link.pk}/split/", {"because": "It was her sister's all the time."})
    assert (done.status_code, done["Location"]) == (303, page)
    assert "Held to be theirs once" in bryn.get(page).content.decode()
    assert searching.search("07700 900417")[1] == []
    bryn.post(f"/identity/links/{link.pk}/back/")
    assert Link.objects.filter(observation__kind="number", undone_at=None).count() == 1
    assert Link.objects.get(pk=link.pk).undone_at, "what was undone stays undone; another stands beside it"


def test_what_is_split_off_finds_them_no_longer_and_put_back_finds_them_again(known, bryn):
    lines = {"number": "07700 900417", "place": world.a_place().label}
    for kind, line in lines.items():
        link = Link.objects.get(observation__kind=kind, person=known[0])
        assert [one.person for one in searching.search(line)[1]] == [known[0].pk], kind
        people.split(link=link.pk, because="It was her sister’s all the time.", by="staff:1", at=world.after(60))
        assert searching.search(line)[1] == [], kind
        people.put_back(link=link.pk, by="staff:1", at=world.after(90))
        assert [one.person for one in searching.search(line)[1]] == [known[0].pk], kind


def test_a_contact_that_was_confirmed_is_split_off_like_any_other(known, northmoor):
    call = world.an_answered_call(number="07700 900999")
    identity.confirm(contact=call.pk, person=known[0].pk, by="staff:1", at=world.after(60))
    link = Link.objects.get(observation__contact=call, undone_at=None)
    people.split(link=link.pk, because="It was her sister.", by="staff:1", at=world.after(90))
    assert Link.objects.get(pk=link.pk).undone_at
    assert Person.objects.count() == 3


def test_a_day_that_never_was_is_said_while_it_is_typed_and_at_the_field(known, bryn):
    call = world.an_answered_call(number="07700 900999")
    typed = {"name": "Smith 31/2/1985"}
    shown = bryn.post(f"/identity/{call.pk}/look/", typed).content.decode()
    assert "There is no day 31/2/1985." in shown
    assert "keeps it" not in shown
    kept = bryn.post(f"/identity/{call.pk}/name/", typed, headers={"HX-Request": "true"})
    assert kept.status_code == 422
    assert list(kept.json()["fields"]) == ["name"]
