"""Every stage of a contact has its own timestamp, so that any definition of a wait can be computed (R17)."""

from datetime import timedelta

import pytest

from tests import world
from watchroom.contacts import actions, stages
from watchroom.foundation import clock

pytestmark = pytest.mark.usefixtures("northmoor")


def test_the_stages_of_a_contact_are_read_in_their_order():
    at = clock.now()
    contact, _ = actions.receive(key="k", channel="101", transferred_at=at, by="link:test", at=at, caller_number="07700 900001")
    member = world.a_member("hana", "handler")
    for seconds, stage in enumerate(("menu", "announced", "queued", "offered"), start=1):
        who = member if stage == "offered" else None
        stages.mark(contact=contact.pk, stage=stage, by="link:test", at=at + timedelta(seconds=seconds), member=who)
    contact = actions.answer(contact=contact.pk, member=member, by=member.code, at=at + timedelta(seconds=5))
    reached = stages.of(contact)
    assert [one.stage for one in reached] == ["transferred", "arrived", "menu", "announced", "queued", "offered", "answered"]
    assert reached[-2].member == member.pk
    assert all(one.says for one in reached)


@pytest.mark.parametrize("stage", ["answered", "teleported"])
def test_what_has_a_column_or_is_no_stage_is_not_marked(stage):
    at = clock.now()
    contact, _ = actions.receive(key="k", channel="101", transferred_at=at, by="link:test", at=at)
    with pytest.raises(ValueError, match=stage):
        stages.mark(contact=contact.pk, stage=stage, by="link:test", at=at)
