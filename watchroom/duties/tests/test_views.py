"""Taking and giving: who holds a duty changes, never when it is due; and never to nobody."""

from datetime import timedelta

import pytest
from django.test import Client

from tests import world
from watchroom.duties import actions
from watchroom.duties.models import Duty
from watchroom.foundation import scope
from watchroom.foundation.models import Fact
from watchroom.staff.models import Member

AT = world.NIGHT


def a_client(member: Member, force: str = "northmoor") -> Client:
    client = Client(headers={"accept": "application/json"})
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = force
    session.save()
    return client


@pytest.fixture
def marian(northmoor) -> Member:
    return world.a_member("marian", "supervisor")


@pytest.fixture
def duty(northmoor) -> Duty:
    return actions.owe(
        kind="attend", subject=("incident", 1), owner="desk:despatch", due_at=AT + timedelta(minutes=15), by="staff:1", at=AT
    )


def handed(duty: Duty) -> list[str]:
    return [fact.body["owner"] for fact in Fact.objects.filter(kind="DutyHandedOver", subject_id=duty.pk).order_by("pk")]


def test_a_supervisor_takes_a_duty_and_taking_it_twice_is_once(marian, duty):
    client = a_client(marian)
    for _ in range(2):
        answer = client.post(f"/duties/{duty.pk}/take/")
        assert (answer.status_code, answer.json()["said"]) == (200, "Attend is now with Marian.")
    duty.refresh_from_db()
    assert duty.owner == marian.code
    assert duty.due_at == AT + timedelta(minutes=15)
    assert handed(duty) == [marian.code]


def test_she_gives_it_to_a_person_or_a_desk(marian, duty):
    client, bryn = a_client(marian), world.a_member("bryn")
    assert client.post(f"/duties/{duty.pk}/hand-over/", {"to": bryn.code}).status_code == 200
    assert client.post(f"/duties/{duty.pk}/hand-over/", {"to": "desk:resolution"}).status_code == 200
    assert handed(duty) == [bryn.code, "desk:resolution"]


@pytest.mark.parametrize("to", ["", "nobody", "staff:0", "staff:99999999999999999999", "desk:moon", "public"])
def test_it_is_never_given_to_nobody(marian, duty, to):
    answer = a_client(marian).post(f"/duties/{duty.pk}/hand-over/", {"to": to})
    assert answer.status_code == 422
    assert answer.json()["fields"]["to"] == "Choose a person or a desk of this force."
    duty.refresh_from_db()
    assert duty.owner == "desk:despatch"


def test_what_is_done_is_not_handed_over(marian, duty):
    actions.settle("attend", subject=("incident", 1), by="staff:1", at=AT)
    answer = a_client(marian).post(f"/duties/{duty.pk}/take/")
    assert (answer.status_code, answer.json()["problem"]) == (409, "This is already done.")


def test_the_list_to_choose_from_has_the_desks_and_leaves_out_who_has_it(marian, duty):
    body = a_client(marian).get(f"/duties/{duty.pk}/give/").content.decode()
    assert "Resolution desk" in body
    assert "Despatch desk" not in body


def test_a_handler_hands_nothing_over(northmoor, duty):
    client = a_client(world.a_member("bryn"))
    assert client.post(f"/duties/{duty.pk}/take/").status_code == 403


def test_another_forces_duty_is_not_there(marian, duty):
    with scope.use("southmere"):
        ola = world.a_member("ola", "supervisor")
        client = a_client(ola, "southmere")
    assert client.post(f"/duties/{duty.pk}/take/").status_code == 404
