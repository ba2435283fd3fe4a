"""What can be heard on a simulated line: there is no sound in a demonstration, so the words are shown instead."""

from django.db import models

from watchroom.contacts.models import Contact
from watchroom.foundation.models import Scoped


class Utterance(Scoped):
    """Something said or heard on the line, `at` that moment. It is the call itself and no record of it: only what a person types is."""

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    is_sound = models.BooleanField(default=False)  # a noise, not words
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["force", "contact", "at"], name="utterance_contact")]
