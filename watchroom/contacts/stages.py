"""When did a contact reach which stage? What has columns stands on the contact; the rest is marked here, as often as it happens."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from watchroom.contacts import facts as told
from watchroom.contacts import rules
from watchroom.contacts.models import Contact, Stage
from watchroom.foundation import facts
from watchroom.staff.models import Member

COLUMNS = {
    "transferred": "transferred_at",
    "arrived": "received_at",
    "answered": "answered_at",
    "ended": "ended_at",
    "wrapped": "wrapped_at",
}


class Reached(NamedTuple):
    stage: str
    at: datetime
    member: int | None = None

    @property
    def says(self) -> str:
        return rules.STAGES[self.stage]


def mark(*, contact: int, stage: str, by: str, at: datetime, member: Member | None = None) -> Stage:
    """The contact has reached a stage that has no column of its own. Raises ValueError for another stage."""
    if stage not in rules.STAGES or stage in COLUMNS:
        raise ValueError(f"“{stage}” is not a stage that is marked.")
    with transaction.atomic(savepoint=False):
        row = Stage.objects.create(contact_id=contact, stage=stage, member=member, by=by, at=at)
        facts.tell(told.StageReached(contact=contact, stage=stage, member=member.pk if member else 0), by=by, at=at)
        return row


def of(contact: Contact) -> list[Reached]:
    """All stages of a contact, by time; of what happened at one moment, in the order of `rules.STAGES`."""
    order = list(rules.STAGES)
    columns = [Reached(stage, getattr(contact, column)) for stage, column in COLUMNS.items() if getattr(contact, column)]
    rows = Stage.objects.filter(contact=contact).values_list("stage", "at", "member_id")
    return sorted([*columns, *(Reached(*row) for row in rows)], key=lambda one: (one.at, order.index(one.stage)))
