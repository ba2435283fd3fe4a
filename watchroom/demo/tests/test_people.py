import re
from datetime import UTC, datetime, timedelta

import pytest

from watchroom.demo import city, people

AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
# Ofcom's numbers for drama: mobiles 07700 900000 to 900999, and 01632 960000 to 960999, where nobody answers.
DRAMA = re.compile(r"\+44(7700900|1632960)\d{3}")


@pytest.fixture(scope="module")
def town() -> city.City:
    return city.build(1)


@pytest.fixture(scope="module")
def known(town) -> people.People:
    return people.build(town, at=AT)


def test_the_same_seed_gives_the_same_people(town, known):
    assert people.build(town, at=AT) == known


def test_no_number_can_reach_a_real_person(known):
    numbers = [n for p in known.people for n in p.numbers] + [h.landline for h in known.households if h.landline]
    numbers += [e.number for e in known.earlier if e.number] + [m.number for m in known.markers if m.number]
    numbers += list(known.strangers)
    assert len(numbers) > 1000
    assert [n for n in numbers if not DRAMA.fullmatch(n)] == []


def test_no_letter_can_reach_a_real_person(known):
    assert all(p.email.endswith("@example.org") for p in known.people if p.email)
    emails = [p.email for p in known.people if p.email]
    assert len(emails) == len(set(emails))


def test_strangers_have_numbers_that_nobody_on_record_has(known):
    assert not set(known.strangers) & {n for p in known.people for n in p.numbers}


def test_a_mobile_belongs_to_one_person_and_a_landline_to_one_household(known):
    mobiles = [n for p in known.people for n in p.numbers if n.startswith("+447")]
    assert len(mobiles) == len(set(mobiles))
    landlines = [h.landline for h in known.households if h.landline]
    assert len(landlines) == len(set(landlines))


def test_there_are_about_fifteen_hundred_people_of_every_age(known):
    ages = [p.age(AT.date()) for p in known.people]
    assert 1_300 <= len(ages) <= 1_800
    assert min(ages) == 0
    assert max(ages) >= 85
    assert len({p.code for p in known.people}) == len(ages)


def test_everybody_who_lives_somewhere_lives_in_the_town(town, known):
    homes = [h.uprn for h in known.households]
    assert len(homes) == len(set(homes))
    assert set(homes) <= set(town.address)
    for household in known.households:
        assert {known.person[code].household for code in household.people} == {household.code}


def test_no_small_child_lives_alone(known):
    for household in known.households:
        assert max(known.person[code].age(AT.date()) for code in household.people) >= 16, household.code


def test_leannes_five_contacts_come_ever_sooner(known):
    leanne = known.person["leanne-whitcombe"]
    assert leanne.age(AT.date()) == 34
    assert leanne.numbers == ("+447700900417",)
    recent = [e for e in known.earlier if e.person == leanne.code and e.at > AT - timedelta(weeks=18)]
    assert [f"{e.at:%-d %b}" for e in recent] == ["20 Jul", "11 Aug", "28 Sep", "2 Nov", "22 Nov"]
    assert recent[-1].headline == "Rang 101, gave up after 6:40."
    assert len([e for e in known.earlier if e.person == leanne.code]) == 9


def test_what_the_design_flags_is_recorded_with_its_dates(known):
    on_number = {m.title: m for m in known.markers if m.number == "+447700900417"}
    assert on_number["Domestic abuse, high risk"].text == "MARAC 14 Oct. Strangled 28 Sep."
    assert on_number["Officer safety: blades"].text == "Dunmore cut an officer, Mar 2025"
    assert on_number["Bail: no contact, to 11 Dec"].text == "Dunmore must not come here"


def test_leanne_has_a_second_record_under_another_name(known):
    twin = known.person["leanne-dunmore"]
    assert twin.born == known.person["leanne-whitcombe"].born
    assert not set(twin.numbers) & set(known.person["leanne-whitcombe"].numbers)


def test_the_others_of_the_story_are_there(known):
    for code, age in {
        "anjali-desai": 29,
        "walter-peckett": 86,
        "keira-naylor": 13,
        "joan-bright": 79,
        "craig-dunmore": 38,
    }.items():
        assert known.person[code].age(AT.date()) == age
    assert len([e for e in known.earlier if e.person == "anjali-desai"]) == 5
    assert len([e for e in known.earlier if e.person == "terence-widdop"]) > 30


def test_every_marker_says_who_recorded_it_when_and_when_to_look_again(known):
    for marker in known.markers:
        assert marker.source
        assert marker.since <= AT.date() < marker.review_by
        assert marker.person or marker.uprn or marker.number
        assert marker.person == "" or marker.person in known.person
    kinds = {m.kind for m in known.markers}
    assert kinds >= {
        "domestic_abuse",
        "blades",
        "mental_health",
        "child",
        "stalking",
        "repeat_caller",
        "hearing",
        "bail",
        "hate",
        "missing",
    }


def test_nothing_is_longer_than_the_records_hold(known):
    for marker in known.markers:
        assert (len(marker.title), len(marker.text), len(marker.source)) <= (80, 240, 60)
        assert len(marker.text) <= 240
    for earlier in known.earlier:
        assert len(earlier.headline) <= 80
        assert len(earlier.text) <= 300
        assert earlier.at < AT


def test_people_come_from_many_places(known):
    assert len({p.family for p in known.people}) > 150
    assert len({p.language for p in known.people if p.language}) >= 6
