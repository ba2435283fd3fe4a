"""The arithmetic of delay, and who may answer what: pure, by property."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchroom.force import packs
from watchroom.incidents import interlock, rules
from watchroom.incidents.interlock import Asked, Case

POLICY = packs.national()
NIGHT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
minutes = st.integers(0, 600)
grades = st.sampled_from([grade.code for grade in POLICY.grades])


def after(count: int) -> datetime:
    return NIGHT + timedelta(minutes=count)


spans = st.lists(st.tuples(minutes, minutes).map(lambda two: (after(min(two)), after(max(two)))), max_size=4)


@given(minutes, st.none() | minutes, spans, minutes)
def test_a_delay_is_never_negative_and_never_longer_than_the_time_that_nobody_came(promised, came, justified, until):
    attended = after(came) if came is not None else None
    late = interlock.unjustified(after(promised), attended, justified, after(until))
    end = min(attended or after(until), after(until))
    assert 0 <= late <= max(0, (end - after(promised)).total_seconds())


@given(minutes, spans, minutes, minutes, minutes)
def test_one_more_approved_delay_never_makes_it_more(promised, justified, begun, ended, until):
    more = [*justified, (after(min(begun, ended)), after(max(begun, ended)))]
    before = interlock.unjustified(after(promised), None, justified, after(until))
    assert interlock.unjustified(after(promised), None, more, after(until)) <= before


@given(minutes, spans, minutes)
def test_it_counts_each_minute_that_nobody_justified_once(promised, justified, until):
    counted = sum(60 for minute in range(promised, until) if not any(a <= after(minute) < b for a, b in justified))
    assert interlock.unjustified(after(promised), None, justified, after(until)) == counted


def test_what_was_promised_to_nobody_is_never_late():
    assert interlock.unjustified(None, None, [], after(600)) == 0


def a_case(**more) -> Case:
    told = {
        "is_open": True,
        "grade": "priority",
        "is_attended": False,
        "attend_by": after(60),
        "risk_saved": True,
        "looked_at": after(5),
        "graded_at": after(1),
        "has_news": False,
        "suggested": "priority",
        "assessment": 7,
    }
    return Case(**{**told, **more})


REASON = "She is with her sister, and asks to be seen when the children are in bed."


@given(grades, grades)
def test_a_lower_grade_is_asked_for_and_a_higher_one_never(now, to):
    problems = interlock.may_ask("downgrade", a_case(grade=now), reason=REASON, policy=POLICY, now=after(10), to=to)
    assert (not problems) == POLICY.is_more_urgent(now, to)


@given(st.sampled_from(list(interlock.KINDS)), st.booleans(), st.booleans(), st.sampled_from([None, -1, 5, -40]))
def test_without_a_fresh_look_on_a_saved_risk_nothing_less_is_asked_for(kind, saved, news, looked):
    case = a_case(risk_saved=saved, has_news=news, looked_at=None if looked is None else after(looked))
    more = {"to": "scheduled", "until": after(120), "safeguarding": "A neighbour stays."}
    problems = interlock.may_ask(kind, case, reason=REASON, policy=POLICY, now=after(10), **more)
    assert (not problems) == (saved and not news and looked == 5)


@given(st.sampled_from(["staff:1", "staff:2", "link:trunk", "system:sweeper"]), minutes)
def test_only_another_named_person_answers_and_only_in_time(by, when):
    asked = Asked("downgrade", "staff:1", after(10), after(40), "priority", "priority", 7)
    assert (not interlock.may_answer(asked, by=by, now=after(when))) == (by == "staff:2" and when < 40)


@given(st.sampled_from(["is_open", "grade", "has_news", "assessment", "suggested"]))
def test_whatever_changed_since_sends_it_back(what):
    changed = {"is_open": False, "grade": "immediate", "has_news": True, "assessment": 8, "suggested": "immediate"}[what]
    asked = Asked("downgrade", "staff:1", after(10), after(40), "priority", "priority", 7)
    assert interlock.may_approve(asked, a_case(), by="staff:2", policy=POLICY, now=after(12)) == []
    assert interlock.may_approve(asked, a_case(**{what: changed}), by="staff:2", policy=POLICY, now=after(12))


def test_clocks_are_right_across_both_changes_of_the_clock():
    """An hour more or less on the wall is no hour more or less for who waits."""
    for day in (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)):
        for grade in POLICY.grades:
            due, review = rules.attend_by(grade.code, day, False, POLICY), rules.review_by(grade.code, day, POLICY)
            assert due is None or (due - day).total_seconds() == grade.attend_urban_s
            assert review is None or (review - day).total_seconds() == grade.review_s
            if due:
                assert interlock.decide_by(due, day, POLICY) <= due
