"""Somebody is in touch often: how are they helped, who agreed to it, and when is it looked at again (R72)?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from watchroom.contacts.models import Contact
from watchroom.duties import actions as duties
from watchroom.duties import queries as owed
from watchroom.force import queries as force
from watchroom.foundation import access, digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.identity import facts as tells
from watchroom.identity import queries
from watchroom.identity.models import Plan

DESK, SYSTEM = "desk:vulnerability", "system:identity"
MIN, LONGEST = 15, 2000  # letters


def of(contact: Contact) -> list[Plan]:
    """What is agreed for this number, this place, or whoever is known or likely to be calling; the newest first."""
    people = [one.person for one in queries.candidates(contact, on=contact.day) if one.tier in ("known", "likely")]
    same = Q(person_id__in=people) if people else Q(pk__in=[])
    if contact.caller_number:
        same |= Q(number=contact.caller_number)
    if contact.place_id:
        same |= Q(place_id=contact.place_id)
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
    says, agreed_with = says.strip(), agreed_with.strip()
    _words(says, "says", "Write what whoever answers does")
    if not 3 <= len(agreed_with) <= 200 or "\0" in agreed_with:
        raise Invalid(agreed_with="Write who agreed to it: the person, their worker, a service.")
    row = Contact.objects.get(pk=contact)
    about = _about(row, on)
    for old in Plan.objects.select_for_update().filter(ended_at=None, **about):
        _end(old, because="Another plan stands in its place.", by=by, at=at)
    days = force.policy_at(at).policy.contacts.plan_review_days
    plan = Plan.objects.create(
        **about, says=says, agreed_with=agreed_with, review_by_date=(at + timedelta(days=days)).date(), by=by, at=at
    )
    facts.tell(tells.PlanMade(plan=plan.pk, digest=digest.of(plan.secret, says, agreed_with)), by=by, at=at)
    access.log("collection", subject=("plan", plan.pk), reason="a plan was agreed", by=by, at=at)
    duties.settle("plan", subject=("contact", row.pk), by=by, at=at)
    due = at + timedelta(days=days)
    duties.owe(kind="plan_review", subject=("plan", plan.pk), owner=DESK, due_at=due, by=SYSTEM, at=at)
    return plan


@transaction.atomic
def end(*, plan: int, because: str, by: str, at: datetime) -> Plan:
    """It is no longer how they are helped. It stays to be read."""
    _words(because.strip(), "because", "Write why it ends")
    row = Plan.objects.select_for_update().get(pk=plan)
    if row.ended_at is None:
        _end(row, because=because.strip(), by=by, at=at)
    return row


@transaction.atomic
def without(*, contact: int, because: str, by: str, at: datetime) -> None:
    """A plan was asked for, and none is made; why."""
    _words(because.strip(), "because", "Write why no plan is made")
    if not duties.settle("plan", subject=("contact", contact), by=by, at=at):
        raise Refused("No plan is asked for.")


def _end(row: Plan, *, because: str, by: str, at: datetime) -> None:
    row.ended_at, row.ended_by, row.ended_because = at, by, because
    row.save(update_fields=["ended_at", "ended_by", "ended_because"])
    facts.tell(tells.PlanEnded(plan=row.pk, digest=digest.of(row.secret, because)), by=by, at=at)
    duties.settle("plan_review", subject=("plan", row.pk), by=by, at=at)


def _about(row: Contact, on: str) -> dict[str, object]:
    if on == "number" and row.caller_number:
        return {"number": row.caller_number, "person": None, "place": None}
    if on == "place" and row.place_id:
        return {"number": "", "person": None, "place_id": row.place_id}
    people = [one.person for one in queries.candidates(row, on=row.day) if one.tier != "possible"]
    if on.startswith("person-") and on.removeprefix("person-") in map(str, people):
        return {"number": "", "person_id": int(on.removeprefix("person-")), "place": None}
    raise Invalid(on="Choose whose plan it is.")


def _words(text: str, field: str, says: str) -> None:
    if sum(map(str.isalnum, text)) < MIN:
        raise Invalid(**{field: f"{says}, in at least {MIN} letters."})
    if len(text) > LONGEST or "\0" in text:
        raise Invalid(**{field: f"Up to {LONGEST:,} ordinary characters fit here."})


def on_choices(row: Contact) -> Sequence[tuple[str, str]]:
    """Whose plan it can be here: (code, in words)."""
    people = [(f"person-{one.person}", one.name) for one in queries.candidates(row, on=row.day) if one.tier != "possible"]
    places = [("place", row.place.label)] if row.place else []
    return [*people, *places, *([("number", "This number")] if row.caller_number else [])]
