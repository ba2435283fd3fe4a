"""Sending, arriving, clearing. A deployment is a named person's act; a status may also come from the radio."""

from datetime import datetime

from django.db import transaction

from watchroom.dispatch import facts as tells
from watchroom.dispatch import rules
from watchroom.dispatch.models import Deployment, Unit
from watchroom.duties import actions as duties
from watchroom.force import queries as force
from watchroom.foundation import facts
from watchroom.foundation.errors import Invalid, Refused
from watchroom.incidents import actions as incidents
from watchroom.incidents.models import Incident

EN_ROUTE, AT_SCENE, AVAILABLE = 5, 6, 2


def assign(*, incident: int, unit: int, by: str, at: datetime) -> Deployment:
    """Send a unit: it is on its way at once (status 5). Raises Refused when it cannot be sent or the incident is closed."""
    with transaction.atomic():
        row = Unit.objects.select_for_update(of=("self",)).get(pk=unit)
        # after the unit, as everywhere here: who closes the log meanwhile either finds this unit on it, or is first and is found
        job = Incident.objects.select_for_update(of=("self",)).get(pk=incident)
        if not job.is_open:
            raise Refused(f"Log {job.reference} is closed.")
        running = Deployment.objects.filter(unit=row, cleared_at=None).select_related("incident").first()
        if running and running.incident_id == incident:
            return running
        if running:
            raise Refused(f"{row.callsign} is on log {running.incident.reference}. Clear it from there first.")
        if not force.policy_at(at).policy.dispatch.status(row.status).is_assignable:
            raise Refused(f"{row.callsign} cannot be sent: {_status(row.status, at)}.")
        deployment = Deployment.objects.create(incident=job, unit=row, assigned_at=at, assigned_by=by, en_route_at=at)
        facts.tell(tells.UnitAssigned(incident=incident, unit=unit, deployment=deployment.pk), by=by, at=at)
        duties.owe(
            kind="deployment", subject=("incident", incident), owner="desk:despatch", due_at=job.attend_by or at, by=by, at=at
        )
        _set_status(row, EN_ROUTE, doing=f"Log {job.reference}", by=by, at=at)
        incidents.note(
            incident=incident, text=f"{row.callsign} assigned, on the way.", by=by, at=at, written_at=at, origin="unit"
        )
        return deployment


def assign_all(*, incident: int, units: list[int], by: str, at: datetime) -> list[Deployment]:
    """Send several units, all or none. All are held before the log is: two who send the same ones wait, and never for each other."""
    with transaction.atomic():
        list(Unit.objects.select_for_update(of=("self",)).filter(pk__in=units).order_by("pk"))
        return [assign(incident=incident, unit=unit, by=by, at=at) for unit in units]


def arrive(*, incident: int, unit: int, by: str, at: datetime) -> Deployment:
    """The unit is at scene (status 6)."""
    with transaction.atomic():
        row, deployment = _running(incident, unit)
        if deployment.arrived_at is None:
            deployment.arrived_at = at
            deployment.save(update_fields=["arrived_at"])
            facts.tell(tells.UnitArrived(incident=incident, unit=unit), by=by, at=at)
            _set_status(row, AT_SCENE, doing=row.doing, by=by, at=at)
            incidents.note(incident=incident, text=f"{row.callsign} at scene.", by=by, at=at, written_at=at, origin="unit")
            incidents.attend(incident=incident, by=by, at=at)
        return deployment


def clear(*, incident: int, unit: int, by: str, at: datetime, result: str = "") -> Deployment:
    """The unit has finished; what it found goes into the log. It is available again (status 2)."""
    with transaction.atomic():
        row, deployment = _running(incident, unit)
        if result.strip():
            incidents.note(
                incident=incident, text=f"{row.callsign}: {result.strip()}", by=by, at=at, written_at=at, origin="officer"
            )
        return _end(row, deployment, f"{row.callsign} clear.", by=by, at=at)


