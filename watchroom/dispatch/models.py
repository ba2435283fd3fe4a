"""Who goes, and when are they there?"""

from django.db import models

from watchroom.foundation.models import Scoped
from watchroom.gazetteer.models import Beat
from watchroom.incidents.models import Incident


class Unit(Scoped):
    """A crew that can be sent. `status` is the radio status 0–16 (domain words in the policy pack)."""

    callsign = models.CharField(max_length=12)
    beat = models.ForeignKey(Beat, null=True, on_delete=models.PROTECT, related_name="+")
    crew = models.PositiveSmallIntegerField(default=1)
    skills = models.JSONField(default=list)
    status = models.PositiveSmallIntegerField(default=2)
    status_since = models.DateTimeField()
    doing = models.CharField(max_length=60, blank=True)
    x = models.FloatField()
    y = models.FloatField()
    located_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "callsign"], name="unit_callsign")]

    def __str__(self) -> str:
        return self.callsign


class Deployment(Scoped):
    """A unit sent to an incident, with the time of each step (R109)."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="deployments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="deployments")
    assigned_at = models.DateTimeField()
    assigned_by = models.CharField(max_length=64)
    en_route_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "unit"], condition=models.Q(cleared_at__isnull=True), name="deployment_one_a_unit"
            )
        ]
