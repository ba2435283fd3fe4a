"""Is a crime recorded, or why not; and until when is its victim told? What is owed, and what holds a log open (`recording.py` acts).

Owed from the report on, for a day, where a report of this type may be a crime; a log of such a type closes when it is decided.
A recorded crime with a victim owes what the Victims' Code says, with its time, whatever becomes of the log.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from watchroom.assessment import queries as assessment
from watchroom.assessment.rules import levels_of
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.force.policy import Policy
from watchroom.incidents import queries
from watchroom.incidents.models import Crime, Incident

DESK = "desk:resolution"
VICTIM = ("victim_told", "victim_support", "victim_update")  # outlive the log
HOWS = {
    "letter": "by letter",
    "email": "by e-mail",
    "text": "by text message",
    "phone": "by telephone",
    "person": "in person",
    "declined": "did not want it",
}
WRITTEN = ("letter", "email", "text")  # what counts as written confirmation


def working_days_after(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Five in the afternoon, local time, of the so-manyth working day after a moment; bank holidays of England and Wales are none."""
    day = moment.astimezone(zone).date()
    for _ in range(days):
        day += timedelta(days=1)
        while day.weekday() >= 5 or day in _bank_holidays(day.year):
            day += timedelta(days=1)
    return datetime.combine(day, time(17), tzinfo=zone)


@lru_cache(maxsize=32)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_enhanced(*, kind: str, vulnerability: int, cues: frozenset[str], policy: Policy) -> bool:
    """Whether the victim is told sooner: serious crime, or somebody vulnerable or persistently targeted."""
    code = policy.victims_code
    return kind in code.enhanced_types or vulnerability >= code.enhanced_level or bool(cues & set(code.enhanced_cues))


def problems_of_closing(*, kind: str, category: str, found: list[Crime], policy: Policy) -> list[str]:
    """Why it cannot close as this category yet, by what is decided of crimes; empty when it can."""
    chosen = next((one for one in policy.categories.items if one.code == category), None)
    if chosen and chosen.closes_unattended:
        return []  # another log carries it, or it was none
    recorded = any(one.is_recorded for one in found)
    if policy.is_crime(category) and not recorded:
        return ["A crime closes under its reference: record it, or choose what else it was."]
    if policy.may_be_crime(kind) and not found:
        return ["Whether a crime is recorded is not decided: give its reference, or say why there is none."]
    return []


def of(incident: int) -> list[Crime]:
    """What was decided, oldest first."""
    return list(Crime.objects.filter(incident=incident).order_by("at", "pk"))


def words(row: Crime) -> tuple[str, ...]:
    """What the fact's digest is of."""
    return (row.reference,) if row.is_recorded else (row.reason, row.account)


def owe(row: Incident, *, policy: Policy, by: str, at: datetime) -> None:
    """After the log was opened, or its type changed: whether somebody has to decide. Of a locked row."""
    subject = ("incident", row.pk)
    if not policy.may_be_crime(row.kind):
        duties.settle("crime", subject=subject, by=by, at=at)
    elif not of(row.pk):
        due = row.opened_at + timedelta(seconds=policy.crimes.decide_s)
        duties.owe(kind="crime", subject=subject, owner=DESK, due_at=due, by=by, at=at)


def owe_update(row: Incident, *, by: str, at: datetime) -> None:
    """The log is closed: a victim of a recorded crime is told how it ended. Of a locked row."""
    if any(one.is_recorded and one.has_victim for one in of(row.pk)):
        until = told_by(row, policy=force.policy_at(at).policy, at=at)
        duties.owe(kind="victim_update", subject=("incident", row.pk), owner=DESK, due_at=until, by=by, at=at)


def told_by(row: Incident, *, policy: Policy, at: datetime) -> datetime:
    """Until when the victim is told, of something that is so from `at` on."""
    contacts = list(queries.contacts_of(row.pk))
    levels = [levels_of(assessment.answers(assessment.newest(contact.pk))).get("vulnerability", 0) for contact in contacts]
    cues = frozenset().union(*(assessment.cues(contact, at=at) for contact in contacts))
    enhanced = is_enhanced(kind=row.kind, vulnerability=max(levels, default=0), cues=cues, policy=policy)
    days = policy.victims_code.enhanced_days if enhanced else policy.victims_code.told_days
    return working_days_after(at, days, force.timezone())


def shown(row: Incident, *, policy: Policy) -> dict[str, Any]:
    """For a page: what is decided, what may be chosen, and what the victim is still owed."""
    found = of(row.pk)
    labels = {one.code: one.label for one in policy.crimes.reasons}
    return {
        "crimes": [{"row": one, "reason": labels.get(one.reason, one.reason)} for one in found],
        "is_decided": bool(found),
        "is_recorded": any(one.is_recorded for one in found),
        "may_be_crime": policy.may_be_crime(row.kind),
        "reasons": policy.crimes.reasons,
        "victim_owed": list(owed.open_for(("incident", row.pk)).filter(kind__in=VICTIM)),
        "hows": HOWS,
        "written": WRITTEN,
    }
