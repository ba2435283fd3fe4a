"""Which messages came and went? The words stand on the contact; here is what a mailbox and a mail server need to count each once."""

from django.db import models

from watchroom.contacts.models import Contact, Sending
from watchroom.foundation.models import Scoped


class Letter(Scoped):
    """A message that came, by its place in the mailbox. Written with the contact; only then the mailbox is told that it was seen."""

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    mailbox = models.CharField(max_length=120)  # the folder, as the mail server calls it
    validity = models.BigIntegerField()  # UIDVALIDITY: numbers are those of this life of the folder
    uid = models.BigIntegerField()
    message_id = models.CharField(max_length=255, blank=True)  # as the sender's machine gave it; of a longer one its digest
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "mailbox", "validity", "uid"], name="letter_place")]
        indexes = [models.Index(fields=["force", "message_id"], name="letter_message_id")]


class Reply(Sending):
    """A message to somebody, and how far it is. Its words are also a line of the contact's log."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    to = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    message_id = models.CharField(max_length=255)  # ours, drawn by lot: twice sent, it is the same message to every mail program
    answers = models.CharField(max_length=255, blank=True)  # their Message-ID
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "message_id"], name="reply_message_id")]
        indexes = [models.Index(fields=["force", "contact", "at"], name="reply_contact")]
