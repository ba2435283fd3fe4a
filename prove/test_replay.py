"""A month of real calls goes through every stage: none lost, none twice, each received or reported; and falsifying it shows.

The calls are those of `$WATCHROOM_CALLS`, or of the data folder beside the repository, or else made up in the same form.
"""

import json
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchroom import testing
from watchroom.foundation import embedded, roles

ROWS = int(os.environ.get("WATCHROOM_ROWS", "1500"))
SHARED = testing.REPOSITORY.parent / "shared" / "data"
TITLES = (
    "EMS: CARDIAC EMERGENCY",
    "Fire: FIRE ALARM",
    "Traffic: VEHICLE ACCIDENT -",
    "Traffic: DISABLED VEHICLE -",
    "EMS: FALL VICTIM",
)
BAD = (b"only,three,fields", b"40.1,-75.1,d,19401,EMS: FEVER,no time at all,TOWN,ADDR,1", b"\xff\xfe,,,,,,,,")


@pytest.fixture(scope="module")
def calls(tmp_path_factory) -> Path:
    """A file of calls, with three rows in it that are none."""
    import gzip

    found = [Path(os.environ["WATCHROOM_CALLS"])] if "WATCHROOM_CALLS" in os.environ else sorted(SHARED.glob("montco*.csv.gz"))
    if found:
        with gzip.open(found[0]) as lines:
            header, *rows = (line.rstrip(b"\r\n") for line, _ in zip(lines, range(ROWS + 1), strict=False))
    else:
        header, rows = b"lat,lng,desc,zip,title,timeStamp,twp,addr,e", list(invented())
    rows[100:100] = BAD
    rows.append(rows[0])
    path = tmp_path_factory.mktemp("calls") / "calls.csv.gz"
    path.write_bytes(gzip.compress(b"\n".join([header, *rows]) + b"\n"))
    return path


def invented():
    chance, at = random.Random(7), datetime(2015, 12, 10, 17, 10, tzinfo=UTC)
    for number in range(ROWS):
        at += timedelta(seconds=chance.randrange(1, 600))
        where = f"{chance.randrange(1, 99)} MADE UP {chance.choice(('AVE', 'RD', 'ST'))}"
        spot = f"40.{chance.randrange(10**6)},-75.{chance.randrange(10**6)}"
        yield f"{spot},NO {number},19401,{chance.choice(TITLES)},{at:%Y-%m-%d %H:%M:%S},TOWN,{where},1".encode()


def replay(calls: Path, data: Path) -> dict:
    done = testing.run("replay", str(calls), "--json", data=data, within=3600)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_every_call_is_received_or_reported_once_and_falsifying_the_record_is_found(calls, tmp_path):
    first = replay(calls, tmp_path)
    print(f"\n{first['rows_per_second']} rows/s, load {first['load']}")
    print("\n".join(f"{step:>12} {figures}" for step, figures in first["latency_ms"].items()))
    assert (first["lost"], first["duplicates"], first["unfinished"]) == (0, 0, [])
    assert first["received"] + len(first["skipped"]) == first["rows"]
    assert {102, 103, 104} <= {entry["line"] for entry in first["skipped"]}
    assert first["received"] == first["assessed"] == first["graded"] == first["closed"] == first["deployed"] + first["resolved"]

    again = replay(calls, tmp_path)
    assert (again["received"], again["repeated"], again["closed"]) == (first["received"], first["received"], 0)
    with embedded.ensure(tmp_path) as state:
        contacts = "select count(*), count(distinct (day, number)) from contacts_contact where force = 'replay'"
        with roles.connect(embedded.url(state, roles.OWNER, state.owner_password)) as owner:
            assert owner.execute(contacts).fetchone() == (first["received"], first["received"])
            assert verified(tmp_path)["ok"]
            owner.execute("alter table foundation_fact disable trigger user")
            owner.execute(
                'update foundation_fact set body = body || \'{"grade": "forged"}\' where id ='
                " (select max(id) from foundation_fact where force = 'replay' and kind = 'GradeDecided')"
            )
        assert verified(tmp_path)["first_bad"]["force"] == "replay"


def verified(data: Path) -> dict:
    return json.loads(testing.run("facts", "verify", "--json", data=data, within=600).stdout)
