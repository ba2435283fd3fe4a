"""What may happen to a contact, who is answered first, when a clock is kept, and what number that is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts import rules
from watchroom.force import packs
from watchroom.force.policy import EMERGENCIES

POLICY = packs.national()
NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Contact:
    channel: str
    attention: int
    transferred_at: datetime
    answered_at: datetime | None = None

    @property
    def in_line_since(self) -> datetime:
        return self.transferred_at


def contact(channel="999", waited=0.0, attention=0, answered_after=None):
    arrived = NOW - timedelta(seconds=waited)
    return Contact(channel, attention, arrived, None if answered_after is None else arrived + timedelta(seconds=answered_after))


# --- states ---------------------------------------------------------------------------------------------------------


def test_a_call_is_answered_ended_and_wrapped_in_that_order():
    state = "waiting"
    for verb in ("answer", "end", "wrap"):
        assert rules.may(state, verb)
        state = rules.next_state(state, verb, "999")
    assert state == "wrapped"


@pytest.mark.parametrize("channel", rules.LIVE)
def test_whoever_is_waiting_may_give_up_and_is_rung_back(channel):
    assert rules.next_state("waiting", "abandon", channel) == "abandoned"
    assert rules.next_state("abandoned", "ring_back", channel) == "answered"
    assert not rules.may("answered", "wrap", channel)


@pytest.mark.parametrize("channel", [one for one in rules.CHANNELS if one not in rules.LIVE])
def test_what_was_written_cannot_give_up_and_is_wrapped_when_read(channel):
    assert not rules.may("waiting", "abandon", channel)
    assert rules.may("answered", "wrap", channel)


@given(st.sampled_from(["answer", "abandon", "end", "wrap", "ring_back", "burn"]), st.sampled_from(rules.CHANNELS))
def test_nothing_more_happens_to_what_is_wrapped(verb, channel):
    assert not rules.may("wrapped", verb, channel)


@given(st.sampled_from(rules.CHANNELS))
def test_nothing_is_wrapped_before_somebody_has_answered_or_the_caller_gave_up(channel):
    assert not rules.may("waiting", "wrap", channel)


# --- clocks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "within", "band"), [(0, True, 0), (9.999, True, 0), (10, True, 1), (10.001, False, 1), (60, False, 2)]
)
def test_the_edge_of_ten_seconds_is_within_the_standard_and_in_the_second_band(seconds, within, band):
    assert rules.answered_within(contact(answered_after=seconds), POLICY.response.answer_999_s) is within
    assert rules.answer_band(seconds, POLICY) == band


def test_the_bands_are_those_that_are_published():
    assert rules.band_labels(POLICY) == ("under 10 s", "10 to under 60 s", "60 s and over")


def test_who_was_never_answered_was_not_answered_within():
    assert not rules.answered_within(contact(waited=3), 10)


def test_a_wait_is_never_negative_when_two_clocks_disagree():
    assert rules.waited(contact(answered_after=-2), NOW) == 0


def test_what_a_contact_owes_is_due_by_the_policy():
    assert rules.due("answer", "999", NOW, POLICY) == NOW + timedelta(seconds=10)
    assert rules.due("answer", "101", NOW, packs.shipped("northmoor")) == NOW + timedelta(seconds=60)
    for kind in ("risk", "wrap_up", "abandoned"):
        assert rules.due(kind, "online", NOW, POLICY) > NOW


def test_a_due_time_is_right_in_the_night_when_the_clocks_change():
    at = datetime(2026, 10, 25, 1, 55, tzinfo=ZoneInfo("Europe/London"))
    assert (rules.due("wrap_up", "999", at, POLICY) - at.astimezone(UTC)).total_seconds() == POLICY.contacts.wrap_up_s


def test_a_repeat_caller_rang_within_the_window():
    assert rules.repeat_window(NOW, POLICY) == NOW - timedelta(days=28)


# --- queue ----------------------------------------------------------------------------------------------------------


def test_999_first_then_who_is_due_first_and_attention_lifts():
    old_form = contact("online", waited=4000)
    marked = contact("101", waited=5, attention=2)
    queue = [
        old_form,
        marked,
        contact("101", waited=90),
        contact("999", waited=1),
        contact("999", waited=9),
        contact("999", 2, 1),
    ]
    ordered = rules.queue_order(queue, POLICY)
    assert [(one.channel, one.attention) for one in ordered[:3]] == [("999", 1), ("999", 0), ("999", 0)]
    assert ordered[1].transferred_at < ordered[2].transferred_at
    assert ordered[3:5] == [marked, old_form]


contacts = st.builds(contact, st.sampled_from([*rules.CHANNELS, "pigeon"]), st.floats(0, 1e6), st.integers(0, 3))


@given(st.lists(contacts, max_size=12))
def test_nobody_is_lost_in_the_queue_and_no_other_channel_stands_before_999_called_or_written(queue):
    ordered = rules.queue_order(queue, POLICY)
    assert sorted(map(repr, ordered)) == sorted(map(repr, queue))
    is_999 = [one.channel in EMERGENCIES for one in ordered]
    assert is_999 == sorted(is_999, reverse=True)


# --- numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        "07700 900417", "07700900417", "+447700900417", "+44 7700 900417", "+44 (0)7700 900417", "+4407700900417",
        "0044 7700 900417", "00447700900417", "(07700) 900-417", "07700/900417", "tel:+447700900417",
        "sip:+447700900417@exchange.example;user=phone",
        "447700900417", "7700900417", " 07700.900.417 ", "07700 900417 ext 12", "０７７００９００４１７",
    ],
)  # fmt: skip
def test_however_a_number_is_written_it_is_one_number(raw):
    assert rules.normal_number(raw) == "+447700900417"


@pytest.mark.parametrize(
    "raw", ["", "  ", "withheld", "Number Withheld", "ANONYMOUS", "anonymous@anonymous.invalid",
            "sip:anonymous@anonymous.invalid", "Private", "unavailable", "N/A", "no CLI", "-", "unknown", "restricted"],
)  # fmt: skip
def test_a_withheld_number_is_no_number_in_any_of_its_forms(raw):
    assert rules.normal_number(raw) == ""


@pytest.mark.parametrize(
    ("raw", "normal", "shown"),
    [
        ("01632 960001", "+441632960001", "01632 960001"),
        ("020 7946 0001", "+442079460001", "020 7946 0001"),
        ("0113 496 0001", "+441134960001", "0113 496 0001"),
        ("0808 157 0001", "+448081570001", "0808 157 0001"),
        ("+1 212 555 0100", "+12125550100", "+12125550100"),
        ("999", "999", "999"),
        ("4417", "4417", "4417"),
    ],
)
def test_a_number_is_stored_in_one_form_and_read_out_in_another(raw, normal, shown):
    assert rules.normal_number(raw) == normal
    assert rules.shown_number(normal) == shown


@given(st.text(max_size=30) | st.text("+0123456789 ()-", max_size=24))
def test_a_normal_number_is_short_and_normal_already(raw):
    normal = rules.normal_number(raw)
    assert len(normal) <= 16
    assert normal == "" or (normal.removeprefix("+").isascii() and normal.removeprefix("+").isdigit())
    assert rules.normal_number(normal) == normal


@given(st.integers(900000, 900999), st.sampled_from(["0{}", "+44{}", "0044{}", "44{}", "+44 (0){}", "{}"]))
def test_every_drama_number_survives_every_way_to_write_it(last, written):
    assert rules.normal_number(written.format(f"7700{last}")) == f"+447700{last}"
