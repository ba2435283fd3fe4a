"""What a row says, and which rows are no calls: each is reported by its line, and none of them stops the others."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from watchroom.replay import rules, runner

HEADER = b"lat,lng,desc,zip,title,timeStamp,twp,addr,e\n"
GOOD = (
    b"40.2978759,-75.5812935,REINDEER CT & DEAD END;  NEW HANOVER; Station 332; 2015-12-10 @ 17:10:52;,19525,"
    b"EMS: BACK PAINS/INJURY,2015-12-10 17:10:52,NEW HANOVER,REINDEER CT & DEAD END,1"
)


def a_file(tmp_path, *lines: bytes, header: bytes = HEADER, name: str = "calls.csv"):
    path = tmp_path / name
    content = header + b"".join(line + b"\n" for line in lines)
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def with_field(number: int, value: bytes) -> bytes:
    fields = GOOD.split(b",")
    fields[number] = value
    return b",".join(fields)


MALFORMED = {
    "too few fields": (b"40.1,-75.1,short", "has 3 fields instead of 9"),
    "too many fields": (GOOD + b",1", "has 10 fields instead of 9"),
    "an open quotation mark": (b'"' + GOOD, "is not a row of CSV"),
    "no time": (with_field(5, b"yesterday"), "timeStamp “yesterday” is not a time"),
    "a day that never was": (with_field(5, b"2015-02-30 17:10:52"), "timeStamp “2015-02-30 17:10:52” is not a time"),
    "not UTF-8": (with_field(7, b"CAF\xe9 CT"), "is not UTF-8 text"),
    "a NUL": (with_field(7, b"A\x00B"), "holds a NUL character"),
    "no title": (with_field(4, b"  "), "title is empty"),
    "off Earth": (with_field(0, b"140.2"), "lat and lng are not on Earth"),
    "nowhere": (with_field(1, b"nan"), "lat and lng are not on Earth"),
    "no number": (with_field(1, b"west"), "lat and lng are not numbers"),
}


@pytest.mark.parametrize(("row", "why"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_row_is_reported_by_its_line_and_the_others_are_read(tmp_path, row, why):
    rows, skipped, total = runner.read(a_file(tmp_path, GOOD, b"", row, with_field(8, b"2")))
    assert [r.line for r in rows] == [2, 5]
    assert total == 3
    assert [entry["line"] for entry in skipped] == [4]
    assert why in skipped[0]["why"]


def test_an_identical_row_is_reported_and_counts_once(tmp_path):
    rows, skipped, total = runner.read(a_file(tmp_path, GOOD, with_field(8, b"2"), GOOD))
    assert (len(rows), total) == (2, 3)
    assert skipped == [{"line": 4, "why": "is the same, byte for byte, as line 2"}]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    plain, _, _ = runner.read(a_file(tmp_path, GOOD))
    windows, _, _ = runner.read(
        a_file(tmp_path, GOOD + b"\r", header=b"\xef\xbb\xbf" + HEADER[:-1] + b"\r\n", name="windows.csv")
    )
    assert plain[0] == windows[0]


def test_a_packed_file_is_the_same_file(tmp_path):
    assert runner.read(a_file(tmp_path, GOOD)) == runner.read(a_file(tmp_path, GOOD, name="calls.csv.gz"))


@pytest.mark.parametrize("header", [b"", b"a,b,c\n", HEADER.upper(), GOOD + b"\n"])
def test_a_file_with_another_header_is_refused_whole(tmp_path, header):
    with pytest.raises(runner.Unreadable, match="does not begin with the line lat,lng"):
        runner.read(a_file(tmp_path, GOOD, header=header))


def test_a_packed_file_that_was_cut_is_refused_whole(tmp_path):
    path = a_file(tmp_path, *(with_field(8, str(n).encode()) for n in range(500)), name="calls.csv.gz")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(runner.Unreadable, match="cannot be read"):
        runner.read(path)


@pytest.mark.parametrize("content", [b"no gzip at all", b"\x1f\x8b\x08\x00garbage of another kind"])
def test_what_only_calls_itself_packed_is_refused_whole(tmp_path, content):
    (tmp_path / "calls.csv.gz").write_bytes(content)
    with pytest.raises(runner.Unreadable, match="cannot be read"):
        runner.read(tmp_path / "calls.csv.gz")


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "nan", "inf", "", "1e9"])
def test_a_speed_that_is_none_is_refused(tmp_path, speed, capsys):
    assert runner.run(file=a_file(tmp_path, GOOD), speed=speed) == 2
    assert "--speed is a number above 0, or max" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said_so(tmp_path, capsys):
    assert runner.run(file=tmp_path / "nothing.csv") == 2
    assert "cannot be read" in capsys.readouterr().err


def at(text: str) -> datetime:
    return rules.parse(2, with_field(5, text.encode())).at.astimezone(UTC)


def test_times_are_of_the_wall_clock_in_new_york_summer_and_winter():
    assert at("2016-01-15 12:00:00") == datetime(2016, 1, 15, 17, tzinfo=UTC)
    assert at("2016-06-15 12:00:00") == datetime(2016, 6, 15, 16, tzinfo=UTC)


def test_the_hour_that_was_not_and_the_hour_that_was_twice_are_times_all_the_same():
    assert at("2016-03-13 02:30:00") == datetime(2016, 3, 13, 7, 30, tzinfo=UTC)  # clocks went from 2 to 3
    assert at("2016-11-06 01:30:00") == datetime(2016, 11, 6, 5, 30, tzinfo=UTC)  # the first of the two
    assert at("2016-11-06 02:00:00") - at("2016-11-06 01:00:00") == timedelta(hours=2)


def test_every_title_gets_a_treatment_that_the_policy_knows():
    from watchroom.force import packs

    policy = packs.national()
    kinds = {kind.code for kind in policy.incident_types}
    titles = rules.Titles()
    for title in ("EMS: BACK PAINS/INJURY", "Traffic: DISABLED VEHICLE", "Fire: BUILDING FIRE", "what nobody has thought of"):
        assert titles.treat(title).kind in kinds
    assert all(treatment.kind in kinds for _, treatment in titles.rows)
