"""The suggested grade: explained, monotone, and blind to demand. The record: never a tick without a reason."""

import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchroom.assessment import rules
from watchroom.assessment.rules import Answer
from watchroom.force import packs

NATIONAL = packs.national()
NORTHMOOR = packs.shipped("northmoor")
MODEL = NATIONAL.model()
ELEMENTS = [element.code for element in MODEL.elements]
CUES = [cue.code for cue in NATIONAL.cues]
KINDS = [entry.code for entry in NATIONAL.incident_types]

levels = st.dictionaries(st.sampled_from(ELEMENTS), st.integers(0, 3))
cues = st.frozensets(st.sampled_from(CUES), max_size=4)
kinds = st.sampled_from([*KINDS, "", None])
policies = st.sampled_from([NATIONAL, NORTHMOOR])


def answers(found):
    return [Answer(element, level, f"What was said about {element}") for element, level in found.items()]


def urgency(grade, policy=NATIONAL):
    """Higher is more urgent; no suggestion is the lowest."""
    return 0 if grade is None else 10 - policy.grade(grade).rank


def suggested(found, heard=(), kind="", policy=NATIONAL):
    return rules.suggest(answers(found), heard, kind, policy).grade


# --- monotone, and blind to demand ----------------------------------------------------------------------------------


@settings(max_examples=300)
@given(levels, cues, kinds, policies, st.sampled_from(ELEMENTS), st.integers(0, 3))
def test_raising_or_adding_any_level_never_lowers_the_urgency(found, heard, kind, policy, element, level):
    higher = {**found, element: max(level, found.get(element, 0))}
    assert urgency(suggested(higher, heard, kind, policy)) >= urgency(suggested(found, heard, kind, policy))


@settings(max_examples=300)
@given(levels, cues, kinds, policies, cues)
def test_adding_any_cue_never_lowers_the_urgency(found, heard, kind, policy, more):
    assert urgency(suggested(found, heard | more, kind, policy)) >= urgency(suggested(found, heard, kind, policy))


@given(levels, cues, kinds)
def test_knowing_the_type_never_lowers_the_urgency(found, heard, kind):
    assert urgency(suggested(found, heard, kind)) >= urgency(suggested(found, heard))


@given(levels, cues, kinds, st.sampled_from(ELEMENTS), st.integers(0, 3), st.sampled_from(["children", "officers", "public"]))
def test_one_more_person_at_risk_never_lowers_the_urgency(found, heard, kind, element, level, subject):
    one = rules.suggest(answers(found), heard, kind, NATIONAL)
    more = rules.suggest([*answers(found), Answer(element, level, "Somebody else too", subject)], heard, kind, NATIONAL)
    assert urgency(more.grade) >= urgency(one.grade)


def test_every_single_step_on_the_whole_grid_of_driving_levels_is_monotone():
    """Not a sample: all 256 combinations of the four driving elements, and all their steps upwards."""
    driving = [element.code for element in MODEL.elements if element.drives]
    grid = [()]
    for _ in driving:
        grid = [(*row, level) for row in grid for level in range(4)]
    known = {row: urgency(suggested(dict(zip(driving, row, strict=True)))) for row in grid}
    for row, here in known.items():
        for place, level in enumerate(row):
            if level < 3:
                assert known[(*row[:place], level + 1, *row[place + 1 :])] >= here
    assert min(known.values()) == urgency("rwd")
    assert max(known.values()) == urgency("immediate")


LOCAL = """
[meta]
over = "national"
code = "ourforce"
version = 1
title = "Ours"
owner = "Us"
effective_from = 2026-11-01
review_by = 2027-11-01
source = "invented"
"""


@settings(max_examples=40)
@given(levels, cues, kinds, st.sampled_from(["immediate", "priority", "scheduled", "appointment", "rwd"]), st.booleans())
def test_an_overlay_that_only_adds_cues_never_lowers(found, heard, kind, grade, is_heard):
    added = (
        f'[cues.river]\nlabel = "River"\nkind = "situation"\nbecause = "The river is up."\ngrade = "{grade}"\nwords = ["weir"]\n'
    )
    local = packs.load(LOCAL + added)
    heard_here = heard | {"river"} if is_heard else heard
    assert urgency(suggested(found, heard_here, kind, local)) >= urgency(suggested(found, heard, kind))


