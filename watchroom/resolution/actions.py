"""Resolving without sending anyone, and keeping what was promised."""

from datetime import datetime

from django.db import transaction

from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import digest, facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.incidents import queries as incidents
from watchroom.incidents.models import Incident
from watchroom.resolution import facts as tells
from watchroom.resolution import rules
from watchroom.resolution.models import Resolution


@transaction.atomic
def resolve(
    *,
    incident: int,
    outcome: str,
    text: str,
    by: str,
    at: datetime,
    agency: str = "",
    promised_for: datetime | None = None,
    solvability: dict[str, bool] | None = None,
) -> Resolution:
    """Record the outcome. Needs the risk on record and a justified grade for it (R86). Raises Refused with what is missing."""
    policy = force.policy_at(at).policy
    if outcome not in {o.code for o in policy.rwd_outcomes}:
        raise Invalid(outcome=f"“{outcome}” is not an outcome of this force.")
    with transaction.atomic():
        row = Incident.objects.select_for_update(of=("self",)).get(pk=incident)
        if not row.is_open:
            raise Refused(f"Log {row.reference} is closed.")
        if Resolution.objects.filter(incident=row).exists():
            raise Refused("This incident is already resolved.")
        problems = rules.may_resolve(
            grade=row.grade or None,
            risk_saved=incidents.risk_is_saved(row.pk),
            outcome=outcome,
            text=text,
            policy=policy,
            kind=row.kind,
            agency=agency,
            promised_for=promised_for,
            now=at,
            solvability=solvability,
        )
        if problems:
            raise Refused(*problems)
        resolution = Resolution.objects.create(
            incident=row, outcome=outcome, text=text.strip(), agency=agency, promised_for=promised_for, by=by, at=at
        )
        duties.settle(kind="attend", subject=("incident", row.pk), by=by, at=at)
        if promised_for:
            duties.owe(kind="call_back", subject=("incident", row.pk), owner="desk:resolution", due_at=promised_for, by=by, at=at)
        facts.tell(
            tells.ResolvedWithoutDeployment(
                incident=row.pk,
                outcome=outcome,
                agency=agency,
                promised_for=promised_for,
                digest=digest.of(resolution.secret, resolution.text),
            ),
            by=by,
            at=at,
        )
        return resolution


def keep_promise(*, incident: int, by: str, at: datetime) -> Resolution:
    """The call back was made. A repeat changes nothing."""
    with transaction.atomic():
        row = Resolution.objects.select_for_update().get(incident_id=incident)
        if row.promised_for is None:
            raise Refused("No call back was promised here.")
        if row.kept_at is None:
            row.kept_at = at
            row.save(update_fields=["kept_at"])
            duties.settle(kind="call_back", subject=("incident", incident), by=by, at=at)
            facts.tell(tells.PromiseKept(incident=incident, in_time=at <= row.promised_for), by=by, at=at)
        return row
