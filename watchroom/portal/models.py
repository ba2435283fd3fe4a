"""What is kept of somebody who reports, before and after they sent it?"""

from django.db import models

from watchroom.contacts.models import Contact
from watchroom.foundation.models import Scoped


class Receipt(Scoped):
    """The reference that was shown on the screen, and the contact it stands for. Nothing else connects the two."""

    append_only = True
    code = models.CharField(max_length=16)  # as stored: NP7KQF3XW9
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="receipt")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "code"], name="receipt_code")]


class Talk(Scoped):
    """Which browser may read and write in a conversation: whoever has the cookie's secret, and nobody else.

    Gone an hour after the conversation's end, and at “Exit this page”; what was said stays on the contact. `sealed` are the words
    that are typed and not sent, which only that browser can open.
    """

    handle = models.CharField(max_length=64)  # digest of the cookie's secret
    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="talk")
    sealed = models.BinaryField(default=bytes)
    expires_at = models.DateTimeField()  # whatever comes

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "handle"], name="talk_handle")]
        indexes = [models.Index(fields=["force", "expires_at"], name="talk_expires")]


class Visit(Scoped):
    """The answers of somebody who is reporting now, sealed with a key that only their browser has (`seal.py`).

    Short-lived: gone an hour after the last answer, at “Exit this page”, and its answers when they are sent. It then
    stays, empty, until that hour is over, so that a second press of Send finds the first one's reference.
    """

    handle = models.CharField(max_length=64)  # digest of the cookie's secret
    key = models.UUIDField()  # of the command that sends it: twice sent is one contact
    sealed = models.BinaryField(default=bytes)
    receipt = models.ForeignKey(Receipt, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["force", "handle"], name="visit_handle"),
        ]
        indexes = [models.Index(fields=["force", "expires_at"], name="visit_expires")]
