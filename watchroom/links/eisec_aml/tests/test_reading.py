"""A handset's text and the network's record are read generously where senders differ and strictly where it matters; nothing breaks it."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from watchroom import testing
from watchroom.links.eisec_aml import aml, eisec
from watchroom.links.eisec_aml.rules import Unreadable

CODES = "si=123456789012345;ei=1234567890123456;mcc=234;mnc=30"
PUBLISHED = f'A"ML=1;lt=+54.76397;lg=-0.18305;rd=50;top=20130717141935;lc=90;pm=W;{CODES};ml=128'
HEARD = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


def keys_of(text: str) -> dict[str, str]:
    with pytest.raises(Unreadable) as refused:
        aml.parse(text)
    return refused.value.fields


def text(**more: str) -> str:
    parts = {"lt": "+54.76397", "lg": "-0.18305", "rd": "50", "top": "20130717141935", "lc": "90", "pm": "W"} | more
    return 'A"ML=1;' + ";".join(f"{key}={value}" for key, value in parts.items() if value)


# --- a handset's text -------------------------------------------------------------------------------------------------


def test_the_published_example_is_read_whole():
    found = aml.parse(PUBLISHED)
    assert (found.latitude, found.longitude, found.radius) == (54.76397, -0.18305, 50.0)
    assert (found.at, found.confidence, found.method) == (datetime(2013, 7, 17, 14, 19, 35, tzinfo=UTC), 90, "W")
    assert (found.mcc, found.mnc) == ("234", "30")
    assert aml.report(found).method == "wifi"


def test_neither_the_sim_nor_the_handset_is_kept():
    assert "123456789012345" not in repr(aml.parse(PUBLISHED)) + repr(aml.report(aml.parse(PUBLISHED)))


@pytest.mark.parametrize(
    "as_it_comes",
    [
        PUBLISHED.replace('A"ML', "AML"),
        PUBLISHED.replace('A"ML', "ML"),
        PUBLISHED.replace('A"ML', "A”ML"),
        PUBLISHED.replace("lt=+", "lt="),
        PUBLISHED.lower(),
        "  " + PUBLISHED.replace(";", " ; ").replace("=", " = ") + "\r\n",
        PUBLISHED + ";",
        PUBLISHED.replace(";ml=128", ";zz=new;ml=135"),
        PUBLISHED.replace(";ml=128", ""),
        'A"ML=1;top=20130717141935;pm=W;lc=90;rd=50;mnc=30;mcc=234;lg=-0.18305;lt=+54.76397',
    ],
)
def test_what_differs_between_handsets_and_gateways_reads_the_same(as_it_comes):
    assert aml.parse(as_it_comes) == aml.parse(PUBLISHED)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lt", "+91.0"), ("lt", "54,76"), ("lt", "north"), ("lt", ""), ("lt", "nan"), ("lt", "٥٤.٧"),
        ("lg", "181"), ("lg", ""), ("lg", "1e2"),
        ("rd", "N"), ("rd", "-5"), ("rd", "200000"), ("rd", ""), ("rd", "inf"),
        ("top", "20130732141935"), ("top", "2013071714193"), ("top", ""), ("top", "00000101000000"), ("top", "2013-07-17T14:19"),
        ("lc", "101"), ("lc", "-1"), ("lc", "high"),
        ("pm", "X"), ("pm", "GW"),
        ("ml", "64"), ("ml", "999"), ("ml", "many"),
    ],
)  # fmt: skip
def test_what_is_no_position_is_refused_by_the_name_of_its_key(key, value):
    assert set(keys_of(text(**{key: value}))) == {key}


def test_a_text_that_lost_a_part_is_refused_and_one_that_lost_a_quote_is_not():
    assert set(keys_of(PUBLISHED.replace(";pm=W", ""))) == {"ml"}
    assert aml.parse(PUBLISHED.replace('"', ""))


def test_two_values_for_one_key_are_not_guessed_between():
    assert set(keys_of(text() + ";rd=5")) == {"rd"}


def test_nought_nought_is_no_place():
    assert set(keys_of(text(lt="+0.00000", lg="+0.00000"))) == {"lt"}


@pytest.mark.parametrize("other", ["", "Please ring me back", 'A"ML=2;lt=1', "A=1", "x" * 481, 'A"ML=1;nonsense', "\x00", "ML"])
def test_an_ordinary_text_is_no_position(other):
    assert keys_of(other)


def test_a_handset_that_found_nothing_says_so():
    found = aml.parse('A"ML=1;lt=+00.00000;lg=+000.00000;rd=N;top=20130717141935;pm=N;ml=64')
    assert (found.latitude, found.radius, aml.report(found).method) == (None, None, "none")


points = st.tuples(st.integers(-89_999_999, 89_999_999), st.integers(-179_999_999, 179_999_999)).filter(lambda p: p != (0, 0))
times = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001
codes = st.just("") | st.integers(10, 999).map(str)
found_somewhere = st.builds(
    lambda point, **more: aml.Message(latitude=point[0] / 1e6, longitude=point[1] / 1e6, **more),
    points,
    at=times,
    method=st.sampled_from(["G", "W", "C", ""]),
    radius=st.integers(0, 100_000).map(float),
    confidence=st.none() | st.integers(0, 100),
    mcc=codes,
    mnc=codes,
)
found_nothing = st.builds(aml.Message, at=times, method=st.just("N"), confidence=st.none(), mcc=codes, mnc=codes)
messages = found_somewhere | found_nothing
digits = st.text("0123456789", min_size=15, max_size=16)


@given(messages, digits | st.just(""), digits | st.just(""))
def test_what_is_written_is_read_again(message, sim, handset):
    written = aml.write(message, sim=sim, handset=handset)
    assert aml.parse(written) == message
    assert written.endswith(f"ml={len(written)}")


@given(st.text(max_size=500))
@example('A"ML=1')
@example('A"ML=1;=;')
@example('A"ML=1;lt=' + "9" * 300)
def test_any_text_is_read_or_refused_and_never_breaks(any_text):
    with suppress(Unreadable):
        aml.parse(any_text)


def damaged(written: str, cuts: list[tuple[int, str]]) -> str:
    for at, put in cuts:
        at %= len(written) + 1
        written = written[:at] + put + written[at + (len(put) != 1) :]
    return written


@testing.long
@hypothesis(max_examples=4_000)
@given(messages, st.lists(st.tuples(st.integers(0, 500), st.text(max_size=3)), max_size=8))
def test_a_damaged_text_is_read_or_refused_and_what_is_read_can_be(message, cuts):
    try:
        found = aml.parse(damaged(aml.write(message), cuts))
    except Unreadable:
        return
    assert found.latitude is None or (abs(found.latitude) <= 90 and abs(found.longitude) <= 180)
    assert found.radius is None or 0 <= found.radius <= aml.WIDEST_M
    assert found.confidence is None or 0 <= found.confidence <= 100
    assert aml.parse(aml.write(found)).at == found.at


# --- the network's record ---------------------------------------------------------------------------------------------

LINE = {
    "cli": "01632 960104",
    "name": "A Subscriber",
    "address": ["Flat 2", "18 Tanner’s Row", "Harrowby"],
    "postcode": "HB4 2QT",
    "east": 406461.0,
    "north": 522340.0,
    "time": "2026-11-22T03:11:58Z",
}
MOBILE = {
    "cli": "+447700900417",
    "ellipse": {"east": 406000, "north": 522000, "semi_major": 900, "semi_minor": 300, "angle": 30, "confidence": 67},
}


def fields_of(**more: object) -> set[str]:
    with pytest.raises(Unreadable) as refused:
        eisec.parse(json.dumps({**LINE, **more}))
    return set(refused.value.fields)


def test_a_line_has_its_address_and_its_point():
    found = eisec.report(eisec.parse(json.dumps(LINE)), heard_at=HEARD)
    assert (found.method, found.address, found.postcode) == ("line", "Flat 2, 18 Tanner’s Row, Harrowby", "HB4 2QT")
    assert found.taken_at == HEARD - timedelta(seconds=2)
    assert (round(found.latitude, 2), round(found.longitude, 2)) == (54.60, -1.90)


def test_a_mobile_has_the_ellipse_of_its_cell():
    found = eisec.report(eisec.parse(json.dumps(MOBILE)), heard_at=HEARD)
    assert (found.method, found.radius, found.minor, found.bearing, found.confidence) == ("cell", 900, 300, 30, 67)
    assert (found.is_mobile, found.taken_at) == (True, HEARD)


def test_an_internet_telephone_is_called_so_whatever_address_it_has():
    assert eisec.report(eisec.parse(json.dumps({**LINE, "is_voip": True})), heard_at=HEARD).method == "voip"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"cli": ""}, "cli"),
        ({"east": 700_000.0}, "east"),
        ({"north": -1.0}, "north"),
        ({"east": "406461"}, "east"),
        ({"north": None}, "record"),
        ({"name": "x" * 121}, "name"),
        ({"postcode": "a\x00b"}, "postcode"),
        ({"address": ["x"] * 9}, "address"),
        ({"address": ["x" * 81]}, "address.0"),
        ({"time": "2026-11-22T03:11:58"}, "time"),
        ({"time": 1_700_000_000}, "time"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "record"),
        ({"update": -1}, "update"),
        ({"is_voip": 1}, "is_voip"),
        ({"adress": []}, "adress"),
        ({"ellipse": {**MOBILE["ellipse"], "semi_minor": 901}}, "ellipse"),
        ({"ellipse": {**MOBILE["ellipse"], "semi_major": 0}}, "ellipse.semi_major"),
        ({"ellipse": {**MOBILE["ellipse"], "angle": 360}}, "ellipse.angle"),
        ({"ellipse": {**MOBILE["ellipse"], "confidence": 101}}, "ellipse.confidence"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field(more, field):
    assert fields_of(**more) == {field}


def test_a_record_without_anything_of_where_is_refused():
    assert fields_of(address=[" "], postcode="", east=None, north=None) == {"record"}


words = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=10)
eastings, northings = st.floats(0, 699_999), st.floats(0, 1_299_999)
ellipses = st.builds(
    lambda major, part, **more: eisec.Ellipse(semi_major=major, semi_minor=major * part, **more),
    st.floats(1, 100_000),
    st.floats(0.01, 1),
    east=eastings,
    north=northings,
    angle=st.floats(0, 359.9),
    confidence=st.none() | st.integers(1, 100),
)
records = st.builds(
    lambda point, **more: eisec.Record(east=point and point[0], north=point and point[1], **more),
    st.none() | st.tuples(eastings, northings),
    cli=st.just("07700900417"),
    status=st.sampled_from(["ringing", "connected", "cleared", "unknown"]),
    name=words,
    address=st.lists(words, max_size=8).map(tuple),
    postcode=st.just("HB4 2QT"),
    ellipse=st.none() | ellipses,
    zone=words,
    network=words,
    is_mobile=st.none() | st.booleans(),
    is_voip=st.booleans(),
    time=st.none() | times,
    update=st.integers(0, 10_000),
)


@given(records)
def test_a_record_that_is_written_is_read_again(record):
    assert eisec.parse(eisec.write(record)) == record
    assert eisec.report(record, heard_at=HEARD).source == "eisec"


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*LINE, "ellipse", "zone", "x"]), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(st.text(max_size=200) | json_like.map(json.dumps))
@example("[" * 10_000)
@example('{"cli": "\\ud800"}')
@example("1e999999")
def test_any_record_is_read_or_refused_and_never_breaks(any_text):
    with suppress(Unreadable):
        eisec.parse(any_text)


@testing.long
@hypothesis(max_examples=1_500)
@given(records, st.lists(st.tuples(st.integers(0, 2000), st.text(max_size=3)), max_size=6))
def test_a_damaged_record_is_read_or_refused(record, cuts):
    with suppress(Unreadable):
        eisec.report(eisec.parse(damaged(eisec.write(record), cuts)), heard_at=HEARD)
