"""Which machines may speak with this force?"""

from django.db import models

from watchroom.foundation.models import Scoped


class Token(Scoped):
    """One machine's right to speak with one force. Its secret is not kept, only the secret's digest."""

    name = models.SlugField(max_length=40)  # of the machine; what it does is done by `link:<name>`
    hash = models.CharField(max_length=64)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["force", "hash"], name="token_hash")]
        indexes = [models.Index(fields=["force", "name"], name="token_name")]
