"""The demo's stand-in speaks what the link reads, and lets nobody in without the token."""

import asyncio
import threading

import pytest

from tests import world
from watchroom.demo import city, housing, people
from watchroom.links.records.calling import Order, call
from watchroom.links.records.connections import Connection


@pytest.fixture(scope="module")
def url():
    town = city.build()
    server = housing.serving(0, "right", town, people.build(town, at=world.NIGHT))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/records"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(url, token="right", **subject):
    question = {"subject": subject, "most": 10}
    return asyncio.run(call(Order(Connection(url, token), "key", question, 10.0, 1, 10)))


def test_leanne_is_found_by_name_with_what_is_known_of_her_home(url):
    (found,) = (one for one in ask(url, name="Leanne Whitcombe").records if one.given_name == "Leanne")
    assert found.family_name == "Whitcombe"
    assert found.addresses[0]["postcode"].startswith("HB")
    assert found.flags
    by_address = ask(url, address=f"{found.addresses[0]['street']}, Harrowby").records
    assert "Whitcombe" in {one.family_name for one in by_address}


def test_nobody_is_found_by_nothing_and_nobody_gets_in_without_the_token(url):
    assert ask(url).records == ()
    assert ask(url, "wrong", name="Leanne Whitcombe").problem == "refused"