def test_the_suggestion_can_take_nothing_of_demand():
    parameters = inspect.signature(rules.suggest).parameters
    assert list(parameters) == ["answers", "cues", "kind", "policy"]
    assert all(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters.values())


def test_no_field_that_a_suggestion_reads_can_name_demand():
    from watchroom.force.policy import Caution, Cue, Grading, IncidentType, Row

    for part in (Answer, Row, Cue, Grading, Caution, IncidentType):
        names = set(getattr(part, "model_fields", None) or part.__dataclass_fields__)
        assert not names & {
            "queue",
            "queue_length",
            "units",
            "free_units",
            "load",
            "waiting",
            "staff",
            "hour",
            "now",
            "at",
            "time",
        }


@given(levels, cues, kinds)
def test_the_same_risk_gets_the_same_suggestion_in_any_order(found, heard, kind):
    given_ = answers(found)
    assert rules.suggest(given_, heard, kind, NATIONAL) == rules.suggest(
        given_[::-1], sorted(heard, reverse=True), kind, NATIONAL
    )


# --- the cases ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("threat_or_harm", ["threat", "harm"])
def test_a_high_threat_or_harm_that_can_come_before_we_do_is_immediate(threat_or_harm):
    assert suggested({threat_or_harm: 3, "risk": 2}) == "immediate"
    assert suggested({threat_or_harm: 3, "risk": 1}) == "priority"
    assert suggested({threat_or_harm: 3}) == "priority"


def test_a_cue_is_enough_to_suggest_before_anything_is_written():
    suggestion = rules.suggest([], ["weapon_present", "suspect_on_scene", "high_risk_marker"], "", NATIONAL)
    assert suggestion.grade == "immediate"
    assert [reason.says for reason in suggestion.because] == [
        "The suspect is there with a weapon.",
        "The suspect is there, and there is a high-risk marker.",
    ]
    assert suggestion.unwritten == ("threat", "harm", "risk", "vulnerability")
    assert suggestion.against[0] == (
        "Threat, Harm, Risk until we arrive and Vulnerability are not written yet; the suggestion can still rise."
    )


def test_with_nothing_written_and_nothing_heard_no_grade_is_suggested():
    suggestion = rules.suggest([], [], None, NATIONAL)
    assert suggestion.grade is None
    assert suggestion.because == ()


def test_low_answers_on_half_the_record_do_not_suggest_that_nobody_goes():
    assert suggested({"threat": 0, "harm": 0}) is None
    assert suggested({"threat": 0, "harm": 0, "risk": 0, "vulnerability": 0}) == "rwd"


def test_investigation_and_engagement_inform_and_never_make_it_urgent():
    found = {"threat": 0, "harm": 0, "risk": 0, "vulnerability": 0, "investigation": 3, "engagement": 3}
    assert suggested(found) == "scheduled"


def test_what_speaks_against_is_shown_and_changes_nothing():
    found = {"threat": 0, "harm": 0, "risk": 0, "vulnerability": 0}
    suggestion = rules.suggest(answers(found), ["weapon_present"], "", NATIONAL)
    assert suggestion.grade == "priority"
    assert "Threat, harm and risk are all written as low." in suggestion.against
    assert "Nothing heard or on record adds to it." not in suggestion.against


def test_a_cue_that_was_not_weighed_is_named_beside_a_low_suggestion():
    found = {"threat": 0, "harm": 0, "risk": 0, "vulnerability": 0}
    assert "A child is there." in rules.suggest(answers(found), ["child_present"], "", NATIONAL).against


def test_a_cue_or_type_the_policy_does_not_know_is_said_and_never_breaks_the_suggestion():
    suggestion = rules.suggest([], ["moonlight", "silent"], "poltergeist", NATIONAL)
    assert suggestion.grade == "priority"
    assert "The policy does not know the cue “moonlight”; it was not considered." in suggestion.against
    assert "The policy does not know the type “poltergeist”; it was not considered." in suggestion.against


