"""Positions that met no call yet."""

from django.db import models

from watchroom.foundation.models import Scoped


class Kept(Scoped):
    """A position of a number that is not calling: kept for as long as its call may still come (`before_s`), then thrown away.

    It is nobody's contact. Once its call comes it is a fix of that contact, and this row goes.
    """

    number = models.CharField(max_length=24)  # normal form
    report = models.JSONField()  # contacts.whereabouts.Report; times as text
    taken_at = models.DateTimeField()
    at = models.DateTimeField()  # when we were told
    by = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["force", "number", "at"], name="kept_number"),
            models.Index(fields=["force", "at"], name="kept_at"),
        ]
