"""Logging in: who tries passwords is stopped, however they write the name."""

import pytest
from django.test import Client

from watchroom.staff.models import Member

WAYS = ("handler@northmoor", "Handler@northmoor", "HANDLER@NORTHMOOR", " handler@northmoor", "handler@northmoor ", "hAndler@Northmoor")


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
def test_who_mistypes_locks_out_nobody_else_of_the_same_room(client: Client) -> None:
    """A control room has one address to the outside; without a name axes would count by the address alone."""
    priya = Member(name="despatch", full_name="Priya Nandakumar", roles=["despatcher"])
    priya.set_password("a long enough password")
    priya.save()
    answers = [client.post("/login/", {"username": "handler@northmoor", "password": f"wrong-{n}"}).status_code for n in range(11)]
    assert answers[-1] == 429
    assert client.post("/login/", {"username": "despatch@northmoor", "password": "a long enough password"}).status_code == 302