@given(levels, cues, kinds)
def test_every_suggestion_gives_reasons_for_exactly_its_grade_and_names_its_policy(found, heard, kind):
    suggestion = rules.suggest(answers(found), heard, kind, NATIONAL)
    assert (suggestion.grade is None) == (suggestion.because == ())
    assert {reason.grade for reason in suggestion.because} <= {suggestion.grade}
    assert suggestion.policy_version == "national 1"


def test_a_domestic_report_is_seen_however_low_it_sounds():
    suggestion = rules.suggest(answers(dict.fromkeys(ELEMENTS, 0)), [], "domestic", NATIONAL)
    assert (suggestion.grade, suggestion.because[0].says) == ("scheduled", "A domestic incident is always seen in person.")


# --- is it written --------------------------------------------------------------------------------------------------

WRITTEN = {
    "threat": "Armed, at the door, says he will break in.",
    "harm": "Strangled her in September.",
    "risk": "Bolt will not hold; no second way out.",
    "investigation": "Keep the knife, the door, this call.",
    "vulnerability": "Repeat victim, trapped, two under-tens.",
    "engagement": "Codeword is pizza; never leave a message.",
}


def record(**changes):
    return [Answer(element, 2, changes.get(element, why)) for element, why in WRITTEN.items()]


def test_a_record_with_a_level_and_a_reason_for_each_element_is_complete():
    assert rules.missing(record(), MODEL) == []


def test_an_empty_record_names_all_six_in_order():
    assert [found.element.letter for found in rules.missing([], MODEL)] == list("THRIVE")
    assert rules.missing([], MODEL)[2].says == "Risk until we arrive is not written yet."


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("", "Harm has a level and no reason: write why."),
        (" \u200b\n ", "Harm has a level and no reason: write why."),
        ("… !!", "Harm has a level and no reason: write why."),
        ("bad", "Harm: “bad” is too short to be a reason (8 letters at least)."),
        ("As above.", "Harm: “As above.” says nothing about this call."),
        ("N O T  K N O W N", None),
        ("xxxxxxxxxxxx", "Harm: “xxxxxxxxxxxx” is not a reason."),
        ("What has been done, or would be done?", "Harm: this repeats the question; write what you were told."),
        ("Roedd yn gweiddi arni.", None),
        ("Он кричал на неё", None),
    ],
)
def test_a_reason_that_is_none_is_named(why, says):
    assert [found.says for found in rules.missing(record(harm=why), MODEL)] == ([says] if says else [])


def test_one_wording_under_every_element_is_a_wording_for_none():
    same = [
        Answer(element, 1, text)
        for element, text in zip(ELEMENTS, ["No concerns raised", "no concerns  raised."] * 3, strict=True)
    ]
    assert [found.element.code for found in rules.missing(same, MODEL)] == ELEMENTS
    assert "the same words stand under" in rules.missing(same, MODEL)[0].says


def test_two_elements_may_share_a_wording():
    shared = "He is outside with a hammer."
    assert rules.missing(record(threat=shared, risk=shared), MODEL) == []


def test_a_level_without_a_number_is_still_owed():
    given_ = [*record()[:5], Answer("engagement", None, "Codeword is pizza")]
    assert [found.says for found in rules.missing(given_, MODEL)] == ["Engagement has no level yet."]


def test_every_answer_of_an_element_needs_its_reason():
    given_ = [*record(), Answer("harm", 3, "", "children")]
    assert [found.element.code for found in rules.missing(given_, MODEL)] == ["harm"]


@given(st.lists(st.builds(Answer, st.sampled_from([*ELEMENTS, "other"]), st.none() | st.integers(0, 3), st.text(max_size=40))))
def test_whatever_is_written_the_answer_is_a_list_of_sentences(given_):
    for found in rules.missing(given_, MODEL):
        assert found.says.endswith((".", ")"))


# --- nothing heard --------------------------------------------------------------------------------------------------


def test_nothing_heard_stands_with_a_reason_and_no_cue():
    assert rules.nothing_heard("Rang the wrong number and said so.", [], NATIONAL) == []
    assert rules.nothing_heard("Lost his phone in the park.", ["child_present", "alcohol"], NATIONAL) == []


