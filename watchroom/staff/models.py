"""Who works here?"""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from watchroom.foundation.models import Scoped
from watchroom.staff import roles


class Member(AbstractBaseUser, Scoped):
    """A member of staff of one force. Logs in as `name@force`; a person who works for two forces has two of these."""

    name = models.SlugField(max_length=60)
    full_name = models.CharField(max_length=100)
    desk = models.CharField(max_length=60, blank=True)
    roles = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    last_login = None

    USERNAME_FIELD = "name"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        base_manager_name = "everywhere"
        constraints = [models.UniqueConstraint(fields=["force", "name"], name="member_name")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def code(self) -> str:
        """How facts name this person."""
        return f"staff:{self.pk}"

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.full_name.split()[:2]).upper()

    @property
    def permissions(self) -> set[str]:
        return roles.permissions(self.roles) if self.is_active else set()

    def may(self, permission: str) -> bool:
        return permission in self.permissions


class Presence(Scoped):
    """Where a member of staff was last seen, and in which state; one row each, renewed by their screen."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE)
    state = models.CharField(max_length=20, default="available")
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
