"""What is owed already is not owed twice, and when it becomes due earlier, that is told."""

from datetime import timedelta

from tests import world
from watchroom.duties import actions
from watchroom.duties.models import Duty
from watchroom.foundation.models import Fact

AT = world.NIGHT


def owe(minutes: int) -> Duty:
    due = AT + timedelta(minutes=minutes)
    return actions.owe(kind="attend", subject=("incident", 1), owner="desk:despatch", due_at=due, by="staff:1", at=AT)


def told() -> list[str]:
    return list(Fact.objects.filter(subject_kind="duty").order_by("pk").values_list("kind", flat=True))


def test_the_same_is_owed_once_at_the_earlier_of_both_times(northmoor):
    first = owe(15)
    assert owe(20).pk == first.pk
    assert owe(15).due_at == AT + timedelta(minutes=15)
    assert told() == ["DutyOpened"]


def test_a_time_that_comes_earlier_is_a_fact_of_its_own(northmoor):
    owe(15)
    assert owe(5).due_at == AT + timedelta(minutes=5)
    assert told() == ["DutyOpened", "DutyBroughtForward"]
    body = Fact.objects.get(kind="DutyBroughtForward").body
    assert body["due_at"].startswith((AT + timedelta(minutes=5)).isoformat()[:16])


def test_settled_and_owed_again_is_another_duty(northmoor):
    first = owe(15)
    actions.settle("attend", subject=("incident", 1), by="staff:1", at=AT)
    assert owe(5).pk != first.pk
    assert told() == ["DutyOpened", "DutySettled", "DutyOpened"]
