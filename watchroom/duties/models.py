"""What is owed? One table for clocks, callbacks, risk records, reviews: each with an owner and a time, always."""

from django.db import models
from django.db.models import F, Q

from watchroom.foundation.models import Scoped


class Duty(Scoped):
    """Something owed about a subject, by a person (`staff:12`) or a desk (`desk:despatch`), at a time (R25, R82).

    "Nothing without an owner and a next time" is a constraint here, not a habit.
    """

    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    owner = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    raised_at = models.DateTimeField(null=True)  # when it passed its time and climbed
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(owner=""), name="duty_has_owner"),
            models.UniqueConstraint(
                fields=["force", "kind", "subject_kind", "subject_id"],
                condition=Q(settled_at__isnull=True),
                name="duty_open_once",
            ),
        ]
        indexes = [
            models.Index(F("force"), F("due_at"), condition=Q(settled_at__isnull=True, raised_at__isnull=True), name="duty_next"),
        ]

    @property
    def subject(self) -> tuple[str, int]:
        return self.subject_kind, self.subject_id


class Handover(Scoped):
    """What one shift told the next (R81): drawn up from what is owed and open, and corrected by a person."""

    append_only = True
    text = models.TextField()
    drawn = models.TextField()  # as the system drew it up, before anybody corrected it
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
