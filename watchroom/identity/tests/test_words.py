"""What is said comes in many forms and is compared in one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts import rules
from watchroom.identity.likeness import keys, words
from watchroom.identity.likeness.conditions import COMPARISONS
from watchroom.identity.likeness.model import shipped
from watchroom.identity.likeness.words import Said


@pytest.mark.parametrize(
    ("text", "folded"),
    [("O’Brien-Łuka", "obrien luka"), ("  Anne   Marie ", "anne marie"), ("José", "jose"), ("St. John's", "st johns"), ("", "")],
)
def test_names_are_folded(text, folded):
    assert words.fold(text) == folded


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("12/03/1984", "1984-03-12"),
        ("1984-3-2", "1984-03-02"),
        ("1984", "1984"),
        ("1984-03", "1984-03"),
        ("spring", ""),
        ("", ""),
    ],
)
def test_a_date_of_birth_may_be_whole_or_in_part(text, born):
    assert words.born(text) == born


@pytest.mark.parametrize(
    ("line", "name", "born"),
    [
        ("Leanne Whitcombe 12/3/1984", "Leanne Whitcombe", "1984-03-12"),
        ("Leanne, 1984", "Leanne", "1984"),
        ("1984-03-12 Leanne", "Leanne", "1984-03-12"),
        ("Leanne", "Leanne", ""),
    ],
)
def test_name_and_date_are_written_in_one_line(line, name, born):
    assert rules.name_and_birth(line) == (name, born)


@pytest.mark.parametrize(
    ("line", "name", "born"),
    [
        ("Leanne Whitcombe 34y", "Leanne Whitcombe", "1992~1"),
        ("Leanne, aged 34", "Leanne", "1992~1"),
        ("Leanne 34 years old", "Leanne", "1992~1"),
        ("Leanne about 40", "Leanne", "1986~5"),
        ("Leanne 40ish", "Leanne", "1986~5"),
        ("Leanne ~40", "Leanne", "1986~5"),
        ("Leanne, in her thirties", "Leanne", "1991~5"),
        ("Leanne late 50s", "Leanne", "1971~5"),
        ("Leanne 1986 ±5", "Leanne", "1986~5"),  # as it stands in the field afterwards
        ("Leanne about 1984", "Leanne about", "1984"),
        ("Leanne Whitcombe 12/3/84", "Leanne Whitcombe", "1984-03-12"),
        ("Leanne 1.2.06", "Leanne", "2006-02-01"),
        ("Leanne 1/2/27", "Leanne", "1927-02-01"),
        ("Leanne 12/3/19", "Leanne 12/3/19", ""),  # of 1984, most likely
        ("Leanne 12", "Leanne 12", ""),  # perhaps a date is still being typed
        ("Leanne 340y", "Leanne 340y", ""),
        ("Ishmael Aged", "Ishmael Aged", ""),
    ],
)
def test_an_age_is_turned_into_years_of_birth(line, name, born):
    assert rules.name_and_birth(line, date(2026, 11, 27)) == (name, born)
    assert rules.is_date_as_said(born)
    assert words.born(born) == born


def test_an_age_fits_the_years_that_it_allows_and_an_age_on_record_only_tells_generations_apart():
    level = {label: n for n, (label, _) in enumerate(COMPARISONS["born"].levels)}

    def found(said, record):
        return COMPARISONS["born"].level(Said(born=said), Said(born=record))

    assert found("1986~5", "1984-03-12") == level["as far as it was said"]
    assert found("1992~1", "1984-03-12") == level["another"]
    assert found("1986~1", "1984-03-12") == level["not known"]  # a year beside it speaks neither for nor against
    assert found("1984-03-12", "1986~5") == level["not known"]
    assert found("1984-03-12", "1960~5") == level["another"]
    assert found("1986~5", "1986~5") == level["not known"]


@given(st.integers(1930, 2020), st.integers(0, 9), st.integers(0, 9))
def test_the_rougher_an_age_the_less_it_says(year, more, further):
    def bits(width):
        parts = shipped().heard(Said(born=f"{year}~{width}"), lambda *_: None)[2]
        return parts[3].bits, parts[7].bits

    (fits, apart), (fits_rougher, apart_rougher) = bits(more), bits(more + further)
    assert fits > fits_rougher > 0 if further else fits == fits_rougher
    assert apart_rougher <= 0
    assert apart <= 0


@pytest.mark.parametrize(
    ("born", "is_one"), [("1984-02-30", False), ("1984-13", False), ("84", False), ("1984-02-29", True), ("", True)]
)
def test_a_day_that_never_was_is_no_date_of_birth(born, is_one):
    assert rules.is_date_as_said(born) is is_one


def test_forms_of_a_name_share_a_root():
    rick, richard = words.said(given="Rick"), words.said(given="Richard")
    assert not rick.roots.isdisjoint(richard.roots)


def test_flat_and_house_are_told_from_the_street():
    assert words.address("Flat 2, 18 Tanner’s Row") == ("18", "tanners row")
    assert words.address("5a High St") == ("5a", "high street")


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_whatever_is_said_has_a_normal_form_and_keys(given_name, family, street, number):
    said = words.said(given=given_name, family=family, street=street, number=number)
    assert all(-(2**63) <= key < 2**63 for key in keys.of_record(said, "northmoor"))


def test_a_record_is_found_by_what_it_says_itself():
    said = words.said(
        given="Leanne", family="Whitcombe", born_on="1984-03-12", street="18 Tanner’s Row", town="Harrowby", number="07700900417"
    )
    stored = set(keys.of_record(said, "northmoor"))
    assert set(keys.of_query(said, "northmoor")) <= stored


def test_another_force_has_other_keys():
    said = words.said(given="Leanne", family="Whitcombe", number="07700900417")
    assert not set(keys.of_record(said, "northmoor")) & set(keys.of_record(said, "southmere"))


LEANNE = words.said(given="Leanne", family="Whitcombe", born_on="1984-03-12")


@pytest.mark.parametrize(
    "heard",
    [
        LEANNE.changed_about(),  # given and family name
        LEANNE._replace(born="1984-12-03"),  # day and month
        LEANNE._replace(given="leannne", family="whticombe", born=""),  # a letter doubled, two changed about
    ],
)
def test_what_people_mix_up_leads_to_the_same_strong_keys(heard):
    assert {*keys.of_query(heard, "northmoor")} & {*keys.of_record(LEANNE, "northmoor")}


SHARED = st.dictionaries(st.integers(0, 40), st.integers(41, 500))


@given(st.lists(st.integers(0, 60)), SHARED)
def test_of_the_keys_that_many_share_the_least_shared_are_looked_under_as_long_as_there_is_room(made, shared):
    light, heavy = keys.light(made, shared), keys.heavy(made, shared)
    assert not {*light} & {*shared}
    assert {*heavy} <= {*shared} & {*made}
    assert sum(shared[key] for key in heavy) <= keys.recipes().heavy
    left = {*made} & {*shared} - {*heavy}
    assert all(shared[key] >= max((shared[one] for one in heavy), default=0) for key in left)


EVERYTHING = LEANNE._replace(
    postcode="hb42qt", house="18", street="tanners row", town="harrowby", number="07700900417", email="leanne@example.org"
)
KEYS_OF_IT = 24723484467014938766  # all together, as they were when every description got its keys


def test_the_recipes_are_those_that_the_last_migration_made_keys_by():
    """Whoever changes a recipe gives everybody on record their keys anew (as migration 0011 does), or they are found no more."""
    assert sum(keys.of_record(EVERYTHING, "northmoor")) == KEYS_OF_IT
