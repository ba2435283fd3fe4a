"""What is it, how urgent, what is its log?"""

from django.db import models

from watchroom.assessment.models import Assessment
from watchroom.contacts.models import Contact
from watchroom.foundation import digest
from watchroom.foundation.models import Scoped
from watchroom.gazetteer.models import Place


class Incident(Scoped):
    """Something that happened or is happening, with one log. Opened on first information, before anything is certain (NSIR)."""

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    number = models.PositiveIntegerField()  # the log number of the day, as read out: log 0417
    day = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    kind = models.CharField(max_length=40)  # incident type of the policy pack
    opening_category = models.CharField(max_length=40)
    headline = models.CharField(max_length=240, blank=True)  # a pinned line in the words of whoever heard it
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    place_said = models.CharField(max_length=200, blank=True)
    grade = models.CharField(max_length=16, blank=True)
    graded_at = models.DateTimeField(null=True)
    attend_by = models.DateTimeField(null=True)
    attended_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    result = models.TextField(blank=True)
    closing_category = models.CharField(max_length=40, blank=True)
    qualifiers = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "day", "number"], name="incident_number")]
        indexes = [models.Index(fields=["force", "state", "opened_at"], name="incident_state")]

    @property
    def reference(self) -> str:
        return f"{self.number:04d}"

    @property
    def where(self) -> str:
        return self.place.label if self.place else self.place_said

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class Involvement(Scoped):
    """A contact that is about this incident. The first opened it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="involvements")
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="involvement")
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Entry(Scoped):
    """A line of the log that did not come from a contact: despatch, officers, the system. Nothing is rubbed out."""

    append_only = True
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    text = models.TextField()
    by = models.CharField(max_length=64)
    origin = models.CharField(max_length=12)  # handler, despatch, officer, system, unit (who was sent and is there)
    at = models.DateTimeField()
    written_at = models.DateTimeField()


class Decision(Scoped):
    """A grade as a named person decided it, with what was suggested and why, and the policy of that day (R59, R60)."""

    append_only = True
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="decisions")
    grade = models.CharField(max_length=16)
    suggested = models.CharField(max_length=16, blank=True)
    because = models.JSONField(default=list)  # the suggestion's reasons, as shown
    justification = models.TextField(blank=True)
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="+")
    policy_number = models.PositiveIntegerField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
