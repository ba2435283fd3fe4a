"""Logging in: who tries passwords is stopped, however they write the name."""

import pytest
from django.test import Client

from watchroom.staff.models import Member

WAYS = (
    "handler@northmoor",
    "Handler@northmoor",
    "HANDLER@NORTHMOOR",
    " handler@northmoor",
    "handler@northmoor ",
    "hAndler@Northmoor",
)


@pytest.mark.usefixtures("northmoor")
def test_each_way_to_write_a_name_counts_as_the_same_name(client: Client) -> None:
    Member.objects.create(name="handler", full_name="Bryn Pugh", roles=["handler"], password="!")
    answers = [client.post("/login/", {"username": WAYS[n % len(WAYS)], "password": f"wrong-{n}"}).status_code for n in range(11)]
    assert answers[0] == 401
    assert answers[-1] == 429


@pytest.mark.usefixtures("northmoor")
def test_a_name_that_cannot_be_one_is_a_wrong_name_and_no_fault_of_ours(client: Client) -> None:
    for name in ("handler\0@northmoor", "handler@north\0moor", "x" * 5000 + "@northmoor", "handler@" + "y" * 5000):
        assert client.post("/login/", {"username": name, "password": "wrong"}).status_code == 401


@pytest.mark.usefixtures("northmoor")
def test_after_ten_wrong_passwords_the_right_one_waits_too_and_a_colleague_does_not(client: Client) -> None:
    """A guesser must not get in by the eleventh; and a control room has one address to the outside."""
    for name, role in (("handler", "handler"), ("despatch", "despatcher")):
        member = Member(name=name, full_name=name.title(), roles=[role])
        member.set_password("a long enough password")
        member.save()
    for n in range(10):
        client.post("/login/", {"username": "handler@northmoor", "password": f"wrong-{n}"})
    right = {"password": "a long enough password"}
    assert client.post("/login/", {"username": "Handler@northmoor", **right}).status_code == 429
    assert client.post("/login/", {"username": "despatch@northmoor", **right}).status_code == 302
