"""Question sets: what is asked next, what an answer stands for, and what a file may not hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchroom.assessment import questions
from watchroom.assessment.questions import NOT_ANSWERED, QuestionSet
from watchroom.force import packs

NATIONAL = packs.national()
NORTHMOOR = packs.shipped("northmoor")
HEAD = """
code = "ours"
version = 1
title = "Ours"
owner = "Us"
source = "invented"
review_by = 2027-11-01
opens_for = ["domestic"]
"""
HURT = """
[questions.hurt]
ask = "Are you hurt?"
kind = "yes_no"
stage = "safeguarding"
because = "An ambulance comes first."
"""


def complaints(text: str) -> list[str]:
    return [str(one) for one in questions.problems(HEAD + text, NATIONAL, name="ours.toml")]


# --- asking: on any set that can be written -------------------------------------------------------------------------


@st.composite
def sets(draw):
    """A set of up to eight questions of all kinds, each perhaps opened by answers to some that stand before or after it."""
    size = draw(st.integers(1, 8))
    made = []
    for number in range(size):
        kind = draw(st.sampled_from(["yes_no", "choice", "number", "text"]))
        answers = {"a": {"label": "A"}, "b": {"label": "B", "cues": ["child_present"]}} if kind == "choice" else {}
        if kind == "yes_no" and draw(st.booleans()):
            answers = {"yes": {"cues": ["weapon_present"], "offers": {"threat": [2, "A weapon."]}}}
        made.append(
            {
                "code": f"q{number}", "ask": f"Question {number}?", "kind": kind, "because": "It matters.", "answers": answers,
                "stage": draw(st.sampled_from(list(questions.STAGES))),
            }
        )  # fmt: skip
    asking = QuestionSet.model_validate(
        {"code": "made", "version": 1, "title": "Made", "owner": "us", "source": "made", "review_by": "2027-01-01",
         "opens_for": [], "questions": made}
    )  # fmt: skip
    for one, raw in zip(asking.questions, made, strict=True):
        others = [other for other in asking.questions if other.code < one.code]
        if others and draw(st.booleans()):
            opener = draw(st.sampled_from(others))
            raw["only_if"] = {opener.code: draw(st.lists(st.sampled_from(opener.outcomes), min_size=1, unique=True))}
    return QuestionSet.model_validate({**asking.model_dump(), "questions": made})


def an_answer(draw, question) -> str:
    if draw(st.integers(0, 5)) == 0:
        return NOT_ANSWERED
    return draw(st.integers(0, 3).map(str)) if question.kind == "number" else draw(st.sampled_from(question.outcomes))


@settings(max_examples=200)
@given(sets(), st.data())
def test_asking_ends_and_never_asks_twice(asking, data):
    answers: dict[str, str] = {}
    for _ in range(len(asking.questions) + 1):
        coming = questions.next_questions(asking, answers)
        if not coming:
            break
        assert coming[0].code not in answers
        answers[coming[0].code] = an_answer(data.draw, coming[0])
    assert questions.next_questions(asking, answers) == ()
    assert questions.progress(asking, answers) == (len(answers), len(answers))


@settings(max_examples=200)
@given(sets(), st.data())
def test_one_more_answer_never_takes_away_another_question_that_was_open(asking, data):
    answers: dict[str, str] = {}
    while coming := questions.next_questions(asking, answers):
        answered = data.draw(st.sampled_from(coming))
        answers[answered.code] = an_answer(data.draw, answered)
        assert {one.code for one in coming} - {answered.code} <= {one.code for one in questions.next_questions(asking, answers)}


@settings(max_examples=200)
@given(sets(), st.data())
def test_safeguarding_stands_before_all_and_one_more_answer_never_takes_away_a_cue_or_lowers_an_offer(asking, data):
    answers: dict[str, str] = {}
    while coming := questions.next_questions(asking, answers):
        order = [list(questions.STAGES).index(one.stage) for one in coming]
        assert order == sorted(order)
        before, offered = questions.cues(asking, answers), questions.offers(asking, answers)
        answers[coming[0].code] = an_answer(data.draw, coming[0])
        assert before <= questions.cues(asking, answers)
        for element, offer in offered.items():
            assert questions.offers(asking, answers)[element].level >= offer.level


@given(sets())
def test_a_set_written_as_a_file_loads_to_the_same_set(asking):
    assert questions.load(questions.as_toml(asking)) == asking


@given(st.sampled_from(questions.shipped()), st.data())
def test_whatever_is_typed_an_answer_is_read_or_refused_in_a_sentence(asking, data):
    question = data.draw(st.sampled_from(asking.questions))
    given_ = data.draw(st.text(max_size=30) | st.sampled_from(["yes", "no", "cannot_say", "0", "17", "²", "٣", "-1", ""]))
    says = ""
    try:
        value, words = questions.read_answer(question, given_)
    except ValueError as error:
        says = str(error)
    if says:
        assert says.endswith(".")
    else:
        assert value == NOT_ANSWERED or question.outcome(value) in question.outcomes
        assert bool(words) == (value == questions.SAID)


# --- the library ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", [NATIONAL, NORTHMOOR], ids=["national", "northmoor"])
def test_the_library_fits_the_policies_that_ship_and_passes_its_own_tests(policy):
    assert questions.problems_of_folder(questions.DATA, policy) == []


def test_every_type_of_incident_opens_a_set():
    """R54: nobody is left to think of the questions herself, whatever it is."""
    covered = {kind for one in questions.shipped() for kind in one.opens_for}
    assert {one.code for one in NATIONAL.incident_types} <= covered


@pytest.mark.parametrize("asking", questions.shipped(), ids=lambda one: one.code)
def test_each_set_of_the_library_safeguards_first_and_protects_evidence(asking):
    """R55, R57: 'safeguarding the caller and protecting evidence at the scene'; open and closed questions."""
    assert 6 <= len(asking.questions) <= 14
    assert asking.questions[0].stage == "safeguarding"
    assert questions.next_questions(asking, {})[0].stage == "safeguarding"
    evidence = [one for one in asking.questions if one.stage == "evidence"]
    assert any(effect.tell or "investigation" in effect.offers for one in evidence for effect in one.answers.values())
    assert {one.kind for one in asking.questions} & {"text", "number"}
    assert len(asking.tests) >= 2
    assert "verify" in asking.source
    assert all(len(one.ask) <= 120 for one in asking.questions), "too long to be spoken in one breath"


@given(st.sampled_from(questions.shipped()), st.data())
def test_no_walk_through_the_library_asks_for_what_cannot_be_answered(asking, data):
    answers: dict[str, str] = {}
    while coming := questions.next_questions(asking, answers):
        answers[coming[0].code] = an_answer(data.draw, coming[0])
    assert all(one.code in answers or not questions.is_open(asking, one, answers) for one in asking.questions)


def test_right_care_right_person_is_asked_and_decides_nothing():
    asking = next(one for one in questions.shipped() if one.code == "concern_for_safety")
    said = " ".join(one.because for one in asking.questions)
    assert "real and immediate" in said
    assert "we hold the risk" in said
    worry = {"now": "no", "life": "worry", "suicide": "no", "crime": "no", "care": "health", "accepted": "no"}
    assert questions.offers(asking, worry)["risk"].level >= 1  # what nobody else has accepted stays ours


# --- what a file may not hold ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HURT.replace("Are you hurt?", "  "), "ours.toml, line 11, questions.hurt.ask: is blank."),
        (HURT.replace("yes_no", "perhaps"), "line 12, questions.hurt.kind: must be 'yes_no', 'choice', 'number' or 'text'."),
        (HURT + "colour = 1\n", 'line 15, questions.hurt.colour: "colour" is not known here.'),
        (HURT + HURT, "Cannot declare"),
        (HURT + 'answers.yes = { cues = ["moonlight"] }\n', 'line 15, questions.hurt.answers.yes: there is no cue "moonlight".'),
        (HURT + 'answers.yes = { offers = { luck = [1, "Lucky."] } }\n', 'no risk model has an element "luck".'),
        (HURT + "answers.maybe = {}\n", '"maybe" cannot be answered here; a yes_no question has yes, no, cannot_say.'),
        (HURT + 'only_if = { ghost = ["yes"] }\n', 'line 15, questions.hurt.only_if: there is no question "ghost".'),
        (HURT + 'only_if = { hurt = ["yes"] }\n', "waits for itself: hurt → hurt."),
        (HURT + HURT.replace("hurt]", "again]"), "questions.again.ask: hurt asks this already."),
        (HURT.replace("yes_no", "choice"), "a choice needs 2 to 9 answers."),
        (HURT.replace("yes_no", "choice") + "answers.a = {}\nanswers.b = { label = 'B' }\n", "this answer needs a label."),
        (HURT.replace("ask =", "# ask ="), "line 10, questions.hurt.ask: is missing."),
        ("questions = [", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence_with_its_line(text, says):
    found = complaints(text)
    assert any(says in one for one in found), found
    assert all(one.startswith("ours.toml") and one.endswith(".") for one in found)


def test_an_unknown_type_is_named_with_its_line():
    found = questions.problems(HEAD.replace("domestic", "poltergeist") + HURT, NATIONAL, name="ours.toml")
    assert [str(one) for one in found] == ['ours.toml, line 8, opens_for: there is no incident type "poltergeist".']


def test_a_question_that_can_never_be_asked_is_found():
    """It needs the same question answered yes and no: once by itself, once through the one that opens it."""
    text = HURT
    text += HURT.replace("hurt]", "where]").replace("Are you", "Where are you") + 'only_if = { hurt = ["yes"] }\n'
    text += HURT.replace("hurt]", "how]").replace("Are you", "How are you") + 'only_if = { hurt = ["no"], where = ["yes"] }\n'
    assert [one for one in complaints(text) if "never asked" in one] == [
        'ours.toml, line 28, questions.how.only_if: is never asked: "hurt" would need two answers at once.'
    ]


def test_two_that_wait_for_each_other_are_found():
    text = HURT + 'only_if = { how = ["yes"] }\n'
    text += HURT.replace("hurt]", "how]").replace("Are you", "How are you") + 'only_if = { hurt = ["yes"] }\n'
    assert "waits for itself: hurt → how → hurt" in complaints(text)[0]


def test_a_test_in_the_file_that_does_not_hold_is_a_fault():
    text = HURT + '[[tests]]\nname = "All well"\nanswers = { hurt = "no" }\ncues = ["child_present"]\nnext = "hurt"\n'
    assert complaints(text) == [
        'ours.toml, line 15, tests.0: the test "All well" expects the cues child_present, and there are none.',
        'ours.toml, line 15, tests.0: the test "All well" expects hurt next, and it is nothing.',
    ]


def test_two_files_for_one_type_are_in_each_others_way(tmp_path):
    (tmp_path / "a.toml").write_text(HEAD + HURT)
    (tmp_path / "b.toml").write_text(HEAD + HURT)
    assert [one.says for one in questions.problems_of_folder(tmp_path, NATIONAL)] == [
        "ours is the code of a.toml too",
        "a.toml opens for domestic too: one type opens one set",
    ]


# --- two sets, two forces -------------------------------------------------------------------------------------------


def test_the_difference_between_two_sets_is_told_in_sentences():
    before = questions.load(HEAD + HURT + "answers.yes = {}\n")
    text = HEAD.replace("version = 1", "version = 2").replace('["domestic"]', '["domestic", "fight"]')
    text += HURT.replace("Are you hurt?", "Is anyone hurt?")
    text += "answers.yes = { cues = ['life_at_risk'], tell = 'Stay.', offers = { harm = [2, 'Hurt.'] } }\n"
    text += HURT.replace("hurt]", "how]").replace("Are you", "How are you")
    after = questions.load(text)
    assert questions.difference(before, after) == [
        "The version: 1 → 2.",
        "Opens for fight too.",
        "hurt is asked in other words: “Are you hurt?” → “Is anyone hurt?”.",
        "hurt, yes: sets life_at_risk.",
        "hurt, yes: tells “nothing” → “Stay.”.",
        "hurt, yes: offers for harm nothing → 2 “Hurt.”.",
        "Asks “How are you hurt?” (how, safeguarding), after hurt.",
    ]
    assert questions.difference(after, after) == []


def test_two_forces_folders_are_compared_set_by_set(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    (ours / "a.toml").write_text(HEAD + HURT)
    (theirs / "a.toml").write_text(HEAD + HURT.replace("Are you hurt?", "Are you injured?"))
    (theirs / "b.toml").write_text(HEAD.replace('"ours"', '"more"') + HURT)
    assert questions.difference_of_folders(ours, theirs) == [
        "more: only in theirs.",
        "ours: hurt is asked in other words: “Are you hurt?” → “Are you injured?”.",
    ]
