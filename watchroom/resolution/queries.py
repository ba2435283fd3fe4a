"""What was promised, and what waits to be resolved?"""

from django.db.models import QuerySet

from watchroom.incidents.models import Incident
from watchroom.resolution.models import Resolution


def waiting() -> QuerySet[Incident]:
    """Open incidents graded for resolution without deployment that nobody has resolved yet, oldest first."""
    rows = Incident.objects.filter(state=Incident.State.OPEN, grade="rwd", resolution=None)
    return rows.select_related("place").order_by("opened_at")


def of(incident: int) -> Resolution | None:
    return Resolution.objects.filter(incident_id=incident).first()


def promises() -> QuerySet[Resolution]:
    """Call backs that were promised and not made, the next first (R25)."""
    return Resolution.objects.exclude(promised_for=None).filter(kept_at=None).select_related("incident").order_by("promised_for")


def resolved_among(incidents: list[int]) -> set[int]:
    """Which of these are resolved already; one query for a whole list."""
    return set(Resolution.objects.filter(incident_id__in=incidents).values_list("incident_id", flat=True))
