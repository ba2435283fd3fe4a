"""May this person do this? Every view says which permission it needs, or that it is public; one that says nothing is refused.

Which role has which permission is one readable list: `watchroom/staff/roles.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse

from watchroom.foundation.errors import Covered

View = TypeVar("View", bound=Callable[..., HttpResponse])


class StaffRequest(HttpRequest):
    """The request of a view that `needs` a permission: its user is a member of staff."""

    user: Any


def needs(permission: str) -> Callable[[View], View]:
    """Only for members of staff with this permission, in their own force."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return ask_to_log_in(request)
            if not request.user.may(permission):
                if cover := request.user.covers(permission):
                    raise Covered(cover)
                raise PermissionDenied(f"Your role does not allow this ({permission}).")
            return view(request, *args, **kwargs)

        guarded.needs = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return declare


def public(view: View) -> View:
    """For everybody, without logging in. Says so aloud, so that a forgotten declaration is never taken for it."""
    view.needs = None  # type: ignore[attr-defined]
    return view


def by_token(view: View) -> View:
    """The view checks a token of its own (the REST interface)."""
    view.needs = "token"  # type: ignore[attr-defined]
    return view


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """A page is sent to the log-in; a part of a page or a script is told so, and keeps what was typed."""
    if request.headers.get("HX-Request") or request.method not in ("GET", "HEAD") or "json" in request.headers.get("Accept", ""):
        problem = "You are logged out. What you typed is kept on this machine: log in again in a new tab, then send it once more."
        return JsonResponse({"problem": problem}, status=401)
    return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)


class EveryViewDeclares:
    """Refuses a view that does not say what it needs (deny by default)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        if not hasattr(view, "needs") and not getattr(view, "__module__", "").startswith(settings.WATCHROOM_TRUSTED_VIEWS):
            raise PermissionDenied("This page does not say who may see it.")