@pytest.mark.parametrize(
    "cue", ["high_risk_marker", "risk_marker", "officer_danger", "call_cut_off", "silent", "pressed_55", "weapon_present"]
)
def test_nothing_heard_is_refused_with_the_reason_where_a_cue_stands(cue):
    problems = rules.nothing_heard("Rang the wrong number and said so.", [cue], NATIONAL)
    assert problems == [f"{NATIONAL.cue(cue).because} Write the risk in full."]


@pytest.mark.parametrize("because", ["", "   ", "ok", "......", "not applicable"])
def test_nothing_heard_needs_a_because(because):
    assert len(rules.nothing_heard(because, [], NATIONAL)) == 1


@given(cues, st.text(max_size=60))
def test_nothing_heard_is_never_accepted_where_a_cue_asks_for_a_grade(heard, because):
    asks = any(NATIONAL.cue(code).grade or NATIONAL.cue(code).forbids_nothing_heard for code in heard)
    if asks:
        assert rules.nothing_heard(because, heard, NATIONAL)


# --- cues -----------------------------------------------------------------------------------------------------------


def test_cues_are_heard_in_what_she_typed_with_the_words():
    lines = ["“He’s got a knife. He’s outside the bathroom door.” He is Craig, her ex.", "He is shouting he will kick it in."]
    assert dict(rules.words_of_cues(lines, NATIONAL)) == {
        "weapon_present": ("knife",),
        "suspect_on_scene": ("He's outside",),
        "crime_in_progress": ("kick it in",),
        "separation": ("her ex",),
    }
    assert set(rules.cues_in(lines, NATIONAL)) == {"weapon_present", "suspect_on_scene", "crime_in_progress", "separation"}


def test_no_knife_is_not_a_knife():
    assert rules.cues_in(["There was no knife and no weapons."], NATIONAL) == ()


def test_a_force_hears_its_own_words():
    assert "life_at_risk" in rules.cues_in(["She went off the Ferry Bridge"], NORTHMOOR)
    assert "life_at_risk" not in rules.cues_in(["She went off the Ferry Bridge"], NATIONAL)


def test_markers_count_from_the_level_that_the_policy_names():
    assert set(rules.cues_of_markers([("domestic_abuse", 1)], NATIONAL)) == {"high_risk_marker", "risk_marker"}
    assert rules.cues_of_markers([("domestic_abuse", 2)], NATIONAL) == ("risk_marker",)
    assert rules.cues_of_markers([("blades", 2)], NATIONAL) == ("officer_danger",)
    assert rules.cues_of_markers([("safe_contact", 1)], NATIONAL) == ()


# --- other models of risk -------------------------------------------------------------------------------------------

MODELS = {code: packs.load(LOCAL.replace("[meta]", f'risk_model = "{code}"\n\n[meta]')) for code in
          ("thrive", "thrive_plus", "thrive_sp", "strive")}  # fmt: skip
models = st.sampled_from(list(MODELS.values()))


@pytest.mark.parametrize("code", MODELS)
def test_a_force_may_judge_by_any_model_that_ships_and_the_packs_tests_hold_under_each(code):
    policy = MODELS[code]
    assert policy.model().code == code
    assert packs.check(policy) == ()


@pytest.mark.parametrize("code", MODELS)
def test_every_row_of_the_table_can_be_reached_under_every_model(code):
    policy = MODELS[code]
    counted = {name for element in policy.model().elements for name in element.counts}
    assert {element for row in policy.grading.rows for element in row.levels} <= counted


@settings(max_examples=300)
@given(models, st.data(), cues, kinds)
def test_under_every_model_raising_or_adding_any_level_never_lowers_the_urgency(policy, data, heard, kind):
    own = [element.code for element in policy.model().elements]
    found = data.draw(st.dictionaries(st.sampled_from(own), st.integers(0, 3)))
    element, level = data.draw(st.sampled_from(own)), data.draw(st.integers(0, 3))
    higher = {**found, element: max(level, found.get(element, 0))}
    assert urgency(suggested(higher, heard, kind, policy)) >= urgency(suggested(found, heard, kind, policy))


