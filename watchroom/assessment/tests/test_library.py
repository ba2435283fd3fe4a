"""The library of question sets: its pages for those who answer for it, and its commands."""

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests import world
from watchroom.assessment import command, queries, questions
from watchroom.assessment.models import AnswerGiven
from watchroom.foundation import scope

runner = CliRunner()
QUESTIONS = """No,Question,Why
a1,Is the caller hurt?,An ambulance comes first
a2,Is this the first time?,A pattern is more dangerous
"""
MAPPING = """
[set]
code = "licensed"
title = "A licensed set"
owner = "The force, by licence"
source = "licensed; not to be copied"
opens_for = ["domestic"]
[columns]
code = "No"
ask = "Question"
because = "Why"
[defaults]
kind = "yes_no"
stage = "safeguarding"
[answers.a2]
no = { cues = ["repeat_victim"] }
"""


@pytest.fixture
def tom(northmoor):
    member = world.a_member("tom", "analyst")
    client = Client()
    client.force_login(member, backend="watchroom.staff.auth.ForceBackend")
    session = client.session
    session["force"] = member.force
    session.save()
    return client


def test_an_analyst_reads_the_library_with_versions_and_review_dates(tom):
    page = tom.get("/assessment/questions/").content.decode()
    assert all(one.title in page for one in questions.shipped())
    assert "1 May 2027" in page


def test_a_set_is_walked_through_by_its_answers_and_nothing_is_kept(tom):
    page = tom.get("/assessment/questions/domestic/?a=overheard:no&a=hurt:yes&a=there:yes").content.decode()
    assert "Can you get out, or into a room that locks?" in page
    assert "Suspect there" in page
    assert "The suspect is still there." in page
    assert not AnswerGiven.objects.exists()


@pytest.mark.parametrize("given", ["a=moon:yes", "a=hurt:perhaps", "a=hurt", "a=children:99999999", "a=<b>:yes&x=1"])
def test_an_address_that_was_tampered_with_shows_the_beginning(tom, given):
    answer = tom.get(f"/assessment/questions/domestic/?{given}")
    assert answer.status_code == 200
    assert "<b>:yes" not in answer.content.decode()


def test_a_set_that_is_not_there_is_404(tom):
    assert tom.get("/assessment/questions/moonlight/").status_code == 404


def test_the_library_that_ships_is_checked_at_the_console():
    done = runner.invoke(command.app, ["check"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("29 sets")


def test_a_faulty_file_is_named_and_the_exit_status_says_so(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text("code = 1\n")
    done = runner.invoke(command.app, ["check", str(file)])
    assert done.exit_code == 1
    assert "x.toml, line 1" in done.output


def test_a_set_is_shown_in_words_and_compared():
    assert "Is the person you are afraid of there" in runner.invoke(command.app, ["show", "domestic"]).output
    file = str(questions.DATA / "domestic.toml")
    assert runner.invoke(command.app, ["diff", file, file]).output == "They do not differ.\n"
    assert runner.invoke(command.app, ["show", "moonlight"]).exit_code == 1


def test_a_licensed_set_is_imported_for_one_force_only(northmoor, settings, tmp_path):
    settings.WATCHROOM_DATA = tmp_path
    (tmp_path / "q.csv").write_text(QUESTIONS)
    (tmp_path / "map.toml").write_text(MAPPING)
    arguments = ["import", str(tmp_path / "q.csv"), "--mapping", str(tmp_path / "map.toml"), "--force", "northmoor"]
    done = runner.invoke(command.app, arguments)
    assert done.exit_code == 0, done.output
    assert queries.opened_by("domestic").title == "A licensed set"
    assert queries.opened_by("domestic").question("a2").answers["no"].cues == ("repeat_victim",)
    assert runner.invoke(command.app, arguments).exit_code == 1  # not over one that is there
    assert runner.invoke(command.app, [*arguments, "--replace"]).exit_code == 0
    with scope.use("southmere"):
        assert queries.opened_by("domestic").title == "Domestic incident"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('ask = "Question"', 'ask = "Text"', "there is no column Text"),
        ('ask = "Question"\n', "", "has to name the column of ask"),
        ("[answers.a2]", "[answers.a9]", "a9, which q.csv does not ask"),
        ('"repeat_victim"', '"moonlight"', 'there is no cue "moonlight"'),
        ('kind = "yes_no"', 'kind = "perhaps"', "must be"),
        ('"domestic"', '"poltergeist"', 'no incident type "poltergeist"'),
    ],
)
def test_what_cannot_be_imported_is_a_sentence_and_nothing_is_written(northmoor, settings, tmp_path, before, after, says):
    settings.WATCHROOM_DATA = tmp_path
    (tmp_path / "q.csv").write_text(QUESTIONS)
    (tmp_path / "map.toml").write_text(MAPPING.replace(before, after, 1))
    done = runner.invoke(
        command.app, ["import", str(tmp_path / "q.csv"), "--mapping", str(tmp_path / "map.toml"), "--force", "northmoor"]
    )
    assert done.exit_code == 1
    assert says in done.output
    assert not queries.own_questions().exists()
