"""Callers of the demo are found as real ones would be: by texts and records that the link itself reads."""

from datetime import datetime, timedelta
from math import hypot
from zoneinfo import ZoneInfo

import pytest

from watchroom.demo import city, people, positions, scripts
from watchroom.gazetteer import national_grid
from watchroom.links.eisec_aml import aml, eisec

START = datetime(2026, 11, 22, 3, 12, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(scope="module")
def night():
    town = city.build()
    return list(scripts.arrivals(town, people.build(town, at=START), at=START, hours=24))


def test_mobiles_on_999_send_a_text_and_lines_have_their_record(night):
    for arrival in night:
        found = positions.sent(arrival)
        assert bool(found) == bool(arrival.located and arrival.number)
        assert found == positions.sent(arrival)
        assert [one.after for one in found] == sorted(one.after for one in found)
        for one in found:
            if isinstance(one.says, str):
                read = aml.parse(one.says)
                assert abs(read.at - arrival.time) < timedelta(seconds=positions.FOR_S)
                assert read.radius == arrival.located[2]
            else:
                assert eisec.parse(eisec.write(one.says)) == one.says


def test_the_record_of_a_line_is_the_point_of_its_address_to_half_a_metre(night):
    lines = [arrival for arrival in night if arrival.located and arrival.located[3] == "eisec"]
    assert lines
    for arrival in lines:
        (one,) = positions.sent(arrival)
        x, y = city.to_grid(*national_grid.to_degrees(one.says.east, one.says.north))
        assert hypot(x - arrival.located[0], y - arrival.located[1]) < 0.5


def test_whoever_follows_a_car_moves(night):
    arrival = next(one for one in night if one.script.moves)
    points = [aml.parse(one.says) for one in positions.sent(arrival) if isinstance(one.says, str)]
    ways = [city.to_grid(point.latitude, point.longitude) for point in points]
    gone = hypot(ways[-1][0] - ways[0][0], ways[-1][1] - ways[0][1])
    seconds = (points[-1].at - points[0].at).total_seconds()
    assert gone / seconds == pytest.approx(arrival.script.moves, rel=0.05)
