"""Nobody but the gateway is believed, and no post goes out on one person's word."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.force import packs
from watchroom.force.policy import Social
from watchroom.links.social import protocol, rules

SECRET = "s" * 32
WINDOW = timedelta(seconds=300)
NOW = int(world.NIGHT.timestamp())
secrets = st.text(st.characters(codec="utf-8", exclude_characters=" "), min_size=32, max_size=64)
WORDS = packs.national().social.words


def verdict(header: str, body: bytes, *known: str, now=world.NIGHT):
    return rules.check(header, body, known, now=now, window=WINDOW)


@given(body=st.binary(max_size=200), secret=secrets, late=st.integers(-300, 300))
def test_what_is_rightly_signed_within_the_window_is_let_in(body, secret, late):
    header = rules.header(secret, NOW + late, body)
    assert verdict(header, body, secret) == ""
    assert verdict(header, body, "another" * 5, secret) == "", "while the secret is changed, either is right"


@given(body=st.binary(max_size=200), late=st.integers(301, 10**9), sign=st.sampled_from([-1, 1]))
def test_outside_the_window_it_is_expired_however_rightly_signed(body, late, sign):
    seconds = NOW + sign * late
    if seconds >= 0:
        assert verdict(rules.header(SECRET, seconds, body), body, SECRET) == "expired"


@given(body=st.binary(max_size=200), other=st.binary(max_size=200), secret=secrets, wrong=secrets, moved=st.integers(-300, 300))
def test_another_body_another_secret_or_another_time_is_never_let_in(body, other, secret, wrong, moved):
    header = rules.header(secret, NOW, body)
    if other != body:
        assert verdict(header, other, secret) == "wrong"
    if wrong != secret:
        assert verdict(header, body, wrong) == "wrong"
    assert verdict(header, body) == "wrong", "without a secret nothing is right"
    if moved:
        assert verdict(header.replace(f"t={NOW}", f"t={NOW + moved}"), body, secret) == "wrong"


@given(body=st.binary(max_size=100), at=st.integers(0, 75), to=st.sampled_from("0123456789abcdefx,=t"))
def test_a_changed_character_of_the_header_never_lets_in_what_was_not_signed(body, at, to):
    header = rules.header(SECRET, NOW, body)
    changed = header[:at] + to + header[at + 1 :]
    if changed != header:
        assert verdict(changed, body, SECRET) in ("wrong", "malformed")


@given(st.text(max_size=200), st.binary(max_size=50))
def test_any_header_has_a_verdict_and_none_that_lets_in(header, body):
    assert verdict(header, body, SECRET) in ("missing", "malformed", "wrong")


def test_the_time_cannot_be_moved_into_the_body():
    """`1.1` and `1` with `1.` in front of the body would be signed alike if the time might hold a point."""
    assert verdict(f"t=1.1,v1={rules.sign(SECRET, 1, b'1.x')}", b"x", SECRET) == "malformed"


# --- the body -------------------------------------------------------------------------------------------------------


anything = st.recursive(
    st.none() | st.text() | st.integers() | st.booleans(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
)


@given(st.binary(max_size=300) | anything.map(json.dumps).map(str.encode))
def test_whatever_is_no_message_is_refused_and_nothing_of_it_is_said(body):
    with pytest.raises(protocol.Unreadable) as raised:
        protocol.read(body)
    allowed = {*protocol.Message.model_fields, "from", "account", "name", "body", "unknown"}
    assert {part for field in raised.value.fields for part in field.split(".")} <= allowed


# --- posts ----------------------------------------------------------------------------------------------------------

names = st.sampled_from(["Leanne Whitcombe", "@quiet_fox", "Ann O’Hara", "José Müller"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Ring 101 if you saw a red car.", []),
        ("Ring 07700 900417.", ["number"]),
        ("Write to ann@example.org", ["email"]),
        ("Thanks @quietfox", ["account"]),
        ("Near HB4 2QT", ["postcode"]),
        ("At 18 Tanner’s Row", ["address"]),
        ("A 14-year-old is missing; aged 14", ["age"]),
        ("Born 3/12/1984", ["born"]),
        ("leanne  WHITCOMBE is safe", ["known"]),
        ("Leanne Marie Whitcombe is safe", ["known"]),
        ("Whitcombe, Leanne", ["known"]),
        ("Leanne is safe, says her aunt Marie", []),
        ("The Whitcombe building is closed", []),
        ("The victim lives at the harbour", ["victim"]),
        ("A woman was raped near the park", ["lifelong"]),
    ],
)
def test_what_could_give_somebody_away_is_named(text, codes):
    assert rules.warnings(text, rules.names(["Leanne Marie Whitcombe", "Whitcombe", "Leanne"], ["@leanne"]), WORDS) == codes


@given(name=names, before=st.text(max_size=40), after=st.text(max_size=40), upper=st.booleans())
def test_more_words_never_take_a_warning_away_and_a_known_name_is_found_wherever_it_stands(name, before, after, upper):
    inner = f"{name.upper() if upper else name}, the victim, 14 years old, HB4 2QT"
    alone = rules.warnings(inner, rules.names([name], [name]), WORDS)
    assert {"known", "victim", "age", "postcode"} <= set(alone)
    assert set(alone) <= set(rules.warnings(f"{before}\n{inner}\n{after}", rules.names([name], [name]), WORDS))


@given(by=st.sampled_from(["staff:1", "staff:2"]), writer=st.sampled_from(["staff:1", "staff:2"]), is_open=st.booleans())
def test_who_wrote_it_never_approves_it(by, writer, is_open):
    refused = bool(rules.may_answer(written_by=writer, by=by, is_open=is_open))
    assert refused == (by == writer or not is_open)


def test_a_policy_of_before_social_media_has_them_too():
    assert Social().window == WINDOW
    old = packs.national().model_copy(update={"channels": ()})
    assert old.channel("social").answer_s == 900
