"""Who else should know or act? Begins with the vulnerability desk: series that no single incident shows."""

from django.db import models

from watchroom.foundation import digest
from watchroom.foundation.models import Scoped
from watchroom.incidents.models import Incident


class Alert(Scoped):
    """A series, as it was found: of one person, place or number. At most one is open of each; settled ones stay to be read."""

    class Same(models.TextChoices):
        PERSON = "person"
        PLACE = "place"
        NUMBER = "number"

    series = models.CharField(max_length=40)  # a code of the policy
    same = models.CharField(max_length=8, choices=Same)
    ref = models.CharField(max_length=24)  # the id of the person or place, or the number
    because = models.JSONField(default=list)
    policy_number = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    taken_by = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField(null=True)
    contribution = models.CharField(max_length=24, blank=True)
    conclusion = models.TextField(blank=True)
    settled_by = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["force", "series", "same", "ref"], condition=models.Q(settled_at__isnull=True), name="alert_one_open"
            )
        ]


class AlertIncident(Scoped):
    """An incident that belongs to the series, since when it was seen to."""

    append_only = True
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="members")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "alert", "incident"], name="alert_incident_once")]


class Step(Scoped):
    """What the desk did about it, in its own words."""

    append_only = True
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="steps")
    what = models.CharField(max_length=12)  # rules of the page: contact, advice, referral
    text = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
