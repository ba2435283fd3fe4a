"""Who is who in a log, and a copy of it that is given out: each on record."""

import pytest
from django.db import IntegrityError, transaction

from tests import world
from watchroom.foundation.errors import Invalid
from watchroom.foundation.models import Fact
from watchroom.identity import actions as identity
from watchroom.incidents import parties, queries
from watchroom.incidents.models import Party

BY = "staff:1"


@pytest.fixture
def leanne(northmoor):
    (found,) = identity.bring_in(
        [identity.Known(given_name="Leanne", family_name="Whitcombe", numbers=("+447700900417",))],
        source="records",
        by="system:test",
        at=world.NIGHT,
    )
    return found


def shown(incident) -> list[tuple[str, str]]:
    return [(one.who, one.role) for one in parties.of(incident.pk)]


def test_whoever_is_confirmed_as_calling_is_the_logs_caller_whichever_came_first(leanne):
    contact = world.an_answered_call()
    identity.confirm(contact=contact.pk, person=leanne.pk, by=BY, at=world.after(20))
    incident = world.an_incident(contact=contact)
    assert shown(incident) == [("Leanne Whitcombe", "caller")]
    identity.undo(contact=contact.pk, by=BY, at=world.after(60))
    assert shown(incident) == []
    identity.confirm(contact=contact.pk, person=leanne.pk, by=BY, at=world.after(90))
    assert shown(incident) == [("Leanne Whitcombe", "caller")]
    assert Party.objects.count() == 2, "what was not so stays on record"


def test_one_may_have_several_parts_and_others_are_named_as_they_were_described(leanne):
    incident = world.an_incident()
    for role in ("victim", "victim", "witness"):
        parties.add(incident=incident.pk, role=role, person=leanne.pk, by=BY, at=world.after(60))
    parties.add(incident=incident.pk, role="suspect", name="the man in the red van", by=BY, at=world.after(60))
    assert shown(incident) == [
        ("Leanne Whitcombe", "victim"), ("Leanne Whitcombe", "witness"), ("the man in the red van", "suspect")
    ]  # fmt: skip
    assert "red van" not in str(list(Fact.objects.values_list("body", flat=True)))


@pytest.mark.parametrize(
    ("name", "role"), [("", "victim"), ("x", "victim"), ("Ann Lee", ""), ("Ann Lee", "villain"), ("y" * 121, "victim")]
)
def test_a_part_without_somebody_and_somebody_without_a_part_are_none(northmoor, name, role):
    incident = world.an_incident()
    with pytest.raises(Invalid):
        parties.add(incident=incident.pk, role=role, name=name, by=BY, at=world.after(60))


def test_the_database_keeps_nobody_without_a_part(northmoor):
    incident = world.an_incident()
    with pytest.raises(IntegrityError), transaction.atomic():
        Party.objects.create(incident=incident, role="", name="Ann", by=BY, at=world.after(60))
    with pytest.raises(IntegrityError), transaction.atomic():
        Party.objects.create(incident=incident, role="victim", by=BY, at=world.after(60))


def test_on_the_record_they_are_named_and_taken_off(northmoor):
    incident = world.an_incident()
    client = world.signed_in("despatcher", "despatcher")
    client.post(f"/incidents/{incident.pk}/party/", {"name": "Ann Lee", "role": "witness"})
    page = client.get(f"/incidents/{incident.pk}/").content.decode()
    assert "Ann Lee" in page
    client.post(f"/incidents/party/{Party.objects.get().pk}/end/")
    assert shown(incident) == []


def test_a_copy_goes_out_with_its_recipient_and_reason_on_it_and_on_record(northmoor):
    incident = world.a_whole_journey()
    client = world.signed_in("supervisor", "supervisor")
    bad = client.post(f"/incidents/{incident.pk}/copy/", {"recipient": "", "reason": "short"})
    assert bad.status_code == 422
    sheet = client.post(
        f"/incidents/{incident.pk}/copy/", {"recipient": "The coroner", "reason": "Asked for by letter of 20 November."}
    ).content.decode()
    assert "Copy given to The coroner" in sheet
    assert queries.log(incident.pk)[0].text in sheet
    assert world.signed_in("handler", "handler").post(f"/incidents/{incident.pk}/copy/").status_code == 403
