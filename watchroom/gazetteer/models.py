"""Where is that? Addresses, junctions, landmarks, streets and beats of a force's area."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from watchroom.foundation.models import Scoped


class Beat(Scoped):
    """A ward that one team answers for. Rural beats have the longer response standard (R62)."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=60)
    is_rural = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "code"], name="beat_code")]

    def __str__(self) -> str:
        return self.name


class Shape(Scoped):
    """A line or area of the map that the pages draw: a street, the river, a park."""

    kind = models.CharField(max_length=16)  # street, road, water, park …
    name = models.CharField(max_length=80, blank=True)
    points = models.JSONField()  # [[x, y], …] metres on the force's grid
    width = models.FloatField(default=0)  # metres, of a line that is drawn as ground: water, rail, built-up

    class Meta:
        indexes = [models.Index(fields=["force", "kind"], name="shape_kind")]


class Place(Scoped):
    """One place that help can be sent to."""

    reference = models.CharField(max_length=24)  # UPRN, or a junction's or landmark's own number
    kind = models.CharField(max_length=16)  # address, junction, landmark, marker
    label = models.CharField(max_length=160)  # as read out: "Flat 2, 18 Tanner's Row"
    locality = models.CharField(max_length=120, blank=True)  # "Harrowby HB4 2QT"
    street = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    beat = models.ForeignKey(Beat, on_delete=models.PROTECT)
    x = models.FloatField()  # metres east and north on the force's grid
    y = models.FloatField()
    latitude = models.FloatField()
    longitude = models.FloatField()
    search = models.TextField()  # what type-ahead looks at: label, aliases, postcode, folded

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "reference"], name="place_reference")]
        indexes = [GinIndex(fields=["search"], opclasses=["gin_trgm_ops"], name="place_search")]

    def __str__(self) -> str:
        return self.label
