"""A probability that does not hold is corrected from what people confirmed: in its order, not from nothing, and to no certainty."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import world
from watchroom.contacts import actions as contacts
from watchroom.identity import actions, finding, queries
from watchroom.identity.likeness import calibration, verdict, words
from watchroom.identity.likeness.calibration import Call, Correction
from watchroom.identity.models import Link

BY = "staff:1"
shares = st.floats(0.0, 1.0)
calls = st.lists(
    st.builds(lambda p, rest, said: Call(p, (1 - p) * rest, said), shares, shares, st.sampled_from([True, False, None])),
    max_size=120,
)


@settings(max_examples=60, deadline=None)
@given(calls, shares, shares)
def test_whatever_was_confirmed_the_likelier_stays_the_likelier(heard, one, other):
    correction = calibration.learnt(heard)
    low, high = sorted((one, other))
    assert 0 < correction.of(low) <= correction.of(high) < 1


# Written out, not read from the code: whoever changes the number has to say so here as well.
LEAST = 50


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), max_size=LEAST - 1), st.lists(shares, max_size=60), st.randoms(use_true_random=False), shares)
def test_fewer_than_fifty_confirmations_leave_every_probability_as_it_was(said, unsaid, chance, probability):
    heard = [Call(chance.random(), 0.0, is_right) for is_right in said] + [Call(one, 0.0, None) for one in unsaid]
    assert calibration.learnt(heard) == calibration.NONE
    assert calibration.learnt(heard).of(probability) == pytest.approx(probability, abs=1e-8)


@pytest.mark.parametrize(("number", "corrects"), [(1, False), (LEAST - 1, False), (LEAST, True)])
def test_the_fiftieth_confirmation_is_the_first_that_corrects(number, corrects):
    always_wrong = [Call(0.9, 0.0, False)] * number
    correction = calibration.learnt(always_wrong)
    assert (correction.of(0.9) < 0.9 - 1e-6) is corrects
    assert correction.confirmed == (number if corrects else 0)


@settings(max_examples=40, deadline=None)
@given(st.integers(calibration.LEAST, 300), shares)
def test_nobody_becomes_surer_than_so_many_confirmations_can_tell(number, probability):
    correction = calibration.learnt([Call(0.6, 0.0, True)] * number)
    assert correction.of(probability) <= max(probability, 1 - 1 / (number + 2)) + 1e-8


def test_just_enough_confirmations_correct_only_a_little():
    as_said = [Call(0.8, 0.0, n % 5 != 0) for n in range(calibration.LEAST)]
    assert calibration.learnt(as_said).of(0.8) == pytest.approx(0.8, abs=0.03)


def made_up(number: int, *, tells: float, confirmed: float, seed: int) -> list[tuple[Call, bool]]:
    """Calls in which log odds of x are log odds of `tells` * x in truth; who is on record is confirmed so often, nobody else ever."""
    chance, made = random.Random(seed), []
    for _ in range(number):
        x = chance.gauss(0, 3)
        is_right = chance.random() < 1 / (1 + math.exp(-tells * x))
        said = True if is_right and chance.random() < confirmed else None
        made.append((Call(1 / (1 + math.exp(-x)), 0.0, said), is_right))
    return made


@pytest.mark.parametrize("confirmed", [1.0, 0.5, 0.2])
def test_too_sure_a_likeness_is_believed_less_though_nobody_is_confirmed_who_is_not_on_record(confirmed):
    before, after = (made_up(2000, tells=0.5, confirmed=confirmed, seed=seed) for seed in (1, 2))
    correction = calibration.learnt([call for call, _ in before])
    true = [1 / (1 + math.exp(-0.5 * math.log(call.likeliest / (1 - call.likeliest)))) for call, _ in after]
    as_said = sum(abs(call.likeliest - holds) for (call, _), holds in zip(after, true, strict=True))
    corrected = sum(abs(correction.of(call.likeliest) - holds) for (call, _), holds in zip(after, true, strict=True))
    assert corrected < as_said
    if confirmed == 1.0:
        assert corrected < as_said / 2


@given(st.floats(0.1, 4.0), st.floats(-4.0, 4.0), st.lists(st.floats(1e-6, 1e12), min_size=1, max_size=5))
def test_people_together_are_never_more_than_certain_and_keep_their_order(slope, offset, found):
    people = dict(enumerate(found))
    each = [verdict.Mass(mass, 0.0, 0.0, False) for mass in found]
    weighed = [verdict.Weighed((0,), 0.0, 0.0)] * len(found)
    belief = verdict.Belief(0.5, 0.3, correction=Correction(slope, offset))
    told = list(verdict.judged(list(people), weighed, verdict.Masses(people, dict.fromkeys(people, 0.0), each), belief))
    assert sum(one.probability for one in told) <= 1 + 1e-6
    assert [one.probability for one in told] == sorted((one.probability for one in told), reverse=True)
    assert told[0].record == max(people, key=lambda record: people[record]) or len({*found}) < len(found)


@pytest.fixture
def leanne(northmoor):
    known = actions.Known(given_name="Leanne", family_name="Whitcombe", numbers=("+447700900417",), places=(world.a_place().pk,))
    return actions.bring_in([known], source="records", by="system:tests", at=world.NIGHT)[0]


def test_what_likeness_said_when_it_was_confirmed_stays_on_the_link_and_is_learnt_from_at_night(leanne):
    call = world.an_answered_call(number="07700 900417", at=world.after(60))
    contacts.say_name(contact=call.pk, name="Leanne Whitcombe", by=BY, at=world.after(70))
    unsaid, confirmed, sure, known = queries.said_lately(at=world.after(80))
    assert (len(unsaid), confirmed, sure, known) == (1, [], [], 0)
    actions.confirm(contact=call.pk, person=leanne.pk, by=BY, at=world.after(90))
    link = Link.objects.get(observation__contact=call, observation__kind="name")
    assert link.was_likeliest
    unsaid, (one,), ((said, records),), _ = queries.said_lately(at=world.after(100))
    assert unsaid == []
    assert said.number == "07700900417"
    assert [record.street for record in records] == ["tanners row"], "by what was on record, not by this very call"
    assert one == Call(link.likeliest, link.others, True)
    actions.undo(contact=call.pk, by=BY, at=world.after(110))
    assert queries.said_lately(at=world.after(120)) == ([], [Call(link.likeliest, link.others, False)], [], 1)


def test_who_is_confirmed_often_is_heard_once_as_at_last(leanne):
    for minutes, name in ((1, "Leanne Whitcombe"), (2, "Leanne Whitcomb")):
        call = world.an_answered_call(number="07700 900417", at=world.after(60 * minutes))
        contacts.say_name(contact=call.pk, name=name, by=BY, at=world.after(60 * minutes + 10))
        actions.confirm(contact=call.pk, person=leanne.pk, by=BY, at=world.after(60 * minutes + 20))
    _, confirmed, sure, known = queries.said_lately(at=world.after(180))
    assert (len(confirmed), [said.family for said, _ in sure], known) == (1, ["whitcomb"], 2)


def test_a_correction_that_was_learnt_holds_for_the_next_call_and_survives_counting(leanne):
    said = words.said(given="Leanne", family="Whitcomb", number="07700900417")
    before = finding.verdicts(said)[0].probability
    belief = finding.learn([], at=world.NIGHT, confirmed=[Call(before, 0.0, n % 2 == 0) for n in range(200)])
    assert belief.correction.confirmed == 200
    finding.count(at=world.NIGHT)
    assert finding.counts().belief.correction == pytest.approx(belief.correction, abs=1e-5)
    assert finding.verdicts(said)[0].probability < before
