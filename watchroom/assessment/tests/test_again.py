"""A second look: on top of the first, in words, with or without the victim's, and never in place of a missing record."""

import pytest

from tests import world
from watchroom.assessment import actions, queries
from watchroom.foundation.errors import Refused


@pytest.fixture
def contact(northmoor: str):
    contact = world.an_answered_call()
    for element, why in world.RATIONALES.items():
        actions.answer(contact=contact.pk, element=element, level=2, rationale=why, by="staff:1", at=world.after(60))
    return contact


def again(contact, **more):
    told = {
        "stage": "delay",
        "changed": "He has gone; the door is locked again.",
        "victim": "reached",
        "victim_said": "She says that he drove off.",
        "changes": {},
    }
    return actions.reassess(contact=contact.pk, by="staff:1", at=world.after(900), **{**told, **more})


def test_what_stands_is_carried_and_what_changed_is_judged_anew(contact):
    first = actions.save(contact=contact.pk, by="staff:1", at=world.after(90))
    row = again(contact, changes={"threat": (1, "He drove off at ten past three.")})
    levels = {a.element: a.level for a in queries.answers(row)}
    assert levels == {**dict.fromkeys(world.RATIONALES, 2), "threat": 1}
    assert set(row.answers.filter(is_carried=True).values_list("element", flat=True)) == set(world.RATIONALES) - {"threat"}
    assert queries.saved(contact.pk) == row
    assert row.earlier == first


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"changed": " "}, "what has changed"),
        ({"victim": ""}, "spoken with"),
        ({"victim": "tried", "victim_said": "-"}, "why the victim was not spoken with"),
        ({"changes": {"harm": (1, " ")}}, "Harm has a level and no reason"),
    ],
)
def test_a_second_look_without_its_words_is_none(contact, wrong, says):
    actions.save(contact=contact.pk, by="staff:1", at=world.after(90))
    with pytest.raises(Refused) as refused:
        again(contact, **wrong)
    assert says in " ".join(refused.value.problems)


def test_there_is_no_second_look_before_a_first(contact):
    with pytest.raises(Refused, match="half written"):
        again(contact)


def test_after_nothing_heard_the_driving_elements_are_written_in_full(northmoor):
    contact = world.an_answered_call(number="07700 900999")
    actions.nothing_heard(contact=contact.pk, because="Asked when the front counter opens.", by="staff:1", at=world.after(60))
    with pytest.raises(Refused, match="Threat is not written yet"):
        again(contact)
