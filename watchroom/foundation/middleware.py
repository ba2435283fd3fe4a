"""A request's force, its one transaction, and what it may not leak."""

import re
from collections.abc import Callable
from contextlib import nullcontext

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from watchroom.foundation import clock, memory, scope, sessions
from watchroom.foundation.errors import Covered, Invalid, ReasonOwed, Refused
from watchroom.foundation.models import Head

Handler = Callable[[HttpRequest], HttpResponse]


class ScopeMiddleware:
    """Between sessions and authentication: the whole request, `request.user` included, is one transaction of one force.

    ATOMIC_REQUESTS would begin too late: the user would be read without scope, and logged out.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        force = request.session.get("force")
        if force and sessions.is_over(request.session, at=clock.now()):
            request.session.flush()
            force = None
        if not force:
            with transaction.atomic():
                return self._respond(request)
        with scope.use(force), transaction.atomic():
            return self._respond(request)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        with memory.reading() if request.method in ("GET", "HEAD") else nullcontext():
            response = self.get_response(request)
        if response.status_code >= 500:
            transaction.set_rollback(True)
        return response


class NoStoreMiddleware:
    """Pages about people are not kept by browsers or proxies: the back button of a shared desk shows nothing."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response


class RefusedMiddleware:
    """A domain action's refusal becomes a sentence for the person who tried: 422 for unusable input, 409 for what may not be done now."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Covered):
            return self._covered(request, error)
        if isinstance(error, ReasonOwed):
            return self._reason(request, error)
        if not isinstance(error, Refused):
            return None
        transaction.set_rollback(True)
        status = 422 if isinstance(error, Invalid) else 409
        fields = error.fields if isinstance(error, Invalid) else {}
        if "json" in request.headers.get("Accept", "") or request.headers.get("HX-Request"):
            return JsonResponse(
                {"problem": " ".join(error.problems), "problems": list(error.problems), "fields": fields}, status=status
            )
        return render(request, "shell/409.html", {"problems": error.problems}, status=status)

    def _reason(self, request: HttpRequest, error: ReasonOwed) -> HttpResponse:
        """In place of the page: a field for the reason. That they tried is on record, whatever they do now."""
        error.note()
        if request.method not in ("GET", "HEAD") or "json" in request.headers.get("Accept", ""):
            return JsonResponse({"problem": error.reasoned.says, "problems": [error.reasoned.says], "fields": {}}, status=409)
        kind, number = error.reasoned.subject
        context = {"reasoned": error.reasoned, "kind": kind, "number": number}
        if request.headers.get("HX-Request"):
            target = request.headers.get("HX-Target", "")
            context["target"] = target if re.fullmatch(r"[A-Za-z][\w-]{0,60}", target) else ""
            return render(request, "shell/_reason.html", context)
        return render(request, "shell/reason.html", {**context, "next": request.get_full_path()}, status=403)

    def _covered(self, request: HttpRequest, error: Covered) -> HttpResponse:
        """In place of the page, or of the part that was asked for, which asks again when the cover goes."""
        if request.method not in ("GET", "HEAD") or "json" in request.headers.get("Accept", ""):
            return JsonResponse({"problem": error.cover.says, "problems": [error.cover.says], "fields": {}}, status=409)
        if request.headers.get("HX-Request"):
            target = request.headers.get("HX-Target", "")
            target = target if re.fullmatch(r"[A-Za-z][\w-]{0,60}", target) else ""
            return render(request, "shell/_covered.html", {"cover": error.cover, "target": target})
        return render(request, "shell/covered.html", {"cover": error.cover, "live_seq": getattr(request, "live_seq", "")})


class LiveSeqMiddleware:
    """Notes, before a page reads anything, how far the force's facts have come: the live stream goes on from there."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        if (
            request.method == "GET"
            and not request.headers.get("HX-Request")
            and scope.current()
            and request.user.is_authenticated
        ):
            request.live_seq = Head.objects.values_list("seq", flat=True).get()  # type: ignore[attr-defined]
