"""Only like with like: what is compared, what stands apart and why, and what the two averages are."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.demand import actions, publishing
from watchroom.demand.models import Published
from watchroom.demand.queries import period
from watchroom.demand.rules import comparing, drawing
from watchroom.demand.rules.comparing import Counted
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)


def counted(name="Ours", numerator=33.0, denominator=100.0, **more) -> Counted:
    more = {"code": "rwd_of_incidents", "definition": "0" * 12, "first": FIRST, "last": LAST} | more
    return Counted(force=name, numerator=numerator, denominator=denominator, **more)


def test_the_reports_range_two_never_use_it_and_forty_do():
    """Two forces not at all, the others from 0.4 to 56.6 per cent; pooled and mean are two numbers (I4, I10)."""
    others = [counted("Least", 4, 1000), counted("Most", 566, 1000), counted("None A", 0, 900), counted("None B", 0, 800)]
    left = counted("City", 9, 10, left_out="Too few incidents to say anything.")
    found = comparing.compare(counted("Ours", 332, 1000), [*others, left])
    assert (found.never, len(found.in_use)) == (2, 3)
    assert (found.lowest.share, found.highest.share) == (pytest.approx(0.4), pytest.approx(56.6))
    assert found.pooled == pytest.approx(100 * 902 / 4700)
    assert found.mean == pytest.approx((33.2 + 0.4 + 56.6) / 5)
    assert found.apart == ((left, "Left out: Too few incidents to say anything."),)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"definition": "f" * 12}, "counts something else"),
        ({"last": LAST + timedelta(days=1)}, "other days"),
        ({"denominator": 0.0, "numerator": 0.0}, "nothing to count"),
    ],
)
def test_what_is_not_alike_stands_apart_with_why(more, says):
    found = comparing.compare(counted(), [counted("Other", **more)])
    assert [row.force for row in found.rows] == ["Ours"]
    assert says in found.apart[0][1]


SHARES = st.integers(1, 500).flatmap(lambda below: st.tuples(st.integers(0, below), st.just(below)))


@given(st.lists(SHARES, min_size=1, max_size=12))
def test_pooled_and_mean_lie_within_the_shares(shares):
    rows = [counted(f"Force {number}", above, below) for number, (above, below) in enumerate(shares)]
    found = comparing.compare(rows[0], rows[1:])
    values = [row.share for row in rows]
    for average in (found.pooled, found.mean):
        assert min(values) - 1e-9 <= average <= max(values) + 1e-9
    assert [row.share for row in found.rows] == sorted(values, reverse=True)
    dots = drawing.strip([(row.force, row.share, row.force == "Force 0") for row in found.rows])
    assert len(dots) == len(rows)
    assert dots[-1].is_own


def test_a_file_is_read_as_it_was_written():
    text = publishing.write([counted("Southmere Police"), counted("Southmere Police", of="999", code="within_999")])
    read = publishing.read(text)
    assert (read.force, read.first, read.last) == ("Southmere Police", FIRST, LAST)
    assert [(one.figure, one.of, one.numerator) for one in read.figures] == [
        ("rwd_of_incidents", "", 33),
        ("within_999", "999", 33),
    ]
    with pytest.raises(Invalid):
        publishing.write([counted(denominator=0, numerator=0)])


def bent(**more) -> str:
    table = json.loads(publishing.write([counted("Southmere Police")]))
    figure = {name: more.pop(name) for name in list(more) if name in table["figures"][0]}
    return json.dumps({**table, **more, "figures": [{**table["figures"][0], **figure}]})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no file of figures"),
        ("{", "no file of figures"),
        ("[]", "no file of figures"),
        (bent(numerator=101.0), "no share"),
        (bent(numerator=-1.0), "figures.0.numerator"),
        (bent(denominator="many"), "figures.0.denominator"),
        (bent(definition="rwd"), "figures.0.definition"),
        (bent(last="2026-09-01"), "last day"),
        (bent(force=" "), "force"),
        (bent(force="A\x00B"), "force"),
        (bent(extra="x"), "extra"),
        ("x" * (publishing.MOST_BYTES + 1), "bytes"),
    ],
)
def test_a_bad_file_is_refused_with_where_and_nothing_is_kept(northmoor, text, says):
    with pytest.raises(Invalid) as refused:
        actions.take_figures(text=text, by="staff:1", at=world.NIGHT)
    assert says in str(refused.value)
    assert not Published.objects.exists()


def test_figures_come_in_once_and_a_correction_replaces_them(northmoor):
    take = {"by": "staff:1", "at": world.NIGHT}
    assert actions.take_figures(text=bent(), **take) == 1
    assert actions.take_figures(text=bent(), **take) == 0
    assert actions.take_figures(text=bent(numerator=34.0), by="staff:1", at=world.after(60)) == 1
    (row,) = period.published("rwd_of_incidents", "")
    assert row.numerator == 34
    assert Fact.objects.filter(kind="FiguresTaken").count() == 2
    with pytest.raises(Invalid, match="own figures"):
        actions.take_figures(text=bent(force="Northmoor Police"), **take)


def test_a_force_is_left_out_with_a_reason_and_a_new_file_brings_it_back(northmoor):
    actions.take_figures(text=bent(), by="staff:1", at=world.NIGHT)
    with pytest.raises(Invalid):
        actions.leave_out(name="Southmere Police", because="no", by="staff:1", at=world.after(1))
    with pytest.raises(Refused):
        actions.leave_out(name="Nowhere", because="There is no such force.", by="staff:1", at=world.after(1))
    actions.leave_out(name="Southmere Police", because="It closes logs elsewhere.", by="staff:1", at=world.after(1))
    assert period.published("rwd_of_incidents", "")[0].left_out == "It closes logs elsewhere."
    actions.take_figures(text=bent(numerator=40.0), by="staff:1", at=world.after(2))
    assert period.published("rwd_of_incidents", "")[0].left_out == ""


def test_shares_of_some_days_are_the_days_added_up(northmoor):
    world.resolve(world.to_be_resolved())
    world.a_whole_journey(number="07700 900555")
    at = world.after(86400 * 3)
    day = world.NIGHT.date()
    found = {(one.code, one.of): one for one in period.shares(day - timedelta(days=1), day, force="Ours", at=at)}
    rwd = found["rwd_of_incidents", ""]
    assert (rwd.numerator, rwd.denominator, rwd.first, rwd.last) == (1, 2, day - timedelta(days=1), day)
    assert all(one.numerator <= one.denominator for one in found.values())
