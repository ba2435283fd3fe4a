"""The simulated callers' positions come through the link, and a caller who moves is followed while the call lasts."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from watchroom.contacts import queries
from watchroom.contacts.models import Contact
from watchroom.demo import city, people, scripts, simulator
from watchroom.gazetteer import actions as gazetteer

START = datetime(2026, 11, 22, 3, 12, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture
def arrivals(northmoor):
    latitude, longitude = city.to_wgs84(0, 0)
    entry = gazetteer.Entry(
        reference="market", kind="landmark", label="Market Place", beat="quay", x=0, y=0, latitude=latitude, longitude=longitude
    )
    gazetteer.load(beats=[("quay", "Old Quay", False)], places=[entry], shapes=[])
    town = city.build()
    return list(scripts.arrivals(town, people.build(town, at=START), at=START, hours=24))


def test_who_follows_a_car_is_followed(arrivals):
    room = simulator.Room(random.Random(1))
    arrival = next(one for one in arrivals if one.script.moves)
    simulator._arrive(room, arrival)
    contact = Contact.objects.get()
    assert set(contact.fixes.values_list("source", flat=True)) == {"aml", "eisec"}, "both were there when it rang"
    (call,) = room.calls.values()
    for seconds in (21, 41, 61):
        simulator._locate(call, arrival.time + timedelta(seconds=seconds))
    found = queries.located(contact, at=arrival.time + timedelta(seconds=61))
    assert found.moved.startswith("Moved 7")
    assert contact.fixes.filter(source="aml").count() == 4


def test_a_position_that_is_too_old_stops_nobody(arrivals):
    room = simulator.Room(random.Random(1))
    arrival = next(one for one in arrivals if one.located)
    call = simulator.Call(arrival, 0)
    simulator._locate(call, arrival.time + timedelta(hours=2))
    assert call.located > 0
    simulator._arrive(room, arrival)
    assert Contact.objects.count() == 1
