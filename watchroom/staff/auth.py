"""Is this who they say? Log-in names carry the force: `handler@northmoor`."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from watchroom.foundation import scope
from watchroom.staff.models import Member


def split(login: str) -> tuple[str, str]:
    """`name@force` as (name, force); the force is empty when there is none."""
    name, _, force = login.replace("\0", "").strip().lower().rpartition("@")
    return (name, force) if name else (force, "")


def counted_as(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Under which name django-axes counts a wrong password: as we read it, or each way to write it would have tries of its own."""
    typed = (credentials or {}).get("username") or (request.POST.get("username", "") if request else "")
    return "@".join(split(typed))[:150]


class ForceBackend:
    def authenticate(self, request: HttpRequest | None, username: str = "", password: str = "", **kwargs: Any) -> Member | None:
        name, force = split(username)
        if not force:
            make_password(password)
            return None
        with scope.use(force), transaction.atomic():
            member = Member.objects.filter(name=name, is_active=True).first()
            if member is None:
                make_password(password)  # an unknown name takes as long as a known one
                return None
            return member if member.check_password(password) else None

    def get_user(self, user_id: int) -> Member | None:
        if not scope.current():
            return None
        return Member.objects.filter(pk=user_id, is_active=True).first()


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """django-axes calls this after too many failures from one address for one name."""
    return render(
        request,
        "shell/429.html",
        {"problem": "Too many wrong passwords. Try again in 15 minutes, or ask your supervisor."},
        status=429,
    )
