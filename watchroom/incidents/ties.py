"""Two logs that belong together: linked, a duplicate, a part, merged. Every tie can be undone, and nothing of either log is moved."""

from datetime import datetime, timedelta

from django.db import transaction

from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.incidents import actions
from watchroom.incidents import facts as tells
from watchroom.incidents.models import Tie


@transaction.atomic
def tie(*, incident: int, other: int, kind: str, because: str, by: str, at: datetime) -> Tie:
    """`incident` is linked to, a duplicate of, a part of, or read together with `other`. The other's holder looks at what is new.

    A duplicate may then close without anybody having gone, because the other carries the promise; so the other has to be open
    and at least as urgent.
    """
    if kind not in Tie.Kind.values:
        raise Invalid(kind="Choose how they belong together.")
    if len(because.strip()) < 3:
        raise Invalid(because="Say why they belong together.")
    if incident == other:
        raise Invalid(other="That is the same log.")
    rows = {pk: actions.lock(pk) for pk in sorted((incident, other))}  # always in one order: two people may tie the same two
    row, into = rows[incident], rows[other]
    if found := Tie.objects.filter(incident=row, other=into, kind=kind, untied_at=None).first():
        return found
    if kind != Tie.Kind.LINKED and Tie.objects.filter(incident=into, other=row, untied_at=None).exclude(kind="linked").exists():
        raise Refused(f"Log {into.reference} is already tied to this one the other way round. Undo that first.")
    policy = force.policy_at(at).policy
    if kind == Tie.Kind.DUPLICATE and not into.is_open:
        raise Refused(f"Log {into.reference} is closed: nobody comes by it. Tie it to an open one, or link them.")
    if kind == Tie.Kind.DUPLICATE and policy.is_more_urgent(row.grade or None, into.grade or None):
        raise Refused(f"Log {into.reference} is less urgent than this one. Raise its grade first; the risk has to go along.")
    found = Tie.objects.create(incident=row, other=into, kind=kind, because=because.strip(), by=by, at=at)
    facts.tell(tells.IncidentsTied(incident=row.pk, other=into.pk, tie=found.pk, kind=kind), by=by, at=at)
    if kind != Tie.Kind.LINKED and into.is_open:
        due = at + timedelta(seconds=policy.interlock.look_s)
        duties.owe(kind="look", subject=("incident", into.pk), owner=into.risk_holder, due_at=due, by=by, at=at)
        facts.tell(tells.NewsCame(incident=into.pk, what="tie"), by=by, at=at)
    return found


@transaction.atomic
def untie(*, tie: int, by: str, at: datetime) -> Tie:
    """They do not belong together after all. A repeat changes nothing."""
    found = Tie.objects.select_for_update().get(pk=tie)
    if found.untied_at is None:
        found.untied_by, found.untied_at = by, at
        found.save(update_fields=["untied_by", "untied_at"])
        facts.tell(tells.IncidentsUntied(incident=found.incident_id, other=found.other_id, tie=found.pk), by=by, at=at)
    return found
