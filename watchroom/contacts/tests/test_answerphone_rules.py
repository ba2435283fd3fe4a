"""No call is sent to a box that nobody listens to in time: over years, bank holidays and clock changes (R21)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.contacts.answerphone import rules
from watchroom.contacts.answerphone.queries import _bank_holidays
from watchroom.force import packs
from watchroom.force.policy import Box
from watchroom.staff.queries import DESKS

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = frozenset().union(*(_bank_holidays("ENG", year) for year in range(2024, 2034, 3)))
OFFICE = dict.fromkeys(rules.WEEKDAYS[:5], ("08:00-18:00",))


def a_box(hours=OFFICE, **more) -> Box:
    return Box(**({"code": "desk", "label": "Enquiries", "owner": "desk:contact", "hours": hours, "listen_s": 7200} | more))


def local(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=LONDON, fold=fold).astimezone(UTC)


def is_there(box: Box, moment: datetime) -> bool:
    """Written again, by the clock on the wall at one moment: is this within hours that are the box's?"""
    wall = moment.astimezone(LONDON)
    if wall.date() in HOLIDAYS and not box.on_bank_holidays:
        return False
    now = f"{wall:%H:%M}"
    return any(s <= now < e for s, e in (text.split("-") for text in box.hours.get(rules.WEEKDAYS[wall.weekday()], ())))


