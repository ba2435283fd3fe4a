"""An answer is believed only where every part of it is as agreed; else none of it is, and nothing of it is said."""

import json

import pytest

from watchroom.links.records import protocol
from watchroom.links.records.tests.other_side import DEREK, LEANNE, records


def changed(**more) -> bytes:
    return records({**LEANNE, **more})


HOSTILE = {
    "no JSON": b"<!doctype html><title>Log in</title>",
    "empty": b"",
    "not UTF-8": b'{"records": [{"reference": "\xff\xfe"}]}',
    "a list": b"[]",
    "no records": b"{}",
    "records of another type": b'{"records": "none"}',
    "deep": b'{"records": ' + b"[" * 100_000,
    "infinity": b'{"records": [], "more": Infinity}',
    "too many": records(*({**DEREK, "reference": f"H-{n}"} for n in range(protocol.MOST_RECORDS + 1))),
    "no reference": changed(reference=""),
    "reference of another type": changed(reference=4471),
    "one reference twice": records(LEANNE, LEANNE),
    "NUL": changed(family_name="Whit\0combe"),
    "a control character": changed(flags=["one\x1b[2Jtwo"]),
    "a change of direction": changed(given_name="Leanne\u202e"),
    "half a character": b'{"records": [{"reference": "H-1", "given_name": "\\ud800"}]}',
    "markup": changed(flags=["<script>zyx()</script>"]),
    "a long name": changed(family_name="W" * 61),
    "many numbers": changed(numbers=["07700 900417"] * 11),
    "number of another type": changed(numbers=[447700900417]),
    "no such day": changed(born="1984-02-31"),
    "no date": changed(born="last week"),
    "as of no day": changed(as_of="yesterday"),
    "address of another type": changed(addresses=["18 Tanner’s Row"]),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_no_answer(body):
    with pytest.raises(protocol.Unreadable) as refused:
        protocol.read(body, most=10)
    assert str(refused.value) == ""
    assert refused.value.__suppress_context__  # the checker's own words quote what came


def test_a_good_answer_is_taken_with_all_it_says():
    (leanne, derek), is_cut = protocol.read(records(LEANNE, DEREK), most=10)
    assert (leanne.external, leanne.family_name, leanne.born) == ("H-4471", "Whitcombe", "1984-03-12")
    assert leanne.addresses == ({"street": "Flat 2, 18 Tanner’s Row", "town": "Harrowby", "postcode": "HB4 2QT"},)
    assert leanne.flags == ("Moved here as an emergency in September",)
    assert derek.addresses == ()
    assert not is_cut


def test_more_than_may_be_taken_are_cut_and_said_to_be():
    found, is_cut = protocol.read(records(LEANNE, DEREK), most=1)
    assert [one.external for one in found] == ["H-4471"]
    assert is_cut
    assert protocol.read(records(LEANNE, more=True), most=10)[1]


def test_what_is_new_in_a_later_version_does_no_harm():
    body = json.loads(changed(tenancy="secure"))
    assert protocol.read(json.dumps(body | {"version": 2}).encode(), most=10)[0]
