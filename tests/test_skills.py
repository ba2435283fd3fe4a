"""A supervisor says who can do what; routing obeys at its next turn, and who set it stays on record."""

import pytest

from tests import world
from tests.test_offers import at_the_waiting_page, offered, ring
from watchroom.contacts import offers
from watchroom.contacts.models import Contact
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.staff import actions as staff
from watchroom.staff.models import Member

BAR = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def marian(northmoor: str):
    return world.signed_in("marian", "supervisor")


def test_what_is_set_on_the_page_routes_the_next_contact(marian) -> None:
    bryn, hana = at_the_waiting_page("bryn"), at_the_waiting_page("hana")
    call = ring("welsh")
    Contact.objects.filter(pk=call.pk).update(needs={"welsh": 1})
    assert offers.route(at=clock.now()) == []
    page = marian.get(f"/skills/?member={hana.pk}").content.decode()
    assert 'name="skill-welsh"' in page
    sent = {"skill-welsh": "2", "was-welsh": "0", "skill-digital": "0", "was-digital": "0"}
    assert marian.post(f"/skills/{hana.pk}/", sent, **BAR).json()["go"] == f"/skills/?member={hana.pk}"
    offers.route(at=clock.now())
    assert offered(call) == hana
    assert Member.objects.get(pk=bryn.pk).skills == {}
    page = marian.get(f"/skills/?member={hana.pk}").content.decode()
    assert "Marian" in page  # who set it
    assert "Welsh: Able" in page


def test_two_supervisors_at_one_person_do_not_undo_each_other(marian) -> None:
    bryn = world.a_member("bryn", "handler")
    unchanged = {"skill-welsh": "0", "was-welsh": "0", "skill-digital": "0", "was-digital": "0"}
    marian.post(f"/skills/{bryn.pk}/", {**unchanged, "skill-welsh": "1"}, **BAR)
    marian.post(f"/skills/{bryn.pk}/", {**unchanged, "skill-digital": "3"}, **BAR)  # from a page opened before
    bryn.refresh_from_db()
    assert bryn.skills == {"welsh": 1, "digital": 3}
    marian.post(f"/skills/{bryn.pk}/", {"skill-welsh": "0", "was-welsh": "1"}, **BAR)
    told = Fact.objects.filter(kind="SkillsSet").order_by("pk").values_list("body__skills", flat=True)
    assert list(told) == [{"welsh": 1}, {"welsh": 1, "digital": 3}, {"digital": 3}]
    assert "Welsh: taken off" in marian.get(f"/skills/?member={bryn.pk}").content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"skill-welsh": "0", "was-welsh": "0"},
        {"skill-welsh": "4"},
        {"skill-welsh": "²"},
        {"skill-welsh": "-1"},
        {"skill-piano": "1"},
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(marian, sent) -> None:
    bryn = world.a_member("bryn", "handler")
    assert marian.post(f"/skills/{bryn.pk}/", sent, **BAR).status_code == 422
    assert not Fact.objects.filter(kind="SkillsSet").exists()


def test_only_for_who_takes_contacts_and_once(northmoor) -> None:
    bryn, ida = world.a_member("bryn", "handler"), world.a_member("ida", "analyst")
    with pytest.raises(Refused, match="takes no contacts"):
        staff.set_skills(member=ida.pk, levels={"welsh": 1}, by="staff:1", at=world.NIGHT)
    with pytest.raises(Invalid, match="no such skill"):
        staff.set_skills(member=bryn.pk, levels={"piano": 1}, by="staff:1", at=world.NIGHT)
    for _ in range(2):
        staff.set_skills(member=bryn.pk, levels={"welsh": 1}, by="staff:1", at=world.NIGHT)
    assert Fact.objects.filter(kind="SkillsSet").count() == 1


def test_a_handler_does_not_set_skills_and_a_number_that_is_nobodys_is_said(northmoor, marian) -> None:
    bryn = world.signed_in("bryn", "handler")
    assert bryn.get("/skills/").status_code == 403
    assert bryn.post(f"/skills/{Member.objects.get(name='bryn').pk}/", {"skill-welsh": "3"}).status_code == 403
    assert "Nobody of this force has this number" in marian.get("/skills/?member=99999").content.decode()
    assert marian.post("/skills/99999/", {"skill-welsh": "3"}, **BAR).status_code == 404


def test_the_page_says_that_999_asks_first_and_then_anybody(marian) -> None:
    page = " ".join(marian.get("/skills/").content.decode().split())
    row = page[page.index('<th scope="row">999 calls</th>') :].partition("</tr>")[0]
    assert "999" in row.partition("<td>")[2]
    assert "first, then anybody" in row
    assert "Nobody here is offered it" not in row
