import itertools
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from watchroom.assessment import rules
from watchroom.contacts.rules import CHANNELS
from watchroom.demo import city, people, scripts
from watchroom.force import packs

AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
DRAMA = re.compile(r"\+44(7700900|1632960)\d{3}")
SCRIPTS = scripts.load()


@pytest.fixture(scope="module")
def town() -> city.City:
    return city.build(1)


@pytest.fixture(scope="module")
def known(town) -> people.People:
    return people.build(town, at=AT)


@pytest.fixture(scope="module")
def day(town, known) -> list[scripts.Arrival]:
    return list(scripts.arrivals(town, known, at=AT, hours=24))


def test_the_same_seed_brings_the_same_contacts_to_the_second(town, known, day):
    assert list(scripts.arrivals(town, known, at=AT, hours=2)) == [a for a in day if a.time < AT + timedelta(hours=2)]


def test_another_seed_brings_others(town, known, day):
    other = list(itertools.islice(scripts.arrivals(town, known, at=AT, seed=2), 60))
    assert [a.script.code for a in other] != [a.script.code for a in day[:60]]


def test_the_first_contact_is_there_at_once_and_the_knife_within_a_minute(day):
    assert day[0].time - AT < timedelta(seconds=3)
    knife = next(a for a in day if a.script.code == "knife-at-the-door")
    assert knife.time - AT < timedelta(minutes=1)
    assert knife.person is not None
    assert knife.person.code == "leanne-whitcombe"
    assert knife.place.label == "Flat 2, 18 Tanner’s Row"
    assert knife.number == "+447700900417"
    assert knife.located is not None
    assert knife.located[2:] == (14.0, "aml")


def test_contacts_come_in_order_each_with_a_key_of_its_own(day):
    assert all(a.time <= b.time for a, b in itertools.pairwise(day))
    assert len({a.key for a in day}) == len(day)


def test_a_contact_comes_every_twenty_to_forty_seconds(day):
    assert 20 < 24 * 3600 / len(day) < 40


def test_more_come_in_the_afternoon_than_before_dawn(day):
    by_hour = Counter(a.time.hour for a in day)
    assert by_hour[16] > 1.6 * by_hour[4]


def test_twice_the_rate_brings_about_twice_as_many(town, known, day):
    start = datetime(2026, 11, 23, 14, tzinfo=UTC)
    once = len(list(scripts.arrivals(town, known, at=start, hours=3)))
    twice = len(list(scripts.arrivals(town, known, at=start, hours=3, rate_scale=2)))
    assert 1.6 < twice / once < 2.4


def test_a_rate_of_nothing_is_refused(town, known):
    with pytest.raises(ValueError, match="above 0"):
        next(scripts.arrivals(town, known, at=AT, rate_scale=0))


def test_every_channel_rings_and_a_fifth_ask_for_news(day):
    """But for what another force hands over: that a person does."""
    assert {a.script.channel for a in day} == set(CHANNELS) - {"force"}
    asks = [a for a in day if a.script.reason == "update" or a.script.code == "update-after-assault"]
    assert 0.12 < len(asks) / len(day) < 0.28
    calls = [a for a in day if a.script.channel in ("999", "101")]
    assert 0.25 < sum(a.script.channel == "999" for a in calls) / len(calls) < 0.5


def test_every_part_is_cast_and_every_place_found(day):
    assert {a.script.code for a in day} == set(SCRIPTS)
    for arrival in day:
        said = [arrival.said, arrival.text, *(m.text for m in arrival.moments)]
        assert not any("{" in text for text in said), arrival.script.code
        assert arrival.place.kind != "none" or arrival.script.place in ("none", "home"), arrival.script.code
        assert len(arrival.said) <= 200


def test_every_number_is_one_for_drama(day):
    assert [a.number for a in day if a.number and not DRAMA.fullmatch(a.number)] == []
    assert any(a.number == "" for a in day if a.script.channel == "101")


def test_the_telephone_is_about_where_it_says(day):
    for arrival in day:
        if arrival.located and arrival.located[3] == "aml":
            x, y, radius, _ = arrival.located
            assert ((x - arrival.place.x) ** 2 + (y - arrival.place.y) ** 2) ** 0.5 <= radius


def test_what_is_written_or_left_on_the_answerphone_can_be_read(day):
    for arrival in day:
        assert bool(arrival.text) == (arrival.script.channel in ("online", "email", "answerphone", "social")), arrival.script.code
    carys = next(a for a in day if a.script.code == "voicemail-new-address")
    assert "He’s found the new address." in carys.text


def test_callers_to_the_same_crash_mean_the_same_place(day):
    for first in (a for a in day if a.script.code == "crash-first-caller"):
        later = [
            a for a in day if first.time < a.time < first.time + timedelta(seconds=67) and a.script.code.startswith("crash-")
        ]
        assert first.place in [a.place for a in later] or first.time > day[-1].time - timedelta(seconds=70)


def test_whoever_gave_up_on_101_rings_999_from_the_same_number(day):
    for lost in (a for a in day if a.script.code == "gives-up-on-101"):
        again = [a for a in day if a.script.code == "after-giving-up-101" and a.person == lost.person]
        assert again or lost.time > day[-1].time - timedelta(minutes=5)
        assert all(a.number == lost.number for a in again)


