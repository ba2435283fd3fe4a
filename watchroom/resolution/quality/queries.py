"""Which cases are to be assessed, what was found in one, and what all of them say together?"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from watchroom.duties.models import Duty
from watchroom.force.policy import Policy
from watchroom.resolution.models import Check, Mark
from watchroom.resolution.quality import rules


def to_assess() -> QuerySet[Check]:
    """Drawn and not assessed, the next due first."""
    return Check.objects.filter(assessed_at=None).select_related("incident").order_by("due_at", "pk")


def to_put_right() -> QuerySet[Check]:
    """Assessed, and somebody is still owed more than was done: what the duty says, the next due first."""
    owed = Duty.objects.filter(kind="put_right", subject_kind="check", settled_at=None).order_by("due_at")
    return Check.objects.filter(pk__in=owed.values("subject_id")).select_related("incident").order_by("assessed_at", "pk")


def for_whom(member: str) -> QuerySet[Check]:
    """What was found in the cases that this person resolved, unread first, the newest first."""
    rows = Check.objects.filter(resolved_by=member).exclude(assessed_at=None).select_related("incident").prefetch_related("marks")
    return rows.order_by(F("read_at").asc(nulls_first=True), "-assessed_at", "-pk")


def marks(check: Check) -> dict[str, Mark]:
    return {mark.criterion: mark for mark in Mark.objects.filter(case=check)}


@dataclass(frozen=True)
class Found:
    """What the assessments of a time say together. No person is in it: it is about how the work is done, not about who."""

    drawn: int
    assessed: int
    tallies: list[rules.Tally]
    agreement: rules.Agreement


def found(since: datetime, until: datetime, policy: Policy) -> Found:
    """Cases drawn from `since` until before `until`; of those assessed twice the first counts, the second says whether two agree."""
    checks = Check.objects.filter(at__gte=since, at__lt=until)
    rows = Mark.objects.filter(case__in=checks).values_list(
        "case__incident_id", "case__draw", "case__is_second", "criterion", "verdict"
    )
    first = {(case, draw, one): verdict for case, draw, is_second, one, verdict in rows if not is_second}
    second = {(case, draw, one): verdict for case, draw, is_second, one, verdict in rows if is_second}
    return Found(
        drawn=checks.filter(is_second=False).count(),
        assessed=checks.filter(is_second=False).exclude(assessed_at=None).count(),
        tallies=rules.tallies(((one, verdict) for (_, _, one), verdict in first.items()), policy),
        agreement=rules.agreement([(first[key], verdict) for key, verdict in second.items() if key in first]),
    )