def minutes_there(box: Box, moment: datetime) -> int:
    """Of the minutes until the message is due, those in which somebody is there."""
    return sum(is_there(box, moment + timedelta(minutes=n)) for n in range(box.listen_s // 60))


@st.composite
def boxes(draw) -> Box:
    hours = {}
    for day in draw(st.sets(st.sampled_from(rules.WEEKDAYS))):
        edges = sorted(draw(st.sets(st.integers(0, 48), min_size=2, max_size=4)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        hours[day] = tuple(f"{a // 2:02d}:{a % 2 * 30:02d}-{b // 2:02d}:{b % 2 * 30:02d}" for a, b in pairs)
    listen = draw(st.integers(1, 240)) * 60
    return a_box(
        hours,
        listen_s=listen,
        needs_s=draw(st.integers(1, listen // 60)) * 60,
        on_bank_holidays=draw(st.booleans()),
    )


#: Any minute of ten years, and often one near Christmas, a bank holiday in August or a night in which the clocks change.
def near(day: date) -> st.SearchStrategy[datetime]:
    start = datetime.combine(day, time(0), tzinfo=UTC)
    return st.integers(-2880, 4320).map(lambda n: start + timedelta(minutes=n))


MOMENTS = st.one_of(
    st.integers(0, 10 * 365 * 1440).map(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=n)),
    *(near(day) for day in (date(2026, 12, 25), date(2027, 3, 26), date(2027, 8, 30), date(2027, 3, 28), date(2026, 10, 25))),
)


@given(boxes(), MOMENTS)
def test_nobody_is_sent_to_a_box_to_which_nobody_listens_in_time(box, moment):
    found = rules.may_divert(box, moment, HOLIDAYS, LONDON)
    there = minutes_there(box, moment)
    needed = box.needs_s // 60
    if found.allowed:
        # in the hour that comes twice the clock on the wall reads hours as longer than they are taken here, never as shorter
        assert there >= needed
    else:
        assert there < needed or rules_shorter(box, moment)


def rules_shorter(box: Box, moment: datetime) -> bool:
    """Whether an hour that the clocks repeat or skip lies within reach, where the shorter reading counts."""
    offsets = {(moment + timedelta(hours=n)).astimezone(LONDON).utcoffset() for n in range(-2, box.listen_s // 3600 + 4)}
    return len(offsets) > 1


@given(boxes(), MOMENTS)
def test_what_is_said_of_when_it_changes_is_so(box, moment):
    found = rules.may_divert(box, moment, HOLIDAYS, LONDON)
    if found.until is None:
        return
    assert found.until > moment

    def allowed(at: datetime) -> bool:
        return rules.may_divert(box, at, HOLIDAYS, LONDON).allowed

    assert allowed(found.until) is not found.allowed
    assert allowed(found.until - timedelta(microseconds=2)) is found.allowed
    for part in (0.25, 0.5, 0.75):
        assert allowed(moment + (found.until - moment) * part) is found.allowed


@given(boxes(), MOMENTS)
def test_a_bank_holiday_or_fewer_hours_never_open_a_box(box, moment):
    fewer = box.model_copy(update={"hours": {day: hours[:1] for day, hours in box.hours.items()}})
    if rules.may_divert(fewer, moment, HOLIDAYS, LONDON).allowed:
        assert rules.may_divert(box, moment, HOLIDAYS, LONDON).allowed
        assert rules.may_divert(box, moment, frozenset(), LONDON).allowed


def test_on_the_eve_of_christmas_it_closes_until_the_next_working_day():
    box = a_box()
    at_four = rules.may_divert(box, local(2026, 12, 24, 16), HOLIDAYS, LONDON)
    assert at_four.allowed
    assert at_four.until == local(2026, 12, 24, 17, 50) + timedelta(microseconds=1)  # ten minutes before nobody is there
    closed = rules.may_divert(box, local(2026, 12, 24, 17, 55), HOLIDAYS, LONDON)
    assert not closed.allowed
    assert "Enquiries" in closed.because
    # Friday is Christmas Day, Monday the day in place of Boxing Day: open again on Tuesday, when a message left is heard by its time
    assert closed.until == local(2026, 12, 29, 6, 10)


def test_a_box_for_which_nobody_has_hours_never_opens():
    found = rules.may_divert(a_box({}), local(2026, 11, 23, 12), HOLIDAYS, LONDON)
    assert (found.allowed, found.until) == (False, None)


def test_a_box_that_is_listened_to_at_all_hours_never_closes():
    always = dict.fromkeys(rules.WEEKDAYS, ("00:00-24:00",))
    found = rules.may_divert(a_box(always, on_bank_holidays=True), local(2026, 12, 25, 3), HOLIDAYS, LONDON)
    assert (found.allowed, found.until) == (True, None)
    assert rules.may_divert(a_box(always), local(2026, 12, 24, 22, 1), HOLIDAYS, LONDON).allowed is True
    assert rules.may_divert(a_box(always), local(2026, 12, 24, 23, 55), HOLIDAYS, LONDON).allowed is False


@pytest.mark.parametrize(
    ("day", "hours", "expect"),
    [
        (date(2026, 10, 25), "01:00-02:00", timedelta(hours=1)),  # the hour that comes twice: once, not twice
        (date(2026, 10, 25), "00:00-24:00", timedelta(hours=25)),
        (date(2027, 3, 28), "00:00-24:00", timedelta(hours=23)),
        (date(2027, 3, 28), "01:00-02:00", timedelta(0)),  # the hour that there is not
        (date(2027, 3, 28), "01:30-03:00", timedelta(minutes=30)),
    ],
)
def test_in_the_nights_in_which_the_clocks_change_nobody_is_taken_to_be_there_who_may_not_be(day, hours, expect):
    start = datetime.combine(day, time(0), tzinfo=LONDON)
    box = a_box({"sun": (hours,)})
    there = rules.listening(box, start, start + timedelta(days=1, hours=2), HOLIDAYS, LONDON)
    assert sum((one.end - one.start for one in there), timedelta(0)) == expect


def test_the_bank_holidays_are_those_of_england_and_wales():
    assert date(2026, 12, 28) in _bank_holidays("ENG", 2026)  # in place of the Saturday
    assert date(2027, 3, 26) in _bank_holidays("WLS", 2027)  # Good Friday
    assert date(2027, 1, 2) not in _bank_holidays("ENG", 2026)
    assert _bank_holidays("ENG", 2026) == _bank_holidays("WLS", 2026)


def test_every_box_of_the_shipped_pack_belongs_to_a_desk_that_there_is():
    boxes = packs.shipped("northmoor").answerphone.boxes
    assert boxes
    for box in boxes:
        assert {box.owner, box.escalate_to} <= set(DESKS)
