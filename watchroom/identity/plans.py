"""Somebody is in touch often: how are they helped, who agreed to it, and when is it looked at again (R72)?"""

from datetime import date, datetime, timedelta

from django.db import transaction

from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import access, digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.foundation.words import written
from watchroom.identity import facts as tells
from watchroom.identity import queries
from watchroom.identity.models import Plan

DESK, SYSTEM = "desk:vulnerability", "system:identity"
MIN, LONGEST = 15, 2000  # letters


def of(contact: Contact) -> list[Plan]:
    """What is agreed for this number, this place, or whoever is known or likely to be calling; the newest first."""
    same = queries.about(contact, [one.person for one in queries.may_be(contact)])
    return list(Plan.objects.filter(same, ended_at=None).select_related("person", "place").order_by("-at"))


@transaction.atomic
def ask(*, contact: int, by: str, at: datetime) -> None:
    """Whoever takes the call asks the vulnerability desk for a plan. Asked twice it is owed once."""
    row = Contact.objects.get(pk=contact)
    if of(row):
        raise Refused("There is a plan already.")
    if owed.is_owed("plan", ("contact", row.pk)):
        return
    due = at + timedelta(seconds=force.policy_at(at).policy.contacts.plan_s)
    duties.owe(kind="plan", subject=("contact", row.pk), owner=DESK, due_at=due, by=by, at=at)
    facts.tell(tells.PlanAsked(contact=row.pk), by=by, at=at)


@transaction.atomic
def make(*, contact: int, on: str, says: str, agreed_with: str, by: str, at: datetime) -> Plan:
    """`on`: person-12, place or number of this contact. The plan that stood for the same is ended by it. Raises Invalid."""
    agreed_with = _agreed(agreed_with)
    says = written(says, field="says", says="Write what whoever answers does", least=MIN, most=LONGEST)
    row = Contact.objects.get(pk=contact)
    about = _about(row, on)
    for old in Plan.objects.select_for_update().filter(ended_at=None, **about):
        _end(old, because="Another plan stands in its place.", by=by, at=at)
    plan = Plan.objects.create(**about, says=says, agreed_with=agreed_with, review_by_date=_due(at).date(), by=by, at=at)
    facts.tell(tells.PlanMade(plan=plan.pk, digest=digest.of(plan.secret, says, agreed_with)), by=by, at=at)
    access.log("collection", subject=("plan", plan.pk), reason="a plan was agreed", by=by, at=at)
    duties.settle("plan", subject=("contact", row.pk), by=by, at=at)
    _review(plan, by=by, at=at)
    return plan


@transaction.atomic
def renew(*, plan: int, agreed_with: str, by: str, at: datetime) -> Plan:
    """It was looked at again with those who agreed to it, and holds for as long again. Raises Invalid; Refused where it has ended."""
    agreed_with = _agreed(agreed_with)
    row = Plan.objects.select_for_update().get(pk=plan)
    if row.ended_at:
        raise Refused("This plan has ended. Make another one at a contact of theirs.")
    row.agreed_with = agreed_with
    row.review_by_date = _review(row, by=by, at=at)
    row.save(update_fields=["agreed_with", "review_by_date"])
    facts.tell(tells.PlanRenewed(plan=row.pk, digest=digest.of(row.secret, row.says, agreed_with)), by=by, at=at)
    return row


@transaction.atomic
def end(*, plan: int, because: str, by: str, at: datetime) -> Plan:
    """It is no longer how they are helped. It stays to be read."""
    because = written(because, field="because", says="Write why it ends", least=MIN, most=LONGEST)
    row = Plan.objects.select_for_update().get(pk=plan)
    if row.ended_at is None:
        _end(row, because=because, by=by, at=at)
    return row


@transaction.atomic
def without(*, contact: int, because: str, by: str, at: datetime) -> None:
    """A plan was asked for, and none is made; why."""
    written(because, field="because", says="Write why no plan is made", least=MIN, most=LONGEST)
    if not duties.settle("plan", subject=("contact", contact), by=by, at=at):
        raise Refused("No plan is asked for.")


def _end(row: Plan, *, because: str, by: str, at: datetime) -> None:
    row.ended_at, row.ended_by, row.ended_because = at, by, because
    row.save(update_fields=["ended_at", "ended_by", "ended_because"])
    facts.tell(tells.PlanEnded(plan=row.pk, digest=digest.of(row.secret, because)), by=by, at=at)
    duties.settle("plan_review", subject=("plan", row.pk), by=by, at=at)


def _agreed(agreed_with: str) -> str:
    agreed_with = agreed_with.strip()
    if not 3 <= len(agreed_with) <= 200 or "\0" in agreed_with:
        raise Invalid(agreed_with="Write who agreed to it: the person, their worker, a service.")
    return agreed_with


def _due(at: datetime) -> datetime:
    return at + timedelta(days=force.policy_at(at).policy.contacts.plan_review_days)


def _review(row: Plan, *, by: str, at: datetime) -> date:
    """The desk owes it a look anew, until the day that is returned."""
    subject = ("plan", row.pk)
    duties.settle("plan_review", subject=subject, by=by, at=at)
    duties.owe(kind="plan_review", subject=subject, owner=DESK, due_at=_due(at), by=SYSTEM, at=at)
    return _due(at).date()


def _about(row: Contact, on: str) -> dict[str, object]:
    if on not in dict(queries.whose(row)):
        raise Invalid(on="Choose whose plan it is.")
    of: dict[str, object] = {"number": "", "person_id": None, "place_id": None}
    if on == "number":
        return of | {"number": row.caller_number}
    return of | ({"place_id": row.place_id} if on == "place" else {"person_id": int(on.removeprefix("person-"))})
