"""What do all public pages have in common? A force, a browser that may have answers kept, and nothing left behind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from watchroom.force.models import Force
from watchroom.foundation import addresses, clock, rates, scope
from watchroom.foundation.permissions import public
from watchroom.portal import queries, seal
from watchroom.portal.queries import Answers

TALK = "visit_open"  # the key of a conversation: as the other, and apart from it, so that a report does not end a conversation
COOKIE = "visit"  # says nothing; ends with the browser; never the session, which is for staff
CSRF_COOKIE = "csrftoken"


@dataclass
class Visitor:
    """Whoever is looking at this page: nobody we know."""

    request: HttpRequest
    force: Force
    at: datetime
    address: str
    path: dict[str, str]  # the force, when the address of the page names it

    @property
    def secret(self) -> str | None:
        """The secret in the cookie, whether or not anything is kept under it."""
        found = self.request.COOKIES.get(COOKIE, "")
        return found if seal.is_secret(found) else None

    @property
    def talk_secret(self) -> str | None:
        """The secret of a conversation, whether or not there still is one."""
        found = self.request.COOKIES.get(TALK, "")
        return found if seal.is_secret(found) else None

    @cached_property
    def kept(self) -> Answers:
        """What is kept under the cookie; read when a page wants it, which one that only asks for news does not."""
        return queries.answers(self.secret, at=self.at)

    @property
    def answers(self) -> dict[str, Any]:
        return self.kept.values

    def url(self, name: str, **kwargs: Any) -> str:
        return reverse(f"portal:{name}", kwargs={**self.path, **kwargs})

    def render(self, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        shared = {"visitor": self, "force_name": self.force.name, "links": _links(self)}
        return render(self.request, f"portal/{template}.html", {**shared, **(context or {})}, status=status)

    def allows(self, what: str, *, limit: int, seconds: int) -> bool:
        return rates.allow(f"portal {what}", f"{self.force.code} {self.address}", limit=limit, seconds=seconds)


PublicView = Callable[..., HttpResponse]


def public_page(view: PublicView) -> PublicView:
    """A page for everybody: enters the force's scope, brings the answers, and lets nothing be kept on the way.

    The view gets a Visitor. It is exempt from Django's own CSRF refusal, which would lose the words somebody typed:
    a view that takes answers asks `is_forged` and shows them again.
    """

    @public
    @csrf_exempt
    @wraps(view)
    def page(request: HttpRequest, force: str = "", **kwargs: Any) -> HttpResponse:
        found = queries.public_force(force)
        if found is None:
            raise Http404("There is no police force at this address. In danger? Ring 999.")
        path = {"force": force} if force else {}
        visitor = Visitor(request, found, clock.now(), addresses.of(request), path)
        with scope.use(found.code):
            response = view(visitor, **kwargs) if _can_be_read(request) else visitor.render("too_big", status=413)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return page


def _can_be_read(request: HttpRequest) -> bool:
    """Whether what was sent has a size that people send: a hundred times the longest report is not."""
    try:
        request.POST  # noqa: B018  the body is read here
    except (RequestDataTooBig, TooManyFieldsSent):
        return False
    return True


class _Check(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return HttpResponse(reason, status=403)


def is_forged(request: HttpRequest) -> bool:
    """Whether this POST did not come from our own page, or from one that is older than its cookie."""
    check = _Check(lambda _request: HttpResponse())
    return check.process_view(request, lambda _request: HttpResponse(), (), {}) is not None


def remember(response: HttpResponse, secret: str, name: str = COOKIE) -> HttpResponse:
    """The cookie ends with the browser and is sent to nobody else; what it opens ends after an hour."""
    response.set_cookie(name, secret, httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE)
    return response


def clean(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, samesite="Strict")
    response.delete_cookie(TALK, samesite="Strict")
    response.delete_cookie(CSRF_COOKIE, samesite="Lax")
    return response


def _links(visitor: Visitor) -> dict[str, str]:
    names = ("start", "chat", "look", "exit", "accessibility", "privacy", "cookies")
    return {name: visitor.url(name) for name in names} | {"first": visitor.url("step", number=1)}
