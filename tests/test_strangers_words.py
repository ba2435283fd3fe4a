"""What strangers send, on the portal or by a machine, is shown to staff as words and never as markup."""

import json
import re

import pytest
from django.test import Client

from tests import world
from watchroom.api import tokens
from watchroom.contacts.models import Contact
from watchroom.foundation import clock, scope
from watchroom.incidents import actions as incidents
from watchroom.portal.tests.test_report import send

PROBE = "<script>zyx()</script><img src=x onerror=zyx()>\"'{{7*7}}"


@pytest.fixture
def by_portal(northmoor: str) -> int:
    client = Client(enforce_csrf_checks=True)
    send(client, "/report/step/1/", safe="some", ways=["call"], phone="07700 900417", times=PROBE)
    send(client, "/report/step/2/", text=PROBE)
    send(client, "/report/step/3/", place=PROBE)
    send(client, "/report/step/4/", when="today", when_text=PROBE)
    send(client, "/report/step/5/", name=PROBE)
    send(client, "/report/step/6/")
    return Contact.objects.get().pk


@pytest.fixture
def by_machine(northmoor: str) -> int:
    _, text = tokens.create(name="exchange", by="system:tests", at=clock.now())
    body = {"channel": "999", "caller_number": "07700 900417"} | dict.fromkeys(
        ("text", "caller_name", "caller_email", "place_said", "safe_times"), PROBE
    )
    headers = {"Authorization": f"Bearer {text}", "Idempotency-Key": "probe"}
    answer = Client(headers=headers).post("/api/v1/contacts", data=json.dumps(body), content_type="application/json")
    return answer.json()["id"]


@pytest.mark.parametrize("door", ["by_portal", "by_machine"])
def test_the_desks_show_it_as_words(door: str, request: pytest.FixtureRequest) -> None:
    contact = request.getfixturevalue(door)
    client = Client()
    with scope.use("northmoor"):
        member = world.a_member("everyone", "handler", "despatcher", "resolver", "supervisor")
        client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
        session = client.session
        session.update({"force": "northmoor", "force_name": "Northmoor Police", "desk_name": ""})
        session.save()
        incident = incidents.open_incident(contact=contact, kind="burglary", by=member.code, at=clock.now())
    shown = 0
    for path in ("/desk/", f"/desk/{contact}/", "/despatch/", f"/incidents/{incident.pk}/", "/supervisor/", "/resolve/"):
        page = client.get(path).content.decode()
        shown += page.count("zyx()")
        assert "<script>zyx" not in page, path
        assert "<img src=x" not in page, path
        assert not re.search(r"<[^<>]*\sonerror=zyx", page), path
    assert shown, "none of these pages shows what was sent, so this proves nothing"
