"""Asking: what an answer puts into play and takes back, where it is read, and which set opens when."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from tests import world
from watchroom.assessment import actions, queries
from watchroom.assessment.models import AnswerGiven, Cue
from watchroom.contacts import actions as contacts
from watchroom.force import actions as force
from watchroom.force import packs
from watchroom.foundation import clock
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.incidents import queries as incidents


@pytest.fixture
def call(northmoor):
    return world.an_answered_call(at=clock.now() - timedelta(seconds=60))


def ask(call, question, given, asking="domestic"):
    return actions.answer_question(
        contact=call.pk, asking=asking, question=question, given=given, by=call.owner.code, at=clock.now()
    )


def cues(call):
    return queries.cues(call, at=clock.now())


# --- what an answer puts into play ----------------------------------------------------------------------------------


def test_yes_puts_a_cue_into_play_and_a_later_no_takes_it_back(call):
    ask(call, "weapon", "yes")
    assert "weapon_present" in cues(call)
    ask(call, "weapon", "no")
    assert "weapon_present" not in cues(call)
    assert AnswerGiven.objects.count() == 2  # both stay


def test_no_takes_nothing_back_that_was_heard_in_the_words(call):
    at = clock.now()
    contacts.write(contact=call.pk, text="He has a knife.", by=call.owner.code, at=at, written_at=at)
    ask(call, "weapon", "yes")
    ask(call, "weapon", "no")
    assert "weapon_present" in cues(call)
    assert queries.cues_among([call], at=clock.now())[call.pk] == cues(call)


def test_no_takes_nothing_back_that_a_person_ticked(call):
    actions.hear(contact=call.pk, cue="weapon_present", is_present=True, by=call.owner.code, at=clock.now())
    ask(call, "weapon", "yes")
    ask(call, "weapon", "no")
    assert "weapon_present" in cues(call)


def test_no_takes_nothing_back_that_another_answer_holds(call):
    ask(call, "there", "yes")  # the suspect is there
    ask(call, "danger", "there", asking="hate_crime")  # said again, in another set
    ask(call, "there", "no")
    assert "suspect_on_scene" in cues(call)
    ask(call, "danger", "gone", asking="hate_crime")
    assert "suspect_on_scene" not in cues(call)


def test_cannot_say_after_yes_takes_nothing_back(call):
    ask(call, "weapon", "yes")
    ask(call, "weapon", "cannot_say")
    assert "weapon_present" in cues(call)


def test_what_a_person_denied_comes_back_with_a_later_yes(call):
    actions.hear(contact=call.pk, cue="weapon_present", is_present=False, by=call.owner.code, at=clock.now())
    ask(call, "weapon", "yes")
    assert "weapon_present" in cues(call)


def test_an_answer_changes_the_suggestion(call):
    before = queries.suggestion(call, kind="domestic", at=clock.now()).grade
    ask(call, "there", "yes")
    ask(call, "weapon", "yes")
    after = queries.suggestion(call, kind="domestic", at=clock.now())
    assert (before, after.grade) == ("scheduled", "immediate")
    assert "The suspect is there with a weapon." in [reason.says for reason in after.because]


def test_asked_in_vain_stays_asked_and_not_answered(call):
    ask(call, "hurt", "not_answered")
    assert queries.answers_given(call.pk) == {"domestic": {"hurt": "not_answered"}}
    assert "hurt" not in [one.code for one in queries.open_questions(call.pk, "domestic")]
    ask(call, "hurt", "yes")
    with pytest.raises(Refused, match="answered already"):
        ask(call, "hurt", "not_answered")


def test_an_answer_that_cannot_be_is_refused_and_leaves_nothing(call):
    with pytest.raises(Invalid, match="Choose one of the answers"):
        ask(call, "hurt", "perhaps")
    with pytest.raises(Invalid, match="in no set"):
        ask(call, "moon", "yes")
    assert not AnswerGiven.objects.exists()
    assert not Cue.objects.exists()


def test_the_fact_holds_codes_and_a_digest_and_no_word(call):
    kept = ask(call, "back", "Ring my sister, never me.")
    body = json.dumps(Fact.objects.get(kind="QuestionAnswered").body)
    assert "sister" not in body
    assert kept.words == "Ring my sister, never me."
    assert '"outcome": "said"' in body


def test_offers_are_words_and_a_level_and_never_an_answer_of_the_record(call):
    ask(call, "weapon", "yes")
    ask(call, "there", "yes")
    offered = queries.offers(call.pk)
    assert offered["threat"].level == 3
    assert offered["risk"].words == "The suspect is still there."
    assert queries.newest(call.pk) is None


# --- the force's own sets -------------------------------------------------------------------------------------------


def test_a_forces_own_set_stands_in_place_of_the_one_that_ships(call, settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    assert queries.opened_by("domestic").title == "Domestic incident"
    own = queries.own_questions()
    own.mkdir(parents=True)
    text = 'code = "ours"\nversion = 3\ntitle = "Our own"\nowner = "Us"\nsource = "licensed"\nreview_by = 2027-11-01\n'
    text += (
        'opens_for = ["domestic"]\n[questions.hurt]\nask = "Hurt?"\nkind = "yes_no"\nstage = "safeguarding"\nbecause = "Yes."\n'
    )
    (own / "ours.toml").write_text(text)
    (own / "broken.toml").write_text("code = [")  # breaks no page
    assert queries.opened_by("domestic").title == "Our own"
    assert queries.opened_by("burglary").title == "Burglary"
    kept = ask(call, "hurt", "yes", asking="ours")
    assert (kept.version, kept.asked) == (3, "Hurt?")


def test_another_force_does_not_see_it(southmere, settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    (tmp_path / "questions" / "northmoor").mkdir(parents=True)
    (tmp_path / "questions" / "northmoor" / "x.toml").write_text("")
    assert queries.own_questions().name == "southmere"
    assert queries.opened_by("domestic").owner.startswith("The Watchroom project")


# --- the panel ------------------------------------------------------------------------------------------------------

HX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def bryn(call):
    client = Client()
    client.force_login(call.owner, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = call.owner.force
    session.save()
    return client


def panel(bryn, call, more=""):
    return bryn.get(f"/incidents/of/{call.pk}/asks/{more}", **HX).content.decode()


def post(bryn, call, question, answer, **more):
    data = {"asking": "domestic", "question": question, "answer": answer, **more}
    return bryn.post(f"/assessment/{call.pk}/ask/", data, **HX)


def test_with_no_type_nothing_is_asked(bryn, call):
    assert "asks__box" not in panel(bryn, call)


def test_a_type_suggested_from_the_words_opens_its_set_and_says_from_which(bryn, call):
    at = clock.now()
    contacts.write(contact=call.pk, text="My husband is drunk and shouting.", by=call.owner.code, at=at, written_at=at)
    shown = panel(bryn, call)
    assert "Domestic incident?" in shown
    assert "“husband”" in shown
    assert "Can anyone hear what you are saying to me?" in shown


def test_a_chosen_type_is_never_overruled_by_the_words(bryn, call):
    world.an_incident(contact=call, kind="burglary", at=clock.now())
    at = clock.now()
    contacts.write(contact=call.pk, text="My husband is drunk and shouting.", by=call.owner.code, at=at, written_at=at)
    shown = panel(bryn, call)
    assert "Is anybody in there now, or could there be?" in shown
    assert "heard:" not in shown


def test_a_set_begun_on_a_suggestion_is_gone_on_with_when_the_words_change(bryn, call):
    at = clock.now()
    contacts.write(contact=call.pk, text="My husband is drunk and shouting.", by=call.owner.code, at=at, written_at=at)
    post(bryn, call, "overheard", "no")
    contacts.write(
        contact=call.pk, text="He robbed me, I was mugged, robbed, snatched.", by=call.owner.code, at=at, written_at=at
    )
    assert "Domestic incident?" in panel(bryn, call)


def test_an_answer_brings_the_next_question_with_the_focus_and_what_to_tell(bryn, call):
    world.an_incident(contact=call, at=clock.now())
    answer = post(bryn, call, "overheard", "yes")
    shown = answer.content.decode()
    assert answer["HX-Trigger"] == "wr:asked"
    assert "Is anyone hurt?" in shown
    assert "answer me with yes or no only" in shown
    assert "autofocus" in shown
    assert "autofocus" not in panel(bryn, call)  # nothing takes the focus that was not asked for
    assert '2 of 11<span class="asks__stage">, safeguarding first</span>' in shown


@pytest.mark.parametrize(
    ("opened", "holds"), [("hurt", 'id="ask-now"'), ("children", 'id="ask-answer"'), ("back", 'id="ask-answer"')]
)
def test_one_place_alone_takes_the_focus_the_keys_of_a_closed_question_or_the_field_of_an_open_one(bryn, call, opened, holds):
    world.an_incident(contact=call, at=clock.now())
    shown = panel(bryn, call, f"?open={opened}")
    assert shown.count("autofocus") == 1
    assert shown.count("data-first") == 1
    assert holds in next(tag for tag in shown.split("<") if "autofocus" in tag)


def test_the_same_answer_sent_twice_is_one(bryn, call):
    for _ in range(2):
        assert post(bryn, call, "overheard", "yes", key="k1").status_code == 200
    assert AnswerGiven.objects.count() == 1


def test_who_reads_the_log_sees_what_was_asked_and_answered(bryn, call):
    post(bryn, call, "hurt", "yes")
    assert [line.text for line in incidents.contact_log(call.pk)] == ["Asked: Is anyone hurt? – Yes"]
    incident = world.an_incident(contact=call, at=clock.now())
    assert "Asked: Is anyone hurt? – Yes" in [line.text for line in incidents.log(incident.pk)]


def test_what_was_asked_is_no_word_in_which_a_cue_or_type_is_heard(bryn, call):
    post(bryn, call, "weapon", "no")
    post(bryn, call, "neck", "no")
    assert cues(call) == frozenset()


def test_a_question_can_be_answered_again(bryn, call):
    world.an_incident(contact=call, at=clock.now())
    post(bryn, call, "overheard", "yes")
    assert "Can anyone hear what you are saying to me?" in panel(bryn, call, "?open=overheard").split('id="ask-words"')[1][:80]


def test_what_is_written_up_is_not_asked_any_more(bryn, call):
    call.state = "wrapped"
    call.save()
    assert post(bryn, call, "overheard", "yes").status_code == 409


# --- whom it is about, and what is in play --------------------------------------------------------------------------


def test_the_saved_record_counts_the_aspects_of_vulnerability_together(call):
    for cue in ("alcohol", "no_home", "weapon_present"):
        actions.hear(contact=call.pk, cue=cue, is_present=True, by=call.owner.code, at=clock.now())
    world.write_the_risk(call, at=clock.now())
    assert Fact.objects.get(kind="RiskSaved").body["aspects"] == ["alcohol", "no_home"]


def test_an_element_is_judged_for_several_subjects_and_the_highest_counts(bryn, call):
    """R50: the caller and the community. Whether it is a fact, an opinion or hearsay stands beside it."""
    data = {"element": "threat", "level": "1", "rationale": "He shouts at her through the door."}
    assert bryn.post(f"/assessment/{call.pk}/answer/", data, **HX).status_code == 200  # the usual case needs no step more
    more = {
        "element": "threat",
        "level": "3",
        "rationale": "He spoke of burning the house.",
        "subject": "public",
        "basis": "hearsay",
    }
    assert bryn.post(f"/assessment/{call.pk}/answer/", more, **HX).status_code == 200
    given = {(a.subject, a.level, a.basis) for a in queries.answers(queries.newest(call.pk))}
    assert given == {("caller", 1, ""), ("public", 3, "hearsay")}
    shown = bryn.get(f"/assessment/{call.pk}/risk/", **HX).content.decode()
    assert "Community" in shown
    assert "(hearsay)" in shown


@pytest.mark.parametrize(("name", "value"), [("subject", "the dog"), ("basis", "rumour")])
def test_a_subject_or_basis_that_is_none_is_refused(bryn, call, name, value):
    data = {"element": "threat", "level": "1", "rationale": "He shouts at her through the door.", name: value}
    assert bryn.post(f"/assessment/{call.pk}/answer/", data, **HX).status_code == 422


def test_words_offered_are_shown_as_an_offer_and_no_more_when_they_are_written(bryn, call):
    post(bryn, call, "there", "yes")
    offered = bryn.get(f"/assessment/{call.pk}/risk/?open=risk", **HX).content.decode()
    assert "not written yet" in offered
    data = {"element": "risk", "level": "2", "rationale": "The suspect is still there. The bolt holds."}
    bryn.post(f"/assessment/{call.pk}/answer/", data, **HX)
    assert "not written yet" not in bryn.get(f"/assessment/{call.pk}/risk/?open=risk", **HX).content.decode()


def test_who_asked_is_who_wrote_unless_it_is_said(call):
    world.write_the_risk(call, at=clock.now())
    row = queries.newest(call.pk)
    assert {a.asked_by for a in row.answers.all()} == {call.owner.code}


STRIVE = """
risk_model = "strive"

[meta]
over = "national"
code = "ourforce"
version = 2
title = "Ours"
owner = "Us"
effective_from = 2026-11-01
review_by = 2027-11-01
source = "invented"
"""


def test_a_force_that_judges_by_strive_has_its_own_elements_on_the_page_and_the_same_offers(bryn, call):
    """R43: the model is data. What an answer offers for vulnerability is offered where STRIVE asks for safeguarding."""
    force.adopt(policy=packs.load(STRIVE), by="system:test", at=clock.now())
    post(bryn, call, "children", "2")
    page = bryn.get(f"/assessment/{call.pk}/risk/", **HX).content.decode()
    assert "Who cannot protect themselves, and what keeps them safe now?" in page
    assert "Children live there." in page
    for element in ("safeguarding", "threat", "risk", "investigation", "victim", "engagement"):
        data = {"element": element, "level": "2", "rationale": f"What was said about {element}, in words."}
        assert bryn.post(f"/assessment/{call.pk}/answer/", data, **HX).status_code == 200
    assert bryn.post(f"/assessment/{call.pk}/save/", {}, **HX).status_code == 200
    assert queries.saved(call.pk).model == "strive"
    assert queries.suggestion(call, kind="domestic", at=clock.now()).grade == "immediate"
