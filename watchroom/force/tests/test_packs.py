"""A pack is read, laid over another, tested and compared; a bad one says where it is bad."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchroom.force import packs
from watchroom.force.policy import Policy, StatesReader
from watchroom.force.words import heard

NATIONAL = (packs.DATA / "national.toml").read_text(encoding="utf-8")
LOCAL = """
[meta]
over = "national"
code = "ourforce"
version = 3
title = "Our grades"
owner = "Our owner"
effective_from = 2026-11-01
review_by = 2027-06-01
source = "invented"
"""


def line_of(text, piece):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if piece in line)


def refused(text):
    with pytest.raises(packs.PackError) as caught:
        packs.load(text, name="ours.toml")
    return caught.value


@pytest.mark.parametrize(
    ("hours", "says"), [(1, "an hour"), (24, "24 hours"), (36, "36 hours"), (72, "3 days"), (8760, "a year"), (17520, "2 years")]
)
def test_how_far_back_states_are_read_is_said_as_a_person_says_it(hours, says):
    assert StatesReader(code="inspector", label="Inspection", hours=hours).reach == says


def test_the_national_pack_holds_the_response_standard():
    national = packs.national()
    assert (national.response.answer_999_s, national.response.answer_999_limit_s) == (10, 120)
    assert national.response.publication_bands_s == (10, 60)
    assert (national.grade("immediate").attend_urban_s, national.grade("immediate").attend_rural_s) == (900, 1200)
    assert [grade.code for grade in national.grades] == ["immediate", "priority", "scheduled", "appointment", "rwd"]
    assert [grade.key for grade in national.grades] == ["1", "2", "3", "4", "5"]
    assert [element.letter for element in national.model().elements] == list("THRIVE")
    assert {question.code for question in national.solvability} == {
        "offender_there",
        "offender_known",
        "cctv",
        "dna",
        "fingerprints",
    }
    assert [status.number for status in national.dispatch.statuses] == list(range(17))
    assert "verify against NSIR 2011" in national.categories.verify


def test_every_shipped_pack_passes_its_own_tests_and_says_who_owns_it():
    for path in packs.DATA.glob("*.toml"):
        policy = packs.load(path)
        assert policy.tests
        assert packs.check(policy) == ()
        assert policy.meta.owner
        assert policy.meta.source
        assert policy.meta.review_by > policy.meta.effective_from


def test_every_channel_of_the_house_is_in_the_pack_with_999_first():
    channels = packs.national().channels
    by_call_or_written = {"999", "101", "online", "chat", "email", "answerphone", "counter", "emergency_sms", "social", "force"}
    assert {channel.code for channel in channels} == by_call_or_written
    assert min(channels, key=lambda channel: channel.rank).code == "999"


@pytest.mark.parametrize("policy", [packs.national(), packs.shipped("northmoor")], ids=lambda policy: policy.version)
def test_a_policy_written_out_reads_back_the_same(policy):
    assert packs.load(packs.dump(policy)) == policy
    assert packs.digest(packs.load(packs.dump(policy))) == packs.digest(policy)
    assert Policy.model_validate(policy.model_dump(mode="json")) == policy


def test_a_policy_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        packs.national().risk_model = "other"


def test_a_force_gives_only_what_differs_and_the_rest_is_national():
    policy = packs.load(
        LOCAL + '[grades.priority]\nattend_urban_s = 2700\n[cues.weapon_present]\nalso_words = ["boat hook", "knife"]\n'
    )
    national = packs.national()
    assert policy.grade("priority").attend_urban_s == 2700
    assert policy.grade("priority").label == "Priority"
    assert policy.grade("immediate") == national.grade("immediate")
    assert policy.cue("weapon_present").words == (*national.cue("weapon_present").words, "boat hook")
    assert policy.version == "ourforce 3 over national 1"


def test_a_difference_can_be_printed_and_there_is_none_between_the_same():
    own = '[grades.priority]\nattend_urban_s = 2700\n[cues.weapon_present]\nalso_words = ["boat hook"]\n'
    policy = packs.load(f'{LOCAL}{own}[agencies]\nport = {{ label = "Port authority" }}\n')
    printed = [str(change) for change in packs.difference(packs.national(), policy)]
    assert "~ grades.priority.attend_urban_s: 3600 → 2700" in printed
    assert "~ cues.weapon_present.words: + boat hook" in printed
    assert "+ agencies.port.label: Port authority" in printed
    assert "- agencies.port.label: Port authority" in map(str, packs.difference(policy, packs.national()))
    assert packs.difference(policy, policy) == []


def test_a_digest_knows_what_is_said_and_not_how_it_is_written():
    spaced = packs.load(NATIONAL.replace("\n[response]", "\n# a remark\n[response]"))
    assert packs.digest(spaced) == packs.digest(packs.national())
    changed = packs.load(NATIONAL.replace("answer_999_limit_s = 120", "answer_999_limit_s = 119"))
    assert packs.digest(changed) != packs.digest(packs.national())


# --- a bad pack names its line --------------------------------------------------------------------------------------


def test_a_word_where_a_number_belongs_names_file_line_and_field():
    text = NATIONAL.replace("answer_999_limit_s = 120", 'answer_999_limit_s = "two minutes"')
    error = refused(text)
    assert (error.file, error.line, error.field) == ("ours.toml", line_of(text, '"two minutes"'), "response.answer_999_limit_s")
    assert str(error).startswith(f"ours.toml, line {error.line}, response.answer_999_limit_s: must be a valid integer")
    assert str(error).count(". ") == 0
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("before", "after", "field", "says"),
    [
        ('"priority",  because = "A weapon', '"urgent",  because = "A weapon', "cues.weapon_present.grade", "no grade"),
        ("{ threat = 3, risk = 2 }", "{ threat = 4, risk = 2 }", "grading.rows.threat_and_risk.levels.threat", "3"),
        ("levels = { threat = 3, risk = 2 }", "levels = { menace = 3 }", "grading.rows.threat_and_risk.levels.menace", "menace"),
        ('cues = ["silent", "high_risk_marker"],', 'cues = ["quiet"],', "grading.rows.silent_and_marker.cues", "quiet"),
        ('opening = "missing",', 'opening = "lost_people",', "incident_types.missing.opening", "lost_people"),
        ('floor = "rwd"', 'flor = "rwd"', "grading.flor", "did you mean floor"),
        ('floor = "rwd"', "", "grading.floor", "is missing"),
        ("attend_rural_s = 1200", "attend_rurals = 1200", "grades.immediate.attend_rurals", "did you mean attend_rural_s"),
        ('key = "2"', 'key = "1"  # twice', "grades.priority.key", "already"),
        ("review_by = 2027-11-01", "review_by = 2027-11-31", "", "not valid TOML"),
        ("{ investigation = 2 },  ", '{ investigation = 2 }, grad = "x",', "grading.rows.much_to_investigate.grad", "not known"),
        ('["taser"], because = "The blades', '["tazer"], because = "The blades', "dispatch.needs.blades.skills", "tazer"),
        ('risk_model = "thrive"', 'risk_model = "strove"', "risk_model", "strove"),
    ],
)  # fmt: skip
def test_a_bad_pack_names_its_line_and_field(before, after, field, says):
    text = NATIONAL.replace(before, after, 1)
    assert text != NATIONAL
    error = refused(text)
    assert error.field == field
    assert says in str(error)
    changed = line_of(text, after)
    assert error.line == (line_of(text, "[grading]") if says == "is missing" else changed)


def test_elements_that_only_inform_cannot_make_a_response_urgent():
    before = 'levels = { investigation = 3 },                       grade = "scheduled"'
    text = NATIONAL.replace(before, 'levels = { investigation = 3 }, grade = "immediate"')
    assert "cannot ask for more than scheduled" in str(refused(text))


@pytest.mark.parametrize("channel", ["999", "emergency_sms"])
def test_an_emergency_cannot_be_kept_for_who_has_a_skill(channel):
    """A room in which nobody was given it on the page would not answer."""
    error = refused(LOCAL + f'[routing]\nskills = {{ {channel} = "emergency" }}\n')
    assert "an emergency waits for no skill" in str(error)
    packs.load(LOCAL + f'[routing]\nasked_first = {{ {channel} = "emergency" }}\n', name="ours.toml")


def test_a_pack_whose_own_test_fails_is_not_loaded():
    text = NATIONAL + '\n[[tests]]\nname = "Kent"\ncues = ["silent"]\nexpect = "scheduled"\n'
    error = refused(text)
    assert 'the test "Kent" expects scheduled, but the table suggests priority' in str(error)
    assert error.line == line_of(text, 'name = "Kent"') - 1


def test_a_force_that_loosens_the_silent_call_rule_fails_the_national_test():
    error = refused(LOCAL + '[grading.rows.silent_and_marker]\ngrade = "priority"\n')
    assert "An abandoned call with a high-risk marker starts at the highest grade" in str(error)


def test_a_mistake_in_a_force_s_own_pack_names_the_line_of_that_pack():
    text = LOCAL + "[grades.priority]\nattend_urban_s = 2700\nattend_rural_s = true\n"
    error = refused(text)
    assert (error.line, error.field) == (line_of(text, "true"), "grades.priority.attend_rural_s")
    text = LOCAL + '[cues.weapon_present]\nalso_words = ["boat hook", 7]\n'
    assert refused(text).line == line_of(text, "also_words")


def test_a_pack_can_only_add_to_a_list_that_is_there():
    text = LOCAL + "[grades.priority]\nalso_words = ['x']\n"
    assert "there is no list words to add to" in str(refused(text))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[response]\nanswer_999_limit_s = 300\n", "response.answer_999_limit_s"),
        ("[grades.immediate]\nattend_urban_s = 3600\n", "grades.immediate.attend_urban_s"),
        ("[response]\nalso_publication_bands_s = [90]\n", "response.publication_bands_s"),
    ],
)
def test_the_response_standard_is_not_a_force_s_to_change(text, field):
    error = refused(LOCAL + text)
    assert (error.line, error.field) == (len(LOCAL.splitlines()) + 2, field)
    assert "holds for every force" in str(error)


def test_a_force_cannot_let_a_grade_go_before_the_risk_but_immediate():
    text = LOCAL + "[grades.priority]\nwaits_for_risk = false\n"
    assert "only an immediate grade goes before the risk is written" in str(refused(text))
    text = LOCAL + "[grades.scheduled]\nneeds_deployment = false\n"
    assert "only resolution without deployment sends nobody" in str(refused(text))


def test_a_pack_lies_over_the_pack_it_names_and_no_other():
    assert 'lies over "scottish"' in str(refused(LOCAL.replace('"national"', '"scottish"')))


def test_a_file_that_is_not_there_or_not_text_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(packs.PackError, match=r"nowhere\.toml: cannot be read"):
        packs.load(tmp_path / "nowhere.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(packs.PackError, match="not UTF-8"):
        packs.load(tmp_path / "bytes.toml")
    with pytest.raises(packs.PackError, match="no such pack"):
        packs.shipped("../../etc")


@given(st.text(max_size=300).map(lambda text: text + "\n"))
def test_whatever_is_in_a_file_the_answer_is_a_policy_or_one_sentence(text):
    with pytest.raises(packs.PackError) as caught:
        packs.load(text)
    assert str(caught.value).endswith(".")


@given(st.data())
def test_any_value_replaced_by_nonsense_is_refused_with_its_line(data):
    lines = NATIONAL.splitlines()
    plain = [
        number
        for number, line in enumerate(lines)
        if " = " in line and not line.startswith(("#", " ")) and "{" not in line and ("[" not in line or "]" in line)
    ]
    number = data.draw(st.sampled_from(plain))
    key = lines[number].split(" = ")[0]
    lines[number] = f"{key} = {{ nonsense = 1 }}"
    error = refused("\n".join(lines) + "\n")
    assert error.line == number + 1
    assert error.field.split(".")[-1] in (key, "nonsense")


values = st.recursive(
    st.none().map(lambda _: "x") | st.booleans() | st.integers(-2, 2**70) | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc_", min_size=1, max_size=4), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    "tests",
    "cues",
    "cues.river",
    "cues.weapon_present.also_words",
    "grades.priority.attend_urban_s",
    "grading",
    "grading.rows.mine.levels",
    "risk_model",
    "dispatch.statuses.2.next",
    "models.thrive.elements",
    "nonsense",
    "meta.review_by",
    "meta.over",
    "incident_types.fire.words",
    "categories",
]


@given(st.sampled_from(PLACES), values)
def test_whatever_a_force_s_pack_says_the_answer_is_a_policy_or_one_sentence(place, value):
    pack = packs.read(LOCAL)
    table = pack.table
    *around, last = place.split(".")
    for step in around:
        table = table.setdefault(step, {})
    table[last] = value
    try:
        policy = packs.overlay(packs.national(), pack)
    except packs.PackError:
        return
    assert packs.load(packs.dump(policy)) == policy


def test_a_force_that_replaces_a_national_test_shows_it_in_the_difference():
    name = "An abandoned call with nothing known is not left for four hours (IOPC, Kent)"
    text = f'{LOCAL}[cues.silent]\ngrade = "immediate"\n[[tests]]\nname = "{name}"\ncues = ["silent"]\nexpect = "immediate"\n'
    printed = [str(change) for change in packs.difference(packs.national(), packs.load(text))]
    assert f"~ tests.“{name}”: priority → immediate" in printed


# --- dates and words ------------------------------------------------------------------------------------------------


def test_a_rule_past_its_review_date_says_so():
    national = packs.national()
    assert national.out_of_date(date(2026, 11, 23)) == ()
    assert "silent calls" in national.out_of_date(date(2027, 5, 2))[0]
    assert len(national.out_of_date(date(2028, 1, 1))) == 4  # and the two agreements with other systems


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("He's got a KNIFE", ("KNIFE",)),
        ("penknife", ()),
        ("no knife seen", ()),
        ("No, knife", ("knife",)),
        ("he\u2019s  inside\nthe flat", ("he's inside",)),
        ("kicking\nit in", ("kicking it in",)),
        ("knife knife Knife", ("knife",)),
        ("Knife? No. He's inside? Yes.", ("He's inside",)),
        ("knife: none", ()),
        ("knife? no idea", ("knife",)),
        ("", ()),
    ],
)
def test_words_are_heard_whole_in_any_case_and_not_when_negated(text, found):
    assert heard(["knife", "he's inside", "kick* it in"], text, ["no"]) == found


@given(st.text(), st.lists(st.text(min_size=1, max_size=5), max_size=4))
def test_no_text_and_no_word_breaks_the_listening(text, words):
    heard(words, text, words)
