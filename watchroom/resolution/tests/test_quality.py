"""Drawn, assessed by somebody else, put right, told to who did it: each step once, and owed until it is done."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests import world
from watchroom.duties import actions as duties
from watchroom.duties.models import Duty
from watchroom.force import packs
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.models import Fact
from watchroom.resolution import tasks
from watchroom.resolution.models import Check, Mark
from watchroom.resolution.quality import actions, queries
from watchroom.resolution.quality.rules import Verdict

POLICY = packs.national()
RUTH, NADIA, OMAR = "staff:1", "staff:2", "staff:3"
MET = {one.code: Verdict("met") for one in POLICY.criteria}
SHORT = {**MET, "risk": Verdict("not_met", "The risk forgets the son who was there.")}
FEEDBACK = "Clear and kind. Next time ask who else lives there."
MONDAY = datetime(2026, 11, 23, 4, 23, tzinfo=UTC)  # the night after the week of `world.NIGHT`
LATER = MONDAY + timedelta(days=1)


@pytest.fixture
def checks(northmoor):
    for number in range(3):
        world.resolve(world.to_be_resolved(number=f"07700 90043{number}"), by=RUTH)
    return actions.draw_week(at=MONDAY)


def owed(kind: str) -> list[str]:
    return list(Duty.objects.filter(kind=kind, settled_at=None).values_list("owner", flat=True))


def assessed(check: Check, by: str = NADIA, found=MET, at=LATER) -> Check:
    return actions.assess(check=check.pk, found=found, feedback=FEEDBACK, by=by, at=at)


def test_the_week_is_drawn_once_and_each_case_is_owed_to_the_supervisors(checks):
    assert [(check.draw, check.is_second) for check in checks] == [("2026-W47", False), ("2026-W47", False), ("2026-W47", True)]
    assert owed("assess") == ["desk:supervisor"] * 3
    assert {check.due_at for check in checks} == {MONDAY + timedelta(days=14)}
    assert actions.draw_week(at=LATER) == []
    assert Check.objects.count() == 3


def test_the_nightly_task_draws_in_every_force(checks):
    tasks.draw_week(0)  # nothing in the week before today: nothing is drawn, nothing fails
    assert Check.objects.count() == 3


def test_more_may_be_drawn_and_the_same_draw_adds_nothing(checks):
    more = {"first": date(2026, 11, 16), "last": date(2026, 11, 22), "each": 10, "seed": "more", "by": NADIA}
    assert len(actions.draw(**more, at=LATER)) == 4  # three, and of ten in a hundred one a second time
    assert actions.draw(**more, at=LATER) == []


def test_who_resolved_it_cannot_assess_it_and_the_database_says_the_same(checks):
    with pytest.raises(Refused, match="resolved this one yourself"):
        assessed(checks[0], by=RUTH)
    with pytest.raises(IntegrityError), transaction.atomic():
        Check.objects.filter(pk=checks[0].pk).update(assessed_by=RUTH, assessed_at=LATER)
    assert owed("assess") == ["desk:supervisor"] * 3


def test_the_second_time_it_is_somebody_elses(checks):
    second = next(check for check in checks if check.is_second)
    first = Check.objects.get(incident_id=second.incident_id, draw=second.draw, is_second=False)
    assessed(first)
    with pytest.raises(Refused, match="for somebody else"):
        assessed(second)
    assessed(second, by=OMAR, found=SHORT)
    found = queries.found(MONDAY, LATER, POLICY)
    assert (found.drawn, found.assessed) == (2, 1)
    assert found.tallies[0].counts == {"met": 1}  # the first counts
    assert (found.agreement.same, found.agreement.pairs) == (len(POLICY.criteria) - 1, len(POLICY.criteria))


def test_what_is_missing_is_named_by_field_and_nothing_is_kept(checks):
    with pytest.raises(Invalid) as refused:
        actions.assess(check=checks[0].pk, found={**MET, "grade": Verdict("partly")}, feedback="", by=NADIA, at=LATER)
    assert set(refused.value.fields) == {"grade_text", "feedback"}
    assert not Mark.objects.exists()
    for words in ("x\x00y" + FEEDBACK, "x" * 4001):
        with pytest.raises(Invalid):
            actions.assess(check=checks[0].pk, found=MET, feedback=words, by=NADIA, at=LATER)


def test_an_assessment_is_kept_once_and_told_to_who_resolved_it(checks):
    check = assessed(checks[0], found={**MET, "promise": Verdict("partly", "An hour late.")})
    assert Mark.objects.filter(case=check).count() == len(POLICY.criteria)
    assert owed("read_check") == [RUTH]
    fact = Fact.objects.get(kind="CaseAssessed")
    assert (fact.body["partly"], fact.body["not_met"]) == (["promise"], [])
    assert FEEDBACK not in str(fact.body)
    with pytest.raises(Refused, match="assessed this already"):
        assessed(checks[0], by=OMAR)
    assert owed("put_right") == []


def test_only_who_resolved_it_reads_it_and_a_reply_stands_beside_it(checks):
    check = assessed(checks[0])
    with pytest.raises(Refused):
        actions.read(check=check.pk, reply="", by=NADIA, at=LATER)
    with pytest.raises(Refused):
        actions.read(check=checks[1].pk, reply="", by=RUTH, at=LATER)
    actions.read(check=check.pk, reply="I did ask: the line was cut.", by=RUTH, at=LATER)
    actions.read(check=check.pk, reply="Another thought.", by=RUTH, at=LATER)
    check.refresh_from_db()
    assert (check.reply, check.read_at) == ("I did ask: the line was cut.", LATER)
    assert owed("read_check") == []
    assert [row.pk for row in queries.for_whom(RUTH)] == [check.pk]
    assert not queries.for_whom(NADIA).exists()


def test_what_somebody_is_still_owed_is_put_right_and_climbs_when_it_is_not(checks):
    check = assessed(checks[0], found=SHORT)
    assert owed("put_right") == ["desk:supervisor"]
    assert [row.pk for row in queries.to_put_right()] == [check.pk]
    duties.sweep(at=LATER + timedelta(days=1))
    assert owed("put_right") == ["desk:inspector"]
    with pytest.raises(Invalid):
        actions.put_right(check=check.pk, text="done", by=NADIA, at=LATER)
    actions.put_right(check=check.pk, text="Rang her back; the risk of the son is written.", by=NADIA, at=LATER)
    assert owed("put_right") == []
    assert not queries.to_put_right().exists()
    with pytest.raises(Refused):
        actions.put_right(check=check.pk, text="Rang her back once more.", by=OMAR, at=LATER)
