"""How does a request of a machine come in? With a token, in one transaction of one force, and every answer is JSON.

The house's own middleware enters a force by the session of somebody who is logged in. A machine has none: the force
is in its token, so it is entered here, before the token is looked up.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse

from watchroom.api import tokens
from watchroom.api.models import Token
from watchroom.foundation import clock, rates, scope
from watchroom.foundation.permissions import by_token, public

LARGEST = 256 * 1024  # bytes of a body; the longest text is 20,000 characters
RATE = {"limit": 6000, "seconds": 60}  # of one token: a hundred a second, which no force's calls come near
View = Callable[..., HttpResponse]

PROBLEMS = {
    400: "What was sent cannot be read.",
    401: "Send a token that holds: Authorization: Bearer <force>.<secret>",
    403: "This token does not allow it.",
    404: "There is nothing at this address.",
    405: "This address does not know that method.",
    413: f"The body is larger than {LARGEST // 1024} kB. Nothing was taken.",
    415: "Send the body as application/json.",
    429: "This token is used too often. Wait a minute, then send the same again with the same key.",
}


class Caller(HttpRequest):
    """A request with its token and its one time."""

    token: Token
    at: Any


def problem(status: int, says: str = "", fields: dict[str, str] | None = None) -> JsonResponse:
    """Every answer that is not what was asked for: a sentence, and the fields it is about."""
    response = JsonResponse({"problem": says or PROBLEMS[status], "fields": fields or {}}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def guard(view: View) -> View:
    """Let in who has a token. What was refused has changed nothing: everything that is not a success is rolled back."""

    @by_token
    @wraps(view)
    def guarded(request: Caller, *args: Any, **kwargs: Any) -> HttpResponse:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        parts = tokens.split(text.strip()) if scheme.lower() == "bearer" else None
        if parts is None:
            return problem(401)
        force, secret = parts
        request.at = clock.now()
        with scope.use(force), transaction.atomic():
            token = tokens.find(secret, at=request.at)
            if token is None:
                return problem(401)
            if not rates.allow("api", f"{force} {token.pk}", **RATE):
                return problem(429)
            if refused := _unreadable(request):
                return refused
            request.token = token
            response = _as_json(view(request, *args, **kwargs))
            if response.status_code >= 400:
                transaction.set_rollback(True)
            return response

    return guarded


def open_to_all(view: View) -> View:
    """Without a token: only what says nothing of any force."""

    @public
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _as_json(view(request, *args, **kwargs))

    return opened


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST or len(request.body) > LARGEST:
            return problem(413)
    except RequestDataTooBig:
        return problem(413)
    except ValueError:
        return problem(400)
    return None


def takes(*names: str) -> Callable[[View], View]:
    """Which query parameters an operation knows. A mistyped `state` must not quietly mean all of them."""

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            unknown = {name[:40]: "There is no such parameter." for name in request.GET if name not in names}
            return problem(422, "This address has no such parameter.", unknown) if unknown else view(request, *args, **kwargs)

        return checked

    return declare


def only_json(view: View) -> View:
    """For an operation with a body: what does not say that it is JSON is not guessed at."""

    @wraps(view)
    def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs) if request.content_type == "application/json" else problem(415)

    return read


def _as_json(response: HttpResponse) -> HttpResponse:
    if response.status_code < 400 or response.get("Content-Type", "").startswith("application/json"):
        return response
    told = problem(response.status_code)
    if response.has_header("Allow"):
        told["Allow"] = response["Allow"]
    return told