def test_a_caller_who_gives_up_does_so_before_anybody_answers():
    lost = [s for s in SCRIPTS.values() if s.ends and s.ends.kind == "gives_up"]
    assert len(lost) >= 2
    assert all(len(s.moments) == 1 for s in lost)


def test_people_say_what_fits_them(day):
    for arrival in day:
        script, person = arrival.script, arrival.person
        if script.gender and person:
            assert person.gender == script.gender, script.code
        if script.is_foreign and person:
            assert person.language, script.code
        if script.is_written and person:
            assert arrival.email, script.code


# ── What is true must agree with the policy that ships ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module", params=["national", "northmoor"])
def policy(request):
    return packs.shipped(request.param)


def _cues(script: scripts.Script, policy) -> set[str]:
    heard = [m.text for m in script.moments if m.text] + [script.text]
    cues = set(rules.cues_in(heard, policy)) | set(script.cues)
    events = {"pressed_55": "pressed_55", "cut_off": "call_cut_off", "silence": "silent", "gives_up": "silent"}
    return cues | {events[m.kind] for m in script.moments if m.kind in events}


def _answers(script: scripts.Script) -> list[rules.Answer]:
    return [rules.Answer(element, judged.level, judged.why) for element, judged in script.risk.items()]


@pytest.mark.parametrize("code", SCRIPTS)
def test_the_codes_are_those_of_the_policy(code, policy):
    script = SCRIPTS[code]
    assert script.channel in CHANNELS
    assert script.kind in {t.code for t in policy.incident_types}
    assert script.grade in {"", *(g.code for g in policy.grades)}
    assert script.outcome in {"", *(o.code for o in policy.rwd_outcomes)}
    assert script.agency in {"", *(a.code for a in policy.agencies)}
    assert script.reason in {"", *(r.code for r in policy.reasons)}
    assert set(script.marks) <= {one.code for one in (*policy.speaking.ways, *policy.speaking.languages)}
    assert script.closing in {"", *(c.code for c in policy.categories.items)}
    assert set(script.qualifiers) <= {q.code for q in policy.categories.qualifiers}
    assert set(script.cues) <= {c.code for c in policy.cues}


@pytest.mark.parametrize("code", [c for c, s in SCRIPTS.items() if s.risk])
def test_the_risk_is_written_so_that_it_would_be_accepted(code, policy):
    assert rules.missing(_answers(SCRIPTS[code]), policy.model()) == []


@pytest.mark.parametrize("code", [c for c, s in SCRIPTS.items() if s.risk])
def test_the_right_grade_is_never_below_the_suggested_one_without_a_reason(code, policy):
    script = SCRIPTS[code]
    suggested = rules.suggest(_answers(script), _cues(script, policy), script.kind, policy).grade
    assert script.despite or not policy.is_more_urgent(suggested, script.grade)


@pytest.mark.parametrize("code", [c for c, s in SCRIPTS.items() if s.nothing])
def test_where_nothing_was_heard_the_policy_lets_one_line_do(code, policy):
    script = SCRIPTS[code]
    assert rules.nothing_heard(script.nothing, _cues(script, policy), policy) == []
    assert script.reason


@pytest.mark.parametrize("code", [c for c, s in SCRIPTS.items() if s.grade])
def test_what_is_graded_ends_in_a_result_and_a_category(code):
    script = SCRIPTS[code]
    assert script.finds
    assert script.closing
    assert (script.grade == "rwd") == bool(script.outcome)


# ── Reading the data ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_fault_in_the_data_names_the_script_and_the_fault():
    row = {
        "code": "x",
        "title": "X",
        "channel": "101",
        "weight": 1,
        "kind": "other",
        "caller": "anyone",
        "place": "none",
        "nothing": "n",
    }
    with pytest.raises(ValueError, match="x: does not know colour"):
        scripts._script({**row, "colour": "red"})
    with pytest.raises(ValueError, match="x: “hello” does not begin with seconds"):
        scripts._script({**row, "script": "hello"})
    with pytest.raises(ValueError, match="x: “explodes” is none of"):
        scripts._script({**row, "script": "3 ! explodes"})
    with pytest.raises(ValueError, match="x: its lines are not in order"):
        scripts._script({**row, "script": "3 a\n2 b"})
    with pytest.raises(ValueError, match=r"x: risk\.threat is not"):
        scripts._script({**row, "risk": {"threat": "high"}})


def test_a_place_that_the_town_does_not_have_is_named(town, known):
    with pytest.raises(LookupError, match="on the moon"):
        scripts.resolve(town, known, "on the moon", None, None)


def test_a_street_is_misspelt_as_people_do():
    assert scripts.misspelt("Tanner’s Row") == "taners row"
    assert scripts.misspelt("Quay Road") == "key rd"


def test_what_belongs_to_another_force_comes_now_and_then_both_ways_with_a_reason(day):
    between = [a for a in day if a.script.is_to_hand_over]
    assert {(a.script.heard_by, a.script.belongs) for a in between} == {("northmoor", "southmere"), ("southmere", "northmoor")}
    assert 24 < len(between) < 24 * 12, "so many an hour"
    for script in {a.script.code: a.script for a in between}.values():
        assert len(script.because) > 30
        assert len(script.danger) > 30
        assert script.moments[-1].at > 60, "it goes on after it is handed over"
    assert min(a.time for a in day if a.script.channel == "social") - day[0].time < timedelta(minutes=10)
    assert min(a.time for a in between) - day[0].time < timedelta(minutes=10)
