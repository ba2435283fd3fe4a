"""Whatever lies in a mailbox can be looked at by a person, and nothing in it acts by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.links.email import reading, rules


def mail(*head: str, body: str = "It was taken.") -> bytes:
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def test_plain_text_sender_and_subject():
    found = reading.read(mail("From: Ann Carver <ann@example.org>", "Subject: =?utf-8?q?My_b=C3=AFke?=", "Message-ID: <a@b>"))
    assert (found.name, found.address, found.subject, found.text) == ("Ann Carver", "ann@example.org", "My bïke", "It was taken.")
    assert found.message_id == "<a@b>"
    assert found.remarks == ()


def test_html_is_read_as_a_person_would_and_nothing_of_it_acts():
    page = "<style>p{}</style><p>He is <b>here</b>.</p><script>steal()</script><p>Help &amp; hurry<br>now</p><img src=http://x.example/t.gif>"
    found = reading.read(mail("From: a@b.example", "Content-Type: text/html; charset=utf-8", body=page))
    assert found.text == "He is here.\n\nHelp & hurry\nnow"


def test_of_two_forms_of_the_same_the_plain_one_is_taken_and_a_file_is_a_file():
    raw = mail(
        "From: a@b.example",
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="x"',
        body='--x\r\nContent-Type: multipart/alternative; boundary="y"\r\n\r\n--y\r\nContent-Type: text/plain\r\n\r\nplain\r\n'
        "--y\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--y--\r\n"
        '--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="../../a\\b.png"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--x--\r\n",
    )
    found = reading.read(raw)
    assert found.text == "plain"
    (file,) = found.files
    assert file.data == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"From: =?utf-8?b?!!!?=\r\n\r\nx",
        b"Content-Type: text/plain; charset=no-such\r\n\r\n\x93Help\x94",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%%",
        b"Subject: " + b"x" * 100_000 + b"\r\n\r\nx",
        b"From: \r\nMessage-ID: [<a@b>]\r\n\r\nx",
        b"Content-Type: message/rfc822\r\n\r\n" * 150 + b"deep",
        b"Date: never\r\nFrom: a@@b\r\nTo: ;;;\r\n\r\nx",
    ],
)
def test_a_broken_message_is_read_as_far_as_it_can_be(raw):
    found = reading.read(raw)
    assert "\0" not in found.text + found.subject + found.name
    assert found.text or found.remarks


@given(st.binary(max_size=600))
def test_no_bytes_at_all_make_it_fail(raw):
    found = reading.read(raw)
    assert "\0" not in found.text + found.subject + found.name + found.address
    assert all(len(line) <= reading.PART_TEXT for line in found.lines)


@given(st.text(alphabet="ab \n", max_size=400))
def test_split_loses_nothing(text):
    before = reading.PART_TEXT
    try:
        reading.PART_TEXT = 40
        assert "".join(reading.split(text)).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")
    finally:
        reading.PART_TEXT = before


def test_signs_that_turn_the_direction_are_left_out():
    assert reading.read(mail("From: a@b.example", body="safe\u202egnp.exe")).text == "safegnp.exe"


def test_a_machines_answer_is_told_as_one():
    assert reading.read(mail("From: a@b.example", "Auto-Submitted: auto-replied")).is_automatic
    assert reading.read(mail("From: a@b.example", "Return-Path: <>")).is_automatic
    assert not reading.read(mail("From: a@b.example", "Auto-Submitted: no")).is_automatic


@pytest.mark.parametrize(
    ("safe", "ways", "is_allowed"),
    [("any", [], True), ("some", ["email"], True), ("some", ["call"], False), ("no", ["email"], False), ("unknown", [], False)],
)
def test_who_did_not_say_that_it_is_safe_is_not_written_to(safe, ways, is_allowed):
    assert (rules.may_reply(safe, ways, "a@b.example") == "") is is_allowed
    assert rules.may_reply(safe, ways, "")


@pytest.mark.parametrize(
    "text", ["a@b.example\nBcc: x@y.example", "a@b.example,x@y.example", "a b@c.example", "a@", "<a@b.example>", "ä@b.example"]
)
def test_an_address_that_could_be_two_is_none(text):
    assert not rules.is_address(text)
    assert rules.is_address("ann.carver+x@mail.example.org")


def test_what_goes_on_for_ever_is_cut_and_says_so():
    parts = "".join(f"--x\r\nContent-Type: text/plain\r\n\r\nPart {n}\r\n" for n in range(reading.PARTS + 20)) + "--x--\r\n"
    many = reading.read(mail("Content-Type: multipart/mixed; boundary=x", body=parts))
    assert any("more than" in one for one in many.remarks)
    assert f"Part {reading.PARTS + 10}" not in many.text
    long = reading.read(mail("From: a@b.example", body="word " * (reading.MOST_TEXT // 5 + 100)))
    assert len(long.text) <= reading.MOST_TEXT
    assert any("characters" in one for one in long.remarks)


def test_a_header_is_one_line_and_a_long_id_a_digest():
    found = reading.read(mail("Subject: =?utf-8?q?My_bike=0ABcc=3A_x?=", f"Message-ID: <{'a' * 400}@x>"))
    assert found.subject == "My bike Bcc: x"
    assert found.message_id.startswith("sha256:")
    assert len(found.message_id) <= 255
