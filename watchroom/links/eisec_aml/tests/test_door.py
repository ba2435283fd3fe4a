"""`POST /api/v1/locations`: a token that may, an idempotency key, and every refusal as a sentence that names the field."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import world
from watchroom.api import door, tokens
from watchroom.api.rest import api
from watchroom.contacts.models import Contact, Fix
from watchroom.foundation import clock
from watchroom.links.eisec_aml import aml
from watchroom.links.eisec_aml.models import Kept

NUMBER = "+447700900417"


def client(*permissions: str) -> Client:
    _, token = tokens.create(name="gateway", by="system:tests", at=clock.now(), permissions=permissions)
    return Client(headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def gateway(northmoor: str) -> Client:
    world.a_place()
    return client("locations.receive")


def post(machine: Client, body: Any, key: str = "k", content_type: str = "application/json") -> Any:
    said = body if isinstance(body, str) else json.dumps(body)
    return machine.post("/api/v1/locations", data=said, content_type=content_type, headers={"Idempotency-Key": key})


def sms(seconds_ago: float = 3) -> str:
    at = (clock.now() - timedelta(seconds=seconds_ago)).replace(microsecond=0)
    return aml.write(aml.Message(at=at, method="G", latitude=54.6, longitude=-1.9, radius=14.0, confidence=90))


def fields(response: Any, status: int = 422) -> dict[str, str]:
    assert response.status_code == status, response.content
    return response.json()["fields"]


def test_a_text_is_taken_and_says_whether_it_met_a_call(gateway: Client) -> None:
    first = post(gateway, {"sms": sms(), "from": NUMBER}, "k1")
    assert (first.status_code, first.json()) == (202, {"matched": 0, "kept": True, "says_where": True, "repeated": False})
    call = world.a_call(at=clock.now())
    assert call.fixes.count() == 1
    assert post(gateway, {"sms": sms(1), "from": "07700 900417"}, "k2").json()["matched"] == 1
    assert {fix.by for fix in Fix.objects.all()} == {"link:gateway"}


def test_the_networks_record_is_taken_by_the_same_door(gateway: Client) -> None:
    call = world.a_call(at=clock.now())
    body = {"cli": NUMBER, "is_voip": True, "address": ["18 Tanner’s Row"], "name": "A Subscriber", "update": 1}
    assert post(gateway, body).json()["matched"] == 1
    assert (call.fixes.get().subscriber, call.fixes.get().is_voip) == ("A Subscriber", True)


def test_the_same_key_counts_once_and_another_body_under_it_is_refused(gateway: Client) -> None:
    body = {"sms": sms(), "from": NUMBER}
    assert [post(gateway, body).json()["repeated"] for _ in range(2)] == [False, True]
    assert Kept.objects.count() == 1
    fields(post(gateway, {**body, "from": "+447700900555"}), 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"sms": "Please ring me back", "from": NUMBER}, "sms"),
        ({"sms": 'A"ML=1;lt=+91;lg=1;rd=5;top=20260101000000', "from": NUMBER}, "sms.lt"),
        ({"sms": 'A"ML=1;lt=+51;lg=1;rd=5;top=20200101000000', "from": NUMBER}, "sms.top"),
        ({"sms": "x"}, "from"),
        ({"from": NUMBER}, "sms"),
        ({"sms": "", "from": NUMBER}, "sms"),
        ({"sms": 'A"ML=1', "from": 5}, "from"),
        ({"sms": 'A"ML=1', "from": NUMBER, "at": "now"}, "at"),
        ({"cli": "withheld", "zone": "NE4"}, "cli"),
        ({"cli": NUMBER, "east": -1.0, "north": 2.0}, "east"),
        ({"cli": NUMBER, "zone": "NE4", "time": "2020-01-01T00:00:00Z"}, "time"),
        ({"cli": NUMBER, "ellipse": {"east": 1.0}}, "ellipse.north"),
        ({"cli": NUMBER, "adress": []}, "adress"),
    ],
)
def test_what_cannot_be_used_is_refused_by_the_name_of_its_field(gateway: Client, body: dict[str, Any], field: str) -> None:
    said = fields(post(gateway, body))
    assert field in said
    assert said[field]
    assert not Kept.objects.exists()


@pytest.mark.parametrize("body", ["[]", "null", "5", "{", '{"sms": {}}', "{}"])
def test_what_is_no_body_is_refused(gateway: Client, body: str) -> None:
    assert post(gateway, body).status_code in (400, 422)


def test_only_a_token_that_may(northmoor: str) -> None:
    body = {"sms": sms(), "from": NUMBER}
    assert post(Client(), body).status_code == 401
    assert post(client("contacts.receive"), body).status_code == 403
    assert post(client("locations.receive"), body, content_type="text/plain").status_code == 415
    assert client("locations.receive").get("/api/v1/locations").status_code == 405


def test_it_has_the_rate_of_the_other_doors(gateway: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "RATE", {"limit": 2, "seconds": 60})
    codes = [post(gateway, {"sms": sms(), "from": NUMBER}, f"k{n}").status_code for n in range(3)]
    assert codes == [202, 202, 429]


def test_it_stands_in_the_description(northmoor: str) -> None:
    operation = api.get_openapi_schema(path_prefix="/api/v1/")["paths"]["/api/v1/locations"]["post"]
    kinds = operation["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert len(kinds) == 2
    assert {"202", "422", "409", "429"} <= {str(code) for code in operation["responses"]}


def test_a_machine_that_hands_in_a_position_learns_nothing_of_the_call(gateway: Client) -> None:
    world.a_call(at=clock.now(), caller_name="Ann Zyxwvut")
    answer = post(gateway, {"sms": sms(), "from": NUMBER})
    assert set(answer.json()) == {"matched", "kept", "says_where", "repeated"}
    assert Contact.objects.get().caller_name == "Ann Zyxwvut"
