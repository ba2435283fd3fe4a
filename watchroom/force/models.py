"""Which forces are there, and which policy was in force when?"""

from django.db import models

from watchroom.foundation.models import Scoped


class Force(models.Model):
    """A police force that works in this installation. Its name is public; everything else of it is its own."""

    code = models.SlugField(primary_key=True, max_length=32)
    name = models.CharField(max_length=100)
    timezone = models.CharField(max_length=40, default="Europe/London")

    def __str__(self) -> str:
        return self.name


class PolicyVersion(Scoped):
    """A policy pack as it was adopted: decisions name its number for ever, so versions are never changed."""

    append_only = True
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    pack = models.JSONField()
    effective_from = models.DateTimeField()
    adopted_by = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "number"], name="policy_number")]


class Grouping(Scoped):
    """That callers from one place let others go between them (`contacts.grouping`), as a named person declared it.

    It ends when it is to be looked at again, unless that person or another declares it anew; or earlier, by a named person.
    """

    reason = models.TextField()
    declared_by = models.CharField(max_length=64)
    declared_at = models.DateTimeField()
    review_by = models.DateTimeField()
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(review_by__gt=models.F("declared_at")), name="grouping_ends_after")
        ]
        indexes = [models.Index(fields=["force", "review_by"], name="grouping_ends")]


class Surge(Scoped):
    """A time of high demand, as a named person declared it. It ends at its time, or earlier by a named person (R84)."""

    reason = models.TextField()
    measures = models.JSONField(default=list)  # codes of the policy
    declared_by = models.CharField(max_length=64)
    declared_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("declared_at")), name="surge_ends_after")]
        indexes = [models.Index(fields=["force", "ends_at"], name="surge_ends")]
