"""A real day, or one made up in its likeness, through every stage: every row is received or reported, none lost, none twice.

`WATCHROOM_CALLS=911.csv.gz make prove` takes the first 10,000 rows of real calls, as `watchroom replay` does. Without it the rows
are made up, with faults among them.
"""

import csv
import io
import json
import os
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from watchroom import testing
from watchroom.replay import rules

REAL, MADE_UP = 10_000, 3_000
TITLES = (
    "Traffic: VEHICLE ACCIDENT -",
    "EMS: BACK PAINS/INJURY",
    "Fire: GAS-ODOR/LEAK",
    "EMS: UNKNOWN",
    "Something: NOBODY EVER HEARD OF",
)
FAULTS = (b"half a row", b"a,b,c,d,e,f,g,h,i", b"\xff\xfe,1,x,1,EMS: X,2015-12-10 17:40:00,A,B,1", b'"unclosed,1,2,3,4,5,6,7,8')
FAULT_EVERY = 100


def made_up(path: Path) -> Path:
    chance, at = random.Random(1), datetime(2015, 12, 10, 17, 40)  # noqa: DTZ001 - the file has wall clocks
    with path.open("wb") as out:
        out.write(",".join(rules.HEADER).encode() + b"\n")
        for number in range(MADE_UP):
            at += timedelta(seconds=chance.randrange(1, 240))
            where = (
                f"{chance.choice(('MAIN', 'CHURCH', 'MILL'))} ST & {chance.randrange(40)} AVE",
                chance.choice(("ABBEY", "FORD")),
            )
            row = (
                40 + chance.random() / 3,
                -75 - chance.random() / 3,
                f"{where[0]}; call {number}",
                19401,
                chance.choice(TITLES),
                at,
            )
            text = io.StringIO()
            csv.writer(text).writerow((*row, where[1], where[0], 1))
            out.write(text.getvalue().encode())
            if number % FAULT_EVERY == 0:
                out.write(FAULTS[number // FAULT_EVERY % len(FAULTS)] + b"\r\n")
    return path


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    real = os.environ.get("WATCHROOM_CALLS")
    return Path(real) if real else made_up(tmp_path_factory.mktemp("calls") / "calls.csv")


def replay(calls, data):
    said = testing.run("replay", str(calls), "--json", "--limit", str(REAL), data=data, within=3600)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_every_row_is_received_or_reported_and_a_second_replay_adds_nothing(calls, tmp_path):
    first = replay(calls, tmp_path)
    print("\n" + json.dumps({name: value for name, value in first.items() if name != "skipped"}))
    assert first["lost"] == 0
    assert first["duplicates"] == 0
    assert first["received"] + len(first["skipped"]) == first["rows"]
    assert all(each["line"] and each["why"] for each in first["skipped"])
    second = replay(calls, tmp_path)
    assert second["received"] == 0
    assert second["repeated"] == first["received"]
    verified = testing.run("facts", "verify", "--json", data=tmp_path, within=600)
    assert json.loads(verified.stdout)["ok"], verified.stdout
