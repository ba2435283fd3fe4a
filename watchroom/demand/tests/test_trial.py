"""A changed policy is tried on the past: what it would change, why, and that nothing is written."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import world
from watchroom.assessment import actions as assessment
from watchroom.assessment import rules as risk
from watchroom.contacts import actions as contacts
from watchroom.demand import command
from watchroom.demand.queries import trial as past
from watchroom.demand.rules import trial
from watchroom.force import packs
from watchroom.foundation import clock
from watchroom.foundation.models import Fact
from watchroom.identity.models import Marker
from watchroom.incidents import actions as incidents

NATIONAL = packs.national()
ELEMENTS = [element.code for element in NATIONAL.model().elements]


def changed(**rows) -> packs.Policy:
    """The national policy with other rows of the decision table: a loosened or a sharpened pack."""
    grading = NATIONAL.grading.model_copy(update={"rows": tuple(rows.get(r.code, r) for r in NATIONAL.grading.rows)})
    return NATIONAL.model_copy(update={"grading": grading})


def without_rows() -> packs.Policy:
    return NATIONAL.model_copy(update={"grading": NATIONAL.grading.model_copy(update={"rows": ()})})


def a_row(level: int = 3, **more) -> trial.Judged:
    answers = more.pop("answers", tuple(risk.Answer(code, level, "as written") for code in ELEMENTS))
    row = {
        "decision": 1, "log": "0417", "day": date(2026, 11, 22), "at": datetime(2026, 11, 22, 3, 12, tzinfo=UTC), "kind": "domestic",
        "heard": (trial.Heard(answers=answers),), "suggested": "", "decided": "priority", "policy": 1,
    }  # fmt: skip
    return trial.Judged(**(row | more))


def test_a_pack_without_its_rows_makes_a_high_risk_less_urgent_and_says_what_no_longer_asks():
    change = trial.judge(a_row(3), NATIONAL, without_rows())
    assert change.direction == "down"
    assert change.because
    assert all(says.startswith("No longer asked for: ") for says in change.because)


def test_the_other_way_round_it_is_more_urgent_with_the_new_reasons():
    change = trial.judge(a_row(3), without_rows(), NATIONAL)
    assert change.direction == "up"
    assert change.because == tuple(
        dict.fromkeys(r.says for r in risk.suggest(a_row(3).heard[0].answers, (), "domestic", NATIONAL).because)
    )


@given(
    levels=st.lists(st.integers(0, 3), min_size=len(ELEMENTS), max_size=len(ELEMENTS)),
    kind=st.sampled_from(NATIONAL.incident_types),
)
def test_the_same_pack_changes_nobodys_suggestion(levels, kind):
    answers = tuple(risk.Answer(code, level, "as written") for code, level in zip(ELEMENTS, levels, strict=True))
    assert trial.judge(a_row(answers=answers, kind=kind.code), NATIONAL, NATIONAL).direction == "same"


@given(levels=st.lists(st.integers(0, 3), min_size=len(ELEMENTS), max_size=len(ELEMENTS)))
def test_taking_rows_away_never_makes_anything_more_urgent(levels):
    answers = tuple(risk.Answer(code, level, "as written") for code, level in zip(ELEMENTS, levels, strict=True))
    assert trial.judge(a_row(answers=answers), NATIONAL, without_rows()).direction in ("same", "down")


def test_the_sum_of_the_parts_is_the_whole():
    rows = [a_row(level, kind=kind, is_vulnerable=level > 1) for level in range(4) for kind in ("domestic", "burglary")]
    found = trial.run(rows, {1: NATIONAL}, without_rows())
    assert found.tried == len(rows) == found.directions.total()
    assert sum(counts.total() for counts in found.by_type.values()) == len(rows)
    assert sum(counts.total() for counts in found.by_vulnerability.values()) == len(rows)
    assert len(found.changes) == len(rows) - found.directions["same"]


# --- what was known then ----------------------------------------------------------------------------------------------


def judged_now() -> list[trial.Judged]:
    return list(past.judged(past.decided(world.after(-3600), world.after(86400))))


def a_decision(*, level: int = 1, to: str = "immediate"):
    contact = world.an_answered_call()
    incident = world.an_incident(contact=contact, kind="domestic")
    world.write_the_risk(contact, level=level, at=world.after(90))
    incidents.grade(
        incident=incident.pk,
        to=to,
        justification="He has left and she is with her sister now.",
        by=contact.owner.code,
        at=world.after(100),
    )
    return contact, incident


def test_what_is_read_back_is_suggested_as_it_was_then(northmoor):
    a_decision()
    found = trial.run(judged_now(), {1: NATIONAL}, NATIONAL)
    assert found.tried == 1
    assert found.directions["same"] == 1
    assert found.otherwise_stored == []


def test_what_came_later_does_not_count(northmoor):
    """A later word, a later answer, a later marker, another type: none of it was known when it was decided."""
    contact, incident = a_decision()
    (before,) = judged_now()
    by, later = contact.owner.code, world.after(4000)
    contacts.write(contact=contact.pk, text="He has a knife.", by=by, at=world.after(50), written_at=later)  # entered afterwards
    assessment.hear(contact=contact.pk, cue="weapon_present", is_present=True, by=by, at=later)
    Marker.objects.create(
        kind="stalking", level=1, title="T", text="T", number=contact.caller_number, source="s",
        since_date=date(2026, 11, 25), review_by_date=date(2027, 11, 25),
    )  # fmt: skip
    incidents.retype(incident=incident.pk, kind="burglary", by=by, at=later)
    (after,) = judged_now()
    assert after == before


def test_a_marker_that_was_removed_since_still_counts_for_then(northmoor):
    contact, _ = a_decision()
    Marker.objects.create(
        kind="stalking", level=1, title="T", text="T", number=contact.caller_number, source="s",
        since_date=date(2026, 1, 1), review_by_date=date(2027, 1, 1), removed_at=world.after(86400 * 2),
    )  # fmt: skip
    (row,) = judged_now()
    assert row.heard[0].markers == (("stalking", 1),)
    assert row.is_vulnerable


def test_a_second_caller_counts_from_when_they_were_put_to_the_log(northmoor):
    contact, incident = a_decision()
    by = contact.owner.code
    other = world.an_answered_call(number="01632 960001", at=world.after(200))
    incidents.involve(incident=incident.pk, contact=other.pk, by=by, at=world.after(220))
    world.write_the_risk(other, level=3, at=world.after(300))
    incidents.grade(incident=incident.pk, to="immediate", justification="", by=by, at=world.after(320))
    one, two = judged_now()
    assert (len(one.heard), len(two.heard)) == (1, 2)
    found = trial.run([one, two], {1: NATIONAL}, NATIONAL)
    assert found.otherwise_stored == []


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sharper(tmp_path):
    """A pack of a force that grades this type as Immediate always."""
    file = tmp_path / "sharper.toml"
    file.write_text(
        '[meta]\ncode = "northmoor"\nversion = 9\ntitle = "Tried"\nowner = "Policy"\neffective_from = 2026-12-01\n'
        'review_by = 2027-12-01\nsource = "test"\nover = "national"\n\n[incident_types.nuisance]\ngrade = "priority"\nbecause = "Tried."\n'
    )
    return file


def test_the_command_says_each_log_by_its_number_and_writes_nothing(northmoor, sharper, capsys):
    soon = clock.now() - timedelta(hours=1)
    contact = world.an_answered_call(at=soon)
    incident = world.an_incident(contact=contact, kind="nuisance")
    world.write_the_risk(contact, level=0)
    incidents.grade(
        incident=incident.pk,
        to="scheduled",
        justification="Nobody is in danger and it can wait.",
        by=contact.owner.code,
        at=clock.now(),
    )
    facts = Fact.objects.count()
    command.try_pack(file=sharper, force="northmoor", days=31, json=True)
    said = json.loads(capsys.readouterr().out)
    assert said["tried"] == 1
    (change,) = said["changes"]
    assert (change["log"], change["direction"], change["after"]) == (incident.reference, "up", "priority")
    assert change["because"] == ["Tried."]
    command.try_pack(file=sharper, force="northmoor", days=31)
    text = capsys.readouterr().out
    assert f"log {incident.reference}" in text
    assert "Nothing was written." in text
    assert world.LEANNE not in text
    assert Fact.objects.count() == facts


def test_a_pack_that_is_not_usable_is_not_tried(northmoor, tmp_path, capsys):
    bad = tmp_path / "bad.toml"
    bad.write_text("[meta]\n")
    with pytest.raises(command.typer.Exit):
        command.try_pack(file=bad, force="northmoor")
    assert "bad.toml" in capsys.readouterr().err


def test_a_force_that_is_not_here_is_said(northmoor, sharper, capsys):
    with pytest.raises(command.typer.Exit):
        command.try_pack(file=sharper, force="nowhere")
    assert "no force" in capsys.readouterr().err