def call_off(*, incident: int, unit: int, by: str, at: datetime, because: str = "") -> Deployment:
    """Called off before it arrived, and the log says so. Raises Refused once it is at scene: then it clears with a result."""
    with transaction.atomic():
        row, deployment = _running(incident, unit)
        if deployment.arrived_at:
            raise Refused(f"{row.callsign} is at scene already: clear it with a result.")
        why = f": {because.strip().rstrip('.')}" if because.strip() else ""
        return _end(row, deployment, f"{row.callsign} called off{why}.", by=by, at=at)


def _end(row: Unit, deployment: Deployment, says: str, *, by: str, at: datetime) -> Deployment:
    incident = deployment.incident_id
    deployment.cleared_at = at
    deployment.save(update_fields=["cleared_at"])
    facts.tell(tells.UnitCleared(incident=incident, unit=row.pk), by=by, at=at)
    _set_status(row, AVAILABLE, doing="", by=by, at=at)
    incidents.note(incident=incident, text=says, by=by, at=at, written_at=at, origin="unit")
    if not Deployment.objects.filter(incident_id=incident, cleared_at=None).exists():
        duties.settle("deployment", subject=("incident", incident), by=by, at=at)
    return deployment


def set_status(*, unit: int, to: int, by: str, at: datetime) -> Unit:
    """A status by radio or by hand; while deployed, 6 is an arrival. An emergency (0) is always taken."""
    with transaction.atomic():
        row = Unit.objects.select_for_update(of=("self",)).get(pk=unit)
        policy = force.policy_at(at).policy
        problems = rules.may_move(row.status, to, policy)
        if problems:
            raise Refused(*problems)
        running = Deployment.objects.filter(unit=row, cleared_at=None).first()
        if running and to == AT_SCENE:
            arrive(incident=running.incident_id, unit=unit, by=by, at=at)
            return Unit.objects.get(pk=unit)
        if running and policy.dispatch.status(to).freedom in ("free", "off", "away"):
            raise Refused(f"{row.callsign} is still on a job: clear it with a result first.")
        _set_status(row, to, doing=row.doing, by=by, at=at)
        return row


def locate(*, unit: int, x: float, y: float, at: datetime) -> None:
    """Where the unit is, from its radio; not a fact, and the newest only."""
    Unit.objects.filter(pk=unit, located_at__lte=at).update(x=x, y=y, located_at=at)


def _running(incident: int, unit: int) -> tuple[Unit, Deployment]:
    row = Unit.objects.select_for_update(of=("self",)).get(pk=unit)
    deployment = Deployment.objects.filter(unit=row, incident_id=incident, cleared_at=None).first()
    if deployment is None:
        raise Refused(f"{row.callsign} is not on this job.")
    return row, deployment


def _set_status(row: Unit, to: int, *, doing: str, by: str, at: datetime) -> None:
    before, row.status, row.status_since, row.doing = row.status, to, at, doing
    row.save(update_fields=["status", "status_since", "doing"])
    facts.tell(tells.UnitStatusChanged(unit=row.pk, status=to, before=before), by=by, at=at)


def _status(number: int, at: datetime) -> str:
    return f"status {number}, {force.policy_at(at).policy.dispatch.status(number).label.lower()}"


def add(
    *,
    callsign: str,
    crew: int,
    skills: list[str],
    beat: int | None,
    status: int,
    x: float,
    y: float,
    at: datetime,
    doing: str = "",
) -> Unit:
    """A unit comes onto the board. Raises Invalid for a call sign that is already there."""
    if Unit.objects.filter(callsign=callsign).exists():
        raise Invalid(callsign=f"{callsign} is already on the board.")
    return Unit.objects.create(
        callsign=callsign,
        crew=crew,
        skills=skills,
        beat_id=beat,
        status=status,
        status_since=at,
        x=x,
        y=y,
        located_at=at,
        doing=doing,
    )