@given(models, st.data(), cues, kinds, cues)
def test_under_every_model_one_more_cue_never_lowers_the_urgency(policy, data, heard, kind, more):
    own = [element.code for element in policy.model().elements]
    found = data.draw(st.dictionaries(st.sampled_from(own), st.integers(0, 3)))
    assert urgency(suggested(found, heard | more, kind, policy)) >= urgency(suggested(found, heard, kind, policy))


@given(st.tuples(*[st.integers(0, 3)] * 6), cues, kinds)
def test_the_same_risk_is_graded_the_same_under_strive_and_thrive(given_, heard, kind):
    threat, harm, risk, investigation, vulnerability, engagement = given_
    thrive = dict(zip(ELEMENTS, given_, strict=True))
    strive = {
        "safeguarding": vulnerability, "threat": threat, "risk": risk, "investigation": investigation, "victim": harm,
        "engagement": engagement,
    }  # fmt: skip
    assert suggested(strive, heard, kind, MODELS["strive"]) == suggested(thrive, heard, kind)


@given(levels, cues, kinds)
def test_what_a_model_asks_beyond_thrive_takes_no_urgency_away(found, heard, kind):
    more = {**found, "prevention": 3, "intervention": 3}
    assert suggested(more, heard, kind, MODELS["thrive_plus"]) == suggested(found, heard, kind)


def test_under_strive_no_grade_is_suggested_while_safeguarding_is_not_written():
    found = {"threat": 0, "risk": 0, "victim": 0}
    suggestion = rules.suggest(answers(found), [], None, MODELS["strive"])
    assert (suggestion.grade, suggestion.unwritten) == (None, ("safeguarding",))
    assert suggested({**found, "safeguarding": 0}, policy=MODELS["strive"]) == "rwd"


def test_a_scene_that_would_be_lost_is_seen_under_thrive_sp():
    found = {"threat": 0, "harm": 0, "risk": 0, "vulnerability": 0, "scene": 3}
    assert suggested(found, policy=MODELS["thrive_sp"]) == "scheduled"


@pytest.mark.parametrize("code", MODELS)
def test_a_record_of_every_model_is_complete_with_a_reason_for_each_element(code):
    model = MODELS[code].model()
    written = [Answer(element.code, 1, f"What was said about {element.name}") for element in model.elements]
    assert rules.missing(written, model) == []
    assert [found.element.code for found in rules.missing(written[1:], model)] == [model.elements[0].code]


# --- aspects of vulnerability ---------------------------------------------------------------------------------------


def test_aspects_of_vulnerability_are_counted_together_and_nothing_else_is():
    assert rules.aspects(["alcohol", "mental_health", "no_home", "weapon_present", "moonlight"], NATIONAL) == (
        "mental_health",
        "alcohol",
        "no_home",
    )


def test_all_that_the_report_names_can_be_ticked():
    """R51, R53: domestic abuse, mental health, drugs, alcohol, homelessness, age, disability, exploitation."""
    aspects = {cue.code for cue in NATIONAL.cues if cue.is_aspect}
    assert aspects >= {
        "domestic_abuse", "mental_health", "drugs", "alcohol", "no_home", "old_age", "child_present", "disability", "exploitation",
    }  # fmt: skip
    assert all(NATIONAL.cue(code).kind == "person" for code in aspects)


# --- who else can help (R42) ----------------------------------------------------------------------------------------


def test_who_can_help_is_named_with_what_was_heard():
    (housing,) = rules.who_can_help({"no_home"}, "theft", NATIONAL)
    assert (housing.code, housing.because) == ("housing", "No home")
    assert [one.code for one in rules.who_can_help((), "rtc_injury", NATIONAL)] == ["ambulance", "fire"]
    assert rules.who_can_help((), "theft", NATIONAL) == ()


@given(cues, kinds, policies, cues)
def test_one_more_cue_never_takes_a_helper_away(heard, kind, policy, more):
    def named(heard):
        return {one.code for one in rules.who_can_help(heard, kind, policy)}

    assert named(heard) <= named(heard | more)


@given(levels, cues, kinds, policies)
def test_that_a_partner_can_help_takes_nothing_from_the_grade(found, heard, kind, policy):
    alone = policy.model_copy(update={"agencies": ()})
    assert suggested(found, heard, kind, policy) == suggested(found, heard, kind, alone)
