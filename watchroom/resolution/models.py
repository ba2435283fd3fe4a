"""Can we help without sending anyone? The outcome, what was done, and what was promised."""

from django.db import models

from watchroom.foundation import digest
from watchroom.foundation.models import Scoped
from watchroom.incidents.models import Incident


class Resolution(Scoped):
    """An incident resolved without deployment, by one of the coded outcomes (R85)."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="resolution")
    outcome = models.CharField(max_length=40)
    text = models.TextField()
    agency = models.CharField(max_length=40, blank=True)
    promised_for = models.DateTimeField(null=True)  # of a call back
    kept_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    secret = models.BinaryField(default=digest.new_key)
