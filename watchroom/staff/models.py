"""Who works here?"""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from watchroom.force import queries as force
from watchroom.foundation import clock
from watchroom.foundation.errors import Cover
from watchroom.foundation.models import Scoped
from watchroom.staff import roles


class Member(AbstractBaseUser, Scoped):
    """A member of staff of one force. Logs in as `name@force`; a person who works for two forces has two of these."""

    name = models.SlugField(max_length=60)
    full_name = models.CharField(max_length=100)
    desk = models.CharField(max_length=60, blank=True)
    roles = models.JSONField(default=list)
    # skill: level from 1, such as {"welsh": 2}; contacts that ask for one are offered to these
    skills = models.JSONField(default=dict)
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
    def given(self) -> set[str]:
        """What their roles allow, and what a declared surge lets them do besides (R84)."""
        if not self.is_active:
            return set()
        return roles.permissions([*self.roles, *force.acting(self.roles, clock.now())])

    @property
    def permissions(self) -> set[str]:
        """What they may do now: what is given to them, without what is covered."""
        given = self.given
        return given - roles.COVERED if self.covered_by else given

    @property
    def can_be_covered(self) -> bool:
        """Whether they may take calls and see what is covered by one."""
        given = self.given
        return "contacts.take" in given and bool(given & roles.COVERED)

    @cached_property
    def covered_by(self) -> Cover | None:
        """The call of theirs that hides queue and units from them until its risk is on record (R47).

        Asked once for this row, that is once a request, and only of somebody of whom it can be so.
        """
        if not self.can_be_covered:
            return None
        cover: Cover | None = import_string(settings.WATCHROOM_COVERED)(member=self.pk)
        return cover

    def covers(self, permission: str) -> Cover | None:
        """Why they have not now what is given to them; None where it is not covered."""
        return self.covered_by if permission in roles.COVERED & self.given else None

    def may(self, permission: str) -> bool:
        return permission in self.permissions


class Presence(Scoped):
    """Where a member of staff was last seen, and in which state (`staff.states`); one row each, renewed by their screen."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE)
    state = models.CharField(max_length=20, default="available")
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
