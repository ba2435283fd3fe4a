"""A machine hands in a contact once, reads what its token allows, and gets every refusal as a sentence in JSON."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from django.test import Client

from watchroom.api import tokens
from watchroom.contacts.models import Contact, Line
from watchroom.foundation import clock, scope
from watchroom.foundation.models import Fact
from watchroom.gazetteer import actions as gazetteer
from watchroom.incidents import actions as incidents

CALL = {"channel": "999", "caller_number": "07700 900417", "text": "Someone is breaking in", "place_said": "The mill"}


def bearer(**kwargs: Any) -> dict[str, str]:
    _, text = tokens.create(**{"name": "trunk", "by": "system:tests", "at": clock.now(), **kwargs})
    return {"Authorization": f"Bearer {text}"}


def client(**kwargs: Any) -> Client:
    return Client(headers=bearer(**kwargs))


@pytest.fixture
def machine(northmoor: str) -> Client:
    return client()


def hand_in(machine: Client, key: str = "call-1", **said: Any) -> Any:
    return post(machine, json.dumps({**CALL, **said}), key)


def post(machine: Client, body: str | bytes, key: str = "k", content_type: str = "application/json") -> Any:
    return machine.post("/api/v1/contacts", data=body, content_type=content_type, headers={"Idempotency-Key": key})


def is_problem(response: Any, status: int) -> dict[str, str]:
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/json")
    told = response.json()
    assert set(told) == {"problem", "fields"}
    assert told["problem"]
    return told["fields"]


def test_a_contact_is_received_once_however_often_it_is_sent(machine: Client) -> None:
    first, second = hand_in(machine), hand_in(machine)
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.json()["repeated"], second.json()["repeated"]) == (False, True)
    assert first.json()["id"] == second.json()["id"]
    contact = Contact.objects.get()
    assert (contact.caller_number, contact.place_said, contact.safe_contact) == ("+447700900417", "The mill", "unknown")
    assert Line.objects.get().by == "link:trunk"


def test_one_key_for_two_contacts_is_refused(machine: Client) -> None:
    hand_in(machine)
    is_problem(hand_in(machine, text="Something else"), 409)
    assert Contact.objects.count() == 1


def test_two_machines_may_use_the_same_key(machine: Client) -> None:
    hand_in(machine)
    assert hand_in(client(name="counter")).status_code == 201
    assert Contact.objects.count() == 2


def test_the_same_contact_sent_by_two_threads_at_once_is_one(clone: str) -> None:
    with scope.use("northmoor"), transaction.atomic():
        headers = bearer()

    def send(_: int) -> int:
        try:
            return hand_in(Client(headers=headers)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(8))) == [200] * 7 + [201]
    with scope.use("northmoor"), transaction.atomic():
        assert Contact.objects.count() == 1


def test_the_clock_starts_at_the_transfer(machine: Client) -> None:
    transferred = clock.now() - timedelta(seconds=12)
    assert hand_in(machine, transferred_at=transferred.isoformat()).status_code == 201
    assert Contact.objects.get().transferred_at == transferred


TIMES = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2999-01-01T00:00:00Z",
    "1999-01-01T00:00:00Z",
    "2026-01-01T00:00:00",
    "1700000000",
    "now",
]


@pytest.mark.parametrize("time", TIMES)
def test_a_time_that_cannot_be_is_refused(machine: Client, time: str) -> None:
    assert "transferred_at" in is_problem(hand_in(machine, transferred_at=time), 422)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * 20_001),
        ("text", "a\x00b"),
        ("text", "\ud800"),
        ("text", 12),
        ("caller_number", "0" * 41),
        ("channel", "fax"),
        ("channel", None),
        ("safe_contact", "yes"),
        ("safe_ways", ["pigeon"]),
        ("may_leave_message", "yes"),
        ("place_reference", "no such place"),
        ("safecontact", "no"),
        ("transferred_at", 10**400),
        ("located", {"latitude": 91, "longitude": 0, "radius": 1, "method": "aml"}),
        ("located", {"latitude": 1, "longitude": 0, "radius": 0, "method": "aml"}),
    ],
)
def test_what_cannot_be_used_is_named_by_its_field(machine: Client, field: str, value: Any) -> None:
    fields = is_problem(hand_in(machine, **{field: value}), 422)
    assert any(name.split(".")[0] == field for name in fields)
    assert not Contact.objects.exists()


BODIES = [
    b" ",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b'{"channel": "999", "located": NaN}',
    b"[" * 5000 + b"]" * 5000,
    b"1" * 5000,
]


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_not_ours_is_refused(machine: Client, body: bytes) -> None:
    response = post(machine, body)
    assert response.status_code in (400, 422)
    is_problem(response, response.status_code)


def test_every_other_way_to_get_it_wrong_is_json_too(machine: Client) -> None:
    is_problem(post(machine, "channel=999", content_type="text/plain"), 415)
    is_problem(post(machine, b"x" * 300_000), 413)
    is_problem(post(machine, b"x" * 3_000_000), 413)
    is_problem(machine.post("/api/v1/contacts", data=json.dumps(CALL), content_type="application/json"), 422)
    is_problem(hand_in(machine, key="two words"), 422)
    is_problem(machine.put("/api/v1/contacts", data="{}", content_type="application/json"), 405)
    is_problem(machine.delete("/api/v1/contacts/1"), 405)
    is_problem(machine.get("/api/v1/nothing"), 404)
    is_problem(machine.post("/api/v1/nothing", data="{}", content_type="application/json"), 404)
    is_problem(machine.get("/api/v1/contacts/999"), 404)
    is_problem(machine.get("/api/v1/contacts/abc"), 422)
    is_problem(machine.get(f"/api/v1/contacts/{10**30}"), 422)
    is_problem(machine.get("/api/v1/contacts/%00"), 422)
    is_problem(machine.get("/api/v1/contacts?limit=0"), 422)
    is_problem(machine.get("/api/v1/incidents?state=lost"), 422)
    assert is_problem(machine.get("/api/v1/incidents?stat=open"), 422) == {"stat": "There is no such parameter."}


HEADERS = [
    "",
    "Bearer",
    "Bearer x",
    "Basic northmoor.x",
    "Bearer northmoor." + "x" * 43,
    "Bearer nowhere." + "x" * 43,
    "Bearer \x00.",
    "Bearer ' or 1=1",
]


@pytest.mark.parametrize("header", HEADERS)
def test_without_a_token_that_holds_nobody_comes_in(db: None, header: str) -> None:
    response = Client(headers={"Authorization": header}).get("/api/v1/contacts")
    is_problem(response, 401)
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_token_ends_by_time_and_by_revocation(northmoor: str) -> None:
    at = clock.now()
    for lasts in (timedelta(seconds=-1), timedelta(hours=1)):
        _, text = tokens.create(name="trunk", by="system:tests", at=at, lasts=lasts)
    caller = Client(headers={"Authorization": f"Bearer {text}"})
    assert caller.get("/api/v1/contacts").status_code == 200
    assert tokens.revoke(name="trunk", by="system:tests", at=at) == 2
    assert caller.get("/api/v1/contacts").status_code == 401
    assert Fact.objects.filter(kind="TokenRevoked").count() == 2


def test_a_token_does_only_what_it_may(northmoor: str) -> None:
    caller = client(permissions=["contacts.receive"])
    pk = hand_in(caller).json()["id"]
    is_problem(caller.get(f"/api/v1/contacts/{pk}"), 403)
    is_problem(caller.get("/api/v1/incidents"), 403)


def test_another_forces_token_sees_nothing(machine: Client) -> None:
    pk = hand_in(machine).json()["id"]
    incident = incidents.open_incident(contact=pk, kind="burglary", by="system:tests", at=clock.now())
    with scope.use("southmere"):
        outsider = client()
    for path in (f"contacts/{pk}", f"incidents/{incident.pk}"):
        assert machine.get(f"/api/v1/{path}").status_code == 200
        is_problem(outsider.get(f"/api/v1/{path}"), 404)
    for path in ("contacts", "incidents"):
        assert len(machine.get(f"/api/v1/{path}").json()["items"]) == 1
        assert outsider.get(f"/api/v1/{path}").json() == {"items": [], "next": None}


def test_a_token_of_one_force_with_the_name_of_another_is_none(northmoor: str) -> None:
    _, text = tokens.create(name="trunk", by="system:tests", at=clock.now())
    forged = text.replace("northmoor", "southmere")
    assert Client(headers={"Authorization": f"Bearer {forged}"}).get("/api/v1/contacts").status_code == 401


def test_lists_go_on_where_they_ended(machine: Client) -> None:
    ids = [hand_in(machine, key=f"call-{n}").json()["id"] for n in range(5)]
    first = machine.get("/api/v1/contacts?limit=3").json()
    second = machine.get(f"/api/v1/contacts?limit=3&after={first['next']}").json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids
    assert second["next"] is None
    assert "07700" not in json.dumps(first)
    assert "+44" not in json.dumps(first)


def test_each_reading_of_a_record_is_written_down_as_a_disclosure(
    northmoor: str, clone: str, as_owner: psycopg.Connection
) -> None:
    caller = client()
    pk = hand_in(caller).json()["id"]
    found = caller.get(f"/api/v1/contacts/{pk}").json()
    assert found["caller_number"] == "+447700900417"
    assert [line["text"] for line in found["lines"]] == ["Someone is breaking in"]
    caller.get("/api/v1/contacts")
    caller.get("/api/v1/contacts/999999")
    rows = as_owner.execute("select kind, subject_kind, subject_id, recipient, by from foundation_access").fetchall()
    assert rows == [("disclosure", "contact", pk, "trunk", "link:trunk")]


def test_a_place_and_a_location_of_this_force_are_taken_over(machine: Client) -> None:
    gazetteer.load(
        beats=[("tannery", "Tannery", False)],
        places=[
            gazetteer.Entry(
                reference="100",
                kind="address",
                label="1 Tannery Lane",
                beat="tannery",
                x=1000,
                y=2000,
                latitude=54.6,
                longitude=-1.9,
            )
        ],
        shapes=[],
    )
    located = {"latitude": 54.601, "longitude": -1.9, "radius": 30, "method": "aml"}
    pk = hand_in(machine, place_reference="100", located=located).json()["id"]
    contact = Contact.objects.get(pk=pk)
    assert contact.place
    assert contact.place.label == "1 Tannery Lane"
    assert (contact.located_x, round(contact.located_y or 0)) == (1000, 2111)
    assert machine.get(f"/api/v1/contacts/{pk}").json()["place"]["beat"] == "Tannery"


def test_a_location_far_from_every_known_place_is_not_lost(machine: Client) -> None:
    hand_in(machine, located={"latitude": 0.5, "longitude": 100.25, "radius": 30, "method": "aml"})
    assert Line.objects.get(origin="system").text == "Located (aml) at 0.500000, 100.250000, within 30 m: outside the map."


def test_what_machines_say_is_shown_to_staff_as_words(machine: Client) -> None:
    probe = "<script>alert(1)</script>"
    pk = hand_in(machine, text=probe, caller_name=probe, place_said=probe, safe_times=probe).json()["id"]
    assert machine.get(f"/api/v1/contacts/{pk}").json()["caller_name"] == probe


def test_nobody_is_logged_in_by_a_cookie_here(machine: Client) -> None:
    assert Client().get("/api/v1/contacts").status_code == 401
    assert not machine.get("/api/v1/contacts").cookies


def test_the_description_is_open_and_names_no_force(db: None) -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert set(response.json()["paths"]) == {
        "/api/v1/contacts",
        "/api/v1/contacts/{contact}",
        "/api/v1/incidents",
        "/api/v1/incidents/{incident}",
        "/api/v1/messages",
        "/api/v1/texts",
        "/api/v1/locations",
        "/api/v1/handovers/{key}",
        "/api/v1/telephone-texts",
        "/api/v1/telephone-texts/{key}",
    }
    assert "northmoor" not in response.content.decode()
