"""Which texts are to go to a telephone, and what became of each?"""

from django.db import models

from watchroom.contacts.models import Contact
from watchroom.foundation.models import Scoped


class Text(Scoped):
    """A text to the mobile from which they rang. Its words are also a line of the contact's log."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=24)
    text = models.TextField()
    key = models.CharField(max_length=32)  # drawn by lot: twice sent, it is the same text
    state = models.CharField(max_length=12, default="waiting")  # of `rules.STATES`
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)  # when the state was last told

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "key"], name="text_key")]
        indexes = [models.Index(fields=["force", "at"], condition=models.Q(state="waiting"), name="text_waiting")]


class Gateway(Scoped):
    """When the gateway last asked for what is to be sent: without one, nothing is promised to a caller."""

    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force"], name="text_gateway_one")]
