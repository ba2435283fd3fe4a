"""Which messages came and which went? The words stand on the contact; here is what a gateway needs to count each once."""

from django.db import models

from watchroom.contacts.models import Contact, Sending
from watchroom.foundation import digest
from watchroom.foundation.models import Scoped


class Message(Scoped):
    """A message that came, written with its contact. An edit comes under the same id with other words: another row, another line."""

    append_only = True
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    platform = models.CharField(max_length=20)
    message_id = models.CharField(max_length=120)  # the platform's
    words = models.CharField(max_length=64)  # keyed digest of its words, with the contact's key
    conversation = models.CharField(max_length=120)
    account = models.CharField(max_length=80)
    is_public = models.BooleanField()  # written where everybody can read it
    sent_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "platform", "message_id", "words"], name="social_message_once")]
        indexes = [models.Index(fields=["force", "platform", "conversation", "account"], name="social_conversation")]


class Reply(Sending):
    """A message to one account. Its words are also a line of the contact's log."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="+")
    platform = models.CharField(max_length=20)
    conversation = models.CharField(max_length=120)
    account = models.CharField(max_length=80)
    text = models.TextField()
    key = models.CharField(max_length=32)  # ours, drawn by lot: twice handed over, it is the same message
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "key"], name="social_reply_key")]
        indexes = [models.Index(fields=["force", "contact", "at"], name="social_reply_contact")]


class Post(Sending):
    """An appeal or a warning to everybody. It goes out when a second person has approved it; its words never change after that."""

    kind = models.CharField(max_length=12)  # appeal, warning, information
    text = models.TextField()
    key = models.CharField(max_length=32)
    secret = models.BinaryField(default=digest.new_key)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    answered_by = models.CharField(max_length=64, blank=True)  # who approved or declined it
    answered_at = models.DateTimeField(null=True)
    is_approved = models.BooleanField(default=False)
    answer = models.TextField(blank=True)  # why it may go out in spite of the warnings, or why it may not
    warned = models.JSONField(default=list)  # codes of `rules.WARNINGS` that stood before whoever approved it
    withdrawn_by = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    because = models.TextField(blank=True)
    taken_down_at = models.DateTimeField(null=True)  # the gateway said so, or a person who looked
    down_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "key"], name="social_post_key")]
        indexes = [models.Index(fields=["force", "at"], name="social_post_at")]

    @property
    def state(self) -> str:
        """asked, declined, withdrawn (not taken down yet), down, doubted, sent, failed, going."""
        if self.withdrawn_at:
            return "down" if self.taken_down_at else "withdrawn"
        if self.answered_at is None:
            return "asked"
        if not self.is_approved:
            return "declined"
        if self.doubted_at:
            return "doubted"
        return "sent" if self.sent_at else "failed" if self.problem else "going"

    @property
    def is_under_way(self) -> bool:
        """A try has begun, and nobody knows yet how it ended."""
        return bool(self.sending_at and not self.sent_at and not self.doubted_at)

    @property
    def may_stand(self) -> bool:
        """It was handed over, or may have been: somebody may be able to read it."""
        return bool(self.sending_at or self.sent_at)
