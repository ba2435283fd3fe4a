"""Which units are there, what do they do, and who could go?"""

from collections import defaultdict
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from watchroom.assessment import queries as assessment
from watchroom.dispatch import rules
from watchroom.dispatch.models import Deployment, Unit
from watchroom.force import queries as force
from watchroom.identity import queries as identity
from watchroom.incidents import queries as incidents
from watchroom.incidents.models import Incident


def units() -> QuerySet[Unit]:
    """All units on the board, by beat and call sign, each with its running deployment."""
    running = Deployment.objects.filter(cleared_at=None).select_related("incident")
    return (
        Unit.objects.select_related("beat")
        .prefetch_related(Prefetch("deployments", running, to_attr="running"))
        .order_by("beat__name", "callsign")
    )


def sent_to(incidents: list[int]) -> dict[int, list[Deployment]]:
    """The running deployments of these incidents; one query for a whole board."""
    found: dict[int, list[Deployment]] = defaultdict(list)
    rows = Deployment.objects.filter(incident_id__in=incidents, cleared_at=None).select_related("unit").order_by("assigned_at")
    for row in rows:
        found[row.incident_id].append(row)
    return found


def all_of(incident: int) -> QuerySet[Deployment]:
    return Deployment.objects.filter(incident_id=incident).select_related("unit").order_by("assigned_at")


def suggestions(incident: Incident, *, at: datetime) -> list[rules.Candidate]:
    """Who could go, best first, each with what speaks for it and against it. People decide."""
    policy = force.policy_at(at).policy
    if incident.place is None:
        return []
    contacts = list(incidents.contacts_of(incident.pk))
    markers = {(m.kind, m.level) for contact in contacts for m in identity.markers(contact)}
    cues = frozenset().union(*(assessment.cues(contact, at=at) for contact in contacts))
    place = rules.Point(incident.place.x, incident.place.y, incident.place.beat.is_rural)
    needs = rules.needs_of(cues, sorted(markers), policy)
    return rules.recommend([_as_rule(unit) for unit in units()], place, needs, at, policy)


def _as_rule(unit: Unit) -> rules.Unit:
    return rules.Unit(
        callsign=unit.callsign,
        status=unit.status,
        crew=unit.crew,
        skills=tuple(unit.skills),
        x=unit.x,
        y=unit.y,
        located_at=unit.located_at,
        beat=unit.beat.name if unit.beat else "",
    )


def last_sent(by: str, *, since: datetime) -> Deployment | None:
    """What this person sent last, if that was after `since` and the unit has not arrived: what may honestly be taken back."""
    rows = Deployment.objects.filter(assigned_by=by, assigned_at__gte=since, arrived_at=None, cleared_at=None)
    return rows.select_related("unit", "incident").order_by("-assigned_at").first()


def running_of(unit: int) -> Deployment | None:
    """The job this unit is on."""
    return Deployment.objects.filter(unit_id=unit, cleared_at=None).first()
