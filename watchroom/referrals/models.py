"""Who else should know or act? Begins with the vulnerability desk: series that no single incident shows."""

from django.db import models

from watchroom.contacts.models import Contact
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


class ToForce(Scoped):
    """A contact that was handed over to another force, and what became of it. Theirs only once it is accepted, by name."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="to_forces")
    key = models.CharField(max_length=32)  # of this one crossing, at both ends
    to = models.CharField(max_length=40)  # a code of the policy
    document = models.JSONField()  # what crosses, as it was drawn up: a copy, and no more than is needed
    risk = models.TextField()  # as it was heard, in the sender's words
    because = models.TextField()
    is_urgent = models.BooleanField()
    state = models.CharField(max_length=12, default="sent")  # of `forces.rules.SENT`
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=16, blank=True)  # of the last try, of `forces.rules.PROBLEMS`
    answered_by = models.CharField(max_length=120, blank=True)  # the name that was given there
    answer = models.TextField(blank=True)  # why not
    answered_at = models.DateTimeField(null=True)
    theirs = models.CharField(max_length=20, blank=True)  # their reference of it
    kept_at = models.DateTimeField(null=True)  # declined, and taken up here again by a person
    drawn = models.JSONField(default=list)  # the ids of the lines that there were when the document was drawn up
    told = models.JSONField(default=dict)  # how much of what came after it the other end has (`forces.more.Told`)
    # accepted, and something was written before we learned so: that much crosses still, for information
    tells_until = models.DateTimeField(null=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "key"], name="to_force_key"),
            models.UniqueConstraint(
                fields=["force", "contact"],
                condition=models.Q(state__in=("sent", "delivered", "recalled")),
                name="to_force_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["force", "at"], condition=models.Q(state__in=("sent", "delivered", "recalled")), name="to_force_open"
            ),
            models.Index(fields=["force", "at"], condition=models.Q(tells_until__isnull=False), name="to_force_tells"),
        ]


class FromForce(Scoped):
    """What another force handed over: the document as it came, our own contact of it, and what one of us said to it."""

    sender = models.CharField(max_length=64)  # `force:southmere` in this installation, `link:<token>` from another
    key = models.CharField(max_length=32)
    label = models.CharField(max_length=60)  # what the sender calls itself
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="from_forces")
    document = models.JSONField(null=True)  # None when it was taken back before it came
    since = models.JSONField(null=True)  # what came after it, all of it (`forces.document.Kept`)
    state = models.CharField(max_length=12, default="waiting")  # of `forces.rules.CAME`
    came_at = models.DateTimeField()
    answered_by = models.CharField(max_length=64, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    secret = models.BinaryField(default=digest.new_key)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "sender", "key"], name="from_force_once")]

    @property
    def is_on_line(self) -> bool:
        """The caller is on the line with them, as far as they have said."""
        return bool(self.document and self.document["is_live"] and not (self.since and self.since["gone"]))
